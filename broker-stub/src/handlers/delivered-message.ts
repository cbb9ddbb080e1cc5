import { durationFromMs, encodeSystemProperties, timestampFromMs } from '@feathermq/protocol'
import type { MessageBytes } from '@feathermq/transport'
import type { Delivery } from '../delivery/types.ts'

/** Tag bytes: `ReceiveMessageResponse.message` is field 2, `Message.system_properties` field 3. */
const MESSAGE_TAG = 0x12
const SYSTEM_PROPERTIES_TAG = 0x1a
/** `SystemProperties.queue_id` (field 13) with the value 0, which an encoder leaves out: producers write the queue that they chose, and zero has to win. */
const QUEUE_ZERO = Uint8Array.of(0x68, 0)
const NOTHING = new Uint8Array(0)
/** Up to here one buffer beats a list of parts. */
const SMALL = 8 * 1024

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

/**
 * One message of a receive, spliced: the producer's bytes as they are stored, with the broker's fields at the end of `system_properties`, where they win
 * over what the producer wrote (protobuf encoding: the last value of a field counts).
 */
export function encodeDelivered(delivery: Delivery, storeHost: string): MessageBytes {
  const { message } = delivery
  const { bytes, systemPropertiesStart: start, systemPropertiesEnd: end } = message
  const added = encodeSystemProperties({
    bodyDigest: { type: 'MD5', checksum: message.digest },
    messageType: message.type,
    bornHost: message.bornHost,
    storeTimestamp: timestampFromMs(message.storedAt),
    storeHost,
    receiptHandle: delivery.handle,
    queueId: delivery.queueId,
    queueOffset: delivery.offset,
    invisibleDuration: durationFromMs(delivery.invisible),
    deliveryAttempt: delivery.attempt,
    deadLetterQueue: message.deadLetter,
  })
  const before = start - varintSize(end - start) - 1
  const queue = delivery.queueId === 0 ? QUEUE_ZERO : NOTHING
  const inner = end - start + added.length + queue.length
  const total = before + 1 + varintSize(inner) + inner + bytes.length - end
  const head = new Uint8Array(1 + varintSize(total))
  head[0] = MESSAGE_TAG
  writeVarint(head, 1, total)
  const innerHead = new Uint8Array(1 + varintSize(inner))
  innerHead[0] = SYSTEM_PROPERTIES_TAG
  writeVarint(innerHead, 1, inner)
  const parts = [head, bytes.subarray(0, before), innerHead, bytes.subarray(start, end), added, queue, bytes.subarray(end)]
  return head.length + total <= SMALL ? Buffer.concat(parts) : parts.filter((part) => part.length > 0)
}
