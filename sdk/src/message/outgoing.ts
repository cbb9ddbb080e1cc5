import { type Code, checkKey, checkMessageGroup, checkProperty, checkTag, checkTopic, codeInfo, limits } from '@feathermq/protocol'
import type { Clock } from '../clock.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { clientError, FeatherMQError } from '../errors.ts'
import { checkKeys } from '../option-check.ts'

/** A message to send. Exactly one of `messageGroup`, `deliverAfter` and `deliverAt` may be given; without any the message is of type NORMAL. */
export interface OutgoingMessage {
  readonly topic: string
  /** Text is sent as UTF-8. At least one byte, at most what the server allows (4 MiB unless it says otherwise). The bytes must not change until sent. */
  readonly body: string | Uint8Array
  /** What consumers filter by. Without `|`. */
  readonly tag?: string | undefined
  /** Business keys by which the message can be looked up. */
  readonly keys?: readonly string[] | undefined
  /** Up to 128 user properties; with tag and keys at most 16 KiB. */
  readonly properties?: Readonly<Record<string, string>> | undefined
  /** Messages of one group are delivered in the order sent (type FIFO). At most 63 bytes. */
  readonly messageGroup?: string | undefined
  /** Deliver so much later than now (type DELAY). */
  readonly deliverAfter?: Duration | undefined
  /** Deliver at this time, a Date or ms since the epoch (type DELAY). A time in the past means now. */
  readonly deliverAt?: Date | number | undefined
}

export type MessageKind = 'NORMAL' | 'FIFO' | 'DELAY'

/** A message that passed all checks which need no server. */
export interface PreparedMessage {
  readonly topic: string
  readonly body: Uint8Array
  readonly kind: MessageKind
  readonly tag: string | undefined
  readonly keys: readonly string[]
  /** A copy: what is added here never shows in the caller's object. */
  readonly properties: Map<string, string>
  readonly messageGroup: string | undefined
  /** Ms since the epoch. */
  readonly deliverAt: number | undefined
  /** Bytes of properties, tag and keys together. */
  readonly propertyBytes: number
}

const fields = [
  'topic',
  'body',
  'tag',
  'keys',
  'properties',
  'messageGroup',
  'deliverAfter',
  'deliverAt',
] as const satisfies readonly (keyof OutgoingMessage)[]

/**
 * Checks a message and brings it into one shape. Names and sizes are those a server would refuse with the same code.
 *
 * @throws {FeatherMQError} INVALID_OPTION for a field that does not exist, INVALID_MESSAGE for contradictions and wrong types, and the protocol's own codes
 * (ILLEGAL_TOPIC, ILLEGAL_MESSAGE_TAG, MESSAGE_BODY_EMPTY, …).
 */
export function prepare(message: OutgoingMessage, clock: Clock): PreparedMessage {
  checkKeys(message, 'message', fields)
  const given = message
  const { topic, tag, messageGroup } = given
  if (typeof topic !== 'string') throw wrongType('topic', 'a text', topic)
  refuse(checkTopic(topic), topic)
  if (tag !== undefined) {
    if (typeof tag !== 'string') throw wrongType('tag', 'a text', topic)
    refuse(checkTag(tag), topic)
  }
  if (messageGroup !== undefined) {
    if (typeof messageGroup !== 'string') throw wrongType('messageGroup', 'a text', topic)
    refuse(checkMessageGroup(messageGroup), topic)
  }
  const keys = keysOf(given.keys, topic)
  const properties = propertiesOf(given.properties, topic)
  const deliverAt = deliveryTime(given, clock)
  if (deliverAt !== undefined && messageGroup !== undefined) {
    throw invalid(topic, 'a message has either a messageGroup (FIFO) or a delivery time (DELAY), not both')
  }
  return {
    topic,
    body: bodyOf(given.body, topic),
    kind: messageGroup !== undefined ? 'FIFO' : deliverAt !== undefined ? 'DELAY' : 'NORMAL',
    tag,
    keys,
    properties,
    messageGroup,
    deliverAt,
    propertyBytes: sizeOf(properties, tag, keys, topic),
  }
}

