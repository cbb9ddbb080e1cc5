import type { Clock, Timer } from '../clock.ts'

/**
 * Waits for things to be done one after the other, each within a time: a frame that has begun to become whole, a batch to be taken by the peer. There is
 * one timer however many things there are, and none while nothing is awaited; so a thing may take up to twice the time before it is noticed.
 * A peer that only keeps a connection open would hold what it costs for ever (RFC 9113, 10.5).
 */
export class Patience {
  readonly #clock: Clock
  readonly #ms: number
  /** A number that tells what is awaited from what was before; -1 while nothing is. */
  readonly #awaited: () => number
  readonly #onLost: () => void
  #timer: Timer | undefined

  constructor(clock: Clock, ms: number, awaited: () => number, onLost: () => void) {
    this.#clock = clock
    this.#ms = ms
    this.#awaited = awaited
    this.#onLost = onLost
  }

  /** To be called when something may have begun. */
  watch(): void {
    if (this.#timer !== undefined) return
    const which = this.#awaited()
    if (which !== -1) this.#arm(which)
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(which: number): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined
      const now = this.#awaited()
      if (now === which) this.#onLost()
      else if (now !== -1) this.#arm(now)
    }, this.#ms)
  }
}
