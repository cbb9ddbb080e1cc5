import type { TelemetryCommandInit } from '@feathermq/protocol'
import type { Clock } from '../clock.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { Recent } from '../recent.ts'
import type { TelemetryLink } from '../registry/clients.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import type { Committed, DueHalf, FoundMessage, KeptMessages } from '../store/kept-messages.ts'
import type { Refused, StoredTopic } from '../store/message-store.ts'
import { type CheckSettings, checkAt, checksBefore, defaultChecks } from './check-plan.ts'
import { Orphans } from './orphans.ts'
import { Pace } from './pace.ts'
import { Producers } from './producers.ts'

export type Resolution = 'commit' | 'rollback'

export type Ended =
  /** It has ended so, now or before. */
  | { readonly kind: 'ended' }
  /** There is no such transaction, or it has ended the other way. */
  | { readonly kind: 'unknown' }
  /** It goes on. */
  | Refused

/** Why a transaction was rolled back that nobody ended. */
export interface GivenUp {
  readonly topic: string
  readonly messageId: string
  readonly transactionId: string
  /** How often producers were asked. */
  readonly checks: number
}

/** A transaction has ended. */
export interface EndedTransaction {
  /** By which {@link TransactionsOptions.ended} knows it. */
  readonly key: string
  readonly topic: string
  readonly resolution: Resolution
  /** How long after its message was sent, ms. */
  readonly after: number
}

export interface TransactionsOptions {
  readonly clock: Clock
  readonly wheel: TimingWheel
  readonly kept: KeptMessages
  /** The topic of that name, if there is one now. */
  readonly topic: (name: string) => StoredTopic | undefined
  /** Asks a producer what became of a transaction. */
  readonly command: (message: StoredMessage, transactionId: string) => TelemetryCommandInit
  readonly checks?: CheckSettings | undefined
  readonly onGivenUp: (event: GivenUp) => void
  /** Told of each that ends, also of those that are given up. */
  readonly onEnded?: ((event: EndedTransaction) => void) | undefined
  /** Those that ended before a restart, from the oldest to the newest. */
  readonly ended?: Iterable<readonly [key: string, resolution: Resolution]> | undefined
}

/** While one is being ended it is not asked about. */
const BUSY = 1_000

/**
 * Transactions: a half message is kept where nobody sees it until its producer, or another one of its topic, says what is to become of it. Those that nobody
 * ends are asked about, on the timing wheel; where no producer is connected they wait for one, and cost nothing.
 */
export class Transactions {
  readonly producers: Producers = new Producers()
  readonly #options: TransactionsOptions
  readonly #checks: CheckSettings
  readonly #orphans: Orphans
  readonly #pace: Pace
  /** Those that are being ended, by id. */
  readonly #ending = new Map<string, Promise<unknown>>()
  readonly #ended = new Recent<Resolution>()
  readonly #counts = { committed: 0, rolledBack: 0, checks: 0, givenUp: 0 }

