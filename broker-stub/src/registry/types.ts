import type { MessageType } from '@feathermq/protocol'

/** Where a topic or group came from; shown by the admin API. */
export type Origin = 'config' | 'admin' | 'first-use' | 'dead-letter'

export interface Topic {
  /** Grows with each topic that is made; never used for another one, also when this one is gone. */
  readonly id: number
  readonly name: string
  /** Message types that a producer may send; also `accept_message_types` of its queues. */
  readonly types: readonly MessageType[]
  /** Number of queues, each with its own offsets. Default 4; 1 for dead-letter topics. */
  readonly queues: number
  readonly origin: Origin
  /** Wall time of creation, ms. */
  readonly createdAt: number
}

/** How long a failed message stays away before its next delivery, by attempt (protocol: RetryPolicy). */
export type RetryPolicy =
  | { readonly kind: 'exponential'; readonly initial: number; readonly max: number; readonly multiplier: number }
  | { readonly kind: 'customized'; readonly next: readonly number[] }

/**
 * Where a group begins in a topic that it has not read: at the first message there is, behind the last, or at the first one stored at a wall time (ms) or
 * later. `default`: at the first where nothing was removed yet, else at the last message (server behaviour: POP initial offset).
 */
export type StartPosition = 'default' | 'first' | 'last' | { readonly at: number }

export interface Group {
  readonly name: string
  /** Ordered groups get the messages of one message group one after the other (protocol: Subscription.fifo). */
  readonly ordered: boolean
  /** Deliveries in all, the first included; then the message goes to `%DLQ%<group>`. Default 17. */
  readonly maxAttempts: number
  readonly retry: RetryPolicy
  readonly start: StartPosition
  /** Nothing is handed out; leases go on. */
  readonly paused: boolean
  readonly origin: Origin
  readonly createdAt: number
}

/** What delivery asks of the registry. */
export interface Registry {
  topic(name: string): Topic | undefined
  topics(): readonly Topic[]
  group(name: string): Group | undefined
  /** The topic `%DLQ%<group>`, created when missing. */
  deadLetterTopic(group: string): Topic
}
