import type { QueueIndex } from '../index/queue-index.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { SegmentLog } from '../log/segments/segment-log.ts'
import type { StoredRecord } from '../log/segments/stored-record.ts'
import type { Appended, Fetched, OnChange, QueueEntry, Refused, StoredTopic, TopicQueues } from './message-store.ts'
import { QueueChoice } from './queue-choice.ts'

/** What the queues of all topics have in common. */
export interface QueuesHost {
  readonly log: SegmentLog
  readonly index: QueueIndex
  /** Something of the log may have been removed since its first message. */
  readonly aged: boolean
  /** Into the log, and into the index once that is committed. */
  append(queues: DurableQueues, queueId: number, offset: number, message: StoredMessage): Extract<Appended, { kind: 'appended' }> | Refused
  /** The message's time has not come; undefined when it has. */
  defer(topic: StoredTopic, message: StoredMessage): Appended | undefined
  deferred(topicId: number): number
  readFailed(topic: string, error: Error): void
  misplaced(topic: string, entry: QueueEntry): void
  /** Calls a little later, unless the store is closed. */
  tryAgain(action: () => void): void
}

/**
 * The queues of one topic on disk. Entries and messages that are not in memory are read once for all who want them; what was read stays at hand for the
 * rest of the turn in which the listener is told.
 */
export class DurableQueues implements TopicQueues {
  readonly topic: StoredTopic
  readonly stored = { messages: 0, bytes: 0 }
  /** The topic is gone. */
  dropped = false
  /** Some of its messages were committed and its listener does not know. */
  dirty = false
  readonly #host: QueuesHost
  readonly #choice: QueueChoice
  #onChange: OnChange = () => {}
  /** Offsets that the next messages get. */
  readonly #next: number[]
  /** Offsets behind which an entry is looked for, by queue. */
  readonly #seeking: Set<number>[]
  /** Positions of messages that are being read. */
  readonly #reading = new Set<number>()
  readonly #atHand = new Map<number, StoredRecord>()
  #telling = false

  constructor(topic: StoredTopic, host: QueuesHost) {
    this.topic = topic
    this.#host = host
    this.#choice = new QueueChoice(topic)
    this.#next = Array.from({ length: topic.queues }, (_, queueId) => host.index.range(topic.id, queueId).max)
    this.#seeking = Array.from({ length: topic.queues }, () => new Set())
  }

  get name(): string {
    return this.topic.name
  }

  get count(): number {
    return this.topic.queues
  }

  get deferred(): number {
    return this.#host.deferred(this.topic.id)
  }

  listen(onChange: OnChange): void {
    this.#onChange = onChange
  }

  append(message: StoredMessage): Appended {
    return this.#host.defer(this.topic, message) ?? this.enter(message)
  }

  /** {@link append} of a message whose time has come. */
  enter(message: StoredMessage): Appended {
    const queueId = this.#choice.of(message)
    const offset = this.#next[queueId] as number
    const answer = this.#host.append(this, queueId, offset, message)
    // Also when it fails later: the offset is not given again while this process runs.
    if (answer.kind === 'appended') this.#next[queueId] = offset + 1
    return answer
  }

  /** One of its messages may be seen now; the listener is told of all of a batch together. */
  committed(bytes: number): void {
    this.stored.messages++
    this.stored.bytes += bytes
  }

  /** Tells the listener. */
  changed(): void {
    this.dirty = false
    this.#onChange()
  }

  range(queueId: number): { readonly min: number; readonly max: number } {
    return this.#host.index.range(this.topic.id, queueId)
  }

  next(queueId: number, offset: number): QueueEntry | 'loading' | undefined {
    const found = this.#host.index.next(this.topic.id, queueId, offset)
    if (found === 'none') return undefined
    if (found === 'loading') {
      void this.#seek(queueId, offset)
      return 'loading'
    }
    const { position, length, storedAt } = found
    return { queueId, offset: found.offset, position, length, storedAt }
  }

  fetch(entry: QueueEntry): Fetched {
    if (this.dropped) return 'gone'
    const { position, length } = entry
    const answer = this.#atHand.get(position)?.again() ?? this.#host.log.read(position, length)
    if (answer === undefined) {
      void this.#load(position, length)
      return 'loading'
    }
    if (answer === 'damaged' || answer === 'gone') return 'gone'
    if (answer.topicId === this.topic.id && answer.queueId === entry.queueId && answer.offset === entry.offset) return answer
    this.#host.misplaced(this.name, entry)
    return 'gone'
  }

  join(): number[] {
    return this.rejoin(new Map())
  }

  rejoin(cursors: ReadonlyMap<number, number>): number[] {
    const { index, aged } = this.#host
    return this.#next.map((next, queueId) => {
      const { min, max } = this.range(queueId)
      const cursor = cursors.get(queueId)
      // Offsets may be missing at the beginning although nothing was removed: their messages could not be stored.
      if (cursor === undefined) return aged && min > 0 ? Math.max(max - 1, min) : 0
      // A loss of power took messages that were not synced, and more of them than of what is known of the group: it must not pass over what comes next.
      if (cursor > max) index.raise(this.topic.id, queueId, cursor)
      this.#next[queueId] = Math.max(next, cursor)
      return cursor
    })
  }

  /** Messages go when their time is over, whoever needed them. */
  settle(_entry: QueueEntry): void {}

  leave(_cursors: readonly number[]): void {}

  async #seek(queueId: number, offset: number): Promise<void> {
    const seeking = this.#seeking[queueId] as Set<number>
    if (seeking.has(offset)) return
    seeking.add(offset)
    const done = (): void => {
      seeking.delete(offset)
      this.#tell()
    }
    try {
      await this.#host.index.load(this.topic.id, queueId, offset)
      done()
    } catch (error) {
      this.#failed(error, done)
    }
  }

  async #load(position: number, length: number): Promise<void> {
    const { log } = this.#host
    if (this.#reading.has(position)) return
    this.#reading.add(position)
    const done = (): void => {
      this.#reading.delete(position)
      this.#tell()
    }
    try {
      const record = (await log.load(position, length)) ?? log.read(position, length)
      if (typeof record === 'object') this.#keep(position, record)
      done()
    } catch (error) {
      this.#failed(error, done)
    }
  }

  /** A message that cannot be read now is not passed over: nobody would get it any more. It is tried again. */
  #failed(error: unknown, done: () => void): void {
    this.#host.readFailed(this.name, error as Error)
    this.#host.tryAgain(done)
  }

  #keep(position: number, record: StoredRecord): void {
    if (this.#atHand.size === 0) setImmediate(() => this.#letGo())
    this.#atHand.get(position)?.release()
    this.#atHand.set(position, record)
  }

  #letGo(): void {
    for (const record of this.#atHand.values()) record.release()
    this.#atHand.clear()
  }

  /** Once for all that came with one read. */
  #tell(): void {
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      this.#onChange()
    })
  }
}
