import { decodeMessage, encodeMessage, type MessageInit, type MessageType, viewMessage } from '@feathermq/protocol'
import type { StoredMessage } from '../log/message-log.ts'
import { plainMessage } from '../log/plain-message.ts'

/** `attempts`: the group had no attempts left. `forwarded`: the consumer gave the message up. */
export type DeadLetterReason = 'attempts' | 'forwarded'

/** How a message became a dead letter. */
export interface DeadLetterCause {
  /** Deliveries that it had. */
  readonly attempts: number
  readonly reason: DeadLetterReason
  /** What the consumer said last about why, where it did. */
  readonly error: string | undefined
}

/** User properties of a copy in a dead-letter topic; a message that is sent back has them no more. */
const REASON = 'FEATHERMQ_DLQ_REASON'
const ERROR = 'FEATHERMQ_DLQ_ERROR'
/** The message group that the message had in its topic. */
const MESSAGE_GROUP = 'FEATHERMQ_DLQ_MESSAGE_GROUP'

/**
 * The copy of a message that goes to a dead-letter topic: everything as the producer wrote it, but for the topic, the delivery time (it was kept) and
 * the message group (the copy is a message of its own, and a user property tells which it was). Where it came from travels in `dead_letter_queue`.
 */
export function deadLetterCopy(message: StoredMessage, topic: string, { reason, error }: DeadLetterCause, now: number): StoredMessage {
  const original = decodeMessage(message.bytes)
  // Who reads dead letters may have dead letters of its own: they still belong where they were first.
  const first = message.deadLetter ?? { topic: message.topic, messageId: message.messageId }
  const userProperties = new Map(original.userProperties).set(REASON, reason)
  userProperties.delete(ERROR)
  // What a producer calls so is no word of ours.
  if (message.deadLetter === undefined) userProperties.delete(MESSAGE_GROUP)
  if (error !== undefined) userProperties.set(ERROR, error)
  if (message.messageGroup !== undefined) userProperties.set(MESSAGE_GROUP, message.messageGroup)
  const copy = {
    ...original,
    userProperties,
    topic: { resourceNamespace: original.topic?.resourceNamespace ?? '', name: topic },
    systemProperties: { ...original.systemProperties, deliveryTimestamp: undefined, messageGroup: undefined, messageType: 'NORMAL' as const },
  }
  return asMessage(message, copy, {
    topic,
    type: 'NORMAL',
    messageGroup: undefined,
    storedAt: now,
    deadLetter: first,
  })
}

/** A dead letter as it goes back to the topic that it came from; undefined for a message that came from none. */
export function redrivenCopy(letter: StoredMessage, now: number): StoredMessage | undefined {
  if (letter.deadLetter === undefined) return undefined
  const { topic } = letter.deadLetter
  const original = decodeMessage(letter.bytes)
  const userProperties = new Map(original.userProperties)
  const messageGroup = userProperties.get(MESSAGE_GROUP)
  for (const key of [REASON, ERROR, MESSAGE_GROUP]) userProperties.delete(key)
  const priority = original.systemProperties?.priority
  const type = messageGroup !== undefined ? 'FIFO' : priority !== undefined ? 'PRIORITY' : 'NORMAL'
  const copy = {
    ...original,
    userProperties,
    topic: { resourceNamespace: original.topic?.resourceNamespace ?? '', name: topic },
    systemProperties: { ...original.systemProperties, messageGroup, messageType: type as MessageType },
  }
  return asMessage(letter, copy, { topic, type, messageGroup, priority, storedAt: now, deadLetter: undefined })
}

function asMessage(
  message: StoredMessage,
  content: MessageInit,
  fields: Pick<StoredMessage, 'topic' | 'type' | 'messageGroup' | 'priority' | 'storedAt' | 'deadLetter'>,
): StoredMessage {
  const encoded = encodeMessage(content)
  // The encoder's result shares its slab with others; what the log keeps stands alone.
  const bytes = new Uint8Array(encoded)
  const { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd } = viewMessage(bytes)
  return {
    ...plainMessage(message),
    ...fields,
    bytes,
    systemPropertiesStart,
    systemPropertiesEnd,
    bodyStart,
    bodyEnd,
    deliverAt: undefined,
    // That is how the message was kept, not its copy.
    keptAs: undefined,
  }
}
