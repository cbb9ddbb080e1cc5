/**
 * The fields that the blocks of a connection have taught, newest first (RFC 7541, 2.3.2 and 4).
 *
 * A ring: entries have consecutive numbers from 1 on, the slot of an entry is its number modulo the size of the ring, and adding or evicting moves nothing.
 */

/** What an entry counts beyond its name and value (4.1). */
export const ENTRY_OVERHEAD = 32
const LEAST_SLOTS = 16

export function entrySize(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD
}

export class DynamicTable {
  /** By slot, see {@link slotOf}. Slots without an entry hold empty strings. */
  protected names: string[] = new Array<string>(LEAST_SLOTS).fill('')
  protected values: string[] = new Array<string>(LEAST_SLOTS).fill('')
  /** Slots less one; their number is a power of two. */
  protected mask: number = LEAST_SLOTS - 1
  /** The number of the newest entry, which is also how many there have ever been. */
  protected newest = 0
  /** The number of the entry that was evicted last: those behind it are here. */
  protected gone = 0
  #size = 0
  #maxSize: number

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  get length(): number {
    return this.newest - this.gone
  }

  /** As 4.1 counts it. Never more than {@link maxSize}. */
  get size(): number {
    return this.#size
  }

  get maxSize(): number {
    return this.#maxSize
  }

  /** Grows with each entry that is added or evicted: while it is the same, so is what every index means. */
  get changes(): number {
    return this.newest + this.gone
  }

  /** The slot of an entry by its age, the newest being 0; -1 when there is none. Valid until the next entry is added. */
  slotOf(age: number): number {
    return age < this.newest - this.gone ? (this.newest - age) & this.mask : -1
  }

  nameAt(slot: number): string {
    return this.names[slot] as string
  }

  valueAt(slot: number): string {
    return this.values[slot] as string
  }

  /** All entries, newest first, for tests and for people who look for a fault. */
  entries(): [name: string, value: string][] {
    return Array.from({ length: this.length }, (_, age) => [this.nameAt(this.slotOf(age)), this.valueAt(this.slotOf(age))])
  }

  /** Adds an entry after evicting as many as it needs room for. One that is larger than the table leaves it empty, and is no error (4.4). */
  add(name: string, value: string): void {
    const size = entrySize(name, value)
    this.#evictTo(this.#maxSize - size)
    if (size > this.#maxSize) return
    if (this.length > this.mask) this.enlarge()
    this.newest += 1
    const slot = this.newest & this.mask
    this.names[slot] = name
    this.values[slot] = value
    this.#size += size
  }

  /** Changes the maximum size, and evicts what no longer fits (4.3). */
  resize(maxSize: number): void {
    this.#maxSize = maxSize
    this.#evictTo(maxSize)
  }

  clear(): void {
    this.#evictTo(0)
  }

  #evictTo(size: number): void {
    while (this.#size > size && this.gone < this.newest) {
      const slot = (this.gone + 1) & this.mask
      this.#size -= entrySize(this.names[slot] as string, this.values[slot] as string)
      this.evict(slot)
    }
  }

  /** Lets go of the oldest entry, which is in that slot. */
  protected evict(slot: number): void {
    this.gone += 1
    this.names[slot] = ''
    this.values[slot] = ''
  }

  /** Doubles the slots. The ring holds what a full table of the smallest entries needs only if somebody sends such. */
  protected enlarge(): void {
    const slots = (this.mask + 1) * 2
    const names = new Array<string>(slots).fill('')
    const values = new Array<string>(slots).fill('')
    for (let number = this.gone + 1; number <= this.newest; number += 1) {
      names[number & (slots - 1)] = this.names[number & this.mask] as string
      values[number & (slots - 1)] = this.values[number & this.mask] as string
    }
    this.names = names
    this.values = values
    this.mask = slots - 1
  }
}
