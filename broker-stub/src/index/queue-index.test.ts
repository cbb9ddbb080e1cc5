import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { FileError } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import { SimulatedDisk } from '../files/test-kit/simulated-files.ts'
import { fileName, PAGE } from './layout.ts'
import { openQueueIndex, type QueueIndex, type QueueIndexOptions } from './queue-index.ts'

const FOLDER = '/index'
const SEGMENT = 10_000_000
const pathOf = (segment: number): string => `${FOLDER}/${fileName(segment * SEGMENT)}`

async function open(disk: SimulatedDisk, segments: number, more: Partial<QueueIndexOptions> = {}): Promise<QueueIndex> {
  return openQueueIndex({ files: disk.files, folder: FOLDER, segments: Array.from({ length: segments }, (_, i) => i * SEGMENT), ...more })
}

/** Messages `first` to `first + many - 1` of each queue of topic 1, in one segment. */
function fill(index: QueueIndex, segment: number, queues: number, first: number, many: number): void {
  index.begin(segment * SEGMENT)
  let position = segment * SEGMENT
  for (let i = 0; i < many; i++) {
    for (let queue = 0; queue < queues; queue++) index.add(1, queue, first + i, position++, 1, 1000 * (first + i), queue)
  }
}

/** @returns a disk on which that many segments are sealed. */
async function sealed(segments: number, queues: number, many: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const index = await open(disk, 0)
  for (let segment = 0; segment < segments; segment++) {
    fill(index, segment, queues, segment * many, many)
    await index.seal(segment * SEGMENT, (segment + 1) * SEGMENT)
  }
  await index.close()
  return disk
}

/** Turns of the event loop until the promise is settled. */
async function turns(promise: Promise<unknown>): Promise<number> {
  let count = 0
  let done = false
  const ended = promise.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve))
    count++
  }
  await ended
  return count
}

