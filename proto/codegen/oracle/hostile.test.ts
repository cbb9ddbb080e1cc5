import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { WireError } from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { TypeName } from '../schema.ts'
import { decode, encode, messageType, plain, schema, view } from './codec.ts'
import { decodeByProtobufJs } from './protobufjs.ts'
import { messageValue } from './values.ts'

const viewed = ['Message', 'SendMessageRequest', 'ReceiveMessageResponse', 'AckMessageRequest', 'SystemProperties'] as const
const vectors = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8')) as readonly {
  message: string
  hex: string
}[]

/** Decodes, and accepts the typed error only: with an offset inside the input. */
function attempt(bytes: Uint8Array, work: () => unknown): WireError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    assert.ok(error instanceof WireError, `${error instanceof Error ? error.stack : error}`)
    assert.ok(error.offset >= 0 && error.offset <= bytes.length, `offset ${error.offset} of ${bytes.length}`)
    assert.ok(error.message.length > 0)
    return error
  }
}

/** Everything that a view can give. */
function readView(name: TypeName, bytes: Uint8Array): void {
  const given = view(name, bytes)
  for (const { name: field } of messageType(name).fields) Reflect.get(given, field)
}

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)])

/** A field that no message has: number 1,000 and up, of every wire type, groups included. */
const stranger = fc.integer({ min: 1000, max: 200_000 }).chain((number) =>
  fc.oneof(
    fc.nat().map((value) => [...varint(number * 8), ...varint(value)]),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => [...varint(number * 8 + 1), ...value]),
    fc.uint8Array({ maxLength: 200 }).map((value) => [...varint(number * 8 + 2), ...varint(value.length), ...value]),
    fc.nat().map((value) => [...varint(number * 8 + 3), 0x08, ...varint(value), ...varint(number * 8 + 4)]),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((value) => [...varint(number * 8 + 5), ...value]),
  ),
)

/** Where the fields of a message begin, and its end. */
function boundaries(bytes: Uint8Array): number[] {
  const found = [0]
  let at = 0
  const next = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const type = next() & 7
    if (type === 0) next()
    else if (type === 1) at += 8
    else if (type === 2) {
      const length = next()
      at += length
    } else at += 4
    found.push(at)
  }
  return found
}

describe('the decoders, given anything', () => {
  it('keep a property named __proto__, as a property and nothing else, and the sign of a zero', () => {
    const message = { userProperties: new Map([['__proto__', 'x']]) }
    const back = decode('Message', encode('Message', { ...decode('Message', new Uint8Array(0)), ...message }))
    assert.deepEqual(back['userProperties'], message.userProperties)
    const backoff = decode('ExponentialBackoff', encode('ExponentialBackoff', { initial: undefined, max: undefined, multiplier: -0 }))
    assert.ok(Object.is(backoff['multiplier'], -0))
  })

  it('refuse every cut of every golden message, or take it where a field ends', () => {
    for (const { message, hex } of vectors) {
      const name = message.replaceAll('.', '')
      const whole = Uint8Array.from(Buffer.from(hex, 'hex'))
      const ends = new Set(boundaries(whole))
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.slice(0, length)
        const error = attempt(cut, () => decode(name, cut))
        assert.equal(error === undefined, ends.has(length), `${name} cut after ${length} of ${whole.length} bytes`)
        if (error !== undefined) assert.equal(error.reason, 'truncated')
      }
    }
  })

  it('skip fields that they do not know, of every wire type, wherever they stand', () => {
    const names = schema.messages.map(({ name }) => name)
    fc.assert(
      fc.property(
        fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), messageValue(name))),
        fc.array(fc.tuple(fc.nat(), stranger), { minLength: 1, maxLength: 3 }),
        ([name, value], strangers) => {
          const whole = encode(name, value)
          const places = boundaries(whole)
          const parts = places.map((place, index) => {
            const own = strangers.filter(([where]) => where % places.length === index).flatMap(([, field]) => field)
            return [...own, ...whole.subarray(place, places[index + 1] ?? place)]
          })
          const bytes = Uint8Array.from(parts.flat())
          assert.deepEqual(plain(decode(name, bytes)), plain(value))
          if (viewed.some((one) => one === name)) readView(name, bytes)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('answer damaged messages with a typed error or a value, and read the same as protobufjs where both read', () => {
    const damage = fc.array(
      fc.record({ at: fc.nat(), kind: fc.constantFrom('set', 'flip', 'insert', 'remove', 'double'), byte: fc.integer({ min: 0, max: 255 }) }),
      { minLength: 1, maxLength: 4 },
    )
    let read = 0
    let refused = 0
    fc.assert(
      fc.property(fc.constantFrom(...vectors), damage, ({ message, hex }, harms) => {
        const name = message.replaceAll('.', '')
        const copy = [...Buffer.from(hex, 'hex')]
        for (const { at, kind, byte } of harms) {
          const index = copy.length === 0 ? 0 : at % copy.length
          if (kind === 'set') copy[index] = byte
          else if (kind === 'flip') copy[index] = (copy[index] ?? 0) ^ (1 << (byte & 7))
          else if (kind === 'insert') copy.splice(index, 0, byte, byte)
          else if (kind === 'remove') copy.splice(index, 1 + (byte & 3))
          else copy.splice(index, 0, ...copy.slice(index, index + byte))
        }
        const bytes = Uint8Array.from(copy)
        let value: unknown
        const error = attempt(bytes, () => {
          value = decode(name, bytes)
        })
        for (const one of viewed) attempt(bytes, () => readView(one, bytes))
        if (error !== undefined) {
          refused++
          return
        }
        let theirs: unknown
        try {
          theirs = decodeByProtobufJs(name, bytes)
        } catch {
          return
        }
        read++
        assert.deepEqual(plain(value), plain(theirs))
      }),
      { numRuns: 3000 },
    )
    assert.ok(read > 200 && refused > 200, `${read} read, ${refused} refused`)
  })

  it('answer noise with a typed error or a value, for every type', () => {
    const names = schema.messages.map(({ name }) => name)
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 300 }), (name, bytes) => {
        attempt(bytes, () => decode(name, bytes))
      }),
      { numRuns: 6000 },
    )
  })

  const refused: readonly (readonly [what: string, hex: string, reason: string, offset: number])[] = [
    ['a length of 4 GiB', '0affffffff0f', 'truncated', 1],
    ['a length of more than 32 bits', '0affffffffff01', 'malformed', 1],
    ['a tag of more than 32 bits', 'ffffffffff01', 'malformed', 0],
    ['a field number 0', '0200', 'malformed', 0],
    ['a varint of eleven bytes', '00ffffffffffffffffffff01', 'malformed', 0],
    ['an end of a group that did not begin', '0c', 'malformed', 1],
    ['wire type 6', '0e', 'malformed', 1],
    ['text that is no UTF-8', '0a01ff', 'invalid-utf8', 2],
    ['a surrogate in UTF-8', '0a03eda080', 'invalid-utf8', 2],
    ['an overlong form in UTF-8', '0a02c080', 'invalid-utf8', 2],
    ['groups nested a thousand deep', 'bb3e'.repeat(1000), 'too-deep', 2],
    ['a group without an end', 'bb3e0801', 'truncated', 4],
  ]
  for (const [what, hex, reason, offset] of refused) {
    it(`refuse ${what}, and say where`, () => {
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
      const error = attempt(bytes, () => decode('Resource', bytes))
      assert.equal(error?.reason, reason)
      assert.equal(error.offset, offset)
    })
  }

  it('take the last of two values, and merge the parts of a message', () => {
    const parts = [
      encode('Message', { topic: { resourceNamespace: 'n', name: 'first' }, systemProperties: { tag: 'a', keys: ['1'] }, body: Uint8Array.of(1) }),
      encode('Message', { topic: { name: 'second' }, systemProperties: { keys: ['2'], messageId: 'id' }, body: Uint8Array.of(2) }),
    ]
    const bytes = Uint8Array.from(Buffer.concat(parts))
    const message = decode('Message', bytes)
    assert.deepEqual(plain(message), plain(decodeByProtobufJs('Message', bytes)))
    assert.deepEqual(message['topic'], { resourceNamespace: 'n', name: 'second' })
  })
})

