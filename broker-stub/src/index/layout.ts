import { crc32 } from 'node:zlib'
import { checkFormat, type Format, FormatError, writeFormat } from '../files/format.ts'
import { ENTRY_BYTES, isU48, readU48, writeU48 } from './entry.ts'

/**
 * An index file is a whole number of pages:
 *
 *     head       one page: what {@link IndexHead} says
 *     fences     the first key of each page of the directory
 *     directory  for every queue that was known, by key: how many entries, which is the first, and which offsets the segment covers
 *     gaps       of queues whose first entry lies above the offsets of the segments before: offsets that no message has
 *     entries    24 bytes each, those of a queue one after the other by offset
 *
 * Each page ends with a CRC32 over itself, begun with its number, so that no page is taken for another. Rows do not cross pages; what is left is zero.
 * Sizes and places of all parts follow from the counts in the head, and the size of the file must be what they say.
 */
export const INDEX_FORMAT: Format = { magic: 'FMQINDEX', version: 1 }

export const PAGE = 8192
const CRC = PAGE - 4

export const FENCE_BYTES = 6
export const ROW_BYTES = 26
export const GAP_BYTES = 18
export const FENCES: number = Math.floor(CRC / FENCE_BYTES)
export const ROWS: number = Math.floor(CRC / ROW_BYTES)
export const GAPS: number = Math.floor(CRC / GAP_BYTES)
export const ENTRIES: number = Math.floor(CRC / ENTRY_BYTES)

export interface IndexHead {
  /** First position of the segment. */
  readonly base: number
  /** Position up to which the segment is indexed: the log is walked from there. */
  readonly end: number
  /** Newest time of storing in the segment, ms; 0 when it has no entries. */
  readonly newest: number
  readonly queues: number
  readonly gaps: number
  readonly entries: number
}

/** Numbers of the first page of each part, and of all pages. */
export interface Layout {
  readonly fences: number
  readonly directory: number
  readonly gaps: number
  readonly entries: number
  readonly pages: number
}

export function layoutOf(head: Pick<IndexHead, 'queues' | 'gaps' | 'entries'>): Layout {
  const fences = 1
  const rows = Math.ceil(head.queues / ROWS)
  const directory = fences + Math.ceil(rows / FENCES)
  const gaps = directory + rows
  const entries = gaps + Math.ceil(head.gaps / GAPS)
  return { fences, directory, gaps, entries, pages: entries + Math.ceil(head.entries / ENTRIES) }
}

export function fileName(base: number): string {
  return `${String(base).padStart(20, '0')}.idx`
}

/** The base in the name of an index file; undefined for any other name. */
export function baseOf(name: string): number | undefined {
  const base = /^\d{20}\.idx$/.test(name) ? Number(name.slice(0, 20)) : Number.NaN
  return isU48(base) ? base : undefined
}

/** Closes page `number`, which begins at `at`. */
export function sealPage(bytes: Uint8Array, at: number, number: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + CRC, crc32(bytes.subarray(at, at + CRC), number), true)
}

export function isWhole(bytes: Uint8Array, at: number, number: number): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + CRC, true) === crc32(bytes.subarray(at, at + CRC), number)
}

/** @param page Zeros. */
export function writeHead(page: Uint8Array, head: IndexHead): void {
  writeFormat(page, INDEX_FORMAT)
  const view = new DataView(page.buffer, page.byteOffset)
  writeU48(view, 16, head.base)
  writeU48(view, 24, head.end)
  writeU48(view, 32, head.newest)
  view.setUint32(40, head.queues, true)
  view.setUint32(44, head.gaps, true)
  view.setUint32(48, head.entries, true)
  sealPage(page, 0, 0)
}

/**
 * @param page Beginning of the file, as much as there is of a page.
 * @throws {FormatError} for a newer version, for another file's beginning, and where the head does not fit the name or the size of the file
 */
export function readHead(page: Uint8Array, path: string, base: number, size: number): IndexHead {
  checkFormat(page, path, INDEX_FORMAT)
  if (page.length < PAGE || !isWhole(page, 0, 0)) throw new FormatError('damaged', path, `${path} is damaged: its head does not fit its checksum`)
  const view = new DataView(page.buffer, page.byteOffset)
  const head: IndexHead = {
    base: readU48(view, 16),
    end: readU48(view, 24),
    newest: readU48(view, 32),
    queues: view.getUint32(40, true),
    gaps: view.getUint32(44, true),
    entries: view.getUint32(48, true),
  }
  if (head.base !== base) throw new FormatError('damaged', path, `${path} is the index of segment ${head.base}, not of ${base}`)
  if (head.end < base) throw new FormatError('damaged', path, `${path} is damaged: it ends at ${head.end}, before its segment begins`)
  const expected = layoutOf(head).pages * PAGE
  if (size !== expected) throw new FormatError('damaged', path, `${path} has ${size} bytes where its head speaks of ${expected}`)
  return head
}
