import type { StoredMessage } from '../log/message-log.ts'
import type { FoundMessage, Kept, OnHalfDue } from './kept-messages.ts'
import type { Appended, Refused, StoredTopic } from './message-store.ts'

/**
 * A message whose time has come enters its queue, with that time as its time of storing: retention counts from there. `gone`: its topic is no more.
 * Whoever calls it keeps the message until `durable` has resolved, and tries again where it was refused or that rejects. The `id` by which it was kept goes
 * into the log with it.
 */
export type Enter = (topicId: number, message: StoredMessage, id?: string) => Appended | { readonly kind: 'gone' }

/** Where messages are kept until their time has come. */
export interface TimedMessages {
  /**
   * Told once, before anything else. Nothing enters before.
   * @param hasEntered The message kept by that id is in its queue, as was found out after a crash.
   */
  start(enter: Enter, onHalf: OnHalfDue, hasEntered: (id: string) => boolean): void
  /** Keeps a message until the wall clock has come to its `deliverAt`. */
  defer(topic: StoredTopic, message: StoredMessage): Kept | Refused
  /** Keeps a half message, and tells of it when the wall clock has come to `dueAt`, until it is cancelled. */
  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept | Refused
  /** As that of `KeptMessages`. */
  find(id: string): Promise<FoundMessage | undefined>
  /** As that of `KeptMessages`. */
  cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'>
  /** The message is in its queue for good, as was found out after a crash, and need not be kept. Rejects when the disk fails. */
  end(id: string): Promise<void>
  /** Resolves when no message that has entered its queue by now can enter it again after a crash, as far as the disk lets it. */
  settled(): Promise<void>
  /** Bytes of messages that may wait for the disk beside those that do; undefined where there is none. */
  readonly room?: number | undefined
  /** Messages of the topic whose time has not come, without halves. */
  count(topicId: number): number
  /** Half messages of the topic. */
  halves(topicId: number): number
  dropTopic(topicId: number): void
  close(): Promise<void>
}
