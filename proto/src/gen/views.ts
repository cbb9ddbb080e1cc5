// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import type { Resource, Status, SystemProperties, Timestamp } from './definition.ts'
import type { AckMessageEntry } from './service.ts'
import { decodeMessage, readResource, readStatus, readSystemProperties, readTimestamp } from './definition.ts'
import { decodeAckMessageRequest, readAckMessageEntry } from './service.ts'

const NO_BYTES = new Uint8Array(0)

/** Where the fields of a Message are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given. */
export class MessageView {
  readonly bytes: Uint8Array
  /** True when a field that may come once came more often: the last one is shown, and sub-messages are merged when decoded. */
  duplicated = false
  /** Content of `topic` within {@link bytes}, without tag and length; -1 when absent. */
  topicStart = -1
  topicEnd = -1
  /** Begin and end of each `user_properties`, one after the other. */
  readonly userPropertiesSpans: number[] = []
  /** Content of `system_properties` within {@link bytes}, without tag and length; -1 when absent. */
  systemPropertiesStart = -1
  systemPropertiesEnd = -1
  /** Content of `body` within {@link bytes}, without tag and length; -1 when absent. */
  bodyStart = -1
  bodyEnd = -1

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const r = new Reader(bytes)
    const end = bytes.length
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
          this.userPropertiesSpans.push(r.pos, stop)
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

  /** Decoded when asked for. @throws {WireError} */
  get topic(): Resource | undefined {
    if (this.topicStart === -1) return undefined
    if (this.duplicated) return decodeMessage(this.bytes).topic
    return readResource(new Reader(this.bytes, this.topicStart), this.topicEnd)
  }

  get userProperties(): ReadonlyMap<string, string> {
    const entries = new Map<string, string>()
    const spans = this.userPropertiesSpans
    const r = new Reader(this.bytes)
    for (let at = 0; at < spans.length; at += 2) {
      r.pos = spans[at] as number
      const stop = spans[at + 1] as number
      let key = ''
      let value = ''
      while (r.pos < stop) {
        const tag = r.tag(stop)
        if (tag === 10) key = r.string(stop)
        else if (tag === 18) value = r.string(stop)
        else r.skip(tag, stop)
      }
      entries.set(key, value)
    }
    return entries
  }

  /** Decoded when asked for. @throws {WireError} */
  get systemProperties(): SystemProperties | undefined {
    if (this.systemPropertiesStart === -1) return undefined
    if (this.duplicated) return decodeMessage(this.bytes).systemProperties
    return readSystemProperties(new Reader(this.bytes, this.systemPropertiesStart), this.systemPropertiesEnd)
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

/** Where the fields of a SendMessageRequest are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given. */
export class SendMessageRequestView {
  readonly bytes: Uint8Array
  /** True when a field that may come once came more often: the last one is shown, and sub-messages are merged when decoded. */
  duplicated = false
  /** Begin and end of each `messages`, one after the other. */
  readonly messagesSpans: number[] = []

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const r = new Reader(bytes)
    const end = bytes.length
    while (r.pos < end) {
      const tag = r.tag(end)
      switch (tag) {
        case 10: {
          const stop = r.enter(end)
          this.messagesSpans.push(r.pos, stop)
          r.pos = stop
          break
        }
        default:
          r.skip(tag, end)
      }
    }
  }

  /** Views of the members. */
  get messages(): MessageView[] {
    const spans = this.messagesSpans
    const items: MessageView[] = []
    for (let at = 0; at < spans.length; at += 2) items.push(viewMessage(this.bytes.subarray(spans[at] as number, spans[at + 1] as number)))
    return items
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewSendMessageRequest(bytes: Uint8Array): SendMessageRequestView {
  return new SendMessageRequestView(bytes)
}

/** Where the fields of a ReceiveMessageResponse are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given. */
export class ReceiveMessageResponseView {
  readonly bytes: Uint8Array
  /** True when a field that may come once came more often: the last one is shown, and sub-messages are merged when decoded. */
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

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const r = new Reader(bytes)
    const end = bytes.length
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

  /** Decoded when asked for. @throws {WireError} */
  get status(): Status | undefined {
    if (this.statusStart === -1 || this.contentCase !== 'status') return undefined
    return readStatus(new Reader(this.bytes, this.statusStart), this.statusEnd)
  }

  /** A view of the member; undefined when another member, or none, is set. */
  get message(): MessageView | undefined {
    return this.messageStart === -1 || this.contentCase !== 'message' ? undefined : viewMessage(this.bytes.subarray(this.messageStart, this.messageEnd))
  }

  /** Decoded when asked for. @throws {WireError} */
  get deliveryTimestamp(): Timestamp | undefined {
    if (this.deliveryTimestampStart === -1 || this.contentCase !== 'deliveryTimestamp') return undefined
    return readTimestamp(new Reader(this.bytes, this.deliveryTimestampStart), this.deliveryTimestampEnd)
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewReceiveMessageResponse(bytes: Uint8Array): ReceiveMessageResponseView {
  return new ReceiveMessageResponseView(bytes)
}

/** Where the fields of a AckMessageRequest are; nothing is decoded until asked for. {@link bytes} is borrowed as it was given. */
export class AckMessageRequestView {
  readonly bytes: Uint8Array
  /** True when a field that may come once came more often: the last one is shown, and sub-messages are merged when decoded. */
  duplicated = false
  /** Content of `group` within {@link bytes}, without tag and length; -1 when absent. */
  groupStart = -1
  groupEnd = -1
  /** Content of `topic` within {@link bytes}, without tag and length; -1 when absent. */
  topicStart = -1
  topicEnd = -1
  /** Begin and end of each `entries`, one after the other. */
  readonly entriesSpans: number[] = []

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const r = new Reader(bytes)
    const end = bytes.length
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
          this.entriesSpans.push(r.pos, stop)
          r.pos = stop
          break
        }
        default:
          r.skip(tag, end)
      }
    }
  }

  /** Decoded when asked for. @throws {WireError} */
  get group(): Resource | undefined {
    if (this.groupStart === -1) return undefined
    if (this.duplicated) return decodeAckMessageRequest(this.bytes).group
    return readResource(new Reader(this.bytes, this.groupStart), this.groupEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get topic(): Resource | undefined {
    if (this.topicStart === -1) return undefined
    if (this.duplicated) return decodeAckMessageRequest(this.bytes).topic
    return readResource(new Reader(this.bytes, this.topicStart), this.topicEnd)
  }

  /** Decoded when asked for. @throws {WireError} */
  get entries(): AckMessageEntry[] {
    const spans = this.entriesSpans
    const items: AckMessageEntry[] = []
    for (let at = 0; at < spans.length; at += 2) items.push(readAckMessageEntry(new Reader(this.bytes, spans[at] as number), spans[at + 1] as number))
    return items
  }
}

/** @throws {WireError} when the bytes are no protobuf message; the fields within are checked when they are asked for. */
export function viewAckMessageRequest(bytes: Uint8Array): AckMessageRequestView {
  return new AckMessageRequestView(bytes)
}
