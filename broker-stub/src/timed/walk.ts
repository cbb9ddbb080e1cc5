import type { File } from '../files/files.ts'
import { type Chunk, chunk, type RecordStamp } from '../log/segments/record.ts'
import { committedBefore, ENTRY_HEAD, type EntryHead, entryIsWhole, readEntryHead, UNIT } from './entry.ts'
import { HEAD } from './layout.ts'

const CHUNK = 1024 * 1024

export interface Walker {
  onEntry(position: number, head: EntryHead): void
  /** Bytes that are no entry any more: entries behind them were put when they were committed. */
  onDamaged(position: number, length: number): void
  /** Bytes that are no entry: they were being written when their writer stopped, or failed. */
  onTorn(position: number, length: number): void
}

/** A part of a file in memory, which moves ahead. */
class Window {
  readonly #file: File
  readonly #end: number
  chunk: Chunk
  base: number
  filled = 0

  constructor(file: File, from: number, end: number) {
    this.#file = file
    this.#end = end
    this.base = from
    this.chunk = chunk(Math.max(0, Math.min(CHUNK, end - from)))
  }

  /** @returns whether that many bytes from the position on are here, after reading them if need be. Allocates at most as much as there is. */
  async have(position: number, bytes: number): Promise<boolean> {
    if (position + bytes > this.#end) return false
    if (position >= this.base && position + bytes <= this.base + this.filled) return true
    const kept = this.chunk.bytes.subarray(position - this.base, this.filled)
    const next = bytes > this.chunk.bytes.length ? chunk(bytes) : this.chunk
    kept.copy(next.bytes)
    this.chunk = next
    this.base = position
    this.filled = kept.length
    const more = Math.min(next.bytes.length, this.#end - position)
    this.filled += await this.#file.read(next.bytes.subarray(this.filled, more), position + this.filled)
    return bytes <= this.filled
  }

  /** The first place from the position on where an entry may begin by what is here; else where that ends. */
  nextWith(marker: number, position: number): number {
    const { view } = this.chunk
    const end = this.base + this.filled
    let next = position
    while (next + 4 <= end && view.getUint32(next - this.base, true) !== marker) next += UNIT
    return next
  }
}

/** Tells every whole entry up to `end`, which is not behind the end of the file. @throws {FileError} */
export async function walkEntries(file: File, end: number, stamp: RecordStamp, walker: Walker): Promise<void> {
  const window = new Window(file, HEAD, end)
  let wrongFrom: number | undefined
  for (let position = HEAD; position < end; ) {
    const head = (await window.have(position, ENTRY_HEAD))
      ? readEntryHead(window.chunk, position - window.base, window.filled, position, stamp)
      : undefined
    const whole =
      head !== undefined &&
      (await window.have(position, head.length)) &&
      entryIsWhole(window.chunk, position - window.base, window.filled, position, head, stamp)
    if (!whole) {
      wrongFrom ??= position
      position = window.nextWith(stamp.marker, position + UNIT)
      continue
    }
    if (wrongFrom !== undefined) {
      const wasCommitted = wrongFrom < committedBefore(window.chunk, position - window.base, position)
      if (wasCommitted) walker.onDamaged(wrongFrom, position - wrongFrom)
      else walker.onTorn(wrongFrom, position - wrongFrom)
    }
    wrongFrom = undefined
    walker.onEntry(position, head)
    position += head.length
  }
  if (wrongFrom !== undefined) walker.onTorn(wrongFrom, end - wrongFrom)
}
