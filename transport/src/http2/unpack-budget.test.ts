import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { ManualClock } from './test-kit/manual-clock.ts'
import { UnpackBudget } from './unpack-budget.ts'

const MIB = 1024 * 1024

describe('UnpackBudget', () => {
  it('spends nothing on what is usual, however much it is', () => {
    const budget = new UnpackBudget(new ManualClock())
    const before = budget.limit(1_000)
    for (let index = 0; index < 100_000; index += 1) budget.spend(1_000, 20_000)
    assert.equal(budget.limit(1_000), before)
  })

  it('allows 64 MiB beyond that, then what is usual, and 8 MiB more each second', () => {
    const clock = new ManualClock()
    const budget = new UnpackBudget(clock)
    for (let index = 0; index < 16; index += 1) {
      assert.ok(budget.limit(0) >= 4 * MIB)
      budget.spend(0, 4 * MIB)
    }
    assert.equal(budget.limit(0), 0)
    assert.equal(budget.limit(1_000), 20_000)
    clock.advance(500)
    assert.equal(budget.limit(0), 4 * MIB)
    clock.advance(3_600_000)
    assert.equal(budget.limit(0), 64 * MIB)
  })
})
