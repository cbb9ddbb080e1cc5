import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { Budget } from './budget.ts'

describe('the budget of the cache', () => {
  it('is shared out equally, at least one message each', () => {
    const budget = new Budget(10, 1_000)
    const shares = [1, 2, 3].map(() => budget.open(() => {}))
    assert.deepEqual(
      shares.map((share) => share.room()),
      [3, 3, 3],
    )
    const tiny = new Budget(1, 1)
    const two = [1, 2].map(() => tiny.open(() => {}))
    assert.deepEqual(
      two.map((share) => share.room()),
      [1, 1],
    )
  })

  it('stops by messages and by bytes, whichever is first, and calls in the moment there is room', () => {
    let called = 0
    const budget = new Budget(2, 100)
    const share = budget.open(() => {
      called += 1
    })
    share.add(100)
    assert.equal(share.room(), 0)
    share.remove(100)
    assert.equal(called, 1)
    share.add(1)
    share.add(1)
    assert.equal(share.room(), 0)
    assert.equal(called, 1)
    share.remove(1)
    assert.equal(called, 2)
    assert.equal(budget.held, 1)
  })

  it('calls nobody who has room anyway', () => {
    let called = 0
    const share = new Budget(2, 100).open(() => {
      called += 1
    })
    share.add(1)
    assert.equal(share.room(), 1)
    share.remove(1)
    assert.equal(called, 0)
  })

  it('gives what a closed share leaves to the others', () => {
    let called = 0
    const budget = new Budget(2, 100)
    const first = budget.open(() => {
      called += 1
    })
    const second = budget.open(() => {})
    first.add(1)
    assert.equal(first.room(), 0)
    budget.close(second)
    assert.equal(called, 1)
    assert.equal(first.room(), 1)
  })
})
