import type { Clock, Timer } from '../clock.ts'

/** Deadlines are kept to this, ms. Late by less than it, never early. */
const TICK = 10

/** What waits for its deadline. The links belong to {@link Deadlines}. */
export interface Awaiting {
  onDeadline(): void
}

class Slot {
  readonly waiting = new Set<Awaiting>()
}

/**
 * Deadlines of many calls with one timer: nearly all of them are cancelled, so that is what has to be cheap. Calls of one tick share a set; the timer is
 * armed for the nearest tick that has ever been asked for and is not over.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #slots = new Map<number, Slot>()
  #armed: { readonly tick: number; readonly timer: Timer } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param delay ms from now. @returns the tick, for {@link cancel}. */
  add(awaiting: Awaiting, delay: number): number {
    const tick = Math.ceil((this.#clock.monotonic() + delay) / TICK)
    let slot = this.#slots.get(tick)
    if (slot === undefined) {
      slot = new Slot()
      this.#slots.set(tick, slot)
      if (this.#armed === undefined || tick < this.#armed.tick) this.#arm(tick)
    }
    slot.waiting.add(awaiting)
    return tick
  }

  cancel(awaiting: Awaiting, tick: number): void {
    const slot = this.#slots.get(tick)
    if (slot === undefined) return
    slot.waiting.delete(awaiting)
    if (slot.waiting.size === 0) this.#slots.delete(tick)
  }

  close(): void {
    this.#armed?.timer.cancel()
    this.#armed = undefined
    this.#slots.clear()
  }

  #arm(tick: number): void {
    this.#armed?.timer.cancel()
    this.#armed = { tick, timer: this.#clock.setTimer(() => this.#fire(), tick * TICK - this.#clock.monotonic()) }
  }

  #fire(): void {
    this.#armed = undefined
    const now = Math.floor(this.#clock.monotonic() / TICK)
    const due = [...this.#slots.keys()].filter((tick) => tick <= now).sort((a, b) => a - b)
    for (const tick of due) {
      const slot = this.#slots.get(tick)
      if (slot === undefined) continue
      // One that another of the same tick cancels is not told; one that begins meanwhile waits for the next time.
      for (const one of [...slot.waiting]) if (slot.waiting.delete(one)) one.onDeadline()
      if (slot.waiting.size === 0) this.#slots.delete(tick)
    }
    let nearest = Number.POSITIVE_INFINITY
    for (const tick of this.#slots.keys()) nearest = Math.min(nearest, tick)
    if (nearest !== Number.POSITIVE_INFINITY) this.#arm(nearest)
  }
}
