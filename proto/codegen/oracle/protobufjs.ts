import type protobuf from 'protobufjs'
import { type Field, type FieldType, parseProtoFiles, type TypeName } from '../schema.ts'
import { enumName, enumNumber, messageType, type Value } from './codec.ts'

const root = parseProtoFiles()

function type(name: TypeName): protobuf.Type {
  const { protoName } = messageType(name)
  const place = ['Timestamp', 'Duration'].includes(name) ? 'google.protobuf' : 'apache.rocketmq.v2'
  return root.lookupType(`${place}.${protoName}`)
}

function scalarOut(of: FieldType, value: unknown): unknown {
  if (of.kind === 'message') return out(of.name, value as Value)
  if (of.kind === 'enum') return enumNumber(of.name, value as string | number)
  if (of.kind === 'int64' || of.kind === 'safe-int64') return String(value)
  return value
}

/** Our value as protobufjs takes it: with numbers for enums and texts for 64-bit numbers. */
function out(name: TypeName, value: Value): object {
  const result: Record<string, unknown> = {}
  for (const field of messageType(name).fields) {
    if (field.oneof !== undefined) {
      const member = value[field.oneof] as { readonly case: string; readonly value: unknown } | undefined
      if (member?.case === field.name) result[field.wireName] = scalarOut(field.type, member.value)
      continue
    }
    const own = value[field.name]
    if (own === undefined) continue
    if (field.label === 'repeated') result[field.wireName] = (own as readonly unknown[]).map((item) => scalarOut(field.type, item))
    else if (field.label === 'map')
      result[field.wireName] = Object.fromEntries([...(own as ReadonlyMap<string, unknown>)].map(([key, item]) => [key, scalarOut(field.type, item)]))
    else result[field.wireName] = scalarOut(field.type, own)
  }
  return result
}

function scalarIn(of: FieldType, value: unknown): unknown {
  if (of.kind === 'message') return into(of.name, value as Value)
  if (of.kind === 'enum') return enumName(of.name, value as number)
  if (of.kind === 'int64') return BigInt(String(value))
  if (of.kind === 'safe-int64') return Number(String(value))
  // Its default is an empty array.
  if (of.kind === 'bytes') return Uint8Array.from(value as Uint8Array)
  return value
}

function fieldIn(field: Field, message: Value): unknown {
  const has = Object.hasOwn(message, field.wireName)
  const own = message[field.wireName]
  if (field.label === 'repeated') return (own as readonly unknown[]).map((item) => scalarIn(field.type, item))
  if (field.label === 'map') return new Map(Object.entries(own as Value).map(([key, item]) => [key, scalarIn(field.type, item)]))
  if (!has && (field.label === 'optional' || field.type.kind === 'message')) return undefined
  return scalarIn(field.type, own)
}

/** A message of protobufjs in our form; absent fields have their defaults by its prototype. */
function into(name: TypeName, message: Value): Value {
  const { fields, oneofs } = messageType(name)
  const result: Record<string, unknown> = Object.fromEntries(oneofs.map((oneof) => [oneof, undefined]))
  for (const field of fields) {
    if (field.oneof === undefined) result[field.name] = fieldIn(field, message)
    else if (Object.hasOwn(message, field.wireName)) result[field.oneof] = { case: field.name, value: scalarIn(field.type, message[field.wireName]) }
  }
  return result
}

export const encodeByProtobufJs = (name: TypeName, value: Value): Uint8Array =>
  Uint8Array.from(
    type(name)
      .encode(type(name).fromObject(out(name, value)))
      .finish(),
  )
export const decodeByProtobufJs = (name: TypeName, bytes: Uint8Array): Value => into(name, type(name).decode(bytes) as unknown as Value)
