import type { BrokerContext } from '../context.ts'
import type { SubscriptionStats } from '../delivery/types.ts'
import { Exposition, type Format, type Labels, type Row } from '../metrics/exposition.ts'
import type { Histogram } from '../metrics/histogram.ts'
import type { RpcMeter } from '../metrics/rpc-meter.ts'
import { OVERFLOW } from '../metrics/series-limit.ts'
import type { EndedRow } from '../registry/counters.ts'
import type { MessageStore } from '../store/message-store.ts'

/** Reading and writing are allowed (server behaviour: PermName). */
const READ_AND_WRITE = 6

const isSystem = (topic: string): boolean => topic.startsWith('%')

/** `SendMessage` → `send_message`, as a stock server writes the names of its requests. */
const snake = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()

const gaugesOf = (subscriptions: readonly SubscriptionStats[], value: (stats: SubscriptionStats) => number): Row[] =>
  subscriptions.map((stats) => [{ topic: stats.topic, consumer_group: stats.group, is_retry: false, is_system: isSystem(stats.topic) }, value(stats)])

/** The broker's metrics under the names and labels of a stock RocketMQ server (BrokerMetricsConstant, ProxyMetricsConstant); docs/broker-metrics.md lists them. */
export class Metrics {
  readonly #broker: BrokerContext
  readonly #store: MessageStore
  readonly #out: Exposition

  /** @param maxSeries Series of one name that have a place of their own. Default 2,000. */
  constructor(broker: BrokerContext, store: MessageStore, maxSeries?: number) {
    this.#broker = broker
    this.#store = store
    this.#out = new Exposition(maxSeries)
  }

  text(format: Format = 'text'): string {
    this.#out.begin(format, { cluster: 'feathermq', node_type: 'broker', node_id: this.#broker.name })
    this.#out.gauge('rocketmq_proxy_up', 'The broker runs.', [[{ proxy_mode: 'local' }, 1]])
    this.#out.gauge('rocketmq_broker_permission', 'What the broker allows: 4 reading, 2 writing, 6 both.', [[{}, READ_AND_WRITE]])
    this.#traffic()
    this.#groups(this.#broker.delivery.subscriptionStats())
    this.#transactions()
    this.#resources()
    this.#storage()
    this.#clients()
    this.#calls([...this.#broker.counters.rpcs()])
    return this.#out.end()
  }

