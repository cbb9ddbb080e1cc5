import type { Filter } from '../connection/filter.ts'
import type { Session } from '../connection/session.ts'
import { invalidOption } from '../errors.ts'
import type { Engine } from './engine.ts'
import { checkSubscriptions, type Subscriptions } from './subscription.ts'

export interface TopicsOptions {
  /** Changes by subscribing and leaving. */
  readonly subscriptions: Map<string, Filter>
  readonly session: Session
  /** What receives, while the consumer runs. */
  readonly engine: () => Engine | undefined
  /** Whether routes are looked up before a topic counts as subscribed to. */
  readonly hasStarted: () => boolean
  /** @throws {FeatherMQError} CLIENT_CLOSED */
  readonly checkOpen: (what: string) => void
}

/** The topics of a consumer while it lives: which it is subscribed to, which of them are paused, and which it has left but still needs. */
export class Topics {
  readonly #options: TopicsOptions
  readonly #paused = new Set<string>()
  /** Topics that were unsubscribed from and are still needed. */
  readonly #leaving = new Set<string>()

  constructor(options: TopicsOptions) {
    this.#options = options
  }

  get paused(): ReadonlySet<string> {
    return this.#paused
  }

  /** @throws {FeatherMQError} INVALID_OPTION */
  pause(topics: readonly string[]): void {
    for (const topic of this.#named('pause', topics)) {
      if (this.#paused.has(topic)) continue
      this.#paused.add(topic)
      this.#options.engine()?.pause(topic)
    }
  }

  /** @throws {FeatherMQError} INVALID_OPTION */
  resume(topics: readonly string[]): void {
    for (const topic of this.#named('resume', topics)) if (this.#paused.delete(topic)) this.#options.engine()?.resume(topic)
  }

  /** @throws {FeatherMQError} as `Consumer.subscribe` */
  async subscribe(subscriptions: Subscriptions): Promise<void> {
    const { subscriptions: known, session, engine, hasStarted, checkOpen } = this.#options
    const wanted = checkSubscriptions(subscriptions, 'subscribe')
    checkOpen('subscribe()')
    if (hasStarted()) await Promise.all([...wanted.keys()].map((topic) => session.route(topic)))
    checkOpen('subscribe()')
    const changed = [...wanted].filter(([topic, filter]) => !sameFilter(known.get(topic), filter))
    session.declare(wanted.keys())
    for (const [topic, filter] of changed) {
      const old = known.has(topic)
      known.set(topic, filter)
      engine()?.subscribe(topic, old)
    }
    if (changed.length > 0) session.sync()
  }

  /** @throws {FeatherMQError} as `Consumer.unsubscribe` */
  unsubscribe(topics: readonly string[]): void {
    const { subscriptions: known, session, engine, checkOpen } = this.#options
    checkOpen('unsubscribe()')
    const leaving = [...new Set(topics)].filter((topic) => known.has(topic))
    if (leaving.length === known.size) throw invalidOption('unsubscribe.topics', topics.join(', '), 'fewer: one topic at least must remain')
    for (const topic of leaving) {
      known.delete(topic)
      this.#paused.delete(topic)
      this.#leaving.add(topic)
      const receiving = engine()
      if (receiving === undefined) this.#letGo(topic)
      else receiving.unsubscribe(topic, () => this.#letGo(topic))
    }
    if (leaving.length > 0) session.sync()
  }

  /** Nothing is held any more of any topic: the consumer does not run. */
  letGoAll(): void {
    for (const topic of this.#leaving) this.#letGo(topic)
  }

  /** Nothing is held of a topic that was left: endpoints that only it led to are not needed any more. */
  #letGo(topic: string): void {
    const { subscriptions, session } = this.#options
    if (this.#leaving.delete(topic) && !subscriptions.has(topic)) session.forget(topic)
  }

  /** The topics that are meant; none = all. */
  #named(what: string, topics: readonly string[]): readonly string[] {
    const known = this.#options.subscriptions
    for (const topic of topics) if (!known.has(topic)) throw invalidOption(`${what}.topics`, topic, 'a topic that is subscribed to')
    return topics.length > 0 ? topics : [...known.keys()]
  }
}

function sameFilter(left: Filter | undefined, right: Filter): boolean {
  return left !== undefined && left.type === right.type && left.expression === right.expression
}
