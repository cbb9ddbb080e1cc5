import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FileError } from '../files/files.ts'
import type { Effect, Match, Operation } from '../files/test-kit/faults.ts'
import type { DueEntry } from './due-entry.ts'
import type { TimedKind } from './entry.ts'
import { HOUR } from './layout.ts'
import { MINUTE, message, TimedWorld, turns } from './test-kit/timed-world.ts'
import type { Timed, TimedOptions } from './timed.ts'

/** What the owner does when an entry comes. */
type Plan = 'done' | 'done later' | 'retry' | 'postpone' | 'keep'

type Step =
  | { readonly do: 'put'; readonly kind: TimedKind; readonly delay: number; readonly size: number; readonly count: number; readonly plan: Plan }
  | { readonly do: 'cancel' | 'take' | 'find'; readonly which: number }
  | { readonly do: 'postpone'; readonly which: number; readonly delay: number }
  | { readonly do: 'advance' | 'jump'; readonly ms: number }
  | { readonly do: 'fault'; readonly match: Match; readonly effect: Effect }
  | { readonly do: 'crash'; readonly kind: 'kill' | 'power' }
  | { readonly do: 'close' | 'heal' | 'turns' }

const RUNS = process.env['FEATHERMQ_LONG'] === '1' ? 5_000 : 150

const OPERATIONS: readonly Operation[] = ['write', 'sync', 'create', 'open', 'read', 'remove', 'syncFolder', 'list']
const anyKind = fc.constantFrom('kill' as const, 'power' as const)
const anyMatch = fc.record({ operation: fc.constantFrom(...OPERATIONS), skip: fc.nat(4), times: fc.integer({ min: 1, max: 3 }) })
const anyDelay = fc.oneof(
  fc.integer({ min: -1_000, max: 5_000 }),
  fc.integer({ min: 0, max: 20 }).map((n) => n * 15 * MINUTE),
)

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      kind: fc.constantFrom('delayed' as const, 'half' as const),
      delay: anyDelay,
      size: fc.constantFrom(0, 0, 700, 3_000, 40_000),
      count: fc.integer({ min: 1, max: 4 }),
      plan: fc.constantFrom<Plan>('done', 'done', 'done later', 'retry', 'postpone', 'keep'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('cancel' as const, 'take' as const, 'find' as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('postpone' as const), which: fc.nat(30), delay: anyDelay }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(20, 1_500, 20 * MINUTE, 70 * MINUTE) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(-2 * HOUR, -5_000, 7_000, 90 * MINUTE) }) },
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
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      // Nothing that opening needs: it would wait for ever.
      match: fc.record({
        operation: fc.constantFrom<Operation>('write', 'sync', 'create'),
        path: fc.constantFrom('.bucket', '.marks'),
        skip: fc.nat(2),
        times: fc.integer({ min: 1, max: 3 }),
      }),
      effect: fc.constant({ hold: true } as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), kind: anyKind }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'heal' as const, 'turns' as const) }) },
)

interface Known {
  readonly messageId: string
  readonly kind: TimedKind
  readonly size: number
  readonly plan: Plan
  id: string
  /** Its put was durable. */
  safe: boolean
  /** Somebody said, or tried to say, that it need not come. */
  ended: boolean
  /** And was told that it will not: it must not come. */
  cancelled: boolean
  /** Not before this. */
  earliest: number
  /** Postponements, and those of them that are going on. */
  moves: number
  moving: number
  /** In this life it is in the owner's hand. */
  inHand: DueEntry | undefined
  /** In this life it was done. */
  done: boolean
}

class Model {
  readonly world: TimedWorld
  readonly #options: Partial<TimedOptions>
  readonly #known: Known[] = []
  #timed: Timed | undefined
  #crashes = 0
  #life = 0
  #last = false

  constructor(seed: number, options: Partial<TimedOptions>) {
    this.world = new TimedWorld({ seed })
    this.#options = options
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#step(await this.#opened(), step)
      await turns(1)
    }
    const { world } = this
    world.disk.heal()
    await turns()
    this.#last = true
    await this.#opened()
    await this.#reopen()
    // Later than anything: all must come, and then every file must go.
    world.jump(40 * HOUR)
    await world.advance(11 * HOUR)
    const missing = this.#known.filter(({ safe, ended }) => safe && !ended)
    assert.deepEqual(
      missing.map(({ messageId, plan }) => `${messageId} (${plan})`),
      [],
      'these never came',
    )
    world.jump(2 * HOUR)
    await world.advance(11 * HOUR)
    await (await this.#opened()).close()
    assert.deepEqual(world.names(), [])
    assert.equal(world.disk.openFiles, 0)
    assert.deepEqual(world.disk.misuses, [])
    assert.deepEqual(
      world.events.filter(({ kind }) => kind === 'damaged' || kind === 'owner-failed'),
      [],
    )
  }

