import type { Endpoint } from '../connection/endpoint.ts'
import { isCode } from '../connection/failure.ts'
import { everything, type Filter } from '../connection/filter.ts'
import { type Queue, queueKey } from '../connection/route.ts'
import type { Session } from '../connection/session.ts'
import { clientError, describe, type FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Body, inflatedBody, plainBody } from '../message/body.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { RetryPolicy } from '../retry/backoff.ts'
import { Roll } from '../roll.ts'
import type { Runtime } from '../runtime.ts'
import { Assignments } from './assignments.ts'
import { AttemptIds } from './attempt-ids.ts'
import { Budget } from './budget.ts'
import type { ConsumerEvent } from './consumer-events.ts'
import { Delivery, type DeliveryTools } from './delivery.ts'
import { ConcurrentIntake, type Intake, OrderedIntake } from './intake.ts'
import { Lease } from './lease.ts'
import { Poller } from './poller.ts'
import { Settler } from './settler.ts'
import type { End, Tally } from './tally.ts'
import { Troubles } from './troubles.ts'

/** Servers renew an auto-renewed lease up to this long after the delivery (stock servers: 3 h in all). */
const RENEWAL_CEILING = 10_800_000

export interface EngineOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly subscriptions: ReadonlyMap<string, Filter>
  readonly ordered: boolean
  readonly cache: { readonly messages: number; readonly bytes: number }
  readonly maxInflatedBody: number
  readonly policy: () => RetryPolicy
  readonly limits: () => { readonly batchSize: number; readonly longPolling: number }
  /** The consumer's; changes while the engine runs are told by {@link Engine.pause} and {@link Engine.resume}. */
  readonly paused: ReadonlySet<string>
  readonly tally: Tally
  readonly emit: (event: ConsumerEvent) => void
}

/** Who takes the messages. */
export interface Sink {
  /** There may be something to take. */
  wake(): void
  /** Nothing will work any more. */
  fail(error: FeatherMQError): void
  /** Gives back what it keeps of a topic without working on it. */
  release(topic: string): void
}

/**
 * Receives for one consumer while it runs: polls what is assigned, keeps what came within the limits of the cache, in order where the group has one, and
 * accounts for every message until it is settled.
 */
export class Engine {
  readonly settler: Settler
  readonly #options: EngineOptions
  readonly #sink: Sink
  readonly #logger: Logger
  readonly #intake: Intake<Delivery>
  readonly #budget: Budget
  readonly #assignments: Assignments
  readonly #pollers = new Map<string, Poller>()
  /** By queue. They outlive its pollers: what a lost answer held is asked for when the queue is polled again. */
  readonly #attemptIds = new Map<string, AttemptIds>()
  /** What is to be polled, also where it is not because its topic is paused. */
  readonly #queues = new Map<string, Queue>()
  /** Everything that is not settled. */
  readonly #held = new Roll<Delivery>()
  /** Topics that were unsubscribed from and of which something is still held. */
  readonly #leaving = new Map<string, () => void>()
  readonly #troubles: Troubles
  /** Keeps an ordered batch in order while one of its bodies is being inflated. */
  #inflating: Promise<void> | undefined
  readonly #deliveryTools: DeliveryTools
  #stopped = false

