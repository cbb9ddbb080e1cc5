// What a client says and hears: half of this package is for servers and for administration, and would be read at the start of programs that are neither.
// `index.ts` has it all.
/// <reference types="node" preserve="true" />

export { checkDigest, digest, isDigestAt } from './body.ts'
export { type Code, codeName, codeNumber, digestTypeName, encodingName } from './gen/enums.ts'
export type { Message, MessageInit } from './gen/message.ts'
export { messagingService } from './gen/methods.ts'
export {
  type AckMessageRequest,
  type AckMessageRequestInit,
  type AckMessageResponse,
  type AckMessageResponseInit,
  type AckMessageResultEntry,
  type ChangeInvisibleDurationRequest,
  type ChangeInvisibleDurationRequestInit,
  type ChangeInvisibleDurationResponse,
  type ChangeInvisibleDurationResponseInit,
  decodeAckMessageResponse,
  decodeChangeInvisibleDurationResponse,
  decodeForwardMessageToDeadLetterQueueResponse,
  decodeReceiveMessageResponse,
  encodeAckMessageRequest,
  encodeChangeInvisibleDurationRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  encodeReceiveMessageRequest,
  type ForwardMessageToDeadLetterQueueRequest,
  type ForwardMessageToDeadLetterQueueRequestInit,
  type ForwardMessageToDeadLetterQueueResponse,
  type ForwardMessageToDeadLetterQueueResponseInit,
  type ReceiveMessageRequest,
  type ReceiveMessageRequestInit,
  type ReceiveMessageResponse,
  type ReceiveMessageResponseInit,
} from './gen/receiving.ts'
export {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  type MessageQueue,
  type MessageQueueInit,
  type QueryAssignmentRequest,
  type QueryAssignmentRequestInit,
  type QueryAssignmentResponse,
  type QueryAssignmentResponseInit,
  type QueryRouteRequest,
  type QueryRouteRequestInit,
  type QueryRouteResponse,
  type QueryRouteResponseInit,
} from './gen/routing.ts'
export {
  decodeEndTransactionResponse,
  decodeRecallMessageResponse,
  decodeSendMessageResponse,
  type EndTransactionRequest,
  type EndTransactionRequestInit,
  type EndTransactionResponse,
  type EndTransactionResponseInit,
  encodeEndTransactionRequest,
  encodeRecallMessageRequest,
  encodeSendMessageRequest,
  type RecallMessageRequest,
  type RecallMessageRequestInit,
  type RecallMessageResponse,
  type RecallMessageResponseInit,
  type SendMessageRequest,
  type SendMessageRequestInit,
  type SendMessageResponse,
  type SendMessageResponseInit,
} from './gen/sending.ts'
export type { RetryPolicy, Settings, SettingsInit, UAInit } from './gen/settings.ts'
export type { ResourceInit, Status } from './gen/status.ts'
export {
  decodeHeartbeatResponse,
  decodeNotifyClientTerminationResponse,
  decodeTelemetryCommand,
  encodeHeartbeatRequest,
  encodeNotifyClientTerminationRequest,
  encodeTelemetryCommand,
  type HeartbeatRequest,
  type HeartbeatRequestInit,
  type HeartbeatResponse,
  type HeartbeatResponseInit,
  type NotifyClientTerminationRequest,
  type NotifyClientTerminationRequestInit,
  type NotifyClientTerminationResponse,
  type NotifyClientTerminationResponseInit,
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
export { Reader } from './wire/reader.ts'
