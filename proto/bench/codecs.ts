import { createRequire } from 'node:module'
import { decodeReceiveMessageResponse, decodeSendMessageRequest, viewReceiveMessageResponse, viewSendMessageRequest } from '@feathermq/protocol'
import protobuf from 'protobufjs'
import { protoFiles, protoFolder } from '../codegen/schema.ts'
import { encodeReceived, encodeSend } from './ours.ts'
import type { Sample } from './sample.ts'

/** What a reader of the message takes from it; the same for every library, so that decoding compares like with like. */
export interface Seen {
  readonly topic: string
  readonly messageId: string
  /** The tag of a send, the receipt handle of a delivery. */
  readonly mark: string
  readonly body: Uint8Array
}

/** The four operations by one library. Encoding includes building the library's own objects from plain values. */
export interface Codec {
  encodeSend(sample: Sample): Uint8Array
  readSend(bytes: Uint8Array): Seen
  encodeReceived(sample: Sample): Uint8Array
  readReceived(bytes: Uint8Array): Seen
}

const missing = (): never => {
  throw new Error('the message lacks a part that the sample has')
}

const decoded: Codec = {
  encodeSend,
  encodeReceived,
  readSend(bytes) {
    const { topic, systemProperties, body } = decodeSendMessageRequest(bytes).messages[0] ?? missing()
    if (topic === undefined || systemProperties === undefined) return missing()
    return { topic: topic.name, messageId: systemProperties.messageId, mark: systemProperties.tag ?? missing(), body }
  },
  readReceived(bytes) {
    const { content } = decodeReceiveMessageResponse(bytes)
    if (content?.case !== 'message') return missing()
    const { topic, systemProperties, body } = content.value
    if (topic === undefined || systemProperties === undefined) return missing()
    return { topic: topic.name, messageId: systemProperties.messageId, mark: systemProperties.receiptHandle ?? missing(), body }
  },
}

const viewed: Codec = {
  encodeSend,
  encodeReceived,
  readSend(bytes) {
    const { topic, systemPropertiesView, body } = viewSendMessageRequest(bytes).messages[0] ?? missing()
    if (topic === undefined || systemPropertiesView === undefined) return missing()
    return { topic: topic.name, messageId: systemPropertiesView.messageId, mark: systemPropertiesView.tag ?? missing(), body }
  },
  readReceived(bytes) {
    const { topic, systemPropertiesView, body } = viewReceiveMessageResponse(bytes).message ?? missing()
    if (topic === undefined || systemPropertiesView === undefined) return missing()
    return { topic: topic.name, messageId: systemPropertiesView.messageId, mark: systemPropertiesView.receiptHandle ?? missing(), body }
  },
}

/** protobufjs with the code that it generates for each type at run time: as fast as what its command line writes to a file. */
function protobufJs(): Codec {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : `${protoFolder}${target}`)
  root.loadSync([...protoFiles])
  const send = root.lookupType('apache.rocketmq.v2.SendMessageRequest')
  const received = root.lookupType('apache.rocketmq.v2.ReceiveMessageResponse')
  const systemOf = (sample: Sample) => ({
    tag: sample.tag,
    keys: [sample.key],
    messageId: sample.messageId,
    bodyDigest: { type: 3, checksum: sample.sha1 },
    bodyEncoding: 1,
    messageType: 1,
    bornTimestamp: { seconds: sample.bornAt.seconds, nanos: sample.bornAt.nanos },
    bornHost: sample.bornHost,
  })
  const messageOf = (sample: Sample, systemProperties: object) => ({
    topic: { name: sample.topic },
    userProperties: Object.fromEntries(sample.properties),
    systemProperties,
    body: sample.body,
  })
  interface Decoded {
    readonly topic: { readonly name: string }
    readonly systemProperties: { readonly messageId: string; readonly tag: string; readonly receiptHandle: string }
    readonly body: Uint8Array
  }
  return {
    encodeSend: (sample) => send.encode({ messages: [messageOf(sample, systemOf(sample))] }).finish(),
    readSend(bytes) {
      const { messages } = send.decode(bytes) as unknown as { readonly messages: readonly Decoded[] }
      const { topic, systemProperties, body } = messages[0] ?? missing()
      return { topic: topic.name, messageId: systemProperties.messageId, mark: systemProperties.tag, body }
    },
    encodeReceived(sample) {
      const { delivered } = sample
      return received
        .encode({
          message: messageOf(sample, {
            tag: sample.tag,
            keys: [sample.key],
            messageId: sample.messageId,
            bodyDigest: { type: 3, checksum: sample.sha1 },
            bodyEncoding: 1,
            messageType: 1,
            bornTimestamp: { seconds: sample.bornAt.seconds, nanos: sample.bornAt.nanos },
            bornHost: sample.bornHost,
            storeTimestamp: { seconds: delivered.storedAt.seconds, nanos: delivered.storedAt.nanos },
            storeHost: delivered.storeHost,
            receiptHandle: delivered.receiptHandle,
            queueId: delivered.queueId,
            queueOffset: delivered.queueOffset,
            invisibleDuration: { seconds: delivered.invisibleSeconds },
            deliveryAttempt: delivered.attempt,
          }),
        })
        .finish()
    },
    readReceived(bytes) {
      const { message } = received.decode(bytes) as unknown as { readonly message: Decoded }
      const { topic, systemProperties, body } = message
      return { topic: topic.name, messageId: systemProperties.messageId, mark: systemProperties.receiptHandle, body }
    },
  }
}

