import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { append, assertHead, assertReads, LogWorld, MIB, readMessage, settled, turn } from './test-kit/log-world.ts'
import { plainRecord } from './test-kit/messages.ts'

describe('the segment log', () => {
  it('commits what is appended in one turn of the event loop with one write and one sync', async () => {
    const world = new LogWorld()
    const life = await world.open()
    append(life, plainRecord(0))
    await settled(life)
    const { write, sync } = world.disk.counts
    for (let number = 1; number <= 64; number += 1) append(life, plainRecord(number))
    await settled(life)
    assert.equal(world.disk.counts.write - write, 1)
    assert.equal(world.disk.counts.sync - sync, 1)
    assert.ok(life.appended.every(({ fate }) => fate === 'committed'))
    await life.log.close()
  })

  it('gathers what comes during a commit into the next one', async () => {
    const world = new LogWorld()
    const life = await world.open()
    append(life, plainRecord(0))
    await settled(life)
    const hold = world.disk.fault({ operation: 'sync' }, { hold: true })
    append(life, plainRecord(1))
    while (hold.held === 0) await turn()
    const { write } = world.disk.counts
    for (let number = 2; number < 40; number += 1) {
      append(life, plainRecord(number))
      await turn()
    }
    assert.equal(world.disk.counts.write, write)
    hold.cancel()
    await settled(life)
    assert.equal(world.disk.counts.write, write + 1)
    await life.log.close()
  })

  it('shares one promise among all that are committed together', async () => {
    const life = await new LogWorld().open()
    const first = append(life, plainRecord(1))
    const second = append(life, plainRecord(2))
    assert.equal(life.log.committed(first.position), life.log.committed(second.position))
    await life.log.committed(first.position)
    await life.log.committed(second.position)
    await assert.rejects(life.log.committed(second.position + second.length), /there is no message/)
    await life.log.close()
  })

  it('gives a message back before it is written, from the tail, and from disk, every field of it', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 100_000, cache: 300_000 })
    for (let number = 0; number < 400; number += 1) {
      const appended = append(life, plainRecord(number, number % 50 === 49 ? 40_000 : 1_100))
      await assertReads(life.log, appended)
    }
    await settled(life)
    assert.ok(life.log.stats.tail <= 300_000 && life.log.stats.tail < 700_000, 'the tail is bounded')
    for (const appended of life.appended) await assertReads(life.log, appended)
    assert.ok(life.log.stats.cached <= 600_000)
    await life.log.close()
  })

  it('reads a block once for all who want it at the same time, and not again while it is in memory', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 0 })
    for (let number = 0; number < 100; number += 1) append(life, plainRecord(number, 1_000))
    await settled(life)
    const { read } = world.disk.counts
    await Promise.all(life.appended.map(({ position, length }) => life.log.load(position, length)))
    assert.equal(world.disk.counts.read - read, 1)
    for (const appended of life.appended) await assertReads(life.log, appended)
    assert.equal(world.disk.counts.read - read, 1)
    await life.log.close()
  })

  it('sees in a block also what was appended after the block had been read', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 0 })
    for (let number = 0; number < 50; number += 1) {
      append(life, plainRecord(number))
      await settled(life)
      for (const appended of life.appended) await assertReads(life.log, appended)
    }
    await life.log.close()
  })

  it('answers "gone" where nothing is, and "damaged" where a record is not as long as it was said to be', async () => {
    const life = await new LogWorld().open()
    const { position, length } = append(life, plainRecord(1))
    assert.equal(life.log.read(position, length + 1), 'damaged')
    assert.equal(life.log.read(position + 1, length - 1), 'damaged')
    await settled(life)
    for (const at of [0, 1, position - 1, position + length, position + length * 9, 2 ** 52]) {
      assert.equal(await readMessage(life.log, at, length), 'gone')
      await life.log.load(at, length)
    }
    await life.log.close()
  })

  it('goes on in another segment when one is full, and knows where each one ends', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 3 * MIB })
    for (let number = 0; number < 15; number += 1) {
      append(life, plainRecord(number, 2 * MIB))
      await settled(life)
    }
    const segments = life.log.segments()
    assert.deepEqual(
      segments.map(({ base, sealed }) => [base, sealed]),
      [0, 1, 2, 3, 4].map((index) => [index * 8 * MIB, index < 4]),
    )
    assert.equal(segments[0]?.newestStoredAt, plainRecord(2).message.storedAt)
    for (const appended of life.appended) await assertReads(life.log, appended)
    await life.log.close()
    const next = await world.open()
    assert.deepEqual(
      next.log.segments().map(({ end, newestStoredAt }) => [end, newestStoredAt]),
      segments.map(({ end, newestStoredAt }) => [end, newestStoredAt]),
    )
    await next.log.close()
  })

  it('takes messages for several segments at once', async () => {
    const life = await new LogWorld().open()
    for (let number = 0; number < 20; number += 1) append(life, plainRecord(number, 3 * MIB))
    await settled(life)
    assert.equal(life.log.segments().length, 10)
    for (const appended of life.appended) await assertReads(life.log, appended)
    await life.log.close()
  })

  it('makes the next file while the present one is filled', async () => {
    const world = new LogWorld()
    const life = await world.open()
    append(life, plainRecord(0, 3 * MIB))
    await settled(life)
    assert.equal(world.disk.counts.create, 1)
    append(life, plainRecord(1, 3 * MIB))
    await settled(life)
    for (let turns = 0; turns < 10; turns += 1) await turn()
    assert.equal(world.disk.counts.create, 2)
    append(life, plainRecord(2, 3 * MIB))
    await settled(life)
    assert.equal(world.disk.counts.create, 2)
    await life.log.close()
    assert.equal(world.disk.openFiles, 0)
    assert.deepEqual(world.disk.paths, [...world.segmentFiles, 'data/log/clean'].sort())
  })

  it('answers "full" while more waits than there may, and takes one message in any case', async () => {
    const world = new LogWorld()
    const life = await world.open({ maxQueued: 10_000 })
    append(life, plainRecord(0, 50_000))
    assert.deepEqual(life.log.append(plainRecord(1)), { kind: 'full' })
    await settled(life)
    for (let number = 2; number < 9; number += 1) append(life, plainRecord(number, 1_000))
    assert.deepEqual(life.log.append(plainRecord(9, 3_000)), { kind: 'full' })
    await settled(life)
    assert.equal(life.log.stats.queued, 0)
    append(life, plainRecord(9, 3_000))
    await life.log.close()
  })

  it('takes a message as committed once it is written when the system syncs, and syncs at its close only', async () => {
    const world = new LogWorld()
    const life = await world.open({ flush: 'os' })
    for (let number = 0; number < 10; number += 1) {
      append(life, plainRecord(number))
      await settled(life)
    }
    assert.equal(world.disk.counts.sync, 0)
    await life.log.close()
    world.disk.crash('power', 'none')
    const next = await world.open({ flush: 'os' })
    assert.equal(next.found.length, 10)
    await next.log.close()
  })

  it('syncs every interval what was written in it, and nothing when nothing was', async () => {
    const world = new LogWorld()
    const life = await world.open({ flush: { interval: 500 } })
    append(life, plainRecord(1))
    await settled(life)
    assert.equal(world.disk.counts.sync, 0)
    append(life, plainRecord(2))
    await settled(life)
    await world.clock.advance(499)
    assert.equal(world.disk.counts.sync, 0)
    await world.clock.advance(1)
    assert.equal(world.disk.counts.sync, 1)
    await world.clock.advance(5_000)
    assert.equal(world.disk.counts.sync, 1)
    append(life, plainRecord(3))
    await settled(life)
    await world.clock.advance(500)
    assert.equal(world.disk.counts.sync, 2)
    world.disk.crash('power', 'none')
    const next = await world.open()
    assert.equal(next.found.length, 3)
    await next.log.close()
  })

  it('has nothing to look for after a close, and goes on where it was', async () => {
    const world = new LogWorld()
    const first = await world.open()
    for (let number = 0; number < 5; number += 1) append(first, plainRecord(number))
    await first.log.close()
    const end = first.log.end
    const { read } = world.disk.counts
    const second = await world.open({}, end)
    assert.equal(second.found.length, 0)
    // The clean mark and a head.
    assert.equal(world.disk.counts.read - read, 2)
    assert.equal(append(second, plainRecord(5)).position, end)
    await second.log.close()
    const third = await world.open()
    assert.equal(third.log.segments().length, 1)
    assert.equal(third.found.length, 6)
    third.found.forEach((found, index) => {
      assertHead(found, plainRecord(index))
    })
    await third.log.close()
    assert.deepEqual(third.events, [])
  })

  it('stays cleanly closed when it is opened, read and closed', async () => {
    const world = new LogWorld()
    const first = await world.open()
    const appended = append(first, plainRecord(1))
    await first.log.close()
    for (let life = 0; life < 3; life += 1) {
      const { log, events } = await world.open({}, first.log.end)
      await assertReads(log, appended)
      await log.close()
      assert.equal(log.segments().length, 1)
      assert.deepEqual(events, [])
    }
  })

  it('begins another segment when it was not closed', async () => {
    const world = new LogWorld()
    const first = await world.open()
    append(first, plainRecord(1))
    await settled(first)
    world.disk.crash('kill')
    const second = await world.open()
    assert.equal(second.found.length, 1)
    append(second, plainRecord(2))
    await second.log.close()
    assert.deepEqual(
      second.log.segments().map(({ base, sealed }) => [base, sealed]),
      [
        [0, true],
        [8 * MIB, false],
      ],
    )
    assert.ok((second.log.segments()[0]?.bytes ?? 0) < 10_000, 'the first one takes no more than it holds')
  })

  it('tells the records from a position on', async () => {
    const world = new LogWorld()
    const first = await world.open()
    for (let number = 0; number < 12; number += 1) append(first, plainRecord(number, 2 * MIB))
    await settled(first)
    world.disk.crash('kill')
    for (const { position } of first.appended) {
      const life = await world.open({}, position)
      assert.deepEqual(
        life.found.map((found) => found.position),
        first.appended.filter((each) => each.position >= position).map((each) => each.position),
      )
      assert.equal(life.log.segments().at(-1)?.newestStoredAt, plainRecord(11).message.storedAt)
      await life.log.close()
    }
  })

  it('removes a sealed segment, and never the last one', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 0 })
    for (let number = 0; number < 9; number += 1) append(life, plainRecord(number, 2 * MIB))
    await settled(life)
    for (const appended of life.appended) await assertReads(life.log, appended)
    await life.log.remove(0)
    await life.log.remove(0)
    await assert.rejects(life.log.remove(16 * MIB), /still needed/)
    for (const [index, { position, length }] of life.appended.entries()) {
      assert.equal((await readMessage(life.log, position, length)) === 'gone', index < 3)
    }
    assert.deepEqual(world.segmentFiles.length, 2)
    await life.log.close()
    const next = await world.open()
    assert.equal(next.found.length, 6)
    assert.deepEqual(next.events, [])
    await next.log.close()
  })

  it('answers "gone" to who loads from a segment while it is removed', async () => {
    const world = new LogWorld()
    const life = await world.open({ tail: 0 })
    for (let number = 0; number < 9; number += 1) append(life, plainRecord(number, 2 * MIB))
    await settled(life)
    const [first] = life.appended
    assert.ok(first !== undefined)
    const hold = world.disk.fault({ operation: 'open', times: 1 }, { hold: true })
    const loaded = life.log.load(first.position, first.length)
    await life.log.remove(0)
    hold.release()
    await loaded
    assert.equal(life.log.read(first.position, first.length), 'gone')
    await life.log.close()
    await turn()
    assert.equal(world.disk.openFiles, 0)
  })

  it('refuses segments that a message may not fit into, and what no record can hold', async () => {
    const world = new LogWorld()
    await assert.rejects(world.open({ segmentSize: 8 * MIB - 1 }), { name: 'RangeError', message: /8388608 to 1073741824 bytes, not 8388607/ })
    const life = await world.open()
    assert.throws(() => life.log.append(plainRecord(1, 8 * MIB)), RangeError)
    const bad = plainRecord(2)
    assert.throws(() => life.log.append({ ...bad, message: { ...bad.message, digest: 'none' } }), RangeError)
    append(life, plainRecord(3))
    await settled(life)
    await life.log.close()
    const next = await world.open()
    assert.equal(next.found.length, 1)
    assert.deepEqual(next.events, [])
    await next.log.close()
  })

  it('takes nothing once it is closed, and closes once', async () => {
    const life = await new LogWorld().open()
    const appended = append(life, plainRecord(1))
    const closing = life.log.close()
    assert.equal(life.log.close(), closing)
    assert.deepEqual(life.log.append(plainRecord(2)), { kind: 'unavailable', reason: 'the log is closed' })
    await closing
    assert.equal(appended.fate, 'committed')
  })
})
