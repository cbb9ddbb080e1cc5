import { isCode } from '../connection/failure.ts'
import { everything, type Filter } from '../connection/filter.ts'
import { receiveMessage } from '../connection/receive-message.ts'
import type { Queue } from '../connection/route.ts'
import { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { abortable, deferred, settlesWithin } from '../deferred.ts'
import { type Duration, milliseconds } from '../duration.ts'
import { clientError, describe } from '../errors.ts'
import { inflatedBody, plainBody } from '../message/body.ts'
import type { Message } from '../message/message.ts'
import type { ReceivedFields } from '../message/received.ts'
import { checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import { defaultDeliveryPolicy, type RetryPolicy } from '../retry/backoff.ts'
import type { Runtime } from '../runtime.ts'
import { Delivery, type DeliveryTools } from './delivery.ts'
import { Lease } from './lease.ts'
import { Settler } from './settler.ts'
import { checkGroupName, checkSubscriptions, type Subscriptions } from './subscription.ts'

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
  /** How long to wait for the first message. Stock servers take 5 to 20 s and round others. Default 20 s. */
  readonly wait?: Duration | undefined
  /** How long the messages are leased. Stock servers take 10 s to 12 h. Default 30 s. */
  readonly invisible?: Duration | undefined
  /** Cancels the receive; the server gives what it was about to deliver to others. */
  readonly signal?: AbortSignal | undefined
}

const MEBIBYTE = 1_048_576
const DEFAULT_WAIT = 20_000
const SETTLE = 3_000

/**
 * Receives when asked, settles when told: for jobs that pull in their own rhythm. Nothing is renewed by itself: a message whose lease ends is delivered
 * again. Made by `FeatherMQ.simpleConsumer`.
 */
export class SimpleConsumer {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #group: string
  readonly #subscriptions: ReadonlyMap<string, Filter>
  readonly #maxInflatedBody: number
  readonly #settler: Settler
  readonly #closing = new AbortController()
  #policy: RetryPolicy = defaultDeliveryPolicy
  #turn = 0
  #closed: Promise<void> | undefined

  /** @internal Use `FeatherMQ.simpleConsumer`. */
  constructor(runtime: Runtime, options: SimpleConsumerOptions) {
    checkKeys(options, 'simpleConsumer', ['group', 'subscribe', 'maxInflatedBody'])
    this.#group = checkGroupName(options.group, 'simpleConsumer.group')
    this.#subscriptions = checkSubscriptions(options.subscribe, 'simpleConsumer.subscribe')
    this.#maxInflatedBody = checkInteger(options.maxInflatedBody, 'simpleConsumer.maxInflatedBody', 1, 2_000 * MEBIBYTE, 64 * MEBIBYTE)
    this.#runtime = runtime
    this.#session = new Session(
      runtime,
      { kind: 'simple-consumer', group: this.#group, subscriptions: this.#subscriptions, longPolling: DEFAULT_WAIT },
      { onSettings: (settings) => this.#apply(settings), onOutOfReach: () => {}, report: () => [] },
    )
    this.#session.declare(this.#subscriptions.keys())
    this.#settler = new Settler({ rpc: this.#session.rpc, namespace: runtime.config.namespace, group: this.#group }, runtime.upkeep, false)
  }

  /** The id by which servers know this consumer. */
  get clientId(): string {
    return this.#session.clientId
  }

  get group(): string {
    return this.#group
  }

  /**
   * Asks once for messages and resolves with what came, possibly nothing. With several topics, receives take turns over them. Several receives may be
   * under way at a time.
   *
   * A message whose body cannot be read is among them; reading its body throws (BODY_CORRUPTED), its other fields and methods work.
   *
   * @throws {FeatherMQError} UNREACHABLE, TOPIC_NOT_FOUND, NO_QUEUE, ILLEGAL_FILTER_EXPRESSION, ILLEGAL_INVISIBLE_TIME, CLIENT_CLOSED, …
   */
  async receive(options: ReceiveOptions = {}): Promise<Message[]> {
    checkKeys(options, 'receive', ['max', 'wait', 'invisible', 'signal'])
    const max = checkInteger(options.max, 'receive.max', 1, 1_024, 16)
    const wait = milliseconds(options.wait ?? DEFAULT_WAIT, 'receive.wait', 0, 3_600_000)
    const invisible = milliseconds(options.invisible ?? 30_000, 'receive.invisible', 1, 43_200_000)
    const signal = checkSignal(options.signal, 'receive.signal')
    signal?.throwIfAborted()
    this.#closing.signal.throwIfAborted()
    const queue = await this.#nextQueue(signal)
    const fields = await this.#receive(queue, { max, wait, invisible }, signal)
    return await Promise.all(fields.map((received) => this.#deliver(received, queue, invisible)))
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
    if (!(await settlesWithin(this.#runtime.upkeep, this.#settler.idle(), SETTLE))) this.#settler.giveUp(reason)
    await this.#session.close()
  }

  /** Topics take turns, and so do the readable master queues of each. */
  async #nextQueue(signal: AbortSignal | undefined): Promise<Queue> {
    const topics = [...this.#subscriptions.keys()]
    const turn = this.#turn
    this.#turn += 1
    const topic = topics[turn % topics.length] ?? ''
    const route = this.#session.peekRoute(topic) ?? (await abortable(abortable(this.#session.route(topic), signal), this.#closing.signal))
    const readable = route.queues.filter((queue) => queue.readable && queue.broker.id === 0)
    const queue = readable[Math.floor(turn / topics.length) % Math.max(1, readable.length)]
    if (queue === undefined) throw clientError('NO_QUEUE', `topic ${topic} has no queue that can be read`, { topic, group: this.#group })
    return queue
  }

  #receive(
    queue: Queue,
    { max, wait, invisible }: { readonly max: number; readonly wait: number; readonly invisible: number },
    signal: AbortSignal | undefined,
  ): Promise<readonly ReceivedFields[]> {
    const { promise, resolve, reject } = deferred<readonly ReceivedFields[]>()
    const received: ReceivedFields[] = []
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
          // What came before a break is leased: better handled than waited for. A poll that ran into its deadline was empty.
          if (failure === undefined || received.length > 0 || isCode(failure, 'MESSAGE_NOT_FOUND') || failure.code === 'NO_ANSWER') resolve(received)
          else reject(failure)
        },
      },
    )
    const stop = (event: Event) => {
      cancel()
      reject((event.target as AbortSignal).reason)
    }
    const signals = [signal, this.#closing.signal].filter((each) => each !== undefined)
    for (const each of signals) each.addEventListener('abort', stop)
    return promise.finally(() => {
      for (const each of signals) each.removeEventListener('abort', stop)
    })
  }

  async #deliver(fields: ReceivedFields, { endpoint }: Queue, invisible: number): Promise<Message> {
    const body = plainBody(fields) ?? (await inflatedBody(fields, this.#maxInflatedBody))
    const { topic, messageId, receiptHandle } = fields
    const lease = new Lease({ topic, messageId, receiptHandle, endpoint }, this.#runtime.config.clock, fields.invisible ?? invisible)
    return new Delivery({ fields, body, lease }, false, this.#tools()).message
  }

  #tools(): DeliveryTools {
    const { logger } = this.#runtime.config
    return {
      settler: this.#settler,
      policy: () => this.#policy,
      onDeadLetter: ({ fields, attempt }, reason) =>
        logger.warn(
          { event: 'dead-letter', clientId: this.clientId, topic: fields.topic, group: this.#group, messageId: fields.messageId, attempt, reason },
          `message ${fields.messageId} goes to the dead-letter topic of ${this.#group}`,
        ),
      // The caller has the promise.
      onSettled: () => {},
    }
  }

  #apply(settings: PushedSettings): void {
    this.#policy = {
      maxAttempts: settings.maxAttempts ?? this.#policy.maxAttempts,
      backoff: settings.backoff ?? this.#policy.backoff,
    }
  }
}