describe('the views', () => {
  for (const name of viewed) {
    it(`of ${name} give what its decoder gives, also when its fields come in parts, and their offsets lead to the content`, () => {
      const value = messageValue(name)
      fc.assert(
        fc.property(value, fc.option(value, { freq: 2 }), (first, second) => {
          const bytes = Uint8Array.from(Buffer.concat([encode(name, first), ...(second === null ? [] : [encode(name, second)])]))
          compare(name, bytes)
        }),
        { numRuns: 150 },
      )
    })
  }

  function compare(name: TypeName, bytes: Uint8Array): void {
    const decoded = decode(name, bytes)
    const given = view(name, bytes)
    for (const field of messageType(name).fields) {
      const oneof = field.oneof === undefined ? undefined : (decoded[field.oneof] as { readonly case: string; readonly value: unknown } | undefined)
      const expected = field.oneof === undefined ? decoded[field.name] : oneof?.case === field.name ? oneof.value : undefined
      assert.deepEqual(plain(unview(field.type.kind === 'message' ? field.type.name : undefined, given[field.name])), plain(expected), field.name)
      const [start, end] = [given[`${field.name}Start`], given[`${field.name}End`]]
      if (typeof start !== 'number' || typeof end !== 'number') continue
      if (start === -1) {
        assert.ok(expected === undefined || expected === '' || (expected as Uint8Array).length === 0, field.name)
        continue
      }
      const content = bytes.subarray(start, end)
      if (field.type.kind === 'string') assert.equal(Buffer.from(content).toString(), expected)
      else if (field.type.kind === 'bytes') assert.deepEqual(plain(content), plain(expected))
      else if (field.type.kind === 'message' && given['duplicated'] === false && expected !== undefined) {
        assert.deepEqual(plain(decode(field.type.name, content)), plain(expected))
      }
    }
    if (name === 'Message') {
      const inner = given['systemPropertiesView']
      assert.deepEqual(plain(unview('SystemProperties', inner)), plain(decoded['systemProperties']))
    }
  }

  /** Views within a view as decoded values, read through their own getters. */
  function unview(name: TypeName | undefined, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => unview(name, item))
    if (name === undefined || typeof value !== 'object' || value === null || !('bytes' in value) || !('duplicated' in value)) return value
    return Object.fromEntries(messageType(name).fields.map((field) => [field.name, Reflect.get(value, field.name)]))
  }
})
