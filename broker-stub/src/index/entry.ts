/** Where one message of a queue lies. */
export interface IndexEntry {
  /** Its place in its queue. */
  readonly offset: number
  /** Of its record in the log. */
  readonly position: number
  /** Of its record, bytes. */
  readonly length: number
  /** Wall time of storing, ms; never below that of the entry before it in its segment, also where the clock went back. */
  readonly storedAt: number
  /** u32; which messages a tag expression may want is seen without reading them. */
  readonly tagHash: number
}

/**
 * In memory as in the files: offset u48, stored at u48, position u32 (from the base of the segment), length u32, hash of the tag u32. Little endian,
 * ordered so that the four-byte parts are aligned.
 */
export const ENTRY_BYTES = 24

/** Offsets, positions and times are u48. */
export const LIMIT: number = 2 ** 48
const WORD = 2 ** 32

export function isU48(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < LIMIT
}

export function writeEntry(view: DataView, at: number, offset: number, place: number, length: number, storedAt: number, tagHash: number): void {
  view.setUint32(at, offset, true)
  view.setUint16(at + 4, offset / WORD, true)
  view.setUint16(at + 6, storedAt / WORD, true)
  view.setUint32(at + 8, storedAt, true)
  view.setUint32(at + 12, place, true)
  view.setUint32(at + 16, length, true)
  view.setUint32(at + 20, tagHash, true)
}

export function readOffset(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * WORD
}

export function readStoredAt(view: DataView, at: number): number {
  return view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * WORD
}

export function readPlace(view: DataView, at: number): number {
  return view.getUint32(at + 12, true)
}

export function readEntry(view: DataView, at: number, base: number): IndexEntry {
  return {
    offset: readOffset(view, at),
    position: base + readPlace(view, at),
    length: view.getUint32(at + 16, true),
    storedAt: readStoredAt(view, at),
    tagHash: view.getUint32(at + 20, true),
  }
}

export function writeU48(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true)
  view.setUint16(at + 4, value / WORD, true)
}

export function readU48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * WORD
}
