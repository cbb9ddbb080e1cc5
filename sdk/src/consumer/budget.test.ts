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

  it('keeps room for what was asked for, until it came or will not come', () => {
    const share = new Budget(10, 1_000).open(() => {})
    share.reserve(6)
    assert.equal(share.room(), 4)
    share.release(1)
    share.add(50)
    assert.equal(share.room(), 4)
    share.release(5)
    assert.equal(share.room(), 9)
  })

  it('asks for as many as fit by the size that messages had so far, one at least while there is room at all', () => {
    const share = new Budget(100, 1_000).open(() => {})
    assert.equal(share.room(), 100)
    share.add(300)
    assert.equal(share.room(), 2)
    share.reserve(2)
    assert.equal(share.room(), 0, 'what may come counts with the size that it may have')
    share.release(2)
    share.add(300)
    share.add(300)
    assert.equal(share.room(), 1)
    share.add(300)
    assert.equal(share.room(), 0)
  })

  it('counts what a closed share still holds, and gives it to the others as it is given up', () => {
    let called = 0
    const budget = new Budget(3, 1_000)
    const first = budget.open(() => {})
    for (let count = 0; count < 3; count += 1) first.add(10)
    budget.close(first)
    const second = budget.open(() => {
      called += 1
    })
    assert.deepEqual([budget.held, second.room()], [3, 1], 'nobody is shut out')
    second.add(10)
    assert.equal(second.room(), 0)
    first.remove(10)
    first.remove(10)
    assert.ok(called > 0)
    assert.deepEqual([budget.held, second.room()], [2, 1])
    first.remove(10)
    assert.deepEqual([budget.held, second.room()], [1, 2])
  })
})
