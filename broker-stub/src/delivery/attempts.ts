import type { Lease } from './lease.ts'

/** What one receive was given. */
export interface Attempt {
  readonly id: string
  readonly leases: Lease[]
}

/**
 * Receives by attempt id. A client whose answer was lost on the wire asks again with the same id and is given the same messages with the same handles,
 * while they are unsettled (protocol: ReceiveMessageRequest.attempt_id). A stock server does so in ordered groups alone; in others it renews what an answer
 * that got lost had given out for as long as the client lives, up to three hours, and nobody handles it.
 */
export class Attempts {
  readonly #attempts = new Map<string, Attempt>()

  get size(): number {
    return this.#attempts.size
  }

  /** @returns what an earlier receive of the same id was given and is held: it belongs to none any more. */
  record(id: string, leases: readonly Lease[]): readonly Lease[] {
    // A lease belongs to the receive that was given it last.
    for (const lease of leases) this.leave(lease)
    const before = this.#attempts.get(id)?.leases ?? []
    for (const lease of before) lease.attempt = undefined
    if (leases.length === 0) {
      this.#attempts.delete(id)
      return before
    }
    const attempt: Attempt = { id, leases: [...leases] }
    this.#attempts.set(id, attempt)
    for (const lease of leases) lease.attempt = attempt
    return before
  }

  /** Messages of that receive which are still in flight. */
  replay(id: string): readonly Lease[] {
    return this.#attempts.get(id)?.leases.filter((lease) => lease.state === 'in-flight') ?? []
  }

  /** The lease is over, one way or another. */
  leave(lease: Lease): void {
    const { attempt } = lease
    if (attempt === undefined) return
    lease.attempt = undefined
    const index = attempt.leases.indexOf(lease)
    if (index !== -1) attempt.leases.splice(index, 1)
    if (attempt.leases.length === 0 && this.#attempts.get(attempt.id) === attempt) this.#attempts.delete(attempt.id)
  }
}
