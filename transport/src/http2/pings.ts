import type { Clock, Timer } from '../clock.ts'

interface Pending {
  readonly number: number
  readonly done: (alive: boolean) => void
  readonly timer: Timer
}

/** PINGs that wait for their answer, which repeats the number they were sent with (RFC 9113, 6.7). */
export class Pings {
  readonly #clock: Clock
  readonly #pending: Pending[] = []
  #next = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns the number to send. `done(false)` comes after `timeout` ms. */
  add(timeout: number, done: (alive: boolean) => void): number {
    const number = this.#next
    this.#next = (number % 0xffff_ffff) + 1
    const timer = this.#clock.setTimer(() => this.#settle(number, false), timeout)
    this.#pending.push({ number, done, timer })
    return number
  }

  /** False for an answer to what was not asked. */
  answered(bytes: Buffer, start: number): boolean {
    return bytes.readUInt32BE(start) === 0 && this.#settle(bytes.readUInt32BE(start + 4), true)
  }

  /** The connection is over. */
  close(): void {
    for (const { timer, done } of this.#pending.splice(0)) {
      timer.cancel()
      done(false)
    }
  }

  #settle(number: number, alive: boolean): boolean {
    const at = this.#pending.findIndex((pending) => pending.number === number)
    const [pending] = at === -1 ? [] : this.#pending.splice(at, 1)
    pending?.timer.cancel()
    pending?.done(alive)
    return pending !== undefined
  }
}
