import { UNIT } from './entry.ts'

/** A number per entry; the index of its entry is its slot. */
export type Slot = number

const STATE = {
  /** Not committed yet. */
  pending: 0,
  waiting: 1,
  /** Its time has come, its message is being read. */
  reading: 2,
  handedDelayed: 3,
  handedHalf: 4,
  gone: 5,
} as const

export type SlotState = keyof typeof STATE
const NAMES = Object.keys(STATE) as readonly SlotState[]
/** In the heap, whatever its state is. */
const QUEUED = 0x80
const FIRST = 64

/**
 * Entries of one bucket file whose hour is near: when, where, how long, what is with them, in the order of their places; and a binary heap by when they
 * are due. 21 bytes an entry (measured with the arrays' growth: 21 when read from a file, at most 32 while entries are being put).
 *
 * An entry that is gone or postponed stays in the heap until it comes to the top.
 */
export class DueTable {
  #count = 0
  #live = 0
  #due: Float64Array = new Float64Array(FIRST)
  /** In units. */
  #place: Uint32Array = new Uint32Array(FIRST)
  #length: Uint32Array = new Uint32Array(FIRST)
  #state: Uint8Array = new Uint8Array(FIRST)
  #heap: Uint32Array = new Uint32Array(FIRST)
  #heapSize = 0
  /** When those in the heap are due that were postponed meanwhile. */
  readonly #moved = new Map<Slot, number>()

  /** Entries that are not gone. */
  get live(): number {
    return this.#live
  }

  get count(): number {
    return this.#count
  }

  /** Bytes that the table takes, but for what was postponed. */
  get bytes(): number {
    return this.#due.byteLength + this.#place.byteLength + this.#length.byteLength + this.#state.byteLength + this.#heap.byteLength
  }

  /** Positions must grow. Its state is `pending`. */
  add(position: number, length: number, dueAt: number): Slot {
    const slot = this.#count++
    if (slot === this.#due.length) this.#resize(Math.ceil(slot * 1.5))
    this.#due[slot] = dueAt
    this.#place[slot] = position / UNIT
    this.#length[slot] = length / UNIT
    this.#state[slot] = STATE.pending
    this.#live++
    return slot
  }

  /** Gives back what room for more there is. */
  trim(): void {
    this.#resize(Math.max(FIRST, this.#count))
  }

  state(slot: Slot): SlotState {
    return NAMES[(this.#state[slot] ?? STATE.gone) & ~QUEUED] ?? 'gone'
  }

  position(slot: Slot): number {
    return (this.#place[slot] ?? 0) * UNIT
  }

  length(slot: Slot): number {
    return (this.#length[slot] ?? 0) * UNIT
  }

  due(slot: Slot): number {
    return this.#moved.get(slot) ?? this.#due[slot] ?? 0
  }

  find(position: number): Slot | undefined {
    let low = 0
    let high = this.#count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const at = this.position(middle)
      if (at === position) return middle
      if (at < position) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  /** It waits, for what was its time or for another. Not for what is gone. */
  wait(slot: Slot, dueAt: number = this.due(slot)): void {
    const queued = ((this.#state[slot] ?? 0) & QUEUED) !== 0
    this.#state[slot] = STATE.waiting | QUEUED
    if (queued) {
      if (dueAt === this.#due[slot]) {
        this.#moved.delete(slot)
      } else {
        // An earlier time moves it up at once; a later one is looked at when it comes to the top.
        this.#moved.set(slot, dueAt)
        if (dueAt < (this.#due[slot] ?? 0)) this.#rebuild()
      }
      return
    }
    this.#due[slot] = dueAt
    this.#push(slot)
  }

  hand(slot: Slot, kind: 'delayed' | 'half'): void {
    this.#set(slot, kind === 'half' ? STATE.handedHalf : STATE.handedDelayed)
  }

  /** Never to come. */
  end(slot: Slot): void {
    if (this.state(slot) === 'gone') return
    this.#set(slot, STATE.gone)
    this.#live--
  }

  /** It is not gone after all: it waits. */
  revive(slot: Slot): void {
    if (this.state(slot) !== 'gone') return
    this.#live++
    this.wait(slot)
  }

  /** When the next one is due; infinity when none waits. */
  next(): number {
    this.#clean()
    return this.#heapSize === 0 ? Number.POSITIVE_INFINITY : (this.#due[this.#heap[0] ?? 0] ?? 0)
  }

  /** The one that has been due for longest: its message is to be read now. */
  take(now: number): Slot | undefined {
    if (this.next() > now) return undefined
    const slot = this.#pop()
    this.#state[slot] = STATE.reading
    return slot
  }

  #set(slot: Slot, state: number): void {
    this.#state[slot] = state | ((this.#state[slot] ?? 0) & QUEUED)
  }

  /** Until the top of the heap is one that waits for the time by which it stands there. */
  #clean(): void {
    while (this.#heapSize > 0) {
      const slot = this.#heap[0] ?? 0
      const moved = this.#moved.get(slot)
      const waits = this.state(slot) === 'waiting'
      if (waits && moved === undefined) return
      this.#pop()
      this.#state[slot] = (this.#state[slot] ?? 0) & ~QUEUED
      if (moved === undefined) continue
      this.#moved.delete(slot)
      this.#due[slot] = moved
      if (waits) this.#push(slot)
    }
  }

  #rebuild(): void {
    const slots = this.#heap.slice(0, this.#heapSize)
    this.#heapSize = 0
    for (const slot of slots) {
      this.#due[slot] = this.due(slot)
      this.#moved.delete(slot)
      this.#push(slot)
    }
  }

  #push(slot: Slot): void {
    const heap = this.#heap
    const due = this.#due
    this.#state[slot] = (this.#state[slot] ?? 0) | QUEUED
    let at = this.#heapSize++
    const key = due[slot] ?? 0
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const above = heap[parent] ?? 0
      // Of those that are due at once, the one that was put first comes first.
      if ((due[above] ?? 0) < key || (due[above] === key && above < slot)) break
      heap[at] = above
      at = parent
    }
    heap[at] = slot
  }

  #pop(): Slot {
    const heap = this.#heap
    const due = this.#due
    const top = heap[0] ?? 0
    const size = --this.#heapSize
    const last = heap[size] ?? 0
    const key = due[last] ?? 0
    let at = 0
    while (true) {
      let child = 2 * at + 1
      if (child >= size) break
      let below = heap[child] ?? 0
      const right = child + 1 < size ? (heap[child + 1] ?? 0) : below
      if (right !== below && ((due[right] ?? 0) < (due[below] ?? 0) || (due[right] === due[below] && right < below))) {
        child++
        below = right
      }
      if (key < (due[below] ?? 0) || (key === due[below] && last < below)) break
      heap[at] = below
      at = child
    }
    heap[at] = last
    return top
  }

  #resize(size: number): void {
    const keep = <T extends Float64Array | Uint32Array | Uint8Array>(old: T, into: T): T => {
      into.set(old.subarray(0, Math.min(old.length, size)))
      return into
    }
    this.#due = keep(this.#due, new Float64Array(size))
    this.#place = keep(this.#place, new Uint32Array(size))
    this.#length = keep(this.#length, new Uint32Array(size))
    this.#state = keep(this.#state, new Uint8Array(size))
    this.#heap = keep(this.#heap, new Uint32Array(size))
  }
}
