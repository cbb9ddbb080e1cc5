import { errorCatalogue } from '../error-catalogue.ts'
import { describe, FeatherMQError } from '../errors.ts'
import type { SendReceipt } from './producer-options.ts'

/** How one message of several ended. */
export type SendResult = { readonly ok: true; readonly receipt: SendReceipt } | { readonly ok: false; readonly error: FeatherMQError }

/** `send([...])` could not bring all messages through (code SEND_INCOMPLETE). Its `cause` is the first failure. */
export class SendIncompleteError extends FeatherMQError {
  /** One result per message, in the order of the list. */
  readonly results: readonly SendResult[]

  constructor(topic: string, results: readonly SendResult[]) {
    const failures = results.flatMap((result) => (result.ok ? [] : [result.error]))
    const [first] = failures
    super('SEND_INCOMPLETE', `${failures.length} of ${results.length} messages to ${topic} were not stored; the first says: ${describe(first)}`, {
      topic,
      cause: first,
      retryable: failures.every(({ retryable }) => retryable),
      hint: errorCatalogue.SEND_INCOMPLETE.hint,
    })
    this.results = results
  }
}
