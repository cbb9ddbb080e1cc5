import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FormatError } from '../files/format.ts'
import { SimulatedDisk } from '../files/test-kit/simulated-files.ts'
import type { IndexEntry } from './entry.ts'
import { fileName, PAGE, ROW_BYTES, ROWS, sealPage, writeHead } from './layout.ts'
import { openQueueIndex, type QueueIndex } from './queue-index.ts'

const FOLDER = '/index'
const PATH = `${FOLDER}/${fileName(0)}`
const QUEUES = 700
const END = 1_000_000

/** A disk with the index of one segment: one message in each of 700 queues, whose directory has three pages, and 1000 in another. */
async function prepared(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const index = await openQueueIndex({ files: disk.files, folder: FOLDER, segments: [] })
  index.begin(0)
  for (let queue = 0; queue < QUEUES; queue++) index.add(1, queue, 5, queue * 100, 90, 1000, queue)
  for (let offset = 0; offset < 1000; offset++) index.add(2, 0, offset, 100_000 + offset * 10, 10, 1000 + offset, 0)
  await index.seal(0, END)
  await index.close()
  return disk
}

async function open(disk: SimulatedDisk): Promise<QueueIndex> {
  return openQueueIndex({ files: disk.files, folder: FOLDER, segments: [0] })
}

function contentOf(disk: SimulatedDisk): Uint8Array {
  const bytes = disk.peek(PATH)
  assert.ok(bytes)
  return bytes
}

async function replace(disk: SimulatedDisk, bytes: Uint8Array): Promise<void> {
  await disk.files.remove(PATH)
  const file = await disk.files.create(PATH, 0)
  await file.write([bytes], 0)
  await file.close()
}

const expected = (topic: number, at: number): IndexEntry =>
  topic === 1
    ? { offset: 5, position: at * 100, length: 90, storedAt: 1000, tagHash: at }
    : { offset: at, position: 100_000 + at * 10, length: 10, storedAt: 1000 + at, tagHash: 0 }

/** Changes one page and makes its checksum right again, as somebody could who knows how. */
async function forge(disk: SimulatedDisk, page: number, change: (view: DataView) => void): Promise<void> {
  const bytes = contentOf(disk)
  change(new DataView(bytes.buffer, bytes.byteOffset + page * PAGE, PAGE))
  sealPage(bytes, page * PAGE, page)
  await replace(disk, bytes)
}

