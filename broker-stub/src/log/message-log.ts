import type { MessageType } from '@feathermq/protocol'

/** A message that admission let through, as it is stored: the producer's bytes and an index into them. */
export interface StoredMessage {
  readonly topic: string
  /** The protobuf `Message` as it came, at most cleaned of forged broker fields. Never written into while the log has it; a log on disk has a copy. */
  readonly bytes: Uint8Array
  /** Content of `system_properties` within {@link bytes}, without tag and length. */
  readonly systemPropertiesStart: number
  readonly systemPropertiesEnd: number
  /** Content of `body` within {@link bytes}. */
  readonly bodyStart: number
  readonly bodyEnd: number
  /** SHA1 over the body, upper-case hex; MD5 where it was stored before log format 2. See `digestType`. */
  readonly digest: string
  /** The client's id. */
  readonly messageId: string
  readonly type: MessageType
  readonly tag: string | undefined
  readonly messageGroup: string | undefined
  /** Of a message of the type PRIORITY; what chooses its queue, and not read back. */
  readonly priority?: number | undefined
  /** Wall time before which the message must not be seen, ms; undefined for at once. */
  readonly deliverAt: number | undefined
  /** Peer address, used when the producer named no `born_host`. */
  readonly bornHost: string
  /** Wall time of storing, ms. */
  readonly storedAt: number
  /** Set on messages of dead-letter topics (protocol: SystemProperties.dead_letter_queue). */
  readonly deadLetter: { readonly topic: string; readonly messageId: string } | undefined
  /** Of a delayed message or a committed transaction, in a log that outlives the process: the id by which it was kept before. It is no dead letter. */
  readonly keptAs?: string | undefined
  /**
   * Says that whoever was given it needs neither it nor its bytes any more: their memory may be used for others then. Nobody has to; what is never given
   * back is collected some day.
   */
  readonly release?: (() => void) | undefined
}

/** Grows by one per message over all topics; never reused. */
export type LogPosition = number

export type AppendResult =
  /** `durable` resolves when the message survives what the log's mode promises; undefined: it does already. */
  | { readonly kind: 'appended'; readonly position: LogPosition; readonly durable: Promise<void> | undefined }
  /** No room, and nothing settled that could go: the sender is told TOO_MANY_REQUESTS. */
  | { readonly kind: 'full' }

/**
 * Where messages are kept. One log for all topics; queues are indexes of positions into it. The memory log is the first implementation, the segment
 * log on disk the second: whoever uses it must not depend on which.
 */
export interface MessageLog {
  append(message: StoredMessage): AppendResult
  /** Undefined once the message was removed. */
  read(position: LogPosition): StoredMessage | undefined
  /** Called by delivery when no group needs the message any more; the log may drop it when it needs room. */
  settle(position: LogPosition): void
  /** Takes {@link settle} back: a new group reads the topic from its beginning. */
  unsettle(position: LogPosition): void
  /** Told of each message that was dropped, before {@link read} stops answering for it. */
  onRemoved(listener: (message: StoredMessage, position: LogPosition) => void): void
  readonly stats: { readonly messages: number; readonly bytes: number; readonly maxBytes: number }
  close(): Promise<void>
}
