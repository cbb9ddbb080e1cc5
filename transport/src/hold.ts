import type { Timer } from './clock.ts'
import { systemClock } from './clock.ts'

const LONGEST_DELAY = 2 ** 31 - 1

/**
 * Keeps the process alive while something is pending, with one timer however much that is. It counts on real time even where a virtual clock rules:
 * only a real timer holds a process.
 */
export class Hold {
  #count = 0
  #timer: Timer | undefined

  acquire(): void {
    this.#count += 1
    if (this.#count === 1) this.#arm()
  }

  release(): void {
    this.#count -= 1
    if (this.#count > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #arm(): void {
    this.#timer = systemClock.setTimer(() => this.#arm(), LONGEST_DELAY, true)
  }
}
