import type { StoredMessage } from '../../log/message-log.ts'
import type { KeptMessages } from '../kept-messages.ts'
import type { Appended, Fetched, MessageStore, OnChange, QueueEntry, StoredTopic, StoreStats, TopicQueues } from '../message-store.ts'

/** A store that is there again, with all its messages, for an engine that is started anew. */
export class SurvivingStore implements MessageStore {
  readonly #store: MessageStore
  readonly #topics = new Map<string, { readonly queues: TopicQueues; onChange: OnChange }>()

  constructor(store: MessageStore) {
    this.#store = store
  }

  openTopic(topic: StoredTopic, onChange: OnChange): TopicQueues {
    const known = this.#topics.get(topic.name)
    if (known !== undefined) {
      known.onChange = onChange
      return known.queues
    }
    const opened = { queues: new SurvivingQueues(this.#store.openTopic(topic, () => opened.onChange())), onChange }
    this.#topics.set(topic.name, opened)
    return opened.queues
  }

  dropTopic(name: string): void {
    this.#topics.delete(name)
    this.#store.dropTopic(name)
  }

  get kept(): KeptMessages {
    return this.#store.kept
  }

  get stats(): StoreStats {
    return this.#store.stats
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** Knows entries again of which an engine of before wrote down where they are. */
class SurvivingQueues implements TopicQueues {
  readonly #queues: TopicQueues

  constructor(queues: TopicQueues) {
    this.#queues = queues
  }

  #own(entry: QueueEntry): QueueEntry {
    const own = this.#queues.next(entry.queueId, entry.offset)
    return typeof own === 'object' && own.offset === entry.offset ? own : entry
  }

  get name(): string {
    return this.#queues.name
  }

  get count(): number {
    return this.#queues.count
  }

  get stored(): { readonly messages: number; readonly bytes: number } {
    return this.#queues.stored
  }

  get deferred(): number {
    return this.#queues.deferred
  }

  append(message: StoredMessage): Appended {
    return this.#queues.append(message)
  }

  range(queueId: number): { readonly min: number; readonly max: number } {
    return this.#queues.range(queueId)
  }

  next(queueId: number, offset: number): QueueEntry | 'loading' | undefined {
    return this.#queues.next(queueId, offset)
  }

  fetch(entry: QueueEntry): Fetched {
    return this.#queues.fetch(this.#own(entry))
  }

  join(): number[] {
    return this.#queues.join()
  }

  rejoin(cursors: ReadonlyMap<number, number>): number[] {
    return this.#queues.rejoin(cursors)
  }

  settle(entry: QueueEntry): void {
    this.#queues.settle(this.#own(entry))
  }

  leave(cursors: readonly number[]): void {
    this.#queues.leave(cursors)
  }
}
