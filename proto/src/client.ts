// What a client says and hears: half of this package is for servers and for administration, and would be read at the start of programs that are neither.
// `index.ts` has it all.
/// <reference types="node" preserve="true" />

export { checkDigest } from './body.ts'
export { type Code, codeName, codeNumber } from './gen/enums.ts'
export type { Message, MessageInit } from './gen/message.ts'
export { messagingService } from './gen/methods.ts'
export {
  type AckMessageResultEntry,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  decodeReceiveMessageResponse,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeReceiveMessageRequest,
  type ReceiveMessageResponse,
} from './gen/receiving.ts'
export {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  type MessageQueue,
  type MessageQueueInit,
} from './gen/routing.ts'
export {
  decodeEndTransactionResponse,
  decodeRecallMessageResponse,
  decodeSendMessageResponse,
  encodeEndTransactionRequest,
  encodeRecallMessageRequest,
  encodeSendMessageRequest,
} from './gen/sending.ts'
export type { RetryPolicy, Settings, SettingsInit, UAInit } from './gen/settings.ts'
export type { Status } from './gen/status.ts'
export {
  decodeHeartbeatResponse,
  decodeNotifyClientTerminationResponse,
  decodeTelemetryCommand,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodeTelemetryCommand,
  type TelemetryCommand,
  type TelemetryCommandInit,
} from './gen/telemetry.ts'
export { headerNames } from './headers.ts'
export { limits } from './limits.ts'
export { type MessageIds, messageIds } from './message-id.ts'
export { checkGroup, checkKey, checkMessageGroup, checkProperty, checkTag, checkTopic } from './names.ts'
export { queueOf } from './queue-hash.ts'
export { authorizationHeader, signingDate } from './signature.ts'
export { codeInfo } from './status.ts'
export { durationFromMs, msFromDuration, msFromTimestamp, timestampFromMs } from './time.ts'
