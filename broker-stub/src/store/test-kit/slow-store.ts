import type { StoredMessage } from '../../log/message-log.ts'
import type { KeptMessages } from '../kept-messages.ts'
import type { Appended, Fetched, MessageStore, OnChange, QueueEntry, StoredTopic, StoreStats, TopicQueues } from '../message-store.ts'
import { WrappedQueues } from './wrapped-queues.ts'

/**
 * A store whose messages have to be read each time somebody wants them, and whose appends are durable, and seen, a little later: what a disk does, without
 * one. What was read is at hand for one turn.
 */
export class SlowStore implements MessageStore {
  readonly #store: MessageStore

  constructor(store: MessageStore) {
    this.#store = store
  }

  openTopic(topic: StoredTopic, onChange: OnChange): TopicQueues {
    const queues = this.#store.openTopic(topic, () => slow.appeared())
    const slow = new SlowQueues(queues, onChange)
    return slow
  }

  dropTopic(name: string): void {
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

/** A little later, within the same turn of the event loop. */
async function later(): Promise<void> {
  for (let hop = 0; hop < 3; hop++) await undefined
}

class SlowQueues extends WrappedQueues {
  readonly #onChange: OnChange
  /** What readers may see of each queue. */
  readonly #visible: number[]
  /** Entries and messages that were read. */
  readonly #atHand = new Set<string>()
  readonly #reading = new Set<string>()

  constructor(queues: TopicQueues, onChange: OnChange) {
    super(queues)
    this.#onChange = onChange
    this.#visible = Array.from({ length: queues.count }, (_, queueId) => queues.range(queueId).max)
  }

  appeared(): void {
    void later().then(() => {
      for (const queueId of this.#visible.keys()) this.#visible[queueId] = this.queues.range(queueId).max
      this.#onChange()
    })
  }

  override append(message: StoredMessage): Appended {
    const appended = this.queues.append(message)
    return appended.kind === 'appended' || appended.kind === 'deferred' ? { ...appended, durable: later() } : appended
  }

  override range(queueId: number): { readonly min: number; readonly max: number } {
    return { min: this.queues.range(queueId).min, max: this.#visible[queueId] ?? 0 }
  }

  override next(queueId: number, offset: number): QueueEntry | 'loading' | undefined {
    const entry = this.queues.next(queueId, offset)
    if (typeof entry !== 'object' || entry.offset >= (this.#visible[queueId] ?? 0)) return undefined
    return this.#read(`entry ${queueId} ${entry.offset}`) ? entry : 'loading'
  }

  override fetch(entry: QueueEntry): Fetched {
    return this.#read(`message ${entry.position}`) ? this.queues.fetch(entry) : 'loading'
  }

  #read(what: string): boolean {
    if (this.#atHand.has(what)) return true
    if (this.#reading.has(what)) return false
    this.#reading.add(what)
    void later().then(() => {
      this.#reading.delete(what)
      this.#atHand.add(what)
      setImmediate(() => this.#atHand.delete(what))
      this.#onChange()
    })
    return false
  }
}
