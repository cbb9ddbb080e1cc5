import type { Timer } from '../clock.ts'
import type { Session } from '../connection/session.ts'
import { deferred } from '../deferred.ts'
import type { Duration } from '../duration.ts'
import { format } from '../duration.ts'
import { describe, type FeatherMQError, isPermanentError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { Runtime } from '../runtime.ts'
import type { ProcessSubject } from '../telemetry/tracing.ts'
import type { Delivery } from './delivery.ts'
import type { Engine, Sink } from './engine.ts'

/** What a handler gets beside the message. */
export interface HandlerContext {
  /**
   * Aborts with the reason as soon as going on is pointless: the lease was lost (LEASE_LOST), or the consumer closes and its time to drain is over
   * (CLIENT_CLOSED). Give it to what the handler calls.
   */
  readonly signal: AbortSignal
  /** Deliveries so far, this one included: 1 the first time. */
  readonly attempt: number
  /** After this many deliveries the message goes to the dead-letter topic. */
  readonly maxAttempts: number
  /** As `message.extend`. */
  extend(duration: Duration): Promise<void>
}

/**
 * Handles one message. Returning acknowledges it; throwing makes the server deliver it again after the group's back-off, or moves it to the dead-letter
 * topic when the attempts are used up; throwing a `PermanentError` moves it there at once. What the handler itself settled by then stands.
 */
export type Handler = (message: Message, context: HandlerContext) => Promise<void> | void

export interface HandlerPoolOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly handler: Handler
  readonly concurrency: number
}

class Context implements HandlerContext {
  readonly #delivery: Delivery
  readonly attempt: number
  readonly maxAttempts: number

  constructor(delivery: Delivery) {
    this.#delivery = delivery
    this.attempt = delivery.attempt()
    this.maxAttempts = delivery.maxAttempts
  }

  get signal(): AbortSignal {
    return this.#delivery.lease.signal
  }

  extend(duration: Duration): Promise<void> {
    return this.#delivery.extend(duration)
  }
}

/** Runs the handler for what the engine has, so many at a time. */
export class HandlerPool implements Sink {
  readonly #options: HandlerPoolOptions
  readonly #engine: Engine
  readonly #subject: ProcessSubject
  readonly #running = new Set<Delivery>()
  /** Failed messages of an ordered group that wait here for their next try; their message group waits with them. */
  readonly #retrying = new Map<Delivery, Timer>()
  readonly #failed = deferred<never>()
  #idle: (() => void) | undefined
  #state: 'running' | 'stopping' = 'running'
  #drained = 0
  #aborted = 0

  constructor(options: HandlerPoolOptions, engine: (sink: Sink) => Engine) {
    const { runtime, session, group } = options
    this.#options = options
    this.#subject = { clientId: session.clientId, namespace: session.namespace, group, ambient: runtime.tracing.ambient() }
    this.#engine = engine(this)
    this.#failed.promise.catch(() => {})
  }

  get engine(): Engine {
    return this.#engine
  }

  /** Rejects when nothing will work any more. */
  get failure(): Promise<never> {
    return this.#failed.promise
  }

  /** Messages whose handler came to its end after {@link stop}. */
  get drained(): number {
    return this.#drained
  }

  /** Messages whose handler stopped because it was told to; they went back to the server. */
  get aborted(): number {
    return this.#aborted
  }

