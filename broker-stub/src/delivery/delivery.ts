import { randomBytes } from 'node:crypto'
import { deadLetterTopic } from '@feathermq/protocol'
import type { Clock } from '../clock.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { Group, Registry, Topic } from '../registry/types.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import type { MessageStore, QueueEntry, Refused, TopicQueues } from '../store/message-store.ts'
import { type DeadLetterCause, deadLetterCopy } from './dead-letter.ts'
import type { DeliveryJournal } from './durable/delivery-journal.ts'
import type { DeliveryRecords } from './durable/delivery-records.ts'
import { type Burial, type Engine, RenewedLeases } from './engine.ts'
import type { Lease } from './lease.ts'
import { type DeliveryLimits, defaultDeliveryLimits } from './limits.ts'
import type { SeekTarget } from './queue-seek.ts'
import { ReceiptHandles } from './receipt-handle.ts'
import { type Redriven, Redrives } from './redrives.ts'
import { Subscription } from './subscription.ts'
import type { RestoredSubscription } from './subscription-options.ts'
import type { ChangeResult, PendingReceive, ReceiveOutcome, ReceiveRequest, SettleResult, SubscriptionStats } from './types.ts'

export interface DeliveryOptions {
  readonly clock: Clock
  /** Everything in the broker that waits for a time waits on it; closed with the engine. */
  readonly wheel: TimingWheel
  readonly store: MessageStore
  readonly registry: Registry
  readonly brokerName: string
  /** One more than at the last start; part of every receipt handle. */
  readonly bootEpoch: number
  readonly limits?: Partial<DeliveryLimits> | undefined
  /** Eight secret bytes for receipt handles. Default random. */
  readonly key?: Uint8Array | undefined
  /** Writes down what has to survive the process. Default: nothing does. */
  readonly journal?: DeliveryJournal | undefined
  /** What the journal of before a restart says; {@link Delivery.restore} takes it up. */
  readonly restored?: DeliveryRecords | undefined
  /** Resolves when the topics that there are would be there after a loss of power; undefined when they would. */
  readonly topicsDurable?: (() => Promise<void> | undefined) | undefined
  /** Why nothing more may be handed out at the moment: what happens to it could not be written down. Undefined when all is well. */
  readonly trouble?: (() => string | undefined) | undefined
  /** Told of each message that went to a dead-letter topic. */
  readonly onDeadLetter?: ((event: { readonly message: StoredMessage; readonly group: string; readonly attempts: number }) => void) | undefined
}

export type Stored =
  | {
      readonly kind: 'stored'
      readonly queueId: number
      readonly offset: bigint
      readonly durable: Promise<void> | undefined
      /** Of a message that is in no queue yet. */
      readonly keptAs?: string | undefined
    }
  | Refused

/** One queue as the admin API shows it: messages from `min` up to, not including, `max`. */
export interface QueueStats {
  readonly id: number
  readonly min: number
  readonly max: number
}

export interface TopicStats {
  readonly topic: string
  readonly queues: readonly QueueStats[]
  /** Messages that entered a queue since start. */
  readonly stored: number
  readonly storedBytes: number
  /** Messages whose delivery time has not come. */
  readonly delayed: number
  readonly groups: readonly string[]
}

class TopicState {
  readonly topic: Topic
  readonly queues: TopicQueues
  readonly subscriptions = new Map<string, Subscription>()
  #awaiting: (() => void)[] = []

  constructor(topic: Topic, store: MessageStore) {
    this.topic = topic
    this.queues = store.openTopic(topic, () => this.tell())
  }

