import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { clampTimeout, formatGrpcTimeout, LONGEST_TIMEOUT, parseGrpcTimeout } from './timeout.ts'

describe('timeouts', () => {
  it('are never shortened on the wire, hardly lengthened, and have 8 digits at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: LONGEST_TIMEOUT, noNaN: true }), (ms) => {
        const text = formatGrpcTimeout(ms)
        assert.match(text, /^\d{1,8}[HMSmun]$/)
        const read = parseGrpcTimeout(text) ?? -1
        assert.ok(read >= Math.min(ms, LONGEST_TIMEOUT) && read < ms + 1_001)
      }),
    )
  })

  it('are read in every unit and clamped', () => {
    assert.deepEqual(['1H', '2M', '3S', '4m', '5000u', '6000000n', '31535999M', '0m'].map(parseGrpcTimeout), [
      3_600_000,
      120_000,
      3_000,
      4,
      5,
      6,
      LONGEST_TIMEOUT,
      0,
    ])
    for (const malformed of ['', 'm', '123456789m', '-1m', '1.5S', '1 m', '1x', ' 1m', '1m ']) assert.equal(parseGrpcTimeout(malformed), undefined)
  })

  it('of callers are clamped to what a timer can wait', () => {
    assert.deepEqual([undefined, Number.POSITIVE_INFINITY, -1, 0, 5.5, 1e12].map(clampTimeout), [undefined, undefined, 0, 0, 5.5, LONGEST_TIMEOUT])
    assert.throws(() => clampTimeout(Number.NaN), RangeError)
  })
})
