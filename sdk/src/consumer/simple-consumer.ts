import { forMany } from '../abort-signals.ts'
import type { Endpoint } from '../connection/endpoint.ts'
import { isCode } from '../connection/failure.ts'
import { everything, type Filter } from '../connection/filter.ts'
import { receiveMessage } from '../connection/receive-message.ts'
import type { Queue } from '../connection/route.ts'
import { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { abortable, deferred, pause, settlesWithin } from '../deferred.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { clientError, describe, FeatherMQError, invalidOption } from '../errors.ts'
import { type SimpleConsumerHealth, statusOf } from '../health.ts'
import { type Body, inflatedBody, plainBody } from '../message/body.ts'
import type { Message } from '../message/message.ts'
import type { ReceivedFields } from '../message/received.ts'
import { checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import { defaultDeliveryPolicy, type RetryPolicy } from '../retry/backoff.ts'
import { type Enrolled, Roll } from '../roll.ts'
import type { Runtime } from '../runtime.ts'
import type { ConsumerSubject } from '../telemetry/subject.ts'
import { Delivery, type DeliveryTools } from './delivery.ts'
import { Lease } from './lease.ts'
import { LeaseKeeper } from './lease-keeper.ts'
import { Pace } from './pace.ts'
import { Settler } from './settler.ts'
import { checkGroupName, checkSubscriptions, type Subscriptions } from './subscription.ts'
import { Tally, type TopicStats } from './tally.ts'

export interface SimpleConsumerOptions {
  readonly group: string
  /** Topics, each with `*`, the tags wanted, joined by `||`, or {@link sql}. */
  readonly subscribe: Subscriptions
  /** Largest body once decompressed, bytes. Default 64 MiB. */
  readonly maxInflatedBody?: number | undefined
}

export interface ReceiveOptions {
  /** Messages at most, 1 to 1,024; servers give at most 32 at a time. Default 16. */
  readonly max?: number | undefined
  /**
   * How long to wait for the first message, trouble on the way included: what may pass is tried again within it. Stock servers take 5 to 20 s and round
   * others. Default 20 s.
   */
  readonly wait?: Duration | undefined
  /** How long the messages are leased. Stock servers take 10 s to 12 h. Default 30 s. */
  readonly invisible?: Duration | undefined
  /**
   * Extend the lease of each message by `invisible` again and again until it is settled, for at most so long after it came; the consumer's close ends it
   * too. One request per message and extension. Default: leases end when they end.
   */
  readonly autoExtend?: Duration | undefined
  /** Cancels the receive; the server gives what it was about to deliver to others. */
  readonly signal?: AbortSignal | undefined
}

/** What a receive asks for; times in ms. */
interface Wanted {
  readonly max: number
  readonly wait: number
  readonly invisible: number
}

/** A receive under way. */
interface Open extends Enrolled {
  readonly topic: string
  /** Ends it with what has come so far. */
  leave(): void
  stop(reason: unknown): void
}

/** What a receive was, for the messages that it brought. */
interface Terms {
  readonly endpoint: Endpoint
  /** Ms. */
  readonly invisible: number
  /** Ms; undefined: not at all. */
  readonly autoExtend: number | undefined
  /** When they came: their leases run from then. */
  readonly since: number
  /** Somebody counts what the application gets. */
  readonly measured: boolean
}

const MEBIBYTE = 1_048_576
const DEFAULT_WAIT = 20_000
const SETTLE = 3_000
/** Stock servers refuse to wait for less (ILLEGAL_POLLING_TIME). */
const LEAST_POLLING = 5_000

/**
 * Receives when asked, settles when told: for jobs that pull in their own rhythm. Nothing is renewed by itself unless `autoExtend` asks for it: a message
 * whose lease ends is delivered again. Made by `FeatherMQ.simpleConsumer`.
 */
export class SimpleConsumer {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #group: string
  readonly #subscriptions: Map<string, Filter>
  /** Receives under way. */
  readonly #open = new Roll<Open>()
  readonly #maxInflatedBody: number
  readonly #settler: Settler
  readonly #closing = new AbortController()
  #policy: RetryPolicy = defaultDeliveryPolicy
  readonly #keepers = new Set<LeaseKeeper>()
  readonly #pace: Pace
  readonly #tally = new Tally()
  readonly #tools: DeliveryTools
  #turn = 0
  /** Where the round over the queues begins, as Java's: who receives once per process would ask one broker alone otherwise. */
  readonly #start: number
  #closed: Promise<void> | undefined

  /** @internal Use `FeatherMQ.simpleConsumer`. */
  constructor(runtime: Runtime, options: SimpleConsumerOptions) {
    checkKeys(options, 'simpleConsumer', ['group', 'subscribe', 'maxInflatedBody'])
    this.#group = checkGroupName(options.group, 'simpleConsumer.group')
    this.#subscriptions = checkSubscriptions(options.subscribe, 'simpleConsumer.subscribe')
    this.#maxInflatedBody = checkInteger(options.maxInflatedBody, 'simpleConsumer.maxInflatedBody', 1, 2_000 * MEBIBYTE, 64 * MEBIBYTE)
    this.#runtime = runtime
    this.#pace = new Pace(runtime.upkeep, runtime.random)
    this.#start = Math.floor(runtime.random() * 0x1_0000)
    this.#session = new Session(
      runtime,
      { kind: 'simple-consumer', group: this.#group, subscriptions: this.#subscriptions, longPolling: DEFAULT_WAIT },
      { onSettings: (settings) => this.#apply(settings), onOutOfReach: () => {}, report: () => [] },
    )
    this.#session.declare(this.#subscriptions.keys())
    this.#settler = new Settler(
      { rpc: this.#session.rpc, namespace: runtime.config.namespace, group: this.#group, headers: () => runtime.telemetry.headers() },
      runtime.upkeep,
      false,
    )
    this.#tools = this.#makeTools()
  }

  /** The id by which servers know this consumer. */
  get clientId(): string {
    return this.#session.clientId
  }

  get group(): string {
    return this.#group
  }

  /** What it has done so far. A message that was never settled stays `inFlight`, since nobody says when its lease has ended. */
  stats(): TopicStats {
    const { openReceives: _, topics: __, ...sums } = this.#tally.snapshot(0)
    return sums
  }

  /** How it stands with its servers, and its numbers. */
  health(): SimpleConsumerHealth {
    const servers = this.#session.servers()
    return { clientId: this.clientId, group: this.#group, status: statusOf(servers, this.#closed !== undefined), servers, stats: this.stats() }
  }

  /**
   * Asks for messages and resolves with what came, possibly nothing. With several topics, receives take turns over them. Several receives may be under way
   * at a time.
   *
   * While the server is away or overloaded, it asks again within `wait`, with growing pauses, and rejects with the last failure when `wait` is over; after a
   * failure the next receive begins no sooner than that pause (at most 2 s), so that a loop around it needs no pauses of its own. What no waiting mends
   * rejects at once.
   *
   * A message whose body cannot be read is among them; reading its body throws (BODY_CORRUPTED), its other fields and methods work.
   *
   * @throws {FeatherMQError} UNREACHABLE, TOPIC_NOT_FOUND, NO_QUEUE, ILLEGAL_FILTER_EXPRESSION, ILLEGAL_INVISIBLE_TIME, CLIENT_CLOSED, …
   */
  async receive(options: ReceiveOptions = {}): Promise<Message[]> {
    checkKeys(options, 'receive', ['max', 'wait', 'invisible', 'autoExtend', 'signal'])
    const max = checkInteger(options.max, 'receive.max', 1, 1_024, 16)
    const wait = milliseconds(options.wait ?? DEFAULT_WAIT, 'receive.wait', 0, 3_600_000)
    const invisible = milliseconds(options.invisible ?? 30_000, 'receive.invisible', 1, 43_200_000)
    const autoExtend = options.autoExtend === undefined ? undefined : milliseconds(options.autoExtend, 'receive.autoExtend', 1)
    const signal = checkSignal(options.signal, 'receive.signal')
    signal?.throwIfAborted()
    this.#closing.signal.throwIfAborted()
    const { queue, fields } = await this.#persist({ max, wait, invisible }, signal)
    const { config, telemetry } = this.#runtime
    const terms = { endpoint: queue.endpoint, invisible, autoExtend, since: config.clock.monotonic(), measured: telemetry.measures }
    const messages: (Message | Promise<Message>)[] = []
    let complete = true
    for (const received of fields) {
      const message = this.#deliver(received, terms)
      if (message instanceof Promise) complete = false
      messages.push(message)
    }
    return complete ? (messages as Message[]) : await Promise.all(messages)
  }

  /**
   * Subscribes to more topics, or to known ones with another filter, from the next receive on; the server is told. Once anything was received, resolves when
   * the routes are known.
   *
   * @throws {FeatherMQError} TOPIC_NOT_FOUND, UNREACHABLE, …: nothing has changed then; INVALID_OPTION, CLIENT_CLOSED.
   */
  async subscribe(subscriptions: Subscriptions): Promise<void> {
    const wanted = checkSubscriptions(subscriptions, 'subscribe')
    this.#closing.signal.throwIfAborted()
    if (this.#turn > 0) await Promise.all([...wanted.keys()].map((topic) => abortable(this.#session.route(topic), this.#closing.signal)))
    this.#closing.signal.throwIfAborted()
    for (const [topic, filter] of wanted) this.#subscriptions.set(topic, filter)
    this.#session.declare(wanted.keys())
    this.#session.sync()
  }

  /**
   * Leaves topics: the server is told, and receives of them that are under way are cancelled and resolve with what came so far. Topics that are not
   * subscribed to are passed over.
   *
   * @throws {FeatherMQError} INVALID_OPTION when no topic would remain, CLIENT_CLOSED.
   */
  unsubscribe(...topics: string[]): void {
    this.#closing.signal.throwIfAborted()
    const leaving = [...new Set(topics)].filter((topic) => this.#subscriptions.has(topic))
    if (leaving.length === this.#subscriptions.size)
      throw invalidOption('unsubscribe.topics', topics.join(', '), 'fewer: one topic at least must remain')
    for (const topic of leaving) {
      this.#subscriptions.delete(topic)
      this.#session.forget(topic)
      for (const open of this.#open.all()) if (open.topic === topic) open.leave()
    }
    if (leaving.length > 0) this.#session.sync()
  }

  /** Cancels receives under way (they reject with CLIENT_CLOSED), waits for settlements under way, and lets go. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const reason = clientError('CLIENT_CLOSED', `the simple consumer of group ${this.#group} is closed`, { group: this.#group })
    this.#closing.abort(reason)
    for (const open of this.#open.all()) open.stop(reason)
    for (const keeper of this.#keepers) keeper.stop()
    if (!(await settlesWithin(this.#runtime.upkeep, this.#settler.idle(), SETTLE))) this.#settler.giveUp(reason)
    await this.#session.close()
  }

  /** Receives, and again while that may help and time is left. */
  async #persist(wanted: Wanted, signal: AbortSignal | undefined): Promise<{ readonly queue: Queue; readonly fields: readonly ReceivedFields[] }> {
    const { upkeep } = this.#runtime
    const end = upkeep.monotonic() + wanted.wait
    if (this.#pace.rest > 0) await this.#rest(this.#pace.rest, signal)
    for (let wait = wanted.wait; ; ) {
      try {
        const queue = await this.#nextQueue(signal)
        const fields = await this.#runtime.telemetry.receive(queue.topic, this.#subject(), () => this.#receive(queue, { ...wanted, wait }, signal))
        this.#pace.worked()
        return { queue, fields }
      } catch (error) {
        if (!(error instanceof FeatherMQError) || signal?.aborted || this.#closing.signal.aborted) throw error
        this.#pace.failed()
        if (!error.retryable) throw error
        const left = Math.max(0, end - upkeep.monotonic())
        const { rest } = this.#pace
        if (left > 0) await this.#rest(Math.min(rest, left), signal)
        if (rest >= left) throw error
        wait = Math.max(left - rest, Math.min(wanted.wait, LEAST_POLLING))
      }
    }
  }

  async #rest(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    await pause(this.#runtime.upkeep, ms, { signal: either, hold: true })
  }

  /** Topics take turns, and so do the readable master queues of each. */
  async #nextQueue(signal: AbortSignal | undefined): Promise<Queue> {
    const topics = [...this.#subscriptions.keys()]
    const turn = this.#turn
    this.#turn += 1
    const topic = topics[turn % topics.length] ?? ''
    const route = this.#session.peekRoute(topic) ?? (await abortable(abortable(this.#session.route(topic), signal), this.#closing.signal))
    const readable = route.queues.filter((queue) => queue.readable && queue.broker.id === 0)
    const queue = readable[(this.#start + Math.floor(turn / topics.length)) % Math.max(1, readable.length)]
    if (queue === undefined) throw clientError('NO_QUEUE', `topic ${topic} has no queue that can be read`, { topic, group: this.#group })
    return queue
  }

  #receive(queue: Queue, { max, wait, invisible }: Wanted, signal: AbortSignal | undefined): Promise<readonly ReceivedFields[]> {
    const { promise, resolve, reject } = deferred<readonly ReceivedFields[]>()
    const received: ReceivedFields[] = []
    const onAbort = signal === undefined ? undefined : () => open.stop(signal.reason)
    const over = () => {
      this.#open.delete(open)
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
    }
    const cancel = receiveMessage(
      {
        rpc: this.#session.rpc,
        namespace: this.#session.namespace,
        group: this.#group,
        queue,
        filter: this.#subscriptions.get(queue.topic) ?? everything,
        batchSize: max,
        invisible,
        longPolling: wait,
        attemptId: undefined,
        headers: this.#runtime.telemetry.headers(),
        background: false,
      },
      {
        onMessage: (message) => received.push(message),
        onUnreadable: (failure) =>
          this.#runtime.config.logger.warn(
            { event: 'message-unreadable', clientId: this.clientId, topic: queue.topic, group: this.#group, err: failure },
            describe(failure),
          ),
        onEnd: (failure) => {
          over()
          // What came before a break is leased: better handled than waited for. A poll that ran into its deadline was empty.
          if (failure === undefined || received.length > 0 || isCode(failure, 'MESSAGE_NOT_FOUND') || failure.code === 'NO_ANSWER') resolve(received)
          else reject(failure)
        },
      },
    )
    const open: Open = {
      place: -1,
      topic: queue.topic,
      leave: () => {
        cancel()
        over()
        resolve(received)
      },
      stop: (reason) => {
        cancel()
        over()
        reject(reason)
      },
    }
    this.#open.add(open)
    if (signal !== undefined && onAbort !== undefined) forMany(signal).addEventListener('abort', onAbort)
    return promise
  }

  /** A promise only where the body has to be inflated. */
  #deliver(fields: ReceivedFields, terms: Terms): Message | Promise<Message> {
    const { endpoint, invisible, since } = terms
    const lease = new Lease(fields, endpoint, this.#runtime.config.clock, fields.invisible ?? invisible, since)
    const body = plainBody(fields)
    if (body !== undefined) return this.#delivered(fields, body, lease, terms)
    return inflatedBody(fields, this.#maxInflatedBody).then((inflated) => this.#delivered(fields, inflated, lease, terms))
  }

  #delivered(fields: ReceivedFields, body: Body, lease: Lease, { invisible, autoExtend, measured }: Terms): Message {
    const { topic } = fields
    const { clock } = this.#runtime.config
    const entry = this.#tally.open(topic, fields.bytes)
    entry.taken()
    const delivery = new Delivery({ fields, body, lease, entry }, false, this.#tools)
    if (measured) {
      this.#runtime.telemetry.delivered(fields, this.#group, clock)
      this.#runtime.telemetry.awaited(topic, this.#group, undefined)
    }
    if (autoExtend !== undefined) {
      const keeper: LeaseKeeper = new LeaseKeeper(delivery, { clock, by: invisible, until: clock.monotonic() + autoExtend }, () => {
        this.#keepers.delete(keeper)
      })
      this.#keepers.add(keeper)
    }
    return delivery.message
  }

  #subject(): ConsumerSubject {
    return { clientId: this.clientId, namespace: this.#session.namespace, group: this.#group }
  }

  #makeTools(): DeliveryTools {
    const { logger } = this.#runtime.config
    return {
      telemetry: this.#runtime.telemetry,
      subject: this.#subject(),
      settler: this.#settler,
      policy: () => this.#policy,
      onDeadLetter: (delivery, reason) =>
        logger.warn(
          {
            event: 'dead-letter',
            clientId: this.clientId,
            topic: delivery.fields.topic,
            group: this.#group,
            messageId: delivery.fields.messageId,
            attempt: delivery.attempt(),
            reason,
          },
          `message ${delivery.fields.messageId} goes to the dead-letter topic of ${this.#group}`,
        ),
      // The caller has the promise.
      onSettled: (delivery, failure) => {
        const { outcome, entry } = delivery
        if (failure !== undefined) entry.gone('lost')
        else entry.gone(outcome === 'ack' ? 'handled' : outcome === 'nack' ? 'failed' : 'deadLettered')
      },
    }
  }

  #apply(settings: PushedSettings): void {
    this.#policy = {
      maxAttempts: settings.maxAttempts ?? this.#policy.maxAttempts,
      backoff: settings.backoff ?? this.#policy.backoff,
    }
  }
}
