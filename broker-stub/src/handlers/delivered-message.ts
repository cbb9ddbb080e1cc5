import { digestTypeNumber, encodeSystemProperties, messageTypeNumber, Writer } from '@feathermq/protocol'
import type { MessageBytes } from '@feathermq/transport'
import type { Delivery } from '../delivery/types.ts'
import { digestType } from '../log/digest-type.ts'
import { bytesOf } from '../log/segments/record.ts'

/** Tag bytes: `ReceiveMessageResponse.message` is field 2, `Message.system_properties` field 3. */
const MESSAGE_TAG = 0x12
const SYSTEM_PROPERTIES_TAG = 0x1a
/** Tags of fields of `SystemProperties`, `Digest`, `Timestamp` and `Duration`. Values without an object for each are made in half the time. */
const TAG = { bodyDigest: 34, messageType: 48, bornHost: 66, storeTimestamp: 74, storeHost: 82, receiptHandle: 98, queueId: 104 } as const
const MORE = { queueOffset: 112, invisibleDuration: 122, deliveryAttempt: 128 } as const
const DIGEST = { type: 8, checksum: 18 } as const
const TIME = { seconds: 8, nanos: 16 } as const
const DIGEST_TYPE = { MD5: digestTypeNumber('MD5'), SHA1: digestTypeNumber('SHA1') } as const

/** Up to here bytes are copied one by one: that costs less than the object that would say to V8 where they are. */
const BY_HAND = 96

const writer = new Writer()

const varintSize = (value: number): number => (value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5)

function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value
  let next = at
  while (rest > 0x7f) {
    into[next++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  into[next++] = rest
  return next
}

/** A `Timestamp` or a `Duration`, which is not negative. */
function writeTime(tag: number, ms: number): void {
  const seconds = Math.floor(ms / 1000)
  const nanos = Math.round((ms - seconds * 1000) * 1e6)
  const mark = writer.begin(tag, 1)
  if (seconds !== 0) writer.safeInt64(TIME.seconds, seconds)
  if (nanos !== 0) writer.int32(TIME.nanos, nanos)
  writer.end(mark, 1)
}

/** What the broker says of a message, as fields of its `system_properties`. */
function brokerFields({ message, handle, queueId, offset, invisible, attempt }: Delivery, storeHost: string): Uint8Array {
  const { digest, bornHost } = message
  try {
    const mark = writer.begin(TAG.bodyDigest, 1)
    writer.int32(DIGEST.type, DIGEST_TYPE[digestType(digest)])
    if (digest !== '') writer.string(DIGEST.checksum, digest)
    writer.end(mark, 1)
    writer.int32(TAG.messageType, messageTypeNumber(message.type))
    if (bornHost !== '') writer.string(TAG.bornHost, bornHost)
    writeTime(TAG.storeTimestamp, message.storedAt)
    writer.string(TAG.storeHost, storeHost)
    writer.string(TAG.receiptHandle, handle)
    // Also the first one, which an encoder leaves out: producers write the queue that they chose, and zero has to win.
    writer.int32(TAG.queueId, queueId)
    writer.int64(MORE.queueOffset, offset)
    writeTime(MORE.invisibleDuration, invisible)
    writer.int32(MORE.deliveryAttempt, attempt)
    return writer.finish()
  } finally {
    writer.discard()
  }
}

/**
 * One message of a receive, spliced: the producer's bytes as they are stored, with the broker's fields at the end of `system_properties`, where they win
 * over what the producer wrote (protobuf encoding: the last value of a field counts).
 */
export function encodeDelivered(delivery: Delivery, storeHost: string): MessageBytes {
  const { bytes, systemPropertiesStart: start, systemPropertiesEnd: end, deadLetter } = delivery.message
  const added = brokerFields(delivery, storeHost)
  const origin = deadLetter === undefined ? undefined : encodeSystemProperties({ deadLetterQueue: deadLetter })
  const before = start - varintSize(end - start) - 1
  const inner = end - start + added.length + (origin?.length ?? 0)
  const total = before + 1 + varintSize(inner) + inner + bytes.length - end
  const head = new Uint8Array(2 + varintSize(total) + before + varintSize(inner))
  head[0] = MESSAGE_TAG
  const at = writeVarint(head, 1, total)
  if (before > BY_HAND) head.set(bytesOf(bytes, 0, before), at)
  else for (let index = 0; index < before; index += 1) head[at + index] = bytes[index] as number
  head[at + before] = SYSTEM_PROPERTIES_TAG
  writeVarint(head, at + before + 1, inner)
  const parts = [head, bytesOf(bytes, start, end), added]
  if (origin !== undefined) parts.push(origin)
  if (end < bytes.length) parts.push(bytesOf(bytes, end, bytes.length))
  return parts
}
