import { FormatError } from '../files/format.ts'
import { readU48, writeU48 } from './entry.ts'
import { FENCE_BYTES, FENCES, GAP_BYTES, GAPS, type IndexHead, type Layout, ROW_BYTES, ROWS } from './layout.ts'

/** What a segment has of one queue. */
export interface DirectoryRow {
  key: number
  count: number
  /** Number of its first entry among all of the file. */
  start: number
  /** Offset of the first entry; {@link end} when there is none. */
  first: number
  /** Offsets below were given before the end of the segment. */
  end: number
}

/** Offsets of a queue which no message has, between what one segment and the one before hold: [from, to). */
export interface GapRow {
  readonly key: number
  readonly from: number
  readonly to: number
}

export function writeRow(view: DataView, at: number, row: DirectoryRow): void {
  writeU48(view, at, row.key)
  view.setUint32(at + 6, row.count, true)
  view.setUint32(at + 10, row.start, true)
  writeU48(view, at + 14, row.first)
  writeU48(view, at + 20, row.end)
}

export function readKey(view: DataView, at: number): number {
  return readU48(view, at)
}

export function readRow(view: DataView, at: number, into: DirectoryRow): void {
  into.key = readU48(view, at)
  into.count = view.getUint32(at + 6, true)
  into.start = view.getUint32(at + 10, true)
  into.first = readU48(view, at + 14)
  into.end = readU48(view, at + 20)
}

export function writeGap(view: DataView, at: number, key: number, from: number, to: number): void {
  writeU48(view, at, key)
  writeU48(view, at + 6, from)
  writeU48(view, at + 12, to)
}

export function readGap(view: DataView, at: number): GapRow {
  return { key: readU48(view, at), from: readU48(view, at + 6), to: readU48(view, at + 12) }
}

/** How many of `all` things are on page `page` of those that hold `each`. */
export function onPage(all: number, each: number, page: number): number {
  return Math.min(each, all - page * each)
}

const row: DirectoryRow = { key: 0, count: 0, start: 0, first: 0, end: 0 }

/**
 * Looks at a page whose checksum is right before anything of it is believed: a file may be made by somebody else.
 * @throws {FormatError} where it says what cannot be
 */
export function checkPage(view: DataView, page: number, head: IndexHead, layout: Layout, path: string): void {
  // Entries are judged when one is found: those of several queues share a page.
  if (page >= layout.entries) return
  if (page >= layout.gaps) checkGaps(view, onPage(head.gaps, GAPS, page - layout.gaps), path)
  else if (page >= layout.directory) checkRows(view, onPage(head.queues, ROWS, page - layout.directory), head.entries, path)
  else checkSorted(view, onPage(layout.gaps - layout.directory, FENCES, page - layout.fences), FENCE_BYTES, path)
}

function checkRows(view: DataView, rows: number, entries: number, path: string): void {
  checkSorted(view, rows, ROW_BYTES, path)
  let start = -1
  for (let i = 0; i < rows; i++) {
    readRow(view, i * ROW_BYTES, row)
    if (row.start + row.count > entries || (start >= 0 && row.start !== start))
      throw damaged(path, 'its directory speaks of entries that are not there')
    if (row.first > row.end || row.count > row.end - row.first) throw damaged(path, 'its directory has a queue with more entries than offsets')
    start = row.start + row.count
  }
}

function checkGaps(view: DataView, gaps: number, path: string): void {
  for (let i = 0; i < gaps; i++) {
    const { from, to } = readGap(view, i * GAP_BYTES)
    if (from >= to) throw damaged(path, 'it has a gap that ends before it begins')
  }
}

function checkSorted(view: DataView, count: number, bytes: number, path: string): void {
  for (let i = 1; i < count; i++) {
    if (readKey(view, (i - 1) * bytes) >= readKey(view, i * bytes)) throw damaged(path, 'its directory is not in order')
  }
}

export function damaged(path: string, what: string): FormatError {
  return new FormatError('damaged', path, `${path} is damaged: ${what}`)
}
