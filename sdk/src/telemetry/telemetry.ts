import type { TracingChannel } from 'node:diagnostics_channel'
import type { Clock } from '../clock.ts'
import type { FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Message } from '../message/message.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import type { ReceivedFields } from '../message/received.ts'
import { type Api, load, provide } from './api.ts'
import {
  hasListeners,
  processChannel,
  type ReceiveContext,
  receiveChannel,
  sendChannel,
  settleChannel,
  tellConnection,
  tellServerMetrics,
} from './channels.ts'
import { Metrics } from './metrics.ts'
import { type Call, ObservedSend } from './observed-send.ts'
import type { TelemetryOptions } from './options.ts'
import type { Ambient, Cached, ConsumerSubject, MessageContext, OperationSubject, ProcessSubject, Subject } from './subject.ts'
import { type SendSpan, Tracing } from './tracing.ts'

export type Settlement = 'ack' | 'nack' | 'forward_to_dlq'

/**
 * Everything by which an application sees what the client does: spans and metrics of OpenTelemetry, and the channels of `node:diagnostics_channel`. Each of
 * the three costs a look at whether anybody listens, and nothing more while nobody does.
 */
export class Telemetry {
  readonly #tracing: Tracing
  readonly #metrics: Metrics
  readonly #clock: Clock

  /** @param clock for durations */
  constructor(options: TelemetryOptions, logger: Logger, clock: Clock) {
    if (options.api !== undefined) provide(options.api as Api)
    const given = options.tracerProvider !== undefined || options.meterProvider !== undefined
    if (given && load() === undefined) {
      const why = 'telemetry has a provider, but the package @opentelemetry/api cannot be found: install it, or give it as telemetry.api'
      logger.warn({ event: 'telemetry-unavailable' }, why)
    }
    this.#tracing = new Tracing(options, logger)
    this.#metrics = new Metrics(options)
    this.#clock = clock
  }