  async #step(timed: Timed, step: Step): Promise<void> {
    const { disk } = this.world
    switch (step.do) {
      case 'put':
        for (let left = step.count; left > 0; left--) this.#put(timed, step.kind, this.world.now + step.delay, step.size, step.plan)
        break
      case 'cancel':
      case 'take':
      case 'find':
      case 'postpone': {
        const known = this.#known[this.#known.length - 1 - step.which]
        if (known === undefined) break
        if (step.do === 'cancel') void this.#cancel(timed, known)
        if (step.do === 'take') void this.#take(timed, known)
        if (step.do === 'find') void this.#find(timed, known)
        if (step.do === 'postpone') void this.#postponed(known, timed.postpone(known.id, this.world.now + step.delay), this.world.now + step.delay)
        break
      }
      case 'advance':
        await this.world.advance(step.ms)
        break
      case 'jump':
        this.world.jump(step.ms)
        break
      case 'fault':
        disk.fault(step.match, 'crash' in step.effect ? { crash: this.#crashOf(step.effect.crash) } : step.effect)
        break
      case 'heal':
        disk.heal()
        break
      case 'turns':
        await turns()
        break
      case 'close':
        await this.#reopen()
        break
      case 'crash':
        disk.crash(this.#crashOf(step.kind))
    }
  }

  /** What is not synced at once survives a kill only. */
  #crashOf(kind: 'kill' | 'power'): 'kill' | 'power' {
    return (this.#options.flush ?? 'commit') === 'commit' ? kind : 'kill'
  }

  #put(timed: Timed, kind: TimedKind, dueAt: number, size: number, plan: Plan): void {
    const messageId = `m${this.#known.length}`
    const result = timed.put({ topicId: 3, kind, dueAt }, message(messageId, size))
    if (result.kind !== 'put') {
      assert.equal(result.kind, 'unavailable')
      return
    }
    const known: Known = {
      messageId,
      kind,
      size,
      plan,
      id: result.id,
      safe: false,
      ended: false,
      cancelled: false,
      earliest: dueAt,
      moves: 0,
      moving: 0,
      inHand: undefined,
      done: false,
    }
    this.#known.push(known)
    const alive = this.#alive()
    void result.durable.then(
      () => {
        if (alive()) known.safe = true
      },
      (error: unknown) => assert.ok(error instanceof FileError),
    )
  }

  async #cancel(timed: Timed, known: Known): Promise<void> {
    const alive = this.#alive()
    const { ended, safe } = known
    const outcome = await this.#outcome(() => {
      known.ended = true
      return timed.cancel(known.id)
    })
    if (outcome === 'failed' || !alive()) return
    if (outcome === 'due') {
      assert.equal(known.kind, 'delayed')
      known.ended = ended || known.done
      return
    }
    if (outcome === 'cancelled') known.cancelled = true
    else assert.ok(ended || known.done || !safe, `${known.messageId} waits and could not be cancelled: ${outcome}`)
  }

  async #take(timed: Timed, known: Known): Promise<void> {
    const alive = this.#alive()
    const { ended, safe } = known
    known.ended = true
    const outcome = await this.#outcome(() => timed.take(known.id))
    if (outcome === 'failed' || !alive()) return
    if (outcome === 'taken') known.done = true
    else assert.ok(ended || known.done || !safe, `${known.messageId} waits and could not be taken: ${outcome}`)
  }

  async #find(timed: Timed, known: Known): Promise<void> {
    const alive = this.#alive()
    const found = await this.#outcome(() => timed.find(known.id))
    if (found === 'failed' || !alive()) return
    if (found === undefined) {
      assert.ok(known.ended || known.done || !known.safe, `${known.messageId} waits and was not found`)
      return
    }
    assert.equal(found.message.messageId, known.messageId)
    assert.deepEqual(Buffer.from(found.message.bytes), Buffer.from(message(known.messageId, known.size).bytes))
    assert.equal(found.kind, known.kind)
    assert.ok(!known.cancelled, `${known.messageId} was cancelled and found`)
  }

  async #postponed(known: Known, result: Promise<string>, to: number): Promise<void> {
    const alive = this.#alive()
    known.inHand = undefined
    known.earliest = Math.min(known.earliest, to)
    // Of two at once nobody knows which is the last.
    const alone = known.moving++ === 0
    const moves = ++known.moves
    const outcome = await this.#outcome(() => result)
    if (!alive()) return
    known.moving--
    if (outcome === 'postponed' && alone && known.moves === moves) known.earliest = to
  }

  async #outcome<T>(body: () => Promise<T>): Promise<T | 'failed'> {
    try {
      return await body()
    } catch (error) {
      assert.ok(error instanceof FileError, String(error))
      return 'failed'
    }
  }

  #due(entry: DueEntry, messageId: string): void {
    const known = this.#known[Number(messageId.slice(1))]
    assert.ok(known !== undefined && known.messageId === messageId)
    assert.equal(entry.id, known.id)
    assert.equal(entry.kind, known.kind)
    assert.ok(this.world.now >= known.earliest, `${messageId} came ${known.earliest - this.world.now} ms early`)
    assert.ok(!known.cancelled, `${messageId} was cancelled and came`)
    assert.ok(!known.done, `${messageId} was done and came again in the same life`)
    assert.ok(known.inHand === undefined, `${messageId} came twice`)
    known.inHand = entry
    const done = (): void => {
      known.done = known.ended = true
      entry.done()
    }
    const alive = this.#alive()
    const plan = this.#last ? 'done' : known.plan
    if (plan === 'done') done()
    if (plan === 'done later') void turns().then(() => alive() && known.inHand === entry && done())
    if (plan === 'retry') {
      known.inHand = undefined
      entry.retry(3_000)
    }
    if (plan === 'postpone') {
      const to = this.world.now + 20 * MINUTE
      void this.#postponed(known, entry.postpone(to), to)
    }
  }

  #alive(): () => boolean {
    const life = this.#life
    return () => life === this.#life && this.world.disk.crashes === this.#crashes
  }

  async #reopen(): Promise<void> {
    this.world.disk.heal()
    await this.#timed?.close()
    this.#timed = undefined
    await this.#opened()
  }

  async #opened(): Promise<Timed> {
    const { disk } = this.world
    if (this.#timed !== undefined && disk.crashes === this.#crashes) return this.#timed
    this.#timed = undefined
    for (let attempt = 0; ; attempt++) {
      this.#crashes = disk.crashes
      const life = ++this.#life
      for (const known of this.#known) {
        known.inHand = undefined
        known.moving = 0
        known.done = false
      }
      try {
        const onDue = (entry: DueEntry, { messageId }: { readonly messageId: string }): void => {
          if (life === this.#life && disk.crashes === this.#crashes) this.#due(entry, messageId)
        }
        const timed = await this.world.open({ clockCheck: 10 * MINUTE, ...this.#options, onDue })
        if (disk.crashes !== this.#crashes) continue
        this.#timed = timed
        return timed
      } catch (error) {
        assert.ok(error instanceof FileError, String(error))
        if (attempt > 3) disk.heal()
      }
    }
  }
}

describe('timed messages, whatever happens', () => {
  const anyOptions = fc.record({
    horizon: fc.constantFrom(0, 20 * MINUTE, HOUR),
    fileSize: fc.constantFrom(4_000, 64 * 1024 * 1024),
    maxInHand: fc.constantFrom(2, 4096),
  })

  it('come at their time and never before, unless they were cancelled: through crashes, failing disks, jumps of the clock', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), anyOptions, fc.array(anyStep, { maxLength: 40 }), async (seed, options, steps) => {
        await new Model(seed, options).run(steps)
      }),
      { numRuns: RUNS },
    )
  }).timeout(RUNS * 500)

  it('come all the same when what is put counts once it is written, after a kill', async () => {
    const anyFlush = fc.constantFrom('os' as const, { interval: 1_000 })
    await fc.assert(
      fc.asyncProperty(fc.integer(), anyOptions, anyFlush, fc.array(anyStep, { maxLength: 40 }), async (seed, options, flush, steps) => {
        await new Model(seed, { ...options, flush }).run(steps)
      }),
      { numRuns: RUNS },
    )
  }).timeout(RUNS * 500)
})
