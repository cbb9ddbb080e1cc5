import { checkDigest, type Message, msFromDuration, msFromTimestamp } from '@feathermq/protocol/client'
import type { ReceivedFields } from '../message/received.ts'

/**
 * What a message of the wire says, whichever way it came.
 *
 * @param topic its topic where the message itself names none
 * @param bytes what it takes in memory
 * @param intact whether its body fits its digest, where that is known already
 */
export function receivedFields(message: Message, topic: string, bytes: number, intact?: boolean): ReceivedFields {
  const system = message.systemProperties
  return {
    topic: message.topic?.name || topic,
    messageId: system?.messageId ?? '',
    receiptHandle: system?.receiptHandle ?? '',
    tag: system?.tag,
    keys: system?.keys ?? [],
    properties: message.userProperties,
    messageGroup: system?.messageGroup === '' ? undefined : system?.messageGroup,
    attempt: Math.max(1, system?.deliveryAttempt ?? 1),
    bornAt: system?.bornTimestamp === undefined ? undefined : msFromTimestamp(system.bornTimestamp),
    bornHost: system?.bornHost ?? '',
    storedAt: system?.storeTimestamp === undefined ? undefined : msFromTimestamp(system.storeTimestamp),
    deliveryAt: system?.deliveryTimestamp === undefined ? undefined : msFromTimestamp(system.deliveryTimestamp),
    queueId: system?.queueId ?? 0,
    offset: system?.queueOffset ?? 0n,
    invisible: system?.invisibleDuration === undefined ? undefined : msFromDuration(system.invisibleDuration),
    traceContext: system?.traceContext === '' ? undefined : system?.traceContext,
    origin: system?.deadLetterQueue === undefined ? undefined : { topic: system.deadLetterQueue.topic, messageId: system.deadLetterQueue.messageId },
    kind: typeof system?.messageType === 'string' ? system.messageType : 'NORMAL',
    body: message.body,
    encoding: system?.bodyEncoding === 'GZIP' ? 'compressed' : 'identity',
    // Digests are made over the bytes as they were sent, before anything is inflated.
    intact: intact ?? checkDigest(message.body, system?.bodyDigest) !== 'damaged',
    bytes,
  }
}
