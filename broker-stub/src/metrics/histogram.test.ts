import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { Histogram } from './histogram.ts'

const BOUNDS = [1, 3, 5, 100]

describe('a histogram', () => {
  it('counts a value at a bound within it, and one above all bounds in the last bucket', () => {
    const histogram = new Histogram(BOUNDS)
    for (const value of [0, 1, 1.001, 3, 100, 101, 1e9]) histogram.record(value)
    assert.deepEqual(histogram.cumulative, [2, 4, 4, 5, 7])
    assert.equal(histogram.count, 7)
    assert.equal(histogram.sum, 0 + 1 + 1.001 + 3 + 100 + 101 + 1e9)
  })

  it('counts every value once, in the buckets whose bound it does not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 })), fc.array(fc.integer({ min: 0, max: 200 })), (some, others) => {
        const [histogram, other] = [new Histogram(BOUNDS), new Histogram(BOUNDS)]
        for (const value of some) histogram.record(value)
        for (const value of others) other.record(value)
        histogram.add(other)
        const all = [...some, ...others]
        assert.deepEqual(
          histogram.cumulative,
          [...BOUNDS, Number.POSITIVE_INFINITY].map((bound) => all.filter((value) => value <= bound).length),
        )
        assert.equal(
          histogram.sum,
          all.reduce((sum, value) => sum + value, 0),
        )
      }),
    )
  })
})
