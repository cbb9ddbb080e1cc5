import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { HpackError } from './error.ts'
import { type Cursor, INTEGER_BYTES, readInteger, writeInteger } from './integer.ts'

const cursorOf = (bytes: readonly number[]): Cursor => ({ bytes: Uint8Array.from(bytes), at: 0, start: 0, end: bytes.length })
const written = (value: number, mask: number, pattern = 0): number[] => {
  const bytes = new Uint8Array(INTEGER_BYTES)
  return [...bytes.subarray(0, writeInteger(bytes, 0, pattern, mask, value))]
}
const masks = [0x0f, 0x1f, 0x3f, 0x7f, 0xff]

describe('integers of HPACK (RFC 7541, 5.1)', () => {
  it('are written and read as the examples of C.1 show', () => {
    for (const [value, mask, bytes] of [
      [10, 0x1f, [0x0a]], // C.1.1
      [1_337, 0x1f, [0x1f, 0x9a, 0x0a]], // C.1.2
      [42, 0xff, [0x2a]], // C.1.3
    ] as const) {
      assert.deepEqual(written(value, mask), bytes)
      assert.equal(readInteger(cursorOf(bytes), mask), value)
    }
  })

  it('leave the bits above the prefix to their owner', () => {
    assert.deepEqual(written(5, 0x1f, 0x20), [0x25])
    assert.deepEqual(written(31, 0x1f, 0x20), [0x3f, 0x00])
    assert.equal(readInteger(cursorOf([0xe5]), 0x1f), 5)
  })

  it('come back as they were, with any prefix, and the cursor stands behind them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(...masks), fc.boolean(), (large, mask, small) => {
        const value = small ? large % 300 : large
        const bytes = written(value, mask)
        const cursor = cursorOf([...bytes, 0xaa])
        assert.equal(readInteger(cursor, mask), value)
        assert.equal(cursor.at, bytes.length)
      }),
    )
  })

  it('may have leading zeros, but not more bytes than their limit', () => {
    assert.equal(readInteger(cursorOf([0x1f, 0x80, 0x80, 0x80, 0x80, 0x00]), 0x1f), 31)
    const cursor = cursorOf([0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00])
    assert.throws(() => readInteger(cursor, 0x1f), { name: 'HpackError', reason: 'integer', offset: 1 })
  })

  it('end at 2^32 - 1 and do not wrap around', () => {
    for (const mask of masks) {
      assert.equal(readInteger(cursorOf(written(0xffff_ffff, mask)), mask), 0xffff_ffff)
      const cursor = cursorOf(written(0x1_0000_0000, mask))
      assert.throws(() => readInteger(cursor, mask), { reason: 'integer' })
    }
  })

  it('that are cut off are refused, wherever the cut is', () => {
    const whole = written(0xffff_ffff, 0x0f)
    for (let length = 0; length < whole.length; length += 1) {
      assert.throws(() => readInteger(cursorOf(whole.slice(0, length)), 0x0f), new HpackError('truncated', length))
    }
  })
})
