import { type MessageIds, messageIds } from '@feathermq/protocol'
import { Session } from '../connection/session.ts'
import { abortable, settlesWithin, within } from '../deferred.ts'
import { clientError, FeatherMQError, invalidOption } from '../errors.ts'
import { type ProducerHealth, statusOf } from '../health.ts'
import { type OutgoingMessage, type PreparedMessage, prepare, prepareHalf } from '../message/outgoing.ts'
import type { Runtime } from '../runtime.ts'
import { type Lane, lanesOf } from './batches.ts'
import { closedError, Dispatcher, sendTimeout } from './dispatcher.ts'
import { GroupTurns, type Turn } from './group-turns.ts'
import { InFlight } from './in-flight.ts'
import { Linger } from './linger.ts'
import {
  type Amount,
  drainTime,
  type ProducerCloseOptions,
  type ProducerConfig,
  type ProducerOptions,
  type ProducerStatistics,
  producerConfig,
  type SendOptions,
  type SendReceipt,
  sendTerms,
} from './producer-options.ts'
import { type Recallable, type RecallReceipt, recall } from './recall.ts'
import { SendIncompleteError, type SendResult } from './send-incomplete-error.ts'
import { Sending, type Terms } from './sending.ts'
import { Standby } from './standby.ts'
import { type TransactionOptions, type TransactionReceipt, type TransactionWork, transactionTerms } from './transaction-options.ts'
import { Transactions } from './transactions.ts'

/** The message of a transaction on its way. */
interface Half {
  readonly checkAfter: number | undefined
  sending: Sending | undefined
}

/** Sends messages. Made by `FeatherMQ.producer`. */
export class Producer {
  readonly #runtime: Runtime
  readonly #config: ProducerConfig
  readonly #session: Session
  readonly #dispatcher: Dispatcher
  readonly #inFlight: InFlight
  readonly #turns = new GroupTurns()
  readonly #linger: Linger | undefined
  readonly #transactions: Transactions
  readonly #standby: Standby
  readonly #ids: MessageIds
  readonly #sending = new Set<Promise<unknown>>()
  #sent = 0
  #failed = 0
  #recalled = 0
  #warmed = false
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closing: Promise<void> | undefined

