import { createRequire } from 'node:module'
import type { Field, FieldType, TypeName } from '../schema.ts'
import { enumName, messageType, schema, type Value } from './codec.ts'

/** A message of google-protobuf. Its fields have a getter each, in a spelling of its own. */
type Getters = Readonly<Record<string, () => unknown>>
interface GoogleMessage {
  serializeBinary(): Uint8Array
}
interface GoogleClass {
  new (): GoogleMessage
  deserializeBinary(bytes: Uint8Array): GoogleMessage
}

const require = createRequire(import.meta.url)
const base = 'rocketmq-client-nodejs/proto/apache/rocketmq/v2'
const classes: Readonly<Record<string, unknown>> = {
  ...(require(`${base}/definition_pb.js`) as object),
  ...(require(`${base}/service_pb.js`) as object),
  Timestamp: (require('google-protobuf/google/protobuf/timestamp_pb.js') as Readonly<Record<string, unknown>>)['Timestamp'],
  Duration: (require('google-protobuf/google/protobuf/duration_pb.js') as Readonly<Record<string, unknown>>)['Duration'],
}

function googleClass(name: TypeName): GoogleClass | undefined {
  const found = messageType(name)
    .protoName.split('.')
    .reduce<unknown>((parent, part) => (parent === undefined ? undefined : Reflect.get(parent as object, part)), classes)
  return found as GoogleClass | undefined
}

/** `dead_letter_queue` → `DeadLetterQueue`. */
const pascal = (wireName: string): string => wireName.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

function getter(field: Field): string {
  const suffix = field.label === 'repeated' ? 'List' : field.label === 'map' ? 'Map' : field.type.kind === 'bytes' ? '_asU8' : ''
  return `get${pascal(field.wireName)}${suffix}`
}

/** Types that MessagingService can carry, found by walking from its requests and responses. */
export function messagingTypes(): readonly TypeName[] {
  const seen = new Set<TypeName>()
  const visit = (name: TypeName): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const { type } of messageType(name).fields) if (type.kind === 'message') visit(type.name)
  }
  for (const { service, request, response } of schema.rpcs) {
    if (service !== 'MessagingService') continue
    visit(request)
    visit(response)
  }
  return [...seen]
}

/** Messages and fields of ours that the classes do not have, as `Message` or `Message.field`. */
export function unknownToGoogle(names: readonly TypeName[]): readonly string[] {
  return names.flatMap((name) => {
    const found = googleClass(name)
    if (found === undefined) return [name]
    const message = new found() as unknown as Getters
    return messageType(name)
      .fields.filter((field) => typeof message[getter(field)] !== 'function')
      .map((field) => `${name}.${field.name}`)
  })
}

function scalar(of: FieldType, value: unknown): unknown {
  switch (of.kind) {
    case 'message':
      return fromGoogle(of.name, value)
    case 'enum':
      return enumName(of.name, value as number)
    case 'int64':
      return BigInt(value as number)
    default:
      return value
  }
}

function fieldOf(field: Field, message: Getters): unknown {
  const value = message[getter(field)]?.()
  if (field.label === 'repeated') return (value as readonly unknown[]).map((item) => scalar(field.type, item))
  if (field.label === 'map') {
    const entries = (value as { toArray(): readonly (readonly [string, unknown])[] }).toArray()
    return new Map(entries.map(([key, item]) => [key, scalar(field.type, item)]))
  }
  const canBeAbsent = field.label === 'optional' || field.type.kind === 'message'
  if (canBeAbsent && message[`has${pascal(field.wireName)}`]?.() !== true) return undefined
  return scalar(field.type, value)
}

function fromGoogle(name: TypeName, given: unknown): Value {
  const message = given as Getters
  const { fields, oneofs } = messageType(name)
  const result: Record<string, unknown> = Object.fromEntries(oneofs.map((oneof) => [oneof, undefined]))
  for (const field of fields) {
    if (typeof message[getter(field)] !== 'function') {
      // Its reader drops what it does not know.
      result[field.name] = field.label === 'map' ? new Map() : undefined
    } else if (field.oneof === undefined) result[field.name] = fieldOf(field, message)
    else if (message[`has${pascal(field.wireName)}`]?.() === true) {
      result[field.oneof] = { case: field.name, value: scalar(field.type, message[getter(field)]?.()) }
    }
  }
  return result
}

/** What google-protobuf reads in the bytes, and the bytes that it writes of what it read. */
export function throughGoogle(name: TypeName, bytes: Uint8Array): { readonly read: Value; readonly written: Uint8Array } {
  const message = googleClass(name)?.deserializeBinary(bytes)
  if (message === undefined) throw new Error(`google-protobuf has no class ${name}`)
  return { read: fromGoogle(name, message), written: Uint8Array.from(message.serializeBinary()) }
}
