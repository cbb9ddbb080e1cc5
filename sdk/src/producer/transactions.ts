import { endTransaction, type TransactionEnd } from '../connection/end-transaction.ts'
import type { Endpoint } from '../connection/endpoint.ts'
import type { Session } from '../connection/session.ts'
import { clientError, describe, FeatherMQError, invalidOption } from '../errors.ts'
import { inflatedBody, plainBody } from '../message/body.ts'
import { ReadableMessage } from '../message/readable-message.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { Runtime } from '../runtime.ts'
import { persist } from './persistence.ts'
import type { SendReceipt } from './producer-options.ts'
import type { Sending } from './sending.ts'
import type { Resolution, TransactionChecker, TransactionReceipt, TransactionResult, TransactionWork } from './transaction-options.ts'

export interface TransactionsOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly checker: TransactionChecker | undefined
  /** How long the server is told of an end again and again, ms. */
  readonly timeout: number
  readonly maxAttempts: number
  /** Aborted when the producer has closed. */
  readonly end: AbortSignal
}

/** What became of a half message, as far as this producer decided it. */
interface Decision {
  readonly transactionId: string
  readonly resolution: Resolution
}

/** Decisions that are remembered, for servers that did not hear of them. */
const MOST_DECISIONS = 1_024
/** Checks at a time; the server asks again about what is left out. */
const MOST_CHECKS = 64
const LARGEST_BODY = 64 * 1_048_576
const NOTHING: ReadonlyMap<string, string> = new Map()
const NEVER: AbortSignal = new AbortController().signal
const results: readonly unknown[] = ['commit', 'rollback', 'unknown'] satisfies readonly TransactionResult[]

/**
 * The transactions of one producer: runs the work between half message and end, tells the end to the server that took the half message, and answers servers
 * that ask about transactions which nobody ended.
 */
export class Transactions {
  readonly #options: TransactionsOptions
  /** Message ids of transactions between half message and end: nobody but their work knows what becomes of them. */
  readonly #underWay = new Set<string>()
  /** By message id, oldest first. */
  readonly #decisions = new Map<string, Decision>()
  /** Transactions that are being checked. */
  readonly #checks = new Map<string, Promise<void>>()
  readonly #counts = { committed: 0, rolledBack: 0, checked: 0 }

  constructor(options: TransactionsOptions) {
    this.#options = options
  }

  /** For the statistics of the producer. */
  get counts(): { readonly committed: number; readonly rolledBack: number; readonly checked: number } {
    return this.#counts
  }

  /** From before the half message leaves until {@link left}, servers that ask are told nothing. */
  entered(messageId: string): void {
    this.#underWay.add(messageId)
  }

  left(messageId: string): void {
    this.#underWay.delete(messageId)
  }

