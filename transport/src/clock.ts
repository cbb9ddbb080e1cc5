/** Cancels a pending callback; does nothing when it has run. */
export interface Timer {
  cancel(): void
}

/**
 * Time as the code sees it. Only this file asks the machine, so that tests and virtual clocks own it everywhere else.
 * The same interface is declared in the broker and the SDK: the packages share a shape, not a package.
 */
export interface Clock {
  /** Wall time, milliseconds since the epoch. */
  now(): number
  /** Milliseconds that never go back. */
  monotonic(): number
  /** Calls back once after `delay` ms (clamped to 0 … 2^31-1). Holds the process only if `hold` is true. */
  setTimer(callback: () => void, delay: number, hold?: boolean): Timer
}

const LONGEST_DELAY = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delay, hold = false) {
    const timer = setTimeout(callback, Math.min(Math.max(delay, 0), LONGEST_DELAY))
    if (!hold) timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/**
 * Holds the process while it is told to, in real time whatever clock rules elsewhere. It is one timer that never has anything to do and is only counted or
 * not: making one for each call would cost a twentieth of it.
 */
export class ProcessHolder {
  readonly #timer = setInterval(() => {}, LONGEST_DELAY).unref()

  hold(): void {
    this.#timer.ref()
  }

  letGo(): void {
    this.#timer.unref()
  }
}
