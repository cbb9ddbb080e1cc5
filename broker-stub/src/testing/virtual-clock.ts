import type { Clock, Timer } from '../clock.ts'
import { systemClock } from '../clock.ts'
import { type Duration, toMs } from '../duration.ts'

export interface VirtualClockOptions {
  /** A frozen clock moves by {@link VirtualClock.advance} alone; a flowing one runs with real time as well. Default false. */
  readonly frozen?: boolean | undefined
  /** The clock underneath. Default the machine's. */
  readonly base?: Clock | undefined
}

/** A clock that tests move. */
export interface VirtualClock extends Clock {
  /**
   * Moves the clock ahead. What becomes due on the way is called in order, each at its own time, timers set meanwhile included; resolves when all of it,
   * and what it set off in this process, has run.
   */
  advance(duration: Duration): Promise<void>
}

interface Pending {
  readonly due: number
  readonly callback: () => void
}

/** Turns of the event loop that work is given to settle after each timer: enough for calls over an in-memory transport, and for loopback sockets. */
const SETTLE_TURNS = 4

/** As {@link Clock.setTimer} clamps. */
const LONGEST_DELAY = 2 ** 31 - 1

class OffsetClock implements VirtualClock {
  readonly #base: Clock
  readonly #frozenAt: { readonly now: number; readonly monotonic: number } | undefined
  #offset = 0
  #pending: Pending[] = []
  #armed: Timer | undefined

  constructor(options: VirtualClockOptions) {
    this.#base = options.base ?? systemClock
    // Whole milliseconds: sums of whole durations are exact then, and what is due after '12h' is due when 12 hours have passed.
    this.#frozenAt = options.frozen === true ? { now: Math.floor(this.#base.now()), monotonic: Math.floor(this.#base.monotonic()) } : undefined
  }

  now(): number {
    return (this.#frozenAt?.now ?? this.#base.now()) + this.#offset
  }

  monotonic(): number {
    return (this.#frozenAt?.monotonic ?? this.#base.monotonic()) + this.#offset
  }

  setTimer(callback: () => void, delay: number, hold = false): Timer {
    // What holds the process does so by a real timer, whatever the virtual time.
    const holder = hold ? this.#base.setTimer(() => {}, LONGEST_DELAY, true) : undefined
    const pending: Pending = {
      due: this.monotonic() + Math.min(Math.max(0, delay), LONGEST_DELAY),
      callback: () => {
        holder?.cancel()
        callback()
      },
    }
    const at = this.#pending.findIndex((other) => other.due > pending.due)
    if (at === -1) this.#pending.push(pending)
    else this.#pending.splice(at, 0, pending)
    this.#arm()
    return {
      cancel: () => {
        holder?.cancel()
        const index = this.#pending.indexOf(pending)
        if (index === -1) return
        this.#pending.splice(index, 1)
        this.#arm()
      },
    }
  }

  async advance(duration: Duration): Promise<void> {
    const target = this.monotonic() + toMs(duration)
    await this.#settle()
    while (true) {
      const next = this.#pending[0]
      if (next === undefined || next.due > target) break
      this.#offset += Math.max(0, next.due - this.monotonic())
      this.#pending.shift()
      next.callback()
      if ((this.#pending[0]?.due ?? Number.POSITIVE_INFINITY) > next.due) await this.#settle()
    }
    this.#offset += Math.max(0, target - this.monotonic())
    this.#arm()
    await this.#settle()
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  /** A flowing clock also calls what becomes due in real time. */
  #arm(): void {
    this.#armed?.cancel()
    this.#armed = undefined
    const next = this.#pending[0]
    if (this.#frozenAt !== undefined || next === undefined) return
    this.#armed = this.#base.setTimer(() => this.#fire(), next.due - this.monotonic())
  }

  #fire(): void {
    const now = this.monotonic()
    try {
      while ((this.#pending[0]?.due ?? Number.POSITIVE_INFINITY) <= now) this.#pending.shift()?.callback()
    } finally {
      // As on the machine's clock, a callback that throws stops no other.
      this.#arm()
    }
  }
}

/** Starts at the machine's time. */
export function virtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new OffsetClock(options)
}
