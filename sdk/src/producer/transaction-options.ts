import { type Duration, milliseconds } from '../duration.ts'
import type { ReadableMessage } from '../message/readable-message.ts'
import { checkKeys } from '../option-check.ts'
import type { SendOptions, SendReceipt } from './producer-options.ts'

/** What becomes of the message of a transaction: consumers get it, or nobody ever does. */
export type Resolution = 'commit' | 'rollback'

/** `unknown`: not known yet, so that the server asks the checker later. */
export type TransactionResult = Resolution | 'unknown'

/** A transaction whose message the server has stored and keeps back. */
export interface Transaction {
  /** The server's name for it. */
  readonly transactionId: string
  /** The id that consumers see once it is committed. */
  readonly messageId: string
  readonly topic: string
  /** The one that was given to `transaction()`; never aborts where none was. */
  readonly signal: AbortSignal
}

// Not `| TransactionResult`: an async function that returns 'commit' would then have the type Promise<string> and fit nothing.

/**
 * The application's own work, e.g. its database transaction, between the storing of the message and its commit. What it returns is told to the server; what
 * it throws rolls the message back, and `transaction()` rejects with it.
 */
export type TransactionWork = (tx: Transaction) => Promise<TransactionResult>

/** A transaction that nobody ended, as the server remembers it. */
export interface OrphanedTransaction {
  readonly transactionId: string
  /** The whole message as it was sent. */
  readonly message: ReadableMessage
}

/**
 * Says what became of a transaction that nobody ended, because its process died, or the decision did not reach the server: from the application's own data,
 * e.g. by looking whether the order is there. It may be one of another process. `unknown`, or an error: the server asks again later.
 */
export type TransactionChecker = (orphan: OrphanedTransaction) => Promise<TransactionResult>

export interface TransactionOptions {
  /** Ends the sending of the message, and is handed to the work. What the work has decided is told all the same. */
  readonly signal?: AbortSignal | undefined
  /** Time limit of the sending, as {@link ProducerOptions.timeout}. */
  readonly timeout?: Duration | undefined
  /**
   * How long the server leaves the transaction alone before it asks for the first time what became of it: longer than the work takes, 1 s to 1 h. Default:
   * the server's (6 s). While the work runs, this producer does not answer; another one of the same topic might.
   */
  readonly checkAfter?: Duration | undefined
}

/** What became of a transaction. */
export interface TransactionReceipt extends SendReceipt {
  readonly transactionId: string
  readonly resolution: TransactionResult
}

const LONGEST_CHECK_AFTER = 3_600_000

/** The parts of the options. @throws {FeatherMQError} INVALID_OPTION */
export function transactionTerms(options: TransactionOptions): { readonly checkAfter: number | undefined; readonly send: SendOptions } {
  checkKeys(options, 'transaction', ['signal', 'timeout', 'checkAfter'])
  const { checkAfter, ...send } = options
  return { checkAfter: checkAfter === undefined ? undefined : milliseconds(checkAfter, 'transaction.checkAfter', 1_000, LONGEST_CHECK_AFTER), send }
}
