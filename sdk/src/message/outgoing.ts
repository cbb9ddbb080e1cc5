import { type Code, checkKey, checkMessageGroup, checkProperty, checkTag, checkTopic, codeInfo, limits } from '@feathermq/protocol/client'
import type { Clock } from '../clock.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { clientError, FeatherMQError } from '../errors.ts'
import { checkKeys } from '../option-check.ts'

/** A message to send. One of `messageGroup`, `deliverAfter`, `deliverAt` and `priority` may be given; without any the message is of type NORMAL. */
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
  /** Delivered before messages of lower priority (type PRIORITY): 0, the lowest, or more; servers know as many levels as the topic has queues. */
  readonly priority?: number | undefined
}

export type MessageKind = 'NORMAL' | 'FIFO' | 'DELAY' | 'PRIORITY' | 'TRANSACTION'

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
  readonly priority: number | undefined
  /** When a server is to ask about a transaction that nobody ended, ms after the half message; undefined: when it likes. */
  readonly checkAfter: number | undefined
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
  'priority',
] as const satisfies readonly (keyof OutgoingMessage)[]

/**
 * Checks a message and brings it into one shape. Names and sizes are those a server would refuse with the same code.
 *
 * @param path names the message in errors, e.g. `messages[3]` of a list
 * @throws {FeatherMQError} INVALID_OPTION for a field that does not exist, INVALID_MESSAGE for contradictions and wrong types, and the protocol's own codes
 * (ILLEGAL_TOPIC, ILLEGAL_MESSAGE_TAG, MESSAGE_BODY_EMPTY, …). Each names the path of the field and the limit.
 */
export function prepare(message: OutgoingMessage, clock: Clock, path: string = 'message'): PreparedMessage {
  checkKeys(message, path, fields)
  const { topic, tag, messageGroup } = message
  const place = { path, topic: typeof topic === 'string' ? topic : undefined }
  if (typeof topic !== 'string') throw wrongType(place, '.topic', 'a text')
  refuse(checkTopic(topic), place, '.topic')
  if (tag !== undefined) {
    if (typeof tag !== 'string') throw wrongType(place, '.tag', 'a text')
    refuse(checkTag(tag), place, '.tag')
  }
  if (messageGroup !== undefined) {
    if (typeof messageGroup !== 'string') throw wrongType(place, '.messageGroup', 'a text')
    refuse(checkMessageGroup(messageGroup), place, '.messageGroup')
  }
  const keys = keysOf(message.keys, place)
  const properties = propertiesOf(message.properties, place)
  const deliverAt = deliveryTime(message, clock, place)
  if (deliverAt !== undefined && messageGroup !== undefined) {
    throw invalid(place, '', 'a message has either a messageGroup (FIFO) or a delivery time (DELAY), not both')
  }
  const priority = priorityOf(message.priority, place)
  if (priority !== undefined && (messageGroup !== undefined || deliverAt !== undefined)) {
    throw invalid(place, '', 'a message with a priority (PRIORITY) has neither a messageGroup nor a delivery time')
  }
  return {
    topic,
    body: bodyOf(message.body, place),
    kind: messageGroup !== undefined ? 'FIFO' : deliverAt !== undefined ? 'DELAY' : priority !== undefined ? 'PRIORITY' : 'NORMAL',
    tag,
    keys,
    properties,
    messageGroup,
    deliverAt,
    priority,
    checkAfter: undefined,
    propertyBytes: sizeOf(properties, tag, keys, place),
  }
}

/**
 * As {@link prepare}, for the message of a transaction: servers keep it back until the transaction is committed.
 *
 * @throws {FeatherMQError} as {@link prepare}; INVALID_MESSAGE for a message group, a delivery time or a priority, which a transaction cannot have.
 */
export function prepareHalf(message: OutgoingMessage, clock: Clock, checkAfter: number | undefined): PreparedMessage {
  const prepared = prepare(message, clock)
  if (prepared.kind === 'NORMAL') return { ...prepared, kind: 'TRANSACTION', checkAfter }
  throw invalid(
    { path: 'message', topic: prepared.topic },
    '',
    'the message of a transaction has neither a messageGroup nor a delivery time nor a priority',
  )
}

/** @throws {FeatherMQError} MESSAGE_BODY_TOO_LARGE */
export function checkBodySize({ topic, body }: PreparedMessage, max: number, path: string = 'message'): void {
  if (body.length <= max) return
  throw refused('MESSAGE_BODY_TOO_LARGE', `the body has ${body.length} bytes, the server takes at most ${max}`, { path, topic }, '.body')
}

/** Whether the topic takes the message: the types that its route names. A route that names none leaves it to the server. */
export function checkKind({ topic, kind }: PreparedMessage, accepts: readonly (string | number)[], path: string = 'message'): void {
  if (accepts.length === 0 || accepts.includes(kind)) return
  const why = `it is of type ${kind} (${reasons[kind]}), but the topic takes ${accepts.join(', ')}`
  throw refused('MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', why, { path, topic }, '')
}