  /** Begins to observe one message's way to the server; undefined while nobody looks. */
  startSend(message: PreparedMessage, messageId: string, subject: Subject): SendSpan | undefined {
    const span = this.#tracing.startSend(message, subject)
    const instruments = this.#metrics.live()
    if (instruments === undefined && !hasListeners(sendChannel)) return span
    return new ObservedSend(message, messageId, subject, { span, instruments, clock: this.#clock })
  }

  /** The same for the messages of a list, in its order. */
  startList(messages: readonly PreparedMessage[], ids: readonly string[], subject: Subject): readonly SendSpan[] | undefined {
    const spans = this.#tracing.startList(messages, ids, subject)
    const instruments = this.#metrics.live()
    if (instruments === undefined && !hasListeners(sendChannel)) return spans
    const call: Call = { left: messages.length, error: undefined }
    return messages.map(
      (message, index) => new ObservedSend(message, ids[index] ?? '', subject, { span: spans?.[index], instruments, clock: this.#clock, call }),
    )
  }

  /** The context of whoever calls, for what runs later in his name. */
  ambient(): Ambient {
    return this.#tracing.ambient()
  }

  /** Runs the handler of a message. */
  process<T>(message: Message, source: MessageContext, subject: ProcessSubject, run: () => Promise<T>): Promise<T> {
    if (!this.#looksAt(processChannel)) return this.#tracing.inAmbient(subject.ambient, run)
    return this.#process([message], subject, () => this.#tracing.process(message, source, subject, run))
  }

  /** Runs what the application does with a message that it took itself: in its own span where it has one, which the sender's is only linked to then. */
  processHere<T>(message: Message, source: MessageContext, subject: ConsumerSubject, run: () => Promise<T>): Promise<T> {
    if (!this.#looksAt(processChannel)) return run()
    return this.#process([message], subject, () => this.#tracing.processHere(message, source, subject, run))
  }

  /** Runs the handler of several messages. */
  processBatch(
    batch: readonly { readonly message: Message; readonly fields: MessageContext }[],
    subject: ProcessSubject,
    run: () => Promise<void>,
  ): Promise<void> {
    if (!this.#looksAt(processChannel)) return this.#tracing.inAmbient(subject.ambient, run)
    const messages = batch.map(({ message }) => message)
    return this.#process(messages, subject, () => this.#tracing.processBatch(batch, subject, run))
  }

  /** A receive that the application asked for. */
  receive(topic: string, subject: ConsumerSubject, run: () => Promise<readonly ReceivedFields[]>): Promise<readonly ReceivedFields[]> {
    if (!this.#looksAt(receiveChannel)) return run()
    const { clientId, group } = subject
    const context: ReceiveContext = { clientId, topic, group }
    const counted = async () => {
      const messages = await this.#tracing.receive(topic, subject, run)
      context.messages = messages.length
      return messages
    }
    const instruments = this.#metrics.live()
    return this.#timed(
      () => receiveChannel.tracePromise(counted, context),
      (ms, error) => instruments?.operation({ operation: 'receive', type: 'receive', topic, group }, ms, error),
    )
  }

  /** Whether anybody looks at settlements; who knows that nobody does need not ask {@link settle}. */
  get observesSettling(): boolean {
    return this.#looksAt(settleChannel)
  }

  /** Whether anything is counted; who knows that nothing is need not tell of each message ({@link delivered}, {@link awaited}). */
  get measures(): boolean {
    return this.#metrics.live() !== undefined
  }

  /** An ack, nack or forwarding to the dead-letter topic, its repetitions included. */
  settle(
    operation: Settlement,
    message: MessageContext & { readonly topic: string; readonly messageId: string },
    subject: ConsumerSubject,
    run: () => Promise<void>,
  ): Promise<void> {
    if (!this.#looksAt(settleChannel)) return run()
    const { topic, messageId } = message
    const { clientId, group } = subject
    const traced = () => this.#tracing.settle(operation, message, subject, run)
    const instruments = this.#metrics.live()
    return this.#timed(
      () => settleChannel.tracePromise(traced, { clientId, topic, group, messageId, operation }),
      (ms, error) => instruments?.operation({ operation, type: 'settle', topic, group }, ms, error),
    )
  }

  /** The trace context of whoever calls, for the headers of a call. */
  headers(): SendSpan['headers'] {
    return this.#tracing.headers()
  }

  /** What a producer does beside sending. */
  operation<T>(what: OperationSubject, run: () => Promise<T>): Promise<T> {
    const traced = () => this.#tracing.operation(what, run)
    const instruments = what.name === 'check' ? undefined : this.#metrics.live()
    if (instruments === undefined) return traced()
    return this.#timed(traced, (ms, error) => instruments.operation({ operation: what.name, type: undefined, topic: what.topic }, ms, error))
  }

  /**
   * Messages came from a server. Returns the time, for {@link awaited}, or undefined while nobody measures.
   *
   * @param clock the client's
   */
  delivered(fields: ReceivedFields, group: string, clock: Clock): number | undefined {
    const instruments = this.#metrics.live()
    if (instruments === undefined) return undefined
    const since = fields.deliveryAt ?? fields.storedAt
    // Later attempts waited for their back-off.
    if (fields.attempt === 1 && since !== undefined) instruments.delivered(fields.topic, group, clock.now() - since)
    return this.#clock.monotonic()
  }

  /** The application gets a message. @param since what {@link delivered} returned */
  awaited(topic: string, group: string, since: number | undefined): void {
    const instruments = this.#metrics.live()
    if (instruments === undefined) return
    instruments.consumed(topic, group, 1)
    if (since !== undefined) instruments.awaited(topic, group, this.#clock.monotonic() - since)
  }

  /** A server has too much to do to give messages. */
  throttled(topic: string, group: string): void {
    this.#metrics.live()?.rejected(topic, group)
  }

  /** A telemetry stream came up; `again` where it had been lost. */
  connected(clientId: string, endpoint: string, again: boolean): void {
    if (again) this.#metrics.live()?.reconnected()
    tellConnection(() => ({ clientId, endpoint, state: 'up' }))
  }

  disconnected(clientId: string, endpoint: string, error: FeatherMQError): void {
    tellConnection(() => ({ clientId, endpoint, state: 'down', error }))
  }

  /** A server says whether it wants metrics of its own kind. */
  wanted(clientId: string, endpoint: string, { on, exportTo }: { readonly on: boolean; readonly exportTo: readonly string[] }): void {
    tellServerMetrics(() => ({ clientId, endpoint, on, exportTo }))
  }

  /** What a consumer keeps, asked for when metrics are read; the function that is returned ends that. */
  watch(cache: () => Iterable<Cached>): () => void {
    return this.#metrics.watch(cache)
  }

  #process<T>(messages: readonly Message[], { clientId, group }: ConsumerSubject, traced: () => Promise<T>): Promise<T> {
    const instruments = this.#metrics.live()
    return this.#timed(
      () => processChannel.tracePromise(traced, { clientId, group, messages }),
      (ms, error) => {
        for (const topic of new Set(messages.map((message) => message.topic))) instruments?.processed(topic, group, ms, error)
      },
    )
  }

  /** Whether anybody looks at what goes through this channel, in whatever way. */
  #looksAt<Context extends object>(channel: TracingChannel<unknown, Context>): boolean {
    return this.#tracing.isLive || this.#metrics.live() !== undefined || hasListeners(channel)
  }

  async #timed<T>(run: () => Promise<T>, done: (ms: number, error?: unknown) => void): Promise<T> {
    const start = this.#clock.monotonic()
    try {
      const result = await run()
      done(this.#clock.monotonic() - start)
      return result
    } catch (error) {
      done(this.#clock.monotonic() - start, error)
      throw error
    }
  }
}
