import type { StoredMessage } from '../../log/message-log.ts'
import type { MessageStore, QueueEntry, StoredTopic, TopicQueues } from '../message-store.ts'

export interface Read {
  readonly entry: QueueEntry
  readonly message: StoredMessage
}

/** Queues and who waits for them to change. */
export class Reading {
  readonly queues: TopicQueues
  changes = 0
  #waiting: (() => void)[] = []
  #ended = false

  constructor(store: MessageStore, topic: StoredTopic) {
    this.queues = store.openTopic(topic, () => {
      this.changes++
      if (this.#ended) return
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  /** Its process is no more: whoever waits does so for ever. */
  end(): void {
    this.#ended = true
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** As delivery does it: what is not at hand is waited for. */
  async next(queueId: number, offset: number): Promise<QueueEntry | undefined> {
    for (;;) {
      const entry = this.queues.next(queueId, offset)
      if (entry !== 'loading') return entry
      await this.changed()
    }
  }

  async fetch(entry: QueueEntry): Promise<StoredMessage | 'gone'> {
    for (;;) {
      const message = this.queues.fetch(entry)
      if (message !== 'loading') return message
      await this.changed()
    }
  }

  /** All that there is to see of a queue; what is gone is left out. */
  async all(queueId: number, from = 0): Promise<Read[]> {
    const found: Read[] = []
    for (let entry = await this.next(queueId, from); entry !== undefined; entry = await this.next(queueId, entry.offset + 1)) {
      const message = await this.fetch(entry)
      if (message !== 'gone') found.push({ entry, message })
    }
    return found
  }
}