  constructor(options: TransactionsOptions) {
    this.#options = options
    this.#checks = options.checks ?? defaultChecks
    this.#pace = new Pace(options.clock)
    this.#orphans = new Orphans({
      clock: options.clock,
      wheel: options.wheel,
      onAbandoned: ({ half, message }) => this.#giveUp(half, message),
    })
    for (const [key, resolution] of options.ended ?? []) this.#ended.set(key, resolution)
    options.kept.onHalfDue((half, message) => this.#due(half, message))
  }

  /** Since the start, and how many wait for a producer now. */
  get stats(): {
    readonly committed: number
    readonly rolledBack: number
    readonly checks: number
    readonly givenUp: number
    readonly awaiting: number
  } {
    return { ...this.#counts, awaiting: this.#orphans.count }
  }

  /** The last to end, from the oldest to the newest, for a snapshot. */
  get ended(): Iterable<readonly [key: string, resolution: Resolution]> {
    return this.#ended.entries()
  }

  /** When a half message is asked about first, if it is held now. @param recovery What it says itself, ms. */
  firstCheck(recovery: number | undefined): number {
    return checkAt(this.#options.clock.now() + (recovery === undefined || recovery <= 0 ? this.#checks.first : recovery), 0)
  }

  /** A producer told which topics it sends to; see {@link Producers.came}. What waits for one of them is asked about. */
  producerCame(clientId: string, link: TelemetryLink, topics: readonly string[]): void {
    this.producers.came(clientId, link, topics)
    if (this.#orphans.count === 0) return
    for (const topic of topics) this.#orphans.wake(topic)
  }

  /**
   * Ends a transaction of the topic. Ending it once more in the same way is right for as long as that is remembered. Rejects when the disk fails.
   * @param messageId That of its message; empty where it is not known.
   */
  async end(topic: StoredTopic, id: string, messageId: string, resolution: Resolution): Promise<Ended> {
    const key = `${topic.id} ${id}`
    for (let running = this.#ending.get(id); running !== undefined; running = this.#ending.get(id)) await running.catch(() => {})
    const before = this.#ended.get(key)
    if (before !== undefined) return { kind: before === resolution ? 'ended' : 'unknown' }
    return this.#alone(id, async () => {
      const found = await this.#find(topic, id, messageId)
      if (found === undefined) return { kind: 'unknown' }
      const answer = resolution === 'commit' ? await this.#options.kept.commit(found) : await this.#rollBack(id)
      if (answer.kind === 'gone') return { kind: 'unknown' }
      if (answer.kind !== 'committed') return answer
      this.#orphans.forget(topic.name, id)
      this.#remember(key, found.message, resolution)
      this.#counts[resolution === 'commit' ? 'committed' : 'rolledBack']++
      return { kind: 'ended' }
    })
  }

  /** Whether a transaction of the topic goes on. Rejects when the disk fails. */
  async goesOn(topic: StoredTopic, id: string, messageId: string): Promise<boolean> {
    return (await this.#find(topic, id, messageId)) !== undefined
  }

  close(): void {
    this.#orphans.close()
  }

  async #alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const running = work()
    this.#ending.set(id, running)
    try {
      return await running
    } finally {
      this.#ending.delete(id)
    }
  }

  async #find(topic: StoredTopic, id: string, messageId: string): Promise<FoundMessage | undefined> {
    const found = await this.#options.kept.find(id)
    if (found === undefined || found.kind !== 'half' || found.topicId !== topic.id) return undefined
    return messageId === '' || found.message.messageId === messageId ? found : undefined
  }

  async #rollBack(id: string): Promise<Committed> {
    return { kind: (await this.#options.kept.cancel(id)) === 'cancelled' ? 'committed' : 'gone' }
  }

  #due(half: DueHalf, message: StoredMessage): void {
    const { id, topicId, dueAt } = half
    if (this.#ending.has(id)) {
      half.retry(BUSY)
      return
    }
    if (this.#options.topic(message.topic)?.id !== topicId) {
      // Nobody can commit it any more.
      void this.#alone(id, () => this.#options.kept.cancel(id)).catch(() => half.retry(BUSY))
      return
    }
    const before = checksBefore(dueAt)
    if (before >= this.#checks.most) {
      this.#giveUp(half, message)
      return
    }
    const producer = this.producers.next(message.topic)
    if (producer === undefined) {
      this.#orphans.add(message.topic, half, message)
      return
    }
    const wait = this.#pace.wait(id)
    if (wait > 0) {
      half.retry(wait)
      return
    }
    half.postpone(checkAt(this.#options.clock.now() + this.#checks.every, before + 1))
    this.#counts.checks++
    producer.send(this.#options.command(message, id))
  }

  #remember(key: string, { topic, storedAt }: Pick<StoredMessage, 'topic' | 'storedAt'>, resolution: Resolution): void {
    this.#ended.set(key, resolution)
    this.#options.onEnded?.({ key, topic, resolution, after: Math.max(0, this.#options.clock.now() - storedAt) })
  }

  #giveUp(half: DueHalf, message: Pick<StoredMessage, 'topic' | 'messageId' | 'storedAt'>): void {
    if (this.#ending.has(half.id)) half.retry(BUSY)
    else this.#alone(half.id, () => this.#giveUpNow(half, message)).catch(() => half.retry(BUSY))
  }

  async #giveUpNow({ id: transactionId, topicId, dueAt }: DueHalf, message: Pick<StoredMessage, 'topic' | 'messageId' | 'storedAt'>): Promise<void> {
    const { topic, messageId } = message
    if ((await this.#options.kept.cancel(transactionId)) !== 'cancelled') return
    this.#remember(`${topicId} ${transactionId}`, message, 'rollback')
    this.#counts.givenUp++
    this.#options.onGivenUp({ topic, messageId, transactionId, checks: checksBefore(dueAt) })
  }
}
