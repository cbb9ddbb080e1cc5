import { Session } from '../connection/session.ts'
import type { PushedSettings } from '../connection/settings.ts'
import { clientError, FeatherMQError, invalidOption } from '../errors.ts'
import { type ConsumerHealth, statusOf } from '../health.ts'
import type { Message } from '../message/message.ts'
import { checkInteger, checkKeys, checkSignal } from '../option-check.ts'
import { defaultDeliveryPolicy, type RetryPolicy } from '../retry/backoff.ts'
import type { Runtime } from '../runtime.ts'
import { type BatchHandler, BatchPool } from './batch-pool.ts'
import type { ConsumerEvent, ConsumerState } from './consumer-events.ts'
import {
  batchLimits,
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
  type EventsOptions,
  type MessagesOptions,
  type RunBatchOptions,
  type RunOptions,
} from './consumer-options.ts'
import { Consumption, finish, type Workers, windDown } from './consumption.ts'
import { Engine, type Sink } from './engine.ts'
import { EventFeed } from './event-feed.ts'
import { type Handler, HandlerPool } from './handler-pool.ts'
import { holdProcess } from './hold.ts'
import { MessageIteration, type OpenStream } from './message-iteration.ts'
import { MessageStream } from './message-stream.ts'
import type { Subscriptions } from './subscription.ts'
import { type ConsumerStats, Tally } from './tally.ts'
import { Topics } from './topics.ts'
import { type TrialHandler, Trials } from './trials.ts'

const DEFAULT_BATCH = 32
const DEFAULT_POLLING = 20_000
const MOST_CACHED = 65_536
const NOTHING: CloseReport = { drained: 0, returned: 0 }

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'starting' }
  | { readonly name: 'running'; readonly consumption: Consumption }
  | { readonly name: 'closing'; readonly report: Promise<CloseReport> }
  | { readonly name: 'closed'; readonly report: Promise<CloseReport>; readonly result: CloseReport }

/** Receives messages for a consumer group, by handler or by loop. Made by `FeatherMQ.consumer`. */
export class Consumer {
  readonly #runtime: Runtime
  readonly #session: Session
  readonly #config: ConsumerConfig
  readonly #tally = new Tally()
  readonly #feed = new EventFeed<ConsumerEvent>()
  readonly #topics: Topics
  /** Addresses of endpoints whose telemetry stream is down. */
  readonly #disconnected = new Set<string>()
  #policy: RetryPolicy = defaultDeliveryPolicy
  #batchSize = DEFAULT_BATCH
  #longPolling = DEFAULT_POLLING
  /** What the server says of the group. */
  #fifo: boolean | undefined
  /** While handlers run. */
  #trials: Trials | undefined
  #state: State = { name: 'idle' }
  /** Ends the metrics of what is kept here. */
  readonly #unwatch: () => void

