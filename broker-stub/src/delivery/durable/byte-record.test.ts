import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { RecordReader, RecordWriter } from './byte-record.ts'

const kinds = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff, u48: 0xffff_ffff_ffff } as const
type Kind = keyof typeof kinds

const whole = fc.constantFrom<Kind>('u8', 'u16', 'u32', 'u48').chain((kind) => fc.maxSafeNat().map((n) => ({ kind, value: n % (kinds[kind] + 1) })))
const text = fc.record({
  kind: fc.constant('text' as const),
  value: fc.option(fc.string({ unit: 'binary', maxLength: 200 }), { nil: undefined }),
})
const real = fc.record({ kind: fc.constant('f64' as const), value: fc.double() })

describe('the fields of a record', () => {
  it('are read as they were written, whatever they are and however many', () => {
    const out = new RecordWriter()
    fc.assert(
      fc.property(fc.array(fc.oneof(whole, text, real), { maxLength: 300 }), (fields) => {
        out.begin()
        for (const field of fields) {
          if (field.kind === 'text') out.text(field.value)
          else out[field.kind](field.value)
        }
        const from = new RecordReader(out.done())
        for (const { kind, value } of fields) assert.deepEqual(from[kind](), value)
        assert.equal(from.left, 0)
      }),
    )
  })

  it('are as many as there are: the bytes grow at a field of any kind', () => {
    for (const kind of [...(Object.keys(kinds) as Kind[]), 'f64', 'text'] as const) {
      const out = new RecordWriter()
      out.begin()
      const values = Array.from({ length: 10_000 }, (_, n) => n % 200)
      for (const value of values) {
        if (kind === 'text') out.text(`${value}`)
        else out[kind](value)
      }
      const from = new RecordReader(out.done())
      assert.deepEqual(
        values.map(() => Number(from[kind]())),
        values,
        kind,
      )
    }
  })

  it('take the largest and the smallest numbers, and refuse those beyond', () => {
    const out = new RecordWriter()
    for (const kind of Object.keys(kinds) as Kind[]) {
      for (const value of [0, 1, kinds[kind]]) {
        out.begin()
        out[kind](value)
        assert.equal(new RecordReader(out.done())[kind](), value)
      }
      for (const value of [-1, kinds[kind] + 1, Number.NaN]) assert.throws(() => out[kind](value), RangeError, `${kind} ${value}`)
    }
  })
})
