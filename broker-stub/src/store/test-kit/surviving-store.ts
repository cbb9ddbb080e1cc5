import type { KeptMessages } from '../kept-messages.ts'
import type { Fetched, MessageStore, OnChange, QueueEntry, StoredTopic, StoreStats, TopicQueues } from '../message-store.ts'
import { WrappedQueues } from './wrapped-queues.ts'

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
class SurvivingQueues extends WrappedQueues {
  #own(entry: QueueEntry): QueueEntry {
    const own = this.queues.next(entry.queueId, entry.offset)
    return typeof own === 'object' && own.offset === entry.offset ? own : entry
  }

  override fetch(entry: QueueEntry): Fetched {
    return super.fetch(this.#own(entry))
  }

  override settle(entry: QueueEntry): void {
    super.settle(this.#own(entry))
  }
}
