import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { toMs } from './duration.ts'

describe('toMs', () => {
  it('takes a number for milliseconds', () => {
    for (const ms of [0, 1, 0.5, 86_400_000, Number.MAX_SAFE_INTEGER]) assert.equal(toMs(ms), ms)
  })

  it('reads every unit, fractions and blanks around it', () => {
    assert.deepEqual(
      ['250ms', '2s', '3m', '4h', '5d', '1.5s', '0s', ' 30s ', '007s'].map(toMs),
      [250, 2_000, 180_000, 14_400_000, 432_000_000, 1_500, 0, 30_000, 7_000],
    )
  })

  it('gives whole milliseconds for a text, though the product of doubles is none', () => {
    assert.equal(toMs('1.005s'), 1_005)
    assert.equal(toMs('2.3s'), 2_300)
    fc.assert(fc.property(fc.nat(10_000_000), (ms) => assert.equal(toMs(`${(ms / 1_000).toFixed(3)}s`), ms)))
  })

  it('refuses everything else by a RangeError that shows what it was', () => {
    const odd = [
      '',
      ' ',
      '1',
      's',
      '-1s',
      '+1s',
      '1 s',
      '1.s',
      '.5s',
      '1,5s',
      '1w',
      '1S',
      '1sm',
      '1s 1m',
      '1e3s',
      'Infinityms',
      'NaNs',
      '٣s',
      `${'9'.repeat(400)}d`,
    ]
    for (const text of odd)
      assert.throws(() => toMs(text), { name: 'RangeError', message: new RegExp(`^"${text.replace('+', '\\+')}" is no duration`) }, text)
    for (const number of [-1, -0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => toMs(number), { name: 'RangeError', message: new RegExp(`^${number} is no duration`) })
    }
  })

  it('refuses what JavaScript may hand it against its type, in the same way', () => {
    for (const value of [undefined, null, true, {}, [], 5n]) assert.throws(() => toMs(value as unknown as string), RangeError, String(value))
  })
})
