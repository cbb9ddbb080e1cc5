import { limits } from '@feathermq/protocol'
import {
  type Attributes,
  type Context,
  context as contextApi,
  isSpanContextValid,
  type Link,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { describe, FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Message } from '../message/message.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import { version } from '../version.ts'
import { extractContext, injectContext, type MessageContext } from './carrier.ts'
import type { TelemetryOptions } from './options.ts'
import { semconv } from './semconv.ts'

/** Who sends or consumes, for the attributes. */
export interface SpanSubject {
  readonly clientId: string
  readonly namespace: string
}

export interface ProcessSubject extends SpanSubject {
  readonly group: string
  /** The context that `run()` was called in. */
  readonly ambient: Context
}

/** One call of `producer.send`, whatever attempts it takes. */
export interface SendSpan {
  /** The traceparent that was written into the message, for `SystemProperties.trace_context`. */
  readonly traceContext: string | undefined
  /** The trace context as headers of the call, for proxies that trace. */
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined
  retry(attempt: number, failure: FeatherMQError): void
  succeed(receipt: { readonly messageId: string; readonly endpoint: string; readonly attempts: number }): void
  fail(error: unknown): void
}

const SCOPE = '@feathermq/sdk'

/**
 * Spans by the OpenTelemetry API alone. While the application has registered no tracer provider nothing is created, read or written, so that tracing
 * costs two property reads per message.
 */
export class Tracing {
  readonly #options: TelemetryOptions
  readonly #logger: Logger
  #tracer: Tracer | undefined

  constructor(options: TelemetryOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
  }

  /**
   * Begins the span of a send and writes its context into the message's properties.
   *
   * A context that the message brings along is left as it is: it is its creation context, and the span only links to it.
   */
  startSend(message: PreparedMessage, subject: SpanSubject): SendSpan | undefined {
    const tracer = this.#live()
    if (tracer === undefined) return undefined
    const propagator = this.#propagator()
    const own = propagator.fields().some((field) => message.properties.has(field))
    const links: Link[] = own ? linkTo(extractContext(propagator, { properties: message.properties, traceContext: undefined })) : []
    const kind = own ? SpanKind.CLIENT : SpanKind.PRODUCER
    const span = tracer.startSpan(`send ${message.topic}`, { kind, links, attributes: this.#sendAttributes(message, subject) })
    const spanContext = trace.setSpan(contextApi.active(), span)
    const carried = own
      ? { traceContext: message.properties.get('traceparent') }
      : injectContext(propagator, spanContext, message, limits, this.#logger)
    return new ActiveSendSpan(span, carried, headersOf(propagator, spanContext))
  }

  /** The context of whoever calls, for what runs later in his name. */
  ambient(): Context {
    return contextApi.active()
  }

  /**
   * Runs the handler of a message inside its process span. The span ends with the handler; what it threw is recorded and thrown on. Messages arrive in
   * calls that are not traced, so the handler is put into the context of `run()` when no span is made.
   */
  async process<T>(message: Message, source: MessageContext, subject: ProcessSubject, run: () => Promise<T>): Promise<T> {
    const tracer = this.#live()
    if (tracer === undefined) return await contextApi.with(subject.ambient, run)
    const creation = extractContext(this.#propagator(), source)
    const parent = this.#parentOf(creation, subject.ambient)
    const attributes = this.#processAttributes(message, subject)
    const span = tracer.startSpan(`process ${message.topic}`, { kind: SpanKind.CONSUMER, links: linkTo(creation), attributes }, parent)
    try {
      return await contextApi.with(trace.setSpan(parent, span), run)
    } catch (error) {
      failSpan(span, error, semconv.handlerFailure)
      throw error
    } finally {
      span.end()
    }
  }

  /**
   * The same for a handler of several messages: one span with a link to the creation context of each, in the context of `runBatch()`, since it can be the
   * child of none of them.
   */
  async processBatch<T>(
    batch: readonly { readonly message: Message; readonly fields: MessageContext }[],
    subject: ProcessSubject,
    run: () => Promise<T>,
  ): Promise<T> {
    const tracer = this.#live()
    const first = batch[0]?.message
    if (tracer === undefined || first === undefined) return await contextApi.with(subject.ambient, run)
    const propagator = this.#propagator()
    const links = batch.flatMap(({ fields }) => linkTo(extractContext(propagator, fields)))
    const attributes: Attributes = {
      [semconv.system]: semconv.systemValue,
      [semconv.operationName]: 'process',
      [semconv.operationType]: 'process',
      [semconv.clientId]: subject.clientId,
      [semconv.namespace]: subject.namespace,
      [semconv.group]: subject.group,
      [semconv.consumptionModel]: semconv.consumptionModelValue,
      [semconv.batchCount]: batch.length,
    }
    const together = batch.every(({ message }) => message.topic === first.topic)
    if (together) attributes[semconv.destination] = first.topic
    const span = tracer.startSpan(together ? `process ${first.topic}` : 'process', { kind: SpanKind.CONSUMER, links, attributes }, subject.ambient)
    try {
      return await contextApi.with(trace.setSpan(subject.ambient, span), run)
    } catch (error) {
      failSpan(span, error, semconv.handlerFailure)
      throw error
    } finally {
      span.end()
    }
  }

  #parentOf(creation: Context, ambient: Context): Context {
    switch (this.#options.processParent ?? 'creation') {
      case 'creation':
        return creation
      case 'ambient':
        return ambient
      case 'root':
        return ROOT_CONTEXT
    }
  }

  /** The tracer, or undefined while a span would go nowhere. */
  #live(): Tracer | undefined {
    if (this.#options.tracing === false) return undefined
    if (this.#tracer !== undefined) return this.#tracer
    const { tracerProvider } = this.#options
    const provider = tracerProvider ?? trace.getTracerProvider()
    const options = { schemaUrl: semconv.schemaUrl }
    if (provider instanceof ProxyTracerProvider) {
      // Undefined until a provider is registered, which may happen at any time.
      const delegate = provider.getDelegateTracer(SCOPE, version, options)
      if (delegate !== undefined) this.#tracer = delegate
      return delegate
    }
    this.#tracer = provider.getTracer(SCOPE, version, options)
    return this.#tracer
  }

  #propagator(): TextMapPropagator {
    return this.#options.propagator ?? globalPropagator
  }

  #sendAttributes(message: PreparedMessage, { clientId, namespace }: SpanSubject): Attributes {
    const attributes: Attributes = {
      [semconv.system]: semconv.systemValue,
      [semconv.operationName]: 'send',
      [semconv.operationType]: 'send',
      [semconv.destination]: message.topic,
      [semconv.clientId]: clientId,
      [semconv.namespace]: namespace,
      [semconv.messageType]: message.kind.toLowerCase(),
      [semconv.bodySize]: message.body.length,
    }
    if (message.tag !== undefined) attributes[semconv.tag] = message.tag
    if (message.messageGroup !== undefined) attributes[semconv.messageGroup] = message.messageGroup
    if (message.deliverAt !== undefined) attributes[semconv.deliveryTimestamp] = message.deliverAt
    if (message.keys.length > 0 && this.#options.captureKeys !== false) attributes[semconv.keys] = [...message.keys]
    return attributes
  }

  #processAttributes(message: Message, subject: ProcessSubject): Attributes {
    const attributes: Attributes = {
      [semconv.system]: semconv.systemValue,
      [semconv.operationName]: 'process',
      [semconv.operationType]: 'process',
      [semconv.destination]: message.topic,
      [semconv.partition]: String(message.queueId),
      [semconv.clientId]: subject.clientId,
      [semconv.namespace]: subject.namespace,
      [semconv.group]: subject.group,
      [semconv.consumptionModel]: semconv.consumptionModelValue,
      [semconv.messageId]: message.messageId,
      [semconv.deliveryAttempt]: message.attempt,
    }
    if (message.tag !== undefined) attributes[semconv.tag] = message.tag
    if (message.messageGroup !== undefined) attributes[semconv.messageGroup] = message.messageGroup
    if (message.keys.length > 0 && this.#options.captureKeys !== false) attributes[semconv.keys] = [...message.keys]
    return attributes
  }
}

class ActiveSendSpan implements SendSpan {
  readonly traceContext: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined
  readonly #span: Span

  constructor(span: Span, carried: { readonly traceContext: string | undefined }, headers: SendSpan['headers']) {
    this.#span = span
    this.traceContext = carried.traceContext
    this.headers = headers
  }

  retry(attempt: number, failure: FeatherMQError): void {
    this.#span.addEvent(semconv.retryEvent, { attempt, endpoint: failure.endpoint ?? '', [semconv.errorType]: failure.code })
  }

  succeed({ messageId, endpoint, attempts }: { readonly messageId: string; readonly endpoint: string; readonly attempts: number }): void {
    const colon = endpoint.lastIndexOf(':')
    this.#span.setAttributes({
      [semconv.messageId]: messageId,
      [semconv.serverAddress]: endpoint.slice(0, colon).replace(/^\[|\]$/g, ''),
      [semconv.serverPort]: Number(endpoint.slice(colon + 1)),
      [semconv.attempts]: attempts,
    })
    this.#span.end()
  }

  fail(error: unknown): void {
    failSpan(this.#span, error, undefined)
    this.#span.end()
  }
}

/** The API's global propagator as an object. */
const globalPropagator: TextMapPropagator = {
  fields: () => propagation.fields(),
  inject: (context, carrier, setter) => propagation.inject(context, carrier, setter),
  extract: (context, carrier, getter) => propagation.extract(context, carrier, getter),
}

function linkTo(creation: Context): Link[] {
  const context = trace.getSpanContext(creation)
  return context !== undefined && isSpanContextValid(context) ? [{ context }] : []
}

function headersOf(propagator: TextMapPropagator, context: Context): readonly (readonly [string, string])[] | undefined {
  const headers: (readonly [string, string])[] = []
  // Only what names the trace: baggage is the application's and may be large.
  propagator.inject(context, headers, {
    set: (list, key, value) => {
      if (/^(traceparent|tracestate)$/i.test(key) && /^[\x20-\x7e]*$/.test(value)) list.push([key.toLowerCase(), value])
    },
  })
  return headers.length === 0 ? undefined : headers
}

/** @param fallback `error.type` of errors that are not the client's own; their class when undefined */
function failSpan(span: Span, error: unknown, fallback: string | undefined): void {
  const type = error instanceof FeatherMQError ? error.code : (fallback ?? (error instanceof Error ? error.name : '_OTHER'))
  span.setAttribute(semconv.errorType, type)
  span.setStatus({ code: SpanStatusCode.ERROR, message: describe(error) })
  if (error instanceof Error) span.recordException(error)
}
