// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type DigestType, digestTypeName, digestTypeNumber, type Encoding, encodingName, encodingNumber, type MessageType, messageTypeName, messageTypeNumber } from './enums.ts'
import { type Resource, type ResourceInit, readResource, writeResource } from './status.ts'
import { type Duration, type DurationInit, readDuration, writeDuration, type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

const NO_BYTES = new Uint8Array(0)

/** Bytes that the length of the last system properties took: the next ones will be about as long. */
export const systemPropertiesRoom: { bytes: number } = { bytes: 2 }

/** Bytes that the length of a message will probably take: it is mostly body. */
export function messageRoom({ body }: MessageInit): number {
  const size = 256 + (body === undefined ? 0 : body.length)
  return size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : 4
}

// ── Digest ──

/** A checksum over the body, by which a receiver notices damage. */
export interface Digest {
  readonly type: DigestType | number
  readonly checksum: string
}

/** What {@link encodeDigest} takes: an absent field is not written. */
export interface DigestInit {
  readonly type?: DigestType | number | undefined
  readonly checksum?: string | undefined
}

export function writeDigest(w: Writer, value: DigestInit): void {
  if (value.type !== undefined) {
    const type = digestTypeNumber(value.type)
    if (type !== 0) w.int32(8, type)
  }
  if (value.checksum !== undefined && value.checksum !== '') w.string(18, value.checksum)
}

export function readDigest(r: Reader, end: number, prev?: Digest): Digest {
  let type: DigestType | number = prev === undefined ? digestTypeName(0) : prev.type
  let checksum: string = prev === undefined ? '' : prev.checksum
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        type = digestTypeName(r.int32(end))
        break
      case 18:
        checksum = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { type, checksum }
}

export function encodeDigest(value: DigestInit): Uint8Array {
  const w = lend()
  try {
    writeDigest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Digest. Bytes fields are views of the input. */
export function decodeDigest(bytes: Uint8Array): Digest {
  return readDigest(new Reader(bytes), bytes.length)
}

// ── SystemProperties ──

/** What producer and broker say about a message beside its body. Fields 9, 10, 12, 14, 15, 16 and 20 are the broker's alone. */
export interface SystemProperties {
  readonly tag: string | undefined
  readonly keys: readonly string[]
  readonly messageId: string
  readonly bodyDigest: Digest | undefined
  readonly bodyEncoding: Encoding | number
  readonly messageType: MessageType | number
  readonly bornTimestamp: Timestamp | undefined
  readonly bornHost: string
  readonly storeTimestamp: Timestamp | undefined
  readonly storeHost: string
  readonly deliveryTimestamp: Timestamp | undefined
  readonly receiptHandle: string | undefined
  readonly queueId: number
  readonly queueOffset: bigint | undefined
  readonly invisibleDuration: Duration | undefined
  readonly deliveryAttempt: number | undefined
  readonly messageGroup: string | undefined
  readonly traceContext: string | undefined
  readonly orphanedTransactionRecoveryDuration: Duration | undefined
  readonly deadLetterQueue: DeadLetterQueue | undefined
  readonly liteTopic: string | undefined
  readonly priority: number | undefined
}

/** What {@link encodeSystemProperties} takes: an absent field is not written. */
export interface SystemPropertiesInit {
  readonly tag?: string | undefined
  readonly keys?: readonly string[] | undefined
  readonly messageId?: string | undefined
  readonly bodyDigest?: DigestInit | undefined
  readonly bodyEncoding?: Encoding | number | undefined
  readonly messageType?: MessageType | number | undefined
  readonly bornTimestamp?: TimestampInit | undefined
  readonly bornHost?: string | undefined
  readonly storeTimestamp?: TimestampInit | undefined
  readonly storeHost?: string | undefined
  readonly deliveryTimestamp?: TimestampInit | undefined
  readonly receiptHandle?: string | undefined
  readonly queueId?: number | undefined
  readonly queueOffset?: bigint | undefined
  readonly invisibleDuration?: DurationInit | undefined
  readonly deliveryAttempt?: number | undefined
  readonly messageGroup?: string | undefined
  readonly traceContext?: string | undefined
  readonly orphanedTransactionRecoveryDuration?: DurationInit | undefined
  readonly deadLetterQueue?: DeadLetterQueueInit | undefined
  readonly liteTopic?: string | undefined
  readonly priority?: number | undefined
}

export function writeSystemProperties(w: Writer, value: SystemPropertiesInit): void {
  if (value.tag !== undefined) w.string(10, value.tag)
  if (value.keys !== undefined) for (const item of value.keys) w.string(18, item)
  if (value.messageId !== undefined && value.messageId !== '') w.string(26, value.messageId)
  if (value.bodyDigest !== undefined) {
    const mark = w.begin(34, 1)
    writeDigest(w, value.bodyDigest)
    w.end(mark, 1)
  }
  if (value.bodyEncoding !== undefined) {
    const bodyEncoding = encodingNumber(value.bodyEncoding)
    if (bodyEncoding !== 0) w.int32(40, bodyEncoding)
  }
  if (value.messageType !== undefined) {
    const messageType = messageTypeNumber(value.messageType)
    if (messageType !== 0) w.int32(48, messageType)
  }
  if (value.bornTimestamp !== undefined) {
    const mark = w.begin(58, 1)
    writeTimestamp(w, value.bornTimestamp)
    w.end(mark, 1)
  }
  if (value.bornHost !== undefined && value.bornHost !== '') w.string(66, value.bornHost)
  if (value.storeTimestamp !== undefined) {
    const mark = w.begin(74, 1)
    writeTimestamp(w, value.storeTimestamp)
    w.end(mark, 1)
  }
  if (value.storeHost !== undefined && value.storeHost !== '') w.string(82, value.storeHost)
  if (value.deliveryTimestamp !== undefined) {
    const mark = w.begin(90, 1)
    writeTimestamp(w, value.deliveryTimestamp)
    w.end(mark, 1)
  }
  if (value.receiptHandle !== undefined) w.string(98, value.receiptHandle)
  if (value.queueId !== undefined && value.queueId !== 0) w.int32(104, value.queueId)
  if (value.queueOffset !== undefined) w.int64(112, value.queueOffset)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(122, 1)
    writeDuration(w, value.invisibleDuration)
    w.end(mark, 1)
  }
  if (value.deliveryAttempt !== undefined) w.int32(128, value.deliveryAttempt)
  if (value.messageGroup !== undefined) w.string(138, value.messageGroup)
  if (value.traceContext !== undefined) w.string(146, value.traceContext)
  if (value.orphanedTransactionRecoveryDuration !== undefined) {
    const mark = w.begin(154, 1)
    writeDuration(w, value.orphanedTransactionRecoveryDuration)
    w.end(mark, 1)
  }
  if (value.deadLetterQueue !== undefined) {
    const mark = w.begin(162, 1)
    writeDeadLetterQueue(w, value.deadLetterQueue)
    w.end(mark, 1)
  }
  if (value.liteTopic !== undefined) w.string(170, value.liteTopic)
  if (value.priority !== undefined) w.int32(176, value.priority)
}

export function readSystemProperties(r: Reader, end: number, prev?: SystemProperties): SystemProperties {
  let tag: string | undefined = prev === undefined ? undefined : prev.tag
  const keys: string[] = prev === undefined ? [] : (prev.keys as string[])
  let messageId: string = prev === undefined ? '' : prev.messageId
  let bodyDigest: Digest | undefined = prev === undefined ? undefined : prev.bodyDigest
  let bodyEncoding: Encoding | number = prev === undefined ? encodingName(0) : prev.bodyEncoding
  let messageType: MessageType | number = prev === undefined ? messageTypeName(0) : prev.messageType
  let bornTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.bornTimestamp
  let bornHost: string = prev === undefined ? '' : prev.bornHost
  let storeTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.storeTimestamp
  let storeHost: string = prev === undefined ? '' : prev.storeHost
  let deliveryTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.deliveryTimestamp
  let receiptHandle: string | undefined = prev === undefined ? undefined : prev.receiptHandle
  let queueId: number = prev === undefined ? 0 : prev.queueId
  let queueOffset: bigint | undefined = prev === undefined ? undefined : prev.queueOffset
  let invisibleDuration: Duration | undefined = prev === undefined ? undefined : prev.invisibleDuration
  let deliveryAttempt: number | undefined = prev === undefined ? undefined : prev.deliveryAttempt
  let messageGroup: string | undefined = prev === undefined ? undefined : prev.messageGroup
  let traceContext: string | undefined = prev === undefined ? undefined : prev.traceContext
  let orphanedTransactionRecoveryDuration: Duration | undefined = prev === undefined ? undefined : prev.orphanedTransactionRecoveryDuration
  let deadLetterQueue: DeadLetterQueue | undefined = prev === undefined ? undefined : prev.deadLetterQueue
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  let priority: number | undefined = prev === undefined ? undefined : prev.priority
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        tag = r.string(end)
        break
      case 18:
        keys.push(r.string(end))
        break
      case 26:
        messageId = r.string(end)
        break
      case 34:
        bodyDigest = readDigest(r, r.enter(end), bodyDigest)
        break
      case 40:
        bodyEncoding = encodingName(r.int32(end))
        break
      case 48:
        messageType = messageTypeName(r.int32(end))
        break
      case 58:
        bornTimestamp = readTimestamp(r, r.enter(end), bornTimestamp)
        break
      case 66:
        bornHost = r.string(end)
        break
      case 74:
        storeTimestamp = readTimestamp(r, r.enter(end), storeTimestamp)
        break
      case 82:
        storeHost = r.string(end)
        break
      case 90:
        deliveryTimestamp = readTimestamp(r, r.enter(end), deliveryTimestamp)
        break
      case 98:
        receiptHandle = r.string(end)
        break
      case 104:
        queueId = r.int32(end)
        break
      case 112:
        queueOffset = r.int64(end)
        break
      case 122:
        invisibleDuration = readDuration(r, r.enter(end), invisibleDuration)
        break
      case 128:
        deliveryAttempt = r.int32(end)
        break
      case 138:
        messageGroup = r.string(end)
        break
      case 146:
        traceContext = r.string(end)
        break
      case 154:
        orphanedTransactionRecoveryDuration = readDuration(r, r.enter(end), orphanedTransactionRecoveryDuration)
        break
      case 162:
        deadLetterQueue = readDeadLetterQueue(r, r.enter(end), deadLetterQueue)
        break
      case 170:
        liteTopic = r.string(end)
        break
      case 176:
        priority = r.int32(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { tag, keys, messageId, bodyDigest, bodyEncoding, messageType, bornTimestamp, bornHost, storeTimestamp, storeHost, deliveryTimestamp, receiptHandle, queueId, queueOffset, invisibleDuration, deliveryAttempt, messageGroup, traceContext, orphanedTransactionRecoveryDuration, deadLetterQueue, liteTopic, priority }
}

export function encodeSystemProperties(value: SystemPropertiesInit): Uint8Array {
  const w = lend()
  try {
    writeSystemProperties(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no SystemProperties. Bytes fields are views of the input. */
export function decodeSystemProperties(bytes: Uint8Array): SystemProperties {
  return readSystemProperties(new Reader(bytes), bytes.length)
}

// ── DeadLetterQueue ──

/** Where a dead letter came from. */
export interface DeadLetterQueue {
  readonly topic: string
  readonly messageId: string
}

/** What {@link encodeDeadLetterQueue} takes: an absent field is not written. */
export interface DeadLetterQueueInit {
  readonly topic?: string | undefined
  readonly messageId?: string | undefined
}

export function writeDeadLetterQueue(w: Writer, value: DeadLetterQueueInit): void {
  if (value.topic !== undefined && value.topic !== '') w.string(10, value.topic)
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readDeadLetterQueue(r: Reader, end: number, prev?: DeadLetterQueue): DeadLetterQueue {
  let topic: string = prev === undefined ? '' : prev.topic
  let messageId: string = prev === undefined ? '' : prev.messageId
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = r.string(end)
        break
      case 18:
        messageId = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, messageId }
}

export function encodeDeadLetterQueue(value: DeadLetterQueueInit): Uint8Array {
  const w = lend()
  try {
    writeDeadLetterQueue(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DeadLetterQueue. Bytes fields are views of the input. */
export function decodeDeadLetterQueue(bytes: Uint8Array): DeadLetterQueue {
  return readDeadLetterQueue(new Reader(bytes), bytes.length)
}

// ── Message ──

/** A message: where it goes, what the application says of it, what the protocol says of it, and its bytes. */
export interface Message {
  readonly topic: Resource | undefined
  readonly userProperties: ReadonlyMap<string, string>
  readonly systemProperties: SystemProperties | undefined
  readonly body: Uint8Array
}

/** What {@link encodeMessage} takes: an absent field is not written. */
export interface MessageInit {
  readonly topic?: ResourceInit | undefined
  readonly userProperties?: ReadonlyMap<string, string> | undefined
  readonly systemProperties?: SystemPropertiesInit | undefined
  readonly body?: Uint8Array | undefined
}

export function writeMessage(w: Writer, value: MessageInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.userProperties !== undefined) {
    for (const [key, item] of value.userProperties) {
      const entry = w.begin(18, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
    }
  }
  if (value.systemProperties !== undefined) {
    const room = systemPropertiesRoom.bytes
    const mark = w.begin(26, room)
    writeSystemProperties(w, value.systemProperties)
    systemPropertiesRoom.bytes = w.end(mark, room)
  }
  if (value.body !== undefined && value.body.length > 0) w.bytes(34, value.body)
}

export function readMessage(r: Reader, end: number, prev?: Message): Message {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  const userProperties: Map<string, string> = prev === undefined ? new Map() : (prev.userProperties as Map<string, string>)
  let systemProperties: SystemProperties | undefined = prev === undefined ? undefined : prev.systemProperties
  let body: Uint8Array = prev === undefined ? NO_BYTES : prev.body
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        userProperties.set(key, item)
        break
      }
      case 26:
        systemProperties = readSystemProperties(r, r.enter(end), systemProperties)
        break
      case 34:
        body = r.bytesField(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, userProperties, systemProperties, body }
}

export function encodeMessage(value: MessageInit): Uint8Array {
  const w = lend()
  try {
    writeMessage(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Message. Bytes fields are views of the input. */
export function decodeMessage(bytes: Uint8Array): Message {
  return readMessage(new Reader(bytes), bytes.length)
}
