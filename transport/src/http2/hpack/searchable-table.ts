/**
 * The dynamic table as an encoder needs it: entries are found by what they hold (RFC 7541, 2.3.3 for the indexes).
 *
 * Entries of one name are chained from the newest to the oldest. Strings are compared, not hashed anew: those of a channel are the same objects from call
 * to call, and V8 keeps the hash of a name once a map was asked for it.
 */
import { DynamicTable } from './dynamic-table.ts'
import { STATIC_LENGTH } from './static-table.ts'

export class SearchableTable extends DynamicTable {
  /** The number of the newest entry of each name. */
  readonly #newestOf = new Map<string, number>()
  /** By slot: the number of the next older entry of the same name, which may be gone by now. */
  #olderOf = new Float64Array(this.mask + 1)

  /** The index of that field; when only the name is here, the index of its newest entry, negated; 0 when not even that. */
  find(name: string, value: string): number {
    const first = this.#newestOf.get(name)
    if (first === undefined) return 0
    for (let number = first; number > this.gone; number = this.#olderOf[number & this.mask] as number) {
      if (this.values[number & this.mask] === value) return this.#indexOf(number)
    }
    return -this.#indexOf(first)
  }

  /** The index of the newest entry of that name, 0 when there is none. */
  findName(name: string): number {
    const first = this.#newestOf.get(name)
    return first === undefined ? 0 : this.#indexOf(first)
  }

  override add(name: string, value: string): void {
    const before = this.newest
    super.add(name, value)
    // Too large for the table.
    if (this.newest === before) return
    this.#olderOf[this.newest & this.mask] = this.#newestOf.get(name) ?? 0
    this.#newestOf.set(name, this.newest)
  }

  protected override evict(slot: number): void {
    const name = this.names[slot] as string
    super.evict(slot)
    if (this.#newestOf.get(name) === this.gone) this.#newestOf.delete(name)
  }

  protected override enlarge(): void {
    const mask = this.mask
    super.enlarge()
    const older = new Float64Array(this.mask + 1)
    for (let number = this.gone + 1; number <= this.newest; number += 1) older[number & this.mask] = this.#olderOf[number & mask] as number
    this.#olderOf = older
  }

  #indexOf(number: number): number {
    return STATIC_LENGTH + 1 + this.newest - number
  }
}
