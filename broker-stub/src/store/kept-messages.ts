import type { StoredMessage } from '../log/message-log.ts'
import type { Refused, StoredTopic } from './message-store.ts'

/** A message that is kept outside of the queues; `id` leads to it alone, and nobody can guess it. */
export interface Kept {
  readonly kind: 'deferred'
  readonly id: string
  readonly durable: Promise<void> | undefined
}

/** `half`: it belongs to a transaction that has not ended. */
export type KeptKind = 'delayed' | 'half'

export interface FoundMessage {
  readonly id: string
  readonly topicId: number
  readonly kind: KeptKind
  readonly message: StoredMessage
}

/** How many messages of a topic are kept. */
export interface KeptCounts {
  readonly delayed: number
  readonly halves: number
}

/** A half message whose time to be asked about has come. Its owner has it in hand until it calls one of the functions, or ends it by its id. */
export interface DueHalf {
  readonly id: string
  readonly topicId: number
  /** As it was held or postponed, also before a restart. */
  readonly dueAt: number
  /** It comes again after so many ms, or after a restart. */
  retry(after: number): void
  /** It comes again at that time, also after a restart. */
  postpone(dueAt: number): void
}

export type OnHalfDue = (half: DueHalf, message: StoredMessage) => void

export type Committed =
  /** It is in its queue for good, and is not put there again. */
  | { readonly kind: 'committed' }
  /** There is no such message, or its topic is no more. */
  | { readonly kind: 'gone' }
  /** It is not in its queue; it is kept as before. */
  | Refused

/** Messages that are kept outside of the queues: delayed ones until their time has come, halves of transactions until these end. */
export interface KeptMessages {
  /** Told once who wants to know of half messages that are due. */
  onHalfDue(told: OnHalfDue): void
  /** Keeps a message that nobody sees until it is committed. At `dueAt` the owner is told. */
  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept | Refused
  /** Undefined for an id that is none, and for what is not kept any more. Rejects when the disk fails. */
  find(id: string): Promise<FoundMessage | undefined>
  /**
   * The message must not come. `gone`: it is not kept any more; `due`: it is on its way into its queue; `unknown`: no such id. Rejects when the disk fails:
   * it may have happened all the same, after a restart.
   */
  cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'>
  /** Half messages of the topic. */
  halves(topicId: number): number
  /** Puts a half message into its queue, once, whatever ends the process meanwhile. Not while the same one is being cancelled or committed. */
  commit(found: FoundMessage): Promise<Committed>
}
