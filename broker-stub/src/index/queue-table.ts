const NONE = -1
const QUEUES = 2 ** 16

/** Topic id (u32) and queue id (u16) in one number; numbers of one topic are neighbours, and they sort as the pairs do. */
export function queueKey(topicId: number, queueId: number): number {
  return topicId * QUEUES + queueId
}

export function topicOf(key: number): number {
  return Math.floor(key / QUEUES)
}

/** All queues in the order of their keys, as they were at one moment. */
export interface SortedQueues {
  readonly keys: Float64Array
  readonly slots: Uint32Array
}

/**
 * The queues that the index knows, each in a numbered slot: columns instead of objects, and open addressing instead of a Map, which would cost more than
 * all the rest for its boxed keys. Measured: 43 to 55 bytes a queue with 40,000 of them.
 *
 * A slot whose queue was removed is not used again before {@link release}: what is still being written knows its queues by their slots.
 */
export class QueueTable {
  #count = 0
  #next = 0
  #free: number[] = []
  #keys = new Float64Array(64)
  #min = new Float64Array(64)
  #max = new Float64Array(64)
  #hint = new Uint32Array(64)
  /** Slot + 1; 0 is empty. Never more than half full. */
  #table = new Uint32Array(128)
  #sorted: SortedQueues | undefined

  get size(): number {
    return this.#count
  }

  /** Slots ever given; each slot is below. */
  get slots(): number {
    return this.#next
  }

  get bytes(): number {
    const columns = this.#keys.byteLength + this.#min.byteLength + this.#max.byteLength + this.#hint.byteLength
    const sorted = this.#sorted === undefined ? 0 : this.#sorted.keys.byteLength + this.#sorted.slots.byteLength
    return columns + this.#table.byteLength + sorted
  }

  /** @returns its slot, or -1. */
  find(key: number): number {
    const mask = this.#table.length - 1
    for (let at = hash(key) & mask; ; at = (at + 1) & mask) {
      const slot = (this.#table[at] as number) - 1
      if (slot === NONE || this.#keys[slot] === key) return slot
    }
  }

  /** @returns the slot of the queue, which is new when it was not there. */
  add(key: number): number {
    const found = this.find(key)
    if (found !== NONE) return found
    if ((this.#count + 1) * 2 > this.#table.length) this.#rehash(this.#table.length * 2)
    const slot = this.#free.pop() ?? this.#next++
    if (slot >= this.#keys.length) this.#grow()
    this.#keys[slot] = key
    this.#min[slot] = 0
    this.#max[slot] = 0
    this.#hint[slot] = 0
    this.#put(slot)
    this.#count++
    this.#sorted = undefined
    return slot
  }

  /** @returns the slots of its queues, for {@link release} once nobody knows them any more. */
  removeTopic(topicId: number): number[] {
    const removed: number[] = []
    for (const entry of this.#table) {
      if (entry !== 0 && topicOf(this.#keys[entry - 1] as number) === topicId) removed.push(entry - 1)
    }
    if (removed.length === 0) return removed
    const gone = new Set(removed)
    const stay = this.#table.filter((entry) => entry !== 0 && !gone.has(entry - 1))
    this.#table.fill(0)
    for (const entry of stay) this.#put(entry - 1)
    this.#count -= removed.length
    this.#sorted = undefined
    return removed
  }

  release(slots: readonly number[]): void {
    for (const slot of slots) this.#free.push(slot)
  }

  key(slot: number): number {
    return this.#keys[slot] as number
  }

  /** No message of the queue lies below. */
  min(slot: number): number {
    return this.#min[slot] as number
  }

  setMin(slot: number, offset: number): void {
    this.#min[slot] = offset
  }

  /** The offset that the queue's next message gets. */
  max(slot: number): number {
    return this.#max[slot] as number
  }

  setMax(slot: number, offset: number): void {
    this.#max[slot] = offset
  }

  /** Serial of the segment where something of the queue was last found; 0 for none. */
  hint(slot: number): number {
    return this.#hint[slot] as number
  }

  setHint(slot: number, serial: number): void {
    this.#hint[slot] = serial
  }

  /** Not changed by what happens to the table later. Sorting 40,000 queues takes about 4 ms, and is done again only after queues came or went. */
  sorted(): SortedQueues {
    if (this.#sorted !== undefined) return this.#sorted
    const keys = new Float64Array(this.#count)
    let at = 0
    for (const entry of this.#table) if (entry !== 0) keys[at++] = this.#keys[entry - 1] as number
    keys.sort()
    const slots = new Uint32Array(this.#count)
    for (let i = 0; i < keys.length; i++) slots[i] = this.find(keys[i] as number)
    this.#sorted = { keys, slots }
    return this.#sorted
  }

  #put(slot: number): void {
    const mask = this.#table.length - 1
    let at = hash(this.#keys[slot] as number) & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = slot + 1
  }

  #rehash(size: number): void {
    const before = this.#table
    this.#table = new Uint32Array(size)
    for (const entry of before) if (entry !== 0) this.#put(entry - 1)
  }

  #grow(): void {
    // By half: the columns are most of a queue's memory, and doubling would leave up to half of them unused.
    const size = this.#keys.length + (this.#keys.length >> 1)
    this.#keys = longer(this.#keys, size)
    this.#min = longer(this.#min, size)
    this.#max = longer(this.#max, size)
    const hint = new Uint32Array(size)
    hint.set(this.#hint)
    this.#hint = hint
  }
}

function longer(column: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(size)
  copy.set(column)
  return copy
}

/** Mixes both halves of a key, since topics differ in their upper part and queues in their lower. */
function hash(key: number): number {
  const high = Math.floor(key / QUEUES)
  let mixed = Math.imul(high ^ Math.imul((key % QUEUES) + 1, 0x9e3779b1), 0x85ebca6b)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 13)) >>> 0
}