describe('index of queues', () => {
  it('reads forward with one read per page, of which hardly any is waited for', async () => {
    const disk = await sealed(1, 1, 10_000)
    const index = await open(disk, 1)
    let waits = 0
    for (let offset = 0; offset < 10_000; offset++) {
      const now = index.next(1, 0, offset)
      if (now === 'loading') waits++
      const entry = now === 'loading' ? await index.load(1, 0, offset) : now
      assert.equal(entry !== 'none' && entry.offset, offset)
      // As when the messages themselves are read from the log.
      if (offset % 32 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(index.stats.pageReads <= Math.ceil(10_000 / 341) + 2, `${index.stats.pageReads} reads`)
    assert.ok(waits <= 3, `${waits} waits`)
  })

  it('reads a page once for all who want it at the same time', async () => {
    const index = await open(await sealed(1, 100, 1), 1)
    await Promise.all(Array.from({ length: 1000 }, (_, i) => index.load(1, i % 100, 0)))
    assert.equal(index.stats.pageReads, 3)
  })

  it('finds the segment of an offset among many with few looks into directories, and the one behind it with one', async () => {
    const index = await open(await sealed(64, 3, 2), 64)
    assert.deepEqual(await index.load(1, 2, 77), { offset: 77, position: 38 * SEGMENT + 5, length: 1, storedAt: 77_000, tagHash: 2 })
    assert.ok(index.stats.pageReads <= 2 * 7 + 1, `${index.stats.pageReads} reads`)
    const before = index.stats.pageReads
    await index.load(1, 2, 78)
    assert.ok(index.stats.pageReads - before <= 2 * 2 + 1)
    const files = index.stats.pageReads
    for (let offset = 78; offset < 128; offset++) assert.equal(((await index.load(1, 2, offset)) as { offset: number }).offset, offset)
    // Fences, directory and entries of each of the 25 segments.
    assert.ok(index.stats.pageReads - files <= 25 * 3, `${index.stats.pageReads - files} reads`)
  })

  it('holds no more pages and open files than it may, and needs no memory for what is sealed', async () => {
    const disk = await sealed(100, 400, 2)
    const index = await open(disk, 100, { cacheBytes: 64 * PAGE, openFiles: 5 })
    for (let offset = 0; offset < 200; offset++) await Promise.all([index.load(1, 0, offset), index.load(1, 399, offset), index.load(1, offset, 0)])
    assert.equal(index.stats.cacheBytes, 64 * PAGE)
    assert.equal(index.stats.openBytes, 0)
    assert.ok(disk.openFiles <= 5, `${disk.openFiles} open files`)
    await index.close()
    assert.equal(disk.openFiles, 0)
  })

  it('seals 40,000 queues in many turns of the event loop', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 40_000, 0, 2)
    const pages = Math.ceil(40_000 / 314) + Math.ceil(80_000 / 341)
    assert.ok((await turns(index.seal(0))) >= pages / 16)
    assert.equal(index.stats.openBytes, 0)
    assert.equal(disk.peek(pathOf(0))?.length, (pages + 2) * PAGE)
  })

  it('goes on from memory when a segment cannot be sealed, and seals it when asked again', async () => {
    for (const operation of ['create', 'write', 'sync', 'rename', 'syncFolder'] as const) {
      const disk = new SimulatedDisk()
      const index = await open(disk, 0)
      fill(index, 0, 2, 0, 3)
      index.begin(SEGMENT)
      const fault = disk.fault({ operation }, { fail: 'EIO' })
      await assert.rejects(index.seal(0), FileError)
      assert.notEqual(index.next(1, 1, 2), 'loading')
      assert.deepEqual(index.unsealed, [0, SEGMENT])
      fault.cancel()
      await index.seal(0)
      assert.deepEqual(index.unsealed, [SEGMENT])
      assert.equal(((await index.load(1, 1, 2)) as { offset: number }).offset, 2)
      assert.deepEqual(disk.misuses, [])
    }
  })

  it('does not take a message that was moved to a later segment under its old offset, and does not begin anew with it', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 1, 0, 10)
    fill(index, 1, 1, 10, 10)
    assert.equal(index.add(1, 0, 3, SEGMENT + 500, 1, 3000, 0), false)
    await index.seal(0)
    await index.drop(0)
    assert.deepEqual(index.range(1, 0), { min: 10, max: 20 })
    assert.equal((index.next(1, 0, 3) as { offset: number }).offset, 10)
  })

  it('knows after a restart how far a queue had come of which nothing is left', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 5, 0, 10)
    index.begin(SEGMENT)
    await index.seal(0)
    await index.drop(0)
    for (const kind of ['kill', 'power'] as const) {
      disk.crash(kind, 'none')
      const again = await openQueueIndex({ files: disk.files, folder: FOLDER, segments: [SEGMENT] })
      assert.equal(again.walkFrom, SEGMENT)
      again.walked()
      assert.deepEqual(again.range(1, 4), { min: 10, max: 10 })
      if (kind === 'kill') continue
      again.begin(2 * SEGMENT)
      await again.seal(SEGMENT)
      assert.deepEqual(await disk.files.list(FOLDER), [fileName(SEGMENT)])
    }
    const third = await openQueueIndex({ files: disk.files, folder: FOLDER, segments: [SEGMENT, 2 * SEGMENT] })
    assert.deepEqual(third.range(1, 4), { min: 10, max: 10 })
  })

  it('has the log walked again from the first segment without a whole file, and keeps what later files know of idle queues', async () => {
    const disk = await sealed(4, 3, 2)
    await disk.files.remove(pathOf(1))
    const index = await open(disk, 4)
    assert.equal(index.walkFrom, SEGMENT)
    assert.deepEqual(index.range(1, 0), { min: 0, max: 2 })
    // What was removed from the log says nothing; the last of the files does.
    index.walked()
    assert.deepEqual(index.unsealed, [SEGMENT, 2 * SEGMENT, 3 * SEGMENT])
    assert.deepEqual(index.range(1, 0), { min: 0, max: 8 })
    disk.crash('power')
    const again = await open(disk, 4)
    assert.equal(again.walkFrom, SEGMENT)
    for (const segment of [1, 2, 3]) fill(again, segment, 3, segment * 2, 2)
    again.walked()
    for (const segment of [1, 2, 3]) await again.seal(segment * SEGMENT)
    assert.deepEqual(
      await disk.files.list(FOLDER),
      [0, 1, 2, 3].map((segment) => fileName(segment * SEGMENT)),
    )
    assert.deepEqual(again.range(1, 2), { min: 0, max: 8 })
  })

  it('says which page is damaged when it comes upon it, and has the segment walked again after the next start', async () => {
    const disk = await sealed(3, 2, 500)
    disk.poke(pathOf(1), Uint8Array.of(1, 2, 3), 5 * PAGE)
    const problems: Error[] = []
    const index = await open(disk, 3, { onProblem: (problem) => problems.push(problem) })
    assert.equal(index.walkFrom, 3 * SEGMENT)
    await assert.rejects(index.load(1, 1, 999), FormatError)
    await assert.rejects(index.load(1, 1, 999), /page 5 does not fit its checksum/)
    assert.equal(problems.length, 1)
    assert.equal(((await index.load(1, 0, 500)) as { offset: number }).offset, 500)
    await index.close()
    const again = await open(disk, 3)
    assert.equal(again.walkFrom, SEGMENT)
  })

  it('hands on that a page cannot be read, and reads it when asked again', async () => {
    const disk = await sealed(1, 1, 1)
    const index = await open(disk, 1)
    const fault = disk.fault({ operation: 'read' }, { fail: 'EIO' })
    await assert.rejects(index.load(1, 0, 0), FileError)
    await assert.rejects(index.offsetAt(1, 0, 0), FileError)
    fault.cancel()
    assert.equal(((await index.load(1, 0, 0)) as { offset: number }).offset, 0)
    assert.deepEqual(index.problems, [])
  })

  it('answers who waits for a page of a segment that goes, with what is left', async () => {
    const disk = await sealed(2, 1, 10)
    const index = await open(disk, 2)
    const reads = disk.fault({ operation: 'read' }, { hold: true })
    const asked = index.load(1, 0, 5)
    const dropped = index.drop(0)
    reads.cancel()
    await dropped
    const entry = await asked
    assert.ok(entry !== 'none' && (entry.offset === 5 || entry.offset === 10))
    assert.deepEqual(index.range(1, 0), { min: 10, max: 20 })
    assert.equal(((await index.load(1, 0, 5)) as { offset: number }).offset, 10)
  })

  it('lets offsets be raised by who knows more, which leaves a gap that nothing is in', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 1, 0, 3)
    index.raise(1, 0, 10)
    index.raise(1, 0, 7)
    index.raise(9, 0, 4)
    assert.deepEqual(index.range(1, 0), { min: 0, max: 10 })
    assert.deepEqual(index.range(9, 0), { min: 4, max: 4 })
    assert.equal(index.next(1, 0, 3), 'none')
    fill(index, 1, 1, 10, 1)
    await index.seal(0)
    assert.equal(index.next(1, 0, 3), 'loading')
    assert.equal(((await index.load(1, 0, 3)) as { offset: number }).offset, 10)
    await index.drop(0)
    assert.deepEqual(index.range(1, 0), { min: 10, max: 11 })
    assert.deepEqual(index.range(9, 0), { min: 4, max: 4 })
  })

  it('refuses what its caller must not do', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    assert.throws(() => index.add(1, 0, 0, 5, 1, 0, 0), /no segment was begun for position 5/)
    for (const segment of [0, 1, 2]) fill(index, segment, 1, segment, 1)
    await assert.rejects(index.seal(SEGMENT), /segment 10000000 cannot be sealed: the oldest that is not is 0/)
    await assert.rejects(index.drop(SEGMENT), /is not the oldest/)
    assert.throws(() => index.add(1, 65536, 0, 2 * SEGMENT + 9, 1, 0, 0), RangeError)
    assert.throws(() => index.add(1, 0, 2 ** 48, 2 * SEGMENT + 9, 1, 0, 0), RangeError)
    assert.throws(() => index.add(1, 0, 9, 2 * SEGMENT + 2 ** 32, 1, 0, 0), RangeError)
    assert.equal(index.add(1, 0, 9, SEGMENT + 9, 1, 0, 0), false)
    await index.seal(0)
    await index.seal(0)
    await index.drop(7 * SEGMENT)
    await index.drop(0)
    await index.drop(0)
    assert.deepEqual(index.range(1, 0), { min: 1, max: 3 })
  })

  it('forgets a topic at once, also while its segment is sealed, and takes nothing of it any more', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 50, 0, 10)
    index.add(2, 0, 0, 5000, 1, 0, 0)
    index.begin(SEGMENT)
    const sealing = index.seal(0)
    index.dropTopic(1)
    assert.equal(index.next(1, 3, 0), 'none')
    assert.equal(index.add(1, 3, 10, SEGMENT, 1, 0, 0), false)
    index.add(3, 0, 0, SEGMENT + 1, 1, 0, 0)
    await sealing
    assert.equal(await index.load(1, 3, 0), 'none')
    assert.equal(await index.offsetAt(1, 3, 0), 0)
    assert.equal(((await index.load(2, 0, 0)) as { position: number }).position, 5000)
    assert.equal(index.stats.queues, 2)
  })

  it('writes a segment again when messages are taken back while it is written, and shows no file that has them', async () => {
    for (const operation of ['write', 'sync', 'syncFolder'] as const) {
      const disk = new SimulatedDisk()
      const index = await open(disk, 0)
      fill(index, 0, 1, 0, 5)
      index.begin(SEGMENT)
      const fault = disk.fault({ operation, times: 1 }, { hold: true })
      const sealing = index.seal(0)
      while (fault.held === 0) await new Promise((resolve) => setImmediate(resolve))
      index.forget(3, 5)
      fault.cancel()
      await sealing
      if (operation === 'write') assert.equal(disk.counts.rename, 1)
      assert.deepEqual(index.range(1, 0), { min: 0, max: 5 })
      assert.equal(await index.load(1, 0, 3), 'none')
      assert.equal(((await index.load(1, 0, 2)) as { offset: number }).offset, 2)
    }
  })

  it('goes on to the next file where the end of a segment could not be stored', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 1, 0, 5)
    index.forget(3, 5)
    for (const segment of [1, 2]) fill(index, segment, 1, segment * 5, 5)
    for (const segment of [0, 1]) await index.seal(segment * SEGMENT)
    for (let offset = 3; offset < 15; offset++) assert.equal(((await index.load(1, 0, offset)) as { offset: number }).offset, Math.max(5, offset))
    assert.equal(await index.offsetAt(1, 0, 3000), 5)
    await index.drop(0)
    assert.deepEqual(index.range(1, 0), { min: 5, max: 15 })
  })

  it('gives what it keeps of a queue to another one when the first is gone, and nothing of what it knew', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    let most = 0
    for (let round = 0; round < 300; round++) {
      const base = round * SEGMENT
      index.begin(base)
      // The first message of the segment could not be stored: a gap that is remembered with the queue.
      for (const queue of [0, 1]) for (const offset of [0, 1, 2]) index.add(round, queue, offset, base + offset, 1, 0, 0)
      if (round > 0) {
        for (const queue of [0, 1]) for (const offset of [3, 4]) index.add(round - 1, queue, offset, base + 10 + queue * 10 + offset, 1, 0, 0)
        index.forget(base + 13, base + 14)
        const fault = disk.fault({ operation: 'write', times: 1 }, { hold: true })
        const sealing = index.seal(base - SEGMENT)
        while (fault.held === 0) await new Promise((resolve) => setImmediate(resolve))
        // Some topics go while that gap is written to a file, others later.
        if (round % 3 === 0) index.dropTopic(round - 2)
        if (round % 3 !== 2) index.dropTopic(round - 4)
        fault.cancel()
        await sealing
        await index.drop(base - 2 * SEGMENT)
        if (round > 2 && round % 3 !== 0) {
          assert.deepEqual(index.range(round - 2, 0), { min: 4, max: 5 })
          assert.deepEqual(index.range(round - 2, 1), { min: 3, max: 5 })
        }
      }
      assert.deepEqual(index.range(round, 0), { min: 0, max: 3 })
      assert.deepEqual(index.range(round, 1), { min: 0, max: 3 })
      if (round === 23) most = index.stats.queueBytes
    }
    assert.equal(index.stats.queueBytes, most)
  })

  it('answers with what is left when the file goes before it could be opened', async () => {
    const disk = await sealed(2, 1, 10)
    const index = await open(disk, 2)
    const fault = disk.fault({ operation: 'open', times: 1 }, { hold: true })
    const asked = index.load(1, 0, 5)
    await index.drop(0)
    fault.cancel()
    assert.equal(((await asked) as { offset: number }).offset, 10)
  })

  it('makes a file last that was there when it was opened, before it counts on it', async () => {
    const disk = new SimulatedDisk()
    const index = await open(disk, 0)
    fill(index, 0, 1, 0, 5)
    index.begin(SEGMENT)
    disk.fault({ operation: 'syncFolder' }, { crash: 'kill' })
    await assert.rejects(index.seal(0))
    disk.heal()
    const again = await open(disk, 2)
    assert.equal(again.walkFrom, 5)
    again.walked()
    await again.drop(0)
    disk.crash('power', 'none')
    const third = await openQueueIndex({ files: disk.files, folder: FOLDER, segments: [SEGMENT] })
    assert.deepEqual(third.range(1, 0), { min: 5, max: 5 })
  })
})
