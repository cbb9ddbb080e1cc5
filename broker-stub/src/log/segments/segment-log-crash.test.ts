import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { LogRecord } from './record.ts'
import type { Flush } from './segment-writer.ts'
import { type Appended, append, assertHead, assertReads, type Life, LogWorld, MIB, settled, turn } from './test-kit/log-world.ts'
import { anyRecord } from './test-kit/messages.ts'

/** Most are small; some are taken from where they are, and some do not fit into what is left of a segment. */
const size = fc.oneof(
  { weight: 8, arbitrary: fc.nat(2_000) },
  { weight: 2, arbitrary: fc.integer({ min: 20_000, max: 400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1 * MIB, max: 4 * MIB }) },
)

type Step =
  | { readonly kind: 'append'; readonly records: readonly LogRecord[] }
  | { readonly kind: 'turn' | 'settle' | 'reopen' | 'second' | 'remove' }
  | { readonly kind: 'read'; readonly which: number }
  | { readonly kind: 'crash'; readonly how: 'kill' | 'power' }
  /** The machine or process ends in the middle of the operation behind `skip` others. */
  | { readonly kind: 'crash later'; readonly how: 'kill' | 'power'; readonly skip: number }
  | { readonly kind: 'fault'; readonly operation: 'sync' | 'write' | 'create' | 'rename' | 'syncFolder' | 'open'; readonly skip: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('append' as const), records: fc.array(anyRecord(size), { minLength: 1, maxLength: 8 }) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('turn' as const, 'settle' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('reopen' as const, 'second' as const, 'remove' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), how: fc.constantFrom('kill' as const, 'power' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash later' as const), how: fc.constantFrom('kill' as const, 'power' as const), skip: fc.nat(6) }),
  },
)

const fault: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('fault' as const),
  operation: fc.constantFrom('sync' as const, 'write' as const, 'create' as const, 'rename' as const, 'syncFolder' as const, 'open' as const),
  skip: fc.nat(3),
})

const flush: fc.Arbitrary<Flush> = fc.constantFrom<Flush[]>('commit', 'commit', 'os', { interval: 300 })

/** What must be, what may be: over all lives of a log. */
class Model {
  readonly world: LogWorld
  readonly #flush: Flush
  life: Life
  /** By position. Committed ones must be there, of the others nobody knows until the next opening. */
  #known = new Map<number, Appended>()
  /** Nothing before it is there any more. */
  #floor = 0
  /** Whether what is before it is there, nobody knows. */
  #maybeFloor = 0
  faulty = false

  private constructor(world: LogWorld, flush: Flush, life: Life) {
    this.world = world
    this.#flush = flush
    this.life = life
  }

  static async begin(seed: number, flush: Flush): Promise<Model> {
    const world = new LogWorld({ seed })
    return new Model(world, flush, await world.open({ flush, tail: MIB }))
  }

