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
