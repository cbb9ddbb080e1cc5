import { encodeMessage, viewMessage } from '@feathermq/protocol'
import type { StoredMessage } from '../message-log.ts'

/** A message as admission would store it. */
export function stored(fields: Partial<StoredMessage> & Pick<StoredMessage, 'topic' | 'messageId'>): StoredMessage {
  const { topic, messageId, tag, messageGroup } = fields
  const bytes = new Uint8Array(
    encodeMessage({ topic: { name: topic }, systemProperties: { messageId, tag, messageGroup }, body: Buffer.from(`body of ${messageId}`) }),
  )
  const { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd } = viewMessage(bytes)
  return {
    bytes,
    systemPropertiesStart,
    systemPropertiesEnd,
    bodyStart,
    bodyEnd,
    digest: '',
    type: messageGroup === undefined ? 'NORMAL' : 'FIFO',
    tag: undefined,
    messageGroup: undefined,
    deliverAt: undefined,
    bornHost: '127.0.0.1:1',
    storedAt: 0,
    deadLetter: undefined,
    ...fields,
  }
}
