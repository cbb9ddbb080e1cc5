import type { Clock } from '../clock.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import type { DeadLetterCause } from './dead-letter.ts'
import type { Lease } from './lease.ts'
import type { DeliveryLimits } from './limits.ts'
import type { ReceiptHandles } from './receipt-handle.ts'

/** `buried`: the copy is durable once the promise resolves, now without one. `full`: there is no room at the moment. */
export type Burial = { readonly kind: 'buried'; readonly durable: Promise<void> | undefined } | { readonly kind: 'full' }

/** What all subscriptions of a broker share. */
export interface Engine {
  readonly clock: Clock
  readonly wheel: TimingWheel
  readonly handles: ReceiptHandles
  readonly limits: DeliveryLimits
  /** Leases that the broker renews, by client. */
  readonly renewed: RenewedLeases
  /** Receives that wait in all subscriptions together. */
  waiting: number
  /** Why nothing more may be handed out at the moment; undefined when all is well. */
  readonly trouble: () => string | undefined
  /** Copies the message to its group's dead-letter topic. */
  bury(message: StoredMessage, group: string, cause: DeadLetterCause): Burial
}

/** Leases with auto-renew by the client that holds them. */
export class RenewedLeases {
  readonly #byClient = new Map<string, Set<Lease>>()

  add(lease: Lease): void {
    const leases = this.#byClient.get(lease.clientId)
    if (leases === undefined) this.#byClient.set(lease.clientId, new Set([lease]))
    else leases.add(lease)
  }

  delete(lease: Lease): void {
    const leases = this.#byClient.get(lease.clientId)
    if (leases === undefined) return
    leases.delete(lease)
    if (leases.size === 0) this.#byClient.delete(lease.clientId)
  }

  get clients(): readonly string[] {
    return [...this.#byClient.keys()]
  }

  of(clientId: string): readonly Lease[] {
    return [...(this.#byClient.get(clientId) ?? [])]
  }
}