  #traffic(): void {
    const { counters } = this.#broker
    const sent = [...counters.sent()].map(({ topic, type, sizes }) => ({ topic, message_type: type.toLowerCase(), sizes }))
    const rows = (value: (sizes: Histogram) => number): Row[] => [
      ...sent.map(({ topic, message_type, sizes }): Row => [{ topic, message_type, is_system: isSystem(topic) }, value(sizes)]),
      ...(counters.sentBeyond === undefined ? [] : [[OVERFLOW, value(counters.sentBeyond)] as const]),
    ]
    const messagesIn = rows(({ count }) => count)
    this.#out.counter('rocketmq_messages_in_total', 'Messages stored.', messagesIn)
    this.#out.counter(
      'rocketmq_throughput_in_total',
      'Bytes stored.',
      rows(({ sum }) => sum),
    )
    this.#out.histogram('rocketmq_message_size', 'Sizes of the messages stored, bytes.', [
      ...sent.map(({ topic, message_type, sizes }): [Labels, Histogram] => [{ topic, message_type }, sizes]),
      ...(counters.sentBeyond === undefined ? [] : [[OVERFLOW, counters.sentBeyond] as const]),
    ])
  }

  #groups(subscriptions: readonly SubscriptionStats[]): void {
    const now = this.#broker.clock.now()
    const by = (value: (stats: SubscriptionStats) => number): Row[] => gaugesOf(subscriptions, value)
    const out = this.#out
    const delivered = by((stats) => stats.delivered)
    out.counter('rocketmq_messages_out_total', 'Messages delivered, redeliveries included.', delivered)
    const deliveredBytes = by((stats) => stats.deliveredBytes)
    out.counter('rocketmq_throughput_out_total', 'Bytes delivered.', deliveredBytes)
    const ready = by((stats) => stats.ready)
    out.gauge('rocketmq_consumer_ready_messages', 'Messages that wait to be delivered.', ready)
    const inFlight = by((stats) => stats.inFlight + stats.delayed)
    out.gauge('rocketmq_consumer_inflight_messages', 'Messages delivered and not yet settled.', inFlight)
    const lag = by((stats) => stats.ready + stats.inFlight + stats.delayed + stats.parked)
    out.gauge('rocketmq_consumer_lag_messages', 'Messages not yet settled.', lag)
    const age = (at: number | undefined): number => (at === undefined ? 0 : Math.max(0, now - at))
    const unsettled = by((stats) => age(stats.oldestUnsettledAt))
    out.gauge('rocketmq_consumer_lag_latency', 'Age of the oldest message that is not settled, ms.', unsettled, 'max')
    const waiting = by((stats) => age(stats.oldestReadyAt))
    out.gauge('rocketmq_consumer_queueing_latency', 'Age of the oldest message that waits to be delivered, ms.', waiting, 'max')
    const dead = subscriptions.map(
      (stats): Row => [{ topic: stats.topic, consumer_group: stats.group, is_system: isSystem(stats.topic) }, stats.deadLettered],
    )
    out.counter('rocketmq_send_to_dlq_messages_total', 'Messages moved to a dead-letter topic.', dead)
    const again = by((stats) => stats.redelivered)
    out.counter('feathermq_redelivered_messages_total', "Deliveries that were not a message's first.", again)
    const parked = by((stats) => stats.parked)
    out.gauge('feathermq_parked_messages', 'Messages passed because their message group is locked.', parked)
    const waiters = by((stats) => stats.waiters)
    out.gauge('feathermq_waiting_receives', 'Receives that wait for a message.', waiters)
  }

  #transactions(): void {
    const { counters, registry, halves: halvesOf } = this.#broker
    const rows = <T>(value: (row: EndedRow) => T): (readonly [Labels, T])[] => [
      ...[...counters.ended()].map(([topic, row]) => [{ topic }, value(row)] as const),
      ...(counters.endedBeyond === undefined ? [] : [[OVERFLOW, value(counters.endedBeyond)] as const]),
    ]
    const commits = rows((row) => row.commits)
    this.#out.counter('rocketmq_commit_messages_total', 'Transactions that ended with their message in its queue.', commits)
    const rollbacks = rows((row) => row.rollbacks)
    this.#out.counter('rocketmq_rollback_messages_total', 'Transactions that ended without their message.', rollbacks)
    const latency = rows((row) => row.latency)
    this.#out.histogram('rocketmq_finish_message_latency', "Time from a transaction's message to its end, ms.", latency)
    const halves = registry.topics().map(({ name, id }): Row => [{ topic: name }, halvesOf(id)])
    this.#out.gauge('rocketmq_half_messages', 'Messages whose transaction has not ended.', halves)
  }

  #resources(): void {
    const { registry, delivery } = this.#broker
    const topics = registry.topics()
    this.#out.gauge('rocketmq_topic_number', 'Topics.', [[{}, topics.length]])
    this.#out.gauge('rocketmq_consumer_group_number', 'Consumer groups.', [[{}, registry.groups().length]])
    const delayed = topics.map((topic): Row => [{ topic: topic.name }, delivery.topicStats(topic.name)?.delayed ?? 0])
    this.#out.gauge('rocketmq_timing_messages', 'Messages whose delivery time has not come.', delayed)
  }

  #storage(): void {
    const { bytes, maxBytes, messages, waiting, damaged } = this.#store.stats
    const where: Labels = { storage_type: 'local', storage_medium: waiting === undefined ? 'memory' : 'disk' }
    const row = (value: number | undefined): Row[] => (value === undefined || !Number.isFinite(value) ? [] : [[where, value]])
    this.#out.gauge('rocketmq_storage_size', 'Bytes that messages take.', row(bytes))
    this.#out.gauge('rocketmq_storage_flush_behind_bytes', 'Bytes that wait for the disk.', row(waiting ?? 0))
    this.#out.gauge('feathermq_storage_limit_bytes', 'Bytes that messages may take; absent without a limit.', row(maxBytes))
    this.#out.gauge('feathermq_stored_messages', 'Messages that are kept.', row(messages))
    this.#out.gauge('feathermq_storage_damaged_places', 'Places on disk where messages cannot be read.', row(damaged ?? 0))
  }

  #clients(): void {
    const clients = { producer: new Map<string, [Labels, number]>(), consumer: new Map<string, [Labels, number]>() }
    for (const { settings, language, version } of this.#broker.clients.all()) {
      const pubSub = settings?.pubSub
      if (pubSub === undefined) continue
      const labels: Labels = { language, version, protocol_type: 'grpc' }
      const kind = pubSub.case === 'publishing' ? 'producer' : 'consumer'
      const full: Labels =
        pubSub.case === 'publishing'
          ? labels
          : {
              ...labels,
              consumer_group: pubSub.value.group?.name ?? '',
              consume_mode: String(settings?.clientType).toLowerCase(),
              is_system: false,
            }
      const key = JSON.stringify(full)
      clients[kind].set(key, [full, (clients[kind].get(key)?.[1] ?? 0) + 1])
    }
    this.#out.gauge('rocketmq_producer_connections', 'Producers that live.', clients.producer.values())
    this.#out.gauge('rocketmq_consumer_connections', 'Consumers that live.', clients.consumer.values())
  }

  #calls(meters: readonly RpcMeter[]): void {
    this.#out.histogram('rocketmq_rpc_latency', 'Time from request to answer, ms.', meters.flatMap(latencies))
    this.#out.counter('feathermq_answers_total', 'Answers by RPC and status code.', meters.flatMap(answers))
    const refused = [...this.#broker.counters.refusedConnections].map(([code, count]): Row => [{ code }, count])
    this.#out.counter('feathermq_connections_refused_total', 'Connections not taken, or given up for what the client did, by code.', refused)
  }
}

function latencies(meter: RpcMeter): [Labels, Histogram][] {
  return [...meter.rows()].map(({ code, result, waited, latency }) => [
    {
      protocol_type: 'grpc',
      request_code: snake(meter.rpc),
      response_code: code.toLowerCase(),
      is_long_polling: waited,
      result,
    },
    latency,
  ])
}

function answers(meter: RpcMeter): Row[] {
  const byCode = new Map<string, number>()
  for (const { code, result, latency } of meter.rows()) {
    if (result !== 'process_request_failed') byCode.set(code, (byCode.get(code) ?? 0) + latency.count)
  }
  return [...byCode].map(([code, count]) => [{ rpc: meter.rpc, code }, count])
}
