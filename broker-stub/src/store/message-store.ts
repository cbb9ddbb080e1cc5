import type { MessageType } from '@feathermq/protocol'
import type { LogPosition, StoredMessage } from '../log/message-log.ts'
import type { Kept, KeptMessages } from './kept-messages.ts'

/** Where a message stands: in which queue, and as which of its messages. */
export interface QueueEntry {
  readonly queueId: number
  /** Grows by one per message of the queue; some may be missing. */
  readonly offset: number
  readonly position: LogPosition
  /** Bytes that the message takes in the log. */
  readonly length: number
  /** Wall time of storing, ms. */
  readonly storedAt: number
}

/** What a store has to know of a topic. */
export interface StoredTopic {
  /** Never used for another topic, also when this one is gone. */
  readonly id: number
  readonly name: string
  /** Number of queues. */
  readonly queues: number
  /** Of one that takes PRIORITY the queues are priorities. */
  readonly types?: readonly MessageType[] | undefined
}

/** Why a message was not taken. */
export type Refused =
  /** No room at the moment: the sender is told TOO_MANY_REQUESTS. */
  | { readonly kind: 'full' }
  /** The disk takes nothing at the moment: the sender is told MASTER_PERSISTENCE_TIMEOUT. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** `durable` resolves when the message survives what the store promises, and rejects when it does not; undefined: it does already. */
export type Appended =
  | { readonly kind: 'appended'; readonly queueId: number; readonly offset: number; readonly durable: Promise<void> | undefined }
  /** Its time has not come; then it gets its queue and offset. */
  | Kept
  | Refused

/**
 * The message of an entry. `loading`: it is being read, and the topic's listener is told when it is here; it stays at hand until then. `gone`: retention
 * took it, or it cannot be read any more.
 */
export type Fetched = StoredMessage | 'loading' | 'gone'

/** The queues of one topic, each an index of positions in the log with offsets of its own. */
export interface TopicQueues {
  readonly name: string
  /** Number of queues. */
  readonly count: number
  /** Messages that entered a queue since start, and their bytes. */
  readonly stored: { readonly messages: number; readonly bytes: number }
  /** Messages whose time has not come. */
  readonly deferred: number
  /**
   * Puts a message into the queue of its message group, or into the next in turn: at once, or when the wall clock has come to its `deliverAt`, never
   * before. Readers see it once it is durable.
   */
  append(message: StoredMessage): Appended
  /** First offset that is still there, and the one behind the last that readers may see. */
  range(queueId: number): { readonly min: number; readonly max: number }
  /** The first message at or behind the offset; `loading` as with {@link fetch}; undefined when there is none yet. */
  next(queueId: number, offset: number): QueueEntry | 'loading' | undefined
  fetch(entry: QueueEntry): Fetched
  /**
   * A new group reads the topic. Where nothing was removed from a queue it starts at its first message, else at its last (server behaviour: POP initial
   * offset). @returns the offset to start from, by queue.
   */
  join(): number[]
  /** A group that read the topic before a restart. @returns where it goes on, by queue. */
  rejoin(cursors: ReadonlyMap<number, number>): number[]
  /** The group needs this message no more. */
  settle(entry: QueueEntry): void
  /** The group reads the topic no more: it needs nothing from these offsets on, by queue. What it has not settled before them it settles itself. */
  leave(cursors: readonly number[]): void
}

/** What a topic's listener is told: there may be something to see that was not there, or not at hand, before. */
export type OnChange = () => void

/** Where messages are kept, and found by queue and offset. Delivery must not depend on which one it is given. */
export interface MessageStore {
  /** It copies the bytes of a message that it is given before it returns, so that they may be borrowed. Default false. */
  readonly copies?: boolean | undefined
  /** Told once per topic. */
  openTopic(topic: StoredTopic, onChange: OnChange): TopicQueues
  /** The topic is gone: nobody will need any of its messages. */
  dropTopic(name: string): void
  /** What is in no queue. */
  readonly kept: KeptMessages
  readonly stats: StoreStats
  /** Bytes of messages that may wait for the disk beside those that do; undefined where there is no disk. */
  readonly room?: number | undefined
  close(): Promise<void>
}

export interface StoreStats {
  readonly messages: number
  readonly bytes: number
  readonly maxBytes: number
  /** Bytes that wait for the disk; undefined where there is none. */
  readonly waiting?: number | undefined
  /** Places where messages cannot be read. */
  readonly damaged?: number | undefined
}
