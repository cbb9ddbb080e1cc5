import type { Timer } from '../clock.ts'
import type { Session } from '../connection/session.ts'
import { deferred } from '../deferred.ts'
import type { Duration } from '../duration.ts'
import { type FeatherMQError, invalidOption } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { type Enrolled, Roll } from '../roll.ts'
import type { Runtime } from '../runtime.ts'
import type { ProcessSubject } from '../telemetry/subject.ts'
import type { Delivery } from './delivery.ts'
import type { Engine, Sink } from './engine.ts'
import { HandlerFailures } from './handler-failures.ts'

/** What a batch handler gets beside the messages. */
export interface BatchContext {
  /**
   * Aborts with the reason as soon as going on is pointless: the leases of all messages that are not settled were lost (LEASE_LOST), or the consumer closes
   * and its time to drain is over (CLIENT_CLOSED).
   */
  readonly signal: AbortSignal
  /**
   * Marks one message as failed, as if its own handler had thrown this error: a `RetryAfter` brings it back after its time, a `PermanentError` moves it to
   * the dead-letter topic, anything else brings it back after the group's back-off. It is settled when the handler has ended; the last mark counts.
   */
  fail(message: Message, error: unknown): void
  /** `message.extend` of every message that is not settled. */
  extend(duration: Duration): Promise<void>
}

/**
 * Handles several messages at a time. Returning acknowledges those that were neither marked by `context.fail` nor settled by their own methods; throwing
 * fails those. Each message is settled by itself: its mates are not delivered again because it failed.
 */
export type BatchHandler = (messages: readonly Message[], context: BatchContext) => Promise<void> | void

export interface BatchPoolOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly handler: BatchHandler
  /** Batches at a time. */
  readonly concurrency: number
  /** Messages of a batch. */
  readonly max: number
  /** Bytes of a batch, as they came; a larger message makes a batch of its own. */
  readonly maxBytes: number
  /** How long the first message of a batch waits for others, ms. */
  readonly linger: number
  readonly reportErrors: boolean
}

class Context implements BatchContext {
  readonly failed = new Map<Delivery, unknown>()
  readonly #deliveries: ReadonlyMap<Message, Delivery>
  readonly #controller = new AbortController()
  #watching = false

  constructor(deliveries: ReadonlyMap<Message, Delivery>) {
    this.#deliveries = deliveries
  }

  get signal(): AbortSignal {
    if (!this.#watching) this.#watch()
    return this.#controller.signal
  }

  fail(message: Message, error: unknown): void {
    const delivery = this.#deliveries.get(message)
    if (delivery === undefined) throw invalidOption('fail.message', message, 'a message of this batch')
    this.failed.set(delivery, error)
  }

  async extend(duration: Duration): Promise<void> {
    const open = [...this.#deliveries.values()].filter(({ isOpen }) => isOpen)
    await Promise.all(open.map((delivery) => delivery.extend(duration)))
  }

  abort(reason: FeatherMQError): void {
    this.#controller.abort(reason)
  }

  /** Signals of leases have timers; only who looks pays for them. */
  #watch(): void {
    this.#watching = true
    const open = new Set([...this.#deliveries.values()].filter(({ isOpen }) => isOpen))
    for (const delivery of open) {
      const { signal } = delivery.lease
      const lost = () => {
        open.delete(delivery)
        if ([...open].every(({ isOpen }) => !isOpen)) this.#controller.abort(signal.reason)
      }
      if (signal.aborted) lost()
      else signal.addEventListener('abort', lost, { once: true })
    }
  }
}

interface Batch extends Enrolled {
  readonly deliveries: readonly Delivery[]
  readonly context: Context
}

/** Gathers what the engine has into batches and runs the handler for them, so many at a time. */
export class BatchPool implements Sink {
  readonly engine: Engine
  readonly #options: BatchPoolOptions
  readonly #subject: ProcessSubject
  readonly #failures: HandlerFailures
  readonly #running = new Roll<Batch>()
  readonly #broken = deferred<never>()
  /** The next batch, as far as it has come. */
  readonly #gathered: Delivery[] = []
  #gatheredBytes = 0
  #linger: Timer | undefined
  #lingered = false
  #idle: (() => void) | undefined
  /** Why handlers were told to stop. */
  #state: { readonly name: 'running' | 'stopping' } | { readonly name: 'aborting'; readonly reason: FeatherMQError } = { name: 'running' }
  #drained = 0
  #aborted = 0

  constructor(options: BatchPoolOptions, engine: (sink: Sink) => Engine) {
    const { runtime, session, group, reportErrors } = options
    this.#options = options
    this.#subject = { clientId: session.clientId, namespace: session.namespace, group, ambient: runtime.telemetry.ambient() }
    this.engine = engine(this)
    this.#failures = new HandlerFailures({ runtime, session, group, engine: this.engine, reportErrors, again: (delivery) => this.#gather(delivery) })
    this.#broken.promise.catch(() => {})
  }

  get failure(): Promise<never> {
    return this.#broken.promise
  }

  get drained(): number {
    return this.#drained
  }

  get aborted(): number {
    return this.#aborted
  }

  wake(): void {
    const { concurrency, max } = this.#options
    while (this.#state.name === 'running' && this.#running.size < concurrency) {
      let taken: Delivery | undefined
      while (this.#gathered.length < max && this.#gatheredBytes < this.#options.maxBytes) {
        taken = this.engine.take()
        if (taken === undefined) break
        this.#add(taken)
      }
      if (!this.#isDue()) return
      this.#begin()
    }
  }

  fail(error: FeatherMQError): void {
    this.#broken.reject(error)
  }

  stop(): number {
    this.#state = { name: 'stopping' }
    return this.#dropGathered(() => true) + this.#failures.giveBack()
  }

  release(topic: string): void {
    this.#failures.giveBack((of) => of === topic)
    this.#dropGathered(({ fields }) => fields.topic === topic)
  }

  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  abort(reason: FeatherMQError): void {
    this.#state = { name: 'aborting', reason }
    for (const { context } of this.#running.all()) context.abort(reason)
  }

  report(): readonly string[] {
    return [`batches running: ${this.#running.size} of ${this.#options.concurrency}, gathered for the next: ${this.#gathered.length}`]
  }

  #gather(delivery: Delivery): void {
    this.#add(delivery)
    this.wake()
  }

  #add(delivery: Delivery): void {
    this.#gathered.push(delivery)
    this.#gatheredBytes += delivery.fields.bytes
    this.#linger ??= this.#options.runtime.upkeep.setTimer(() => {
      this.#lingered = true
      this.wake()
    }, this.#options.linger)
  }

  #isDue(): boolean {
    const { max, maxBytes } = this.#options
    return this.#gathered.length > 0 && (this.#lingered || this.#gathered.length >= max || this.#gatheredBytes >= maxBytes)
  }

  /** What is next in the batch, within its limits; the rest, if any, is the beginning of the next one. */
  #next(): Delivery[] {
    const { max, maxBytes } = this.#options
    let count = 0
    let bytes = 0
    for (const { fields } of this.#gathered) {
      if (count > 0 && (count === max || bytes + fields.bytes > maxBytes)) break
      count += 1
      bytes += fields.bytes
    }
    const deliveries = this.#gathered.splice(0, count)
    const rest = this.#gathered.splice(0)
    this.#clearGathered()
    for (const delivery of rest) this.#add(delivery)
    return deliveries
  }

