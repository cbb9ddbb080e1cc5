import type { RegistryChange, RestoredRegistry } from '../registry/registry.ts'
import type { Group, Topic } from '../registry/types.ts'
import { RecordError } from '../state/record-error.ts'
import type { KeptCounts } from '../store/kept-messages.ts'

/** Types of records in the state that are the registry's. Numbers stay what they are: files have them. */
const registryRecord = { topic: 1, topicRemoved: 2, group: 3, groupRemoved: 4, nextTopic: 5, deferred: 6 } as const

type Emit = (type: number, bytes: Uint8Array) => void

const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

/** Writes down a change of topics and groups. They are few, and people may want to read them: their records are JSON. */
export function emitChange(change: RegistryChange, emit: Emit): void {
  switch (change.kind) {
    case 'topic':
      emit(registryRecord.topic, text(change.topic))
      break
    case 'topic-removed':
      emit(registryRecord.topicRemoved, text({ id: change.topic.id, name: change.topic.name }))
      break
    case 'group':
      emit(registryRecord.group, text(change.group))
      break
    case 'group-removed':
      emit(registryRecord.groupRemoved, text({ name: change.group.name }))
  }
}

/** So many messages of a topic wait for their time, and so many for the end of their transaction. */
export function emitDeferred(topicId: number, { delayed, halves }: KeptCounts, emit: Emit): void {
  emit(registryRecord.deferred, text({ topicId, count: delayed, halves }))
}

/** All topics and groups, for a snapshot. Yields now and then. */
export function* emitRegistry(topics: readonly Topic[], groups: readonly Group[], nextTopic: number, emit: Emit): Iterable<undefined> {
  emit(registryRecord.nextTopic, text({ nextTopic }))
  for (const topic of topics) {
    emitChange({ kind: 'topic', topic }, emit)
    yield
  }
  for (const group of groups) {
    emitChange({ kind: 'group', group }, emit)
    yield
  }
}

/** Gathers topics and groups when the state is opened. Of two records about the same one the later holds. */
export class RegistryRecords implements RestoredRegistry {
  readonly #topics = new Map<string, Topic>()
  readonly #groups = new Map<string, Group>()
  /** How many messages are kept outside of their queues, by the id of their topic. */
  readonly deferred: Map<number, KeptCounts> = new Map()
  #nextTopic = 1

  get topics(): Iterable<Topic> {
    return this.#topics.values()
  }

  get groups(): Iterable<Group> {
    return this.#groups.values()
  }

  get nextTopic(): number {
    return this.#nextTopic
  }

  /** Messages of topics up to this id are in the log, of which the state may have lost the record. */
  seen(topicId: number): void {
    this.#nextTopic = Math.max(this.#nextTopic, topicId + 1)
  }

  /** @returns whether the record is one of the registry's. @throws {RecordError} for one that cannot be read. */
  take(type: number, bytes: Uint8Array): boolean {
    switch (type) {
      case registryRecord.topic: {
        const topic = read<Topic>(bytes)
        this.seen(topic.id)
        this.#topics.set(topic.name, topic)
        return true
      }
      case registryRecord.topicRemoved: {
        const { id, name } = read<{ readonly id: number; readonly name: string }>(bytes)
        this.seen(id)
        // One of the same name may have been made since.
        if (this.#topics.get(name)?.id === id) this.#topics.delete(name)
        return true
      }
      case registryRecord.group: {
        const group = read<Group>(bytes)
        this.#groups.set(group.name, group)
        return true
      }
      case registryRecord.groupRemoved:
        this.#groups.delete(read<{ readonly name: string }>(bytes).name)
        return true
      case registryRecord.deferred: {
        const { topicId, count, halves = 0 } = read<{ readonly topicId: number; readonly count: number; readonly halves?: number }>(bytes)
        if (count > 0 || halves > 0) this.deferred.set(topicId, { delayed: count, halves })
        else this.deferred.delete(topicId)
        return true
      }
      case registryRecord.nextTopic:
        this.seen(read<{ readonly nextTopic: number }>(bytes).nextTopic - 1)
        return true
      default:
        return false
    }
  }
}

function read<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as T
  } catch (cause) {
    throw new RecordError('a record of a topic or a group is no JSON', { cause })
  }
}
