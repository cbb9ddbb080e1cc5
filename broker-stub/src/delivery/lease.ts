import type { DueTarget } from '../schedule/timing-wheel.ts'
import type { QueueEntry } from '../store/message-store.ts'
import type { Attempt } from './attempts.ts'
import type { MessageGroupLock } from './message-group-lock.ts'

/**
 * Where a message is on its way through one group.
 *
 * - `waiting`: not handed out; visible, or parked behind its message group.
 * - `in-flight`: handed out, the lease runs until `deadline`.
 * - `delayed`: given back, visible again at `deadline`.
 * - `burying`: a copy is on its way to the dead-letter topic; the message is done with once that is durable.
 * - `acknowledged`: done with, but behind an unsettled message of its message group, with which it would return.
 * - `settled`: done with for good.
 */
export type LeaseState = 'waiting' | 'in-flight' | 'delayed' | 'burying' | 'acknowledged' | 'settled'

/** What a lease asks of the subscription that it belongs to. */
export interface LeaseOwner {
  /** The lease's, or the delay's, time is over. */
  expire(lease: Lease): void
  /** The client that held it is gone. */
  lose(lease: Lease): void
}

/** One message within one group, from its first delivery (or from when it was parked) until it is settled. */
export class Lease implements DueTarget {
  /** Where the message stands and lies; retention may move it. */
  entry: QueueEntry
  /** Where it lay when the handle was made. */
  readonly position: number
  readonly owner: LeaseOwner
  /** The lock of its message group in an ordered group. */
  lock: MessageGroupLock | undefined
  state: LeaseState = 'waiting'
  /** A cursor passed it because its message group was locked, and it was not handed out since. */
  parked = false
  /** Deliveries so far. */
  attempts = 0
  /** Place in the subscription's slot table; -1 before the first delivery. */
  slot = -1
  generation = 0
  /** The start of the broker at which the generation was made. */
  epoch = 0
  /** Monotonic time at which the lease, or the delay, ends. */
  deadline = 0
  /** Timer in the wheel; -1 when none waits. */
  timer = -1
  clientId = ''
  /** The broker holds the lease for as long as the client lives, up to the ceiling. */
  autoRenew = false
  /** Granted at delivery, ms; shown to the consumer. */
  invisible = 0
  /** The next return does not count as an attempt (protocol: ChangeInvisibleDuration.suspend). */
  uncounted = false
  /** Why a consumer gave it back last, where it said so. */
  error: string | undefined
  /** The receive that it was handed to, in an ordered group. */
  attempt: Attempt | undefined

  constructor(entry: QueueEntry, owner: LeaseOwner, position: number = entry.position) {
    this.entry = entry
    this.position = position
    this.owner = owner
  }

  onDue(): void {
    this.timer = -1
    this.owner.expire(this)
  }
}

/** As their messages stand in their queue. */
export const inOrder = (one: Lease, other: Lease): number => one.entry.offset - other.entry.offset
