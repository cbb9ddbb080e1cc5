import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { format, milliseconds } from './duration.ts'
import { FeatherMQError } from './errors.ts'

describe('durations', () => {
  it('are ms as numbers, and numbers with a unit as text', () => {
    for (const [text, ms] of [
      [250, 250],
      ['250ms', 250],
      ['1.5s', 1_500],
      ['20s', 20_000],
      ['5m', 300_000],
      ['12h', 43_200_000],
      ['7d', 604_800_000],
      [0, 0],
    ] as const) {
      assert.equal(milliseconds(text, 'x'), ms)
    }
  })

  it('are refused with the path of the option when they are anything else', () => {
    for (const wrong of ['', '20', 's', '-1s', '1 s', '1w', '1e3s', -1, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}, '1s1m', '0x1s']) {
      assert.throws(
        () => milliseconds(wrong, 'run.wait'),
        (error) => error instanceof FeatherMQError && error.code === 'INVALID_OPTION' && error.message.startsWith('run.wait must be '),
      )
    }
  })

  it('are refused outside of their limits, which the error names', () => {
    assert.throws(() => milliseconds('11s', 'x', 1_000, 10_000), /x must be 1s to 10s, not '11s'/)
  })

  it('come back from their own text', () => {
    fc.assert(fc.property(fc.nat(10 ** 12), (ms) => milliseconds(format(ms), 'x') === ms))
  })
})
