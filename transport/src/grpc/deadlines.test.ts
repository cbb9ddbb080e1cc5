import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { ManualClock } from '../http2/test-kit/manual-clock.ts'
import { type Awaiting, Deadlines } from './deadlines.ts'

/** Lateness that the tick allows, ms. */
const TICK = 10

class Call implements Awaiting {
  readonly #clock: ManualClock
  readonly #then: () => void
  passed: number | undefined

  constructor(clock: ManualClock, then: () => void = () => {}) {
    this.#clock = clock
    this.#then = then
  }

  onDeadline(): void {
    assert.equal(this.passed, undefined, 'told twice')
    this.passed = this.#clock.monotonic()
    this.#then()
  }
}

describe('Deadlines', () => {
  it('tells each call once, never early and at most a tick late, and none that was cancelled', () => {
    const delays = fc.array(fc.record({ delay: fc.nat(500), after: fc.nat(100), cancelled: fc.boolean() }), { maxLength: 30 })
    fc.assert(
      fc.property(delays, (plan) => {
        const clock = new ManualClock()
        const deadlines = new Deadlines(clock)
        const started = plan.map(({ delay, after, cancelled }) => {
          clock.advance(after)
          const call = new Call(clock)
          const due = clock.monotonic() + delay
          const tick = deadlines.add(call, deadlines.now + delay)
          if (cancelled) deadlines.cancel(call, tick)
          return { call, due, cancelled }
        })
        clock.advance(1_000)
        for (const { call, due, cancelled } of started) {
          if (cancelled) assert.equal(call.passed, undefined)
          else assert.ok(call.passed !== undefined && call.passed >= due && call.passed <= due + TICK, `${call.passed} for ${due}`)
        }
        assert.equal(clock.armed, 0)
      }),
    )
  })

  it('has one timer for all of them, and goes on to the next when the nearest was cancelled', () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const [far, near] = [new Call(clock), new Call(clock)]
    deadlines.add(far, deadlines.now + 1_000)
    const tick = deadlines.add(near, deadlines.now + 100)
    assert.equal(clock.armed, 1)
    deadlines.cancel(near, tick)
    clock.advance(500)
    assert.equal(clock.armed, 1)
    clock.advance(500)
    assert.equal(far.passed, 2_000)
    assert.equal(clock.armed, 0)
  })

  it('lets a call start another and cancel its neighbours while it is told', () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const late = new Call(clock)
    const first = new Call(clock, () => deadlines.add(late, deadlines.now + 0))
    deadlines.add(first, deadlines.now + 50)
    clock.advance(200)
    assert.ok(first.passed !== undefined && late.passed !== undefined)
  })

  it('does not tell a call of the same tick that another one cancels', () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const second = new Call(clock)
    let tick = 0
    const first = new Call(clock, () => deadlines.cancel(second, tick))
    deadlines.add(first, deadlines.now + 50)
    tick = deadlines.add(second, deadlines.now + 50)
    clock.advance(200)
    assert.notEqual(first.passed, undefined)
    assert.equal(second.passed, undefined)
  })

  it('forgets all of them when it is closed', () => {
    const clock = new ManualClock()
    const deadlines = new Deadlines(clock)
    const call = new Call(clock)
    deadlines.add(call, deadlines.now + 50)
    deadlines.close()
    assert.equal(clock.armed, 0)
    clock.advance(200)
    assert.equal(call.passed, undefined)
  })
})
