import { type Chunk, checkRecord, chunk, claimedLength, RECORD_HEAD, type RecordStamp } from './record.ts'
import { LARGEST_RECORD } from './segment-file.ts'

const WINDOW = 1024 * 1024
const MARKER_BYTES = 4

export interface Walked {
  readonly base: number
  readonly stamp: RecordStamp
  /** Fills `into` from an offset in the file on. @returns how many bytes there were. */
  read(into: Uint8Array, offset: number): Promise<number>
  /** A record, in memory that is used again when this returns. */
  record(chunk: Chunk, at: number, position: number, length: number): void
  /** Bytes between records that are none. */
  hole(position: number, length: number): void
}

/**
 * Tells the records from one position up to another, in order. Where something else lies, it goes on at the next place that is a record by its marker,
 * its position and its CRC. Memory is one window, and the largest record that is whole.
 * @returns where the last record ends; `from` when there is none.
 * @throws {FileError}
 */
export async function walk(segment: Walked, from: number, to: number): Promise<number> {
  const window = new Window(segment, to)
  let end = from
  for (let position = from; position < to; ) {
    const length = await window.recordAt(position)
    if (length > 0) {
      if (position > end) segment.hole(end, position - end)
      segment.record(window.chunk, window.at(position), position, length)
      end = position + length
      position = end
    } else {
      position = await window.nextMarker(position + 1)
    }
  }
  return end
}

/** A part of the file in memory. */
class Window {
  readonly #segment: Walked
  readonly #limit: number
  readonly #marker: Buffer
  #chunk: Chunk = chunk(WINDOW)
  #from = 0
  #to = 0

  constructor(segment: Walked, limit: number) {
    this.#segment = segment
    this.#limit = limit
    this.#marker = Buffer.alloc(MARKER_BYTES)
    this.#marker.writeUInt32LE(segment.stamp.marker)
  }

  get chunk(): Chunk {
    return this.#chunk
  }

  at(position: number): number {
    return position - this.#from
  }

  /** @returns its length, 0 when there is none. */
  async recordAt(position: number): Promise<number> {
    if (!this.#holds(position, RECORD_HEAD)) await this.#fill(position, 0)
    const { stamp } = this.#segment
    const length = claimedLength(this.#chunk, this.at(position), this.at(this.#to), position, stamp)
    // Checked against what is there before memory is taken for it.
    if (length === 0 || length > LARGEST_RECORD || position + length > this.#limit) return 0
    if (!this.#holds(position, length)) await this.#fill(position, length)
    return checkRecord(this.#chunk, this.at(position), this.at(this.#to), position, stamp)
  }

  /** The next place at or behind `position` that could be a record's beginning; the limit when there is none. */
  async nextMarker(position: number): Promise<number> {
    for (let start = position; start + MARKER_BYTES <= this.#limit; start = this.#to - MARKER_BYTES + 1) {
      if (!this.#holds(start, MARKER_BYTES)) await this.#fill(start, 0)
      if (start + MARKER_BYTES > this.#to) break
      const found = this.#chunk.bytes.subarray(0, this.at(this.#to)).indexOf(this.#marker, this.at(start))
      if (found >= 0) return this.#from + found
    }
    return this.#limit
  }

  /** Also when the log ends before. */
  #holds(position: number, length: number): boolean {
    return position >= this.#from && Math.min(position + length, this.#limit) <= this.#to
  }

  async #fill(position: number, length: number): Promise<void> {
    const wanted = Math.min(Math.max(WINDOW, length), this.#limit - position)
    if (this.#chunk.bytes.length < wanted) this.#chunk = chunk(wanted)
    const read = await this.#segment.read(this.#chunk.bytes.subarray(0, wanted), position - this.#segment.base)
    this.#from = position
    this.#to = position + read
  }
}
