import { ENTRY_BYTES, type IndexEntry, LIMIT, readEntry, readOffset, readPlace, readStoredAt, writeEntry } from './entry.ts'

const NONE = -1
/** Chunks of a run hold 4, 8, 16, … 512 entries, then 1024 each, so that a queue with few messages takes little and one with many takes few chunks. */
const FIRST = 4
const DOUBLINGS = 8
const LARGEST = FIRST << DOUBLINGS
const BEFORE_LARGEST = LARGEST - FIRST
const SLAB = 256 * 1024

/** Which chunk of a run holds its entry `i`. */
function chunkOf(i: number): number {
  return i < BEFORE_LARGEST ? 29 - Math.clz32(i + FIRST) : DOUBLINGS + Math.floor((i - BEFORE_LARGEST) / LARGEST)
}

function firstOf(chunk: number): number {
  return chunk < DOUBLINGS ? (FIRST << chunk) - FIRST : BEFORE_LARGEST + (chunk - DOUBLINGS) * LARGEST
}

function capacityOf(chunk: number): number {
  return chunk < DOUBLINGS ? FIRST << chunk : LARGEST
}

/**
 * The entries of a segment that is not sealed yet, per queue in the order of their offsets: its *runs*. Entries lie in slabs as they will lie in the
 * file; a run is a list of chunks in them, and never moves.
 *
 * Measured: 24 bytes a message in long runs, at most twice that in short ones, and 250 bytes for each queue that has any.
 */
export class OpenSegment {
  readonly base: number
  readonly serial: number
  /** Grows when something that may have been copied already is changed: whoever copies begins again. */
  changes = 0
  /** Newest time of storing in the segment. */
  newest = 0
  /** End of the last record that was added. */
  end: number
  #runs = 0
  #runOf = new Int32Array(0)
  #slots = new Uint32Array(16)
  #floors = new Float64Array(16)
  #ends = new Float64Array(16)
  #counts = new Uint32Array(16)
  readonly #chunks: number[][] = []
  readonly #slabs: DataView[] = []
  #free = SLAB

  constructor(base: number, serial: number) {
    this.base = base
    this.serial = serial
    this.end = base
  }

  get runs(): number {
    return this.#runs
  }

  get bytes(): number {
    return (
      this.#slabs.length * SLAB +
      this.#runOf.byteLength +
      this.#slots.byteLength +
      this.#floors.byteLength +
      this.#ends.byteLength +
      this.#counts.byteLength
    )
  }

  /** The run of a queue, or -1. */
  find(slot: number): number {
    return this.#runOf[slot] ?? NONE
  }

