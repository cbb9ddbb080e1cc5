import { limits } from '@feathermq/protocol/client'
import type { Context, Link, Span, TextMapPropagator, Tracer } from '@opentelemetry/api'
import { describe, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Message } from '../message/message.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import { version } from '../version.ts'
import { type Api, isRegistered, load, openTelemetry } from './api.ts'
import { SpanAttributes } from './attributes.ts'
import { extractContext, injectContext } from './carrier.ts'
import { ListSpan, semconvServer } from './list-span.ts'
import type { TelemetryOptions } from './options.ts'
import { errorType, SCOPE, semconv } from './semconv.ts'
import type { Ambient, ConsumerSubject, Identified, MessageContext, OperationSubject, ProcessSubject, Subject } from './subject.ts'
import { isSuppressed } from './suppress.ts'

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

interface Live {
  readonly api: Api
  readonly tracer: Tracer
}

/** As far as it is needed here. */
interface ProxyTracerProvider {
  getDelegateTracer(name: string, version: string, options: { readonly schemaUrl: string }): Tracer | undefined
}

/**
 * Spans by the OpenTelemetry API alone. While the application has registered no tracer provider nothing is created, read or written, so that tracing
 * costs two property reads per message.
 */
export class Tracing {
  readonly #options: TelemetryOptions
  readonly #logger: Logger
  readonly #attributes: SpanAttributes
  #found: Live | undefined

  constructor(options: TelemetryOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
    this.#attributes = new SpanAttributes(options)
  }

