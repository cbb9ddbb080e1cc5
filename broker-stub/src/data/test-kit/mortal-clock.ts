import type { Clock, Timer } from '../../clock.ts'

/** The time of one life of a broker: when that ends, nothing of it is called any more, while the clock underneath goes on. */
export class MortalClock implements Clock {
  readonly #base: Clock
  readonly #timers = new Set<Timer>()
  #dead = false

  constructor(base: Clock) {
    this.#base = base
  }

  now(): number {
    return this.#base.now()
  }

  monotonic(): number {
    return this.#base.monotonic()
  }

  setTimer(callback: () => void, delay: number, hold?: boolean): Timer {
    if (this.#dead) return { cancel: () => {} }
    const timer = this.#base.setTimer(
      () => {
        this.#timers.delete(timer)
        callback()
      },
      delay,
      hold,
    )
    this.#timers.add(timer)
    return timer
  }

  die(): void {
    this.#dead = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}
