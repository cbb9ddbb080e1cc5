import { type Chunk, chunk, claimedLength, type RecordStamp } from './record.ts'
import { StoredRecord } from './stored-record.ts'

/** What small records are put together in. A message that is being delivered holds on to one of them. */
const CHUNK = 256 * 1024

/** Neighbouring positions that lie in one piece of memory: part of a chunk, or the bytes of a large message. */
interface Piece {
  readonly from: number
  to: number
  readonly memory: Chunk | Uint8Array
  /** Of `from` in the memory. */
  readonly at: number
  readonly stamp: RecordStamp
}

/**
 * The youngest records, in memory: those that wait to be written, and as many of the written ones as there is room for, since most are read at once.
 * Memory that left the tail is never used again: a message that was read from it may be on its way to a client.
 */
export class Tail {
  readonly #limit: number
  /** In the order of their positions, without gaps but for those between segments. */
  #pieces: Piece[] = []
  #chunk: Chunk | undefined
  #used = 0
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes of records. */
  get bytes(): number {
    return this.#bytes
  }

  /** Memory with room for `bytes`, at {@link used}. */
  room(bytes: number): Chunk {
    const current = this.#chunk
    if (current !== undefined && current.bytes.length - this.#used >= bytes) return current
    this.#chunk = chunk(Math.max(CHUNK, bytes))
    this.#used = 0
    return this.#chunk
  }

  get used(): number {
    return this.#used
  }

  /** The record at `position` is in the chunk that {@link room} answered, and its message in `bytes` when that was not copied. */
  add(position: number, length: number, bytes: Uint8Array | undefined, stamp: RecordStamp): void {
    const memory = this.#chunk
    if (memory === undefined) return
    const last = this.#pieces.at(-1)
    if (last !== undefined && last.memory === memory && last.to === position && last.at + last.to - last.from === this.#used) last.to += length
    else this.#pieces.push({ from: position, to: position + length, memory, at: this.#used, stamp })
    this.#used += length
    this.#bytes += length
    if (bytes === undefined) return
    this.#pieces.push({ from: position + length, to: position + length + bytes.length, memory: bytes, at: 0, stamp })
    this.#bytes += bytes.length
  }

  /** @returns undefined when the position is not in the tail, `'wrong'` when no record of that length begins there. */
  read(position: number, length: number): StoredRecord | 'wrong' | undefined {
    const index = this.#indexOf(position)
    const piece = this.#pieces[index]
    if (piece === undefined || position >= piece.to) return undefined
    const { memory, to } = piece
    if (memory instanceof Uint8Array) return 'wrong'
    const at = piece.at + position - piece.from
    if (claimedLength(memory, at, piece.at + to - piece.from, position, piece.stamp) !== length) return 'wrong'
    if (position + length <= to) return new StoredRecord(memory, at)
    const next = this.#pieces[index + 1]
    return next !== undefined && next.memory instanceof Uint8Array && next.from === to && next.to === position + length
      ? new StoredRecord(memory, at, next.memory)
      : 'wrong'
  }

  /** What lies from one position up to another, as it is to be written. */
  parts(from: number, to: number, into: Uint8Array[]): void {
    for (let index = Math.max(0, this.#indexOf(from)); index < this.#pieces.length; index += 1) {
      const piece = this.#pieces[index]
      if (piece === undefined || piece.from >= to) return
      const start = Math.max(from, piece.from)
      const end = Math.min(to, piece.to)
      if (end <= start) continue
      const memory = piece.memory instanceof Uint8Array ? piece.memory : piece.memory.bytes
      into.push(memory.subarray(piece.at + start - piece.from, piece.at + end - piece.from))
    }
  }

  /** Lets the oldest go that nobody waits for: those before `committed`, while there are more than the limit. */
  shrink(committed: number): void {
    while (this.#bytes > this.#limit) {
      const oldest = this.#pieces[0]
      if (oldest === undefined || oldest.to > committed) return
      this.#pieces.shift()
      this.#bytes -= oldest.to - oldest.from
    }
  }

  /** Forgets what is at `position` and behind it: it was never written. */
  cut(position: number): void {
    for (let last = this.#pieces.at(-1); last !== undefined && last.to > position; last = this.#pieces.at(-1)) {
      const from = Math.max(position, last.from)
      this.#bytes -= last.to - from
      last.to = from
      if (last.from === from) this.#pieces.pop()
      else break
    }
    // A write that failed may still be under way somewhere: its memory is not written into again.
    this.#chunk = undefined
  }

  /** Of the last piece that begins at the position or before; -1 when there is none. */
  #indexOf(position: number): number {
    let low = 0
    let high = this.#pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#pieces[middle]?.from ?? Number.POSITIVE_INFINITY) <= position) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