  append(record: LogRecord): void {
    const answer = this.life.log.append(record)
    if (answer.kind !== 'appended') return
    const appended: Appended = { record, position: answer.position, length: answer.length, fate: 'waits' }
    const newest = Math.max(this.#floor, ...this.#known.keys(), ...this.life.appended.slice(-1).map(({ position, length }) => position + length - 1))
    assert.ok(answer.position > newest, `position ${answer.position} is used again`)
    this.life.appended.push(appended)
  }

  async read(which: number): Promise<void> {
    const { appended, log } = this.life
    // What a removal that failed left behind is there, or gone: nobody knows.
    const floor = Math.max(this.#floor, this.#maybeFloor)
    const some = [...appended, ...this.#known.values()].filter(({ fate, position }) => fate !== 'failed' && position >= floor)
    const one = some[which % Math.max(1, some.length)]
    if (one === undefined) return
    const crashes = this.world.disk.crashes
    try {
      await assertReads(log, one)
    } catch (error) {
      // A commit may fail, or the process end, while it is read.
      if (one.fate !== 'failed' && this.world.disk.crashes === crashes && !(this.faulty && isFileError(error))) throw error
    }
  }

  async removeOldest(): Promise<void> {
    const segments = this.life.log.segments()
    const [oldest, next] = segments
    if (oldest === undefined || next === undefined) return
    try {
      await this.life.log.remove(oldest.base)
    } catch (error) {
      if (!isFileError(error)) throw error
      this.#maybeFloor = next.base
      return
    }
    this.#floor = next.base
  }

  /** @param lost what power took: with `flush` other than 'commit' also what was committed. */
  async reopen(lost: boolean): Promise<void> {
    for (const each of this.life.appended) this.#known.set(each.position, each)
    const { found, events, log } = await this.#open()
    let last = -1
    for (const each of found) {
      assert.ok(each.position > last, 'records are told in their order')
      last = each.position
      const known = this.#known.get(each.position)
      assert.ok(known !== undefined, `nothing was ever appended at ${each.position}`)
      assert.equal(each.length, known.length)
      assertHead(each, known.record)
      await assertReads(log, known)
    }
    const there = new Set(found.map(({ position }) => position))
    for (const [position, { fate }] of this.#known) {
      if (there.has(position)) continue
      const mayBeGone = fate !== 'committed' || position < Math.max(this.#floor, this.#maybeFloor) || (lost && this.#flush !== 'commit')
      assert.ok(mayBeGone, `the message at ${position} was committed and is lost`)
      this.#known.delete(position)
    }
    // A removal that the power took back.
    for (const position of there) if (position < this.#floor) this.#floor = position
    // Opening has synced what it found; but after a sync that failed, the system may take for written what is not (fsync(2) of Linux).
    if (!this.faulty) for (const each of this.#known.values()) each.fate = 'committed'
    if (!this.faulty)
      assert.deepEqual(
        events.filter(({ kind }) => kind === 'damaged'),
        [],
      )
    if (this.#flush === 'commit' && !lost && !this.faulty) assert.ok(events.length <= 1)
  }

  async #open(): Promise<Life> {
    for (let attempt = 0; ; attempt += 1) {
      const { crashes } = this.world.disk
      try {
        this.life = await this.world.open({ flush: this.#flush, tail: MIB })
        if (crashes === this.world.disk.crashes) return this.life
      } catch (error) {
        if (!isFileError(error) || attempt > 3) throw error
        this.world.disk.heal()
      }
    }
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && error.name === 'FileError'
}

async function run(seed: number, flush: Flush, steps: readonly Step[]): Promise<void> {
  const model = await Model.begin(seed, flush)
  const { world } = model
  const { disk, clock } = world
  let { crashes } = disk
  let lost = false
  for (const each of steps) {
    if (each.kind === 'append') for (const record of each.records) model.append(record)
    if (each.kind === 'turn') await turn()
    if (each.kind === 'settle') await settled(model.life)
    if (each.kind === 'second') await clock.advance(1_000)
    if (each.kind === 'read') await model.read(each.which)
    if (each.kind === 'remove') await model.removeOldest()
    if (each.kind === 'fault') {
      model.faulty = true
      disk.fault({ operation: each.operation, skip: each.skip, times: 1 }, { fail: each.operation === 'create' ? 'ENOSPC' : 'EIO', torn: true })
    }
    if (each.kind === 'crash later') disk.fault({ skip: each.skip, times: 1 }, { crash: each.how })
    if (each.kind === 'crash later' && each.how === 'power') lost = true
    if (each.kind === 'crash') {
      if (each.how === 'power') lost = true
      disk.crash(each.how)
    }
    if (each.kind === 'reopen') {
      await model.life.log.close()
      await model.reopen(lost || model.faulty)
      crashes = disk.crashes
    }
    if (disk.crashes !== crashes) {
      await model.reopen(lost || model.faulty)
      crashes = disk.crashes
    }
  }
  disk.heal()
  await settled(model.life)
  await model.life.log.close()
  await model.reopen(lost || model.faulty)
  await model.life.log.close()
  await turn()
  await turn()
  assert.equal(disk.openFiles, 0)
  assert.deepEqual(disk.misuses, [])
}

describe('the segment log and the end of its process', () => {
  const runs = process.env['FEATHERMQ_LONG'] === '1' ? 5_000 : 60

  it('holds every message whose commit was told, byte for byte and in order, and none that nobody appended, whenever it ends', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), flush, fc.array(step, { maxLength: 30, size: 'max' }), run), { numRuns: runs, endOnFailure: true })
  }).timeout(1_800_000)

  it('does so also when operations of the disk fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        flush,
        fc.array(fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: fault }), { maxLength: 30, size: 'max' }),
        run,
      ),
      { numRuns: runs, endOnFailure: true },
    )
  }).timeout(1_800_000)

  it('tells nothing as damaged that a loss of power tore while it was written', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const world = new LogWorld({ seed })
      const life = await world.open()
      const known: LogRecord[] = []
      for (let batch = 0; batch < 3; batch += 1) {
        for (let number = 0; number < 20; number += 1) {
          const [record] = fc.sample(anyRecord(fc.nat(3_000)), { numRuns: 1, seed: seed * 1_000 + batch * 100 + number })
          if (record === undefined) continue
          known.push(record)
          append(life, record)
        }
        if (batch < 2) await settled(life)
      }
      world.disk.fault({ operation: 'sync' }, { crash: 'power' })
      await settled(life)
      world.disk.heal()
      const next = await world.open()
      assert.ok(next.found.length >= 40)
      assert.deepEqual(
        next.events.filter(({ kind }) => kind === 'damaged'),
        [],
      )
      // What is behind a hole was appended before the power went.
      for (const found of next.found) {
        const appended = life.appended.find(({ position }) => position === found.position)
        assert.ok(appended !== undefined)
        assertHead(found, appended.record)
      }
      await next.log.close()
    }
  })
})
