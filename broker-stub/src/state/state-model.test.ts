import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Clock } from '../clock.ts'
import { FileError } from '../files/files.ts'
import type { Effect, Match, Operation } from '../files/test-kit/faults.ts'
import type { State } from './open-state.ts'
import { StateWorld, turn, type WorldStateOptions } from './test-kit/state-world.ts'

type Step =
  | { readonly do: 'write'; readonly count: number; readonly size: number; readonly turns: number }
  | { readonly do: 'sync' | 'begin sync' | 'snapshot' | 'close' | 'heal' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'fault'; readonly match: Match; readonly effect: Effect }
  | { readonly do: 'crash'; readonly kind: 'kill' | 'power' }

const RUNS = process.env['FEATHERMQ_LONG'] === '1' ? 5_000 : 120

const CHANGES: readonly Operation[] = ['write', 'writeNow', 'sync', 'create', 'rename', 'syncFolder', 'remove', 'truncate']
const anyKind = fc.constantFrom('kill' as const, 'power' as const)
const anyMatch = fc.record({ operation: fc.constantFrom(...CHANGES), skip: fc.nat(3), times: fc.integer({ min: 1, max: 3 }) })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 6 }), size: fc.nat(400), turns: fc.nat(2) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('sync' as const, 'begin sync' as const, 'snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'heal' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(300, 1_000, 2_500) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      match: anyMatch,
      effect: fc.oneof(
        fc.record({ fail: fc.constantFrom('EIO', 'ENOSPC'), after: fc.nat(900) }),
        fc.record({ fail: fc.constant('EIO'), torn: fc.constant(true) }),
        fc.record({ crash: anyKind }),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const), kind: anyKind }) },
)

/** @returns how many of the records written make what was told, as far as one can tell; undefined when no number does. */
type Check = (written: readonly string[], told: readonly string[]) => number | undefined

/** What was written and what of it must be there: never less, never more, never in another order. */
class Model {
  readonly world: StateWorld
  readonly #options: WorldStateOptions
  readonly #check: Check
  written: string[] = []
  /** Of `written`, how many are there after a kill, and after a loss of power. */
  #killed = 0
  #lost = 0
  #crashes = 0
  #state: State | undefined
  #serial = 0

  constructor(seed: number, check: Check, options: WorldStateOptions) {
    this.world = new StateWorld({ seed })
    this.#check = check
    this.#options = options
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      const state = await this.#opened()
      await this.#step(state, step)
      await this.#settled()
    }
    this.world.disk.heal()
    // What met a fault before may still crash.
    await turn()
    const state = await this.#opened()
    await this.#settled()
    await this.world.clock.advance(2_500)
    assert.deepEqual(state.health, { healthy: true })
    await state.close()
    assert.equal(this.world.disk.openFiles, 0)
    this.#killed = this.#lost = this.written.length
    this.#state = undefined
    this.world.disk.crash('power', 'none')
    await (await this.#opened()).close()
    assert.deepEqual(this.world.disk.misuses, [])
  }

