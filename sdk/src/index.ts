// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { FeatherMQ } from './client.ts'
export type { Clock, Timer } from './clock.ts'
export type { BatchContext, BatchHandler } from './consumer/batch-pool.ts'
export { Consumer } from './consumer/consumer.ts'
export type { ConsumerEvent, ConsumerState } from './consumer/consumer-events.ts'
export type {
  CloseOptions,
  CloseReport,
  ConsumerOptions,
  EventsOptions,
  MessagesOptions,
  RunBatchOptions,
  RunOptions,
} from './consumer/consumer-options.ts'
export type { Handler, HandlerContext } from './consumer/handler-pool.ts'
export { RetryAfter } from './consumer/retry-after.ts'
export { type ReceiveOptions, SimpleConsumer, type SimpleConsumerOptions } from './consumer/simple-consumer.ts'
export { type SqlExpression, sql } from './consumer/sql.ts'
export type { Subscriptions } from './consumer/subscription.ts'
export type { ConsumerStats, TopicStats } from './consumer/tally.ts'
export type { Duration } from './duration.ts'
export { type ClientErrorCode, type ErrorEntry, errorCatalogue } from './error-catalogue.ts'
export { FeatherMQError, type FeatherMQErrorDetails, PermanentError, type ServerStatus } from './errors.ts'
export type {
  ClientHealth,
  ConsumerHealth,
  HealthStatus,
  PartHealth,
  ProducerHealth,
  ServerHealth,
  SimpleConsumerHealth,
} from './health.ts'
export { defaultLogger, type Logger, silentLogger } from './logger.ts'
export type { Message } from './message/message.ts'
export type { OutgoingMessage } from './message/outgoing.ts'
export { ReadableMessage } from './message/readable-message.ts'
export type { Credentials, CredentialsProvider, FeatherMQOptions, TlsOptions } from './options.ts'
export { Producer } from './producer/producer.ts'
export type {
  MessageLimits,
  ProducerCloseOptions,
  ProducerOptions,
  ProducerStatistics,
  SendOptions,
  SendReceipt,
} from './producer/producer-options.ts'
export type { Recallable, RecallReceipt } from './producer/recall.ts'
export { SendIncompleteError, type SendResult } from './producer/send-incomplete-error.ts'
export type {
  OrphanedTransaction,
  Resolution,
  Transaction,
  TransactionChecker,
  TransactionOptions,
  TransactionReceipt,
  TransactionResult,
  TransactionWork,
} from './producer/transaction-options.ts'
export type {
  ConnectionMessage,
  ProcessContext,
  ReceiveContext,
  RetryMessage,
  SendContext,
  ServerMetricsMessage,
  SettleContext,
} from './telemetry/channels.ts'
export type { MeterProviderLike, PropagatorLike, TelemetryOptions, TracerProviderLike } from './telemetry/options.ts'
export { channelNames, metricNames } from './telemetry/semconv.ts'
export { version } from './version.ts'