describe('index files that somebody else wrote, or that are damaged', () => {
  it('refuse to be opened when they are of a newer version, by name', async () => {
    const disk = await prepared()
    disk.poke(PATH, Uint8Array.of(2), 8)
    await assert.rejects(open(disk), (error: unknown) => {
      assert.ok(error instanceof FormatError)
      assert.equal(error.kind, 'newer')
      assert.match(error.message, /00000000000000000000\.idx has format version 2, and .* reads up to 1/)
      return true
    })
    assert.equal(contentOf(disk).length % PAGE, 0)
  })

  it('never answer wrongly with one byte changed anywhere: the damage is reported at opening or when it is come upon', async () => {
    const disk = await prepared()
    const whole = contentOf(disk)
    const bytes = fc.oneof(fc.integer({ min: 12, max: 80 }), fc.integer({ min: 12, max: whole.length - 1 }))
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const harmed = Uint8Array.from(whole)
        harmed[at] = (harmed[at] as number) ^ change
        await disk.files.makeFolder(FOLDER)
        await replace(disk, harmed)
        const index = await open(disk)
        if (index.problems.length > 0) {
          assert.equal(index.walkFrom, 0)
          return
        }
        let found = 0
        for (const [topic, queue, offset] of [
          ...Array.from({ length: QUEUES }, (_, queue) => [1, queue, 5]),
          [2, 0, 0],
          [2, 0, 500],
          [2, 0, 999],
        ] as const) {
          try {
            assert.deepEqual(
              await index.load(topic as number, queue as number, offset as number),
              expected(topic as number, (topic === 1 ? queue : offset) as number),
            )
          } catch (error) {
            if (!(error instanceof FormatError)) throw error
            found++
          }
        }
        await index.close()
        for (const name of await disk.files.list(FOLDER)) await disk.files.remove(`${FOLDER}/${name}`)
        assert.ok(found > 0 || at >= whole.length - 3 * PAGE, `a change at ${at} was not noticed`)
      }),
      { numRuns: 60 },
    )
  }).timeout(60_000)

  it('are reported at any length but their own', async () => {
    const whole = contentOf(await prepared())
    for (const length of [0, 1, 11, 12, 60, PAGE - 1, PAGE, whole.length - PAGE, whole.length - 1, whole.length + 1, whole.length + PAGE]) {
      const disk = await prepared()
      const other = new Uint8Array(length)
      other.set(whole.subarray(0, length))
      await replace(disk, other)
      const index = await open(disk)
      assert.equal(index.problems.length, 1)
      assert.match(index.problems[0]?.message ?? '', /^\/index\/0+\.idx (is damaged|is not a file of this broker|has \d+ bytes where)/)
      assert.equal(index.walkFrom, 0)
    }
  })

  it('are not believed about how much they have', async () => {
    const largest = 2 ** 32 - 1
    const counts = fc.record({ queues: fc.nat(largest), gaps: fc.nat(largest), entries: fc.nat(largest) })
    await fc.assert(
      fc.asyncProperty(counts, async (head) => {
        const disk = new SimulatedDisk()
        await disk.files.makeFolder(FOLDER)
        const page = new Uint8Array(PAGE)
        writeHead(page, { base: 0, end: END, newest: 0, ...head })
        await replace(disk, page)
        const index = await open(disk)
        assert.match(index.problems[0]?.message ?? '', /has 8192 bytes where its head speaks of \d+/)
        assert.equal(index.walkFrom, 0)
      }),
      { numRuns: 30 },
    )
  })

  it('are refused with a directory that is not in order, or speaks of entries that are not there', async () => {
    const forgeries: [number, (view: DataView) => void, RegExp][] = [
      [2, (view) => view.setUint32(2, 9, true), /its directory is not in order/],
      [3, (view) => view.setUint32(2, 0, true), /its directory is not in order/],
      [2, (view) => view.setUint32(6, 2 ** 31, true), /entries that are not there/],
      [2, (view) => view.setUint32(ROW_BYTES + 10, 7, true), /entries that are not there/],
      [2, (view) => view.setUint32(14, 7, true), /more entries than offsets/],
    ]
    for (const [page, change, message] of forgeries) {
      const disk = await prepared()
      await forge(disk, page, change)
      const index = await open(disk)
      assert.match(index.problems[0]?.message ?? '', message)
      assert.equal(index.walkFrom, 0)
    }
  })

  it('are refused where fences and directory do not fit each other', async () => {
    const disk = await prepared()
    // The second page of the directory begins with queue 313 + 1 of topic 1.
    await forge(disk, 1, (view) => view.setUint16(6, ROWS + 1, true))
    const index = await open(disk)
    assert.equal(index.problems.length, 0)
    assert.equal(index.next(1, ROWS + 5, 5), 'loading')
    await assert.rejects(index.load(1, ROWS + 5, 5), /does not begin where its fences say/)
    assert.equal(index.next(1, ROWS + 5, 5), 'loading')
  })

  it('are not read when their names are not those of index files, and left alone', async () => {
    const disk = await prepared()
    for (const name of ['notes.txt', '1.idx', `${fileName(0)}.tmp`]) await (await disk.files.create(`${FOLDER}/${name}`, 10)).close()
    const index = await open(disk)
    assert.deepEqual(index.problems, [])
    assert.deepEqual(await disk.files.list(FOLDER), [fileName(0), '1.idx', 'notes.txt'])
  })
})
