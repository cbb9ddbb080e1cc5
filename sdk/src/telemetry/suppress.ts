import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

/** The key by which OpenTelemetry SDKs know that nothing is to be traced (`Symbol.for`, the same in their lines 2 and 3). */
const suppressKey = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
const quiet = ROOT_CONTEXT.setValue(suppressKey, true)

/**
 * Runs what calls the server outside of any trace. The client makes its own spans for what the user did; an instrumentation of gRPC would otherwise add a
 * root span for every poll and heartbeat.
 */
export function suppressed<T>(run: () => T): T {
  return context.with(quiet, run)
}
