import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { FileErrorCode } from '../../files/files.ts'
import type { Operation } from '../../files/test-kit/faults.ts'
import { append, assertReads, type Life, LogWorld, MIB, readMessage, settled, turn } from './test-kit/log-world.ts'
import { plainRecord } from './test-kit/messages.ts'

/** A log with five committed messages. */
async function begun(world: LogWorld): Promise<Life> {
  const life = await world.open()
  for (let number = 0; number < 5; number += 1) append(life, plainRecord(number))
  await settled(life)
  return life
}

async function ended(world: LogWorld, life: Life, expected: number): Promise<void> {
  for (const appended of life.appended) if (appended.fate === 'committed') await assertReads(life.log, appended)
  await life.log.close()
  await turn()
  assert.deepEqual(world.disk.misuses, [])
  assert.equal(world.disk.openFiles, 0)
  const next = await world.open()
  assert.equal(next.found.length, expected)
  assert.deepEqual(next.events, [])
  await next.log.close()
}

describe('the segment log on a disk that fails', () => {
  const failures: readonly { readonly what: string; readonly operation: Operation; readonly fail: FileErrorCode; readonly after?: number }[] = [
    { what: 'a sync fails', operation: 'sync', fail: 'EIO' },
    { what: 'a write fails', operation: 'write', fail: 'EIO' },
    { what: 'a write is short', operation: 'write', fail: 'ENOSPC', after: 250 },
  ]
  for (const { what, operation, fail, after } of failures) {
    it(`fails those who wait for it when ${what}, leaves the file alone, and goes on in another one`, async () => {
      const world = new LogWorld()
      const life = await begun(world)
      world.disk.fault({ operation, times: 1 }, { fail, ...(after === undefined ? {} : { after }) })
      const failed = [append(life, plainRecord(5)), append(life, plainRecord(6))]
      await assert.rejects(life.log.committed(failed[0]?.position ?? 0), { code: fail })
      assert.deepEqual(
        failed.map(({ fate }) => fate),
        ['failed', 'failed'],
      )
      for (const { position, length } of failed) assert.equal(await readMessage(life.log, position, length), 'gone')
      assert.equal(append(life, plainRecord(7)).position, 8 * MIB + 4096)
      await settled(life)
      assert.deepEqual(
        life.log.segments().map(({ base, end, sealed }) => [base, end, sealed]),
        [
          [0, failed[0]?.position, true],
          [8 * MIB, life.log.end, false],
        ],
      )
      assert.deepEqual(
        life.events.map(({ kind }) => kind),
        ['failed'],
      )
      await ended(world, life, 6)
    })
  }

  const unmakable: readonly { readonly operation: Operation; readonly fail: FileErrorCode; readonly reason: RegExp }[] = [
    { operation: 'create', fail: 'ENOSPC', reason: /^the disk is full: .*ENOSPC/ },
    { operation: 'rename', fail: 'EIO', reason: /EIO/ },
    { operation: 'syncFolder', fail: 'EIO', reason: /EIO/ },
    { operation: 'open', fail: 'EMFILE', reason: /EMFILE/ },
    { operation: 'write', fail: 'EIO', reason: /EIO/ },
    { operation: 'sync', fail: 'EIO', reason: /EIO/ },
  ]
  for (const { operation, fail, reason } of unmakable) {
    it(`is unavailable while no segment can be made because ${operation} fails, reads, tries once a second, and heals by itself`, async () => {
      const world = new LogWorld()
      const life = await begun(world)
      world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
      append(life, plainRecord(5))
      await settled(life)
      const fault = world.disk.fault({ operation }, { fail })
      const tries: number[] = []
      for (let second = 0; second < 3; second += 1) {
        assert.equal(append(life, plainRecord(6)).position, (second + 1) * 8 * MIB + 4096)
        await settled(life)
        while (life.appended.at(-1)?.fate === 'waits') await turn()
        for (let part = 0; part < 9; part += 1) {
          const answer = life.log.append(plainRecord(7))
          assert.ok(answer.kind === 'unavailable')
          assert.match(answer.reason, reason)
          await world.clock.advance(100)
        }
        await world.clock.advance(100)
        tries.push(fault.hits)
        for (const appended of life.appended)
          if (appended.fate === 'committed') assert.equal(typeof life.log.read(appended.position, appended.length), 'object')
      }
      assert.ok(tries.every((hits, index) => index === 0 || hits > (tries[index - 1] ?? 0)))
      world.disk.heal()
      append(life, plainRecord(8))
      await settled(life)
      assert.deepEqual(
        life.events.map(({ kind }) => kind).filter((kind) => kind !== 'failed'),
        ['unavailable', 'available'],
      )
      await ended(world, life, 6)
    })
  }

  it('heals when a full disk is empty again', async () => {
    const world = new LogWorld({ capacity: 17 * MIB })
    const life = await world.open()
    for (let number = 0; number < 30 && life.log.append(plainRecord(number, MIB)).kind === 'appended'; number += 1) {
      for (let turns = 0; turns < 30; turns += 1) await turn()
    }
    const answer = life.log.append(plainRecord(30))
    assert.ok(answer.kind === 'unavailable' && /the disk is full/.test(answer.reason))
    await life.log.remove(0)
    await world.clock.advance(1_000)
    append(life, plainRecord(31))
    await settled(life)
    assert.equal(life.appended.at(-1)?.fate, 'committed')
    await life.log.close()
  })

  it('fails all that waits together with a batch, also for segments to come, and uses none of their positions again', async () => {
    const world = new LogWorld()
    const life = await begun(world)
    world.disk.fault({ operation: 'write', times: 1 }, { fail: 'EIO' })
    const positions = Array.from({ length: 6 }, (_, index) => append(life, plainRecord(index, 3 * MIB)).position)
    await settled(life)
    assert.equal(life.appended.filter(({ fate }) => fate === 'failed').length, 6)
    const { position } = append(life, plainRecord(9))
    assert.ok(position > Math.max(...positions))
    await ended(world, life, 6)
  })

  it('keeps what was committed when a sync in the background fails, and goes on in another file', async () => {
    const world = new LogWorld()
    const life = await world.open({ flush: { interval: 100 } })
    append(life, plainRecord(1))
    await settled(life)
    world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
    await world.clock.advance(100)
    append(life, plainRecord(2))
    await settled(life)
    assert.ok(life.appended.every(({ fate }) => fate === 'committed'))
    assert.equal(life.log.segments().length, 2)
    await ended(world, life, 2)
  })

  it('brings to the disk what it found after a kill, though the sync of it had failed: the system thinks that it is there', async () => {
    // What a failed sync brings to the disk is drawn.
    for (let seed = 0; seed < 16; seed += 1) {
      const world = new LogWorld({ seed })
      const life = await begun(world)
      world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
      // Whatever comes next.
      world.disk.fault({ operation: ['close', 'create', 'write'], skip: 1, times: 1 }, { crash: 'kill' })
      append(life, plainRecord(6, 10_000))
      for (let turns = 0; turns < 50 && world.disk.crashes === 0; turns += 1) await turn()
      assert.equal(world.disk.crashes, 1)
      assert.equal((await world.open()).found.length, 6)
      world.disk.crash('power', 'none')
      assert.equal((await world.open()).found.length, 6, `drawn from ${seed}`)
    }
  })

  it('does not say that it ended in order when the last sync failed', async () => {
    const world = new LogWorld()
    const life = await world.open({ flush: 'os' })
    append(life, plainRecord(1))
    await settled(life)
    world.disk.fault({ operation: 'sync', times: 1 }, { fail: 'EIO' })
    await life.log.close()
    assert.deepEqual(world.disk.paths, world.segmentFiles)
    assert.deepEqual(
      life.events.map(({ kind }) => kind),
      ['failed'],
    )
  })

  it('can be read in a folder that cannot be written, and says so to who appends', async () => {
    const world = new LogWorld()
    const first = await begun(world)
    world.disk.crash('kill')
    world.disk.readOnly = true
    const life = await world.open({ tail: 0 })
    assert.equal(life.found.length, 5)
    for (const appended of first.appended) await assertReads(life.log, appended)
    append(life, plainRecord(9))
    await settled(life)
    const answer = life.log.append(plainRecord(9))
    assert.ok(answer.kind === 'unavailable' && /read-only/.test(answer.reason), JSON.stringify(answer))
    await life.log.close()
  })

  it('tells who loads that the disk does not give it, and tries again when asked again', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 0 })
    const { position, length } = append(life, plainRecord(1))
    await settled(life)
    // The block, and then the record alone.
    world.disk.fault({ operation: 'read', times: 2 }, { fail: 'EIO' })
    await assert.rejects(life.log.load(position, length), { code: 'EIO' })
    assert.equal(life.log.read(position, length), undefined)
    for (const appended of life.appended) await assertReads(life.log, appended)
    await life.log.close()
  })
})
