import { limits } from '@feathermq/protocol/client'
import type { Endpoint } from '../connection/endpoint.ts'
import { isTransportFailure } from '../connection/failure.ts'
import type { Queue, Route } from '../connection/route.ts'
import { sendMessages, sendRequest, type Verdict, verdictsOf } from '../connection/send-message.ts'
import type { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { abortable, pause, within } from '../deferred.ts'
import { clientError, FeatherMQError, withMaybeStored } from '../errors.ts'
import { checkBodySize, checkKind } from '../message/outgoing.ts'
import { type Backoff, defaultSendBackoff } from '../retry/backoff.ts'
import { concernsOneMessage, mayBeStored, nextSend } from '../retry/send-retry.ts'
import type { Runtime } from '../runtime.ts'
import type { SendSpan } from '../telemetry/tracing.ts'
import type { ProducerConfig } from './producer-options.ts'
import { QueueChoice } from './queue-choice.ts'
import type { Sending, Terms } from './sending.ts'

/** A request that failed for messages which have no outcome yet. */
interface Failed {
  readonly sendings: readonly Sending[]
  readonly failure: FeatherMQError
}

/** A request, and where it was sent to. */
interface Attempt {
  readonly sendings: readonly Sending[]
  readonly queue: Queue
  readonly request: Uint8Array
}

/**
 * Brings messages to the cluster: route, queue, request, and again by the policy. Every attempt carries the same message ids, so that consumers can tell a
 * message that was stored twice.
 */
export class Dispatcher {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #config: ProducerConfig
  readonly #choice: QueueChoice
  /** Aborted when the producer has closed: nothing is tried again. */
  readonly #end = new AbortController()
  #backoff: Backoff = defaultSendBackoff
  #maxBodySize: number = limits.bodyBytes
  #validateType = true
  #retried = 0

  constructor(runtime: Runtime, session: Session, config: ProducerConfig) {
    this.#runtime = runtime
    this.#session = session
    this.#config = config
    this.#choice = new QueueChoice(runtime.random)
  }

  /** Repeated attempts, counted per message. */
  get retried(): number {
    return this.#retried
  }

  /** Largest sum of bodies that a server takes in one request. */
  get maxBodySize(): number {
    return this.#maxBodySize
  }

  apply(settings: PushedSettings): void {
    this.#backoff = settings.backoff ?? this.#backoff
    this.#maxBodySize = settings.maxBodySize ?? this.#maxBodySize
    this.#validateType = settings.validateMessageType ?? this.#validateType
  }

  /** Aborted when the producer has closed. */
  get end(): AbortSignal {
    return this.#end.signal
  }

  close(): void {
    this.#end.abort()
  }

  /** The route if it is known, so that the usual send costs no promise for it. */
  peekRoute(topic: string): Route | undefined {
    return this.#session.peekRoute(topic)
  }

  /** @throws {FeatherMQError} what `Session.route` throws; SEND_TIMEOUT */
  findRoute(topic: string, terms: Terms): Promise<Route> {
    const late = () => sendTimeout(topic, terms, 'for the route of the topic')
    return within(this.#runtime.upkeep, abortable(this.#session.route(topic), terms.signal), this.left(terms), late)
  }

  /** What is left of the time, ms; not negative. */
  left({ deadline }: Terms): number {
    return Math.max(0, deadline - this.#runtime.upkeep.monotonic())
  }

  /** @throws {FeatherMQError} MESSAGE_BODY_TOO_LARGE, MESSAGE_PROPERTY_CONFLICT_WITH_TYPE, NO_QUEUE */
  check({ message, path }: Sending, { writable }: Route): void {
    checkBodySize(message, this.#maxBodySize, path)
    const [queue] = writable
    if (queue === undefined) throw noQueue(message.topic)
    if (this.#validateType) checkKind(message, queue.accepts, path)
  }

  /**
   * Sends messages of one topic in one request, and settles each. Never rejects.
   *
   * @param sendings one message, or several of type NORMAL
   */
  async deliver(sendings: readonly Sending[], terms: Terms): Promise<void> {
    const [first] = sendings
    if (first === undefined) return
    try {
      const { topic, messageGroup } = first.message
      const queue = this.#choose(topic, messageGroup, undefined)
      const request = sendRequest(this.#runtime.config.namespace, sendings, queue.id)
      const failed = await this.#attempt(sendings, queue, request, terms)
      if (failed !== undefined) await this.#again(failed, { sendings, queue, request }, terms)
    } catch (error) {
      if (error instanceof FeatherMQError) giveUp({ sendings, failure: error })
      else for (const sending of sendings) sending.fail(error)
    }
  }

  /** After a first attempt that failed. */
  async #again(first: Failed, made: Attempt, terms: Terms): Promise<void> {
    const { config, random } = this.#runtime
    const { topic } = made.queue
    const messageGroup = made.sendings[0]?.message.messageGroup
    let pending = made.sendings
    let { queue, request } = made
    let tried: Set<string> | undefined
    let failed: Failed | undefined = first
    for (let attempt = 1; failed !== undefined; attempt += 1) {
      const { failure }: Failed = failed
      if (!failure.retryable && failed.sendings.length > 1 && concernsOneMessage(failure)) return await this.#halve(failed.sendings, terms)
      tried = (tried ?? new Set<string>()).add(queue.broker.name)
      const next = this.#choose(topic, messageGroup, tried)
      const policy = { maxAttempts: this.#config.maxAttempts, backoff: this.#backoff, retryMaybeStored: this.#config.retryMaybeStored }
      const elsewhere = next.endpoint !== queue.endpoint && this.#session.health.isUsable(next.endpoint)
      const decision = nextSend(failure, attempt, policy, elsewhere, random)
      if (!decision.again || this.#end.signal.aborted || decision.after >= this.left(terms)) return giveUp(failed)
      for (const sending of failed.sendings) sending.retry(failure)
      config.logger.debug(
        { event: 'send-retry', clientId: this.#session.clientId, topic, attempt, code: failure.code, endpoint: failure.endpoint },
        `attempt ${attempt} to send failed, trying again in ${decision.after} ms`,
      )
      if (decision.after > 0) await this.#pause(decision.after, terms)
      const live = failed.sendings.filter(({ outcome }) => outcome === undefined)
      if (live.length === 0) return
      if (live.length !== pending.length || next.id !== queue.id) request = sendRequest(config.namespace, live, next.id)
      this.#retried += live.length
      pending = live
      queue = next
      failed = await this.#attempt(pending, queue, request, terms)
    }
  }

  /** One request. Settles what it settles; undefined when nothing is left. */
  async #attempt(sendings: readonly Sending[], queue: Queue, request: Uint8Array, terms: Terms): Promise<Failed | undefined> {
    const { health, rpc } = this.#session
    const { endpoint } = queue
    const left = this.left(terms)
    if (left === 0) throw sendTimeout(queue.topic, terms, 'to be tried')
    const timeout = Math.min(rpc.requestTimeout, left)
    const headers = headersOf(sendings)
    for (const sending of sendings) sending.attempts += 1
    health.begin(endpoint)
    try {
      const verdicts = verdictsOf(await sendMessages(rpc, queue, request, { timeout, signal: terms.signal, headers }), sendings)
      health.succeeded(endpoint)
      return settleAll(sendings, verdicts, endpoint)
    } catch (error) {
      if (!(error instanceof FeatherMQError)) {
        health.unknown(endpoint)
        throw error
      }
      if (error.code === 'NO_ANSWER' && timeout < rpc.requestTimeout) health.unknown(endpoint)
      else if (isTransportFailure(error) || isTrouble(error)) health.failed(endpoint)
      else health.succeeded(endpoint)
      if (mayBeStored(error)) for (const sending of sendings) sending.maybeStored = true
      return { sendings, failure: error }
    }
  }

  /** One message of these is bad, and nothing was stored: looks for it by halves, so that the others come through. */
  async #halve(sendings: readonly Sending[], terms: Terms): Promise<void> {
    const middle = sendings.length >> 1
    await this.deliver(sendings.slice(0, middle), terms)
    await this.deliver(sendings.slice(middle), terms)
  }

  #choose(topic: string, messageGroup: string | undefined, tried: ReadonlySet<string> | undefined): Queue {
    const route = this.#session.peekRoute(topic)
    const queue = route && this.#choice.next(route, messageGroup, this.#session.health, tried)
    if (queue === undefined) throw noQueue(topic)
    return queue
  }

  async #pause(ms: number, { signal }: Terms): Promise<void> {
    const either = signal === undefined ? this.#end.signal : AbortSignal.any([signal, this.#end.signal])
    try {
      await pause(this.#runtime.upkeep, ms, { signal: either, hold: true })
    } catch (error) {
      throw signal?.aborted ? error : closedError()
    }
  }
}

export function closedError(): FeatherMQError {
  return clientError('CLIENT_CLOSED', 'the message was not sent: the producer is closed')
}

/** @param what it waited for */
export function sendTimeout(topic: string, { timeout }: Terms, what: string): FeatherMQError {
  return clientError('SEND_TIMEOUT', `the message to ${topic} was not sent within ${timeout} ms: it waited ${what}`, { topic })
}

/** The trace context of the call that they belong to; none where messages of several calls travel together. */
function headersOf([first, ...others]: readonly Sending[]): SendSpan['headers'] {
  const headers = first?.span?.headers
  return others.every(({ span }) => span?.headers === headers) ? headers : undefined
}

function noQueue(topic: string): FeatherMQError {
  return clientError('NO_QUEUE', `topic ${topic} has no queue that can be written to`, { topic })
}

/** The server is there but cannot do its work; another may. */
function isTrouble({ status, retryable }: FeatherMQError): boolean {
  return status !== undefined && status.code >= 50_000 && retryable
}

/** Settles what the server stored or refused for good. */
function settleAll(sendings: readonly Sending[], verdicts: readonly Verdict[], at: Endpoint): Failed | undefined {
  let failure: FeatherMQError | undefined
  const left: Sending[] = []
  sendings.forEach((sending, index) => {
    const verdict = verdicts[index]
    if (verdict === undefined) return
    if (verdict.stored) {
      const { messageId, offset, endpoint, recallHandle } = verdict
      const { message, attempts, maybeStored } = sending
      if (message.kind === 'TRANSACTION') sending.stored = { endpoint: at, transactionId: verdict.transactionId }
      const { topic } = message
      sending.settle({ ok: true, receipt: { topic, messageId, offset, endpoint, recallHandle, attempts, maybeDuplicate: maybeStored } })
      return
    }
    if (mayBeStored(verdict.failure)) sending.maybeStored = true
    if (!verdict.failure.retryable) {
      giveUp({ sendings: [sending], failure: verdict.failure })
      return
    }
    // All wait as long as the most patient asks for.
    if (failure === undefined || verdict.failure.code === 'TOO_MANY_REQUESTS') failure = verdict.failure
    left.push(sending)
  })
  return failure === undefined ? undefined : { sendings: left, failure }
}

function giveUp({ sendings, failure }: Failed): void {
  for (const sending of sendings) sending.fail(sending.maybeStored ? withMaybeStored(failure) : failure)
}