/** google-protobuf through the classes inside the official Node client: what its users pay today. */
function googleProtobuf(): Codec {
  const require = createRequire(import.meta.url)
  const base = 'rocketmq-client-nodejs/proto/apache/rocketmq/v2'
  const d: typeof import('rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js') = require(`${base}/definition_pb.js`)
  const s: typeof import('rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js') = require(`${base}/service_pb.js`)
  const { Timestamp }: typeof import('google-protobuf/google/protobuf/timestamp_pb.js') = require('google-protobuf/google/protobuf/timestamp_pb.js')
  const { Duration }: typeof import('google-protobuf/google/protobuf/duration_pb.js') = require('google-protobuf/google/protobuf/duration_pb.js')
  const timestamp = ({ seconds, nanos }: { readonly seconds: number; readonly nanos: number }) => new Timestamp().setSeconds(seconds).setNanos(nanos)
  const systemOf = (sample: Sample) =>
    new d.SystemProperties()
      .setTag(sample.tag)
      .setKeysList([sample.key])
      .setMessageId(sample.messageId)
      .setBodyDigest(new d.Digest().setType(3).setChecksum(sample.sha1))
      .setBodyEncoding(1)
      .setMessageType(1)
      .setBornTimestamp(timestamp(sample.bornAt))
      .setBornHost(sample.bornHost)
  const messageOf = (sample: Sample, system: ReturnType<typeof systemOf>) => {
    const message = new d.Message().setTopic(new d.Resource().setName(sample.topic)).setSystemProperties(system).setBody(sample.body)
    const map = message.getUserPropertiesMap()
    for (const [key, value] of sample.properties) map.set(key, value)
    return message
  }
  return {
    encodeSend: (sample) => new s.SendMessageRequest().setMessagesList([messageOf(sample, systemOf(sample))]).serializeBinary(),
    readSend(bytes) {
      const message = s.SendMessageRequest.deserializeBinary(bytes).getMessagesList()[0] ?? missing()
      const system = message.getSystemProperties() ?? missing()
      return {
        topic: message.getTopic()?.getName() ?? '',
        messageId: system.getMessageId(),
        mark: system.getTag() ?? '',
        body: message.getBody_asU8(),
      }
    },
    encodeReceived(sample) {
      const { delivered } = sample
      const system = systemOf(sample)
        .setStoreTimestamp(timestamp(delivered.storedAt))
        .setStoreHost(delivered.storeHost)
        .setReceiptHandle(delivered.receiptHandle)
        .setQueueId(delivered.queueId)
        .setQueueOffset(delivered.queueOffset)
        .setInvisibleDuration(new Duration().setSeconds(delivered.invisibleSeconds))
        .setDeliveryAttempt(delivered.attempt)
      return new s.ReceiveMessageResponse().setMessage(messageOf(sample, system)).serializeBinary()
    },
    readReceived(bytes) {
      const message = s.ReceiveMessageResponse.deserializeBinary(bytes).getMessage() ?? missing()
      const system = message.getSystemProperties() ?? missing()
      return {
        topic: message.getTopic()?.getName() ?? '',
        messageId: system.getMessageId(),
        mark: system.getReceiptHandle() ?? missing(),
        body: message.getBody_asU8(),
      }
    },
  }
}

/** By name; the first two are ours. Made when asked for, so that a process loads one library only. */
export const codecs: Readonly<Record<string, () => Codec>> = {
  'FeatherMQ, views': () => viewed,
  'FeatherMQ, all decoded': () => decoded,
  protobufjs: protobufJs,
  'google-protobuf': googleProtobuf,
}
