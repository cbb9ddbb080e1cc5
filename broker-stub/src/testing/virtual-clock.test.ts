import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Clock, Timer } from '../clock.ts'
import { type VirtualClock, virtualClock } from './virtual-clock.ts'

const START = 1_700_000_000_000
const DAY = 86_400_000

/** The machine's time for a test: it stands still, and shows which timers are set. */
class Machine implements Clock {
  time = 0
  readonly timers = new Set<{ readonly due: number; readonly hold: boolean; readonly callback: () => void }>()

  now(): number {
    return START + this.time
  }

  monotonic(): number {
    return this.time
  }

  setTimer(callback: () => void, delay: number, hold = false): Timer {
    const timer = { due: this.time + Math.max(0, delay), hold, callback }
    this.timers.add(timer)
    return { cancel: () => this.timers.delete(timer) }
  }

  flow(duration: number): void {
    this.time += duration
    for (const timer of [...this.timers]) {
      if (timer.due > this.time) continue
      this.timers.delete(timer)
      timer.callback()
    }
  }
}

/** A clock, and what its timers called at which time. */
function clockOf(options: { readonly frozen?: boolean }) {
  const machine = new Machine()
  const clock: VirtualClock = virtualClock({ ...options, base: machine })
  const calls: string[] = []
  const set = (name: string, delay: number, then?: () => void): Timer =>
    clock.setTimer(() => {
      calls.push(`${name} ${clock.monotonic()}`)
      then?.()
    }, delay)
  return { machine, clock, calls, set }
}

describe('a frozen clock', () => {
  it('stands still whatever the machine does, from whole milliseconds of its time on', () => {
    const machine = new Machine()
    machine.time = 12.75
    const clock = virtualClock({ frozen: true, base: machine })
    machine.flow(5_000)
    assert.equal(clock.now(), START + 12)
    assert.equal(clock.monotonic(), 12)
  })

  it('moves by what it is advanced, wall time and monotonic time alike', async () => {
    const { clock } = clockOf({ frozen: true })
    for (const [duration, sum] of [
      [250, 250],
      ['1.5s', 1_750],
      [0, 1_750],
      ['30d', 30 * DAY + 1_750],
    ] as const) {
      await clock.advance(duration)
      assert.equal(clock.monotonic(), sum)
      assert.equal(clock.now(), START + sum)
    }
  })

  it('sets no timer of the machine', () => {
    const { machine, set } = clockOf({ frozen: true })
    set('a', 10)
    assert.equal(machine.timers.size, 0)
  })

  it('calls what is due in order, each at its own time, and keeps the rest', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    for (const [name, delay] of [
      ['c', 300],
      ['a', 100],
      ['late', 301],
      ['b', 200],
      ['b2', 200],
      ['now', 0],
      ['past', -5],
    ] as const)
      set(name, delay)
    assert.deepEqual(calls, [])
    await clock.advance(300)
    assert.deepEqual(calls, ['now 0', 'past 0', 'a 100', 'b 200', 'b2 200', 'c 300'])
    await clock.advance(1)
    assert.equal(calls.at(-1), 'late 301')
  })

  it('calls timers that were set on the way, also by what a timer set off', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    set('first', 100, () => {
      set('nested', 50)
      set('at once', 0)
      set('beyond', 901)
      Promise.resolve().then(() => set('promised', 20))
      setImmediate(() => set('set off', 10))
    })
    set('last', 1_000)
    await clock.advance(1_000)
    assert.deepEqual(calls, ['first 100', 'at once 100', 'set off 110', 'promised 120', 'nested 150', 'last 1000'])
  })

  it('has waited for what the last timer set off when it resolves', async () => {
    const { clock, set } = clockOf({ frozen: true })
    let done = false
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      for (let turn = 0; turn < 50; turn++) await undefined
      done = true
    }
    set('a', 100, () => void work())
    await clock.advance(100)
    assert.equal(done, true)
  })

  it('lets what was begun before it is advanced set its timers first', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    setImmediate(() => set('begun', 40))
    await clock.advance(50)
    assert.deepEqual(calls, ['begun 40'])
  })

  it('calls no timer that was cancelled, not even by another one that is due with it', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    const before = set('before', 100)
    before.cancel()
    set('canceller', 100, () => {
      victim.cancel()
      later.cancel()
    })
    const victim = set('victim', 100)
    const later = set('later', 150)
    const kept = set('kept', 150, () => kept.cancel())
    await clock.advance(200)
    assert.deepEqual(calls, ['canceller 100', 'kept 150'])
    kept.cancel()
    await clock.advance(DAY)
    assert.equal(calls.length, 2)
  })

  it('clamps delays as every clock does', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    set('far', 30 * DAY)
    await clock.advance('30d')
    assert.deepEqual(calls, [`far ${2 ** 31 - 1}`])
  })

  it('fails to advance by what is no duration, and stays where it is', async () => {
    const { clock } = clockOf({ frozen: true })
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, 'soon', '-1s', '']) await assert.rejects(clock.advance(bad), RangeError, String(bad))
    assert.equal(clock.monotonic(), 0)
  })

  it('hands the failure of a timer to who advanced it, and goes on with the others the next time', async () => {
    const { clock, calls, set } = clockOf({ frozen: true })
    set('bad', 10, () => assert.fail('on purpose'))
    set('good', 20)
    await assert.rejects(clock.advance(30), /on purpose/)
    await clock.advance(30)
    assert.deepEqual(calls, ['bad 10', 'good 20'])
  })

  it('calls any timers in the order of their times, and of being set, in however many steps it gets there', async () => {
    const delays = fc.array(fc.nat(50), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(delays, fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }), async (all, steps) => {
        const { clock, calls, set } = clockOf({ frozen: true })
        for (const [index, delay] of all.entries()) set(String(index), delay)
        for (const step of steps) await clock.advance(step)
        const end = steps.reduce((sum, step) => sum + step, 0)
        const due = [...all.entries()].filter(([, delay]) => delay <= end).sort(([i, a], [j, b]) => a - b || i - j)
        assert.deepEqual(
          calls,
          due.map(([index, delay]) => `${index} ${delay}`),
        )
      }),
      { numRuns: 50 },
    )
  })
})

