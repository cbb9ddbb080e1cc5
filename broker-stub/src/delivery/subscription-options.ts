import type { Group } from '../registry/types.ts'
import type { TopicQueues } from '../store/message-store.ts'
import type { FreeSlotRecord, LeaseRecord, ParkedRecord } from './durable/subscription-record.ts'
import type { Engine } from './engine.ts'
import type { SubscriptionJournal } from './subscription-journal.ts'

/** A subscription of before a restart. */
export interface RestoredSubscription {
  /** By queue; queues that are missing begin anew. */
  readonly cursors: ReadonlyMap<number, number>
  readonly slots: Iterable<FreeSlotRecord | LeaseRecord>
  readonly parked: Iterable<ParkedRecord>
}

export interface SubscriptionOptions {
  /** Never used for another one. */
  readonly id: number
  readonly topicId: number
  readonly queues: TopicQueues
  /** What an unordered group gets first is what is in the highest queue. Default false. */
  readonly byPriority?: boolean | undefined
  readonly group: Group
  readonly engine: Engine
  /** Default: nothing survives. */
  readonly journal?: SubscriptionJournal | undefined
  readonly restored?: RestoredSubscription | undefined
}