  /** @internal Use `FeatherMQ.producer`. */
  constructor(runtime: Runtime, options: ProducerOptions = {}) {
    const config = producerConfig(options)
    this.#runtime = runtime
    this.#config = config
    this.#ids = messageIds({ now: () => runtime.config.clock.now() })
    this.#session = new Session(
      runtime,
      { kind: 'producer', maxAttempts: config.maxAttempts },
      {
        onSettings: (settings) => this.#dispatcher.apply(settings),
        onOutOfReach: () => {},
        onOrphan: (message, transactionId, endpoint) => this.#transactions.orphan(message, transactionId, endpoint),
        report: () => [`sends under way: ${this.#inFlight.messages}, waiting: ${this.#inFlight.waiting}`],
      },
    )
    this.#session.declare(config.topics)
    this.#dispatcher = new Dispatcher(runtime, this.#session, config)
    this.#inFlight = new InFlight(config.maxInFlight, runtime.upkeep)
    this.#linger = config.linger === 0 ? undefined : this.#lingering(config.linger)
    this.#transactions = new Transactions({
      runtime,
      session: this.#session,
      checker: config.checkTransaction,
      timeout: config.timeout,
      maxAttempts: config.maxAttempts,
      end: this.#dispatcher.end,
    })
    this.#standby = new Standby(runtime, this.#session)
    if (config.checkTransaction !== undefined) this.#standby.begin(config.topics)
  }

  /** The id by which servers know this producer. */
  get clientId(): string {
    return this.#session.clientId
  }

  /**
   * Sends one message and resolves with the server's receipt once it is stored, or several messages of one topic and resolves with one receipt each, in the
   * order of the list.
   *
   * Waits while as much as `maxInFlight` allows is under way. Tries again on another endpoint, or after a pause, what may succeed later (`maxAttempts` in
   * all, within `timeout`); what the server refuses is not repeated. Every attempt carries the same message id. When the answer to an attempt gets lost, the
   * message may be stored, and is sent again all the same unless `retryMaybeStored` is false: the receipt says `maybeDuplicate`.
   *
   * Messages of one message group are stored in the order of the calls, also when nobody waits for one call before the next: each leaves when the one
   * before it was answered. One that fails does not keep back those of later calls.
   *
   * Several messages travel in few requests (`batch`); those with a message group go one by one, in their order, and those with a delivery time one by one.
   * All are checked before the first is sent. If some are not stored, the promise rejects with a `SendIncompleteError` that has the result of each.
   *
   * @throws {FeatherMQError} checks before sending (INVALID_MESSAGE, ILLEGAL_TOPIC, MESSAGE_BODY_TOO_LARGE, …), TOPIC_NOT_FOUND,
   * MESSAGE_PROPERTY_CONFLICT_WITH_TYPE, NO_QUEUE, SEND_TIMEOUT, CLIENT_CLOSED, and the last failure when all attempts are used up.
   */
  send(message: OutgoingMessage, options?: SendOptions): Promise<SendReceipt>
  send(messages: readonly OutgoingMessage[], options?: SendOptions): Promise<readonly SendReceipt[]>
  send(given: OutgoingMessage | readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendReceipt | readonly SendReceipt[]> {
    return this.#track<SendReceipt | readonly SendReceipt[]>(isList(given) ? this.#sendAll(given, options) : this.#sendOne(given, options, undefined))
  }

  /**
   * Sends a message that consumers get if, and only if, the work is done: the server stores it and keeps it back, the work runs, and what it returns is told
   * to the server. Resolves once the server confirmed that.
   *
   * `work` returns `commit`, `rollback`, or `unknown` to leave it to the checker ({@link ProducerOptions.checkTransaction}). When it throws, the message is
   * rolled back and the promise rejects with what it threw; a work that may have been done in spite of its error, such as a commit whose answer got lost,
   * should return `unknown` instead. The message has neither message group nor delivery time, and its topic takes the type TRANSACTION.
   *
   * `timeout` is the limit of the sending; the work has its own time, and the end is told for as long as the producer's `timeout` allows. The signal ends the
   * sending and is handed to the work; what the work has decided is told all the same.
   *
   * @throws {FeatherMQError} as {@link send}; then nothing was done. TRANSACTION_UNRESOLVED when the server did not confirm the end: it will ask, and this
   * producer answers by what was decided. INVALID_OPTION when the work returned something else, which leaves the transaction to the checker.
   */
  transaction(message: OutgoingMessage, work: TransactionWork, options: TransactionOptions = {}): Promise<TransactionReceipt> {
    return this.#track(this.#transact(message, work, options))
  }

  /**
   * Takes a delayed message back before its delivery time, by its receipt or by topic and recall handle. Resolves when the server has made sure that it
   * never comes (stock servers: that it has taken note). May be repeated.
   *
   * @throws {FeatherMQError} INVALID_OPTION when the receipt has no handle; what the server says otherwise: BAD_REQUEST when the time of the message has come
   * or the handle is none (stock servers: INTERNAL_SERVER_ERROR), MESSAGE_PROPERTY_CONFLICT_WITH_TYPE when the topic has no delayed messages,
   * NOT_IMPLEMENTED where it cannot recall; UNREACHABLE, NO_ANSWER, CLIENT_CLOSED.
   */
  recall(message: Recallable, options: SendOptions = {}): Promise<RecallReceipt> {
    return this.#track(this.#recall(message, options))
  }

  /**
   * Resolves once the declared topics are looked up and their servers know this producer; without, the first send does that.
   *
   * @throws {FeatherMQError} TOPIC_NOT_FOUND, UNREACHABLE, SETTINGS_TIMEOUT, CLIENT_CLOSED, …
   */
  async ready(): Promise<void> {
    if (this.#state !== 'open') throw closedError()
    await Promise.all(this.#config.topics.map((topic) => this.#session.route(topic)))
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const tracked: Promise<T> = work.finally(() => this.#sending.delete(tracked))
    this.#sending.add(tracked)
    return tracked
  }

  async #transact(message: OutgoingMessage, work: TransactionWork, options: TransactionOptions): Promise<TransactionReceipt> {
    if (typeof work !== 'function') throw invalidOption('transaction.work', work, 'a function')
    const { checkAfter, send } = transactionTerms(options)
    sendTerms(send, this.#config.timeout, 'transaction')
    const half: Half = { checkAfter, sending: undefined }
    try {
      const receipt = await this.#sendOne(message, send, half)
      if (half.sending === undefined) throw clientError('BAD_RESPONSE', 'the send ended without an outcome')
      return await this.#transactions.decide(half.sending, receipt, work, send.signal)
    } finally {
      if (half.sending !== undefined) this.#transactions.left(half.sending.messageId)
    }
  }

  async #recall(message: Recallable, options: SendOptions): Promise<RecallReceipt> {
    const terms = sendTerms(options, this.#config.timeout, 'recall')
    terms.signal?.throwIfAborted()
    if (this.#state !== 'open') throw closedError()
    const { maxAttempts } = this.#config
    const recalled = await recall(message, { runtime: this.#runtime, session: this.#session, maxAttempts, end: this.#dispatcher.end }, terms)
    this.#recalled += 1
    return recalled
  }

  /** What was sent and what is under way, now. */
  statistics(): ProducerStatistics {
    return {
      sent: this.#sent,
      failed: this.#failed,
      retried: this.#dispatcher.retried,
      inFlight: this.#inFlight.messages,
      inFlightBytes: this.#inFlight.bytes,
      waiting: this.#inFlight.waiting + this.#turns.waiting,
      ...this.#transactions.counts,
      recalled: this.#recalled,
    }
  }

  /** How it stands with its servers, and its statistics. */
  health(): ProducerHealth {
    const servers = this.#session.servers()
    return { clientId: this.clientId, status: statusOf(servers, this.#state === 'closed'), servers, statistics: this.statistics() }
  }

  /**
   * Sends at once what lingers, waits up to `drain` (default 10 s) for all sends under way, then lets go: what still waits fails with CLIENT_CLOSED, and
   * nothing is tried again. New sends are refused at once. Idempotent.
   */
  close(options: ProducerCloseOptions = {}): Promise<void> {
    const drain = drainTime(options)
    this.#closing ??= this.#close(drain)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(drain: number): Promise<void> {
    this.#state = 'closing'
    this.#linger?.flush()
    this.#standby.close()
    await settlesWithin(this.#runtime.upkeep, Promise.allSettled([...this.#sending, this.#transactions.idle()]), drain)
    this.#state = 'closed'
    this.#inFlight.close(closedError)
    this.#turns.close(closedError)
    this.#dispatcher.close()
    await this.#session.close()
  }

  async #sendOne(given: OutgoingMessage, options: SendOptions, half: Half | undefined): Promise<SendReceipt> {
    let sending: Sending | undefined
    let turn: Turn | undefined
    try {
      const terms = this.#begin(options)
      const { clock } = this.#runtime.config
      const message = half === undefined ? prepare(given, clock) : prepareHalf(given, clock, half.checkAfter)
      sending = this.#stamp(message, 'message')
      if (half !== undefined) {
        half.sending = sending
        this.#transactions.entered(sending.messageId)
      }
      // Before anything is waited for: the order is that of the calls.
      if (message.messageGroup !== undefined) turn = this.#turns.join(message.topic, message.messageGroup)
      await this.#bring(sending, terms, turn)
    } catch (error) {
      if (sending === undefined) {
        this.#failed += 1
        throw error
      }
      sending.fail(error)
    } finally {
      turn?.leave()
    }
    const result = this.#count(sending)
    if (!result.ok) throw result.error
    return result.receipt
  }

  async #bring(sending: Sending, terms: Terms, turn: Turn | undefined): Promise<void> {
    const { topic, kind } = sending.message
    const route = this.#dispatcher.peekRoute(topic) ?? (await this.#dispatcher.findRoute(topic, terms))
    if (!this.#warmed) this.#warm(topic)
    this.#dispatcher.check(sending, route)
    if (turn?.come !== undefined) await this.#itsTurn(turn.come, topic, terms)
    if (!this.#inFlight.tryEnter(1, sending.bytes)) await this.#place({ messages: 1, bytes: sending.bytes }, topic, terms)
    // What would be over before its request leaves does not wait for others.
    if (this.#linger !== undefined && kind === 'NORMAL' && this.#state === 'open' && this.#dispatcher.left(terms) > 2 * this.#config.linger) {
      return await this.#linger.add(sending, terms)
    }
    await this.#dispatcher.deliver([sending], terms)
    this.#inFlight.leave(1, sending.bytes)
  }

  async #sendAll(given: readonly OutgoingMessage[], options: SendOptions): Promise<readonly SendReceipt[]> {
    let sendings: readonly Sending[] = []
    let turns: ReadonlyMap<string, Turn> | undefined
    try {
      const terms = this.#begin(options)
      const messages = this.#prepareAll(given)
      const [first] = messages
      if (first === undefined) return []
      const { topic } = first
      sendings = messages.map((message, index) => this.#stamp(message, `messages[${index}]`))
      turns = this.#joinAll(topic, messages)
      const route = this.#dispatcher.peekRoute(topic) ?? (await this.#dispatcher.findRoute(topic, terms))
      if (!this.#warmed) this.#warm(topic)
      for (const sending of sendings) this.#dispatcher.check(sending, route)
      await Promise.all(lanesOf(sendings, this.#batchLimits()).map((lane) => this.#bringLane(lane, topic, terms, turns)))
    } catch (error) {
      // Nothing of the list was sent.
      if (sendings.length === 0) this.#failed += given.length
      for (const sending of sendings) {
        sending.fail(error)
        this.#count(sending)
      }
      throw error
    } finally {
      for (const turn of turns?.values() ?? []) turn.leave()
    }
    return receiptsOf(
      sendings[0]?.message.topic ?? '',
      sendings.map((sending) => this.#count(sending)),
    )
  }

  /** One place for each message group, all taken at once, so that no two lists wait for each other. */
  #joinAll(topic: string, messages: readonly PreparedMessage[]): ReadonlyMap<string, Turn> {
    const counts = new Map<string, number>()
    for (const { messageGroup } of messages) if (messageGroup !== undefined) counts.set(messageGroup, (counts.get(messageGroup) ?? 0) + 1)
    return new Map([...counts].map(([messageGroup, count]) => [messageGroup, this.#turns.join(topic, messageGroup, count)]))
  }

  async #bringLane(lane: Lane, topic: string, terms: Terms, turns: ReadonlyMap<string, Turn> | undefined): Promise<void> {
    const turn = turns?.get(lane[0]?.[0]?.message.messageGroup ?? '')
    let broken = false
    for (const batch of lane) {
      if (broken) {
        const why = `the message to ${topic} was not sent: an earlier message of its message group failed`
        for (const sending of batch) sending.fail(terms.signal?.aborted ? terms.signal.reason : clientError('EARLIER_SEND_FAILED', why, { topic }))
        continue
      }
      const amount = { messages: batch.length, bytes: batch.reduce((sum, { bytes }) => sum + bytes, 0) }
      try {
        if (turn?.come !== undefined) await this.#itsTurn(turn.come, topic, terms)
        if (!this.#inFlight.tryEnter(amount.messages, amount.bytes)) await this.#place(amount, topic, terms)
        await this.#dispatcher.deliver(batch, terms)
        this.#inFlight.leave(amount.messages, amount.bytes)
      } catch (error) {
        for (const sending of batch) sending.fail(error)
      }
      broken = !batch.every(({ outcome }) => outcome?.ok)
    }
    turn?.leave()
  }

  async #itsTurn(come: Promise<void>, topic: string, terms: Terms): Promise<void> {
    const late = () => sendTimeout(topic, terms, 'for an earlier message of its message group')
    await within(this.#runtime.upkeep, abortable(come, terms.signal), this.#dispatcher.left(terms), late)
  }

  /** Waits for a place in the order of the calls. */
  async #place({ messages, bytes }: Amount, topic: string, terms: Terms): Promise<void> {
    // What lingers holds places, so it goes now.
    this.#linger?.flush()
    const { maxInFlight } = this.#config
    const late = () =>
      sendTimeout(topic, terms, `for a place among ${maxInFlight.messages} messages and ${maxInFlight.bytes} bytes in flight (producer.maxInFlight)`)
    await this.#inFlight.enter(messages, bytes, { signal: terms.signal, left: this.#dispatcher.left(terms), late })
  }

  #begin(options: SendOptions): Terms {
    const { signal, timeout } = sendTerms(options, this.#config.timeout)
    signal?.throwIfAborted()
    if (this.#state !== 'open') throw closedError()
    return { signal, timeout, deadline: this.#runtime.upkeep.monotonic() + timeout }
  }

  /** All of them, before anything is sent: one that is wrong spoils no list halfway. */
  #prepareAll(given: readonly OutgoingMessage[]): readonly PreparedMessage[] {
    const { clock } = this.#runtime.config
    const messages = given.map((message, index) => prepare(message, clock, `messages[${index}]`))
    for (const [index, { topic }] of messages.entries()) {
      const wanted = messages[0]?.topic
      if (topic !== wanted) throw invalidOption(`messages[${index}].topic`, topic, `'${wanted}': all messages of one list have one topic`)
    }
    return messages
  }

  #stamp(message: PreparedMessage, path: string): Sending {
    const { config, telemetry } = this.#runtime
    const messageId = this.#ids.next()
    return new Sending(message, messageId, config.clock.now(), telemetry.startSend(message, messageId, this.#session), path)
  }

  #count({ outcome }: Sending): SendResult | { readonly ok: false; readonly error: unknown } {
    if (outcome?.ok) this.#sent += 1
    else this.#failed += 1
    return outcome ?? { ok: false, error: clientError('BAD_RESPONSE', 'the send ended without an outcome') }
  }

  #batchLimits(): Amount {
    const { batch, maxInFlight } = this.#config
    return {
      messages: Math.min(batch.messages, maxInFlight.messages),
      bytes: Math.min(batch.bytes, maxInFlight.bytes, this.#dispatcher.maxBodySize),
    }
  }

  #lingering(delay: number): Linger {
    return new Linger({
      clock: this.#runtime.upkeep,
      delay,
      limits: () => this.#batchLimits(),
      deliver: (sendings, terms) => this.#dispatcher.deliver(sendings, terms),
      release: ({ bytes }) => this.#inFlight.leave(1, bytes),
    })
  }

  /** The other declared topics are looked up beside the first send; one that does not exist spoils nothing but its own sends. */
  #warm(except: string): void {
    this.#warmed = true
    const { logger } = this.#runtime.config
    for (const topic of this.#config.topics) {
      if (topic === except) continue
      this.#session.route(topic).catch((error: unknown) => {
        if (this.#state !== 'open') return
        logger.warn({ event: 'topic-lookup-failed', clientId: this.clientId, topic, err: error }, `the declared topic ${topic} cannot be sent to`)
      })
    }
  }
}

function isList(given: OutgoingMessage | readonly OutgoingMessage[]): given is readonly OutgoingMessage[] {
  return Array.isArray(given)
}

/** @throws {SendIncompleteError} when some failed; the reason of the signal when that ended them */
function receiptsOf(topic: string, results: readonly (SendResult | { readonly ok: false; readonly error: unknown })[]): readonly SendReceipt[] {
  const receipts: SendReceipt[] = []
  const told: SendResult[] = []
  for (const result of results) {
    if (result.ok) {
      receipts.push(result.receipt)
      told.push(result)
    } else if (result.error instanceof FeatherMQError) told.push({ ok: false, error: result.error })
    else throw result.error
  }
  if (receipts.length < results.length) throw new SendIncompleteError(topic, told)
  return receipts
}
