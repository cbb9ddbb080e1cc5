import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { backoffDelay } from './backoff.ts'

describe('back-off', () => {
  it('grows to its cap and stays there, also after very many attempts', () => {
    const range = { initial: 100, max: 1_000 }
    const delays = [0, 1, 2, 3, 4, 5, 10_000].map((attempt) => Math.round(backoffDelay(range, attempt, () => 0.5)))
    assert.deepEqual(delays, [100, 160, 256, 410, 655, 1_000, 1_000])
  })

  it('varies by a fifth in both directions', () => {
    const range = { initial: 100, max: 1_000 }
    assert.equal(Math.round(backoffDelay(range, 0, () => 0)), 80)
    assert.equal(Math.round(backoffDelay(range, 0, () => 1)), 120)
  })
})
