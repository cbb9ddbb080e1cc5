import { decodeMessage, encodeMessage, viewMessage } from '@feathermq/protocol'
import type { StoredMessage } from '../log/message-log.ts'
import { plainMessage } from '../log/plain-message.ts'

/**
 * The copy of a message that goes to a dead-letter topic: everything as the producer wrote it, but for the topic, the delivery time (it was kept) and
 * the message group (the copy is a message of its own). Where it came from travels in `dead_letter_queue`.
 */
export function deadLetterCopy(message: StoredMessage, topic: string, now: number): StoredMessage {
  const original = decodeMessage(message.bytes)
  const encoded = encodeMessage({
    ...original,
    topic: { resourceNamespace: original.topic?.resourceNamespace ?? '', name: topic },
    systemProperties: { ...original.systemProperties, deliveryTimestamp: undefined, messageGroup: undefined, messageType: 'NORMAL' },
  })
  // The encoder's result shares its slab with others; what the log keeps stands alone.
  const bytes = new Uint8Array(encoded)
  const { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd } = viewMessage(bytes)
  return {
    ...plainMessage(message),
    topic,
    bytes,
    systemPropertiesStart,
    systemPropertiesEnd,
    bodyStart,
    bodyEnd,
    type: 'NORMAL',
    messageGroup: undefined,
    deliverAt: undefined,
    storedAt: now,
    deadLetter: { topic: message.topic, messageId: message.messageId },
  }
}
