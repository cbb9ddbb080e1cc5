import { FeatherMQError } from '../errors.ts'

/** Of tracer and meter. */
export const SCOPE = '@feathermq/sdk'

/**
 * Names of the OpenTelemetry semantic conventions 1.45 (messaging: development status), kept in one file because they still move. Copied by value, as the
 * conventions' package asks of libraries.
 */
export const semconv = {
  schemaUrl: 'https://opentelemetry.io/schemas/1.45.0',
  system: 'messaging.system.name',
  systemValue: 'rocketmq',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  clientId: 'messaging.client.id',
  messageId: 'messaging.message.id',
  bodySize: 'messaging.message.body.size',
  batchCount: 'messaging.batch.message_count',
  group: 'messaging.consumer.group.name',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  errorType: 'error.type',
  namespace: 'rocketmq.namespace',
  messageType: 'rocketmq.message.type',
  tag: 'rocketmq.message.tag',
  keys: 'rocketmq.message.keys',
  messageGroup: 'rocketmq.message.group',
  deliveryTimestamp: 'rocketmq.message.delivery_timestamp',
  consumptionModel: 'rocketmq.consumption_model',
  consumptionModelValue: 'clustering',
  /** Ours, prefixed so that they cannot clash. */
  attempts: 'feathermq.attempts',
  deliveryAttempt: 'feathermq.delivery_attempt',
  retryEvent: 'rocketmq.send.retry',
  handlerFailure: 'CONSUME_FAILURE',
} as const

/** What the conventions up to 1.44 called it, by the name of today. The Java agent still does. */
export const earlierNames: readonly (readonly [name: string, earlier: string])[] = [
  [semconv.system, 'messaging.system'],
  [semconv.namespace, 'messaging.rocketmq.namespace'],
  [semconv.messageType, 'messaging.rocketmq.message.type'],
  [semconv.tag, 'messaging.rocketmq.message.tag'],
  [semconv.keys, 'messaging.rocketmq.message.keys'],
  [semconv.messageGroup, 'messaging.rocketmq.message.group'],
  [semconv.deliveryTimestamp, 'messaging.rocketmq.message.delivery_timestamp'],
  [semconv.consumptionModel, 'messaging.rocketmq.consumption_model'],
]

/** Metrics: those of the conventions, and ours in their manner. Times in seconds, as the conventions ask. */
export const metricNames = {
  operationDuration: 'messaging.client.operation.duration',
  sent: 'messaging.client.sent.messages',
  consumed: 'messaging.client.consumed.messages',
  processDuration: 'messaging.process.duration',
  deliveryLatency: 'rocketmq.client.delivery.latency',
  awaitDuration: 'rocketmq.client.await.duration',
  cachedMessages: 'rocketmq.client.cached.messages',
  cachedSize: 'rocketmq.client.cached.size',
  inFlight: 'rocketmq.client.inflight.messages',
  retries: 'rocketmq.client.send.retries',
  reconnects: 'rocketmq.client.reconnects',
  rejections: 'rocketmq.client.flow_control.rejections',
} as const

/** Channels of `node:diagnostics_channel`. The first four are tracing channels. */
export const channelNames = {
  send: 'feathermq:send',
  receive: 'feathermq:receive',
  process: 'feathermq:process',
  settle: 'feathermq:settle',
  retry: 'feathermq:retry',
  connection: 'feathermq:connection',
  serverMetrics: 'feathermq:server-metrics',
} as const

/** `error.type`: the code of the client's own errors, else the fallback, else the class of what was thrown. */
export function errorType(error: unknown, fallback?: string): string {
  if (error instanceof FeatherMQError) return error.code
  return fallback ?? (error instanceof Error ? error.name : '_OTHER')
}
