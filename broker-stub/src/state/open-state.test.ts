import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { realFiles } from '../files/real-files.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { openState, type State } from './open-state.ts'
import type { SnapshotSource } from './snapshot.ts'
import { JOURNAL_HEAD } from './state-files.ts'
import { FOLDER, StateWorld, turn } from './test-kit/state-world.ts'

function write(state: State, ...texts: string[]): void {
  for (const text of texts) state.write(1, Buffer.from(text))
}

const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `record ${from + index}`)

describe('state', () => {
  it('tells what was written, in order, type and bytes, after it was closed', async () => {
    const world = new StateWorld()
    let state = await world.open()
    assert.deepEqual(world.told, [])
    const scratch = Buffer.from('first')
    state.write(7, scratch)
    scratch.write('other')
    state.write(254, new Uint8Array(0))
    await turn()
    write(state, 'last')
    await state.close()
    assert.equal(world.disk.openFiles, 0)
    state = await world.open()
    assert.deepEqual(world.told, [
      [7, 'first'],
      [254, ''],
      [1, 'last'],
    ])
    assert.throws(() => state.write(255, scratch), RangeError)
    await state.close()
    assert.throws(() => write(state, 'late'), /closed/)
  })

  it('works on a real disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'feathermq-state-'))
    const world = new StateWorld()
    const options = { files: realFiles, folder: `${folder}/state`, source: ((emit) => [emit(1, Buffer.from('all'))]) satisfies SnapshotSource }
    let state = await world.open(options)
    write(state, ...numbered(0, 3))
    await state.close()
    state = await world.open(options)
    assert.deepEqual(world.texts, numbered(0, 3))
    await state.snapshot()
    write(state, 'behind')
    await state.close()
    await (await world.open(options)).close()
    assert.deepEqual(world.texts, ['all', 'behind'])
    assert.deepEqual((await realFiles.list(`${folder}/state`)).length, 3)
    await rm(folder, { recursive: true })
  })

  it('has every record of the turns before a kill, without a sync', async () => {
    const world = new StateWorld()
    const state = await world.open()
    const { sync } = world.disk.counts
    write(state, ...numbered(0, 100))
    await undefined
    world.disk.crash('kill')
    await (await world.open()).close()
    assert.deepEqual(world.texts, numbered(0, 100))
    assert.equal(sync, 1)
  })

  it('makes one write of the thousands of records of a turn', async () => {
    const world = new StateWorld()
    const state = await world.open()
    await turn()
    const { writeNow, write: writes } = world.disk.counts
    write(state, ...numbered(0, 5_000))
    await turn()
    assert.equal(world.disk.counts.writeNow - writeNow, 1)
    assert.equal(world.disk.counts.write, writes)
    await state.close()
  })

  it('syncs once a second while there is something to sync, and never when there is not', async () => {
    const world = new StateWorld()
    const state = await world.open()
    const syncs = (): number => world.disk.counts.sync - before
    const before = world.disk.counts.sync
    await world.clock.advance(10_000)
    assert.equal(syncs(), 0)
    for (let at = 0; at < 3_000; at += 100) {
      write(state, `at ${at}`)
      await world.clock.advance(100)
    }
    assert.ok(syncs() >= 2 && syncs() <= 3, String(syncs()))
    await world.clock.advance(60_000)
    assert.equal(syncs(), 3)
    world.disk.crash('power', 'none')
    await (await world.open()).close()
    assert.equal(world.texts.length, 30)
  })

  it('has after a loss of power what was synced', async () => {
    const world = new StateWorld()
    const state = await world.open()
    write(state, 'synced')
    await state.sync()
    write(state, 'written')
    await turn()
    world.disk.crash('power', 'none')
    await (await world.open()).close()
    assert.deepEqual(world.texts, ['synced'])
  })

  it('cuts a torn tail, and finds what is written behind it the next time', async () => {
    const world = new StateWorld()
    let state = await world.open()
    write(state, 'whole')
    await turn()
    const path = world.disk.paths.find((each) => each.endsWith('1.journal')) ?? ''
    const whole = world.disk.peek(path)?.length ?? 0
    write(state, 'torn '.repeat(100))
    await turn()
    world.disk.crash('kill')
    const file = await world.writer(path)
    await file.truncate(whole + 50)
    await file.close()
    for (const texts of [['whole'], ['whole', 'life 1'], ['whole', 'life 1', 'life 2']]) {
      state = await world.open()
      assert.deepEqual(world.texts, texts)
      assert.deepEqual(state.damage, [])
      write(state, `life ${texts.length}`)
      await turn()
      world.disk.crash('kill')
    }
  })

  describe('when the disk fails', () => {
    it('goes on in a new file after a write that was cut short or torn, in the same turn', async () => {
      for (const effect of [
        { fail: 'EIO', after: 20 },
        { fail: 'EIO', torn: true },
        { fail: 'EIO', after: 1e6 },
      ]) {
        const world = new StateWorld({ seed: 3 })
        const state = await world.open()
        await turn()
        write(state, ...numbered(0, 50))
        await turn()
        world.disk.fault({ operation: 'writeNow', times: 1 }, effect)
        write(state, ...numbered(50, 100))
        await undefined
        assert.deepEqual(state.health, { healthy: true })
        assert.equal(world.failures.length, 1)
        write(state, ...numbered(100, 150))
        await undefined
        world.disk.crash('kill')
        await (await world.open()).close()
        assert.deepEqual(world.texts, numbered(0, 150))
      }
    })

    it('never uses a file again whose sync failed, and has all of it in the next', async () => {
      const world = new StateWorld()
      const state = await world.open()
      await turn()
      write(state, ...numbered(0, 10))
      world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
      await state.sync()
      write(state, ...numbered(10, 20))
      await state.sync()
      assert.deepEqual(world.disk.misuses, [])
      assert.deepEqual(state.health, { healthy: true })
      world.disk.crash('power', 'none')
      await (await world.open()).close()
      assert.deepEqual(world.texts, numbered(0, 20))
    })

    it('has what came while a sync ran once, whether that sync or the file fails or not', async () => {
      for (const operation of ['sync', 'writeNow'] as const) {
        const world = new StateWorld()
        const state = await world.open()
        await turn()
        const hold = world.disk.fault({ operation: 'sync', times: 1 }, { hold: true })
        write(state, ...numbered(0, 10))
        const syncing = state.sync()
        write(state, ...numbered(10, 20))
        await turn()
        hold.cancel()
        await syncing
        world.disk.fault({ operation, times: 1 }, { fail: 'EIO', after: 1e6 })
        write(state, ...numbered(20, 30))
        if (operation === 'sync') await state.sync()
        await turn()
        assert.equal(world.failures.length, 1)
        world.disk.crash('kill')
        await (await world.open()).close()
        assert.deepEqual(world.texts, numbered(0, 30), operation)
      }
    })

    it('does not go on in a file whose successor may have been begun', async () => {
      const world = new StateWorld()
      const state = await world.open()
      await turn()
      write(state, 'before')
      await turn()
      // Its records, then its head, which is there as a whole although that was not said.
      world.disk.fault({ operation: 'writeNow', skip: 1, times: 1 }, { fail: 'EIO', after: 1e6 })
      world.disk.fault({ operation: 'remove' }, { fail: 'EIO' })
      await assert.rejects(state.snapshot(), { code: 'EIO' })
      assert.ok(!state.health.healthy)
      write(state, 'waits')
      await world.clock.advance(1_000)
      assert.deepEqual(state.health, { healthy: true })
      world.disk.crash('kill')
      await (await world.open()).close()
      assert.deepEqual(world.texts, ['before', 'waits'])
    })

    it('opens after a kill within the writing of a successor, of whose head any beginning may be there', async () => {
      for (let length = 0; length < JOURNAL_HEAD; length++) {
        const world = new StateWorld()
        const state = await world.open()
        await turn()
        write(state, 'before')
        await turn()
        world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
        // What was not synced, then its head.
        const head = world.disk.fault({ operation: 'writeNow', skip: 1, times: 1 }, { fail: 'EIO', after: length })
        world.disk.fault({ operation: 'remove' }, { fail: 'EIO' })
        await world.clock.advance(1_000)
        assert.equal(head.hits, 1)
        world.disk.crash('kill')
        world.disk.heal()
        await (await world.open()).close()
        assert.deepEqual(world.texts, ['before'], `${length} bytes`)
      }
    })

    it('says why it is not healthy while the disk is full, and writes what waited when it is not any more', async () => {
      const world = new StateWorld()
      const state = await world.open()
      await turn()
      write(state, ...numbered(0, 10))
      await turn()
      world.disk.capacity = world.disk.used + 10
      write(state, ...numbered(10, 20))
      await turn()
      assert.ok(!state.health.healthy && state.health.reason.includes('the disk is full'), JSON.stringify(state.health))
      await assert.rejects(state.sync(), { code: 'ENOSPC' })
      await world.clock.advance(5_000)
      assert.ok(!state.health.healthy)
      write(state, ...numbered(20, 30))
      await turn()
      world.disk.capacity = 1e6
      await world.clock.advance(1_000)
      assert.deepEqual(state.health, { healthy: true })
      world.disk.crash('kill')
      await (await world.open()).close()
      assert.deepEqual(world.texts, numbered(0, 30))
    })

    it('tries no more than once a second, and leaves no files of its attempts', async () => {
      const world = new StateWorld()
      const state = await world.open()
      await turn()
      world.disk.fault({ operation: ['writeNow', 'syncFolder'] }, { fail: 'EIO' })
      write(state, 'waits')
      await turn()
      const { create } = world.disk.counts
      await world.clock.advance(10_000)
      assert.ok(world.disk.counts.create - create <= 10)
      assert.ok(!state.health.healthy)
      assert.ok(world.names().length <= 2, world.names().join())
      world.disk.heal()
      await world.clock.advance(1_000)
      await state.close()
      await (await world.open()).close()
      assert.deepEqual(world.texts, ['waits'])
    })

    it('is not healthy when more than a bound is written and not synced', async () => {
      const world = new StateWorld()
      const state = await world.open({ maxUnsynced: 10_000 })
      const hold = world.disk.fault({ operation: 'sync' }, { hold: true })
      for (let index = 0; index < 20; index++) {
        write(state, 'x'.repeat(1_000))
        await turn()
      }
      assert.ok(!state.health.healthy && state.health.reason.includes('does not keep up'))
      assert.ok(state.unsyncedBytes > 20_000)
      hold.cancel()
      await state.sync()
      assert.equal(state.unsyncedBytes, 0)
      assert.deepEqual(state.health, { healthy: true })
      await state.close()
    })

    it('cannot be opened, and says so, when it cannot be written', async () => {
      const world = new StateWorld()
      await (await world.open()).close()
      world.disk.readOnly = true
      await assert.rejects(world.open(), { name: 'FileError', code: 'EROFS' })
      assert.equal(world.disk.openFiles, 0)
    })
  })

  describe('snapshots', () => {
    it('take the place of what was before, and of its files', async () => {
      const world = new StateWorld()
      const state = await world.open({ source: (emit) => [emit(2, Buffer.from('all'))] })
      write(state, 'before')
      await state.snapshot()
      write(state, 'after')
      await turn()
      assert.deepEqual(
        world.names().map((name) => name.slice(9)),
        ['2.journal', '2.snapshot', '3.journal'],
      )
      world.disk.crash('kill')
      await (await world.open()).close()
      assert.deepEqual(world.told, [
        [2, 'all'],
        [1, 'after'],
      ])
    })

    it('are taken by themselves when the journal has grown past the bound, and past twice the last one', async () => {
      const world = new StateWorld()
      const source: SnapshotSource = (emit) => [emit(2, new Uint8Array(30_000))]
      const state = await world.open({ source, snapshotAfter: 10_000 })
      const snapshots = (): number => world.disk.counts.rename
      const grow = async (bytes: number): Promise<void> => {
        for (let done = 0; done < bytes; done += 1_000) write(state, 'x'.repeat(1_000))
        for (let each = 0; each < 3; each++) await turn()
      }
      await grow(9_000)
      assert.equal(snapshots(), 0)
      await grow(2_000)
      assert.equal(snapshots(), 1)
      assert.ok(state.snapshotBytes > 30_000)
      await grow(55_000)
      assert.equal(snapshots(), 1)
      await grow(10_000)
      assert.equal(snapshots(), 2)
      await state.close()
    })

    it('let the event loop go on, and have what changed meanwhile behind them', async () => {
      const world = new StateWorld()
      let state: State | undefined
      let now = 0
      const source: SnapshotSource = function* (emit) {
        for (let index = 0; index < 50; index++) {
          emit(2, Buffer.from(`${index}`))
          now += 1
          yield
        }
      }
      state = await world.open({ source, clock: { now: () => now, monotonic: () => now, setTimer: () => ({ cancel: () => {} }) } })
      let turns = 0
      let running = true
      const taken = state.snapshot().finally(() => {
        running = false
      })
      while (running) {
        await turn()
        write(state, `turn ${turns++}`)
      }
      await taken
      assert.ok(turns >= 20, String(turns))
      await turn()
      world.disk.crash('kill')
      await (await world.open()).close()
      assert.equal(world.told.filter(([type]) => type === 2).length, 50)
      assert.deepEqual(
        world.told.filter(([type]) => type === 1).map(([, text]) => text),
        Array.from({ length: turns }, (_, index) => `turn ${index}`),
      )
    })

    it('that fail leave everything as it was', async () => {
      for (const operation of ['create', 'write', 'sync', 'rename'] as const) {
        const world = new StateWorld()
        const state = await world.open({ source: (emit) => [emit(2, Buffer.from('all'))] })
        write(state, 'before')
        await turn()
        world.disk.fault({ operation, path: 'snapshot', times: 1 }, { fail: 'ENOSPC' })
        await assert.rejects(state.snapshot(), { code: 'ENOSPC' })
        write(state, 'after')
        await turn()
        assert.deepEqual(
          world.names().filter((name) => name.includes('snapshot')),
          [],
        )
        assert.deepEqual(state.health, { healthy: true })
        world.disk.crash('kill')
        await (await world.open()).close()
        assert.deepEqual(world.texts, ['before', 'after'], operation)
      }
    })

    it('wait until there is something to take them of, however many journals there are', async () => {
      const world = new StateWorld()
      const options = {
        files: world.disk.files,
        folder: FOLDER,
        clock: fixedClock(),
        onRecord: () => {},
        onFailure: (error: unknown) => assert.fail(String(error)),
      }
      for (let life = 0; life < 40; life++) {
        const state = await openState(options)
        write(state, `life ${life}`)
        await state.sync()
        await state.close()
      }
      const state = await openState(options)
      await assert.rejects(state.snapshot(), /nothing to take a snapshot of/)
      assert.ok(world.names().every((name) => name.endsWith('.journal')))
      state.begin((emit) => [emit(2, Buffer.from('all'))])
      await state.close()
      assert.equal(world.names().filter((name) => name.endsWith('.snapshot')).length, 1)
      await (await world.open()).close()
      assert.deepEqual(world.texts, ['all'])
    })

    it('are taken when restarts have left many journals', async () => {
      const world = new StateWorld()
      for (let life = 0; life < 40; life++) {
        const state = await world.open({ source: (emit) => [emit(2, Buffer.from('all'))] })
        write(state, `life ${life}`)
        await turn()
        await state.close()
      }
      assert.ok(world.names().length < 34, world.names().join())
      assert.ok(world.names().some((name) => name.endsWith('.snapshot')))
    })
  })

  describe('what it does not take', () => {
    it('is a file of a newer version, which it names', async () => {
      for (const kind of ['journal', 'snapshot']) {
        const world = new StateWorld()
        const state = await world.open()
        await state.snapshot()
        await state.close()
        const path = world.disk.paths.find((each) => each.endsWith(kind)) ?? ''
        world.disk.poke(path, Uint8Array.of(2), 8)
        await assert.rejects(world.open(), { name: 'FormatError', kind: 'newer', path, message: new RegExp(`${path}.*version 2.*up to 1`) })
        world.disk.poke(path, Buffer.from('ANOTHER.'), 0)
        await assert.rejects(world.open(), { name: 'FormatError', kind: 'foreign', path })
        assert.equal(world.disk.openFiles, 0)
      }
    })

    it('is a damaged snapshot, since nothing stands for the part that is missing', async () => {
      const world = new StateWorld()
      const state = await world.open({ source: (emit) => [emit(2, new Uint8Array(1_000))] })
      await state.snapshot()
      await state.close()
      const path = world.disk.paths.find((each) => each.endsWith('snapshot')) ?? ''
      world.disk.poke(path, Uint8Array.of(1), 500)
      await assert.rejects(world.open(), { name: 'FormatError', kind: 'damaged', path })
      const file = await world.writer(path)
      await file.truncate(20)
      await file.close()
      await assert.rejects(world.open(), { name: 'FormatError', kind: 'damaged', path })
      await world.disk.files.remove(path)
      await assert.rejects(world.open(), { name: 'FormatError', kind: 'damaged', path: FOLDER })
    })

    it('is what lies behind damage in the middle: it says so, and goes on from before it', async () => {
      const world = new StateWorld()
      for (let life = 0; life < 3; life++) {
        const state = await world.open()
        for (let index = 0; index < 3; index++) {
          write(state, `${life}.${index}`)
          await turn()
        }
        await state.close()
      }
      const path = world.disk.paths.filter((each) => each.endsWith('journal'))[1] ?? ''
      const size = world.disk.peek(path)?.length ?? 0
      world.disk.poke(path, Uint8Array.of(0x55), size - 1)
      let state = await world.open()
      assert.deepEqual(world.texts, ['0.0', '0.1', '0.2', '1.0', '1.1'])
      assert.equal(state.damage.length, 1)
      assert.ok(state.damage[0]?.startsWith(`${path} is damaged at byte `), state.damage[0])
      write(state, 'new')
      await turn()
      world.disk.crash('kill')
      state = await world.open()
      assert.deepEqual(world.texts, ['0.0', '0.1', '0.2', '1.0', '1.1', 'new'])
      assert.deepEqual(state.damage, [])
      await state.close()
    })
  })
})