  /** @internal Use `FeatherMQ.consumer`. */
  constructor(runtime: Runtime, options: ConsumerOptions) {
    this.#config = consumerConfig(options)
    this.#runtime = runtime
    this.#session = new Session(
      runtime,
      { kind: 'push-consumer', ...this.#config },
      {
        onSettings: (settings) => this.#apply(settings),
        onOutOfReach: (endpoint) => this.#engine()?.outOfReach(endpoint),
        onLink: ({ address }, state) => {
          if (state === 'down') this.#disconnected.add(address)
          else if (!this.#disconnected.delete(address)) return
          this.#changed()
        },
        verify: async (message) =>
          (await this.#trials?.verify(message)) ?? { code: 'NOT_IMPLEMENTED', message: 'this consumer runs no handler just now' },
        report: () => (this.#state.name === 'running' ? this.#state.consumption.report() : [`state: ${this.#state.name}`]),
      },
    )
    this.#session.declare(this.#config.subscriptions.keys())
    this.#topics = new Topics({
      subscriptions: this.#config.subscriptions,
      session: this.#session,
      engine: () => this.#engine(),
      hasStarted: () => this.#state.name !== 'idle',
      checkOpen: (what) => this.#checkOpen(what),
    })
    this.#unwatch = runtime.telemetry.watch(() => this.#tally.cached(this.#config.group))
  }

  /** The id by which servers know this consumer. */
  get clientId(): string {
    return this.#session.clientId
  }

  get group(): string {
    return this.#config.group
  }

  /** Where it is in its life. */
  get state(): ConsumerState {
    const state = this.#state
    switch (state.name) {
      case 'running':
        if (state.consumption.stopping) return { name: 'stopping' }
        return { name: 'running', paused: [...this.#topics.paused].sort(), disconnected: [...this.#disconnected].sort() }
      case 'closing':
        return { name: 'stopping' }
      case 'closed':
        return { name: 'closed', report: state.result }
      default:
        return state
    }
  }

  /** What it has done so far, and what it holds just now. */
  stats(): ConsumerStats {
    return this.#tally.snapshot(this.#engine()?.openReceives ?? 0)
  }

  /** How it stands with its servers, its state and its numbers. */
  health(): ConsumerHealth {
    const servers = this.#session.servers()
    const { clientId, group, state } = this
    return { clientId, group, status: statusOf(servers, state.name === 'closed'), servers, state, stats: this.stats() }
  }

  /**
   * What happens to the consumer from now on, beginning with its state; ends when it is closed. Any number of readers; one that is too slow loses the
   * oldest events and is told how many.
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<ConsumerEvent, undefined> & AsyncDisposable {
    checkKeys(options, 'events', ['signal'])
    return this.#feed.read({ type: 'state', state: this.state }, checkSignal(options.signal, 'events.signal'))
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
    await this.#work('run()', checkSignal(options.signal, 'run.signal'), handler, (ordered) => {
      const base = { runtime: this.#runtime, session: this.#session, group: this.#config.group, reportErrors: this.#config.reportErrors }
      return new HandlerPool({ ...base, handler, concurrency }, (sink) => this.#makeEngine(sink, ordered, 4 * concurrency))
    })
  }

  /**
   * As {@link run}, with several messages for each call of the handler: as many as are there, up to `max` and `maxBytes`, after at most `linger`. Each
   * message is settled by itself, see {@link BatchHandler}.
   *
   * @throws {FeatherMQError} as {@link run}.
   */
  async runBatch(handler: BatchHandler, options: RunBatchOptions = {}): Promise<void> {
    if (typeof handler !== 'function') throw invalidOption('runBatch.handler', handler, 'a function')
    const limits = batchLimits(options, this.#config.cachedMessages)
    const one: TrialHandler = (message, context) => handler([message], context)
    await this.#work('runBatch()', checkSignal(options.signal, 'runBatch.signal'), one, (ordered) => {
      const base = { runtime: this.#runtime, session: this.#session, group: this.#config.group, reportErrors: this.#config.reportErrors }
      // One batch for each handler, and one that gathers meanwhile.
      return new BatchPool({ ...base, ...limits, handler }, (sink) => this.#makeEngine(sink, ordered, 2 * limits.max * limits.concurrency))
    })
  }

  /**
   * The messages as an async iterable: the same engine, pulled. Each message must be settled by its own methods; leaving the loop gives back what was
   * not. Ends with {@link close}.
   *
   * @throws {FeatherMQError} from the first `next()`, as {@link run}.
   */
  messages(options: MessagesOptions = {}): AsyncIterableIterator<Message, undefined> & AsyncDisposable {
    checkKeys(options, 'messages', ['signal'])
    const signal = checkSignal(options.signal, 'messages.signal')
    return new MessageIteration(() => this.#openStream(signal))
  }

  /**
   * Takes no more messages of these topics, or of all that are subscribed to: their receives are cancelled, and what no handler has begun with goes back
   * to the server, so that other consumers of the group get it. Handlers that run go on. Lasts until {@link resume}, also over several runs.
   */
  pause(...topics: string[]): void {
    this.#topics.pause(topics)
    this.#changed()
  }

  /** Receives again, at once. */
  resume(...topics: string[]): void {
    this.#topics.resume(topics)
    this.#changed()
  }

  /**
   * Subscribes to more topics, or to known ones with another filter; the server is told. While the consumer runs, resolves once the routes are known, and
   * receives at once. What was received by an earlier filter and not begun with goes back to the server.
   *
   * @throws {FeatherMQError} TOPIC_NOT_FOUND, UNREACHABLE, SETTINGS_TIMEOUT, …: nothing has changed then; INVALID_OPTION, CLIENT_CLOSED.
   */
  subscribe(subscriptions: Subscriptions): Promise<void> {
    return this.#topics.subscribe(subscriptions)
  }

  /**
   * Leaves topics: the server is told, their receives are cancelled, and what no handler has begun with goes back. Handlers that run go on. Topics that are
   * not subscribed to are passed over.
   *
   * @throws {FeatherMQError} INVALID_OPTION when no topic would remain: pause or close the consumer instead. CLIENT_CLOSED.
   */
  unsubscribe(...topics: string[]): void {
    this.#topics.unsubscribe(topics)
  }

  /**
   * Stops in three steps: takes no more messages at once (open polls are cancelled, what no handler has begun with goes back to the server), lets running
   * handlers finish for `drain`, then aborts their signals and waits for `abort` more. What is left then goes back as well. Idempotent; later calls get the
   * report of the first.
   */
  close(options: CloseOptions = {}): Promise<CloseReport> {
    const budgets = closeBudgets(options)
    const state = this.#state
    if (state.name === 'closing' || state.name === 'closed') return state.report
    const report = this.#close(state.name === 'running' ? state.consumption : undefined, budgets)
    this.#become({ name: 'closing', report })
    void report.then((result) => {
      this.#become({ name: 'closed', report, result })
      this.#feed.end()
    })
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(consumption: Consumption | undefined, budgets: CloseBudgets): Promise<CloseReport> {
    const report = consumption === undefined ? NOTHING : await consumption.stop(budgets)
    await this.#session.close()
    this.#unwatch()
    return report
  }

  #become(state: State): void {
    this.#state = state
    this.#changed()
  }

  /** Says so to whoever listens. */
  #changed(): void {
    if (this.#feed.hasReaders) this.#feed.emit({ type: 'state', state: this.state })
  }

  #engine(): Engine | undefined {
    return this.#state.name === 'running' ? this.#state.consumption.engine : undefined
  }

  #isClosed(): boolean {
    return this.#state.name === 'closing' || this.#state.name === 'closed'
  }

  #checkOpen(what: string): void {
    if (this.#isClosed()) throw clientError('CLIENT_CLOSED', `${what} is not possible: the consumer of group ${this.#config.group} is closed`)
  }

  async #work(what: string, signal: AbortSignal | undefined, handler: TrialHandler, make: (ordered: boolean) => Workers): Promise<void> {
    signal?.throwIfAborted()
    const hold = holdProcess(this.#runtime.upkeep)
    try {
      const ordered = await this.#start(what)
      if (ordered === undefined) return
      const workers = make(ordered)
      const { engine } = workers
      const report = () => [...workers.report(), ...engine.report()]
      const trials = this.#makeTrials(handler)
      const end = (budgets: CloseBudgets) => {
        this.#trials = undefined
        trials.abort(engine.closing())
        return windDown(workers, budgets, this.#runtime)
      }
      this.#trials = trials
      const consumption = this.#begin(engine, end, report)
      const onAbort = () => void consumption.stop(DEFAULT_BUDGETS)
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      else engine.start()
      try {
        await Promise.race([consumption.ended, workers.failure])
      } catch (error) {
        await consumption.stop({ ...DEFAULT_BUDGETS, drain: 0 })
        throw error
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    } finally {
      hold.release()
    }
  }

  #makeTrials(handler: TrialHandler): Trials {
    const { group, maxInflatedBody } = this.#config
    return new Trials({
      runtime: this.#runtime,
      session: this.#session,
      group,
      maxInflatedBody,
      maxAttempts: () => this.#policy.maxAttempts,
      handler,
    })
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
      const limit = this.#config.cachedMessages ?? DEFAULT_CACHED_MESSAGES
      const stream = new MessageStream((sink) => this.#makeEngine(sink, ordered, limit), limit, this.#runtime.config.logger)
      const { engine } = stream
      const end = async () => {
        signal?.removeEventListener('abort', onAbort)
        stream.end()
        const waiting = engine.stop()
        const returned = waiting + (await finish(engine, this.#runtime, false))
        hold.release()
        return { drained: 0, returned }
      }
      const consumption = this.#begin(engine, end, () => engine.report())
      const leave = async () => void (await consumption.stop({ drain: 0, abort: 0 }))
      const onAbort = () => void leave()
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      else engine.start()
      return { stream, leave }
    } catch (error) {
      hold.release()
      throw error
    }
  }

  /** Whether to consume in order; undefined when the consumer was closed meanwhile. */
  async #start(what: string): Promise<boolean | undefined> {
    this.#checkOpen(what)
    if (this.#state.name !== 'idle')
      throw clientError('ALREADY_RUNNING', `${what} is not possible: the consumer of group ${this.#config.group} is running already`)
    this.#become({ name: 'starting' })
    try {
      await Promise.all([...this.#config.subscriptions.keys()].map((topic) => this.#session.route(topic)))
      const ordered = this.#agreeOnOrder()
      return this.#isClosed() ? undefined : ordered
    } catch (error) {
      if (this.#isClosed()) return undefined
      this.#become({ name: 'idle' })
      throw this.#explained(error)
    }
  }

  #begin(engine: Engine, end: (budgets: CloseBudgets) => Promise<CloseReport>, report: () => readonly string[]): Consumption {
    const consumption = new Consumption(engine, end, { report, onStopping: () => this.#changed() })
    void consumption.ended.then(() => {
      this.#topics.letGoAll()
      if (this.#state.name === 'running') this.#become({ name: 'idle' })
    })
    this.#become({ name: 'running', consumption })
    return consumption
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
  #explained(error: unknown): unknown {
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

  #makeEngine(sink: Sink, ordered: boolean, cached: number): Engine {
    const messages = this.#config.cachedMessages ?? Math.min(MOST_CACHED, Math.max(DEFAULT_CACHED_MESSAGES, cached))
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
        paused: this.#topics.paused,
        tally: this.#tally,
        emit: (event) => this.#feed.emit(event),
      },
      sink,
    )
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
