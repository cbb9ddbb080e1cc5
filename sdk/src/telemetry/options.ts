import { invalidOption } from '../errors.ts'
import { checkBoolean, checkKeys, checkMethods } from '../option-check.ts'

// The types of OpenTelemetry as far as they matter here: its package is optional, so that no declaration may need it.

/** A `TracerProvider` of `@opentelemetry/api`. */
export interface TracerProviderLike {
  getTracer(name: string, version?: string, options?: { readonly schemaUrl?: string }): object
}

/** A `MeterProvider` of `@opentelemetry/api`. */
export interface MeterProviderLike {
  getMeter(name: string, version?: string, options?: { readonly schemaUrl?: string }): object
}

/** A `TextMapPropagator` of `@opentelemetry/api`. */
export interface PropagatorLike {
  inject(context: object, carrier: unknown, setter: object): void
  extract(context: object, carrier: unknown, getter: object): object
  fields(): string[]
}

export interface TelemetryOptions {
  /** Spans for what is sent, received, handled and settled. Default true; costs nothing while no tracer provider is registered. */
  readonly tracing?: boolean | undefined
  /** Metrics of the same. Default true; costs nothing while no meter provider is registered. */
  readonly metrics?: boolean | undefined
  /** Default: the one registered with the OpenTelemetry API. */
  readonly tracerProvider?: TracerProviderLike | undefined
  /** Default: the one registered with the OpenTelemetry API. */
  readonly meterProvider?: MeterProviderLike | undefined
  /** How the context is written into messages and read from them. Default: the one registered with the OpenTelemetry API. */
  readonly propagator?: PropagatorLike | undefined
  /**
   * `@opentelemetry/api` itself (`import * as api from '@opentelemetry/api'`), for programs that are bundled into one file: there it cannot be found.
   * Default: the package that is installed beside this one, loaded once something is registered with it.
   */
  readonly api?: object | undefined
  /**
   * Parent of a process span: `creation` = the span that sent the message; `ambient` = the span around `run()`; `root` = none, a trace of its own.
   * The sending span is always linked. Default `creation`.
   */
  readonly processParent?: 'creation' | 'ambient' | 'root' | undefined
  /** Put the message keys on spans. Default true; turn it off where keys are personal data. */
  readonly captureKeys?: boolean | undefined
  /** Put the size of bodies on the spans of sends. Default false. */
  readonly captureBodySize?: boolean | undefined
  /**
   * `dup` puts the names that the conventions had up to 1.44 on spans as well (`messaging.system`, `messaging.rocketmq.*`), for dashboards that ask for those.
   * Default `1.45`.
   */
  readonly semconv?: '1.45' | 'dup' | undefined
  /**
   * `batch`: each message of a list that is sent gets a span `create` of its own, whose context travels in it, and the call's span links to them; `never`:
   * all of them carry the context of the call's span. Default `batch`.
   */
  readonly createSpans?: 'batch' | 'never' | undefined
  /** A span for each ack, nack and forwarding to the dead-letter topic. Default true. */
  readonly traceSettle?: boolean | undefined
}

const parents = ['creation', 'ambient', 'root']
const keys = [
  'tracing',
  'metrics',
  'tracerProvider',
  'meterProvider',
  'propagator',
  'api',
  'processParent',
  'captureKeys',
  'captureBodySize',
  'semconv',
  'createSpans',
  'traceSettle',
] as const satisfies readonly (keyof TelemetryOptions)[]

/** @throws {FeatherMQError} INVALID_OPTION */
export function checkTelemetry(value: unknown): TelemetryOptions {
  if (value === undefined) return {}
  const path = 'options.telemetry'
  const options: TelemetryOptions = checkKeys(value, path, keys)
  checkBoolean(options.tracing, `${path}.tracing`, true)
  checkBoolean(options.metrics, `${path}.metrics`, true)
  checkBoolean(options.captureKeys, `${path}.captureKeys`, true)
  checkBoolean(options.captureBodySize, `${path}.captureBodySize`, false)
  checkBoolean(options.traceSettle, `${path}.traceSettle`, true)
  checkMethods(options.tracerProvider, `${path}.tracerProvider`, ['getTracer'], 'a tracer provider')
  checkMethods(options.meterProvider, `${path}.meterProvider`, ['getMeter'], 'a meter provider')
  checkMethods(options.propagator, `${path}.propagator`, ['inject', 'extract', 'fields'], 'a propagator')
  checkMethods(options.api, `${path}.api`, ['createContextKey', 'isSpanContextValid'], 'the module @opentelemetry/api')
  if (options.processParent !== undefined && !parents.includes(options.processParent)) {
    throw invalidOption(`${path}.processParent`, options.processParent, `one of ${parents.join(', ')}`)
  }
  if (options.createSpans !== undefined && options.createSpans !== 'batch' && options.createSpans !== 'never') {
    throw invalidOption(`${path}.createSpans`, options.createSpans, "'batch' or 'never'")
  }
  if (options.semconv !== undefined && options.semconv !== '1.45' && options.semconv !== 'dup') {
    throw invalidOption(`${path}.semconv`, options.semconv, "'1.45' or 'dup'")
  }
  return options
}