describe('a flowing clock', () => {
  it('runs with the machine, ahead of it by what it was advanced', async () => {
    const { machine, clock } = clockOf({})
    machine.flow(100)
    assert.equal(clock.monotonic(), 100)
    await clock.advance('12h')
    machine.flow(50)
    assert.equal(clock.monotonic(), 150 + DAY / 2)
    assert.equal(clock.now(), START + 150 + DAY / 2)
  })

  it('calls timers when the machine gets there', () => {
    const { machine, calls, set } = clockOf({})
    set('b', 200)
    set('a', 100)
    machine.flow(99)
    assert.deepEqual(calls, [])
    machine.flow(1)
    assert.deepEqual(calls, ['a 100'])
    machine.flow(500)
    assert.deepEqual(calls, ['a 100', 'b 600'])
  })

  it('calls timers when it is advanced, and never a second time when the machine gets there', async () => {
    const { machine, clock, calls, set } = clockOf({})
    set('a', 100)
    set('b', 300)
    await clock.advance(150)
    assert.deepEqual(calls, ['a 100'])
    // 150 ms are left for b, instead of 300.
    machine.flow(149)
    assert.deepEqual(calls, ['a 100'])
    machine.flow(1)
    assert.deepEqual(calls, ['a 100', 'b 300'])
    machine.flow(DAY)
    assert.equal(calls.length, 2)
  })

  it('keeps one timer of the machine at most, and none when nothing waits', async () => {
    const { machine, clock, set } = clockOf({})
    const timers = [500, 100, 300].map((delay) => set(String(delay), delay))
    assert.deepEqual(
      [...machine.timers].map(({ due, hold }) => [due, hold]),
      [[100, false]],
    )
    timers[1]?.cancel()
    assert.deepEqual(
      [...machine.timers].map(({ due }) => due),
      [300],
    )
    await clock.advance(400)
    assert.equal(machine.timers.size, 1)
    timers[0]?.cancel()
    assert.equal(machine.timers.size, 0)
  })

  it('goes on after a timer that throws', () => {
    const { machine, calls, set } = clockOf({})
    set('bad', 100, () => assert.fail('on purpose'))
    set('good', 100)
    assert.throws(() => machine.flow(100), /on purpose/)
    machine.flow(0)
    assert.deepEqual(calls, ['bad 100', 'good 100'])
  })
})

describe('a virtual timer that holds the process', () => {
  for (const frozen of [true, false]) {
    const held = (machine: Machine): number => [...machine.timers].filter(({ hold }) => hold).length

    it(`does so until it was called (${frozen ? 'frozen' : 'flowing'})`, async () => {
      const { machine, clock } = clockOf({ frozen })
      let called = 0
      clock.setTimer(() => called++, 100, true)
      assert.equal(held(machine), 1)
      await clock.advance(99)
      assert.equal(held(machine), 1)
      await clock.advance(1)
      assert.equal(called, 1)
      assert.equal(held(machine), 0)
    })

    it(`does so until it is cancelled (${frozen ? 'frozen' : 'flowing'})`, () => {
      const { machine, clock } = clockOf({ frozen })
      const timer = clock.setTimer(() => {}, 100, true)
      clock.setTimer(() => {}, 100)
      assert.equal(held(machine), 1)
      timer.cancel()
      assert.equal(held(machine), 0)
    })
  }
})
