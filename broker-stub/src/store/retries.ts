import type { Clock, Timer } from '../clock.ts'
import type { StoreListener } from './store-event.ts'

/** How long after a failed read it is tried again, and how often at most that is told, ms. */
const AGAIN = 1_000

/** Reads that failed and are tried again. */
export class Retries {
  readonly #clock: Clock
  readonly #onEvent: StoreListener
  #told = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #waiting: (() => void)[] = []
  #closed = false

  constructor(clock: Clock, onEvent: StoreListener) {
    this.#clock = clock
    this.#onEvent = onEvent
  }

  readFailed(topic: string, error: Error): void {
    const now = this.#clock.monotonic()
    if (this.#closed || now < this.#told + AGAIN) return
    this.#told = now
    this.#onEvent({ kind: 'read-failed', topic, error })
  }

  later(action: () => void): void {
    if (this.#closed) return
    this.#waiting.push(action)
    this.#timer ??= this.#clock.setTimer(() => {
      this.#timer = undefined
      for (const each of this.#waiting.splice(0)) each()
    }, AGAIN)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#waiting = []
  }
}
