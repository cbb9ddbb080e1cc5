import type { StoredMessage } from '../log/message-log.ts'
import type { Engine } from './engine.ts'
import type { Waiter } from './waiter.ts'

/** The receives of one subscription that wait, in the order in which they came. */
export class Line {
  readonly #engine: Engine
  #waiters: Waiter[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get length(): number {
    return this.#waiters.length
  }

  /** No more may wait. */
  get full(): boolean {
    const { limits, waiting } = this.#engine
    return this.#waiters.length >= limits.waiters || waiting >= limits.allWaiters
  }

  /** Those who wait now: they may leave while they are looked at. */
  all(): readonly Waiter[] {
    return [...this.#waiters]
  }

  add(waiter: Waiter): void {
    const { clock, wheel } = this.#engine
    this.#waiters.push(waiter)
    this.#engine.waiting++
    if (waiter.request.wait > 0) waiter.timer = wheel.add(clock.monotonic() + waiter.request.wait, waiter)
  }

  leave(waiter: Waiter, state: 'answered' | 'closed'): void {
    waiter.state = state
    const index = this.#waiters.indexOf(waiter)
    if (index !== -1) {
      this.#waiters.splice(index, 1)
      this.#engine.waiting--
    }
    if (waiter.timer !== -1) this.#engine.wheel.cancel(waiter.timer)
    waiter.timer = -1
  }

  /** Messages that those who wait could still take. */
  get room(): number {
    return this.#waiters.reduce((room, { request, leases }) => room + request.max - leases.length, 0)
  }

  get hasRoom(): boolean {
    return this.#waiters.some((waiter) => !waiter.full)
  }

  /** The first that has room and wants the message. */
  takerOf(message: StoredMessage): Waiter | undefined {
    return this.#waiters.find((waiter) => !waiter.full && waiter.request.filter.matches(message))
  }

  /** Does anybody want it, with room or without? */
  wants(message: StoredMessage): boolean {
    return this.#waiters.some((waiter) => waiter.request.filter.matches(message))
  }
}
