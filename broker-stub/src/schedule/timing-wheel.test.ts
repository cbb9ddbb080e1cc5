import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Clock, Timer } from '../clock.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { type DueTarget, TimingWheel } from './timing-wheel.ts'

const TICK = 10
const DAY = 86_400_000
/** Times are doubles; what they are added up to is not exact to the last bit. */
const ROUNDING = 1e-6

/** Time that moves only when told to, in two ways: punctually, and as it does for a process that was too busy to look. */
class StillClock implements Clock {
  time: number
  /** After each timer. */
  check: () => void = () => {}
  #calls = 0
  readonly #timers = new Set<{ readonly due: number; readonly callback: () => void }>()

  constructor(time: number) {
    this.time = time
  }

  get armed(): number {
    return this.#timers.size
  }

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.time
  }

  setTimer(callback: () => void, delay: number): Timer {
    const timer = { due: this.time + Math.min(Math.max(delay, 0), 2 ** 31 - 1), callback }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }

  /** Calls each timer at its own time. */
  pass(duration: number): void {
    const end = this.time + duration
    for (let timer = this.#first(end); timer !== undefined; timer = this.#first(end)) {
      this.time = Math.max(this.time, timer.due)
      timer.callback()
      this.check()
    }
    this.time = end
  }

  /** Lets the time pass first, and calls the timers then. */
  block(duration: number): void {
    this.time += duration
    for (let timer = this.#first(this.time); timer !== undefined; timer = this.#first(this.time)) {
      timer.callback()
      this.check()
    }
  }

  #first(end: number): { readonly callback: () => void; readonly due: number } | undefined {
    const [first] = [...this.#timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
    if (first === undefined) return undefined
    this.#timers.delete(first)
    assert.ok(++this.#calls < 1_000_000, 'the same timer is armed for ever')
    return first
  }
}

/** What a target does when it is called. */
type Reaction = { readonly kind: 'add'; readonly delay: number } | { readonly kind: 'cancel'; readonly pick: number }

type Step =
  | Reaction
  | { readonly kind: 'add-reacting'; readonly delay: number; readonly reaction: Reaction }
  | { readonly kind: 'pass'; readonly duration: number }
  | { readonly kind: 'block'; readonly duration: number }

interface Entry {
  readonly id: number
  readonly at: number
  readonly added: number
  readonly order: number
  state: 'waiting' | 'called' | 'cancelled'
}

/** The wheel beside the plainest thing that keeps the same promises: a list of all that was ever added. */
class Comparison {
  readonly clock: StillClock
  readonly wheel: TimingWheel
  readonly #origin: number
  readonly #entries: Entry[] = []
  #called: Entry[] = []

  constructor(origin: number) {
    this.#origin = origin
    this.clock = new StillClock(origin)
    this.wheel = new TimingWheel(this.clock, TICK)
    this.clock.check = () => this.#checkArmed()
  }

  run(step: Step): void {
    const from = this.clock.time
    this.#called = []
    if (step.kind === 'pass' || step.kind === 'block') this.clock[step.kind](step.duration)
    else {
      if (step.kind === 'add-reacting') this.#add(step.delay, step.reaction)
      else this.#react(step)
      assert.deepEqual(this.#called, [], 'nothing is called on the turn of its adding')
    }
    this.#checkOrder(from)
    this.#checkRest()
  }

  #react(reaction: Reaction): void {
    if (reaction.kind === 'add') {
      this.#add(reaction.delay)
      return
    }
    const entry = this.#entries[reaction.pick % Math.max(1, this.#entries.length)]
    if (entry === undefined) return
    // As likely as not its time was over long ago, and its place was given to another.
    this.wheel.cancel(entry.id)
    if (entry.state === 'waiting') entry.state = 'cancelled'
  }

