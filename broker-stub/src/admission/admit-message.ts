import type { MessageType, MessageView, Problem, SystemProperties } from '@feathermq/protocol'
import {
  checkKey,
  checkMessageGroup,
  checkMessageId,
  checkProperty,
  checkTag,
  decodeMessage,
  digest,
  encodeMessage,
  limits,
  msFromDuration,
  msFromTimestamp,
  viewMessage,
  Writer,
} from '@feathermq/protocol'
import type { StoredMessage } from '../log/message-log.ts'
import type { Topic } from '../registry/types.ts'
import { Refusal } from './admit.ts'

/** Tag byte of `Message.system_properties`: field 3, length-delimited. */
const SYSTEM_PROPERTIES_TAG = 0x1a
/** `SystemProperties.body_encoding` (field 5) with the value IDENTITY. */
const PLAIN = Uint8Array.of(0x28, 1)
const writer = new Writer()

export interface Arrival {
  /** Wall time, ms. */
  readonly now: number
  /** Peer address. */
  readonly bornHost: string
  /** Farthest delivery time from now, ms. */
  readonly maxDelay: number
  /** Whoever stores the message copies its bytes, so that they may be the request's. */
  readonly borrowed: boolean
}

/**
 * Checks one message of a send in the order in which a stock server does (server behaviour: SendMessageActivity), and indexes it for the log. Whether
 * the topic takes its type is for {@link admitType}.
 *
 * The bytes are kept as they came, unless they hold a field that only a broker may write, or `system_properties` more than once, or a length that is
 * not written in the shortest form: then the message is encoded anew without them, once. What does not say how its body is encoded is made to say it.
 * @throws {Refusal}
 */
export function admitMessage(view: MessageView, topic: string, arrival: Arrival): StoredMessage {
  const { now, bornHost } = arrival
  const properties = view.userProperties
  const system = view.systemProperties
  checkBody(view)
  if (properties.size > limits.properties) {
    throw new Refusal('MESSAGE_PROPERTIES_TOO_LARGE', `the message has ${properties.size} user properties, at most ${limits.properties} are taken`)
  }
  for (const [key, value] of properties) refuse(checkProperty(key, value))
  const tag = system?.tag
  if (tag !== undefined) refuse(checkTag(tag))
  const keys = system?.keys ?? []
  for (const key of keys) refuse(checkKey(key))
  checkPropertyBytes(properties, tag, keys)
  const messageId = system?.messageId ?? ''
  refuse(checkMessageId(messageId))
  const recovery = system?.orphanedTransactionRecoveryDuration
  if (recovery !== undefined && msFromDuration(recovery) > limits.transactionRecovery) {
    throw new Refusal('BAD_REQUEST', `the transaction recovery time is longer than ${limits.transactionRecovery / 1000} s`)
  }
  const deliverAt = system?.deliveryTimestamp === undefined ? undefined : msFromTimestamp(system.deliveryTimestamp)
  if (deliverAt !== undefined && deliverAt > now + arrival.maxDelay) {
    throw new Refusal('ILLEGAL_DELIVERY_TIME', `the delivery time is more than ${arrival.maxDelay} ms away, the farthest that this broker takes`)
  }
  const messageGroup = system?.messageGroup
  if (messageGroup !== undefined) refuse(checkMessageGroup(messageGroup))
  checkLiteTopic(system?.liteTopic)
  if (system?.priority !== undefined && system.priority < 0) {
    throw new Refusal('BAD_REQUEST', `the priority is ${system.priority}; the lowest is 0`)
  }
  const type = typeOf(system)

  const { bytes, index, shift } = storedBytes(view, system, arrival.borrowed)
  return {
    topic,
    bytes,
    systemPropertiesStart: index.systemPropertiesStart - shift,
    systemPropertiesEnd: index.systemPropertiesEnd - shift,
    bodyStart: index.bodyStart - shift,
    bodyEnd: index.bodyEnd - shift,
    digest: digest('SHA1', index.body),
    messageId,
    type,
    tag,
    messageGroup,
    priority: type === 'PRIORITY' ? system?.priority : undefined,
    deliverAt,
    bornHost: system?.bornHost === undefined || system.bornHost === '' ? bornHost : '',
    storedAt: now,
    deadLetter: undefined,
  }
}

/** Does the topic take messages of this type? @throws {Refusal} MESSAGE_PROPERTY_CONFLICT_WITH_TYPE */
export function admitType(topic: Topic, type: MessageType): void {
  if (topic.types.includes(type)) return
  throw new Refusal('MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', `the topic "${topic.name}" takes ${topic.types.join(', ')}; this message is ${type}`)
}

function refuse(problem: Problem | undefined): void {
  if (problem !== undefined) throw new Refusal(problem.code, problem.message)
}

function checkBody(view: MessageView): void {
  const size = view.bodyEnd - view.bodyStart
  if (size === 0) throw new Refusal('MESSAGE_BODY_EMPTY', 'the message has no body')
  if (size > limits.bodyBytes)
    throw new Refusal('MESSAGE_BODY_TOO_LARGE', `the message body has ${size} bytes, at most ${limits.bodyBytes} are taken`)
}

