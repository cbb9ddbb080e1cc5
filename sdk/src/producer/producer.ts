import { checkTopic, limits, type MessageIds, messageIds } from '@feathermq/protocol'
import type { Endpoint } from '../connection/endpoint.ts'
import { isTransportFailure } from '../connection/failure.ts'
import type { Queue, Route } from '../connection/route.ts'
import { type SendCall, sendMessage, sendRequest } from '../connection/send-message.ts'
import { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { abortable, pause, settlesWithin } from '../deferred.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { clientError, FeatherMQError, invalidOption } from '../errors.ts'
import { checkBodySize, checkKind, type OutgoingMessage, type PreparedMessage, prepare } from '../message/outgoing.ts'
import { checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import { type Backoff, defaultSendBackoff } from '../retry/backoff.ts'
import { nextSend } from '../retry/send-retry.ts'
import type { Runtime } from '../runtime.ts'
import type { SendSpan } from '../telemetry/tracing.ts'
import { QueueChoice } from './queue-choice.ts'

export interface ProducerOptions {
  /** Topics that will be sent to. Others may be sent to as well; those named here are looked up together with the first send. Default none. */
  readonly topics?: readonly string[] | undefined
  /** All attempts of one send, the first included: 1 to 100. Default 3. */
  readonly maxAttempts?: number | undefined
}

export interface SendOptions {
  /** Ends the send, also while it waits between attempts; the promise rejects with the signal's reason. The message may be stored all the same. */
  readonly signal?: AbortSignal | undefined
  /** Time limit of one attempt. Default the client's `requestTimeout`. */
  readonly timeout?: Duration | undefined
}

/** What the server said of a stored message. */
export interface SendReceipt {
  readonly topic: string
  /** The same over all attempts, and what consumers see. */
  readonly messageId: string
  /** Position in its queue. */
  readonly offset: bigint
  /** `host:port` that stored it. */
  readonly endpoint: string
  /** How many attempts it took. */
  readonly attempts: number
}

/** Sends messages. Made by `FeatherMQ.producer`. */
export class Producer {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #topics: readonly string[]
  readonly #maxAttempts: number
  readonly #choice: QueueChoice
  readonly #ids: MessageIds
  readonly #sending = new Set<Promise<unknown>>()
  #backoff: Backoff = defaultSendBackoff
  #maxBodySize: number = limits.bodyBytes
  #validateType = true
  #warmed = false
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closing: Promise<void> | undefined

  /** @internal Use `FeatherMQ.producer`. */
  constructor(runtime: Runtime, options: ProducerOptions = {}) {
    const { topics = [], maxAttempts }: ProducerOptions = checkKeys(options, 'producer', ['topics', 'maxAttempts'])
    if (!Array.isArray(topics)) throw invalidOption('producer.topics', topics, 'a list of topics')
    topics.forEach((topic: unknown, index) => {
      const problem = typeof topic === 'string' ? checkTopic(topic) : { message: 'it is no text' }
      if (problem !== undefined) throw invalidOption(`producer.topics[${index}]`, topic, `the name of a topic: ${problem.message}`)
    })
    this.#maxAttempts = checkInteger(maxAttempts, 'producer.maxAttempts', 1, 100, 3)
    this.#topics = [...topics]
    this.#runtime = runtime
    this.#choice = new QueueChoice(runtime.random)
    this.#ids = messageIds({ now: () => runtime.config.clock.now() })
    this.#session = new Session(
      runtime,
      { kind: 'producer', maxAttempts: this.#maxAttempts },
      {
        onSettings: (settings) => this.#apply(settings),
        onOutOfReach: () => {},
        report: () => [`sends under way: ${this.#sending.size}`],
      },
    )
    this.#session.declare(this.#topics)
  }

  /** The id by which servers know this producer. */
  get clientId(): string {
    return this.#session.clientId
  }

  /**
   * Sends one message and resolves with the server's receipt once it is stored.
   *
   * Tries again on another endpoint, or after a pause, what may succeed later (`maxAttempts` in all); what the server refuses is not repeated. Every
   * attempt carries the same message id; a message that was stored by an attempt whose answer got lost is stored twice.
   *
   * @throws {FeatherMQError} checks before sending (INVALID_MESSAGE, ILLEGAL_TOPIC, MESSAGE_BODY_TOO_LARGE, …), TOPIC_NOT_FOUND,
   * MESSAGE_PROPERTY_CONFLICT_WITH_TYPE, NO_QUEUE, CLIENT_CLOSED, and the last failure when all attempts are used up.
   */
  send(message: OutgoingMessage, options: SendOptions = {}): Promise<SendReceipt> {
    const sending: Promise<SendReceipt> = this.#send(message, options).finally(() => this.#sending.delete(sending))
    this.#sending.add(sending)
    return sending
  }

  /**
   * Waits up to `drain` (default 10 s) for sends under way, then lets go. New sends are refused at once. Idempotent.
   */
  close(options: { readonly drain?: Duration | undefined } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drain === undefined ? 10_000 : milliseconds(options.drain, 'close.drain'))
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(drain: number): Promise<void> {
    this.#state = 'closing'
    await settlesWithin(this.#runtime.upkeep, Promise.allSettled(this.#sending), drain)
    this.#state = 'closed'
    await this.#session.close()
  }

  async #send(given: OutgoingMessage, options: SendOptions): Promise<SendReceipt> {
    const { config, tracing } = this.#runtime
    checkKeys(options, 'send', ['signal', 'timeout'])
    const signal = checkSignal(options.signal, 'send.signal')
    signal?.throwIfAborted()
    const timeout = options.timeout === undefined ? config.requestTimeout : milliseconds(options.timeout, 'send.timeout', 1, 3_600_000)
    if (this.#state !== 'open') throw clientError('CLIENT_CLOSED', 'the message was not sent: the producer is closed')
    const message = prepare(given, config.clock)
    const span = tracing.startSend(message, this.#session)
    try {
      const receipt = await this.#deliver(message, timeout, signal, span)
      span?.succeed(receipt)
      return receipt
    } catch (error) {
      span?.fail(error)
      throw error
    }
  }

  async #deliver(message: PreparedMessage, timeout: number, signal: AbortSignal | undefined, span: SendSpan | undefined): Promise<SendReceipt> {
    const { config, upkeep } = this.#runtime
    const route = this.#session.peekRoute(message.topic) ?? (await abortable(this.#session.route(message.topic), signal))
    if (!this.#warmed) this.#warm(message.topic)
    checkBodySize(message, this.#maxBodySize)
    const candidates = this.#candidates(route, message)
    const call: SendCall = {
      rpc: this.#session.rpc,
      namespace: config.namespace,
      message,
      messageId: this.#ids.next(),
      bornAt: config.clock.now(),
      traceContext: span?.traceContext,
      headers: span?.headers,
      timeout,
      signal,
    }
    let queue = at(candidates, 0)
    let request = sendRequest(call, queue.id)
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { messageId, offset, endpoint } = await sendMessage(call, queue, request)
        return { topic: message.topic, messageId, offset, endpoint, attempts: attempt }
      } catch (error) {
        if (!(error instanceof FeatherMQError)) throw error
        if (isTransportFailure(error)) this.#session.isolate(queue.endpoint)
        const next = at(candidates, attempt)
        const decision = nextSend(error, attempt, { maxAttempts: this.#maxAttempts, backoff: this.#backoff }, next.endpoint !== queue.endpoint)
        if (!decision.again) throw error
        span?.retry(attempt, error)
        config.logger.debug(
          { event: 'send-retry', clientId: this.clientId, topic: message.topic, attempt, code: error.code, endpoint: error.endpoint },
          `attempt ${attempt} to send failed, trying again in ${decision.after} ms`,
        )
        if (decision.after > 0) await pause(upkeep, decision.after, { signal, hold: true })
        if (next !== queue) request = sendRequest(call, next.id)
        queue = next
      }
    }
  }

  #candidates(route: Route, message: PreparedMessage): readonly Queue[] {
    const candidates = this.#choice.candidates(route, message.messageGroup, this.#maxAttempts, (endpoint: Endpoint) =>
      this.#session.isIsolated(endpoint),
    )
    const { topic } = message
    const [first] = candidates
    if (first === undefined) throw clientError('NO_QUEUE', `topic ${topic} has no queue that can be written to`, { topic })
    if (this.#validateType) checkKind(message, first.accepts)
    return candidates
  }

  /** The other declared topics are looked up beside the first send; one that does not exist spoils nothing but its own sends. */
  #warm(except: string): void {
    this.#warmed = true
    const { logger } = this.#runtime.config
    for (const topic of this.#topics) {
      if (topic === except) continue
      this.#session.route(topic).catch((error: unknown) => {
        if (this.#state !== 'open') return
        logger.warn({ event: 'topic-lookup-failed', clientId: this.clientId, topic, err: error }, `the declared topic ${topic} cannot be sent to`)
      })
    }
  }

  #apply(settings: PushedSettings): void {
    this.#backoff = settings.backoff ?? this.#backoff
    this.#maxBodySize = settings.maxBodySize ?? this.#maxBodySize
    this.#validateType = settings.validateMessageType ?? this.#validateType
  }
}

/** Candidates go round: attempt k uses number (k-1) mod n. */
function at(candidates: readonly Queue[], index: number): Queue {
  const queue = candidates[index % candidates.length]
  if (queue === undefined) throw new RangeError('no candidates')
  return queue
}
