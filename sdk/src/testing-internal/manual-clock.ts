import type { Clock, Timer } from '../clock.ts'

interface Armed {
  readonly at: number
  readonly order: number
  readonly hold: boolean
  readonly callback: () => void
}

/** Turns of the event loop that a call over the in-memory transport and its consequences take at most. */
const TURNS = 30

/** Lets everything happen that needs no time. */
export async function turns(count: number = TURNS): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Armed>()

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  setTimer(callback: () => void, delay: number, hold = false): Timer {
    const armed = { at: this.#now + Math.min(Math.max(delay, 0), 2 ** 31 - 1), order: this.#order++, hold, callback }
    this.#timers.add(armed)
    return { cancel: () => void this.#timers.delete(armed) }
  }

  /** Timers that would keep the process alive. */
  get holding(): number {
    return [...this.#timers].filter(({ hold }) => hold).length
  }

  /** Timers of any kind. */
  get armed(): number {
    return this.#timers.size
  }

  /** Moves on, stopping at each timer that becomes due for as long as its consequences need. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await turns()
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await turns()
    }
    this.#now = end
    await turns(3)
  }

  #due(end: number): Armed | undefined {
    let first: Armed | undefined
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))) first = timer
    }
    return first
  }
}
