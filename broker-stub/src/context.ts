import type { EndpointsInit } from '@feathermq/protocol'
import type { HealthService } from '@feathermq/transport'
import type { Clock } from './clock.ts'
import type { Delivery } from './delivery/delivery.ts'
import type { Filters } from './filter/filters.ts'
import type { BrokerLog } from './logging/broker-log.ts'
import type { Recalls } from './recall/recalls.ts'
import type { Clients } from './registry/clients.ts'
import type { Counters } from './registry/counters.ts'
import type { TopicsAndGroups } from './registry/registry.ts'
import type { Transactions } from './transactions/transactions.ts'

/** What every handler works with. */
export interface BrokerContext {
  readonly name: string
  /** Messages are on disk. */
  readonly durable: boolean
  readonly clock: Clock
  readonly registry: TopicsAndGroups
  readonly clients: Clients
  readonly delivery: Delivery
  readonly transactions: Transactions
  readonly recalls: Recalls
  readonly filters: Filters
  readonly counters: Counters
  /** What is written down for operators. */
  readonly log: BrokerLog
  /** What `/healthz` and the health service of gRPC both answer from. */
  readonly health: HealthService
  /** Where clients can reach this broker when they do not say what they dialled, or when it was configured. */
  advertised(): { readonly endpoints: EndpointsInit; readonly always: boolean }
  /** Bytes of messages that may wait for the disk beside those that do; infinite where there is none. */
  room(): number
  /** Half messages of a topic, by its id. */
  halves(topicId: number): number
  /** Resolves when all topics, groups and settings that there are survive a loss of power. Rejects when the disk fails. */
  saved(): Promise<void>
  /** `host:port`, as stored in messages. */
  storeHost(): string
}
