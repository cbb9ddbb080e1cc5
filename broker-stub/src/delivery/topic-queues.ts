import type { LogPosition, MessageLog, StoredMessage } from '../log/message-log.ts'
import type { Topic } from '../registry/types.ts'

/** One message in its queue. */
export interface QueueEntry {
  readonly message: StoredMessage
  readonly position: LogPosition
  readonly queueId: number
  readonly offset: number
  /** Groups that still need it. */
  pending: number
  /** The log dropped it. */
  removed: boolean
}

/** Stands for every message that is gone. */
const dropped: StoredMessage = {
  topic: '',
  bytes: new Uint8Array(0),
  systemPropertiesStart: 0,
  systemPropertiesEnd: 0,
  bodyStart: 0,
  bodyEnd: 0,
  digest: '',
  messageId: '',
  type: 'NORMAL',
  tag: undefined,
  messageGroup: undefined,
  deliverAt: undefined,
  bornHost: '',
  storedAt: 0,
  deadLetter: undefined,
}

class Queue {
  /** Undefined where the log dropped the message: behind one that stays, nothing may keep its bytes in memory. */
  readonly entries: (QueueEntry | undefined)[] = []
  /** Offset of `entries[0]`. */
  base = 0
  removed = false

  get end(): number {
    return this.base + this.entries.length
  }

  has(offset: number): boolean {
    return offset - this.base in this.entries
  }

  at(offset: number): QueueEntry | undefined {
    return this.entries[offset - this.base]
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

/** The queues of one topic: indexes of positions in the log, each with its own offsets. */
export class TopicQueues {
  readonly topic: Topic
  readonly #log: MessageLog
  readonly #queues: Queue[]
  readonly #byPosition = new Map<LogPosition, QueueEntry>()
  #next = 0
  #stored = 0
  /** Messages that entered a queue since start. */
  get stored(): number {
    return this.#stored
  }

  constructor(topic: Topic, log: MessageLog) {
    this.topic = topic
    this.#log = log
    this.#queues = Array.from({ length: topic.queues }, () => new Queue())
  }

  get count(): number {
    return this.#queues.length
  }

  /** The queue of a message: by the hash of its message group, else in turn. */
  choose(message: StoredMessage): number {
    if (message.messageGroup !== undefined) return hash(message.messageGroup) % this.#queues.length
    const chosen = this.#next
    this.#next = (chosen + 1) % this.#queues.length
    return chosen
  }

  /** @param groups Number of groups that read the topic. */
  append(queueId: number, message: StoredMessage, position: LogPosition, groups: number): QueueEntry {
    const queue = this.#queues[queueId] as Queue
    const entry: QueueEntry = { message, position, queueId, offset: queue.end, pending: groups, removed: false }
    queue.entries.push(entry)
    this.#byPosition.set(position, entry)
    this.#stored++
    return entry
  }

  /** For a message that the log dropped, an entry that says so and nothing else. */
  at(queueId: number, offset: number): QueueEntry | undefined {
    const queue = this.#queues[queueId]
    if (queue === undefined || !queue.has(offset)) return undefined
    return queue.at(offset) ?? { message: dropped, position: -1, queueId, offset, pending: 0, removed: true }
  }

  /** First offset that is still there, and the one that the next message gets. */
  range(queueId: number): { readonly min: number; readonly max: number } {
    const queue = this.#queues[queueId] as Queue
    let min = queue.base
    while (min < queue.end && queue.at(min) === undefined) min++
    return { min, max: queue.end }
  }

  /** Where a new group starts: at 0 while nothing was removed from the queue, else at its last message (server behaviour: POP initial offset). */
  start(queueId: number): number {
    const queue = this.#queues[queueId] as Queue
    return queue.removed ? Math.max(queue.end - 1, queue.base) : 0
  }

  /** A new group needs everything from `offset` on. */
  join(queueId: number, offset: number): void {
    const queue = this.#queues[queueId] as Queue
    for (let at = offset; at < queue.end; at++) {
      const entry = queue.at(at)
      if (entry === undefined) continue
      if (entry.pending === 0) this.#log.unsettle(entry.position)
      entry.pending++
    }
  }

  /** A group needs this message no more. */
  settle(entry: QueueEntry): void {
    entry.pending--
    if (entry.pending === 0) this.#log.settle(entry.position)
  }

  /** The topic is gone: nobody will need any of its messages. */
  abandon(): void {
    for (const position of this.#byPosition.keys()) this.#log.settle(position)
  }

  /** The log dropped the message. */
  remove(position: LogPosition): void {
    const entry = this.#byPosition.get(position)
    if (entry === undefined) return
    this.#byPosition.delete(position)
    entry.removed = true
    const queue = this.#queues[entry.queueId] as Queue
    queue.entries[entry.offset - queue.base] = undefined
    queue.removed = true
    queue.trim()
  }
}

/** FNV-1a over the UTF-16 units: stable per message group, which is all that the broker's choice of queue needs. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}
