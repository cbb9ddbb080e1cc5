/** How many are remembered one by one. */
const REMEMBERED = 1_024

/**
 * Ids of streams that were reset a moment ago: what the peer still sends for them, because it does not know yet, is no error (RFC 9113, 5.1, "closed").
 * The oldest are forgotten first. Up to the largest that was forgotten nobody can say any more which were reset; there the peer has the benefit of the doubt.
 */
export class RecentlyReset {
  readonly #ids = new Set<number>()
  #horizon = 0

  add(id: number): void {
    this.#ids.add(id)
    if (this.#ids.size <= REMEMBERED) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      this.#horizon = Math.max(this.#horizon, oldest)
      return
    }
  }

  has(id: number): boolean {
    return id <= this.#horizon || this.#ids.has(id)
  }
}