function checkLiteTopic(name: string | undefined): void {
  if (name === undefined) return
  if (name.length > limits.liteTopicLength) {
    throw new Refusal('ILLEGAL_LITE_TOPIC', `the lite topic "${name.slice(0, 32)}…" is longer than ${limits.liteTopicLength} characters`)
  }
  if (!/^[a-zA-Z0-9_-]+$/.test(name))
    throw new Refusal('ILLEGAL_LITE_TOPIC', `the lite topic "${name}" is empty, or has characters other than a-z A-Z 0-9 _ -`)
}

function checkPropertyBytes(properties: ReadonlyMap<string, string>, tag: string | undefined, keys: readonly string[]): void {
  let total = Buffer.byteLength(tag ?? '')
  for (const key of keys) total += Buffer.byteLength(key)
  for (const [key, value] of properties) total += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (total > limits.propertyBytes) {
    throw new Refusal(
      'MESSAGE_PROPERTIES_TOO_LARGE',
      `user properties, tag and keys take ${total} bytes together, at most ${limits.propertyBytes} are taken`,
    )
  }
}

/** What the content makes of the message, whatever it calls itself. @throws {Refusal} NOT_IMPLEMENTED, MESSAGE_PROPERTY_CONFLICT_WITH_TYPE */
function typeOf(system: SystemProperties | undefined): MessageType {
  if (system?.liteTopic !== undefined) throw new Refusal('NOT_IMPLEMENTED', 'this broker does not serve LITE messages yet')
  if (system?.messageType === 'TRANSACTION') {
    if (system.deliveryTimestamp === undefined && system.priority === undefined) return 'TRANSACTION'
    throw new Refusal('MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', 'a TRANSACTION message has no delivery time and no priority')
  }
  if (system?.deliveryTimestamp !== undefined) return 'DELAY'
  if (system?.messageGroup !== undefined) return 'FIFO'
  if (system?.priority !== undefined) return 'PRIORITY'
  return 'NORMAL'
}

/** Bytes to store: as a rule those of the message as it came, of which a copy is made unless they may be borrowed. `shift`: where they begin in the index. */
interface StoredBytes {
  readonly bytes: Uint8Array
  readonly index: MessageView
  readonly shift: number
}

function storedBytes(view: MessageView, system: SystemProperties | undefined, borrowed: boolean): StoredBytes {
  const asItCame = view.bytes[systemPropertiesTagAt(view)] === SYSTEM_PROPERTIES_TAG && !view.duplicated && !isForged(system)
  if (asItCame && (system?.bodyEncoding === 'IDENTITY' || system?.bodyEncoding === 'GZIP')) {
    const { buffer, byteOffset } = view.bytes
    const content = new Uint8Array(buffer, byteOffset + view.start, view.end - view.start)
    return { bytes: borrowed ? content : new Uint8Array(content), index: view, shift: view.start }
  }
  const bytes = asItCame ? view.content : clean(view.content)
  const encoded = system?.bodyEncoding === 'IDENTITY' || system?.bodyEncoding === 'GZIP' ? bytes : callPlain(viewMessage(bytes))
  return { bytes: encoded, index: viewMessage(encoded), shift: 0 }
}

/** Where the tag of `system_properties` is, if their length is written in the shortest form. */
function systemPropertiesTagAt({ systemPropertiesStart: start, systemPropertiesEnd: end }: MessageView): number {
  const size = end - start
  return start - (size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : 4) - 1
}

/**
 * The message with IDENTITY as its encoding, all else as it was. A stock server takes a body of no known encoding for plain, and tells consumers that it is;
 * the official Python client refuses a message that does not say, and all that it receives together with it.
 */
function callPlain(view: MessageView): Uint8Array {
  const { bytes, systemPropertiesStart: start, systemPropertiesEnd: end } = view
  writer.bytes(SYSTEM_PROPERTIES_TAG, Buffer.concat([bytes.subarray(start, end), PLAIN]))
  // A copy of its own: both the writer and Buffer.concat hand out parts of a slab.
  return new Uint8Array(Buffer.concat([bytes.subarray(0, systemPropertiesTagAt(view)), writer.finish(), bytes.subarray(end)]))
}

/** Does it hold a field that only a broker may write? */
function isForged(system: SystemProperties | undefined): boolean {
  if (system === undefined) return false
  return (
    system.storeTimestamp !== undefined ||
    system.storeHost !== '' ||
    system.receiptHandle !== undefined ||
    system.queueOffset !== undefined ||
    system.invisibleDuration !== undefined ||
    system.deliveryAttempt !== undefined ||
    system.deadLetterQueue !== undefined
  )
}

function clean(bytes: Uint8Array): Uint8Array {
  const message = decodeMessage(bytes)
  const encoded = encodeMessage({
    ...message,
    systemProperties: {
      ...message.systemProperties,
      storeTimestamp: undefined,
      storeHost: undefined,
      receiptHandle: undefined,
      queueOffset: undefined,
      invisibleDuration: undefined,
      deliveryAttempt: undefined,
      deadLetterQueue: undefined,
    },
  })
  return new Uint8Array(encoded)
}
