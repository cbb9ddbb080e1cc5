import type { Context, TextMapPropagator } from '@opentelemetry/api'
import type { Logger } from '../logger.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import type { Api } from './api.ts'
import type { MessageContext } from './subject.ts'

export interface CarrierLimits {
  readonly properties: number
  readonly propertyBytes: number
}

/** The context of whoever made the message; the root context when it carries none. User properties win over `trace_context`. */
export function extractContext(api: Api, propagator: TextMapPropagator, { properties, traceContext }: MessageContext): Context {
  const carrier = properties.has('traceparent') || traceContext === undefined ? properties : new Map([...properties, ['traceparent', traceContext]])
  return propagator.extract(api.ROOT_CONTEXT, carrier, {
    get: (map, key) => map.get(key),
    keys: (map) => [...map.keys()],
  })
}

/** What is left out first when it does not fit: a send never fails for its trace. */
const expendable = ['baggage', 'tracestate']

/**
 * Writes the context into the message's user properties, as long as the message stays within the limits; else without baggage, then without tracestate,
 * then not at all, with one warning.
 */
export function injectContext(
  propagator: TextMapPropagator,
  context: Context,
  message: PreparedMessage,
  limits: CarrierLimits,
  logger: Logger,
): { readonly traceContext: string | undefined } {
  const fields = new Map<string, string>()
  propagator.inject(context, fields, { set: (map, key, value) => map.set(key, value) })
  const dropped: string[] = []
  for (const name of [...expendable, undefined]) {
    if (fits(message, fields, limits)) break
    if (name === undefined) {
      dropped.push(...fields.keys())
      fields.clear()
    } else if (fields.delete(name)) dropped.push(name)
  }
  if (dropped.length > 0) {
    logger.warn(
      { event: 'trace-context-dropped', topic: message.topic, fields: dropped },
      'the trace context does not fit into the message properties',
    )
  }
  for (const [key, value] of fields) message.properties.set(key, value)
  return { traceContext: fields.get('traceparent') }
}

function fits(message: PreparedMessage, fields: ReadonlyMap<string, string>, limits: CarrierLimits): boolean {
  if (fields.size === 0) return true
  let bytes = message.propertyBytes
  for (const [key, value] of fields) bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  return message.properties.size + fields.size <= limits.properties && bytes <= limits.propertyBytes
}
