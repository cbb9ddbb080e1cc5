import type { Clock } from '../clock.ts'
import type { FeatherMQError } from '../errors.ts'
import type { PreparedMessage } from '../message/outgoing.ts'
import { type SendContext, sendChannel, tellRetry } from './channels.ts'
import type { Instruments } from './metrics.ts'
import type { Subject } from './subject.ts'
import type { SendSpan } from './tracing.ts'

/** Messages of one call: its duration is measured once, when the last of them is through. */
export interface Call {
  left: number
  error: unknown
}

interface Observers {
  readonly span: SendSpan | undefined
  readonly instruments: Instruments | undefined
  readonly clock: Clock
  /** undefined: the message has its call for itself. */
  readonly call?: Call | undefined
}

/** One message's way to the server as span, metrics and channel see it. Made only while metrics or channel have a listener. */
export class ObservedSend implements SendSpan {
  readonly traceContext: string | undefined
  readonly headers: SendSpan['headers']
  readonly #observers: Observers
  readonly #start: number
  readonly #context: SendContext

  constructor(message: PreparedMessage, messageId: string, { clientId }: Subject, observers: Observers) {
    const { topic, kind, messageGroup } = message
    this.#observers = observers
    this.#start = observers.clock.monotonic()
    this.traceContext = observers.span?.traceContext
    this.headers = observers.span?.headers
    this.#context = { clientId, topic, messageId, kind, messageGroup, bytes: message.body.length }
    observers.instruments?.inFlight(topic, 1)
    sendChannel.start.publish(this.#context)
    sendChannel.end.publish(this.#context)
  }

  retry(attempt: number, failure: FeatherMQError): void {
    const { span, instruments } = this.#observers
    const { clientId, topic, messageId } = this.#context
    span?.retry(attempt, failure)
    instruments?.retried(topic)
    if (failure.code === 'TOO_MANY_REQUESTS') instruments?.rejected(topic, undefined)
    tellRetry(() => ({ clientId, topic, messageId, attempt, error: failure }))
  }

  succeed(receipt: { readonly messageId: string; readonly endpoint: string; readonly attempts: number }): void {
    this.#observers.span?.succeed(receipt)
    this.#context.attempts = receipt.attempts
    this.#context.endpoint = receipt.endpoint
    this.#end(receipt.endpoint, undefined)
  }

  fail(error: unknown): void {
    this.#observers.span?.fail(error)
    this.#context.error = error
    sendChannel.error.publish(this.#context)
    this.#end(undefined, error)
  }

  #end(endpoint: string | undefined, error: unknown): void {
    const { instruments, clock, call } = this.#observers
    const { topic } = this.#context
    instruments?.inFlight(topic, -1)
    instruments?.sent(topic, endpoint, error)
    if (call !== undefined) {
      call.left -= 1
      call.error ??= error
    }
    if (call === undefined || call.left === 0) {
      const failure = call === undefined ? error : call.error
      instruments?.operation({ operation: 'send', type: 'send', topic, endpoint }, clock.monotonic() - this.#start, failure)
    }
    sendChannel.asyncStart.publish(this.#context)
    sendChannel.asyncEnd.publish(this.#context)
  }
}
