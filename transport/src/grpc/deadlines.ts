import type { Clock, Timer } from '../clock.ts'

/** Deadlines are kept to this, ms. Late by less than it, never early. */
const TICK = 10

/** What waits for its deadline. */
export interface Awaiting {
  onDeadline(): void
}

/**
 * Deadlines of many calls (gRPC over HTTP/2, Timeout) with one timer: nearly all of them are cancelled, so that is what has to be cheap, and leave no garbage. The timer is armed for
 * the nearest tick that has ever been asked for and is not over; when it fires, all that wait are looked at.
 */
export class Deadlines {
  readonly #clock: Clock
  /** Who waits, and for which tick, by place; places that are free have nobody. */
  #waiting: (Awaiting | undefined)[] = []
  #ticks: number[] = []
  #free: number[] = []
  #armed: { readonly tick: number; readonly timer: Timer } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Monotonic ms. To be asked once for a call: that is a good part of what its deadline costs. */
  get now(): number {
    return this.#clock.monotonic()
  }

  /** @param at on the clock of {@link now}. @returns the place, for {@link cancel}. */
  add(awaiting: Awaiting, at: number): number {
    const tick = Math.ceil(at / TICK)
    const place = this.#free.pop() ?? this.#waiting.length
    this.#waiting[place] = awaiting
    this.#ticks[place] = tick
    if (this.#armed === undefined || tick < this.#armed.tick) this.#arm(tick)
    return place
  }

  cancel(awaiting: Awaiting, place: number): void {
    if (this.#waiting[place] === awaiting) this.#leave(place)
  }

  close(): void {
    this.#armed?.timer.cancel()
    this.#armed = undefined
    this.#forget()
  }

  #leave(place: number): void {
    this.#waiting[place] = undefined
    this.#free.push(place)
  }

  #forget(): void {
    this.#waiting = []
    this.#ticks = []
    this.#free = []
  }

  #arm(tick: number): void {
    this.#armed?.timer.cancel()
    this.#armed = { tick, timer: this.#clock.setTimer(() => this.#fire(), tick * TICK - this.#clock.monotonic()) }
  }

  #fire(): void {
    this.#armed = undefined
    const now = Math.floor(this.#clock.monotonic() / TICK)
    const due: { readonly one: Awaiting; readonly place: number; readonly tick: number }[] = []
    for (const [place, one] of this.#waiting.entries()) {
      const tick = this.#ticks[place] as number
      if (one !== undefined && tick <= now) due.push({ one, place, tick })
    }
    due.sort((a, b) => a.tick - b.tick)
    for (const { one, place } of due) {
      // One that another cancels is not told; one that begins meanwhile waits for the next time.
      if (this.#waiting[place] !== one) continue
      this.#leave(place)
      one.onDeadline()
    }
    if (this.#free.length === this.#waiting.length) this.#forget()
    let nearest = Number.POSITIVE_INFINITY
    for (const [place, one] of this.#waiting.entries()) if (one !== undefined) nearest = Math.min(nearest, this.#ticks[place] as number)
    if (nearest !== Number.POSITIVE_INFINITY) this.#arm(nearest)
  }
}