  /** Something may be there, or at hand, that was not; or never will be. */
  tell(): void {
    for (const subscription of this.subscriptions.values()) subscription.changed()
    for (const resolve of this.#awaiting.splice(0)) resolve()
  }

  /** Resolves with the next {@link tell}. */
  readonly changed = (): Promise<void> => new Promise((resolve) => this.#awaiting.push(resolve))
}

/**
 * The broker's engine: stores messages, hands them out under leases, brings back what was not acknowledged.
 *
 * State of one (topic, group) pair lives in one {@link Subscription}. Everything happens on the caller's turn or on the timing wheel; nothing is awaited.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #engine: Engine
  readonly #topics = new Map<string, TopicState>()
  /** By the number that receipt handles carry. */
  readonly #subscriptions = new Map<number, Subscription>()
  /** Whose entries somebody is about to move. */
  readonly #kept = new WeakMap<QueueEntry, { readonly subscription: Subscription; readonly lease: Lease }>()
  readonly #redrives: Redrives
  /** Never used twice, so that no handle of a removed subscription ever fits another. */
  #nextSubscription = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
    const { clock, wheel, brokerName, bootEpoch } = options
    this.#engine = {
      clock,
      wheel,
      handles: new ReceiptHandles(brokerName, bootEpoch, options.key ?? randomBytes(8)),
      limits: { ...defaultDeliveryLimits, ...options.limits },
      renewed: new RenewedLeases(),
      waiting: 0,
      bury: (message, group, cause) => this.#bury(message, group, cause),
      trouble: options.trouble ?? (() => undefined),
    }
    const { registry, journal, restored } = options
    this.#redrives = new Redrives(
      {
        clock,
        hasTopic: (name) => registry.topic(name) !== undefined,
        append: (message) => this.append(message),
        note: (topicId, offset) => journal?.redriven(topicId, offset),
      },
      restored?.redriven,
    )
  }

  /** Goes on with the subscriptions of before a restart; those whose topic or group is gone are forgotten. The registry knows all that there are. */
  restore(): void {
    const { restored, registry, journal } = this.#options
    if (restored === undefined) return
    const topics = new Map(registry.topics().map((topic) => [topic.id, topic]))
    this.#nextSubscription = restored.nextSubscription
    for (const id of restored.redriven.keys()) if (!topics.has(id)) this.#redrives.forget(id)
    for (const { id, topicId, group: name, restored: before } of restored.subscriptions) {
      const topic = topics.get(topicId)
      const group = registry.group(name)
      if (topic === undefined || group === undefined) journal?.unsubscribed(id)
      else this.#open(id, topic, group, before)
    }
  }

  /** See {@link MessageStore.copies}. */
  get copies(): boolean {
    return this.#options.store.copies === true
  }

  /** Resolves when what has happened up to now would survive the process; undefined when it does, or when nothing is to survive. */
  written(): Promise<void> | undefined {
    return this.#options.journal?.written()
  }

  /** For a snapshot: all that the journal would have to say, in records. Yields between them. */
  snapshot(journal: DeliveryJournal): Iterable<undefined> {
    return journal.snapshot(this.#subscriptions.values(), this.#redrives.offsets)
  }

  /** Where messages lie in [base, end) of the log that were handed out and are not settled, or wait behind a message group: one for each who needs it. */
  *keep(base: number, end: number): Iterable<QueueEntry> {
    for (const subscription of this.#subscriptions.values()) {
      for (const lease of subscription.needed()) {
        const { entry } = lease
        if (entry.position < base || entry.position >= end) continue
        this.#kept.set(entry, { subscription, lease })
        yield entry
      }
    }
  }

  /** The message of an entry of {@link keep} lies elsewhere from now on. */
  moved(entry: QueueEntry, position: number, length: number): void {
    const kept = this.#kept.get(entry)
    if (kept?.lease.entry === entry && kept.lease.state !== 'settled') kept.subscription.moved(kept.lease, position, length)
  }

  /** Clients whose leases the broker renews. */
  get renewedClients(): readonly string[] {
    return this.#engine.renewed.clients
  }

  /** Stores a message whose topic exists. A delayed one gets its queue and offset when its time comes; until then the offset reads 0. */
  append(message: StoredMessage): Stored {
    const state = this.#topic(message.topic)
    if (state === undefined) throw new Error(`the topic ${message.topic} is not in the registry`)
    const appended = state.queues.append(message)
    if (appended.kind === 'full' || appended.kind === 'unavailable') return appended
    // A delayed one gets its queue and offset when its time comes.
    const { queueId, offset } = appended.kind === 'appended' ? appended : { queueId: 0, offset: 0 }
    const keptAs = appended.kind === 'deferred' ? appended.id : undefined
    return { kind: 'stored', queueId, offset: BigInt(offset), durable: both(appended.durable, this.#options.topicsDurable?.()), keptAs }
  }

  /** Keeps a half message of a topic that exists. */
  hold(message: StoredMessage, firstCheck: number): Stored {
    const state = this.#topic(message.topic)
    if (state === undefined) throw new Error(`the topic ${message.topic} is not in the registry`)
    const kept = this.#options.store.kept.hold(state.topic, message, firstCheck)
    if (kept.kind !== 'deferred') return kept
    return { kind: 'stored', queueId: 0, offset: 0n, durable: both(kept.durable, this.#options.topicsDurable?.()), keptAs: kept.id }
  }

  receive(topic: Topic, group: Group, request: ReceiveRequest, done: (outcome: ReceiveOutcome) => void): PendingReceive {
    return this.#subscription(topic, group).receive(request, done)
  }

  /** Settles a delivery. A repeated acknowledgement is `ok` while the lease would have run. */
  acknowledge(topic: string, group: string, handle: string): SettleResult {
    return this.#with(topic, group, handle, 'invalid-handle', (subscription, parts) => subscription.acknowledge(parts))
  }

  /** Moves the end of a lease to `duration` ms from now; the answer's handle replaces the old one, which is dead. */
  changeInvisible(
    topic: string,
    group: string,
    handle: string,
    duration: number,
    options?: { readonly suspend?: boolean | undefined; readonly error?: string | undefined },
  ): ChangeResult {
    return this.#with<ChangeResult>(topic, group, handle, { kind: 'invalid-handle' }, (subscription, parts) =>
      subscription.changeInvisible(parts, duration, options?.suspend ?? false, options?.error),
    )
  }

  /** Gives a message up: it goes to `%DLQ%<group>` now. `error` says why. */
  deadLetter(topic: string, group: string, handle: string, error?: string | undefined): SettleResult | Promise<SettleResult> {
    return this.#with<SettleResult | Promise<SettleResult>>(topic, group, handle, 'invalid-handle', (subscription, parts) =>
      subscription.deadLetter(parts, error),
    )
  }

  /**
   * Lets a group go on elsewhere in a topic; what it had in flight there is as if it had never been handed out, and its handles are dead. Resolves with the
   * offsets, by queue, once that is known; undefined when the topic or the group went first.
   */
  reset(topic: Topic, group: Group, target: SeekTarget): Promise<readonly number[] | undefined> {
    return new Promise((resolve) => this.#subscription(topic, group).reset(target, resolve))
  }

  /**
   * Sends up to `most` dead letters of a group back to where they came from, each once; after a kill in the middle some may be sent twice.
   * @returns undefined while that is being done already.
   */
  async redrive(group: string, most: number = Number.POSITIVE_INFINITY): Promise<Redriven | undefined> {
    const letters = this.#letters(group)
    return letters === undefined ? { moved: 0, left: 0, stopped: undefined } : await this.#redrives.run(letters.topic, letters, most)
  }

  /** Dead letters of a group that were not sent back. */
  deadLetters(group: string): number {
    const letters = this.#letters(group)
    return letters === undefined ? 0 : this.#redrives.left(letters.topic, letters.queues)
  }

  #letters(group: string): TopicState | undefined {
    return this.#topic(deadLetterTopic(group))
  }

  /** The client is gone: what the broker renewed for it comes back after a second. */
  clientLost(clientId: string): void {
    for (const lease of this.#engine.renewed.of(clientId)) lease.owner.lose(lease)
  }

  groupChanged(group: Group): void {
    for (const { subscriptions } of this.#topics.values()) subscriptions.get(group.name)?.groupChanged(group)
  }

  /** Forgets a topic that left the registry: its messages may go, its receives are answered, its receipt handles are dead. */
  removeTopic(name: string): void {
    const state = this.#topics.get(name)
    if (state === undefined) return
    this.#topics.delete(name)
    this.#redrives.forget(state.topic.id)
    for (const subscription of state.subscriptions.values()) this.#remove(subscription)
    this.#options.store.dropTopic(name)
    state.tell()
  }

  /** Forgets a group that left the registry: no message waits for it any more, its receives are answered, its receipt handles are dead. */
  removeGroup(name: string): void {
    for (const { subscriptions } of this.#topics.values()) {
      const subscription = subscriptions.get(name)
      if (subscription === undefined) continue
      subscriptions.delete(name)
      this.#remove(subscription)
    }
  }

  #remove(subscription: Subscription): void {
    subscription.remove()
    this.#subscriptions.delete(subscription.id)
    this.#options.journal?.unsubscribed(subscription.id)
  }

  subscriptionStats(): readonly SubscriptionStats[] {
    return [...this.#subscriptions.values()].map((subscription) => subscription.stats())
  }

  topicStats(topic: string): TopicStats | undefined {
    const state = this.#topic(topic)
    if (state === undefined) return undefined
    const queues = Array.from({ length: state.queues.count }, (_, id) => ({ id, ...state.queues.range(id) }))
    return {
      topic,
      queues,
      stored: state.queues.stored.messages,
      storedBytes: state.queues.stored.bytes,
      delayed: state.queues.deferred,
      groups: [...state.subscriptions.keys()],
    }
  }

  /** Receives that wait now. */
  get waiting(): number {
    return this.#engine.waiting
  }

  /** Answers all receives that wait, and stops the wheel. */
  close(): void {
    for (const subscription of this.#subscriptions.values()) subscription.close()
    this.#engine.wheel.close()
  }

  #topic(name: string): TopicState | undefined {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    const topic = this.#options.registry.topic(name)
    if (topic === undefined) return undefined
    const state = new TopicState(topic, this.#options.store)
    this.#topics.set(name, state)
    return state
  }

  #subscription(topic: Topic, group: Group): Subscription {
    const state = this.#topic(topic.name)
    if (state === undefined) throw new Error(`the topic ${topic.name} is not in the registry`)
    const known = state.subscriptions.get(group.name)
    if (known !== undefined) return known
    const id = this.#nextSubscription++
    this.#options.journal?.subscribed({ id, topicId: topic.id, group: group.name })
    return this.#open(id, topic, group)
  }

  #open(id: number, topic: Topic, group: Group, restored?: RestoredSubscription): Subscription {
    const state = this.#topic(topic.name)
    if (state === undefined) throw new Error(`the topic ${topic.name} is not in the registry`)
    const journal = this.#options.journal?.of(() => subscription)
    const subscription: Subscription = new Subscription({
      id,
      topicId: topic.id,
      queues: state.queues,
      byPriority: topic.types.includes('PRIORITY'),
      group,
      engine: this.#engine,
      journal,
      restored,
    })
    this.#subscriptions.set(id, subscription)
    state.subscriptions.set(group.name, subscription)
    return subscription
  }

  /** Finds what a handle stands for; a handle of another topic or group is as invalid as any. */
  #with<T>(
    topic: string,
    group: string,
    handle: string,
    invalid: T,
    act: (subscription: Subscription, parts: ReturnType<ReceiptHandles['parse']> & object) => T,
  ): T {
    const parts = this.#engine.handles.parse(handle)
    if (parts === undefined) return invalid
    const subscription = this.#subscriptions.get(parts.subscription)
    if (subscription === undefined || subscription.queues.name !== topic || subscription.group.name !== group) return invalid
    return act(subscription, parts)
  }

  #bury(message: StoredMessage, group: string, cause: DeadLetterCause): Burial {
    const topic = this.#options.registry.deadLetterTopic(group)
    const stored = this.append(deadLetterCopy(message, topic.name, cause, this.#engine.clock.now()))
    // A disk that takes nothing heals, as a store that is full does: it is tried again.
    if (stored.kind !== 'stored') return { kind: 'full' }
    this.#options.onDeadLetter?.({ message, group, attempts: cause.attempts })
    return { kind: 'buried', durable: stored.durable }
  }
}

function both(one: Promise<void> | undefined, other: Promise<void> | undefined): Promise<void> | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Promise.all([one, other]).then(() => undefined)
}
