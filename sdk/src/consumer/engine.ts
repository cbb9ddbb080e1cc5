import type { Endpoint } from '../connection/endpoint.ts'
import { isCode } from '../connection/failure.ts'
import { everything, type Filter } from '../connection/filter.ts'
import { type Queue, queueKey } from '../connection/route.ts'
import type { Session } from '../connection/session.ts'
import type { FeatherMQError } from '../errors.ts'
import { clientError, describe } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type Body, inflatedBody, plainBody } from '../message/body.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { RetryPolicy } from '../retry/backoff.ts'
import type { Runtime } from '../runtime.ts'
import { Assignments } from './assignments.ts'
import { Budget, type Share } from './budget.ts'
import { Delivery, type DeliveryTools } from './delivery.ts'
import { ConcurrentIntake, type Intake, OrderedIntake } from './intake.ts'
import { Lease } from './lease.ts'
import { Poller } from './poller.ts'
import { Settler } from './settler.ts'

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
}

/** Who takes the messages. */
export interface Sink {
  /** There may be something to take. */
  wake(): void
  /** Nothing will work any more. */
  fail(error: FeatherMQError): void
}

/** Refusals that no waiting mends. */
const fatal = [
  'ILLEGAL_TOPIC',
  'ILLEGAL_CONSUMER_GROUP',
  'ILLEGAL_FILTER_EXPRESSION',
  'NOT_IMPLEMENTED',
  'UNSUPPORTED',
  'VERSION_UNSUPPORTED',
] as const
/** Refusals that are mistakes as long as nothing has worked yet, and may pass once something has. */
const fatalAtFirst = ['UNAUTHORIZED', 'FORBIDDEN', 'TOPIC_NOT_FOUND', 'CONSUMER_GROUP_NOT_FOUND', 'BAD_REQUEST'] as const

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
  /** Everything that is not settled, with whose share it counts for. */
  readonly #held = new Map<Delivery, Share>()
  /** What fails just now, by topic or queue, with the code of the failure. */
  readonly #failing = new Map<string, string>()
  /** Keeps an ordered batch in order while one of its bodies is being inflated. */
  #inflating: Promise<void> | undefined
  #everReceived = false
  #stopped = false

  constructor(options: EngineOptions, sink: Sink) {
    const { session, runtime, group, subscriptions, ordered, cache } = options
    this.#options = options
    this.#sink = sink
    this.#logger = runtime.config.logger
    this.#intake = ordered ? new OrderedIntake() : new ConcurrentIntake()
    this.#budget = new Budget(cache.messages, cache.bytes)
    this.settler = new Settler({ rpc: session.rpc, namespace: session.namespace, group }, runtime.upkeep)
    this.#assignments = new Assignments({
      context: session,
      clock: runtime.upkeep,
      group,
      topics: [...subscriptions.keys()],
      onGained: (queue) => this.#poll(queue),
      onLost: (queue) => this.#unpoll(queue),
      onSuccess: (topic) => this.#failing.delete(topic),
      onFailure: (topic, failure) => this.#failed(topic, failure),
    })
  }

  get ordered(): boolean {
    return this.#options.ordered
  }

  /** Messages that are not settled, wherever they are. */
  get held(): number {
    return this.#held.size
  }

  start(): void {
    this.#assignments.start()
  }

  /** The next message to handle, if there is one. Messages whose lease is lost or whose body cannot be read are dealt with here. */
  take(): Delivery | undefined {
    for (let delivery = this.#intake.take(); delivery !== undefined; delivery = this.#intake.take()) {
      if (delivery.lease.left === 0) this.#discard(delivery)
      else if (delivery.damage === undefined) return delivery
      else this.#refuse(delivery, delivery.damage)
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
    const waiting = this.#intake.drain()
    for (const delivery of waiting) this.giveBack(delivery)
    return waiting.length
  }

  /** Makes a message visible to others at once. A failure is nobody's: the lease runs out. */
  giveBack(delivery: Delivery): void {
    if (delivery.isOpen) delivery.nack(0).catch(() => {})
  }

  /** All that nobody has settled. */
  *open(): IterableIterator<Delivery> {
    for (const delivery of this.#held.keys()) if (delivery.isOpen) yield delivery
  }

  /** Nothing was heard of an endpoint for longer than a lease. */
  outOfReach(endpoint: Endpoint): void {
    for (const delivery of [...this.#held.keys()]) {
      if (delivery.lease.endpoint === endpoint) delivery.lease.lose(`nothing was heard of ${endpoint.address} for longer than a lease lasts`)
    }
    this.#sink.wake()
  }

  report(): readonly string[] {
    const states = [...this.#pollers.values()].map((poller) => poller.state)
    return [`pollers: ${states.join(', ') || 'none'}`, `messages held: ${this.held}, waiting for a handler: ${this.#intake.waiting}`]
  }

  #poll(queue: Queue): void {
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
      limits,
      onMessages: (messages) => this.#received(messages, poller),
      onFailure: (failure) => this.#failed(queueKey(queue), failure),
      onUnreadable: (failure) =>
        this.#logger.warn({ event: 'message-unreadable', clientId: session.clientId, topic: queue.topic, group, err: failure }, describe(failure)),
      onSuccess: () => this.#succeeded(queue),
    })
    this.#pollers.set(queueKey(queue), poller)
    poller.start()
  }

  #unpoll(queue: Queue): void {
    const key = queueKey(queue)
    this.#pollers.get(key)?.stop()
    this.#pollers.delete(key)
    this.#failing.delete(key)
    const { session, group } = this.#options
    const fields = { event: 'queue-unassigned', clientId: session.clientId, topic: queue.topic, group, queueId: queue.id }
    if (this.#pollers.size === 0) this.#logger.warn(fields, 'no queue is assigned to this consumer any more')
    else this.#logger.debug(fields, 'a queue is not assigned any more')
  }

  #received(messages: readonly ReceivedFields[], poller: Poller): void {
    this.#everReceived = true
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
    const { topic, messageId, receiptHandle } = fields
    const { clock } = this.#options.runtime.config
    const lease = new Lease({ topic, messageId, receiptHandle, endpoint: poller.queue.endpoint }, clock, RENEWAL_CEILING)
    const delivery = new Delivery({ fields, body, lease }, this.#options.ordered, this.#tools())
    this.#held.set(delivery, poller.share)
    if (this.#stopped) this.giveBack(delivery)
    else this.#intake.push(delivery)
  }

  #tools(): DeliveryTools {
    return {
      settler: this.settler,
      policy: this.#options.policy,
      onDeadLetter: (delivery, reason) =>
        this.#logger.warn(
          { ...this.#subject(delivery), event: 'dead-letter', attempt: delivery.attempt(), reason },
          `message ${delivery.fields.messageId} goes to the dead-letter topic of ${this.#options.group}`,
        ),
      onSettled: (delivery, failure) => this.#settled(delivery, failure),
    }
  }

  #settled(delivery: Delivery, failure: unknown): void {
    if (!this.#held.has(delivery)) return
    if (failure !== undefined) {
      this.#logger.warn(
        { ...this.#subject(delivery), event: 'settle-failed', attempt: delivery.attempt(), outcome: delivery.outcome, err: failure },
        `message ${delivery.fields.messageId} could not be settled (${delivery.outcome}) and will be delivered again: ${describe(failure)}`,
      )
    }
    // Behind a message that comes again the rest of its message group must not go on: the server brings all of it, in order.
    if (failure !== undefined || delivery.outcome === 'nack') this.#discard(delivery)
    else this.#forget(delivery)
  }

  #discard(delivery: Delivery): void {
    for (const behind of this.#intake.dropBehind(delivery)) this.giveBack(behind)
    this.#forget(delivery)
  }

  /** Not held any more: its room and, in an ordered group, the turn of its message group are free. */
  #forget(delivery: Delivery): void {
    this.#intake.done(delivery)
    const share = this.#held.get(delivery)
    this.#held.delete(delivery)
    share?.remove(delivery.fields.bytes)
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
    const settling = ordered ? delivery.deadLetter(damage.code) : delivery.nack()
    settling.catch(() => {})
  }

  #failed(what: string, failure: FeatherMQError): void {
    const { group, session } = this.#options
    if (isCode(failure, ...fatal) || (!this.#everReceived && isCode(failure, ...fatalAtFirst))) {
      this.#sink.fail(failure)
      return
    }
    const known = this.#failing.get(what) === failure.code
    this.#failing.set(what, failure.code)
    const fields = { event: 'receive-failed', clientId: session.clientId, group, topic: failure.topic, endpoint: failure.endpoint, err: failure }
    // One warning per kind of trouble; its repetitions tell nothing new.
    if (known) this.#logger.debug(fields, describe(failure))
    else this.#logger.warn(fields, `${describe(failure)}; trying again`)
  }

  #succeeded(queue: Queue): void {
    this.#everReceived = true
    if (this.#failing.delete(queueKey(queue))) {
      const { group, session } = this.#options
      this.#logger.info({ event: 'receiving-again', clientId: session.clientId, group, topic: queue.topic }, 'receiving again')
    }
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
