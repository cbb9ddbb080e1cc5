import { damaged } from './directory.ts'
import type { IndexEntry } from './entry.ts'
import type { OpenSegment } from './open-segment.ts'
import { MISSING, type SealedReader } from './sealed-reader.ts'
import type { SealedSegment } from './sealed-segment.ts'
import type { Segments } from './segments.ts'

/** An offset, or a segment's worth of offsets that need not be looked at again. */
export type TimeStep =
  | { readonly kind: 'found'; readonly offset: number }
  | { readonly kind: 'on'; readonly from: number }
  | { readonly kind: 'none' }

/**
 * Finds entries across all segments, as far as it goes without waiting: `loading` means that the page which `reader.missing` names is needed.
 *
 * Every file knows how far every queue had come at the end of its segment, and that only grows from segment to segment. So the first segment that has
 * something at or after an offset is the first whose end is above it, which takes a look into log2(segments) directories; and none but one where the
 * last answer for the queue came from the same segment or the one before.
 */
export class Finder {
  readonly #segments: Segments
  readonly #reader: SealedReader
  /** Where the last entry was found: number in a file, or index in a run. */
  #segment: SealedSegment | OpenSegment | undefined
  #number = 0

  constructor(segments: Segments, reader: SealedReader) {
    this.#segments = segments
    this.#reader = reader
  }

  /** The first entry at or after the offset. @throws {FormatError} where a file says what cannot be */
  find(slot: number, offset: number): IndexEntry | 'none' | 'loading' {
    const { queues, open } = this.#segments
    let from = Math.max(offset, queues.min(slot))
    if (from >= queues.max(slot)) return 'none'
    const first = this.#segments.firstOpen(slot)
    const inFiles = first < 0 ? queues.max(slot) : (open[first] as OpenSegment).floor((open[first] as OpenSegment).find(slot))
    while (from < inFiles) {
      const index = this.#segmentOf(slot, from)
      if (index === MISSING) return 'loading'
      const segment = this.#segments.sealed[index]
      if (segment === undefined) break
      const entry = this.#inFile(slot, segment, from)
      if (entry !== undefined) return entry
      // Offsets at its end were given to nothing that was stored.
      from = this.#reader.row.end
    }
    return first < 0 ? 'none' : this.#inMemory(slot, first, from)
  }

  /** Looks for the first entry at or after `from` that was stored at `time` or later, in the segment that has `from`. */
  findSince(slot: number, from: number, time: number): TimeStep | 'loading' {
    const entry = this.find(slot, from)
    if (entry === 'loading') return 'loading'
    const segment = this.#segment
    if (entry === 'none' || segment === undefined) return { kind: 'none' }
    if (entry.storedAt >= time) return { kind: 'found', offset: entry.offset }
    if ('head' in segment) return this.#sinceInFile(slot, segment, time)
    const run = segment.find(slot)
    const at = segment.firstSince(run, time)
    return at < segment.count(run) ? { kind: 'found', offset: segment.read(run, at).offset } : { kind: 'on', from: segment.runEnd(run) }
  }

  /** How far the queue had come at the end of a file's segment. */
  endOf(slot: number, segment: SealedSegment): number | 'loading' {
    return this.#reader.findRow(segment, this.#segments.queues.key(slot)) === MISSING ? 'loading' : this.#reader.row.end
  }

  /** Index of the first sealed segment whose end is above the offset; as many as there are for none. */
  #segmentOf(slot: number, offset: number): number {
    const { sealed, queues } = this.#segments
    const key = queues.key(slot)
    let low = 0
    let high = sealed.length
    let probe = this.#hinted(slot)
    let read = -1
    // The hinted one and the one behind it are looked at first.
    for (let hints = 2; low < high; hints--) {
      const middle = hints > 0 && probe >= low && probe < high ? probe : (low + high) >>> 1
      const segment = sealed[middle] as SealedSegment
      if (this.#reader.findRow(segment, key) === MISSING) return MISSING
      read = middle
      const { count, first, end } = this.#reader.row
      if (end <= offset) low = middle + 1
      else if (count > 0 && first <= offset) low = high = middle
      else high = middle
      probe = middle + 1
    }
    if (low !== read && low < sealed.length && this.#reader.findRow(sealed[low] as SealedSegment, key) === MISSING) return MISSING
    return low
  }

  #hinted(slot: number): number {
    const oldest = this.#segments.sealed[0]
    const hint = this.#segments.queues.hint(slot)
    return oldest === undefined || hint < oldest.serial ? -1 : hint - oldest.serial
  }

  /** Looks into the row that the reader has; undefined when it has nothing at or after the offset. */
  #inFile(slot: number, segment: SealedSegment, offset: number): IndexEntry | 'loading' | undefined {
    const { start, count, end } = this.#reader.row
    const number = this.#reader.firstFrom(segment, offset)
    if (number === MISSING) return 'loading'
    if (number === start + count) return undefined
    const entry = this.#reader.entry(segment, number)
    if (entry === undefined) return 'loading'
    if (entry.offset < offset || entry.offset >= end) throw damaged(segment.path, 'its entries are not those that its directory speaks of')
    this.#segments.queues.setHint(slot, segment.serial)
    this.#reader.prefetch(segment, number, start + count - 1)
    this.#segment = segment
    this.#number = number
    return entry
  }

  #sinceInFile(slot: number, segment: SealedSegment, time: number): TimeStep | 'loading' {
    if (this.#reader.findRow(segment, this.#segments.queues.key(slot)) === MISSING) return 'loading'
    const { start, count, end } = this.#reader.row
    const number = this.#reader.firstSince(segment, time)
    if (number === MISSING) return 'loading'
    if (number === start + count) return { kind: 'on', from: end }
    const entry = this.#reader.entry(segment, Math.max(number, this.#number))
    return entry === undefined ? 'loading' : { kind: 'found', offset: entry.offset }
  }

  #inMemory(slot: number, first: number, offset: number): IndexEntry | 'none' {
    const { open } = this.#segments
    for (let i = first; i < open.length; i++) {
      const segment = open[i] as OpenSegment
      const run = segment.find(slot)
      if (run < 0 || segment.runEnd(run) <= offset) continue
      const at = segment.firstFrom(run, offset)
      if (at === segment.count(run)) continue
      this.#segment = segment
      return segment.read(run, at)
    }
    return 'none'
  }
}