  constructor(options: EngineOptions, sink: Sink) {
    const { session, runtime, group, subscriptions, ordered, cache } = options
    this.#options = options
    this.#sink = sink
    this.#logger = runtime.config.logger
    this.#intake = ordered ? new OrderedIntake() : new ConcurrentIntake()
    this.#budget = new Budget(cache.messages, cache.bytes)
    this.settler = new Settler(
      { rpc: session.rpc, namespace: session.namespace, group, headers: () => runtime.telemetry.headers() },
      runtime.upkeep,
      ordered,
    )
    this.#deliveryTools = this.#tools()
    this.#troubles = new Troubles({ session, group, logger: this.#logger, emit: options.emit, onFatal: (failure) => sink.fail(failure) })
    this.#assignments = new Assignments({
      context: session,
      clock: runtime.upkeep,
      group,
      topics: subscriptions.keys(),
      onGained: (queue) => this.#gained(queue),
      onLost: (queue) => this.#lost(queue),
      onSuccess: (topic) => this.#troubles.forget(topic),
      onFailure: (topic, failure) => this.#troubles.failed(topic, topic, failure),
    })
  }

  get ordered(): boolean {
    return this.#options.ordered
  }

  /** Messages that are not settled, wherever they are. */
  get held(): number {
    return this.#held.size
  }

  /** Messages that may be here at a time. */
  get capacity(): number {
    return this.#options.cache.messages
  }

  /** Long polls that are open. */
  get openReceives(): number {
    let open = 0
    for (const poller of this.#pollers.values()) open += poller.open
    return open
  }

  start(): void {
    this.#assignments.start()
  }

  /** The next message to handle, if there is one. Messages whose lease is lost or whose body cannot be read are dealt with here. */
  take(): Delivery | undefined {
    for (let delivery = this.#intake.take(); delivery !== undefined; delivery = this.#intake.take()) {
      delivery.entry.taken()
      if (delivery.lease.left === 0) this.#discard(delivery, 'lost')
      else if (delivery.damage === undefined) {
        this.#options.runtime.telemetry.awaited(delivery.fields.topic, this.#options.group, delivery.since)
        return delivery
      } else this.#refuse(delivery, delivery.damage)
    }
    return undefined
  }

  /** Stops receiving at once; returns the number of messages that nobody had begun with, which go back to the server. */
  stop(): number {
    if (this.#stopped) return 0
    this.#stopped = true
    this.#assignments.stop()
    for (const poller of this.#pollers.values()) poller.stop()
    this.#pollers.clear()
    return this.#giveBackWaiting()
  }

  isPaused(topic: string): boolean {
    return this.#options.paused.has(topic)
  }

  /** Cancels the receives of a topic; what nobody has begun with goes back to the server, which gives it to other consumers. */
  pause(topic: string): void {
    for (const [key, queue] of this.#queues) if (queue.topic === topic) this.#unpoll(key)
    this.#sink.release(topic)
    this.#giveBackWaiting((delivery) => delivery.fields.topic === topic)
  }

  resume(topic: string): void {
    if (this.#stopped) return
    for (const [key, queue] of this.#queues) if (queue.topic === topic && !this.#pollers.has(key)) this.#poll(key, queue)
  }

  /** The subscriptions have this topic now, or another filter for it. */
  subscribe(topic: string, known: boolean): void {
    if (this.#stopped) return
    if (known) {
      this.pause(topic)
      // They would bring what the old filter let through.
      for (const [key, queue] of this.#queues) if (queue.topic === topic) this.#attemptIds.delete(key)
      if (!this.isPaused(topic)) this.resume(topic)
    } else this.#assignments.add(topic)
  }

  /**
   * The subscriptions do not have this topic any more.
   *
   * @param onGone called once nothing of the topic is held: until then its endpoints are needed
   */
  unsubscribe(topic: string, onGone: () => void): void {
    this.#leaving.set(topic, onGone)
    this.#assignments.remove(topic)
    this.pause(topic)
    this.#checkGone(topic)
  }

  #checkGone(topic: string): void {
    const onGone = this.#leaving.get(topic)
    if (onGone === undefined) return
    if (this.#held.all().some(({ fields }) => fields.topic === topic)) return
    this.#leaving.delete(topic)
    onGone()
  }

  #giveBackWaiting(which?: (delivery: Delivery) => boolean): number {
    const waiting = this.#intake.drain(which)
    for (const delivery of waiting) this.giveBack(delivery)
    return waiting.length
  }

  /** Makes a message visible to others at once. A failure is nobody's: the lease runs out. */
  giveBack(delivery: Delivery): void {
    if (!delivery.isOpen) return
    delivery.entry.returned = true
    delivery.nack(0).catch(() => {})
  }

  tell(event: ConsumerEvent): void {
    this.#options.emit(event)
  }

  /** Its handler threw. */
  countFailure(delivery: Delivery): void {
    delivery.entry.failedOnce()
  }

  /** All that nobody has settled. */
  open(): readonly Delivery[] {
    return this.#held.all().filter(({ isOpen }) => isOpen)
  }

  /** Nothing was heard of an endpoint for longer than a lease. */
  outOfReach(endpoint: Endpoint): void {
    for (const delivery of this.#held.all()) {
      if (delivery.lease.endpoint === endpoint) delivery.lease.lose(`nothing was heard of ${endpoint.address} for longer than a lease lasts`)
    }
    this.#sink.wake()
  }

  report(): readonly string[] {
    const states = [...this.#pollers.values()].map((poller) => poller.state)
    return [`pollers: ${states.join(', ') || 'none'}`, `messages held: ${this.held}, waiting for a handler: ${this.#intake.waiting}`]
  }

  #gained(queue: Queue): void {
    const key = queueKey(queue)
    this.#queues.set(key, queue)
    if (!this.isPaused(queue.topic)) this.#poll(key, queue)
  }

  #lost(queue: Queue): void {
    const key = queueKey(queue)
    this.#queues.delete(key)
    this.#unpoll(key)
    const { session, group, subscriptions } = this.#options
    const fields = { event: 'queue-unassigned', clientId: session.clientId, topic: queue.topic, group, queueId: queue.id }
    if (this.#queues.size === 0 && subscriptions.has(queue.topic)) this.#logger.warn(fields, 'no queue is assigned to this consumer any more')
    else this.#logger.debug(fields, 'a queue is not assigned any more')
  }

  #idsOf(key: string): AttemptIds {
    const known = this.#attemptIds.get(key)
    if (known !== undefined) return known
    const ids = new AttemptIds()
    this.#attemptIds.set(key, ids)
    return ids
  }

  #poll(key: string, queue: Queue): void {
    const { runtime, session, group, subscriptions, limits } = this.#options
    const poller = new Poller({
      rpc: session.rpc,
      clock: runtime.upkeep,
      namespace: session.namespace,
      group,
      queue,
      filter: subscriptions.get(queue.topic) ?? everything,
      ordered: this.#options.ordered,
      budget: this.#budget,
      attemptIds: this.#idsOf(key),
      limits,
      onMessages: (messages) => this.#received(messages, poller),
      onFailure: (failure) => {
        if (isCode(failure, 'TOO_MANY_REQUESTS')) runtime.telemetry.throttled(queue.topic, group)
        this.#troubles.failed(key, queue.topic, failure)
      },
      onUnreadable: (failure) =>
        this.#logger.warn({ event: 'message-unreadable', clientId: session.clientId, topic: queue.topic, group, err: failure }, describe(failure)),
      onSuccess: () => this.#troubles.succeeded(key, queue.topic),
    })
    this.#pollers.set(key, poller)
    poller.start()
  }

  #unpoll(key: string): void {
    this.#pollers.get(key)?.stop()
    this.#pollers.delete(key)
    this.#troubles.forget(key)
  }

  #received(messages: readonly ReceivedFields[], poller: Poller): void {
    this.#troubles.worked()
    for (const fields of messages) {
      poller.share.add(fields.bytes)
      const body = plainBody(fields)
      if (body !== undefined && this.#inflating === undefined) this.#accept(fields, body, poller)
      else this.#acceptLater(fields, body, poller)
    }
    this.#sink.wake()
  }

  #acceptLater(fields: ReceivedFields, body: Body | undefined, poller: Poller): void {
    const ready = body === undefined ? inflatedBody(fields, this.#options.maxInflatedBody) : Promise.resolve(body)
    const accept = (readable: Body) => {
      this.#accept(fields, readable, poller)
      this.#sink.wake()
    }
    if (!this.#options.ordered) {
      void ready.then(accept)
      return
    }
    const turn: Promise<void> = (this.#inflating ?? Promise.resolve()).then(async () => {
      accept(await ready)
      if (this.#inflating === turn) this.#inflating = undefined
    })
    this.#inflating = turn
  }

  #accept(fields: ReceivedFields, body: Body, poller: Poller): void {
    const { telemetry, config } = this.#options.runtime
    const { clock } = config
    const since = telemetry.delivered(fields, this.#options.group, clock)
    const lease = new Lease(fields, poller.queue.endpoint, clock, RENEWAL_CEILING)
    const entry = this.#options.tally.open(fields.topic, fields.bytes)
    const delivery = new Delivery({ fields, body, lease, entry, share: poller.share, since }, this.#options.ordered, this.#deliveryTools)
    this.#held.add(delivery)
    // A body may have been inflated for longer than the consumer wanted the message.
    if (poller.state === 'stopped') this.giveBack(delivery)
    else this.#intake.push(delivery)
  }

  #tools(): DeliveryTools {
    const { session, group, runtime } = this.#options
    const subject = { clientId: session.clientId, namespace: session.namespace, group }
    return {
      telemetry: runtime.telemetry,
      subject,
      settler: this.settler,
      policy: this.#options.policy,
      onDeadLetter: (delivery, reason) => {
        const { topic, messageId } = delivery.fields
        this.#logger.warn(
          { ...this.#subject(delivery), event: 'dead-letter', attempt: delivery.attempt(), reason },
          `message ${messageId} goes to the dead-letter topic of ${this.#options.group}`,
        )
        this.#options.emit({ type: 'dead-letter', topic, messageId, reason })
      },
      onSettled: (delivery, failure) => this.#settled(delivery, failure),
    }
  }

  #settled(delivery: Delivery, failure: unknown): void {
    if (!this.#held.has(delivery)) return
    const { outcome, entry } = delivery
    if (failure !== undefined) {
      const { topic, messageId } = delivery.fields
      this.#logger.warn(
        { ...this.#subject(delivery), event: 'settle-failed', attempt: delivery.attempt(), outcome, err: failure },
        `message ${messageId} could not be settled (${outcome}) and will be delivered again: ${describe(failure)}`,
      )
      this.#options.emit({ type: 'settle-failed', topic, messageId, outcome, error: failure })
    }
    // Behind a message that comes again the rest of its message group must not go on: the server brings all of it, in order.
    if (failure !== undefined) this.#discard(delivery, 'lost')
    else if (outcome === 'nack') this.#discard(delivery, entry.returned ? 'returned' : 'failed')
    else this.#forget(delivery, outcome === 'ack' ? 'handled' : 'deadLettered')
  }

  #discard(delivery: Delivery, end: End): void {
    for (const behind of this.#intake.dropBehind(delivery)) this.giveBack(behind)
    this.#forget(delivery, end)
  }

  /** Not held any more: its room and, in an ordered group, the turn of its message group are free. */
  #forget(delivery: Delivery, end: End): void {
    this.#intake.done(delivery)
    const held = this.#held.delete(delivery)
    delivery.entry.gone(end)
    if (held) delivery.share?.remove(delivery.fields.bytes)
    if (this.#leaving.size > 0) this.#checkGone(delivery.fields.topic)
    this.#sink.wake()
  }

  #refuse(delivery: Delivery, damage: FeatherMQError): void {
    const { ordered, group } = this.#options
    this.#logger.warn(
      {
        ...this.#subject(delivery),
        event: 'body-unreadable',
        attempt: delivery.attempt(),
        next: ordered ? 'dead-letter topic' : 'redelivery',
        err: damage,
      },
      `message ${delivery.fields.messageId} of ${group} was not given to the handler: ${describe(damage)}`,
    )
    const settling = ordered ? delivery.deadLetter(damage.code, describe(damage)) : delivery.nack(undefined, describe(damage))
    settling.catch(() => {})
  }

  #subject({ fields }: Delivery): object {
    const { group, session } = this.#options
    return { clientId: session.clientId, topic: fields.topic, group, messageId: fields.messageId }
  }

  /** The reason with which handlers are told to stop. */
  closing(): FeatherMQError {
    return clientError('CLIENT_CLOSED', `the consumer of group ${this.#options.group} is closing`, { group: this.#options.group, hint: undefined })
  }
}