  #add(delay: number, reaction?: Reaction): void {
    const added = this.clock.time
    const target: DueTarget = {
      onDue: () => {
        assert.equal(entry.state, 'waiting')
        assert.ok(this.clock.time >= entry.at, `called ${entry.at - this.clock.time} ms early`)
        entry.state = 'called'
        this.#called.push(entry)
        if (reaction !== undefined) this.#react(reaction)
      },
    }
    const entry: Entry = { id: this.wheel.add(added + delay, target), at: added + delay, added, order: this.#entries.length, state: 'waiting' }
    this.#entries.push(entry)
  }

  /** By tick, then in the order of adding. What was added late has no tick of its own. */
  #checkOrder(from: number): void {
    const tick = ({ at }: Entry): number => {
      let number = Math.round((at - this.#origin) / TICK) + 1
      while (this.#origin + (number - 1) * TICK >= at) number--
      return number
    }
    const punctual = this.#called.filter(({ at, added }) => at > added && added <= from)
    assert.deepEqual(
      punctual.map(({ order }) => order),
      [...punctual].sort((a, b) => tick(a) - tick(b) || a.order - b.order).map(({ order }) => order),
    )
  }

  #checkRest(): void {
    const waiting = this.#entries.filter(({ state }) => state === 'waiting')
    for (const { at, added } of waiting) assert.ok(this.clock.time < Math.max(at, added) + TICK + ROUNDING, 'called more than a tick late')
    assert.equal(this.wheel.size, waiting.length)
    this.#checkArmed()
  }

  #checkArmed(): void {
    assert.equal(this.clock.armed, this.wheel.size === 0 ? 0 : 1)
  }
}

const delay = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.double({ min: -100, max: 6_000, noNaN: true }),
  fc.integer({ min: 0, max: 400 }).map((ticks) => ticks * TICK),
  fc.integer({ min: 0, max: 3_600_000 }),
  fc.integer({ min: 0, max: 30 * DAY }),
)
const duration = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 6_000 }), fc.integer({ min: 0, max: 2 * DAY }))
const reaction = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), delay }),
  fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(200) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: reaction, weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('add-reacting' as const), delay, reaction }), weight: 2 },
  {
    arbitrary: fc.oneof(fc.record({ kind: fc.constant('pass' as const), duration }), fc.record({ kind: fc.constant('block' as const), duration })),
    weight: 3,
  },
)
/** As `performance.now()` gives it: with six digits after the point. */
const origin = fc.integer({ min: 0, max: 10 ** 12 }).map((nanoseconds) => nanoseconds / 1e6)

/** A wheel of 10 ms ticks, and what it called so far. */
function wheelAt(origin: number, tick = TICK) {
  const clock = new StillClock(origin)
  const wheel = new TimingWheel(clock, tick)
  const called: string[] = []
  const add = (name: string, delay: number, then?: () => void): number =>
    wheel.add(clock.time + delay, {
      onDue: () => {
        called.push(name)
        then?.()
      },
    })
  return { clock, wheel, called, add }
}

