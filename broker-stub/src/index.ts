// For who compiles without naming either: TypeScript 6 and later take no types on their own (https://www.typescriptlang.org/tsconfig/#types).
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

export { Broker, type BrokerAddresses, createBroker, type EmbeddedOptions, openBroker } from './broker.ts'
export type { Clock, Timer } from './clock.ts'
export { type DeliveryLimits, defaultDeliveryLimits } from './delivery/limits.ts'
export type { Duration } from './duration.ts'
export { jsonLogger, type LineLoggerOptions, type LogLevel, textLogger } from './logging/line-logger.ts'
export { type Logger, silentLogger } from './logging/logger.ts'
export { type BrokerOptions, type GroupConfig, OptionError, type RetentionConfig, type TlsConfig, type TopicConfig } from './options.ts'
