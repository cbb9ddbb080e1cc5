import type { Clock, Timer } from '../clock.ts'
import type { Delivery } from './delivery.ts'

export interface LeaseKeeping {
  readonly clock: Clock
  /** Each extension, ms. */
  readonly by: number
  /** The end of the last one, monotonic ms. */
  readonly until: number
}

/**
 * Extends the lease of one message until it is settled, lost, or the time is over. Each extension begins when a third of the lease is left, so that one
 * that fails can be tried again; it never reaches over the end.
 */
export class LeaseKeeper {
  readonly #delivery: Delivery
  readonly #keeping: LeaseKeeping
  readonly #onEnd: () => void
  #timer: Timer | undefined
  #over = false

  constructor(delivery: Delivery, keeping: LeaseKeeping, onEnd: () => void) {
    this.#delivery = delivery
    this.#keeping = keeping
    this.#onEnd = onEnd
    this.#arm()
  }

  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    this.#onEnd()
  }

  #arm(): void {
    const { lease } = this.#delivery
    this.#timer = this.#keeping.clock.setTimer(() => void this.#extend(), Math.floor((lease.left * 2) / 3))
  }

  async #extend(): Promise<void> {
    const { clock, by, until } = this.#keeping
    const { lease, isOpen } = this.#delivery
    const now = clock.monotonic()
    const duration = Math.min(by, until - now)
    // Nothing to do, or nothing to win.
    if (!isOpen || lease.left === 0 || duration <= lease.left) {
      this.stop()
      return
    }
    try {
      await this.#delivery.extend(duration)
    } catch {
      // Whoever settles the message is told by that call.
      this.stop()
      return
    }
    if (!this.#over) this.#arm()
  }
}
