import type { Clock } from '../clock.ts'
import type { Amount } from './producer-options.ts'

interface Waiter extends Amount {
  admit(): void
  refuse(error: unknown): void
}

/** How a wait for a place ends early. */
export interface Patience {
  readonly signal: AbortSignal | undefined
  /** Ms. */
  readonly left: number
  late(): unknown
}

/**
 * Back-pressure: counts what is under way, and makes the rest wait in order. Something larger than the limit goes when nothing else is under way, so that
 * nothing waits for ever.
 */
export class InFlight {
  readonly #limits: Amount
  readonly #clock: Clock
  /** In the order of arrival; a Set, so that one who gives up leaves without a search. */
  readonly #waiters = new Set<Waiter>()
  #messages = 0
  #bytes = 0
  #waiting = 0
  #refusal: (() => unknown) | undefined

  constructor(limits: Amount, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Takes a place if there is one and nobody waits for it. */
  tryEnter(messages: number, bytes: number): boolean {
    if (this.#refusal !== undefined || this.#waiters.size > 0 || !this.#fits(messages, bytes)) return false
    this.#messages += messages
    this.#bytes += bytes
    return true
  }

  /** Waits for a place. Rejects with the signal's reason, or with what `late` makes. */
  enter(messages: number, bytes: number, { signal, left, late }: Patience): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal())
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.tryEnter(messages, bytes)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const leaveQueue = () => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#waiters.delete(waiter)
        this.#waiting -= messages
      }
      const waiter: Waiter = {
        messages,
        bytes,
        admit: () => {
          leaveQueue()
          this.#messages += messages
          this.#bytes += bytes
          resolve()
        },
        refuse: (error) => {
          leaveQueue()
          reject(error)
          // Whoever stood behind a large one may fit.
          this.#admit()
        },
      }
      const onAbort = () => waiter.refuse(signal?.reason)
      const timer = this.#clock.setTimer(() => waiter.refuse(late()), left, true)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
      this.#waiting += messages
    })
  }

  leave(messages: number, bytes: number): void {
    this.#messages -= messages
    this.#bytes -= bytes
    this.#admit()
  }

  /** Sends everybody away who still waits; nobody is let in any more. */
  close(error: () => unknown): void {
    this.#refusal = error
    for (const waiter of [...this.#waiters]) waiter.refuse(error())
  }

  #admit(): void {
    if (this.#refusal !== undefined) return
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.messages, waiter.bytes)) return
      waiter.admit()
    }
  }

  #fits(messages: number, bytes: number): boolean {
    if (this.#messages === 0) return true
    return this.#messages + messages <= this.#limits.messages && this.#bytes + bytes <= this.#limits.bytes
  }
}
