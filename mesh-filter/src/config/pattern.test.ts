import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { durationMs } from './duration.ts'
import { matchesPattern } from './pattern.ts'

describe('matchesPattern', () => {
  it('agrees with a regular expression on any pattern and text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value)
        assert.equal(matchesPattern(pattern, value), expected)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('durationMs', () => {
  it('reads every unit, fractions too, and nothing else', () => {
    assert.deepEqual(['1ms', '2s', '3m', '4h', '5d', '1.5s'].map(durationMs), [1, 2000, 180_000, 14_400_000, 432_000_000, 1500])
    for (const text of ['', '1', 's', '-1s', '1 s', '1.s', '.5s', '1w', '1sm', '1e3s']) assert.equal(durationMs(text), undefined, text)
  })
})
