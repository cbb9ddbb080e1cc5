import type { Attributes, Counter, Histogram, Meter, ObservableResult, UpDownCounter } from '@opentelemetry/api'
import { version } from '../version.ts'
import { isRegistered, load, openTelemetry } from './api.ts'
import type { TelemetryOptions } from './options.ts'
import { errorType, metricNames, SCOPE, semconv } from './semconv.ts'
import type { Cached } from './subject.ts'

/** What a call was about. */
export interface MeasuredCall {
  /** `send`, `receive`, `ack`, … */
  readonly operation: string
  /** undefined for what the conventions have no type for. */
  readonly type: 'send' | 'receive' | 'settle' | undefined
  readonly topic: string
  readonly group?: string | undefined
  /** `host:port`, where it is known. */
  readonly endpoint?: string | undefined
}

/** Seconds, as the conventions advise. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** Messages wait for their delivery for longer than calls last. */
const LONG_SECONDS = [...SECONDS, 30, 60, 300, 1_800, 3_600]

/** The instruments, once somebody listens. All times are given in ms. */
export class Instruments {
  readonly #operation: Histogram
  readonly #process: Histogram
  readonly #delivery: Histogram
  readonly #await: Histogram
  readonly #sent: Counter
  readonly #consumed: Counter
  readonly #inFlight: UpDownCounter
  readonly #retries: Counter
  readonly #reconnects: Counter
  readonly #rejections: Counter

  constructor(meter: Meter, cached: () => Iterable<Cached>) {
    const histogram = (name: string, description: string, explicitBucketBoundaries = SECONDS) =>
      meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } })
    const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description })
    this.#operation = histogram(metricNames.operationDuration, 'Duration of sends, receives, settlements and what else is asked of the server.')
    this.#process = histogram(metricNames.processDuration, 'Duration of the handling of messages.')
    this.#delivery = histogram(metricNames.deliveryLatency, 'From when a message was stored, or due, to its first delivery.', LONG_SECONDS)
    this.#await = histogram(metricNames.awaitDuration, 'From the delivery of a message to the beginning of its handling.', LONG_SECONDS)
    this.#sent = counter(metricNames.sent, '{message}', 'Messages that were sent, or failed to be.')
    this.#consumed = counter(metricNames.consumed, '{message}', 'Deliveries that the application got.')
    this.#inFlight = meter.createUpDownCounter(metricNames.inFlight, { unit: '{message}', description: 'Messages whose send is under way or waits.' })
    this.#retries = counter(metricNames.retries, '{attempt}', 'Repeated attempts of sends, by message.')
    this.#reconnects = counter(metricNames.reconnects, '{reconnect}', 'Telemetry streams that were lost and came back.')
    this.#rejections = counter(metricNames.rejections, '{rejection}', 'Answers TOO_MANY_REQUESTS.')
    const gauge = (name: string, unit: string, description: string, value: (cache: Cached) => number) =>
      meter.createObservableUpDownCounter(name, { unit, description }).addCallback((result: ObservableResult) => {
        for (const cache of cached()) {
          result.observe(value(cache), { ...base(), [semconv.destination]: cache.topic, [semconv.group]: cache.group })
        }
      })
    gauge(metricNames.cachedMessages, '{message}', 'Messages that wait here for a handler.', ({ messages }) => messages)
    gauge(metricNames.cachedSize, 'By', 'Bytes of messages that wait here for a handler.', ({ bytes }) => bytes)
  }

  operation(call: MeasuredCall, ms: number, error?: unknown): void {
    this.#operation.record(ms / 1_000, attributesOf(call, error))
    if (errorType(error) === 'TOO_MANY_REQUESTS') this.rejected(call.topic, call.group)
  }

  sent(topic: string, endpoint: string | undefined, error?: unknown): void {
    this.#sent.add(1, attributesOf({ operation: 'send', type: 'send', topic, endpoint }, error))
  }

  consumed(topic: string, group: string, messages: number): void {
    this.#consumed.add(messages, attributesOf({ operation: 'receive', type: 'receive', topic, group }))
  }

  processed(topic: string, group: string, ms: number, error?: unknown): void {
    const attributes = { ...base('process'), [semconv.operationType]: 'process', [semconv.destination]: topic, [semconv.group]: group }
    this.#process.record(ms / 1_000, error === undefined ? attributes : { ...attributes, [semconv.errorType]: semconv.handlerFailure })
  }

  delivered(topic: string, group: string, ms: number): void {
    // Clocks of machines differ.
    this.#delivery.record(Math.max(0, ms) / 1_000, { ...base(), [semconv.destination]: topic, [semconv.group]: group })
  }

  awaited(topic: string, group: string, ms: number): void {
    this.#await.record(ms / 1_000, { ...base(), [semconv.destination]: topic, [semconv.group]: group })
  }

  inFlight(topic: string, change: 1 | -1): void {
    this.#inFlight.add(change, { ...base(), [semconv.destination]: topic })
  }

  retried(topic: string): void {
    this.#retries.add(1, { ...base(), [semconv.destination]: topic })
  }

  reconnected(): void {
    this.#reconnects.add(1, base())
  }

  rejected(topic: string, group: string | undefined): void {
    const attributes = { ...base(), [semconv.destination]: topic }
    this.#rejections.add(1, group === undefined ? attributes : { ...attributes, [semconv.group]: group })
  }
}

/** The metrics of one client. While the application has registered no meter provider nothing is created or counted. */
export class Metrics {
  readonly #options: TelemetryOptions
  readonly #caches = new Set<() => Iterable<Cached>>()
  #instruments: Instruments | undefined

  constructor(options: TelemetryOptions) {
    this.#options = options
  }

  /** undefined while nobody listens. */
  live(): Instruments | undefined {
    if (this.#instruments !== undefined) return this.#instruments
    const { metrics, meterProvider: given } = this.#options
    if (metrics === false || (given === undefined && !isRegistered('metrics'))) return undefined
    const provider = given ?? openTelemetry()?.metrics.getMeterProvider()
    if (provider === undefined) return undefined
    load()
    const meter = provider.getMeter(SCOPE, version, { schemaUrl: semconv.schemaUrl }) as Meter
    this.#instruments = new Instruments(meter, () => this.#cached())
    return this.#instruments
  }

  /** What a consumer keeps, to be asked when the metrics are read; the function that is returned ends that. */
  watch(cache: () => Iterable<Cached>): () => void {
    this.#caches.add(cache)
    return () => void this.#caches.delete(cache)
  }

  *#cached(): Iterable<Cached> {
    for (const cache of this.#caches) yield* cache()
  }
}

function base(operation?: string): Attributes {
  const attributes: Attributes = { [semconv.system]: semconv.systemValue }
  if (operation !== undefined) attributes[semconv.operationName] = operation
  return attributes
}

function attributesOf({ operation, type, topic, group, endpoint }: MeasuredCall, error?: unknown): Attributes {
  const attributes = base(operation)
  attributes[semconv.destination] = topic
  if (type !== undefined) attributes[semconv.operationType] = type
  if (group !== undefined) attributes[semconv.group] = group
  if (endpoint !== undefined) {
    const colon = endpoint.lastIndexOf(':')
    attributes[semconv.serverAddress] = endpoint.slice(0, colon).replace(/^\[|\]$/g, '')
    attributes[semconv.serverPort] = Number(endpoint.slice(colon + 1))
  }
  if (error !== undefined) attributes[semconv.errorType] = errorType(error)
  return attributes
}
