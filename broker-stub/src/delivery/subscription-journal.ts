import type { QueueEntry } from '../store/message-store.ts'
import type { Lease } from './lease.ts'

/** Told what of a subscription has changed and has to survive the process. What it is now is asked for later, before anything leaves the process. */
export interface SubscriptionJournal {
  slot(slot: number): void
  cursor(queueId: number): void
  /** A cursor passed the message because its message group is locked. */
  parked(lease: Lease): void
  /** A parked message is settled and was not handed out. */
  unparked(entry: QueueEntry): void
}

/** For what may be lost with the process. */
export const noJournal: SubscriptionJournal = { slot: () => {}, cursor: () => {}, parked: () => {}, unparked: () => {} }
