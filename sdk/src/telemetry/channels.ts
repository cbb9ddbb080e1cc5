import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel'
import type { FeatherMQError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { channelNames } from './semconv.ts'

/** What subscribers of `feathermq:send` get: one object for each message, the same at all its events. */
export interface SendContext {
  readonly clientId: string
  readonly topic: string
  readonly messageId: string
  readonly kind: string
  readonly messageGroup: string | undefined
  readonly bytes: number
  /** At its end. */
  attempts?: number
  endpoint?: string
  error?: unknown
}

/** `feathermq:receive`: one receive of a simple consumer. */
export interface ReceiveContext {
  readonly clientId: string
  readonly topic: string
  readonly group: string
  /** At its end: how many messages came. */
  messages?: number
  error?: unknown
}

/** `feathermq:process`: one call of a handler; several messages for `runBatch`. */
export interface ProcessContext {
  readonly clientId: string
  readonly group: string
  readonly messages: readonly Message[]
  error?: unknown
}

/** `feathermq:settle`: what a message ends with, or the extension of its lease. */
export interface SettleContext {
  readonly clientId: string
  readonly topic: string
  readonly group: string
  readonly messageId: string
  readonly operation: 'ack' | 'nack' | 'forward_to_dlq'
  error?: unknown
}

/** `feathermq:retry`: an attempt of a send failed, and there will be another. */
export interface RetryMessage {
  readonly clientId: string
  readonly topic: string
  readonly messageId: string
  /** The one that failed, 1 = the first. */
  readonly attempt: number
  readonly error: FeatherMQError
}

/** `feathermq:connection`: the telemetry stream to an endpoint came up, or went down and is opened again. */
export interface ConnectionMessage {
  readonly clientId: string
  readonly endpoint: string
  readonly state: 'up' | 'down'
  readonly error?: FeatherMQError | undefined
}

/**
 * `feathermq:server-metrics`: a server told, with its settings, whether it wants clients to export the metrics of the official clients to it, by OTLP. This
 * package does not; one that does would listen here.
 */
export interface ServerMetricsMessage {
  readonly clientId: string
  readonly endpoint: string
  readonly on: boolean
  /** `host:port`s. */
  readonly exportTo: readonly string[]
}

function tracing<Context extends object>(name: string): TracingChannel<unknown, Context> {
  return tracingChannel<unknown, Context>(name)
}

export const sendChannel: TracingChannel<unknown, SendContext> = tracing<SendContext>(channelNames.send)
export const receiveChannel: TracingChannel<unknown, ReceiveContext> = tracing<ReceiveContext>(channelNames.receive)
export const processChannel: TracingChannel<unknown, ProcessContext> = tracing<ProcessContext>(channelNames.process)
export const settleChannel: TracingChannel<unknown, SettleContext> = tracing<SettleContext>(channelNames.settle)
const retryChannel = channel(channelNames.retry)
const connectionChannel = channel(channelNames.connection)
const serverMetricsChannel = channel(channelNames.serverMetrics)

export function tellRetry(message: () => RetryMessage): void {
  if (retryChannel.hasSubscribers) retryChannel.publish(message())
}

export function tellConnection(message: () => ConnectionMessage): void {
  if (connectionChannel.hasSubscribers) connectionChannel.publish(message())
}

export function tellServerMetrics(message: () => ServerMetricsMessage): void {
  if (serverMetricsChannel.hasSubscribers) serverMetricsChannel.publish(message())
}

/** Whether anybody listens. Older Node 20 have no `hasSubscribers` on tracing channels. */
export function hasListeners<Context extends object>({ start, end, asyncStart, asyncEnd, error }: TracingChannel<unknown, Context>): boolean {
  return start.hasSubscribers || asyncEnd.hasSubscribers || asyncStart.hasSubscribers || end.hasSubscribers || error.hasSubscribers
}
