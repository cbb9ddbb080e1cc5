import type { Session } from '../connection/session.ts'
import { deferred } from '../deferred.ts'
import type { Duration } from '../duration.ts'
import type { FeatherMQError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { type Enrolled, Roll } from '../roll.ts'
import type { Runtime } from '../runtime.ts'
import type { ProcessSubject } from '../telemetry/subject.ts'
import type { Delivery } from './delivery.ts'
import type { Engine, Sink } from './engine.ts'
import { HandlerFailures } from './handler-failures.ts'

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
 * topic when the attempts are used up; throwing a `RetryAfter` brings it back after its own time, a `PermanentError` moves it there at once. What the
 * handler itself settled by then stands.
 */
export type Handler = (message: Message, context: HandlerContext) => Promise<void> | void

export interface HandlerPoolOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly handler: Handler
  readonly concurrency: number
  readonly reportErrors: boolean
}

/** Handlers that a report names. */
const MOST_REPORTED = 20

/** One handler that runs. */
interface Run extends Enrolled {
  readonly delivery: Delivery
  /** Monotonic ms. */
  readonly since: number
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
  readonly #running = new Roll<Run>()
  readonly #failures: HandlerFailures
  readonly #failed = deferred<never>()
  #idle: (() => void) | undefined
  #state: 'running' | 'stopping' = 'running'
  #drained = 0
  #aborted = 0

  constructor(options: HandlerPoolOptions, engine: (sink: Sink) => Engine) {
    const { runtime, session, group, reportErrors } = options
    this.#options = options
    this.#subject = { clientId: session.clientId, namespace: session.namespace, group, ambient: runtime.telemetry.ambient() }
    this.#engine = engine(this)
    this.#failures = new HandlerFailures({ runtime, session, group, engine: this.#engine, reportErrors, again: (delivery) => this.#begin(delivery) })
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
    return this.#failures.giveBack()
  }

  release(topic: string): void {
    this.#failures.giveBack((of) => of === topic)
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
    for (const { delivery } of this.#running.all()) delivery.lease.abort(reason)
  }

  report(): readonly string[] {
    const now = this.#options.runtime.upkeep.monotonic()
    // In the order of their beginning: a handler that hangs comes first.
    const longest = this.#running.all().slice(0, MOST_REPORTED)
    return [
      `handlers running: ${this.#running.size} of ${this.#options.concurrency}, waiting for a local retry: ${this.#failures.waiting}`,
      ...longest.map(({ delivery: { fields }, since }) => `  for ${Math.round(now - since)} ms: message ${fields.messageId} of ${fields.topic}`),
    ]
  }

  #begin(delivery: Delivery): void {
    const run = { place: -1, delivery, since: this.#options.runtime.upkeep.monotonic() }
    this.#running.add(run)
    void this.#handle(delivery).then(() => {
      this.#running.delete(run)
      if (this.#running.size === 0) this.#idle?.()
      this.wake()
    })
  }

  /** Never rejects. */
  async #handle(delivery: Delivery): Promise<void> {
    const { runtime, handler } = this.#options
    const { message, fields } = delivery
    try {
      await runtime.telemetry.process(message, fields, this.#subject, async () => {
        await handler(message, new Context(delivery))
      })
      if (this.#state === 'stopping') this.#drained += 1
      // Not waited for: the slot is free for the next message. In an ordered group the message group waits for the confirmation.
      if (delivery.isOpen) delivery.acknowledge()
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
    this.#failures.settle(delivery, error, this.#state === 'running')
  }
}