  /** Makes the run of a queue whose offsets up to `floor` were given before this segment. */
  begin(slot: number, floor: number): number {
    const run = this.#runs++
    if (run === this.#slots.length) this.#grow()
    if (slot >= this.#runOf.length) {
      const longer = new Int32Array(Math.max(64, slot + 1, Math.ceil(this.#runOf.length * 1.5))).fill(NONE)
      longer.set(this.#runOf)
      this.#runOf = longer
    }
    this.#runOf[slot] = run
    this.#slots[run] = slot
    this.#floors[run] = floor
    this.#ends[run] = floor
    this.#chunks.push([])
    return run
  }

  slot(run: number): number {
    return this.#slots[run] as number
  }

  /** Offsets below were given before this segment. */
  floor(run: number): number {
    return this.#floors[run] as number
  }

  /** Offsets below were given before the end of this segment. */
  runEnd(run: number): number {
    return this.#ends[run] as number
  }

  count(run: number): number {
    return this.#counts[run] as number
  }

  /** The first offset that is there, or the run's end where none is. */
  lowest(run: number): number {
    return this.#counts[run] === 0 ? (this.#ends[run] as number) : this.#offset(run, 0)
  }

  raise(run: number, end: number): void {
    if (end <= this.runEnd(run)) return
    this.#ends[run] = end
    this.changes++
  }

  /** An offset that is there already is taken by the new entry. */
  add(run: number, offset: number, position: number, length: number, storedAt: number, tagHash: number): void {
    const count = this.count(run)
    const last = count === 0 ? -1 : this.#offset(run, count - 1)
    let at = count
    if (offset <= last) {
      at = this.firstFrom(run, offset)
      this.changes++
      if (this.#offset(run, at) !== offset) this.#makeRoom(run, at)
    } else {
      this.#append(run)
    }
    this.#ends[run] = Math.max(this.runEnd(run), offset + 1)
    this.newest = Math.max(this.newest, storedAt)
    this.end = Math.max(this.end, position + length)
    // Times within a run never go back, so that a time can be searched for.
    const after = at + 1 < this.count(run) ? this.#storedAt(run, at + 1) : LIMIT
    const time = Math.min(after, Math.max(storedAt, at === 0 ? 0 : this.#storedAt(run, at - 1)))
    writeEntry(this.#view(run, at), this.#at(run, at), offset, position - this.base, length, time, tagHash)
  }

  /** Index in the run of the first entry at or after the offset; the run's count where there is none. */
  firstFrom(run: number, offset: number): number {
    let low = 0
    let high = this.count(run)
    if (high > 0 && offset > this.#offset(run, high - 1)) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#offset(run, middle) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The same for a time of storing. */
  firstSince(run: number, time: number): number {
    let low = 0
    let high = this.count(run)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#storedAt(run, middle) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  read(run: number, i: number): IndexEntry {
    return readEntry(this.#view(run, i), this.#at(run, i), this.base)
  }

  /** Removes entries whose records lie in [from, to); offsets that were given stay given. @returns whether there were any. */
  forget(run: number, from: number, to: number): boolean {
    const count = this.count(run)
    let kept = 0
    for (let i = 0; i < count; i++) {
      const position = this.base + readPlace(this.#view(run, i), this.#at(run, i))
      if (position >= from && position < to) continue
      if (kept < i) this.#move(run, i, kept)
      kept++
    }
    if (kept === count) return false
    this.#counts[run] = kept
    const chunks = this.#chunks[run] as number[]
    // What follows is not handed out again: failed batches are rare.
    chunks.length = kept === 0 ? 0 : chunkOf(kept - 1) + 1
    this.changes++
    return true
  }

  /** Copies entries [i, i + n) of a run, at most to the end of a chunk. @returns how many. */
  copy(run: number, i: number, n: number, into: Uint8Array, at: number): number {
    const chunk = chunkOf(i)
    const many = Math.min(n, firstOf(chunk) + capacityOf(chunk) - i)
    const view = this.#view(run, i)
    into.set(new Uint8Array(view.buffer, view.byteOffset + this.#at(run, i), many * ENTRY_BYTES), at)
    return many
  }

  #append(run: number): void {
    const at = this.count(run)
    const chunks = this.#chunks[run] as number[]
    if (chunkOf(at) === chunks.length) chunks.push(this.#take(capacityOf(chunks.length) * ENTRY_BYTES))
    this.#counts[run] = at + 1
  }

  #makeRoom(run: number, at: number): void {
    const last = this.count(run)
    this.#append(run)
    for (let i = last; i > at; i--) this.#move(run, i - 1, i)
  }

  #move(run: number, from: number, to: number): void {
    const source = this.#view(run, from)
    const target = this.#view(run, to)
    new Uint8Array(target.buffer, this.#at(run, to), ENTRY_BYTES).set(new Uint8Array(source.buffer, this.#at(run, from), ENTRY_BYTES))
  }

  #take(bytes: number): number {
    if (this.#free + bytes > SLAB) {
      this.#slabs.push(new DataView(new ArrayBuffer(SLAB)))
      this.#free = 0
    }
    const address = (this.#slabs.length - 1) * SLAB + this.#free
    this.#free += bytes
    return address
  }

  #address(run: number, i: number): number {
    const chunk = chunkOf(i)
    return ((this.#chunks[run] as number[])[chunk] as number) + (i - firstOf(chunk)) * ENTRY_BYTES
  }

  #view(run: number, i: number): DataView<ArrayBuffer> {
    return this.#slabs[Math.floor(this.#address(run, i) / SLAB)] as DataView<ArrayBuffer>
  }

  #at(run: number, i: number): number {
    return this.#address(run, i) % SLAB
  }

  #offset(run: number, i: number): number {
    return readOffset(this.#view(run, i), this.#at(run, i))
  }

  #storedAt(run: number, i: number): number {
    return readStoredAt(this.#view(run, i), this.#at(run, i))
  }

  #grow(): void {
    const size = this.#slots.length * 2
    const slots = new Uint32Array(size)
    const counts = new Uint32Array(size)
    const floors = new Float64Array(size)
    const ends = new Float64Array(size)
    slots.set(this.#slots)
    counts.set(this.#counts)
    floors.set(this.#floors)
    ends.set(this.#ends)
    this.#slots = slots
    this.#counts = counts
    this.#floors = floors
    this.#ends = ends
  }
}
