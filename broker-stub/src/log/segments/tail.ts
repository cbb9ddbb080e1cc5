import { type Chunk, chunk, claimedLength, type RecordStamp } from './record.ts'
import { StoredRecord } from './stored-record.ts'

/** What small records are put together in. A message that is being delivered holds on to one of them. */
const CHUNK = 256 * 1024
/** Slabs that are kept for use again: as many leave the tail as begin, but a burst leaves more. */
const KEPT_SLABS = 8

/**
 * A chunk of records. Memory outside of the heap that comes and goes lets V8 collect all of the heap again and again, which cost a quarter of what a send
 * did: who only stores uses the same slabs for ever.
 */
interface Slab {
  readonly chunk: Chunk
  /** Of the tail, that lie in it. */
  pieces: number
}

/** Neighbouring positions that lie in one piece of memory: part of a slab, or the bytes of a large message. */
interface Piece {
  readonly from: number
  to: number
  readonly memory: Slab | Uint8Array
  /** Of `from` in the memory. */
  readonly at: number
  readonly stamp: RecordStamp
}

/**
 * The youngest records, in memory: those that wait to be written, and as many of the written ones as there is room for, since most are read at once.
 * Memory that left the tail is used again only when no message was read from it that may be on its way to a client.
 */
export class Tail {
  readonly #limit: number
  /** In the order of their positions, without gaps but for those between segments. */
  #pieces: Piece[] = []
  #slab: Slab | undefined
  readonly #free: Slab[] = []
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
    const current = this.#slab
    if (current !== undefined && current.chunk.bytes.length - this.#used >= bytes) return current.chunk
    const slab = (bytes <= CHUNK ? this.#free.pop() : undefined) ?? { chunk: chunk(Math.max(CHUNK, bytes)), pieces: 0 }
    this.#slab = slab
    this.#used = 0
    if (current !== undefined) this.#reuse(current)
    return slab.chunk
  }

  get used(): number {
    return this.#used
  }

  /** The record at `position` is in the chunk that {@link room} answered, and its message in `bytes` when that was not copied. */
  add(position: number, length: number, bytes: Uint8Array | undefined, stamp: RecordStamp): void {
    const slab = this.#slab
    if (slab === undefined) return
    const last = this.#pieces.at(-1)
    if (last !== undefined && last.memory === slab && last.to === position && last.at + last.to - last.from === this.#used) last.to += length
    else {
      this.#pieces.push({ from: position, to: position + length, memory: slab, at: this.#used, stamp })
      slab.pieces += 1
    }
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
    const { chunk: from } = memory
    if (claimedLength(from, at, piece.at + to - piece.from, position, piece.stamp) !== length) return 'wrong'
    if (position + length <= to) return new StoredRecord(from, at)
    const next = this.#pieces[index + 1]
    return next !== undefined && next.memory instanceof Uint8Array && next.from === to && next.to === position + length
      ? new StoredRecord(from, at, next.memory)
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
      const memory = piece.memory instanceof Uint8Array ? piece.memory : piece.memory.chunk.bytes
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
      if (oldest.memory instanceof Uint8Array) continue
      oldest.memory.pieces -= 1
      this.#reuse(oldest.memory)
    }
  }

  /** Forgets what is at `position` and behind it: it was never written. */
  cut(position: number): void {
    for (let last = this.#pieces.at(-1); last !== undefined && last.to > position; last = this.#pieces.at(-1)) {
      const from = Math.max(position, last.from)
      this.#bytes -= last.to - from
      last.to = from
      // A write that failed may still be under way somewhere: its memory is not written into again.
      if (!(last.memory instanceof Uint8Array)) last.memory.chunk.lent += 1
      if (last.from === from) this.#pieces.pop()
      else break
    }
    this.#slab = undefined
  }

  #reuse(slab: Slab): void {
    if (slab.pieces > 0 || slab.chunk.lent > 0 || slab === this.#slab) return
    if (slab.chunk.bytes.length === CHUNK && this.#free.length < KEPT_SLABS) this.#free.push(slab)
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
