import type { MessageFilter } from '../filter/message-filter.ts'
import type { StoredMessage } from '../log/message-log.ts'

/** What a receive asks for. Durations are milliseconds. */
export interface ReceiveRequest {
  readonly clientId: string
  /** 1 … 32. */
  readonly max: number
  readonly filter: MessageFilter
  /** How long the messages stay invisible to others; with {@link autoRenew} the broker holds the lease up to its ceiling. */
  readonly invisible: number
  readonly autoRenew: boolean
  /** How long to wait for a first message; 0: answer at once. */
  readonly wait: number
  /** Replays what an ordered group's receive with the same id was given, while that is unsettled. */
  readonly attemptId: string | undefined
}

/** One delivery of a message. */
export interface Delivery {
  readonly message: StoredMessage
  readonly handle: string
  /** 1 for the first. */
  readonly attempt: number
  readonly queueId: number
  readonly offset: bigint
  /** Granted invisible duration, ms. */
  readonly invisible: number
}

export type ReceiveOutcome =
  | { readonly kind: 'messages'; readonly deliveries: readonly Delivery[] }
  /** Nothing came within the wait. */
  | { readonly kind: 'empty' }
  /** A cap was reached (waiters of the topic, in flight of the group): TOO_MANY_REQUESTS with this text. */
  | { readonly kind: 'refused'; readonly reason: string }

/** A receive that waits. */
export interface PendingReceive {
  /**
   * The client is gone. Before the outcome: nothing will be delivered. After it, while the reply was not taken: the messages come back at once with
   * the attempt unchanged. Idempotent.
   */
  cancel(): void
}

/** `full`: the dead-letter topic has no room at the moment; nothing has changed. */
export type SettleResult = 'ok' | 'invalid-handle' | 'full'
export type ChangeResult = { readonly kind: 'changed'; readonly handle: string } | { readonly kind: 'invalid-handle' }

/** The state of one (topic, group) pair as the admin API and metrics show it. */
export interface SubscriptionStats {
  readonly topic: string
  readonly group: string
  /** Visible now and not yet handed out, counted without regard to filters. */
  readonly ready: number
  readonly inFlight: number
  /** Waiting for the end of an invisible duration after a nack. */
  readonly delayed: number
  /** Passed by a cursor because their message group is locked. */
  readonly parked: number
  /** Message groups of which something is handed out while more of them waits. */
  readonly heldGroups: number
  /** Passed over since start, because nobody who waited wanted them. */
  readonly skipped: number
  /** Why no more is handed out, or passed, although it might be: as much as may be is in flight, or parked. */
  readonly cap: 'in flight' | 'parked' | undefined
  readonly waiters: number
  /** Moved to the dead-letter topic since start. */
  readonly deadLettered: number
  /** Deliveries since start, and their bytes. */
  readonly delivered: number
  readonly deliveredBytes: number
  /** Deliveries since start that were not a message's first. */
  readonly redelivered: number
  /** Wall time at which the oldest ready message was stored, ms. */
  readonly oldestReadyAt: number | undefined
  /** The same of all that are not settled: also those in flight, and those that wait for their next attempt or for their message group. */
  readonly oldestUnsettledAt: number | undefined
}
