import {
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeEndTransactionRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeGetOffsetRequest,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodePullMessageRequest,
  encodeQueryAssignmentRequest,
  encodeQueryOffsetRequest,
  encodeQueryRouteRequest,
  encodeRecallMessageRequest,
  encodeReceiveMessageRequest,
  encodeSendMessageRequest,
  encodeSyncLiteSubscriptionRequest,
  encodeTelemetryCommand,
  encodeUpdateOffsetRequest,
  type MessageInit,
} from '@feathermq/protocol'

/** What a request is to say. */
export interface Facts {
  readonly topic: string
  readonly group: string
  readonly tag: string
  readonly messageGroup: string
  readonly broker: string
}

/** One RPC of MessagingService: a request of it, and what of it the filter makes known. */
export interface Operation {
  readonly method: string
  readonly op: string
  /** Facts that a request of this kind carries. */
  readonly facts: readonly (keyof Facts)[]
  /** A request with many other fields that are none of the filter's business. */
  encode(facts: Facts): Uint8Array
  /** Messages inside of it whose fields may stand in any order, by the field numbers that lead there; the whole is `[]`. */
  readonly messages: readonly (readonly number[])[]
}

const duration = { seconds: 30, nanos: 1 }
const endpoints = { scheme: 'IPv4', addresses: [{ host: '10.0.0.7', port: 8081 }] } as const
const resource = (name: string) => ({ resourceNamespace: 'a-namespace', name })
const queue = ({ topic, broker }: Facts) => ({
  topic: resource(topic),
  id: 3,
  permission: 'READ_WRITE' as const,
  broker: { name: broker, id: 1, endpoints },
  acceptMessageTypes: ['FIFO' as const],
})
const handle = ({ broker }: Facts) => `0 1700000000000 30000 0 0 ${broker} 2 33 44`
const message = ({ topic, tag, messageGroup }: Facts, body = 'the body'): MessageInit => ({
  topic: resource(topic),
  userProperties: new Map([['a-property', 'a-value']]),
  systemProperties: { tag, keys: ['a-key'], messageId: 'an-id', messageType: 'FIFO', queueId: 3, messageGroup },
  body: Buffer.from(body),
})
const group = (facts: Facts) => resource(facts.group)
const groupCall: readonly (readonly number[])[] = [[], [1]]
const queueCall: readonly (readonly number[])[] = [[], [1], [2], [2, 1], [2, 4]]
const handleCall: readonly (readonly number[])[] = [[], [1], [2]]

