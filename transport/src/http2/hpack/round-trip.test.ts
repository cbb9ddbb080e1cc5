import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HpackDecoder } from './decoder.ts'
import { type FieldMode, HpackEncoder } from './encoder.ts'
import { HpackError } from './error.ts'
import { HpackOutput } from './output.ts'

interface Field {
  readonly name: string
  readonly value: string
  readonly mode: FieldMode
}

const latin1 = (min: number, max: number, maxLength: number) =>
  fc.array(fc.integer({ min, max }), { maxLength }).map((codes) => String.fromCharCode(...codes))

const field: fc.Arbitrary<Field> = fc.record({
  name: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(':method', ':path', ':status', 'content-type', 'te', 'grpc-timeout', 'x-mq-client-id', 'authorization') },
    { weight: 1, arbitrary: latin1(0, 0xff, 30) },
  ),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('', 'GET', 'POST', '/', '200', 'trailers', 'application/grpc', '7', 'v'.repeat(50)) },
    { weight: 2, arbitrary: latin1(0x20, 0x7e, 60) },
    { weight: 1, arbitrary: latin1(0, 0xff, 60) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 5_000 }).map((length) => 'long '.repeat(length / 5)) },
  ),
  mode: fc.constantFrom<FieldMode>('index', 'index', 'plain', 'never'),
})

const tableSize = fc.constantFrom(0, 33, 64, 100, 500, 4_096, 10_000)
const fieldsOf = (maxLength: number): fc.Arbitrary<Field[]> => fc.array(field, { maxLength })

function encode(encoder: HpackEncoder, fields: readonly Field[]): Uint8Array {
  const output = new HpackOutput()
  encoder.begin(output)
  for (const { name, value, mode } of fields) encoder.field(name, value, mode)
  return output.bytes.slice(0, output.length)
}

const flat = (fields: readonly Field[]): string[] => fields.flatMap(({ name, value }) => [name, value])
const boundless = { maxListBytes: 10_000_000, maxFields: 10_000 }

describe('encoder and decoder of HPACK', () => {
  it('agree on every list and on the table, whatever is indexed, evicted and resized', () => {
    const step = fc.oneof({ weight: 4, arbitrary: fieldsOf(12) }, { weight: 1, arbitrary: fc.array(tableSize, { minLength: 1, maxLength: 3 }) })
    let evicted = 0
    fc.assert(
      fc.property(fc.array<Field[] | number[]>(step, { maxLength: 40, size: 'max' }), tableSize, (steps, ours) => {
        const encoder = new HpackEncoder({ maxTableSize: ours })
        const decoder = new HpackDecoder(boundless)
        let entries = 0
        for (const one of steps) {
          if (typeof one[0] === 'number') {
            for (const size of one as number[]) {
              encoder.setPeerTableSize(size)
              decoder.setMaxTableSize(size)
            }
            continue
          }
          const fields = one as Field[]
          const bytes = encode(encoder, fields)
          const into: string[] = []
          assert.equal(decoder.decode(bytes, 0, bytes.length, into), 'ok')
          assert.deepEqual(into, flat(fields))
          assert.deepEqual(decoder.table.entries(), encoder.table.entries())
          assert.equal(decoder.table.size, encoder.table.size)
          assert.equal(decoder.table.maxSize, encoder.table.maxSize)
          if (encoder.table.length < entries) evicted += 1
          entries = encoder.table.length
        }
      }),
      { numRuns: 150 },
    )
    console.log('EVICTED', evicted)
    assert.ok(evicted > 20, `${evicted} blocks evicted entries`)
  })

  it('agree on the table also when lists are too large, and the decoder gives what has room', () => {
    fc.assert(
      fc.property(
        fc.array(fieldsOf(12), { maxLength: 10 }),
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 0, max: 8 }),
        (blocks, maxListBytes, maxFields) => {
          const encoder = new HpackEncoder()
          const decoder = new HpackDecoder({ maxListBytes, maxFields })
          for (const fields of blocks) {
            const bytes = encode(encoder, fields)
            const into: string[] = []
            const outcome = decoder.decode(bytes, 0, bytes.length, into)
            let left = maxListBytes
            let room = 0
            while (room < Math.min(maxFields, fields.length)) {
              left -= (fields[room]?.name.length ?? 0) + (fields[room]?.value.length ?? 0) + 32
              if (left < 0) break
              room += 1
            }
            assert.equal(outcome, room === fields.length ? 'ok' : 'too-large')
            assert.deepEqual(into, flat(fields.slice(0, room)))
            assert.deepEqual(decoder.table.entries(), encoder.table.entries())
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('agree that a block that is cut off anywhere is an error, or the fields up to there', () => {
    fc.assert(
      fc.property(fieldsOf(8), fieldsOf(8), (before, fields) => {
        const encoder = new HpackEncoder()
        const first = encode(encoder, before)
        const whole = encode(encoder, fields)
        let complete = 0
        for (let end = 0; end < whole.length; end += 1) {
          const decoder = new HpackDecoder(boundless)
          decoder.decode(first, 0, first.length, [])
          const into: string[] = []
          try {
            decoder.decode(whole.subarray(0, end), 0, end, into)
            complete += 1
            assert.ok(into.length === 2 * (complete - 1), 'a cut between two fields')
          } catch (error) {
            assert.ok(error instanceof HpackError, String(error))
            assert.equal(error.reason, 'truncated')
            assert.equal(error.offset, end)
          }
          assert.deepEqual(into, flat(fields).slice(0, into.length))
        }
        assert.equal(complete, fields.length)
      }),
      { numRuns: 15 },
    )
  })
})
