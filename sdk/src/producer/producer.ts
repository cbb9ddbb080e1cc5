import { Session } from '../connection/session.ts'
import { settlesWithin } from '../deferred.ts'
import { clientError, invalidOption } from '../errors.ts'
import { type ProducerHealth, statusOf } from '../health.ts'
import type { OutgoingMessage } from '../message/outgoing.ts'
import type { Runtime } from '../runtime.ts'
import { closedError, Dispatcher } from './dispatcher.ts'
import { Outbox } from './outbox.ts'
import {
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
import type { Sending } from './sending.ts'
import { Standby } from './standby.ts'
import { type TransactionOptions, type TransactionReceipt, type TransactionWork, transactionTerms } from './transaction-options.ts'
import { Transactions } from './transactions.ts'

/** Sends messages. Made by `FeatherMQ.producer`. */
export class Producer {
  readonly #runtime: Runtime
  readonly #config: ProducerConfig
  readonly #session: Session
  readonly #dispatcher: Dispatcher
  readonly #outbox: Outbox
  readonly #transactions: Transactions
  readonly #standby: Standby
  /** Transactions and recalls; the outbox knows the sends. */
  readonly #working = new Set<Promise<unknown>>()
  #recalled = 0
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closing: Promise<void> | undefined

  /** @internal Use `FeatherMQ.producer`. */
  constructor(runtime: Runtime, options: ProducerOptions = {}) {
    const config = producerConfig(options)
    this.#runtime = runtime
    this.#config = config
    this.#session = new Session(
      runtime,
      { kind: 'producer', maxAttempts: config.maxAttempts },
      {
        onSettings: (settings) => this.#dispatcher.apply(settings),
        onOutOfReach: () => {},
        onOrphan: (message, transactionId, endpoint) => this.#transactions.orphan(message, transactionId, endpoint),
        report: () => {
          const { inFlight, waiting } = this.#outbox.counts
          return [`sends under way: ${inFlight}, waiting: ${waiting}`]
        },
      },
    )
    this.#session.declare(config.topics)
    this.#dispatcher = new Dispatcher(runtime, this.#session, config)
    const isOpen = () => this.#state === 'open'
    this.#outbox = new Outbox({ runtime, config, session: this.#session, dispatcher: this.#dispatcher, isOpen })
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
    return isList(given) ? this.#outbox.sendAll(given, options) : this.#outbox.sendOne(given, options, undefined)
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
    const tracked: Promise<T> = work.finally(() => this.#working.delete(tracked))
    this.#working.add(tracked)
    return tracked
  }

  async #transact(message: OutgoingMessage, work: TransactionWork, options: TransactionOptions): Promise<TransactionReceipt> {
    if (typeof work !== 'function') throw invalidOption('transaction.work', work, 'a function')
    const { checkAfter, send } = transactionTerms(options)
    sendTerms(send, this.#config.timeout, 'transaction')
    let half: Sending | undefined
    const stamped = (sending: Sending) => {
      half = sending
      this.#transactions.entered(sending.messageId)
    }
    try {
      const receipt = await this.#outbox.sendOne(message, send, { checkAfter, stamped })
      if (half === undefined) throw clientError('BAD_RESPONSE', 'the send ended without an outcome')
      return await this.#transactions.decide(half, receipt, work, send.signal)
    } finally {
      if (half !== undefined) this.#transactions.left(half.messageId)
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
    return { ...this.#outbox.counts, retried: this.#dispatcher.retried, ...this.#transactions.counts, recalled: this.#recalled }
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
    this.#outbox.flush()
    this.#standby.close()
    await settlesWithin(this.#runtime.upkeep, Promise.allSettled([...this.#working, this.#outbox.idle(), this.#transactions.idle()]), drain)
    this.#state = 'closed'
    this.#outbox.close()
    this.#dispatcher.close()
    await this.#session.close()
  }
}

function isList(given: OutgoingMessage | readonly OutgoingMessage[]): given is readonly OutgoingMessage[] {
  return Array.isArray(given)
}
