import {
  encodeAckMessageRequest,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodeQueryRouteRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import { frame } from './frames.ts'

export interface MessageOf {
  readonly topic?: string
  readonly tag?: string
  readonly messageGroup?: string
  readonly body?: Uint8Array
}

function message({ topic = 'orders', tag, messageGroup, body = Buffer.from('hello') }: MessageOf) {
  return { topic: { name: topic }, systemProperties: { messageId: '01', keys: ['k'], tag, messageGroup }, body }
}

/** Complete requests, prefix included. */
export const requests = {
  send: (...messages: MessageOf[]): Buffer => frame(encodeSendMessageRequest({ messages: messages.map(message) })),
  route: (topic: string): Buffer => frame(encodeQueryRouteRequest({ topic: { name: topic } })),
  receive: (topic: string, group: string, broker?: string): Buffer =>
    frame(
      encodeReceiveMessageRequest({
        group: { name: group },
        messageQueue: { topic: { name: topic }, id: 1, broker: { name: broker } },
        batchSize: 32,
      }),
    ),
  ack: (topic: string, group: string, receiptHandle: string): Buffer =>
    frame(encodeAckMessageRequest({ group: { name: group }, topic: { name: topic }, entries: [{ messageId: '01', receiptHandle }] })),
  heartbeat: (group: string): Buffer => frame(encodeHeartbeatRequest({ group: { name: group }, clientType: 'PUSH_CONSUMER' })),
  terminate: (group: string): Buffer => frame(encodeNotifyClientTerminationRequest({ group: { name: group } })),
  settings: (group: string): Buffer =>
    frame(encodeTelemetryCommand({ command: { case: 'settings', value: { pubSub: { case: 'subscription', value: { group: { name: group } } } } } })),
}
