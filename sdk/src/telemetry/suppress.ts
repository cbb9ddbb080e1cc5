import type { Context } from '@opentelemetry/api'
import { type Api, openTelemetry } from './api.ts'

let quiet: { readonly api: Api; readonly context: Context } | undefined

/**
 * Runs what calls the server outside of any trace. The client makes its own spans for what the user did; an instrumentation of gRPC would otherwise add a
 * root span for every poll and heartbeat.
 */
export function suppressed<T>(run: () => T): T {
  const api = openTelemetry()
  if (api === undefined) return run()
  if (quiet?.api !== api) {
    // The key by which OpenTelemetry SDKs know that nothing is to be traced (`Symbol.for`, the same in their lines 2 and 3).
    const key = api.createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    quiet = { api, context: api.ROOT_CONTEXT.setValue(key, true) }
  }
  return api.context.with(quiet.context, run)
}

/** Whether the context is one of {@link suppressed}. */
export function isSuppressed(context: Context): boolean {
  return quiet !== undefined && context === quiet.context
}
