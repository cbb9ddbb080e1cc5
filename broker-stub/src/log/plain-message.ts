import type { StoredMessage } from './message-log.ts'

/** The message with fields of its own: one that was read from a disk has getters on its class, which a spread would leave behind. */
export function plainMessage(message: StoredMessage): StoredMessage {
  return {
    topic: message.topic,
    bytes: message.bytes,
    systemPropertiesStart: message.systemPropertiesStart,
    systemPropertiesEnd: message.systemPropertiesEnd,
    bodyStart: message.bodyStart,
    bodyEnd: message.bodyEnd,
    digest: message.digest,
    messageId: message.messageId,
    type: message.type,
    tag: message.tag,
    messageGroup: message.messageGroup,
    deliverAt: message.deliverAt,
    bornHost: message.bornHost,
    storedAt: message.storedAt,
    deadLetter: message.deadLetter,
    ...(message.keptAs === undefined ? {} : { keptAs: message.keptAs }),
  }
}
