import type { Clock, Timer } from '../clock.ts'

/** How long what repeats is held back, ms. */
const WINDOW = 1_000

/** Lets what repeats through once a second: the first at once, and of those that follow the last, with their number. */
export class Repeats {
  readonly #clock: Clock
  readonly #open = new Map<string, { timer: Timer; held: number; tell: (times: number) => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param tell Called now, or when the second is over, with how many it stands for. */
  pass(key: string, tell: (times: number) => void): void {
    const window = this.#open.get(key)
    if (window !== undefined) {
      window.held++
      window.tell = tell
      return
    }
    this.#begin(key)
    tell(1)
  }

  /** Tells what is held back. */
  close(): void {
    for (const { timer, held, tell } of this.#open.values()) {
      timer.cancel()
      if (held > 0) tell(held)
    }
    this.#open.clear()
  }

  #begin(key: string): void {
    this.#open.set(key, { timer: this.#clock.setTimer(() => this.#over(key), WINDOW), held: 0, tell: () => {} })
  }

  #over(key: string): void {
    const window = this.#open.get(key)
    this.#open.delete(key)
    if (window === undefined || window.held === 0) return
    this.#begin(key)
    window.tell(window.held)
  }
}
