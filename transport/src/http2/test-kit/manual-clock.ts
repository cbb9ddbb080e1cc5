import type { Clock, Timer } from '../../clock.ts'

interface Pending {
  readonly due: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #time = 1_000
  readonly #pending = new Set<Pending>()

  now(): number {
    return this.#time
  }

  monotonic(): number {
    return this.#time
  }

  setTimer(callback: () => void, delay: number): Timer {
    const pending = { due: this.#time + Math.max(0, delay), callback }
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending) }
  }

  /** Timers that are armed. */
  get armed(): number {
    return this.#pending.size
  }

  /** Moves on and calls what becomes due, each at its own time. */
  advance(ms: number): void {
    const until = this.#time + ms
    for (;;) {
      let next: Pending | undefined
      for (const pending of this.#pending) if (pending.due <= until && (next === undefined || pending.due < next.due)) next = pending
      if (next === undefined) break
      this.#pending.delete(next)
      this.#time = Math.max(this.#time, next.due)
      next.callback()
    }
    this.#time = until
  }
}
