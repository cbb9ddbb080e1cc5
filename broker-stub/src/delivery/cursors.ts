import type { QueueEntry, TopicQueues } from '../store/message-store.ts'
import type { SubscriptionJournal } from './subscription-journal.ts'

/** How far a group has come in each queue of a topic, and which queue's turn it is. */
export class Cursors {
  readonly #queues: TopicQueues
  readonly #offsets: number[]
  readonly #journal: SubscriptionJournal
  #turn = 0

  constructor(queues: TopicQueues, offsets: readonly number[], journal: SubscriptionJournal) {
    this.#queues = queues
    this.#journal = journal
    this.#offsets = [...offsets]
  }

  get offsets(): readonly number[] {
    return this.#offsets
  }

  /** The queue whose turn it is; the next one has it then. */
  turn(): number {
    const queueId = this.#turn
    this.#turn = (queueId + 1) % this.#queues.count
    return queueId
  }

  /** The next message of a queue. */
  peek(queueId: number): QueueEntry | 'loading' | undefined {
    const entry = this.#queues.next(queueId, this.#offsets[queueId] as number)
    // Over what retention took, or never was.
    if (typeof entry === 'object') this.#offsets[queueId] = entry.offset
    return entry
  }

  pass(entry: QueueEntry): void {
    this.#offsets[entry.queueId] = entry.offset + 1
    this.#journal.cursor(entry.queueId)
  }

  moveTo(offsets: readonly number[]): void {
    for (const [queueId, offset] of offsets.entries()) {
      this.#offsets[queueId] = offset
      this.#journal.cursor(queueId)
    }
  }

  /** Messages that no cursor has passed, and when the oldest of them was stored; undefined while that has to be read, and without any. */
  get ahead(): { readonly messages: number; readonly oldest: number | undefined } {
    let messages = 0
    let oldest: number | undefined
    for (const queueId of this.#offsets.keys()) {
      const entry = this.peek(queueId)
      if (entry === undefined) continue
      messages += this.#queues.range(queueId).max - (this.#offsets[queueId] as number)
      if (entry !== 'loading' && !(entry.storedAt > (oldest ?? Number.POSITIVE_INFINITY))) oldest = entry.storedAt
    }
    return { messages, oldest }
  }
}