  wake(): void {
    if (this.#state !== 'running') return
    while (this.#running.size < this.#options.concurrency) {
      const delivery = this.#engine.take()
      if (delivery === undefined) return
      this.#begin(delivery)
    }
  }

  fail(error: FeatherMQError): void {
    this.#failed.reject(error)
  }

  /** Begins no more handlers, gives back what waits for its next try; returns how many that were. */
  stop(): number {
    this.#state = 'stopping'
    const waiting = [...this.#retrying]
    this.#retrying.clear()
    for (const [delivery, timer] of waiting) {
      timer.cancel()
      this.#engine.giveBack(delivery)
    }
    return waiting.length
  }

  /** Resolves when no handler runs. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  /** Tells the handlers that still run to stop. */
  abort(reason: FeatherMQError): void {
    for (const delivery of this.#running) delivery.lease.abort(reason)
  }

  report(): readonly string[] {
    return [`handlers running: ${this.#running.size} of ${this.#options.concurrency}, waiting for a local retry: ${this.#retrying.size}`]
  }

  #begin(delivery: Delivery): void {
    this.#running.add(delivery)
    void this.#handle(delivery).then(() => {
      this.#running.delete(delivery)
      if (this.#running.size === 0) this.#idle?.()
      this.wake()
    })
  }

  /** Never rejects. */
  async #handle(delivery: Delivery): Promise<void> {
    const { runtime, handler } = this.#options
    const { message, fields } = delivery
    try {
      await runtime.tracing.process(message, fields, this.#subject, async () => {
        await handler(message, new Context(delivery))
      })
      if (this.#state === 'stopping') this.#drained += 1
      // Not waited for: the slot is free for the next message. In an ordered group the message group waits for the confirmation.
      if (delivery.isOpen) delivery.ack().catch(() => {})
    } catch (error) {
      this.#failedHandler(delivery, error)
    }
  }

  #failedHandler(delivery: Delivery, error: unknown): void {
    if (this.#state === 'stopping' && delivery.isOpen && delivery.lease.signal.aborted && delivery.lease.lost === undefined) {
      // It did what it was told: stop. The message goes to whoever is still there.
      this.#aborted += 1
      this.#engine.giveBack(delivery)
      return
    }
    if (this.#state === 'stopping') this.#drained += 1
    const next = this.#settleFailed(delivery, error)
    const { runtime, session, group } = this.#options
    const { topic, messageId } = delivery.fields
    runtime.config.logger.warn(
      {
        event: 'handler-failed',
        clientId: session.clientId,
        topic,
        group,
        messageId,
        attempt: next.attempt,
        maxAttempts: delivery.maxAttempts,
        next: next.text,
        err: error,
      },
      `the handler of ${group} failed for message ${messageId} of ${topic} (attempt ${next.attempt} of ${delivery.maxAttempts}); next: ${next.text}: ${describe(error)}`,
    )
  }

  /** Decides what becomes of the message, and says so. */
  #settleFailed(delivery: Delivery, error: unknown): { readonly attempt: number; readonly text: string } {
    const attempt = delivery.attempt()
    const { lost } = delivery.lease
    if (!delivery.isOpen) return { attempt, text: `the handler had settled it by ${delivery.outcome}` }
    if (lost !== undefined) {
      delivery.nack().catch(() => {}) // fails at once, and with it the message is let go
      return { attempt, text: 'whenever the server delivers it again, its lease was lost' }
    }
    if (isPermanentError(error) || (this.#engine.ordered && attempt >= delivery.maxAttempts)) {
      delivery.deadLetter(isPermanentError(error) ? 'PermanentError' : 'attempts used up').catch(() => {})
      return { attempt, text: 'dead-letter topic' }
    }
    const delay = delivery.backoff()
    const at = new Date(this.#options.runtime.config.clock.now() + delay).toISOString()
    if (this.#engine.ordered && this.#state === 'running') {
      this.#retryLocally(delivery, delay)
      return { attempt, text: `here in ${format(delay)}, at ${at}` }
    }
    delivery.nack().catch(() => {})
    if (attempt >= delivery.maxAttempts) return { attempt, text: 'dead-letter topic, the attempts are used up' }
    return { attempt, text: `redelivery in ${format(delay)}, at ${at}` }
  }

  /** As the official clients do in ordered groups: the message stays here, and its message group with it, until it is done or given up. */
  #retryLocally(delivery: Delivery, delay: number): void {
    const { clock } = this.#options.runtime.config
    const timer = clock.setTimer(() => {
      this.#retrying.delete(delivery)
      if (delivery.lease.left === 0) {
        delivery.nack().catch(() => {}) // fails at once: the lease is lost
        return
      }
      delivery.countLocalRetry()
      this.#begin(delivery)
    }, delay)
    this.#retrying.set(delivery, timer)
  }
}
