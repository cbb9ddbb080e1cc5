import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { Hold } from './hold.ts'

/** Timers that the process would wait for. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('a hold', () => {
  it('keeps the process while anything of anybody is pending, and no longer', () => {
    const before = timers()
    const [one, other] = [new Hold(), new Hold()]
    assert.equal(timers(), before)
    one.acquire()
    one.acquire()
    other.acquire()
    assert.equal(timers(), before + 1, 'one timer for all of them')
    one.release()
    one.release()
    assert.equal(timers(), before + 1)
    other.release()
    assert.equal(timers(), before)
    other.acquire()
    assert.equal(timers(), before + 1, 'again')
    other.release()
    assert.equal(timers(), before)
  })
})
