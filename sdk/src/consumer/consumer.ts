import { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { settlesWithin } from '../deferred.ts'
import { clientError, FeatherMQError, invalidOption } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import { defaultDeliveryPolicy, type RetryPolicy } from '../retry/backoff.ts'
import type { Runtime } from '../runtime.ts'
import {
  type CloseBudgets,
  type CloseOptions,
  type CloseReport,
  type ConsumerConfig,
  type ConsumerOptions,
  closeBudgets,
  consumerConfig,
  DEFAULT_BUDGETS,
  DEFAULT_CACHED_MESSAGES,
  DEFAULT_CONCURRENCY,
  type MessagesOptions,
  type RunOptions,
} from './consumer-options.ts'
import { Engine, type Sink } from './engine.ts'
import { type Handler, HandlerPool } from './handler-pool.ts'
import { holdProcess } from './hold.ts'
import { MessageIteration, type OpenStream } from './message-iteration.ts'
import { MessageStream } from './message-stream.ts'

const DEFAULT_BATCH = 32
const DEFAULT_POLLING = 20_000
/** Time for the last acks and returns, after the handlers' own. */
const SETTLE = 3_000
const NOTHING: CloseReport = { drained: 0, returned: 0 }

/** What consumes while the consumer runs; ends by {@link stop}. */
interface Run {
  readonly engine: Engine
  /** Begins at most once; all callers get the same report. */
  stop(budgets: CloseBudgets): Promise<CloseReport>
}

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'starting' }
  | { readonly name: 'running'; readonly run: Run }
  | { readonly name: 'closed'; readonly report: Promise<CloseReport> }

/** Receives messages for a consumer group, by handler or by loop. Made by `FeatherMQ.consumer`. */
export class Consumer {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #config: ConsumerConfig
  #policy: RetryPolicy = defaultDeliveryPolicy
  #batchSize = DEFAULT_BATCH
  #longPolling = DEFAULT_POLLING
  /** What the server says of the group. */
  #fifo: boolean | undefined
  #state: State = { name: 'idle' }

