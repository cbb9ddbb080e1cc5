import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HeaderCoding } from './header-coding.ts'
import type { Fields, FieldWriter, PreparedFields } from './stream.ts'

const end = (): HeaderCoding => new HeaderCoding(100_000, 1_000)

/** What the one writes, as a buffer of its own. */
function encoded(writer: HeaderCoding, fields: FieldWriter): Buffer {
  writer.encode(fields)
  return Buffer.from(writer.block.bytes.subarray(0, writer.block.length))
}

function decoded(reader: HeaderCoding, block: Buffer): Fields {
  assert.equal(reader.decode(block, 0, block.length), 'ok')
  return reader.fields
}

const head: PreparedFields = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
]
const flat = (prepared: PreparedFields): string[] => prepared.flat()
const writesHead: FieldWriter = (sink) => sink.fields(head)

describe('header compression of a connection', () => {
  it('reads a block that comes again as the same list, which later blocks do not change', () => {
    const [writer, reader] = [end(), end()]
    decoded(reader, encoded(writer, writesHead))
    const first = decoded(reader, encoded(writer, writesHead))
    decoded(
      reader,
      encoded(writer, (sink) => sink.field('grpc-status', '0', 'plain')),
    )
    decoded(
      reader,
      encoded(writer, (sink) => sink.field('x', 'y', 'plain')),
    )
    assert.deepEqual(first, flat(head))
    const known = decoded(reader, encoded(writer, writesHead))
    assert.equal(decoded(reader, encoded(writer, writesHead)), known)
    assert.deepEqual(known, flat(head))
  })

  it('reads the same bytes anew when what they refer to has changed', () => {
    const reader = end()
    const literal = (value: string): Buffer => Buffer.concat([Buffer.from([0x40, 1]), Buffer.from('n'), Buffer.from([1]), Buffer.from(value)])
    const newest = Buffer.from([0x80 | 62])
    decoded(reader, literal('a'))
    assert.deepEqual(decoded(reader, newest), ['n', 'a'])
    assert.deepEqual(decoded(reader, newest), ['n', 'a'])
    decoded(reader, literal('b'))
    assert.deepEqual(decoded(reader, newest), ['n', 'b'])
    // 6.3: the table is emptied by its size, after which there is nothing to refer to.
    decoded(reader, Buffer.from([0x20]))
    assert.throws(() => reader.decode(newest, 0, 1), { code: 'COMPRESSION_ERROR' })
  })

  it('takes a change of the table of every block that brings one', () => {
    const reader = end()
    // The size, 0, and a field of the static table; then 31 + 4065 = 4096 and the same field.
    const [none, all] = [Buffer.from([0x20, 0x88]), Buffer.from([0x3f, 0xe1, 0x1f, 0x88])]
    const literal = Buffer.from([0x40, 1, 0x6e, 1, 0x61])
    for (const [size, entries] of [
      [all, 1],
      [none, 0],
      [all, 1],
      [none, 0],
    ] as const) {
      decoded(reader, size)
      decoded(reader, literal)
      if (entries === 1) assert.deepEqual(decoded(reader, Buffer.from([0xbe])), ['n', 'a'])
    }
    assert.throws(() => reader.decode(Buffer.from([0xbe]), 0, 1), { code: 'COMPRESSION_ERROR' })
    decoded(reader, all)
    for (let times = 0; times < 3; times += 1) decoded(reader, literal)
    assert.deepEqual(decoded(reader, Buffer.from([0xbe, 0xbf, 0xc0])), ['n', 'a', 'n', 'a', 'n', 'a'])
  })

  it('carries whatever lists are given, prepared or field by field, while tables grow and shrink', () => {
    const name = fc.constantFrom('a', 'content-type', ':path', 'x-long-name-of-a-header')
    const value = fc.oneof(
      fc.constantFrom('', '0', 'trailers', '/'),
      fc.string({ unit: 'binary-ascii', maxLength: 80 }),
      fc.constant('v'.repeat(1_200)),
    )
    const list = fc.array(fc.tuple(name, value), { maxLength: 6 })
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ prepared: fc.array(fc.nat(4), { maxLength: 3 }), plain: list }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 40, 100, 4_096) },
    )
    fc.assert(
      fc.property(fc.array(list, { minLength: 5, maxLength: 5 }), fc.array(step, { maxLength: 40 }), (lists, steps) => {
        const [writer, reader] = [end(), end()]
        for (const one of steps) {
          if (typeof one === 'number') {
            writer.setPeerTableSize(one)
            continue
          }
          const prepared = one.prepared.map((index) => lists[index] as PreparedFields)
          const block = encoded(writer, (sink) => {
            for (const fields of prepared) sink.fields(fields)
            for (const [key, text] of one.plain) sink.field(key, text, 'plain')
          })
          assert.deepEqual(decoded(reader, block), [...prepared.flatMap(flat), ...flat(one.plain)])
        }
      }),
    )
  })
})
