/** How many are remembered. A peer answers a reset within a round trip; what it sends later is an error. */
const REMEMBERED = 1_024

/** Ids of streams that were reset a moment ago, the oldest forgotten first. */
export class RecentlyReset {
  readonly #ids = new Set<number>()

  add(id: number): void {
    this.#ids.add(id)
    if (this.#ids.size <= REMEMBERED) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }

  has(id: number): boolean {
    return this.#ids.has(id)
  }
}
