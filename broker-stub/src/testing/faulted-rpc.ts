import type { ResourceInit, Settings, StatusInit } from '@feathermq/protocol'
import {
  decodeAckMessageRequest,
  decodeChangeInvisibleDurationRequest,
  decodeEndTransactionRequest,
  decodeForwardMessageToDeadLetterQueueRequest,
  decodeHeartbeatRequest,
  decodeNotifyClientTerminationRequest,
  decodeQueryAssignmentRequest,
  decodeQueryRouteRequest,
  decodeRecallMessageRequest,
  decodeReceiveMessageRequest,
  decodeSendMessageRequest,
  decodeTelemetryCommand,
  encodeAckMessageResponse,
  encodeChangeInvisibleDurationResponse,
  encodeEndTransactionResponse,
  encodeForwardMessageToDeadLetterQueueResponse,
  encodeHeartbeatResponse,
  encodeNotifyClientTerminationResponse,
  encodeQueryAssignmentResponse,
  encodeQueryRouteResponse,
  encodeRecallMessageResponse,
  encodeReceiveMessageResponse,
  encodeSendMessageResponse,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import type { MessageBytes } from '@feathermq/transport'

/** The RPCs into which faults can be put. */
export type FaultedRpc =
  | 'QueryRoute'
  | 'QueryAssignment'
  | 'Telemetry'
  | 'Heartbeat'
  | 'NotifyClientTermination'
  | 'SendMessage'
  | 'ReceiveMessage'
  | 'AckMessage'
  | 'ChangeInvisibleDuration'
  | 'ForwardMessageToDeadLetterQueue'
  | 'EndTransaction'
  | 'RecallMessage'

/** What a request is about. */
export interface RequestNames {
  readonly topics: readonly (string | undefined)[]
  readonly group: string | undefined
}

interface Shape {
  names(bytes: Uint8Array): RequestNames
  /** The messages of an answer that has nothing but a status. */
  refuse(status: StatusInit): readonly MessageBytes[]
}

type About = { readonly topic?: ResourceInit | undefined; readonly group?: ResourceInit | undefined }

/** An RPC that names at most one topic and one group, and has its status in its one answer. */
function plain(decode: (bytes: Uint8Array) => About, encode: (response: { status: StatusInit }) => MessageBytes): Shape {
  return {
    names(bytes) {
      const { topic, group } = decode(bytes)
      return { topics: [topic?.name], group: group?.name }
    },
    refuse: (status) => [encode({ status })],
  }
}

function named({ pubSub }: Settings): RequestNames {
  if (pubSub?.case !== 'subscription') return { topics: pubSub?.value.topics.map(({ name }) => name) ?? [], group: undefined }
  return { topics: pubSub.value.subscriptions.map(({ topic }) => topic?.name), group: pubSub.value.group?.name }
}

export const shapes: Readonly<Record<FaultedRpc, Shape>> = {
  QueryRoute: plain(decodeQueryRouteRequest, encodeQueryRouteResponse),
  QueryAssignment: plain(decodeQueryAssignmentRequest, encodeQueryAssignmentResponse),
  Heartbeat: plain(decodeHeartbeatRequest, encodeHeartbeatResponse),
  NotifyClientTermination: plain(decodeNotifyClientTerminationRequest, encodeNotifyClientTerminationResponse),
  AckMessage: plain(decodeAckMessageRequest, encodeAckMessageResponse),
  ChangeInvisibleDuration: plain(decodeChangeInvisibleDurationRequest, encodeChangeInvisibleDurationResponse),
  ForwardMessageToDeadLetterQueue: plain(decodeForwardMessageToDeadLetterQueueRequest, encodeForwardMessageToDeadLetterQueueResponse),
  EndTransaction: plain(decodeEndTransactionRequest, encodeEndTransactionResponse),
  RecallMessage: plain(decodeRecallMessageRequest, encodeRecallMessageResponse),
  SendMessage: {
    names: (bytes) => ({ topics: decodeSendMessageRequest(bytes).messages.map(({ topic }) => topic?.name), group: undefined }),
    refuse: (status) => [encodeSendMessageResponse({ status })],
  },
  ReceiveMessage: {
    names(bytes) {
      const { messageQueue, group } = decodeReceiveMessageRequest(bytes)
      return { topics: [messageQueue?.topic?.name], group: group?.name }
    },
    refuse: (value) => [encodeReceiveMessageResponse({ content: { case: 'status', value } })],
  },
  Telemetry: {
    names(bytes) {
      const { command } = decodeTelemetryCommand(bytes)
      return command?.case === 'settings' ? named(command.value) : { topics: [], group: undefined }
    },
    refuse: (status) => [encodeTelemetryCommand({ status })],
  },
}
