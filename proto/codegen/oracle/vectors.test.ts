import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import type { Field, FieldType, TypeName } from '../schema.ts'
import { decode, encode, enumName, messageType, plain, schema, type Value } from './codec.ts'

interface Vector {
  readonly message: string
  readonly hex: string
  readonly value: Value
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8')) as readonly Vector[]

function scalar(of: FieldType, value: unknown): unknown {
  if (of.kind === 'message') return decoded(of.name, value as Value)
  if (of.kind === 'int64') return BigInt(value as string)
  if (of.kind === 'safe-int64') return Number(value)
  if (of.kind === 'bytes') return Uint8Array.from(Buffer.from(value as string, 'hex'))
  return value
}

function fieldOf(field: Field, value: unknown): unknown {
  if (field.label === 'repeated') return ((value ?? []) as readonly unknown[]).map((item) => scalar(field.type, item))
  if (field.label === 'map') return new Map(Object.entries((value ?? {}) as Value).map(([key, item]) => [key, scalar(field.type, item)]))
  if (value !== undefined) return scalar(field.type, value)
  if (field.label === 'optional' || field.type.kind === 'message') return undefined
  const { kind } = field.type
  if (kind === 'enum') return enumName(field.type.name, 0)
  if (kind === 'bytes') return new Uint8Array(0)
  return kind === 'string' ? '' : kind === 'bool' ? false : kind === 'int64' ? 0n : 0
}

/** The value of a vector as decoders give it. */
function decoded(name: TypeName, value: Value): Value {
  const result: Record<string, unknown> = {}
  for (const field of messageType(name).fields) {
    const own = value[field.wireName]
    if (field.oneof === undefined) result[field.name] = fieldOf(field, own)
    else result[field.oneof] = own === undefined ? result[field.oneof] : { case: field.name, value: scalar(field.type, own) }
  }
  return result
}

const enums = JSON.parse(readFileSync(new URL('../../vectors/enums.json', import.meta.url), 'utf8')) as readonly {
  readonly enum: string
  readonly values: Readonly<Record<string, number>>
}[]

describe('the golden enums', () => {
  it('are all enums, with all their names and numbers', () => {
    const ours = schema.enums.map(({ name, values }) => [name, Object.fromEntries(values.map((value) => [value.name, value.number]))])
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(enums.map((entry) => [entry.enum.replaceAll('.', ''), entry.values])))
  })
})

describe('the golden messages', () => {
  it('are one for each message type, and one for each member of a oneof', () => {
    const names = new Set(vectors.map(({ message }) => message.replaceAll('.', '')))
    assert.deepEqual([...names].sort(), schema.messages.map(({ name }) => name).sort())
    for (const { name, fields } of schema.messages) {
      const own = vectors.filter(({ message }) => message.replaceAll('.', '') === name)
      for (const { wireName } of fields)
        assert.ok(
          own.some(({ value }) => value[wireName] !== undefined),
          `no vector sets ${name}.${wireName}`,
        )
    }
  })

  for (const [index, { message, hex, value }] of vectors.entries()) {
    it(`${message} (vector ${index}) is read, and written byte by byte`, () => {
      const name = message.replaceAll('.', '')
      assert.deepEqual(plain(decode(name, Buffer.from(hex, 'hex'))), plain(decoded(name, value)))
      assert.equal(Buffer.from(encode(name, decoded(name, value))).toString('hex'), hex)
    })
  }
})
