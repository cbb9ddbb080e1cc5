import fc from 'fast-check'
import type { Field, FieldType, MessageType, TypeName } from '../schema.ts'
import { enumName, messageType, schema, type Value } from './codec.ts'

export interface Choice {
  /** Fields to leave at their default, as `Message.field`. */
  readonly without?: ReadonlySet<string> | undefined
  /** Largest magnitude of an int64. Default all 64 bits. */
  readonly int64?: bigint | undefined
  /** Enum numbers that nobody defined. Default true. */
  readonly unknownEnums?: boolean | undefined
  /** Zero with a minus sign. Default true. */
  readonly negativeZero?: boolean | undefined
}

const text = fc.string({ unit: 'binary', maxLength: 60 })
/** Both oracles keep maps in plain objects, which lose this one key; a test of its own stands for it. */
const mapKey = text.filter((key) => key !== '__proto__')
const int32 = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -2, max: 300 }))

function scalar(type: FieldType, choice: Choice): fc.Arbitrary<unknown> {
  const far = choice.int64 ?? 2n ** 63n
  const signed = (value: number): number => (choice.negativeZero === false && value === 0 ? 0 : value)
  switch (type.kind) {
    case 'string':
      return text
    case 'bytes':
      return fc.uint8Array({ maxLength: 200 })
    case 'bool':
      return fc.boolean()
    case 'int32':
      return int32
    case 'int64':
      return fc.oneof(fc.bigInt({ min: -far, max: far - 1n }), fc.bigInt({ min: -2n, max: 2n ** 33n }))
    case 'safe-int64':
      return fc.oneof(fc.maxSafeInteger(), fc.integer())
    case 'float':
      return fc.float({ noNaN: true }).map(signed)
    case 'double':
      return fc.double({ noNaN: true }).map(signed)
    case 'enum': {
      const numbers = schema.enums.find(({ name }) => name === type.name)?.values.map(({ number }) => number) ?? []
      const known = fc.constantFrom(...numbers)
      return (choice.unknownEnums === false ? known : fc.oneof({ weight: 8, arbitrary: known }, int32)).map((number) => enumName(type.name, number))
    }
    case 'message':
      return messageValue(type.name, choice)
  }
}

function absent(field: Field): unknown {
  if (field.label === 'repeated') return []
  if (field.label === 'map') return new Map()
  if (field.label === 'optional' || field.type.kind === 'message') return undefined
  switch (field.type.kind) {
    case 'string':
      return ''
    case 'bytes':
      return new Uint8Array(0)
    case 'bool':
      return false
    case 'int64':
      return 0n
    case 'enum':
      return enumName(field.type.name, 0)
    default:
      return 0
  }
}

function fieldValue(field: Field, choice: Choice): fc.Arbitrary<unknown> {
  const item = scalar(field.type, choice)
  if (field.label === 'repeated') return fc.array(item, { maxLength: 3 })
  if (field.label === 'map')
    return fc.uniqueArray(fc.tuple(mapKey, item), { maxLength: 3, selector: ([key]) => key }).map((entries) => new Map(entries))
  return fc.oneof({ weight: 3, arbitrary: item }, fc.constant(absent(field)))
}

function oneofValue(members: readonly Field[], choice: Choice): fc.Arbitrary<unknown> {
  const cases = members.map((member) => scalar(member.type, choice).map((value) => ({ case: member.name, value })))
  return fc.oneof(...cases, fc.constant(undefined))
}

/** Any decoded value of a message: what its decoder may give, default values included. */
export function messageValue(name: TypeName, choice: Choice = {}): fc.Arbitrary<Value> {
  const message: MessageType = messageType(name)
  const kept = (field: Field): boolean => choice.without?.has(`${name}.${field.name}`) !== true
  const fields = message.fields
    .filter(({ oneof }) => oneof === undefined)
    .map((field) => [field.name, kept(field) ? fieldValue(field, choice) : fc.constant(absent(field))] as const)
  const oneofs = message.oneofs.map((oneof) => {
    const members = message.fields.filter((field) => field.oneof === oneof && kept(field))
    return [oneof, members.length === 0 ? fc.constant(undefined) : oneofValue(members, choice)] as const
  })
  return fc.record(Object.fromEntries([...fields, ...oneofs]))
}