  /**
   * Begins the span of a send and writes its context into the message's properties.
   *
   * A context that the message brings along is left as it is: it is its creation context, and the span only links to it.
   */
  startSend(message: PreparedMessage, subject: Subject): SendSpan | undefined {
    const live = this.#live()
    if (live === undefined) return undefined
    const { api, tracer } = live
    const propagator = this.#propagator(api)
    const own = propagator.fields().some((field) => message.properties.has(field))
    const links: Link[] = own ? linkTo(api, extractContext(api, propagator, { properties: message.properties, traceContext: undefined })) : []
    const kind = own ? api.SpanKind.CLIENT : api.SpanKind.PRODUCER
    const span = tracer.startSpan(`send ${message.topic}`, { kind, links, attributes: this.#attributes.send(message, subject) })
    const spanContext = api.trace.setSpan(api.context.active(), span)
    const carried = own
      ? { traceContext: message.properties.get('traceparent') }
      : injectContext(propagator, spanContext, message, limits, this.#logger)
    return new ActiveSendSpan(api, span, carried, headersOf(propagator, spanContext))
  }

  /**
   * Begins the span of a call that sends several messages of one topic. Each message gets a span of its own that ends at once, whose context travels in it
   * and which the call's span links to; a message that brings its context along is only linked to.
   */
  startList(messages: readonly PreparedMessage[], ids: readonly string[], subject: Subject): readonly SendSpan[] | undefined {
    const live = this.#live()
    const topic = messages[0]?.topic
    if (live === undefined || topic === undefined) return undefined
    const { api, tracer } = live
    const propagator = this.#propagator(api)
    const active = api.context.active()
    const links: Link[] = []
    const inject = (message: PreparedMessage, context: Context) => injectContext(propagator, context, message, limits, this.#logger).traceContext
    const never = this.#options.createSpans === 'never'
    const pending: PreparedMessage[] = []
    const carried = new Map<PreparedMessage, string | undefined>()
    for (const [index, message] of messages.entries()) {
      if (propagator.fields().some((field) => message.properties.has(field))) {
        links.push(...linkTo(api, extractContext(api, propagator, { properties: message.properties, traceContext: undefined })))
        carried.set(message, message.properties.get('traceparent'))
      } else if (never) pending.push(message)
      else {
        const attributes = this.#attributes.create(message, ids[index] ?? '', subject)
        const created = tracer.startSpan(`create ${topic}`, { kind: api.SpanKind.PRODUCER, attributes })
        const context = api.trace.setSpan(active, created)
        carried.set(message, inject(message, context))
        links.push(...linkTo(api, context))
        created.end()
      }
    }
    const kind = pending.length > 0 ? api.SpanKind.PRODUCER : api.SpanKind.CLIENT
    const span = tracer.startSpan(`send ${topic}`, { kind, links, attributes: this.#attributes.sendList(topic, messages.length, subject) })
    const context = api.trace.setSpan(active, span)
    for (const message of pending) carried.set(message, inject(message, context))
    const list = new ListSpan(span, messages.length, headersOf(propagator, context), (failed, error) => failSpan(api, failed, error, undefined))
    return messages.map((message) => list.message(carried.get(message)))
  }

  /** The context of whoever calls, for what runs later in his name. */
  ambient(): Ambient {
    return openTelemetry()?.context.active()
  }

  /**
   * Runs the handler of a message inside its process span. The span ends with the handler; what it threw is recorded and thrown on. Messages arrive in
   * calls that are not traced, so the handler is put into the context of `run()` when no span is made.
   */
  async process<T>(message: Message, source: MessageContext, subject: ProcessSubject, run: () => Promise<T>): Promise<T> {
    const live = this.#live()
    if (live === undefined) return await this.inAmbient(subject.ambient, run)
    const { api } = live
    const creation = extractContext(api, this.#propagator(api), source)
    const parent = this.#parentOf(api, creation, ambientOf(api, subject.ambient))
    return await this.#processed(live, message, subject, { creation, parent }, run)
  }

  /** The same for a message that the application took itself: part of its own span where it has one, else as `processParent` says. */
  async processHere<T>(message: Message, source: MessageContext, subject: ConsumerSubject, run: () => Promise<T>): Promise<T> {
    const live = this.#live()
    if (live === undefined) return await run()
    const { api } = live
    const creation = extractContext(api, this.#propagator(api), source)
    const active = api.context.active()
    const parent = api.trace.getSpan(active) === undefined ? this.#parentOf(api, creation, active) : active
    return await this.#processed(live, message, subject, { creation, parent }, run)
  }

  async #processed<T>(
    { api, tracer }: Live,
    message: Message,
    subject: ConsumerSubject,
    { creation, parent }: { readonly creation: Context; readonly parent: Context },
    run: () => Promise<T>,
  ): Promise<T> {
    const attributes = this.#attributes.process(message, subject)
    const links = linkTo(api, creation)
    const span = tracer.startSpan(`process ${message.topic}`, { kind: api.SpanKind.CONSUMER, links, attributes }, parent)
    try {
      return await api.context.with(api.trace.setSpan(parent, span), run)
    } catch (error) {
      failSpan(api, span, error, semconv.handlerFailure)
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
    const live = this.#live()
    const first = batch[0]?.message
    if (live === undefined || first === undefined) return await this.inAmbient(subject.ambient, run)
    const { api, tracer } = live
    const propagator = this.#propagator(api)
    const ambient = ambientOf(api, subject.ambient)
    const links = batch.flatMap(({ fields }) => linkTo(api, extractContext(api, propagator, fields)))
    const topic = batch.every(({ message }) => message.topic === first.topic) ? first.topic : undefined
    const attributes = this.#attributes.processBatch(topic, batch.length, subject)
    const span = tracer.startSpan(topic === undefined ? 'process' : `process ${topic}`, { kind: api.SpanKind.CONSUMER, links, attributes }, ambient)
    try {
      return await api.context.with(api.trace.setSpan(ambient, span), run)
    } catch (error) {
      failSpan(api, span, error, semconv.handlerFailure)
      throw error
    } finally {
      span.end()
    }
  }

  /** A receive that the application asked for; linked to whoever made what it brought. */
  async receive<M extends MessageContext & Identified>(
    topic: string,
    subject: ConsumerSubject,
    run: () => Promise<readonly M[]>,
  ): Promise<readonly M[]> {
    const live = this.#live()
    if (live === undefined) return await run()
    const { api, tracer } = live
    const attributes = this.#attributes.receive(topic, subject)
    const span = tracer.startSpan(`receive ${topic}`, { kind: api.SpanKind.CLIENT, attributes })
    try {
      const messages = await api.context.with(api.trace.setSpan(api.context.active(), span), run)
      span.setAttribute(semconv.batchCount, messages.length)
      const propagator = this.#propagator(api)
      for (const message of messages) {
        const [link] = linkTo(api, extractContext(api, propagator, message))
        if (link !== undefined) span.addLink({ ...link, attributes: this.#attributes.received(message) })
      }
      return messages
    } catch (error) {
      failSpan(api, span, error, undefined)
      throw error
    } finally {
      span.end()
    }
  }

  /** An ack, nack or forwarding: part of the span that handles the message while that is open, else linked to whoever made the message. */
  async settle(
    name: 'ack' | 'nack' | 'forward_to_dlq',
    message: MessageContext & { readonly topic: string; readonly messageId: string },
    subject: ConsumerSubject,
    run: () => Promise<void>,
  ): Promise<void> {
    const live = this.#options.traceSettle === false ? undefined : this.#live()
    if (live === undefined) return await run()
    const { api, tracer } = live
    const attributes = this.#attributes.settle(name, message.topic, message.messageId, subject)
    // Where nobody handles it any more, the context is that of the call which brought it.
    const active = api.context.active()
    const parent = isSuppressed(active) ? api.ROOT_CONTEXT : active
    const links = linkTo(api, extractContext(api, this.#propagator(api), message))
    const span = tracer.startSpan(`${name} ${message.topic}`, { kind: api.SpanKind.CLIENT, links, attributes }, parent)
    try {
      await api.context.with(api.trace.setSpan(parent, span), run)
    } catch (error) {
      failSpan(api, span, error, undefined)
      throw error
    } finally {
      span.end()
    }
  }

  /** What a producer does beside sending. A check runs in the trace of whoever sent the message, everything else in that of the caller. */
  async operation<T>(what: OperationSubject, run: () => Promise<T>): Promise<T> {
    const live = this.#live()
    if (live === undefined) return await run()
    const { api, tracer } = live
    const { name, topic, source } = what
    const attributes = this.#attributes.operation(what)
    const creation = source === undefined ? api.ROOT_CONTEXT : extractContext(api, this.#propagator(api), source)
    const check = name === 'check'
    const parent = check ? creation : api.context.active()
    const kind = check ? api.SpanKind.INTERNAL : api.SpanKind.CLIENT
    const span = tracer.startSpan(`${name} ${topic}`, { kind, links: linkTo(api, creation), attributes }, parent)
    try {
      return await api.context.with(api.trace.setSpan(parent, span), run)
    } catch (error) {
      failSpan(api, span, error, undefined)
      throw error
    } finally {
      span.end()
    }
  }

  #parentOf(api: Api, creation: Context, ambient: Context): Context {
    switch (this.#options.processParent ?? 'creation') {
      case 'creation':
        return creation
      case 'ambient':
        return ambient
      case 'root':
        return api.ROOT_CONTEXT
    }
  }

  /** Whether spans go somewhere. */
  get isLive(): boolean {
    return this.#live() !== undefined
  }

  /** Runs in the caller's own context, rather than in that of the call which brought the message. */
  inAmbient<T>(ambient: Ambient, run: () => Promise<T>): Promise<T> {
    const api = openTelemetry()
    return api === undefined ? run() : api.context.with(ambientOf(api, ambient), run)
  }

  /** The trace context of whoever calls, as headers of a call to the server; undefined where there is none. */
  headers(): SendSpan['headers'] {
    const live = this.#live()
    return live === undefined ? undefined : headersOf(this.#propagator(live.api), live.api.context.active())
  }

  /** API and tracer, or undefined while a span would go nowhere. */
  #live(): Live | undefined {
    if (this.#options.tracing === false) return undefined
    if (this.#found !== undefined) return this.#found
    const given = this.#options.tracerProvider
    if (given === undefined && !isRegistered('trace')) return undefined
    const api = given === undefined ? openTelemetry() : load()
    if (api === undefined) return undefined
    const provider = given ?? api.trace.getTracerProvider()
    const options = { schemaUrl: semconv.schemaUrl }
    // A proxy has no tracer until a provider is registered, which may happen at any time. It may come from another copy of the API.
    const tracer = (
      'getDelegateTracer' in provider
        ? (provider as ProxyTracerProvider).getDelegateTracer(SCOPE, version, options)
        : provider.getTracer(SCOPE, version, options)
    ) as Tracer | undefined
    if (tracer !== undefined) this.#found = { api, tracer }
    return this.#found
  }

  #propagator(api: Api): TextMapPropagator {
    return (this.#options.propagator as TextMapPropagator | undefined) ?? api.propagation
  }
}

class ActiveSendSpan implements SendSpan {
  readonly traceContext: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined
  readonly #api: Api
  readonly #span: Span

  constructor(api: Api, span: Span, carried: { readonly traceContext: string | undefined }, headers: SendSpan['headers']) {
    this.#api = api
    this.#span = span
    this.traceContext = carried.traceContext
    this.headers = headers
  }

  retry(attempt: number, failure: FeatherMQError): void {
    this.#span.addEvent(semconv.retryEvent, { attempt, endpoint: failure.endpoint ?? '', [semconv.errorType]: failure.code })
  }

  succeed({ messageId, endpoint, attempts }: { readonly messageId: string; readonly endpoint: string; readonly attempts: number }): void {
    this.#span.setAttributes({ [semconv.messageId]: messageId, ...semconvServer(endpoint), [semconv.attempts]: attempts })
    this.#span.end()
  }

  fail(error: unknown): void {
    failSpan(this.#api, this.#span, error, undefined)
    this.#span.end()
  }
}

function ambientOf(api: Api, ambient: Ambient): Context {
  return (ambient as Context | undefined) ?? api.ROOT_CONTEXT
}

function linkTo(api: Api, creation: Context): Link[] {
  const context = api.trace.getSpanContext(creation)
  return context !== undefined && api.isSpanContextValid(context) ? [{ context }] : []
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
function failSpan(api: Api, span: Span, error: unknown, fallback: string | undefined): void {
  span.setAttribute(semconv.errorType, errorType(error, fallback))
  span.setStatus({ code: api.SpanStatusCode.ERROR, message: describe(error) })
  if (error instanceof Error) span.recordException(error)
}
