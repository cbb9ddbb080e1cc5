import type { Clock } from '../clock.ts'
import { backoffDelay, jittered } from '../retry/backoff.ts'

/** How long to leave a server alone, by the number of times in a row that it failed: 100 ms, 200 ms, 400 ms … 2 s. */
const REST = { kind: 'exponential', initial: 100, max: 2_000, multiplier: 2 } as const

/**
 * The pace of calls that an application makes in a loop. While the server is away each fails as fast as a refused connection does, so that a loop around it
 * would do nothing else; the rest between two of them counts over calls, whatever time each of them has.
 */
export class Pace {
  readonly #clock: Clock
  readonly #random: () => number
  #failures = 0
  /** Monotonic ms before which nothing begins. */
  #next = 0

  /** @param random 0 to 1, so that many clients do not come back together */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  worked(): void {
    this.#failures = 0
    this.#next = 0
  }

  /** Calls that were under way together fail together: that counts once. */
  failed(): void {
    const now = this.#clock.monotonic()
    if (now < this.#next) return
    this.#failures += 1
    this.#next = now + jittered(backoffDelay(REST, this.#failures), this.#random)
  }

  /** Ms until the next call may begin. */
  get rest(): number {
    return Math.max(0, this.#next - this.#clock.monotonic())
  }
}
