import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api'
import { invalidOption } from '../errors.ts'
import { checkBoolean, checkKeys, checkMethods } from '../option-check.ts'

export interface TelemetryOptions {
  /** Spans for sends and for messages handled by `consumer.run`. Default true; costs nothing while no tracer provider is registered. */
  readonly tracing?: boolean | undefined
  /** Default: the one registered with the OpenTelemetry API. */
  readonly tracerProvider?: TracerProvider | undefined
  /** How the context is written into messages and read from them. Default: the one registered with the OpenTelemetry API. */
  readonly propagator?: TextMapPropagator | undefined
  /**
   * Parent of a process span: `creation` = the span that sent the message; `ambient` = the span around `run()`; `root` = none, a trace of its own.
   * The sending span is always linked. Default `creation`.
   */
  readonly processParent?: 'creation' | 'ambient' | 'root' | undefined
  /** Put the message keys on spans. Default true; turn it off where keys are personal data. */
  readonly captureKeys?: boolean | undefined
}

const parents = ['creation', 'ambient', 'root']

/** @throws {FeatherMQError} INVALID_OPTION */
export function checkTelemetry(value: unknown): TelemetryOptions {
  if (value === undefined) return {}
  const path = 'options.telemetry'
  const options: TelemetryOptions = checkKeys(value, path, ['tracing', 'tracerProvider', 'propagator', 'processParent', 'captureKeys'])
  checkBoolean(options.tracing, `${path}.tracing`, true)
  checkBoolean(options.captureKeys, `${path}.captureKeys`, true)
  checkMethods(options.tracerProvider, `${path}.tracerProvider`, ['getTracer'], 'a tracer provider')
  checkMethods(options.propagator, `${path}.propagator`, ['inject', 'extract', 'fields'], 'a propagator')
  if (options.processParent !== undefined && !parents.includes(options.processParent)) {
    throw invalidOption(`${path}.processParent`, options.processParent, `one of ${parents.join(', ')}`)
  }
  return options
}
