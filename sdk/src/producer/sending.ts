import type { Endpoint } from '../connection/endpoint.ts'
import type { StampedMessage } from '../connection/send-message.ts'
import type { FeatherMQError } from '../errors.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import type { SendSpan } from '../telemetry/tracing.ts'
import type { SendReceipt } from './producer-options.ts'

/** How a send ended. An error is a FeatherMQError, or the reason of the signal that ended it. */
export type Outcome = { readonly ok: true; readonly receipt: SendReceipt } | { readonly ok: false; readonly error: unknown }

/** Until when, and by whose leave, something may go on. */
export interface Terms {
  /** All of it, ms. */
  readonly timeout: number
  /** Monotonic ms of the upkeep clock. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

/** One message on its way, from the call of `send` until its outcome. */
export class Sending implements StampedMessage {
  readonly message: PreparedMessage
  readonly messageId: string
  readonly bornAt: number
  readonly span: SendSpan | undefined
  /** Names the message in errors. */
  readonly path: string
  /** Requests that carried it. */
  attempts = 0
  /** An attempt failed after which the message may be stored. */
  maybeStored = false
  /** Where it was stored, and as what transaction. */
  stored: { readonly endpoint: Endpoint; readonly transactionId: string | undefined } | undefined
  #outcome: Outcome | undefined

  constructor(message: PreparedMessage, messageId: string, bornAt: number, span: SendSpan | undefined, path: string) {
    this.message = message
    this.messageId = messageId
    this.bornAt = bornAt
    this.span = span
    this.path = path
  }

  get traceContext(): string | undefined {
    return this.span?.traceContext
  }

  /** As {@link MessageLimits.bytes} counts. */
  get bytes(): number {
    return this.message.body.length + this.message.propertyBytes
  }

  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  retry(failure: FeatherMQError): void {
    this.span?.retry(this.attempts, failure)
  }

  /** The first outcome counts. */
  settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    if (outcome.ok) this.span?.succeed(outcome.receipt)
    else this.span?.fail(outcome.error)
  }

  fail(error: unknown): void {
    this.settle({ ok: false, error })
  }
}
