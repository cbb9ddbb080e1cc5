import { MemoryLog } from '../log/memory-log.ts'
import type { KeptMessages } from './kept-messages.ts'
import { MemoryKept } from './memory-kept.ts'
import { MemoryQueues, type Time } from './memory-queues.ts'
import type { MessageStore, OnChange, StoredTopic, StoreStats, TopicQueues } from './message-store.ts'

/** Messages in memory, bounded in bytes: what every group has settled goes when there is no room. */
export class MemoryStore implements MessageStore {
  readonly #log: MemoryLog
  readonly #kept: MemoryKept
  readonly #time: Time
  readonly #topics = new Map<string, MemoryQueues>()

  /** @param maxBytes Default 512 MiB. */
  constructor(time: Time, maxBytes?: number) {
    this.#time = time
    this.#log = new MemoryLog(maxBytes)
    this.#kept = new MemoryKept(this.#log, time)
    this.#log.onRemoved((message, position) => this.#topics.get(message.topic)?.remove(position))
  }

  openTopic(topic: StoredTopic, onChange: OnChange): TopicQueues {
    const queues = new MemoryQueues(topic, this.#log, this.#time, onChange, this.#kept)
    this.#topics.set(topic.name, queues)
    return queues
  }

  dropTopic(name: string): void {
    this.#topics.get(name)?.abandon()
    this.#topics.delete(name)
  }

  get kept(): KeptMessages {
    return this.#kept
  }

  get stats(): StoreStats {
    return this.#log.stats
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}
