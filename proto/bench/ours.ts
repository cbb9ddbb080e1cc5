import { encodeReceiveMessageResponse, encodeSendMessageRequest, type MessageInit, type SystemPropertiesInit } from '@feathermq/protocol'
import type { Sample } from './sample.ts'

function message(sample: Sample, systemProperties: SystemPropertiesInit): MessageInit {
  return { topic: { name: sample.topic }, userProperties: new Map(sample.properties), systemProperties, body: sample.body }
}

export function encodeSend(sample: Sample): Uint8Array {
  return encodeSendMessageRequest({
    messages: [
      message(sample, {
        tag: sample.tag,
        keys: [sample.key],
        messageId: sample.messageId,
        bodyDigest: { type: 'SHA1', checksum: sample.sha1 },
        bodyEncoding: 'IDENTITY',
        messageType: 'NORMAL',
        bornTimestamp: { seconds: sample.bornAt.seconds, nanos: sample.bornAt.nanos },
        bornHost: sample.bornHost,
      }),
    ],
  })
}

export function encodeReceived(sample: Sample): Uint8Array {
  const { delivered } = sample
  const value = message(sample, {
    tag: sample.tag,
    keys: [sample.key],
    messageId: sample.messageId,
    bodyDigest: { type: 'SHA1', checksum: sample.sha1 },
    bodyEncoding: 'IDENTITY',
    messageType: 'NORMAL',
    bornTimestamp: { seconds: sample.bornAt.seconds, nanos: sample.bornAt.nanos },
    bornHost: sample.bornHost,
    storeTimestamp: { seconds: delivered.storedAt.seconds, nanos: delivered.storedAt.nanos },
    storeHost: delivered.storeHost,
    receiptHandle: delivered.receiptHandle,
    queueId: delivered.queueId,
    queueOffset: BigInt(delivered.queueOffset),
    invisibleDuration: { seconds: delivered.invisibleSeconds },
    deliveryAttempt: delivered.attempt,
  })
  return encodeReceiveMessageResponse({ content: { case: 'message', value } })
}
