// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { text } from '../wire/text.ts'
import { wholeMessage } from '../wire/whole-message.ts'
import { encodingName, messageTypeName, type Encoding, type MessageType } from './enums.ts'
import { decodeDeadLetterQueue, decodeDigest, decodeSystemProperties, readDeadLetterQueue, readDigest, readSystemProperties, type DeadLetterQueue, type Digest, type SystemProperties } from './message.ts'
import { readAckMessageEntry, type AckMessageEntry } from './receiving.ts'
import { decodeResource, decodeStatus, readResource, readStatus, type Resource, type Status } from './status.ts'
import { decodeDuration, decodeTimestamp, readDuration, readTimestamp, type Duration, type Timestamp } from './time.ts'

const NO_BYTES = new Uint8Array(0)
const NO_SPANS: readonly number[] = []

/**
 * Where the fields of a SystemProperties are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class SystemPropertiesView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
  /** Content of `tag` within {@link bytes}, without tag and length; -1 when absent. */
  tagStart = -1
  tagEnd = -1
  /** Begin and end of each `keys` within {@link bytes}, one after the other. */
  keysSpans: readonly number[] = NO_SPANS
  /** Content of `message_id` within {@link bytes}, without tag and length; -1 when absent. */
  messageIdStart = -1
  messageIdEnd = -1
  /** Content of `body_digest` within {@link bytes}, without tag and length; -1 when absent. */
  bodyDigestStart = -1
  bodyDigestEnd = -1
  /** Value of `body_encoding` within {@link bytes}, without tag; -1 when absent. */
  bodyEncodingAt = -1
  /** Value of `message_type` within {@link bytes}, without tag; -1 when absent. */
  messageTypeAt = -1
  /** Content of `born_timestamp` within {@link bytes}, without tag and length; -1 when absent. */
  bornTimestampStart = -1
  bornTimestampEnd = -1
  /** Content of `born_host` within {@link bytes}, without tag and length; -1 when absent. */
  bornHostStart = -1
  bornHostEnd = -1
  /** Content of `store_timestamp` within {@link bytes}, without tag and length; -1 when absent. */
  storeTimestampStart = -1
  storeTimestampEnd = -1
  /** Content of `store_host` within {@link bytes}, without tag and length; -1 when absent. */
  storeHostStart = -1
  storeHostEnd = -1
  /** Content of `delivery_timestamp` within {@link bytes}, without tag and length; -1 when absent. */
  deliveryTimestampStart = -1
  deliveryTimestampEnd = -1
  /** Content of `receipt_handle` within {@link bytes}, without tag and length; -1 when absent. */
  receiptHandleStart = -1
  receiptHandleEnd = -1
  /** Value of `queue_id` within {@link bytes}, without tag; -1 when absent. */
  queueIdAt = -1
  /** Value of `queue_offset` within {@link bytes}, without tag; -1 when absent. */
  queueOffsetAt = -1
  /** Content of `invisible_duration` within {@link bytes}, without tag and length; -1 when absent. */
  invisibleDurationStart = -1
  invisibleDurationEnd = -1
  /** Value of `delivery_attempt` within {@link bytes}, without tag; -1 when absent. */
  deliveryAttemptAt = -1
  /** Content of `message_group` within {@link bytes}, without tag and length; -1 when absent. */
  messageGroupStart = -1
  messageGroupEnd = -1
  /** Content of `trace_context` within {@link bytes}, without tag and length; -1 when absent. */
  traceContextStart = -1
  traceContextEnd = -1
  /** Content of `orphaned_transaction_recovery_duration` within {@link bytes}, without tag and length; -1 when absent. */
  orphanedTransactionRecoveryDurationStart = -1
  orphanedTransactionRecoveryDurationEnd = -1
  /** Content of `dead_letter_queue` within {@link bytes}, without tag and length; -1 when absent. */
  deadLetterQueueStart = -1
  deadLetterQueueEnd = -1
  /** Content of `lite_topic` within {@link bytes}, without tag and length; -1 when absent. */
  liteTopicStart = -1
  liteTopicEnd = -1
  /** Value of `priority` within {@link bytes}, without tag; -1 when absent. */
  priorityAt = -1

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10:
          if (this.tagStart !== -1) this.duplicated = true
          this.tagEnd = r.enter(end)
          this.tagStart = r.pos
          r.pos = this.tagEnd
          break
        case 18: {
          const stop = r.enter(end)
          if (this.keysSpans === NO_SPANS) this.keysSpans = [r.pos, stop]
          else (this.keysSpans as number[]).push(r.pos, stop)
          r.pos = stop
          break
        }
        case 26:
          if (this.messageIdStart !== -1) this.duplicated = true
          this.messageIdEnd = r.enter(end)
          this.messageIdStart = r.pos
          r.pos = this.messageIdEnd
          break
        case 34:
          if (this.bodyDigestStart !== -1) this.duplicated = true
          this.bodyDigestEnd = r.enter(end)
          this.bodyDigestStart = r.pos
          r.pos = this.bodyDigestEnd
          break
        case 40:
          this.bodyEncodingAt = r.pos
          r.skip(tag, end)
          break
        case 48:
          this.messageTypeAt = r.pos
          r.skip(tag, end)
          break
        case 58:
          if (this.bornTimestampStart !== -1) this.duplicated = true
          this.bornTimestampEnd = r.enter(end)
          this.bornTimestampStart = r.pos
          r.pos = this.bornTimestampEnd
          break
        case 66:
          if (this.bornHostStart !== -1) this.duplicated = true
          this.bornHostEnd = r.enter(end)
          this.bornHostStart = r.pos
          r.pos = this.bornHostEnd
          break
        case 74:
          if (this.storeTimestampStart !== -1) this.duplicated = true
          this.storeTimestampEnd = r.enter(end)
          this.storeTimestampStart = r.pos
          r.pos = this.storeTimestampEnd
          break
        case 82:
          if (this.storeHostStart !== -1) this.duplicated = true
          this.storeHostEnd = r.enter(end)
          this.storeHostStart = r.pos
          r.pos = this.storeHostEnd
          break
        case 90:
          if (this.deliveryTimestampStart !== -1) this.duplicated = true
          this.deliveryTimestampEnd = r.enter(end)
          this.deliveryTimestampStart = r.pos
          r.pos = this.deliveryTimestampEnd
          break
        case 98:
          if (this.receiptHandleStart !== -1) this.duplicated = true
          this.receiptHandleEnd = r.enter(end)
          this.receiptHandleStart = r.pos
          r.pos = this.receiptHandleEnd
          break
        case 104:
          this.queueIdAt = r.pos
          r.skip(tag, end)
          break
        case 112:
          this.queueOffsetAt = r.pos
          r.skip(tag, end)
          break
        case 122:
          if (this.invisibleDurationStart !== -1) this.duplicated = true
          this.invisibleDurationEnd = r.enter(end)
          this.invisibleDurationStart = r.pos
          r.pos = this.invisibleDurationEnd
          break
        case 128:
          this.deliveryAttemptAt = r.pos
          r.skip(tag, end)
          break
        case 138:
          if (this.messageGroupStart !== -1) this.duplicated = true
          this.messageGroupEnd = r.enter(end)
          this.messageGroupStart = r.pos
          r.pos = this.messageGroupEnd
          break
        case 146:
          if (this.traceContextStart !== -1) this.duplicated = true
          this.traceContextEnd = r.enter(end)
          this.traceContextStart = r.pos
          r.pos = this.traceContextEnd
          break
        case 154:
          if (this.orphanedTransactionRecoveryDurationStart !== -1) this.duplicated = true
          this.orphanedTransactionRecoveryDurationEnd = r.enter(end)
          this.orphanedTransactionRecoveryDurationStart = r.pos
          r.pos = this.orphanedTransactionRecoveryDurationEnd
          break
        case 162:
          if (this.deadLetterQueueStart !== -1) this.duplicated = true
          this.deadLetterQueueEnd = r.enter(end)
          this.deadLetterQueueStart = r.pos
          r.pos = this.deadLetterQueueEnd
          break
        case 170:
          if (this.liteTopicStart !== -1) this.duplicated = true
          this.liteTopicEnd = r.enter(end)
          this.liteTopicStart = r.pos
          r.pos = this.liteTopicEnd
          break
        case 176:
          this.priorityAt = r.pos
          r.skip(tag, end)
          break
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  get tag(): string | undefined {
    return this.tagStart === -1 ? undefined : text(this.bytes, this.tagStart, this.tagEnd)
  }

  /** @throws {WireError} */
  get keys(): string[] {
    const spans = this.keysSpans
    const items: string[] = []
    for (let at = 0; at < spans.length; at += 2) items.push(text(this.bytes, spans[at] as number, spans[at + 1] as number))
    return items
  }

  get messageId(): string {
    return this.messageIdStart === -1 ? '' : text(this.bytes, this.messageIdStart, this.messageIdEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get bodyDigest(): Digest | undefined {
    if (this.bodyDigestStart === -1) return undefined
    if (this.duplicated) return decodeDigest(wholeMessage(this.content, 34))
    return readDigest(new Reader(this.bytes, this.bodyDigestStart), this.bodyDigestEnd)
  }

  get bodyEncoding(): Encoding | number {
    return this.bodyEncodingAt === -1 ? encodingName(0) : encodingName(new Reader(this.bytes, this.bodyEncodingAt).int32(this.end))
  }

  get messageType(): MessageType | number {
    return this.messageTypeAt === -1 ? messageTypeName(0) : messageTypeName(new Reader(this.bytes, this.messageTypeAt).int32(this.end))
  }

  /** Decoded when asked for. @throws {WireError} */
  get bornTimestamp(): Timestamp | undefined {
    if (this.bornTimestampStart === -1) return undefined
    if (this.duplicated) return decodeTimestamp(wholeMessage(this.content, 58))
    return readTimestamp(new Reader(this.bytes, this.bornTimestampStart), this.bornTimestampEnd)
  }

  get bornHost(): string {
    return this.bornHostStart === -1 ? '' : text(this.bytes, this.bornHostStart, this.bornHostEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get storeTimestamp(): Timestamp | undefined {
    if (this.storeTimestampStart === -1) return undefined
    if (this.duplicated) return decodeTimestamp(wholeMessage(this.content, 74))
    return readTimestamp(new Reader(this.bytes, this.storeTimestampStart), this.storeTimestampEnd)
  }

  get storeHost(): string {
    return this.storeHostStart === -1 ? '' : text(this.bytes, this.storeHostStart, this.storeHostEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get deliveryTimestamp(): Timestamp | undefined {
    if (this.deliveryTimestampStart === -1) return undefined
    if (this.duplicated) return decodeTimestamp(wholeMessage(this.content, 90))
    return readTimestamp(new Reader(this.bytes, this.deliveryTimestampStart), this.deliveryTimestampEnd)
  }

  get receiptHandle(): string | undefined {
    return this.receiptHandleStart === -1 ? undefined : text(this.bytes, this.receiptHandleStart, this.receiptHandleEnd)
  }

  get queueId(): number {
    return this.queueIdAt === -1 ? 0 : new Reader(this.bytes, this.queueIdAt).int32(this.end)
  }

  get queueOffset(): bigint | undefined {
    return this.queueOffsetAt === -1 ? undefined : new Reader(this.bytes, this.queueOffsetAt).int64(this.end)
  }

  /** Decoded when asked for. @throws {WireError} */
  get invisibleDuration(): Duration | undefined {
    if (this.invisibleDurationStart === -1) return undefined
    if (this.duplicated) return decodeDuration(wholeMessage(this.content, 122))
    return readDuration(new Reader(this.bytes, this.invisibleDurationStart), this.invisibleDurationEnd)
  }

  get deliveryAttempt(): number | undefined {
    return this.deliveryAttemptAt === -1 ? undefined : new Reader(this.bytes, this.deliveryAttemptAt).int32(this.end)
  }

  get messageGroup(): string | undefined {
    return this.messageGroupStart === -1 ? undefined : text(this.bytes, this.messageGroupStart, this.messageGroupEnd)
  }

  get traceContext(): string | undefined {
    return this.traceContextStart === -1 ? undefined : text(this.bytes, this.traceContextStart, this.traceContextEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get orphanedTransactionRecoveryDuration(): Duration | undefined {
    if (this.orphanedTransactionRecoveryDurationStart === -1) return undefined
    if (this.duplicated) return decodeDuration(wholeMessage(this.content, 154))
    return readDuration(new Reader(this.bytes, this.orphanedTransactionRecoveryDurationStart), this.orphanedTransactionRecoveryDurationEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get deadLetterQueue(): DeadLetterQueue | undefined {
    if (this.deadLetterQueueStart === -1) return undefined
    if (this.duplicated) return decodeDeadLetterQueue(wholeMessage(this.content, 162))
    return readDeadLetterQueue(new Reader(this.bytes, this.deadLetterQueueStart), this.deadLetterQueueEnd)
  }

  get liteTopic(): string | undefined {
    return this.liteTopicStart === -1 ? undefined : text(this.bytes, this.liteTopicStart, this.liteTopicEnd)
  }

  get priority(): number | undefined {
    return this.priorityAt === -1 ? undefined : new Reader(this.bytes, this.priorityAt).int32(this.end)
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewSystemProperties(bytes: Uint8Array): SystemPropertiesView {
  return new SystemPropertiesView(bytes)
}

/**
 * Where the fields of a Message are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class MessageView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
  /** Content of `topic` within {@link bytes}, without tag and length; -1 when absent. */
  topicStart = -1
  topicEnd = -1
  /** Begin and end of each `user_properties` within {@link bytes}, one after the other. */
  userPropertiesSpans: readonly number[] = NO_SPANS
  /** Content of `system_properties` within {@link bytes}, without tag and length; -1 when absent. */
  systemPropertiesStart = -1
  systemPropertiesEnd = -1
  /** Content of `body` within {@link bytes}, without tag and length; -1 when absent. */
  bodyStart = -1
  bodyEnd = -1

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10:
          if (this.topicStart !== -1) this.duplicated = true
          this.topicEnd = r.enter(end)
          this.topicStart = r.pos
          r.pos = this.topicEnd
          break
        case 18: {
          const stop = r.enter(end)
          if (this.userPropertiesSpans === NO_SPANS) this.userPropertiesSpans = [r.pos, stop]
          else (this.userPropertiesSpans as number[]).push(r.pos, stop)
          r.pos = stop
          break
        }
        case 26:
          if (this.systemPropertiesStart !== -1) this.duplicated = true
          this.systemPropertiesEnd = r.enter(end)
          this.systemPropertiesStart = r.pos
          r.pos = this.systemPropertiesEnd
          break
        case 34:
          if (this.bodyStart !== -1) this.duplicated = true
          this.bodyEnd = r.enter(end)
          this.bodyStart = r.pos
          r.pos = this.bodyEnd
          break
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Decoded when asked for. @throws {WireError} */
  get topic(): Resource | undefined {
    if (this.topicStart === -1) return undefined
    if (this.duplicated) return decodeResource(wholeMessage(this.content, 10))
    return readResource(new Reader(this.bytes, this.topicStart), this.topicEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get userProperties(): ReadonlyMap<string, string> {
    const spans = this.userPropertiesSpans
    const entries = new Map<string, string>()
    const r = new Reader(this.bytes)
    for (let at = 0; at < spans.length; at += 2) {
      r.pos = spans[at] as number
      const stop = spans[at + 1] as number
      let key = ''
      let item = ''
      while (r.pos < stop) {
        const tag = r.tag(stop)
        if (tag === 10) key = r.string(stop)
        else if (tag === 18) item = r.string(stop)
        else r.skip(tag, stop)
      }
      entries.set(key, item)
    }
    return entries
  }

  /** Decoded when asked for. @throws {WireError} */
  get systemProperties(): SystemProperties | undefined {
    if (this.systemPropertiesStart === -1) return undefined
    if (this.duplicated) return decodeSystemProperties(wholeMessage(this.content, 26))
    return readSystemProperties(new Reader(this.bytes, this.systemPropertiesStart), this.systemPropertiesEnd)
  }

  /** A view of it; undefined when absent. @throws {WireError} */
  get systemPropertiesView(): SystemPropertiesView | undefined {
    if (this.systemPropertiesStart === -1) return undefined
    return this.duplicated ? new SystemPropertiesView(wholeMessage(this.content, 26)) : new SystemPropertiesView(this.bytes, this.systemPropertiesStart, this.systemPropertiesEnd)
  }

  /** A view of the input; empty when absent. */
  get body(): Uint8Array {
    return this.bodyStart === -1 ? NO_BYTES : this.bytes.subarray(this.bodyStart, this.bodyEnd)
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewMessage(bytes: Uint8Array): MessageView {
  return new MessageView(bytes)
}

/**
 * Where the fields of a SendMessageRequest are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class SendMessageRequestView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
  /** Begin and end of each `messages` within {@link bytes}, one after the other. */
  messagesSpans: readonly number[] = NO_SPANS

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10: {
          const stop = r.enter(end)
          if (this.messagesSpans === NO_SPANS) this.messagesSpans = [r.pos, stop]
          else (this.messagesSpans as number[]).push(r.pos, stop)
          r.pos = stop
          break
        }
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Views of them. @throws {WireError} */
  get messages(): MessageView[] {
    const spans = this.messagesSpans
    const items: MessageView[] = []
    for (let at = 0; at < spans.length; at += 2) items.push(new MessageView(this.bytes, spans[at], spans[at + 1]))
    return items
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewSendMessageRequest(bytes: Uint8Array): SendMessageRequestView {
  return new SendMessageRequestView(bytes)
}

/**
 * Where the fields of a ReceiveMessageResponse are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class ReceiveMessageResponseView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
  /** Content of `status` within {@link bytes}, without tag and length; -1 when absent. */
  statusStart = -1
  statusEnd = -1
  /** Content of `message` within {@link bytes}, without tag and length; -1 when absent. */
  messageStart = -1
  messageEnd = -1
  /** Content of `delivery_timestamp` within {@link bytes}, without tag and length; -1 when absent. */
  deliveryTimestampStart = -1
  deliveryTimestampEnd = -1
  /** Which member of `content` came last; undefined when none did. */
  contentCase: 'status' | 'message' | 'deliveryTimestamp' | undefined = undefined

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10:
          if (this.statusStart !== -1) this.duplicated = true
          this.statusEnd = r.enter(end)
          this.statusStart = r.pos
          r.pos = this.statusEnd
          this.contentCase = 'status'
          break
        case 18:
          if (this.messageStart !== -1) this.duplicated = true
          this.messageEnd = r.enter(end)
          this.messageStart = r.pos
          r.pos = this.messageEnd
          this.contentCase = 'message'
          break
        case 26:
          if (this.deliveryTimestampStart !== -1) this.duplicated = true
          this.deliveryTimestampEnd = r.enter(end)
          this.deliveryTimestampStart = r.pos
          r.pos = this.deliveryTimestampEnd
          this.contentCase = 'deliveryTimestamp'
          break
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Decoded when asked for. @throws {WireError} */
  get status(): Status | undefined {
    if (this.contentCase !== 'status') return undefined
    if (this.duplicated) return decodeStatus(wholeMessage(this.content, 10, [10, 18, 26]))
    return readStatus(new Reader(this.bytes, this.statusStart), this.statusEnd)
  }

  /** A view of it; undefined when `content` holds something else. @throws {WireError} */
  get message(): MessageView | undefined {
    if (this.contentCase !== 'message') return undefined
    return this.duplicated ? new MessageView(wholeMessage(this.content, 18, [10, 18, 26])) : new MessageView(this.bytes, this.messageStart, this.messageEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get deliveryTimestamp(): Timestamp | undefined {
    if (this.contentCase !== 'deliveryTimestamp') return undefined
    if (this.duplicated) return decodeTimestamp(wholeMessage(this.content, 26, [10, 18, 26]))
    return readTimestamp(new Reader(this.bytes, this.deliveryTimestampStart), this.deliveryTimestampEnd)
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewReceiveMessageResponse(bytes: Uint8Array): ReceiveMessageResponseView {
  return new ReceiveMessageResponseView(bytes)
}

/**
 * Where the fields of an AckMessageRequest are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given; the message lies in it from
 * {@link start} to {@link end}, and all offsets count from the beginning of {@link bytes}.
 */
export class AckMessageRequestView {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** A field that may come once came more often: offsets show the last one; getters of messages merge all, as decoding does. */
  duplicated = false
  /** Content of `group` within {@link bytes}, without tag and length; -1 when absent. */
  groupStart = -1
  groupEnd = -1
  /** Content of `topic` within {@link bytes}, without tag and length; -1 when absent. */
  topicStart = -1
  topicEnd = -1
  /** Begin and end of each `entries` within {@link bytes}, one after the other. */
  entriesSpans: readonly number[] = NO_SPANS

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.start = start
    this.end = end
    const r = new Reader(bytes, start)
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10:
          if (this.groupStart !== -1) this.duplicated = true
          this.groupEnd = r.enter(end)
          this.groupStart = r.pos
          r.pos = this.groupEnd
          break
        case 18:
          if (this.topicStart !== -1) this.duplicated = true
          this.topicEnd = r.enter(end)
          this.topicStart = r.pos
          r.pos = this.topicEnd
          break
        case 26: {
          const stop = r.enter(end)
          if (this.entriesSpans === NO_SPANS) this.entriesSpans = [r.pos, stop]
          else (this.entriesSpans as number[]).push(r.pos, stop)
          r.pos = stop
          break
        }
        default:
          r.skip(tag, end)
      }
    }
  }

  /** The message's own bytes, a view of {@link bytes}. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** Decoded when asked for. @throws {WireError} */
  get group(): Resource | undefined {
    if (this.groupStart === -1) return undefined
    if (this.duplicated) return decodeResource(wholeMessage(this.content, 10))
    return readResource(new Reader(this.bytes, this.groupStart), this.groupEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get topic(): Resource | undefined {
    if (this.topicStart === -1) return undefined
    if (this.duplicated) return decodeResource(wholeMessage(this.content, 18))
    return readResource(new Reader(this.bytes, this.topicStart), this.topicEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get entries(): AckMessageEntry[] {
    const spans = this.entriesSpans
    const items: AckMessageEntry[] = []
    for (let at = 0; at < spans.length; at += 2) items.push(readAckMessageEntry(new Reader(this.bytes, spans[at]), spans[at + 1] as number))
    return items
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewAckMessageRequest(bytes: Uint8Array): AckMessageRequestView {
  return new AckMessageRequestView(bytes)
}
