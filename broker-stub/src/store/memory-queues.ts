import type { Clock } from '../clock.ts'
import type { LogPosition, MessageLog, StoredMessage } from '../log/message-log.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryKept } from './memory-kept.ts'
import type { Appended, Fetched, OnChange, QueueEntry, StoredTopic, TopicQueues } from './message-store.ts'
import { QueueChoice } from './queue-choice.ts'

/** What delayed messages wait on. */
export interface Time {
  readonly clock: Clock
  readonly wheel: TimingWheel
}

/** One message in its queue. */
export interface MemoryEntry extends QueueEntry {
  readonly message: StoredMessage
  /** Groups that still need it. */
  pending: number
}

class Queue {
  /** Undefined where the log dropped the message: behind one that stays, nothing may keep its bytes in memory. */
  readonly entries: (MemoryEntry | undefined)[] = []
  /** Offset of `entries[0]`. */
  base = 0
  /** The log dropped some of its messages. */
  removed = false

  get end(): number {
    return this.base + this.entries.length
  }

  /** The first at or behind the offset that is there. */
  next(offset: number): MemoryEntry | undefined {
    for (let at = Math.max(offset - this.base, 0); at < this.entries.length; at++) {
      const entry = this.entries[at]
      if (entry !== undefined) return entry
    }
    return undefined
  }

  /** Forgets removed messages at the front. */
  trim(): void {
    let gone = 0
    while (gone < this.entries.length && this.entries[gone] === undefined) gone++
    // Moving the rest is only worth it for a good part of the array.
    if (gone < 1024 && gone < this.entries.length) return
    this.entries.splice(0, gone)
    this.base += gone
  }
}

/** The queues of one topic in memory. */
export class MemoryQueues implements TopicQueues {
  readonly name: string
  readonly stored = { messages: 0, bytes: 0 }
  readonly #log: MessageLog
  readonly #onChange: OnChange
  readonly #queues: Queue[]
  readonly #byPosition = new Map<LogPosition, MemoryEntry>()
  readonly #topicId: number
  readonly #kept: MemoryKept
  readonly #time: Time
  readonly #choice: QueueChoice
  #groups = 0

  /** @param kept Where messages wait that are in no queue, of all topics of the log. */
  constructor(topic: StoredTopic, log: MessageLog, time: Time, onChange: OnChange, kept: MemoryKept = new MemoryKept(log, time)) {
    this.name = topic.name
    this.#topicId = topic.id
    this.#kept = kept
    kept.openTopic(topic.id, (message, position) => this.#enter(message, position))
    this.#log = log
    this.#time = time
    this.#onChange = onChange
    this.#choice = new QueueChoice(topic)
    this.#queues = Array.from({ length: topic.queues }, () => new Queue())
  }

  get count(): number {
    return this.#queues.length
  }

  get deferred(): number {
    return this.#kept.deferred(this.#topicId)
  }

  append(message: StoredMessage): Appended {
    const result = this.#log.append(message)
    if (result.kind === 'full') return result
    const { position } = result
    if (message.deliverAt === undefined || message.deliverAt <= this.#time.clock.now()) {
      const { queueId, offset } = this.#enter(message, position)
      return { kind: 'appended', queueId, offset, durable: undefined }
    }
    return this.#kept.defer(this.#topicId, message, position, message.deliverAt)
  }

  #enter(message: StoredMessage, position: LogPosition): MemoryEntry {
    const queueId = this.#choice.of(message)
    const queue = this.#queues[queueId] as Queue
    const entry: MemoryEntry = {
      message,
      position,
      queueId,
      offset: queue.end,
      length: message.bytes.length,
      storedAt: message.storedAt,
      pending: this.#groups,
    }
    queue.entries.push(entry)
    this.#byPosition.set(position, entry)
    this.stored.messages++
    this.stored.bytes += message.bytes.length
    this.#onChange()
    return entry
  }

  range(queueId: number): { readonly min: number; readonly max: number } {
    const queue = this.#queues[queueId] as Queue
    return { min: queue.next(queue.base)?.offset ?? queue.end, max: queue.end }
  }

  next(queueId: number, offset: number): MemoryEntry | undefined {
    return this.#queues[queueId]?.next(offset)
  }

  /** Every entry that anybody has is one of ours, and what a group has not settled is here. */
  fetch(entry: QueueEntry): Fetched {
    return (entry as MemoryEntry).message
  }

  join(): number[] {
    return this.rejoin(new Map())
  }

  rejoin(cursors: ReadonlyMap<number, number>): number[] {
    this.#groups++
    return this.#queues.map((queue, queueId) => {
      const start = cursors.get(queueId) ?? (queue.removed ? Math.max(queue.end - 1, queue.base) : 0)
      for (let entry = queue.next(start); entry !== undefined; entry = queue.next(entry.offset + 1)) {
        if (entry.pending === 0) this.#log.unsettle(entry.position)
        entry.pending++
      }
      return start
    })
  }

  settle(settled: QueueEntry): void {
    const entry = settled as MemoryEntry
    entry.pending--
    if (entry.pending === 0) this.#log.settle(entry.position)
  }

  leave(cursors: readonly number[]): void {
    this.#groups--
    for (const [queueId, cursor] of cursors.entries()) {
      for (let entry = this.next(queueId, cursor); entry !== undefined; entry = this.next(queueId, entry.offset + 1)) this.settle(entry)
    }
  }

  /** Nobody will need any of the messages. */
  abandon(): void {
    for (const position of this.#byPosition.keys()) this.#log.settle(position)
    this.#kept.dropTopic(this.#topicId)
  }

  /** The log dropped the message. */
  remove(position: LogPosition): void {
    const entry = this.#byPosition.get(position)
    if (entry === undefined) return
    this.#byPosition.delete(position)
    const queue = this.#queues[entry.queueId] as Queue
    queue.entries[entry.offset - queue.base] = undefined
    queue.removed = true
    queue.trim()
  }
}