  #clearGathered(): void {
    this.#linger?.cancel()
    this.#linger = undefined
    this.#lingered = false
    this.#gatheredBytes = 0
  }

  #dropGathered(which: (delivery: Delivery) => boolean): number {
    const all = this.#gathered.splice(0)
    this.#clearGathered()
    let dropped = 0
    for (const delivery of all) {
      if (which(delivery)) {
        dropped += 1
        this.engine.giveBack(delivery)
      } else this.#add(delivery)
    }
    return dropped
  }

  #begin(): void {
    const deliveries: Delivery[] = []
    for (const delivery of this.#next()) {
      if (delivery.lease.left > 0) deliveries.push(delivery)
      else delivery.nack().catch(() => {}) // fails at once: the lease was lost while the batch was gathered
    }
    if (deliveries.length === 0) return
    const batch = { place: -1, deliveries, context: new Context(new Map(deliveries.map((delivery) => [delivery.message, delivery]))) }
    this.#running.add(batch)
    void this.#handle(batch).then(() => {
      this.#running.delete(batch)
      if (this.#running.size === 0) this.#idle?.()
      this.wake()
    })
  }

  /** Never rejects. */
  async #handle({ deliveries, context }: Batch): Promise<void> {
    const { handler, runtime } = this.#options
    try {
      await runtime.telemetry.processBatch(deliveries, this.#subject, async () => {
        await handler(
          deliveries.map(({ message }) => message),
          context,
        )
      })
    } catch (error) {
      this.#threw(deliveries, context, error)
      return
    }
    for (const delivery of deliveries) {
      if (context.failed.has(delivery)) this.#failures.settle(delivery, context.failed.get(delivery), this.#state.name === 'running')
      // Not waited for: the next batch may begin. In an ordered group the message group waits for the confirmation.
      else if (delivery.isOpen) delivery.acknowledge()
    }
    if (this.#state.name !== 'running') this.#drained += deliveries.length
  }

  #threw(deliveries: readonly Delivery[], context: Context, error: unknown): void {
    const open = deliveries.filter(({ isOpen }) => isOpen)
    if (this.#state.name === 'aborting') {
      // It did what it was told: stop. What it has not settled goes to whoever is still there.
      this.#aborted += open.length
      this.#drained += deliveries.length - open.length
      for (const delivery of open) this.engine.giveBack(delivery)
      return
    }
    if (this.#state.name === 'stopping') this.#drained += deliveries.length
    // A handler that throws is visible also when it had settled everything.
    const concerned = open.length > 0 ? open : deliveries.slice(0, 1)
    for (const delivery of concerned) {
      const own = context.failed.has(delivery) ? context.failed.get(delivery) : error
      this.#failures.settle(delivery, own, this.#state.name === 'running')
    }
  }
}
