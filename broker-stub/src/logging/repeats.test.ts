import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { Repeats } from './repeats.ts'

describe('what repeats in the log', () => {
  let clock: VirtualClock
  let repeats: Repeats
  let told: string[]
  beforeEach(() => {
    clock = fixedClock()
    repeats = new Repeats(clock)
    told = []
  })
  afterEach(() => repeats.close())

  const pass = (key: string, what: string): void => repeats.pass(key, (times) => told.push(`${what} ${times}`))

  it('is told at once the first time, then once a second with how often it was', async () => {
    for (const what of ['a', 'b', 'c']) pass('key', what)
    assert.deepEqual(told, ['a 1'])
    await clock.advance('1s')
    assert.deepEqual(told, ['a 1', 'c 2'])
    pass('key', 'd')
    await clock.advance('1s')
    assert.deepEqual(told, ['a 1', 'c 2', 'd 1'])
    await clock.advance('2s')
    pass('key', 'e')
    assert.deepEqual(told, ['a 1', 'c 2', 'd 1', 'e 1'])
  })

  it('does not hold back what is something else', () => {
    pass('one', 'a')
    pass('other', 'b')
    assert.deepEqual(told, ['a 1', 'b 1'])
  })

  it('is told before the log ends', () => {
    pass('key', 'a')
    pass('key', 'b')
    repeats.close()
    assert.deepEqual(told, ['a 1', 'b 1'])
  })
})
