import type { BrokerContext } from '../context.ts'
import type { MessageStore } from '../store/message-store.ts'

type Labels = Readonly<Record<string, string | number | boolean>>

/** Text of the Prometheus exposition format, one family after the other. */
class Exposition {
  readonly #lines: string[] = []
  readonly #common: Labels

  constructor(common: Labels) {
    this.#common = common
  }

  family(name: string, kind: 'counter' | 'gauge', help: string, rows: Iterable<readonly [labels: Labels, value: number]>): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`)
    for (const [labels, value] of rows) {
      const text = Object.entries({ ...this.#common, ...labels })
        .map(([key, label]) => `${key}="${String(label).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`)
        .join(',')
      this.#lines.push(`${name}{${text}} ${value}`)
    }
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

const isSystem = (topic: string): boolean => topic.startsWith('%')

/** The broker's metrics under the names and labels of a stock RocketMQ server (BrokerMetricsConstant, ProxyMetricsConstant). */
export function metricsText(broker: BrokerContext, store: MessageStore): string {
  const out = new Exposition({ cluster: 'feathermq', node_type: 'broker', node_id: broker.name })
  const subscriptions = broker.delivery.subscriptionStats()
  const sent = [...broker.counters.sent.values()]
  const byGroup = (value: (stats: (typeof subscriptions)[number]) => number): [Labels, number][] =>
    subscriptions.map((stats) => [
      { topic: stats.topic, consumer_group: stats.group, is_retry: false, is_system: isSystem(stats.topic) },
      value(stats),
    ])

  out.family('rocketmq_proxy_up', 'gauge', 'The broker runs.', [[{ proxy_mode: 'local' }, 1]])
  out.family(
    'rocketmq_messages_in_total',
    'counter',
    'Messages stored.',
    sent.map((row) => [{ topic: row.topic, message_type: row.type.toLowerCase(), is_system: false }, row.messages]),
  )
  out.family(
    'rocketmq_throughput_in_total',
    'counter',
    'Bytes stored.',
    sent.map((row) => [{ topic: row.topic, message_type: row.type.toLowerCase(), is_system: false }, row.bytes]),
  )
  out.family(
    'rocketmq_messages_out_total',
    'counter',
    'Messages delivered, redeliveries included.',
    byGroup((stats) => stats.delivered),
  )
  out.family(
    'rocketmq_throughput_out_total',
    'counter',
    'Bytes delivered.',
    byGroup((stats) => stats.deliveredBytes),
  )
  out.family(
    'rocketmq_consumer_ready_messages',
    'gauge',
    'Messages that wait to be delivered.',
    byGroup((stats) => stats.ready),
  )
  out.family(
    'rocketmq_consumer_inflight_messages',
    'gauge',
    'Messages delivered and not yet settled.',
    byGroup((stats) => stats.inFlight + stats.delayed),
  )
  out.family(
    'rocketmq_consumer_lag_messages',
    'gauge',
    'Messages not yet settled.',
    byGroup((stats) => stats.ready + stats.inFlight + stats.delayed + stats.parked),
  )
  out.family(
    'rocketmq_consumer_lag_latency',
    'gauge',
    'Age of the oldest message that waits, ms.',
    byGroup((stats) => (stats.oldestReadyAt === undefined ? 0 : Math.max(0, broker.clock.now() - stats.oldestReadyAt))),
  )
  out.family(
    'rocketmq_send_to_dlq_messages_total',
    'counter',
    'Messages moved to a dead-letter topic.',
    byGroup((stats) => stats.deadLettered),
  )
  out.family('rocketmq_topic_number', 'gauge', 'Topics.', [[{}, broker.registry.topics().length]])
  out.family('rocketmq_consumer_group_number', 'gauge', 'Consumer groups.', [[{}, broker.registry.groups().length]])
  out.family(
    'rocketmq_timing_messages',
    'gauge',
    'Messages whose delivery time has not come.',
    broker.registry.topics().map((topic) => [{ topic: topic.name }, broker.delivery.topicStats(topic.name)?.delayed ?? 0]),
  )
  out.family('rocketmq_storage_size', 'gauge', 'Bytes that messages take.', [
    [{ storage_type: 'local', storage_medium: 'memory' }, store.stats.bytes],
  ])
  const clients = { producer: new Map<string, [Labels, number]>(), consumer: new Map<string, [Labels, number]>() }
  for (const client of broker.clients.all()) {
    const pubSub = client.settings?.pubSub
    if (pubSub === undefined) continue
    const labels: Labels = { language: client.language, version: client.version, protocol_type: 'grpc' }
    const kind = pubSub.case === 'publishing' ? 'producer' : 'consumer'
    const full: Labels =
      pubSub.case === 'publishing'
        ? labels
        : { ...labels, consumer_group: pubSub.value.group?.name ?? '', consume_mode: String(client.settings?.clientType).toLowerCase() }
    const key = Object.values(full).join(' ')
    clients[kind].set(key, [full, (clients[kind].get(key)?.[1] ?? 0) + 1])
  }
  out.family('rocketmq_producer_connections', 'gauge', 'Producers that live.', clients.producer.values())
  out.family('rocketmq_consumer_connections', 'gauge', 'Consumers that live.', clients.consumer.values())
  out.family(
    'feathermq_answers_total',
    'counter',
    'Answers by RPC and status code.',
    [...broker.counters.answers.values()].map((row) => [{ rpc: row.rpc, code: row.code }, row.count]),
  )
  out.family(
    'feathermq_connections_refused_total',
    'counter',
    'Connections not taken, or given up for what the client did, by code.',
    [...broker.counters.refusedConnections].map(([code, count]) => [{ code }, count]),
  )
  out.family(
    'feathermq_redelivered_messages_total',
    'counter',
    "Deliveries that were not a message's first.",
    byGroup((stats) => stats.redelivered),
  )
  out.family(
    'feathermq_parked_messages',
    'gauge',
    'Messages passed because their message group is locked.',
    byGroup((stats) => stats.parked),
  )
  out.family(
    'feathermq_waiting_receives',
    'gauge',
    'Receives that wait for a message.',
    byGroup((stats) => stats.waiters),
  )
  return out.text
}
