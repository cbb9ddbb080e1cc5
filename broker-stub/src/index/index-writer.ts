import { setImmediate } from 'node:timers/promises'
import type { File } from '../files/files.ts'
import { type DirectoryRow, writeGap, writeRow } from './directory.ts'
import { ENTRY_BYTES, writeU48 } from './entry.ts'
import {
  ENTRIES,
  FENCE_BYTES,
  FENCES,
  GAP_BYTES,
  GAPS,
  type IndexHead,
  type Layout,
  layoutOf,
  PAGE,
  ROW_BYTES,
  ROWS,
  sealPage,
  writeHead,
} from './layout.ts'
import type { OpenSegment } from './open-segment.ts'
import type { SortedQueues } from './queue-table.ts'

/** Pages that are made and written at once: filling them takes less than a millisecond. */
const BATCH = 16
/** Queues that are looked at in one go. */
const SLICE = 4096

/** What is written: a segment that gets no more entries, the queues as they are known, and how far each of them had come at the segment's end. */
export interface IndexSource {
  readonly segment: OpenSegment
  /** {@link OpenSegment.changes} when the rest was taken. */
  readonly changes: number
  readonly queues: SortedQueues
  /** The position up to which it is indexed. */
  readonly end: number
  endOf(slot: number): number
}

/**
 * Writes an index file, in slices with a turn of the event loop between them.
 * @returns its head; undefined when the segment changed meanwhile, so that what was written is of no use
 */
export async function writeIndex(file: File, source: IndexSource): Promise<IndexHead | undefined> {
  const head = await headOf(source)
  const layout = layoutOf(head)
  const pages = new PageWriter(file)
  writeHead(pages.page, head)
  await pages.next()
  await writeFences(pages, source.queues, layout)
  await writeDirectory(pages, source)
  await writeGaps(pages, source, head.gaps)
  await writeEntries(pages, source)
  await pages.flush()
  return source.segment.changes === source.changes ? head : undefined
}

/** A run whose first entry lies above what the segments before hold. */
export function hasGap(segment: OpenSegment, run: number): boolean {
  return segment.lowest(run) > segment.floor(run)
}

async function headOf({ segment, queues, end }: IndexSource): Promise<IndexHead> {
  let entries = 0
  let gaps = 0
  for (let i = 0; i < queues.slots.length; i++) {
    if (i % SLICE === SLICE - 1) await setImmediate()
    const run = segment.find(queues.slots[i] as number)
    if (run < 0) continue
    entries += segment.count(run)
    if (hasGap(segment, run)) gaps++
  }
  return { base: segment.base, end, newest: entries === 0 ? 0 : segment.newest, queues: queues.keys.length, gaps, entries }
}

async function writeFences(pages: PageWriter, { keys }: SortedQueues, layout: Layout): Promise<void> {
  const fences = layout.gaps - layout.directory
  for (let i = 0; i < fences; i++) {
    writeU48(pages.view, pages.at + (i % FENCES) * FENCE_BYTES, keys[i * ROWS] as number)
    if (i % FENCES === FENCES - 1 || i === fences - 1) await pages.next()
  }
}

async function writeDirectory(pages: PageWriter, source: IndexSource): Promise<void> {
  const { segment, queues } = source
  const row: DirectoryRow = { key: 0, count: 0, start: 0, first: 0, end: 0 }
  const total = queues.keys.length
  for (let i = 0; i < total; i++) {
    const slot = queues.slots[i] as number
    const run = segment.find(slot)
    row.start += row.count
    row.key = queues.keys[i] as number
    row.count = run < 0 ? 0 : segment.count(run)
    row.end = source.endOf(slot)
    row.first = row.count === 0 ? row.end : segment.lowest(run)
    writeRow(pages.view, pages.at + (i % ROWS) * ROW_BYTES, row)
    if (i % ROWS === ROWS - 1 || i === total - 1) await pages.next()
  }
}

async function writeGaps(pages: PageWriter, { segment, queues }: IndexSource, total: number): Promise<void> {
  for (let i = 0, gaps = 0; gaps < total && i < queues.slots.length; i++) {
    const run = segment.find(queues.slots[i] as number)
    if (run < 0 || !hasGap(segment, run)) continue
    writeGap(pages.view, pages.at + (gaps % GAPS) * GAP_BYTES, queues.keys[i] as number, segment.floor(run), segment.lowest(run))
    gaps++
    if (gaps % GAPS === 0 || gaps === total) await pages.next()
  }
}

async function writeEntries(pages: PageWriter, { segment, queues, changes }: IndexSource): Promise<void> {
  let used = 0
  for (let q = 0; q < queues.slots.length; q++) {
    const run = segment.find(queues.slots[q] as number)
    const count = run < 0 ? 0 : segment.count(run)
    for (let i = 0; i < count; ) {
      const many = segment.copy(run, i, Math.min(count - i, ENTRIES - used), pages.bytes, pages.at + used * ENTRY_BYTES)
      i += many
      used += many
      if (used === ENTRIES) {
        await pages.next()
        if (segment.changes !== changes) return
        used = 0
      }
    }
  }
  if (used > 0) await pages.next()
}

/** Gathers pages and writes some at once. */
class PageWriter {
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(BATCH * PAGE)
  readonly view: DataView = new DataView(this.bytes.buffer)
  readonly #file: File
  /** Number in the file of the first page in {@link bytes}. */
  #first = 0
  #pages = 0

  constructor(file: File) {
    this.#file = file
  }

  /** Where the current page begins in {@link bytes}. */
  get at(): number {
    return this.#pages * PAGE
  }

  get page(): Uint8Array {
    return this.bytes.subarray(this.at, this.at + PAGE)
  }

  /** Ends the current page. */
  async next(): Promise<void> {
    sealPage(this.bytes, this.at, this.#first + this.#pages)
    if (++this.#pages === BATCH) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#pages === 0) return
    await this.#file.write([this.bytes.subarray(0, this.#pages * PAGE)], this.#first * PAGE)
    // The write may be done before it returns, as in memory.
    await setImmediate()
    this.#first += this.#pages
    this.#pages = 0
    this.bytes.fill(0)
  }
}