describe('the timing wheel', () => {
  it('keeps its promises whatever is added, cancelled and waited for, from within its targets too', () => {
    fc.assert(
      fc.property(origin, fc.array(step, { maxLength: 60, size: 'max' }), (start, steps) => {
        const comparison = new Comparison(start)
        for (const each of steps) comparison.run(each)
        // Reactions reach thirty days from then.
        for (const rest of [31 * DAY, 31 * DAY]) comparison.run({ kind: 'pass', duration: rest })
        assert.equal(comparison.wheel.size, 0)
      }),
      { numRuns: 2_000 },
    )
  })

  it('calls what thousands of timers ask for, in order, and cancels any of them', () => {
    const { clock, wheel, called, add } = wheelAt(0)
    const ids = Array.from({ length: 5_000 }, (_, index) => add(String(index), 1_000 + ((index * 7_919) % 5_000) * TICK))
    for (let index = 0; index < ids.length; index += 2) wheel.cancel(ids[index] ?? -1)
    assert.equal(wheel.size, 2_500)
    clock.pass(60_000)
    const expected = ids.map((_, index) => index).filter((index) => index % 2 === 1)
    expected.sort((a, b) => ((a * 7_919) % 5_000) - ((b * 7_919) % 5_000))
    assert.deepEqual(called, expected.map(String))
  })

  it('calls the timers of one tick in the order of adding, though the first was added from much farther away', () => {
    const { clock, called, add } = wheelAt(0)
    add('first', 10_000)
    add('stop', 7_600)
    clock.pass(7_600)
    add('second', 2_400)
    clock.pass(2_400)
    assert.deepEqual(called, ['stop', 'first', 'second'])
  })

  it('does not call early what the last target adds while the clock is late', () => {
    const { clock, called, add } = wheelAt(0)
    // Tick 266, which has the slot of tick 10 on the next turn of the lowest level.
    add('late', 100, () => add('next', 60))
    clock.block(2_600)
    assert.deepEqual(called, ['late'])
    clock.pass(59)
    assert.deepEqual(called, ['late'])
    clock.pass(1)
    assert.deepEqual(called, ['late', 'next'])
  })

  it('does not arm a timer for a tick for ever when the sum of times is rounded down', () => {
    const { clock, called, add } = wheelAt(54_990.13071450449)
    add('due', 16_390)
    clock.pass(16_390 + TICK)
    assert.deepEqual(called, ['due'])
  })

  it('ignores the id of a timer that was called or cancelled when its place is used again', () => {
    const { clock, wheel, called, add } = wheelAt(0)
    const gone = add('gone', 10)
    clock.pass(10)
    const cancelled = add('cancelled', 10)
    wheel.cancel(cancelled)
    add('kept', 10)
    for (const id of [gone, cancelled, cancelled, -1, 10 ** 15]) wheel.cancel(id)
    assert.equal(wheel.size, 1)
    clock.pass(10)
    assert.deepEqual(called, ['gone', 'kept'])
  })

  it('waits for what is farther away than its levels reach', () => {
    const { clock, called, add } = wheelAt(0, 1)
    // 2^32 ticks of a millisecond are 49.7 days.
    add('far', 120 * DAY)
    add('near', 40 * DAY)
    clock.pass(120 * DAY - 1)
    assert.deepEqual(called, ['near'])
    clock.pass(1)
    assert.deepEqual(called, ['near', 'far'])
  })

  it('lets a target cancel another one of the same tick, and add to a tick that is being called', () => {
    const { clock, wheel, called, add } = wheelAt(0)
    const ids: number[] = []
    add('canceller', 20, () => {
      wheel.cancel(ids[0] ?? -1)
      add('added', 0)
    })
    ids.push(add('victim', 20))
    add('after', 20)
    clock.pass(20)
    assert.deepEqual(called, ['canceller', 'after'])
    clock.pass(TICK)
    assert.deepEqual(called, ['canceller', 'after', 'added'])
    assert.equal(clock.armed, 0)
  })

  it('calls nothing once it is closed, not even the rest of the tick that it was closed in', () => {
    const { clock, wheel, called, add } = wheelAt(0)
    add('closer', 20, () => wheel.close())
    add('same tick', 20)
    add('later', 50)
    clock.pass(1_000)
    add('after', 10)
    assert.equal(clock.armed, 0)
    clock.pass(1_000)
    assert.deepEqual(called, ['closer'])
  })

  it('calls everything at its own time on a frozen virtual clock, wherever that one starts', async () => {
    for (const start of [0, 379.267184, 561.712229, 17_407.755018, 64_933.096432]) {
      const base = { now: () => start, monotonic: () => start, setTimer: () => assert.fail('a frozen clock sets no timer') }
      const clock = virtualClock({ frozen: true, base })
      const wheel = new TimingWheel(clock)
      const late: number[] = []
      for (const ticks of [1, 167, 187, 337, 1_569, 100_000]) {
        const at = clock.monotonic() + ticks * TICK
        wheel.add(at, { onDue: () => late.push(clock.monotonic() - at) })
      }
      await clock.advance('1h')
      assert.equal(late.length, 6)
      for (const ms of late) assert.ok(ms >= -ROUNDING && ms <= TICK + ROUNDING, `${ms} ms late`)
    }
  })
})