  async #step(state: State, step: Step): Promise<void> {
    const { disk, clock } = this.world
    switch (step.do) {
      case 'write':
        for (let left = step.count; left > 0; left--) {
          const text = `${this.#serial++}:`.padEnd(step.size, '.')
          this.written.push(text)
          state.write(1, Buffer.from(text))
        }
        for (let left = step.turns; left > 0; left--) await turn()
        break
      case 'sync': {
        const { length } = this.written
        const error = await state.sync().then(
          () => undefined,
          (thrown: unknown) => thrown,
        )
        if (error === undefined) this.#lost = Math.max(this.#lost, disk.crashes === this.#crashes ? length : 0)
        else assert.ok(error instanceof FileError, String(error))
        break
      }
      case 'begin sync':
        void state.sync().catch(() => {})
        break
      case 'snapshot':
        void state.snapshot().catch(() => {})
        await turn()
        break
      case 'advance':
        await clock.advance(step.ms)
        break
      case 'fault':
        disk.fault(step.match, step.effect)
        break
      case 'heal':
        disk.heal()
        break
      case 'close': {
        const { length } = this.written
        const closed = await state.close().then(
          () => true,
          () => false,
        )
        this.#state = undefined
        if (disk.crashes === this.#crashes) {
          if (closed) this.#killed = this.#lost = length
          else disk.crash('kill')
        }
        break
      }
      case 'crash':
        await undefined
        await undefined
        this.#note()
        disk.crash(step.kind)
    }
  }

  /** What a kill must leave from now on. */
  #note(): void {
    if (this.world.disk.crashes === this.#crashes && this.#state?.health.healthy === true) this.#killed = this.written.length
  }

  async #settled(): Promise<void> {
    await undefined
    await undefined
    this.#note()
  }

  /** The state of this process; after a crash that of the next one, whose history is judged. */
  async #opened(): Promise<State> {
    const { disk } = this.world
    if (this.#state !== undefined && disk.crashes === this.#crashes) return this.#state
    this.#state = undefined
    for (let attempt = 0; ; attempt++) {
      if (disk.crashKinds.slice(this.#crashes).includes('power')) this.#killed = this.#lost
      this.#crashes = disk.crashes
      try {
        const state = await this.world.open(this.#options)
        if (disk.crashes !== this.#crashes) continue
        this.#judge(state)
        this.#state = state
        return state
      } catch (error) {
        assert.ok(error instanceof FileError, String(error))
        if (attempt > 3) disk.heal()
      }
    }
  }

  #judge(state: State): void {
    const { texts } = this.world
    const count = this.#check(this.written, texts)
    assert.deepEqual(state.damage, [])
    assert.notEqual(count, undefined, `told what was never written so: ${texts.map((text) => text.replaceAll('.', '')).join(' ')}`)
    assert.ok((count ?? 0) >= this.#killed, `${count} of ${this.written.length} are left, ${this.#killed} were safe`)
    // The next life goes on from here, and all of it is on the disk for good.
    this.written = this.written.slice(0, count)
    this.#killed = this.#lost = this.written.length
  }
}

function slowClock(clock: () => Clock): Clock {
  let looks = 0
  return {
    now: () => clock().now(),
    monotonic: () => clock().monotonic() + 5 * looks++,
    setTimer: (callback, delay, hold) => clock().setTimer(callback, delay, hold),
  }
}

describe('state, whatever happens', () => {
  it('tells what was written up to some record: all of it after a kill, and after a loss of power all that was synced', async () => {
    const exactly = (written: readonly string[], told: readonly string[]): number | undefined =>
      told.every((text, index) => text === written[index]) ? told.length : undefined
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(anyStep, { maxLength: 30 }), async (seed, steps) => {
        const withoutSnapshots = steps.filter((step) => step.do !== 'snapshot')
        await new Model(seed, exactly, { snapshotAfter: 1e9 }).run(withoutSnapshots)
      }),
      { numRuns: RUNS },
    )
  }).timeout(RUNS * 500)

  it('is the same with snapshots at any moment, for records of which the last about a thing counts', async () => {
    // Each record is about one of a few things; what counts of it in the end is the number of the last.
    const KEYS = 5
    const serialOf = (text: string): number => Number(text.slice(0, text.indexOf(':')))
    const folded = (texts: readonly string[]): (string | undefined)[] => {
      const last: (string | undefined)[] = new Array(KEYS).fill(undefined)
      for (const text of texts) last[serialOf(text) % KEYS] = text
      return last
    }
    const same = (written: readonly string[], told: readonly string[]): number | undefined => {
      const state = folded(told)
      for (let count = written.length; count >= 0; count--) {
        if (folded(written.slice(0, count)).every((text, key) => text === state[key])) return count
      }
      return undefined
    }
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(anyStep, { maxLength: 30 }), async (seed, steps) => {
        const model: Model = new Model(seed, same, {
          snapshotAfter: 2_000,
          source: function* (emit) {
            for (let key = 0; key < KEYS; key++) {
              const text = folded(model.written)[key]
              if (text !== undefined) emit(1, Buffer.from(text))
              yield
            }
          },
          // Every look at the time takes longer than a slice: the event loop runs between any two things.
          clock: slowClock(() => model.world.clock),
        })
        await model.run(steps)
      }),
      { numRuns: RUNS },
    )
  }).timeout(RUNS * 500)
})
