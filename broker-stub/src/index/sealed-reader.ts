import { type DirectoryRow, damaged, onPage, readKey, readRow } from './directory.ts'
import { ENTRY_BYTES, type IndexEntry, readEntry, readOffset, readStoredAt } from './entry.ts'
import { ENTRIES, FENCE_BYTES, FENCES, ROW_BYTES, ROWS } from './layout.ts'
import type { PageCache } from './page-cache.ts'
import type { SealedSegment } from './sealed-segment.ts'

/** A page must be read first: which one is in {@link SealedReader.missing}. */
export const MISSING = -2
const NONE = -1

/**
 * Looks things up in index files as far as their pages are in memory. It answers at once; numbers are answers, {@link MISSING} says that the page which
 * {@link load} brings is needed to go on.
 */
export class SealedReader {
  /** What {@link findRow} found. */
  readonly row: DirectoryRow = { key: 0, count: 0, start: 0, first: 0, end: 0 }
  readonly #cache: PageCache
  #fence = 0
  #missing: { readonly segment: SealedSegment; readonly page: number } | undefined

  constructor(cache: PageCache) {
    this.#cache = cache
  }

  /** The page that the last answer wanted. */
  get missing(): { readonly segment: SealedSegment; readonly page: number } {
    if (this.#missing === undefined) throw new Error('nothing was missing')
    return this.#missing
  }

  load({ segment, page }: { readonly segment: SealedSegment; readonly page: number }): Promise<void> {
    return this.#cache.load(segment, page)
  }

  /** Fills {@link row}; one without entries and offsets where the segment does not know the queue. */
  findRow(segment: SealedSegment, key: number): typeof MISSING | 0 {
    const { fences, directory, gaps } = segment.layout
    const page = this.#findFence(segment, key, directory - fences, gaps - directory)
    if (page === MISSING) return MISSING
    this.row.key = key
    this.row.count = 0
    this.row.start = 0
    this.row.first = 0
    this.row.end = 0
    if (page === NONE) return 0
    const view = this.#page(segment, directory + page)
    if (view === undefined) return MISSING
    if (readKey(view, 0) !== this.#fence) throw damaged(segment.path, 'its directory does not begin where its fences say')
    const at = lastUpTo(view, key, onPage(segment.head.queues, ROWS, page), ROW_BYTES)
    if (readKey(view, at * ROW_BYTES) === key) readRow(view, at * ROW_BYTES, this.row)
    return 0
  }

  /** The page of the directory where the key would be. */
  #findFence(segment: SealedSegment, key: number, pages: number, total: number): number {
    // One page of fences is enough for 428,000 queues.
    let low = 0
    let high = pages - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const view = this.#page(segment, segment.layout.fences + middle)
      if (view === undefined) return MISSING
      if (readKey(view, 0) > key) high = middle - 1
      else low = middle
    }
    if (pages === 0) return NONE
    const view = this.#page(segment, segment.layout.fences + low)
    if (view === undefined) return MISSING
    const at = lastUpTo(view, key, onPage(total, FENCES, low), FENCE_BYTES)
    this.#fence = readKey(view, at * FENCE_BYTES)
    return low * FENCES + at
  }

  /**
   * The number of the first entry of {@link row} at or after the offset; that behind its last where there is none. Since an entry takes an offset, and
   * offsets are seldom left out, hardly anything is left to search: reading forward touches the page of the entry and no other.
   */
  firstFrom(segment: SealedSegment, offset: number): number {
    const { start, count, first, end } = this.row
    if (offset <= first) return start
    const low = start + Math.max(0, count - (end - offset))
    return this.#search(segment, low, start + Math.min(count, offset - first), offset, readOffset)
  }

  /** The same for a time of storing. */
  firstSince(segment: SealedSegment, time: number): number {
    const { start, count } = this.row
    return this.#search(segment, start, start + count, time, readStoredAt)
  }

  /** @returns undefined when the page is missing. */
  entry(segment: SealedSegment, number: number): IndexEntry | undefined {
    const view = this.#entries(segment, number)
    return view === undefined ? undefined : readEntry(view, (number % ENTRIES) * ENTRY_BYTES, segment.head.base)
  }

  /** Begins to read the page behind that of entry `number` if the queue goes on there: who reads forward will want it soon. */
  prefetch(segment: SealedSegment, number: number, last: number): void {
    const page = Math.floor(number / ENTRIES) + 1
    // Half a page ahead is soon enough, and costs the first half nothing.
    if (number % ENTRIES < ENTRIES / 2) return
    if (page > Math.floor(last / ENTRIES)) return
    const wanted = segment.layout.entries + page
    if (segment.damage !== undefined || this.#cache.isLoading(segment, wanted) || this.#cache.get(segment, wanted) !== undefined) return
    // What is wrong with it is said to who asks for it.
    this.#cache.load(segment, wanted).catch(() => undefined)
  }

  #search(segment: SealedSegment, from: number, to: number, wanted: number, read: (view: DataView, at: number) => number): number {
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      const view = this.#entries(segment, middle)
      if (view === undefined) return MISSING
      if (read(view, (middle % ENTRIES) * ENTRY_BYTES) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  #entries(segment: SealedSegment, number: number): DataView | undefined {
    return this.#page(segment, segment.layout.entries + Math.floor(number / ENTRIES))
  }

  #page(segment: SealedSegment, page: number): DataView | undefined {
    const view = this.#cache.get(segment, page)
    if (view === undefined) this.#missing = { segment, page }
    return view
  }
}

/** The last of `count` sorted keys that is not above `key`; 0 if all are. */
function lastUpTo(view: DataView, key: number, count: number, bytes: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (readKey(view, middle * bytes) > key) high = middle - 1
    else low = middle
  }
  return low
}
