import type { StoredMessage } from '../log/message-log.ts'
import type { Appended, Refused, StoredTopic } from './message-store.ts'

/**
 * A message whose time has come enters its queue, with that time as its time of storing: retention counts from there. `gone`: its topic is no more.
 * Whoever calls it keeps the message until `durable` has resolved, and tries again where it was refused or that rejects.
 */
export type Enter = (topicId: number, message: StoredMessage) => Appended | { readonly kind: 'gone' }

/** Where messages are kept until their time has come. */
export interface TimedMessages {
  /** Told once, before anything else. Nothing enters before. */
  start(enter: Enter): void
  /** Keeps a message until the wall clock has come to its `deliverAt`. */
  defer(topic: StoredTopic, message: StoredMessage): { readonly kind: 'deferred'; readonly durable: Promise<void> | undefined } | Refused
  /** Messages of the topic whose time has not come. */
  count(topicId: number): number
  dropTopic(topicId: number): void
  close(): Promise<void>
}
