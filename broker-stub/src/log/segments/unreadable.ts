/** So often a record that the disk does not give is asked for before it is taken for damaged. Who wants it asks once a second. */
const TRIES = 10
/** Places that are remembered. What is forgotten is found out again. */
const REMEMBERED = 1000

/** Where the disk gives nothing, for good or for now: whose records are read one by one, and which of them are given up. */
export class Unreadable {
  readonly #blocks = new Set<number>()
  readonly #tries = new Map<number, number>()
  readonly #given = new Set<number>()

  /** The block with this first position cannot be read as a whole, though a record in it can. */
  addBlock(from: number): void {
    add(this.#blocks, from)
  }

  hasBlock(from: number): boolean {
    return this.#blocks.size > 0 && this.#blocks.has(from)
  }

  /** The record there could not be read. @returns whether that was often enough to give it up. */
  failed(position: number): boolean {
    const tries = (this.#tries.get(position) ?? 0) + 1
    this.#tries.delete(position)
    if (this.#tries.size >= REMEMBERED) this.#tries.delete(first(this.#tries.keys()))
    this.#tries.set(position, tries)
    return tries >= TRIES
  }

  giveUp(position: number): void {
    this.#tries.delete(position)
    add(this.#given, position)
  }

  isGivenUp(position: number): boolean {
    return this.#given.size > 0 && this.#given.has(position)
  }
}

function add(places: Set<number>, place: number): void {
  if (places.size >= REMEMBERED) places.delete(first(places))
  places.add(place)
}

function first(places: Iterable<number>): number {
  for (const place of places) return place
  return Number.NaN
}