/** Every RPC of the service. */
export const operations: readonly Operation[] = [
  {
    method: 'SendMessage',
    op: 'send',
    facts: ['topic', 'tag', 'messageGroup'],
    // A batch goes by its first message.
    encode: (facts) => encodeSendMessageRequest({ messages: [message(facts), message({ ...facts, tag: 'second', messageGroup: 'second' })] }),
    messages: [[1], [1, 1], [1, 3]],
  },
  {
    method: 'ReceiveMessage',
    op: 'receive',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) =>
      encodeReceiveMessageRequest({
        group: group(facts),
        messageQueue: queue(facts),
        filterExpression: { type: 'TAG', expression: 'a || b' },
        batchSize: 32,
        invisibleDuration: duration,
        attemptId: 'an-attempt',
      }),
    messages: queueCall,
  },
  {
    method: 'AckMessage',
    op: 'ack',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) =>
      encodeAckMessageRequest({
        group: group(facts),
        topic: resource(facts.topic),
        entries: [
          { messageId: 'an-id', receiptHandle: handle(facts), liteTopic: 'lite' },
          { messageId: 'another', receiptHandle: handle({ ...facts, broker: 'second' }) },
        ],
      }),
    messages: [[1], [2], [3]],
  },
  {
    method: 'ChangeInvisibleDuration',
    op: 'invisible',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) =>
      encodeChangeInvisibleDurationRequest({
        group: group(facts),
        topic: resource(facts.topic),
        receiptHandle: handle(facts),
        invisibleDuration: duration,
        messageId: 'an-id',
        liteTopic: 'lite',
      }),
    messages: handleCall,
  },
  {
    method: 'ForwardMessageToDeadLetterQueue',
    op: 'dead-letter',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) =>
      encodeForwardMessageToDeadLetterQueueRequest({
        group: group(facts),
        topic: resource(facts.topic),
        receiptHandle: handle(facts),
        messageId: 'an-id',
        deliveryAttempt: 3,
      }),
    messages: handleCall,
  },
  {
    method: 'QueryRoute',
    op: 'route',
    facts: ['topic'],
    encode: ({ topic }) => encodeQueryRouteRequest({ topic: resource(topic), endpoints }),
    messages: [[], [1]],
  },
  {
    method: 'QueryAssignment',
    op: 'assignment',
    facts: ['topic', 'group'],
    encode: (facts) => encodeQueryAssignmentRequest({ topic: resource(facts.topic), group: group(facts), endpoints }),
    messages: [[], [1], [2]],
  },
  {
    method: 'SyncLiteSubscription',
    op: 'lite',
    facts: ['topic', 'group'],
    encode: (facts) =>
      encodeSyncLiteSubscriptionRequest({
        action: 'PARTIAL_REMOVE',
        topic: resource(facts.topic),
        group: group(facts),
        liteTopicSet: ['lite-1', 'lite-2'],
        version: 7n,
      }),
    messages: [[], [2], [3]],
  },
  {
    method: 'EndTransaction',
    op: 'end-transaction',
    facts: ['topic'],
    encode: ({ topic }) =>
      encodeEndTransactionRequest({
        topic: resource(topic),
        messageId: 'an-id',
        transactionId: 'a-transaction',
        resolution: 'COMMIT',
        source: 'SOURCE_CLIENT',
        traceContext: 'a-trace',
      }),
    messages: [[], [1]],
  },
  {
    method: 'RecallMessage',
    op: 'recall',
    facts: ['topic'],
    encode: ({ topic }) => encodeRecallMessageRequest({ topic: resource(topic), recallHandle: '1 2 3 4 5 a-recall 7 8' }),
    messages: [[], [1]],
  },
  {
    method: 'PullMessage',
    op: 'pull',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) =>
      encodePullMessageRequest({ group: group(facts), messageQueue: queue(facts), offset: 5n, batchSize: 16, longPollingTimeout: duration }),
    messages: queueCall,
  },
  {
    method: 'UpdateOffset',
    op: 'offset',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) => encodeUpdateOffsetRequest({ group: group(facts), messageQueue: queue(facts), offset: 5n }),
    messages: queueCall,
  },
  {
    method: 'GetOffset',
    op: 'offset',
    facts: ['topic', 'group', 'broker'],
    encode: (facts) => encodeGetOffsetRequest({ group: group(facts), messageQueue: queue(facts) }),
    messages: queueCall,
  },
  {
    method: 'QueryOffset',
    op: 'offset',
    facts: ['topic', 'broker'],
    encode: (facts) => encodeQueryOffsetRequest({ messageQueue: queue(facts), queryOffsetPolicy: 'TIMESTAMP', timestamp: duration }),
    messages: [[], [1], [1, 1], [1, 4]],
  },
  {
    method: 'Telemetry',
    op: 'telemetry',
    facts: ['group'],
    encode: (facts) =>
      encodeTelemetryCommand({
        status: { code: 'OK', message: 'fine' },
        command: {
          case: 'settings',
          value: {
            clientType: 'PUSH_CONSUMER',
            accessPoint: endpoints,
            requestTimeout: duration,
            pubSub: {
              case: 'subscription',
              value: { group: group(facts), subscriptions: [{ topic: resource(facts.topic), expression: { expression: '*' } }], fifo: true },
            },
          },
        },
      }),
    messages: [[], [2], [2, 6], [2, 6, 1]],
  },
  {
    method: 'Heartbeat',
    op: 'heartbeat',
    facts: ['group'],
    encode: (facts) => encodeHeartbeatRequest({ group: group(facts), clientType: 'PUSH_CONSUMER' }),
    messages: groupCall,
  },
  {
    method: 'NotifyClientTermination',
    op: 'terminate',
    facts: ['group'],
    encode: (facts) => encodeNotifyClientTerminationRequest({ group: group(facts) }),
    messages: groupCall,
  },
]

/** Calls of a client as a whole, which are neither held nor routed. */
export const clientCalls: readonly string[] = ['telemetry', 'heartbeat', 'terminate']
