import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Budget, defaultBudgets, FloodGuard, type FloodKind } from './flood-guard.ts'
import { ManualClock } from './test-kit/manual-clock.ts'

function guard(budget: Budget): { readonly clock: ManualClock; readonly take: () => boolean } {
  const clock = new ManualClock()
  const guard = new FloodGuard(clock, { ...defaultBudgets, ping: budget })
  return { clock, take: () => guard.take('ping') }
}

describe('FloodGuard', () => {
  it('allows a burst and not one more', () => {
    const { take } = guard({ burst: 3, perSecond: 10 })
    assert.deepEqual([take(), take(), take(), take()], [true, true, true, false])
  })

  it('allows so many more each second, and no more than a burst after a long silence', () => {
    const { clock, take } = guard({ burst: 3, perSecond: 10 })
    for (let index = 0; index < 3; index += 1) take()
    clock.advance(100)
    assert.equal(take(), true)
    clock.advance(1_000_000)
    assert.deepEqual([take(), take(), take()], [true, true, true])
    clock.advance(99)
    assert.equal(take(), false)
  })

  it('counts every kind by itself', () => {
    const clock = new ManualClock()
    const budget: Budget = { burst: 1, perSecond: 1 }
    const guard = new FloodGuard(clock, { ...defaultBudgets, ping: budget, settings: budget })
    assert.equal(guard.take('ping'), true)
    assert.equal(guard.take('settings'), true)
    assert.equal(guard.take('ping'), false)
  })

  it('allows as many as were earned by what we sent, each once, up to a burst of them', () => {
    const guard = new FloodGuard(new ManualClock(), { ...defaultBudgets, ping: { burst: 3, perSecond: 0 } })
    const take = (earned: number): boolean => guard.take('ping', earned)
    for (let sent = 0; sent < 1_000; sent += 1) assert.equal(take(sent), true)
    let more = 0
    while (take(1_000)) more += 1
    assert.ok(more <= 3, String(more))
    assert.deepEqual([take(1_001), take(1_001)], [true, false])
    more = 0
    while (take(1_000_000)) more += 1
    assert.equal(more, 3)
  })

  it('allows nothing of a kind without a budget', () => {
    const { take } = guard({ burst: 0, perSecond: 0 })
    assert.equal(take(), false)
  })

  it('never stops who keeps to the rate, and always stops who sends more for long enough', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 40 })),
        (burst, perSecond, jitter) => {
          const honest = guard({ burst, perSecond })
          for (const ms of jitter) {
            honest.clock.advance(1_000 / perSecond + ms + 0.001)
            assert.equal(honest.take(), true)
          }
          const greedy = guard({ burst, perSecond })
          let sent = 0
          while (greedy.take()) {
            sent += 1
            greedy.clock.advance(1_000 / perSecond / 2)
          }
          assert.ok(sent <= burst * 2 + 2, `${sent} of ${burst}`)
        },
      ),
    )
  })

  it('has a budget for every kind by default', () => {
    const guard = new FloodGuard(new ManualClock())
    for (const kind of Object.keys(defaultBudgets) as FloodKind[]) assert.equal(guard.take(kind), true, kind)
  })
})