  /** @internal Use `FeatherMQ.consumer`. */
  constructor(runtime: Runtime, options: ConsumerOptions) {
    this.#config = consumerConfig(options)
    this.#runtime = runtime
    this.#session = new Session(
      runtime,
      { kind: 'push-consumer', ...this.#config },
      {
        onSettings: (settings) => this.#apply(settings),
        onOutOfReach: (endpoint) => {
          if (this.#state.name === 'running') this.#state.run.engine.outOfReach(endpoint)
        },
        report: () => (this.#state.name === 'running' ? this.#state.run.engine.report() : [`state: ${this.#state.name}`]),
      },
    )
    this.#session.declare(this.#config.subscriptions.keys())
  }

  /** The id by which servers know this consumer. */
  get clientId(): string {
    return this.#session.clientId
  }

  get group(): string {
    return this.#config.group
  }

  /**
   * Receives messages and runs the handler for each until {@link close}; then resolves. Keeps the process alive meanwhile, also while disconnected, and
   * reconnects for ever.
   *
   * @throws {FeatherMQError} when it cannot start within its time limits (UNREACHABLE, TOPIC_NOT_FOUND, SETTINGS_TIMEOUT, GROUP_NOT_ORDERED, …), when the
   * server refuses for good (ILLEGAL_FILTER_EXPRESSION, UNAUTHORIZED before anything was received, …), ALREADY_RUNNING, CLIENT_CLOSED.
   */
  async run(handler: Handler, options: RunOptions = {}): Promise<void> {
    if (typeof handler !== 'function') throw invalidOption('run.handler', handler, 'a function')
    checkKeys(options, 'run', ['concurrency', 'signal'])
    const concurrency = checkInteger(options.concurrency, 'run.concurrency', 1, 4_096, DEFAULT_CONCURRENCY)
    const signal = checkSignal(options.signal, 'run.signal')
    signal?.throwIfAborted()
    const hold = holdProcess(this.#runtime.upkeep)
    try {
      const ordered = await this.#start('run()')
      if (ordered === undefined) return
      const { pool, ended, stop } = this.#pool(handler, concurrency, ordered)
      const onAbort = () => void stop(DEFAULT_BUDGETS)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      pool.engine.start()
      try {
        await Promise.race([ended, pool.failure])
      } catch (error) {
        await stop({ ...DEFAULT_BUDGETS, drain: 0 })
        throw error
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    } finally {
      hold.release()
    }
  }

  /**
   * The messages as an async iterable: the same engine, pulled. Each message must be settled by its own methods; leaving the loop gives back what was
   * not. Ends with {@link close}.
   *
   * @throws {FeatherMQError} from the first `next()`, as {@link run}.
   */
  messages(options: MessagesOptions = {}): AsyncIterableIterator<Message, undefined> & AsyncDisposable {
    checkKeys(options, 'messages', ['signal'])
    return new MessageIteration(() => this.#openStream(checkSignal(options.signal, 'messages.signal')))
  }

  /**
   * Stops in three steps: takes no more messages at once (open polls are cancelled, what no handler has begun with goes back to the server), lets running
   * handlers finish for `drain`, then aborts their signals and waits for `abort` more. What is left then goes back as well. Idempotent; later calls get the
   * report of the first.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const budgets = closeBudgets(options)
    const state = this.#state
    if (state.name === 'closed') return state.report
    const report = this.#close(state.name === 'running' ? state.run : undefined, budgets)
    this.#state = { name: 'closed', report }
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(run: Run | undefined, budgets: CloseBudgets): Promise<CloseReport> {
    const report = run === undefined ? NOTHING : await run.stop(budgets)
    await this.#session.close()
    return report
  }

  /** Whether to consume in order; undefined when the consumer was closed meanwhile. */
  async #start(what: string): Promise<boolean | undefined> {
    const state = this.#state
    if (state.name === 'closed') throw clientError('CLIENT_CLOSED', `${what} is not possible: the consumer of group ${this.#config.group} is closed`)
    if (state.name !== 'idle')
      throw clientError('ALREADY_RUNNING', `${what} is not possible: the consumer of group ${this.#config.group} is running already`)
    this.#state = { name: 'starting' }
    try {
      await Promise.all([...this.#config.subscriptions.keys()].map((topic) => this.#session.route(topic)))
      const ordered = this.#agreeOnOrder()
      return this.#isClosed() ? undefined : ordered
    } catch (error) {
      if (this.#isClosed()) return undefined
      this.#state = { name: 'idle' }
      throw this.#named(error)
    }
  }

  #isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  #agreeOnOrder(): boolean {
    const group = this.#config.group
    if (this.#config.ordered && this.#fifo === false) {
      throw clientError('GROUP_NOT_ORDERED', `consumer group ${group} is to be consumed in order, but the server says that it is not ordered`, {
        group,
        hint: `feathermq group create ${group} --ordered; on RocketMQ: mqadmin updateSubGroup -n NAMESRV -c CLUSTER -g ${group} -o true; or leave out "ordered"`,
      })
    }
    if (!this.#config.ordered && this.#fifo === true) {
      const { logger } = this.#runtime.config
      logger.info(
        { event: 'group-is-ordered', clientId: this.clientId, group },
        `consumer group ${group} is ordered on the server: consuming in order`,
      )
    }
    return this.#config.ordered || this.#fifo === true
  }

  /** Errors of the start tell the group, whichever call they came from. */
  #named(error: unknown): unknown {
    if (!(error instanceof FeatherMQError) || error.group !== undefined) return error
    return new FeatherMQError(error.code, `consumer of group ${this.#config.group} cannot start: ${error.message}`, {
      cause: error,
      retryable: error.retryable,
      status: error.status,
      requestId: error.requestId,
      endpoint: error.endpoint,
      topic: error.topic,
      group: this.#config.group,
    })
  }

  #engine(sink: Sink, ordered: boolean, messages: number): Engine {
    return new Engine(
      {
        runtime: this.#runtime,
        session: this.#session,
        group: this.#config.group,
        subscriptions: this.#config.subscriptions,
        ordered,
        cache: { messages, bytes: this.#config.cachedBytes },
        maxInflatedBody: this.#config.maxInflatedBody,
        policy: () => this.#policy,
        limits: () => ({ batchSize: this.#batchSize, longPolling: this.#longPolling }),
      },
      sink,
    )
  }

  #pool(handler: Handler, concurrency: number, ordered: boolean): { pool: HandlerPool; ended: Promise<unknown>; stop: Run['stop'] } {
    const messages = this.#config.cachedMessages ?? Math.max(DEFAULT_CACHED_MESSAGES, 4 * concurrency)
    const options = { runtime: this.#runtime, session: this.#session, group: this.#config.group, handler, concurrency }
    const pool = new HandlerPool(options, (sink) => this.#engine(sink, ordered, messages))
    const { ended, stop } = this.#begin(pool.engine, async ({ drain, abort }) => {
      let returned = pool.engine.stop() + pool.stop()
      const { upkeep } = this.#runtime
      if (!(await settlesWithin(upkeep, pool.idle(), drain))) {
        pool.abort(pool.engine.closing())
        await settlesWithin(upkeep, pool.idle(), abort)
      }
      returned += await this.#finish(pool.engine)
      return { drained: pool.drained, returned: returned + pool.aborted }
    })
    return { pool, ended, stop }
  }

  async #openStream(signal: AbortSignal | undefined): Promise<OpenStream | undefined> {
    signal?.throwIfAborted()
    const hold = holdProcess(this.#runtime.upkeep)
    try {
      const ordered = await this.#start('messages()')
      if (ordered === undefined) {
        hold.release()
        return undefined
      }
      const messages = this.#config.cachedMessages ?? DEFAULT_CACHED_MESSAGES
      const stream = new MessageStream((sink) => this.#engine(sink, ordered, messages), messages, this.#runtime.config.logger)
      const { stop } = this.#begin(stream.engine, async () => {
        signal?.removeEventListener('abort', onAbort)
        stream.end()
        const waiting = stream.engine.stop()
        const returned = waiting + (await this.#finish(stream.engine, false))
        hold.release()
        return { drained: 0, returned }
      })
      const leave = async () => void (await stop({ drain: 0, abort: 0 }))
      const onAbort = () => void leave()
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      else stream.engine.start()
      return { stream, leave }
    } catch (error) {
      hold.release()
      throw error
    }
  }

  /** Makes `end` happen once, whoever asks first, and the consumer idle afterwards. */
  #begin(engine: Engine, end: Run['stop']): { readonly ended: Promise<unknown>; readonly stop: Run['stop'] } {
    let report: Promise<CloseReport> | undefined
    let resolve: (report: CloseReport) => void = () => {}
    const ended = new Promise<CloseReport>((onEnd) => {
      resolve = onEnd
    })
    const stop: Run['stop'] = (budgets) => {
      report ??= end(budgets).then((result) => {
        if (this.#state.name === 'running') this.#state = { name: 'idle' }
        resolve(result)
        return result
      })
      return report
    }
    this.#state = { name: 'running', run: { engine, stop } }
    return { ended, stop }
  }

  /** Gives back what is still open and waits for the last words to the server, within limits. Returns how many were given back. */
  async #finish(engine: Engine, atOnce = true): Promise<number> {
    let returned = 0
    for (const delivery of [...engine.open()]) {
      returned += 1
      if (atOnce) engine.giveBack(delivery)
      else delivery.nack().catch(() => {})
    }
    if (!(await settlesWithin(this.#runtime.upkeep, engine.settler.idle(), SETTLE))) engine.settler.giveUp(engine.closing())
    return returned
  }

  #apply(settings: PushedSettings): void {
    this.#policy = {
      maxAttempts: settings.maxAttempts ?? this.#policy.maxAttempts,
      backoff: settings.backoff ?? this.#policy.backoff,
    }
    this.#batchSize = settings.receiveBatchSize ?? this.#batchSize
    this.#longPolling = settings.longPolling ?? this.#longPolling
    if (settings.fifo !== undefined) this.#applyOrder(settings.fifo)
  }

  #applyOrder(fifo: boolean): void {
    const { logger } = this.#runtime.config
    if (this.#state.name === 'running' && this.#fifo !== undefined && fifo !== this.#fifo) {
      const change = fifo ? 'became ordered' : 'is not ordered any more'
      logger.warn({ event: 'group-order-changed', clientId: this.clientId, group: this.#config.group }, `the group ${change}; restart its consumers`)
    }
    this.#fifo = fifo
  }
}