/** @throws {FeatherMQError} MESSAGE_BODY_TOO_LARGE */
export function checkBodySize({ topic, body }: PreparedMessage, max: number): void {
  if (body.length > max) throw refused('MESSAGE_BODY_TOO_LARGE', `the body has ${body.length} bytes, the server takes at most ${max}`, topic)
}

function bodyOf(body: unknown, topic: string): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  if (!(bytes instanceof Uint8Array)) throw wrongType('body', 'a text or a Uint8Array (for an object: JSON.stringify)', topic)
  if (bytes.length === 0) throw refused('MESSAGE_BODY_EMPTY', 'the body is empty', topic)
  return bytes
}

function keysOf(keys: unknown, topic: string): readonly string[] {
  if (keys === undefined) return []
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw wrongType('keys', 'a list of texts', topic)
  for (const key of keys) refuse(checkKey(key), topic)
  return [...keys]
}

function propertiesOf(properties: unknown, topic: string): Map<string, string> {
  if (properties === undefined) return new Map()
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties) || properties instanceof Map) {
    throw wrongType('properties', 'an object of texts', topic)
  }
  const entries = Object.entries(properties)
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw wrongType(`properties.${key}`, 'a text', topic)
    if (key.trim() === '') throw refused('ILLEGAL_MESSAGE_PROPERTY_KEY', 'a property key is blank', topic)
    refuse(checkProperty(key, value), topic)
  }
  return new Map(entries)
}

function sizeOf(properties: ReadonlyMap<string, string>, tag: string | undefined, keys: readonly string[], topic: string): number {
  if (properties.size > limits.properties) {
    throw refused('MESSAGE_PROPERTIES_TOO_LARGE', `${properties.size} properties are more than ${limits.properties}`, topic)
  }
  let bytes = tag === undefined ? 0 : Buffer.byteLength(tag)
  for (const key of keys) bytes += Buffer.byteLength(key)
  for (const [key, value] of properties) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (bytes > limits.propertyBytes) {
    throw refused('MESSAGE_PROPERTIES_TOO_LARGE', `properties, tag and keys have ${bytes} bytes, more than ${limits.propertyBytes}`, topic)
  }
  return bytes
}

function deliveryTime({ topic, deliverAfter, deliverAt }: OutgoingMessage, clock: Clock): number | undefined {
  if (deliverAfter !== undefined && deliverAt !== undefined) throw invalid(topic, 'a message has either deliverAfter or deliverAt, not both')
  if (deliverAfter !== undefined) return clock.now() + milliseconds(deliverAfter, 'message.deliverAfter')
  if (deliverAt === undefined) return undefined
  const at = deliverAt instanceof Date ? deliverAt.getTime() : deliverAt
  if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) throw wrongType('deliverAt', 'a valid Date or ms since the epoch', topic)
  return Math.round(at)
}

function refuse(problem: { readonly code: Code; readonly message: string } | undefined, topic: string): void {
  if (problem !== undefined) throw refused(problem.code, problem.message, topic)
}

function refused(code: Code, why: string, topic: string): FeatherMQError {
  const hint = codeInfo(code)?.hint
  return new FeatherMQError(code, `the message to ${topic} was not sent: ${why}`, { topic, hint: hint === '' ? undefined : hint })
}

function wrongType(field: string, wanted: string, topic: unknown): FeatherMQError {
  return invalid(typeof topic === 'string' ? topic : undefined, `${field} must be ${wanted}`)
}

function invalid(topic: string | undefined, why: string): FeatherMQError {
  return clientError('INVALID_MESSAGE', `the message${topic === undefined ? '' : ` to ${topic}`} was not sent: ${why}`, { topic, hint: undefined })
}
