import * as protocol from '@feathermq/protocol'
import { loadSchema, type MessageType, type Schema, type TypeName } from '../schema.ts'

/** A decoded message of any type. */
export type Value = Readonly<Record<string, unknown>>

export const schema: Schema = loadSchema()

export function messageType(name: TypeName): MessageType {
  const found = schema.messages.find((message) => message.name === name)
  if (found === undefined) throw new Error(`no message ${name}`)
  return found
}

function exported(name: string): (argument: unknown) => unknown {
  const found: unknown = Reflect.get(protocol, name)
  if (typeof found !== 'function') throw new Error(`@feathermq/protocol does not export ${name}`)
  return found as (argument: unknown) => unknown
}

export const encode = (name: TypeName, value: Value): Uint8Array => exported(`encode${name}`)(value) as Uint8Array
export const decode = (name: TypeName, bytes: Uint8Array): Value => exported(`decode${name}`)(bytes) as Value
export const view = (name: TypeName, bytes: Uint8Array): Value => exported(`view${name}`)(bytes) as Value

/** The name of an enum's number, as our decoders give it; an unknown number stays one. */
export function enumName(type: TypeName, number: number): string | number {
  const known = schema.enums.find(({ name }) => name === type)
  if (known === undefined) throw new Error(`no enum ${type}`)
  return known.values.find((value) => value.number === number)?.name ?? number
}

export function enumNumber(type: TypeName, value: string | number): number {
  if (typeof value === 'number') return value
  const number = schema.enums.find(({ name }) => name === type)?.values.find(({ name }) => name === value)?.number
  if (number === undefined) throw new Error(`${type} has no ${value}`)
  return number
}

/** The same value with plain Uint8Arrays: buffers and slices of them are equal when their bytes are. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, plain(item)]))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
  return value
}
