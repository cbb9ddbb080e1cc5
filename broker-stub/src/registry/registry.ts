import type { MessageType } from '@feathermq/protocol'
import { checkGroup, checkTopic, deadLetterTopic } from '@feathermq/protocol'
import type { Clock } from '../clock.ts'
import type { Group, Origin, Registry, RetryPolicy, StartPosition, Topic } from './types.ts'

/** Message types that this broker serves. */
export const servedTypes: readonly MessageType[] = ['NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'PRIORITY']

/** What a topic takes unless it was created for others: all but those for which its queues mean something else. */
export const defaultTypes: readonly MessageType[] = servedTypes.filter((type) => type !== 'PRIORITY')

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The default of a stock RocketMQ group: eighteen steps from one second to two hours (server behaviour: CustomizedRetryPolicy). */
export const defaultRetry: RetryPolicy = {
  kind: 'customized',
  next: [
    ...[1, 5, 10, 30].map((seconds) => seconds * SECOND),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30].map((minutes) => minutes * MINUTE),
    HOUR,
    2 * HOUR,
  ],
}

/** What names of dead-letter topics begin with. */
const DEAD_LETTERS = deadLetterTopic('')

export const DEFAULT_QUEUES = 4
export const DEFAULT_MAX_ATTEMPTS = 17

export interface TopicSettings {
  readonly types?: readonly MessageType[] | undefined
  /** Default 4. */
  readonly queues?: number | undefined
}

export interface GroupSettings {
  readonly ordered?: boolean | undefined
  /** Deliveries in all. Default 17. */
  readonly maxAttempts?: number | undefined
  readonly retry?: RetryPolicy | undefined
  readonly start?: StartPosition | undefined
  readonly paused?: boolean | undefined
}

export interface RegistryOptions {
  readonly clock: Clock
  /** Make topics and groups when they are first used. */
  readonly autoCreate: boolean
  /** What there was before a restart. */
  readonly restored?: RestoredRegistry | undefined
  /** Told of each change, so that it survives. */
  readonly onChange?: ((change: RegistryChange) => void) | undefined
  /** Default 10,000 each. */
  readonly maxTopics?: number | undefined
  readonly maxGroups?: number | undefined
}

export interface RestoredRegistry {
  readonly topics: Iterable<Topic>
  readonly groups: Iterable<Group>
  /** The first id that no topic ever had. */
  readonly nextTopic: number
}

export type RegistryChange =
  | { readonly kind: 'topic'; readonly topic: Topic }
  | { readonly kind: 'topic-removed'; readonly topic: Topic }
  | { readonly kind: 'group'; readonly group: Group }
  | { readonly kind: 'group-removed'; readonly group: Group }

/** Why something cannot be created; `message` is for people. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError'
  /** `illegal`: no such thing can ever be; `conflict`: not beside what there is. */
  readonly reason: 'illegal' | 'conflict'

  constructor(reason: 'illegal' | 'conflict', message: string) {
    super(message)
    this.reason = reason
  }
}

/** The topics and groups of a broker. */
export class TopicsAndGroups implements Registry {
  readonly #options: RegistryOptions
  readonly #topics = new Map<string, Topic>()
  readonly #groups = new Map<string, Group>()
  readonly #listeners: ((group: Group) => void)[] = []
  #nextTopic = 1

