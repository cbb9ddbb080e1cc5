import type { Clock } from '../clock.ts'

/** So many checks per window, ms: a producer that comes back to a hundred thousand of them gets them within a quarter of a minute, not at once. */
const PER_WINDOW = 64
const WINDOW = 10

/** Spreads checks that are due together. Each is given a turn once. */
export class Pace {
  readonly #clock: Clock
  /** Those that were told to wait. */
  readonly #given = new Set<string>()
  /** Monotonic time of the window that is being filled, and how full it is. */
  #window = Number.NEGATIVE_INFINITY
  #used = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns how long it is to wait, ms; 0 when it is its turn. */
  wait(id: string): number {
    if (this.#given.delete(id)) return 0
    const now = this.#clock.monotonic()
    if (this.#window <= now - WINDOW) {
      this.#window = now
      this.#used = 0
    }
    if (this.#used === PER_WINDOW) {
      this.#window += WINDOW
      this.#used = 0
    }
    this.#used++
    const wait = Math.max(0, this.#window - now)
    if (wait > 0) this.#given.add(id)
    return wait
  }
}