const reasons = {
  NORMAL: 'no messageGroup, no delivery time, no priority',
  FIFO: 'it has a messageGroup',
  DELAY: 'it has a delivery time',
  PRIORITY: 'it has a priority',
  TRANSACTION: 'it is sent by transaction()',
} as const

/** What an error says of the message that it is about. */
interface Place {
  readonly path: string
  readonly topic: string | undefined
}

function bodyOf(body: unknown, place: Place): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  if (!(bytes instanceof Uint8Array)) throw wrongType(place, '.body', 'a text or a Uint8Array (for an object: JSON.stringify)')
  if (bytes.length === 0) throw refused('MESSAGE_BODY_EMPTY', 'the body is empty', place, '.body')
  return bytes
}

function keysOf(keys: unknown, place: Place): readonly string[] {
  if (keys === undefined) return []
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw wrongType(place, '.keys', 'a list of texts')
  for (const [index, key] of keys.entries()) refuse(checkKey(key), place, '.keys', index)
  return [...keys]
}

function propertiesOf(properties: unknown, place: Place): Map<string, string> {
  if (properties === undefined) return new Map()
  if (typeof properties !== 'object' || properties === null || Array.isArray(properties) || properties instanceof Map) {
    throw wrongType(place, '.properties', 'an object of texts')
  }
  const entries = Object.entries(properties)
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw wrongType(place, `.properties.${key}`, 'a text')
    if (key.trim() === '') throw refused('ILLEGAL_MESSAGE_PROPERTY_KEY', 'a property key is blank', place, '.properties')
    refuse(checkProperty(key, value), place, '.properties', key)
  }
  return new Map(entries)
}

function sizeOf(properties: ReadonlyMap<string, string>, tag: string | undefined, keys: readonly string[], place: Place): number {
  if (properties.size > limits.properties) {
    throw refused('MESSAGE_PROPERTIES_TOO_LARGE', `${properties.size} properties are more than ${limits.properties}`, place, '.properties')
  }
  let bytes = tag === undefined ? 0 : Buffer.byteLength(tag)
  for (const key of keys) bytes += Buffer.byteLength(key)
  for (const [key, value] of properties) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  if (bytes > limits.propertyBytes) {
    const why = `properties, tag and keys have ${bytes} bytes, more than ${limits.propertyBytes}`
    throw refused('MESSAGE_PROPERTIES_TOO_LARGE', why, place, '.properties')
  }
  return bytes
}

function deliveryTime({ deliverAfter, deliverAt }: OutgoingMessage, clock: Clock, place: Place): number | undefined {
  if (deliverAfter !== undefined && deliverAt !== undefined) throw invalid(place, '', 'a message has either deliverAfter or deliverAt, not both')
  if (deliverAfter !== undefined) return clock.now() + milliseconds(deliverAfter, `${place.path}.deliverAfter`)
  if (deliverAt === undefined) return undefined
  const at = deliverAt instanceof Date ? deliverAt.getTime() : deliverAt
  if (typeof at !== 'number' || !Number.isFinite(at) || at < 0) throw wrongType(place, '.deliverAt', 'a valid Date or ms since the epoch')
  return Math.round(at)
}

/** An int32 of the protocol, where 0 is a priority like any other. */
function priorityOf(priority: unknown, place: Place): number | undefined {
  if (priority === undefined) return undefined
  if (typeof priority !== 'number' || !Number.isInteger(priority) || priority < 0 || priority > 0x7fff_ffff) {
    throw wrongType(place, '.priority', 'a whole number from 0 to 2147483647')
  }
  return priority
}

/** @param key where in the field, so that its path is only made for an error */
function refuse(problem: { readonly code: Code; readonly message: string } | undefined, place: Place, field: string, key?: string | number): void {
  if (problem === undefined) return
  const inner = key === undefined ? '' : typeof key === 'number' ? `[${key}]` : `.${key}`
  throw refused(problem.code, problem.message, place, `${field}${inner}`)
}

function refused(code: Code, why: string, place: Place, field: string): FeatherMQError {
  const hint = codeInfo(code)?.hint
  return new FeatherMQError(code, sentence(place, field, why), { topic: place.topic, hint: hint === '' ? undefined : hint })
}

function wrongType(place: Place, field: string, wanted: string): FeatherMQError {
  return invalid(place, field, `it must be ${wanted}`)
}

function invalid(place: Place, field: string, why: string): FeatherMQError {
  return clientError('INVALID_MESSAGE', sentence(place, field, why), { topic: place.topic, hint: undefined })
}

function sentence({ path, topic }: Place, field: string, why: string): string {
  return `the message${topic === undefined ? '' : ` to ${topic}`} was not sent: ${path}${field}: ${why}`
}