  constructor(options: RegistryOptions) {
    this.#options = options
    const { restored } = options
    if (restored === undefined) return
    for (const topic of restored.topics) this.#topics.set(topic.name, topic)
    for (const group of restored.groups) this.#groups.set(group.name, group)
    this.#nextTopic = restored.nextTopic
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  group(name: string): Group | undefined {
    return this.#groups.get(name)
  }

  /** The first id that no topic ever had. */
  get nextTopic(): number {
    return this.#nextTopic
  }

  topics(): readonly Topic[] {
    return [...this.#topics.values()]
  }

  groups(): readonly Group[] {
    return [...this.#groups.values()]
  }

  /** Told when a group's settings change. */
  onGroupChanged(listener: (group: Group) => void): void {
    this.#listeners.push(listener)
  }

  /**
   * The topic, made on first use where that is allowed: its name is legal and has no `%`. The dead-letter topic of a group that there is may always be used:
   * who consumes it should be there before the first dead letter.
   */
  useTopic(name: string): Topic | undefined {
    const known = this.#topics.get(name)
    if (known !== undefined) return known
    if (name.startsWith(DEAD_LETTERS) && this.#groups.has(name.slice(DEAD_LETTERS.length)))
      return this.deadLetterTopic(name.slice(DEAD_LETTERS.length))
    if (!this.#options.autoCreate || name.includes('%') || checkTopic(name) !== undefined) return undefined
    if (this.#topics.size >= this.#maxTopics) return undefined
    return this.#putTopic(name, {}, 'first-use')
  }

  /** The group, made on first use where that is allowed. */
  useGroup(name: string, ordered = false): Group | undefined {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    if (!this.#options.autoCreate || checkGroup(name) !== undefined) return undefined
    if (this.#groups.size >= this.#maxGroups) return undefined
    return this.#putGroup(name, { ordered }, 'first-use')
  }

  /** @throws {RegistryError} when the name is not legal, taken, or there are too many. */
  createTopic(name: string, settings: TopicSettings, origin: Origin): Topic {
    const problem = checkTopic(name)
    if (problem !== undefined) throw new RegistryError('illegal', problem.message)
    if (name.includes('%'))
      throw new RegistryError('illegal', `the topic "${name}" has a "%", which only topics that the broker makes itself may have`)
    if (this.#topics.has(name)) throw new RegistryError('conflict', `the topic "${name}" exists already`)
    if (this.#topics.size >= this.#maxTopics)
      throw new RegistryError('conflict', `there are ${this.#maxTopics} topics already, the most that this broker keeps`)
    return this.#putTopic(name, settings, origin)
  }

  /** Creates the group, or changes its settings. @throws {RegistryError} */
  putGroup(name: string, settings: GroupSettings, origin: Origin): Group {
    const problem = checkGroup(name)
    if (problem !== undefined) throw new RegistryError('illegal', problem.message)
    const known = this.#groups.get(name)
    if (known === undefined && this.#groups.size >= this.#maxGroups) {
      throw new RegistryError('conflict', `there are ${this.#maxGroups} groups already, the most that this broker keeps`)
    }
    if (known !== undefined && settings.ordered !== undefined && settings.ordered !== known.ordered) {
      throw new RegistryError('conflict', `the group "${name}" is ${known.ordered ? 'ordered' : 'not ordered'}, which cannot change while it exists`)
    }
    const group = this.#putGroup(name, { ...known, ...defined(settings) }, known?.origin ?? origin)
    if (known !== undefined) for (const listener of this.#listeners) listener(group)
    return group
  }

  /** False when there is none. What delivery keeps of it has to be removed as well. */
  removeTopic(name: string): boolean {
    const topic = this.#topics.get(name)
    if (topic === undefined) return false
    this.#topics.delete(name)
    this.#changed({ kind: 'topic-removed', topic })
    return true
  }

  /** False when there is none. What delivery keeps of it has to be removed as well. */
  removeGroup(name: string): boolean {
    const group = this.#groups.get(name)
    if (group === undefined) return false
    this.#groups.delete(name)
    this.#changed({ kind: 'group-removed', group })
    return true
  }

  deadLetterTopic(group: string): Topic {
    const name = deadLetterTopic(group)
    return this.#topics.get(name) ?? this.#putTopic(name, { queues: 1, types: ['NORMAL'] }, 'dead-letter')
  }

  #changed(change: RegistryChange): void {
    this.#options.onChange?.(change)
  }

  get #maxTopics(): number {
    return this.#options.maxTopics ?? 10_000
  }

  get #maxGroups(): number {
    return this.#options.maxGroups ?? 10_000
  }

  #putTopic(name: string, settings: TopicSettings, origin: Origin): Topic {
    const topic: Topic = {
      id: this.#nextTopic++,
      name,
      types: settings.types ?? defaultTypes,
      queues: settings.queues ?? DEFAULT_QUEUES,
      origin,
      createdAt: this.#options.clock.now(),
    }
    this.#topics.set(name, topic)
    this.#changed({ kind: 'topic', topic })
    return topic
  }

  #putGroup(name: string, settings: GroupSettings, origin: Origin): Group {
    const group: Group = {
      name,
      ordered: settings.ordered ?? false,
      maxAttempts: settings.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      retry: settings.retry ?? defaultRetry,
      start: settings.start ?? 'default',
      paused: settings.paused ?? false,
      origin,
      createdAt: this.#groups.get(name)?.createdAt ?? this.#options.clock.now(),
    }
    this.#groups.set(name, group)
    this.#changed({ kind: 'group', group })
    return group
  }
}

function defined(settings: GroupSettings): GroupSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}
