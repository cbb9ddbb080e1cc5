import type { Lease } from './lease.ts'

/**
 * The order of one message group within one ordered group.
 *
 * - `free`: nothing is handed out; what waits may be.
 * - `held`: a run was handed out; until its first message is settled or visible again, nothing more is.
 */
export type LockState = 'free' | 'held'

/** One message group: what was handed out of it and what waits behind, both in order. */
export class MessageGroupLock {
  readonly key: string
  state: LockState = 'free'
  /** Handed out and not settled. */
  readonly run: Lease[] = []
  /** Returned or parked, in order. */
  waiting: Lease[] = []
  /** Stands in the list of locks that have something to hand out. */
  listed = false

  constructor(key: string) {
    this.key = key
  }
}