  /** Resolves when no check is under way. */
  async idle(): Promise<void> {
    while (this.#checks.size > 0) await Promise.all(this.#checks.values())
  }

  /**
   * Runs the work for a half message that is stored, and tells the server what it returned.
   *
   * @throws what the work throws, after the message was rolled back; {FeatherMQError} TRANSACTION_UNRESOLVED
   */
  async decide(sending: Sending, receipt: SendReceipt, work: TransactionWork, signal: AbortSignal | undefined): Promise<TransactionReceipt> {
    const { topic, messageId } = receipt
    const { endpoint, transactionId } = sending.stored ?? {}
    if (endpoint === undefined || transactionId === undefined) {
      const why = `SendMessage at ${receipt.endpoint} stored the message of a transaction but named no transaction: it cannot be ended`
      throw clientError('BAD_RESPONSE', why, { topic, endpoint: receipt.endpoint })
    }
    const half = { topic, messageId, transactionId, source: 'SOURCE_CLIENT', traceContext: sending.traceContext } as const
    let result: TransactionResult
    try {
      result = await work({ transactionId, messageId, topic, signal: signal ?? NEVER })
    } catch (error) {
      this.#remember(messageId, { transactionId, resolution: 'rollback' })
      await this.#tell(endpoint, { ...half, resolution: 'rollback' }).catch((failure: unknown) => this.#warnUnresolved(half, failure))
      throw error
    }
    // The work may be done all the same, so the transaction stays open for the checker.
    if (!results.includes(result)) throw invalidOption('transaction.work', result, "a function that returns 'commit', 'rollback' or 'unknown'")
    if (result !== 'unknown') {
      this.#remember(messageId, { transactionId, resolution: result })
      await this.#tell(endpoint, { ...half, resolution: result }).catch((failure: unknown) => {
        throw unresolved(half, result, failure)
      })
    }
    return { ...receipt, transactionId, resolution: result }
  }

  /** A server asks about a transaction that nobody ended. */
  orphan(fields: ReceivedFields, transactionId: string, endpoint: Endpoint): void {
    const { runtime, session, checker } = this.#options
    const { topic, messageId } = fields
    const about = { clientId: session.clientId, topic, messageId, transactionId, endpoint: endpoint.address }
    const { logger } = runtime.config
    if (this.#underWay.has(messageId)) {
      logger.debug({ event: 'transaction-under-way', ...about }, `the transaction of message ${messageId} is not decided yet`)
      return
    }
    if (this.#checks.has(transactionId)) return
    if (this.#checks.size >= MOST_CHECKS) {
      logger.debug({ event: 'transaction-check-put-off', ...about }, `${MOST_CHECKS} checks are under way; the server asks again`)
      return
    }
    const decision = this.#decisions.get(messageId)
    if (decision === undefined && checker === undefined) {
      const why = `nobody ended the transaction of message ${messageId} of ${topic}, and this producer has no checkTransaction: the server rolls it back in the end`
      logger.warn({ event: 'transaction-orphaned', ...about }, why)
      return
    }
    const check = this.#answer(fields, transactionId, endpoint, decision)
      .catch((error: unknown) =>
        logger.warn(
          { event: 'transaction-check-failed', ...about, err: error },
          `what became of the transaction of message ${messageId} of ${topic} is not known; the server asks again: ${describe(error)}`,
        ),
      )
      .finally(() => this.#checks.delete(transactionId))
    this.#checks.set(transactionId, check)
  }

  async #answer(fields: ReceivedFields, transactionId: string, endpoint: Endpoint, decision: Decision | undefined): Promise<void> {
    const { runtime, session, checker } = this.#options
    const { topic, messageId } = fields
    let result: TransactionResult
    // A send that was repeated may have left a second half message: the one of its receipt counts, so that it comes once.
    if (decision !== undefined) result = decision.transactionId === transactionId ? decision.resolution : 'rollback'
    else {
      const body = plainBody(fields) ?? (await inflatedBody(fields, LARGEST_BODY))
      const { clientId, namespace } = session
      const check = async () => (await checker?.({ transactionId, message: new ReadableMessage(fields, body) })) ?? 'unknown'
      result = await runtime.telemetry.operation({ name: 'check', topic, messageId, clientId, namespace, source: fields }, check)
      if (!results.includes(result))
        throw invalidOption('producer.checkTransaction', result, "a function that returns 'commit', 'rollback' or 'unknown'")
    }
    if (decision === undefined) this.#counts.checked += 1
    const about = { clientId: session.clientId, topic, messageId, transactionId, resolution: result, endpoint: endpoint.address }
    runtime.config.logger.info({ event: 'transaction-checked', ...about }, `the orphaned transaction of message ${messageId} of ${topic}: ${result}`)
    if (result === 'unknown') return
    const { traceContext } = fields
    await this.#tell(endpoint, { topic, messageId, transactionId, resolution: result, source: 'SOURCE_SERVER_CHECK', traceContext })
  }

  async #tell(endpoint: Endpoint, how: TransactionEnd): Promise<void> {
    const { runtime, session, timeout, maxAttempts, end } = this.#options
    const { topic, messageId, resolution, traceContext } = how
    const { clientId, namespace, rpc } = session
    const what = `the ${resolution} of message ${messageId} was not told`
    const source = { properties: NOTHING, traceContext }
    await runtime.telemetry.operation({ name: resolution, topic, messageId, clientId, namespace, source }, () =>
      persist(() => endTransaction(rpc, namespace, endpoint, how, runtime.telemetry.headers()), {
        runtime,
        timeout,
        maxAttempts,
        end,
        signal: undefined,
        what,
      }),
    )
    this.#counts[resolution === 'commit' ? 'committed' : 'rolledBack'] += 1
  }

  #remember(messageId: string, decision: Decision): void {
    this.#decisions.set(messageId, decision)
    if (this.#decisions.size <= MOST_DECISIONS) return
    for (const oldest of this.#decisions.keys()) {
      this.#decisions.delete(oldest)
      break
    }
  }

  #warnUnresolved({ topic, messageId, transactionId }: Pick<TransactionEnd, 'topic' | 'messageId' | 'transactionId'>, failure: unknown): void {
    this.#options.runtime.config.logger.warn(
      { event: 'transaction-unresolved', clientId: this.#options.session.clientId, topic, messageId, transactionId, err: failure },
      `the rollback of message ${messageId} of ${topic} could not be told; the server will ask: ${describe(failure)}`,
    )
  }
}

function unresolved({ topic, messageId }: Pick<TransactionEnd, 'topic' | 'messageId'>, resolution: Resolution, cause: unknown): unknown {
  if (!(cause instanceof FeatherMQError)) return cause
  const { status, requestId, endpoint } = cause
  const why = `the ${resolution} of message ${messageId} of ${topic} was not confirmed, so the server will ask what became of it: ${describe(cause)}`
  return clientError('TRANSACTION_UNRESOLVED', why, { cause, status, requestId, endpoint, topic })
}
