import type { StoredMessage } from '../log/message-log.ts'
import type { DueTarget } from '../schedule/timing-wheel.ts'
import type { Lease } from './lease.ts'
import type { ReceiveOutcome, ReceiveRequest } from './types.ts'

/**
 * The life of one receive.
 *
 *   waiting ──messages or end of the wait──▶ answered ──cancel──▶ closed
 *   waiting ──cancel──▶ closed
 */
export type WaiterState = 'waiting' | 'answered' | 'closed'

/** A receive that waits for its first message. */
export class Waiter implements DueTarget {
  readonly request: ReceiveRequest
  readonly done: (outcome: ReceiveOutcome) => void
  readonly #timeout: (waiter: Waiter) => void
  state: WaiterState = 'waiting'
  timer = -1
  /** What it was handed, and with which generation. */
  readonly leases: { readonly lease: Lease; readonly generation: number; readonly message: StoredMessage }[] = []

  constructor(request: ReceiveRequest, done: (outcome: ReceiveOutcome) => void, timeout: (waiter: Waiter) => void) {
    this.request = request
    this.done = done
    this.#timeout = timeout
  }

  get full(): boolean {
    return this.leases.length >= this.request.max
  }

  onDue(): void {
    this.timer = -1
    this.#timeout(this)
  }
}
