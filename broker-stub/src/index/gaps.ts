/** Offsets [from, to) that no message has. */
interface Gap {
  readonly from: number
  readonly to: number
}

/**
 * Between the segments of a queue there may be offsets that were given to messages which could not be stored. They are remembered, so that the lowest
 * offset that is left can be told without a look at any file: once everything up to a gap is gone, the lowest is behind it.
 *
 * There are as many as batches failed on the edge of a segment, which is few.
 */
export class Gaps {
  readonly #of = new Map<number, Gap[]>()

  add(slot: number, from: number, to: number): void {
    const gaps = this.#of.get(slot)
    if (gaps === undefined) this.#of.set(slot, [{ from, to }])
    else gaps.push({ from, to })
  }

  /** Where messages may begin when all below `offset` are gone. What lies below is forgotten. */
  skip(slot: number, offset: number): number {
    const gaps = this.#of.get(slot)
    if (gaps === undefined) return offset
    let lowest = offset
    while (gaps[0] !== undefined && gaps[0].from <= lowest) lowest = Math.max(lowest, gaps.shift()?.to ?? 0)
    if (gaps.length === 0) this.#of.delete(slot)
    return lowest
  }

  remove(slot: number): void {
    this.#of.delete(slot)
  }
}
