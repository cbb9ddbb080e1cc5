// biome-ignore-all assist/source/organizeImports: a list that is grouped by subject, one message a line, is the table of contents of this package

// Messages: decoder, encoder, decoded form, what may be encoded, and the writer by which encoders compose

// Times
export { decodeTimestamp, encodeTimestamp, type Timestamp, type TimestampInit, writeTimestamp } from './gen/time.ts'
export { decodeDuration, encodeDuration, type Duration, type DurationInit, writeDuration } from './gen/time.ts'

// Status and resource
export { decodeStatus, encodeStatus, type Status, type StatusInit, writeStatus } from './gen/status.ts'
export { decodeResource, encodeResource, type Resource, type ResourceInit, writeResource } from './gen/status.ts'

// Message
export { decodeDigest, encodeDigest, type Digest, type DigestInit, writeDigest } from './gen/message.ts'
export { decodeDeadLetterQueue, encodeDeadLetterQueue, type DeadLetterQueue, type DeadLetterQueueInit, writeDeadLetterQueue } from './gen/message.ts'
export type { SystemProperties, SystemPropertiesInit } from './gen/message.ts'
export { decodeSystemProperties, encodeSystemProperties, writeSystemProperties } from './gen/message.ts'
export { decodeMessage, encodeMessage, type Message, type MessageInit, writeMessage } from './gen/message.ts'

// Routes
export { decodeAddress, encodeAddress, type Address, type AddressInit, writeAddress } from './gen/routing.ts'
export { decodeEndpoints, encodeEndpoints, type Endpoints, type EndpointsInit, writeEndpoints } from './gen/routing.ts'
export { decodeBroker, encodeBroker, type Broker, type BrokerInit, writeBroker } from './gen/routing.ts'
export { decodeMessageQueue, encodeMessageQueue, type MessageQueue, type MessageQueueInit, writeMessageQueue } from './gen/routing.ts'
export { decodeAssignment, encodeAssignment, type Assignment, type AssignmentInit, writeAssignment } from './gen/routing.ts'
export type { QueryRouteRequest, QueryRouteRequestInit } from './gen/routing.ts'
export { decodeQueryRouteRequest, encodeQueryRouteRequest, writeQueryRouteRequest } from './gen/routing.ts'
export type { QueryRouteResponse, QueryRouteResponseInit } from './gen/routing.ts'
export { decodeQueryRouteResponse, encodeQueryRouteResponse, writeQueryRouteResponse } from './gen/routing.ts'
export type { QueryAssignmentRequest, QueryAssignmentRequestInit } from './gen/routing.ts'
export { decodeQueryAssignmentRequest, encodeQueryAssignmentRequest, writeQueryAssignmentRequest } from './gen/routing.ts'
export type { QueryAssignmentResponse, QueryAssignmentResponseInit } from './gen/routing.ts'
export { decodeQueryAssignmentResponse, encodeQueryAssignmentResponse, writeQueryAssignmentResponse } from './gen/routing.ts'

// Settings
export type { FilterExpression, FilterExpressionInit } from './gen/settings.ts'
export { decodeFilterExpression, encodeFilterExpression, writeFilterExpression } from './gen/settings.ts'
export type { SubscriptionEntry, SubscriptionEntryInit } from './gen/settings.ts'
export { decodeSubscriptionEntry, encodeSubscriptionEntry, writeSubscriptionEntry } from './gen/settings.ts'
export type { ExponentialBackoff, ExponentialBackoffInit } from './gen/settings.ts'
export { decodeExponentialBackoff, encodeExponentialBackoff, writeExponentialBackoff } from './gen/settings.ts'
export type { CustomizedBackoff, CustomizedBackoffInit } from './gen/settings.ts'
export { decodeCustomizedBackoff, encodeCustomizedBackoff, writeCustomizedBackoff } from './gen/settings.ts'
export { decodeRetryPolicy, encodeRetryPolicy, type RetryPolicy, type RetryPolicyInit, writeRetryPolicy } from './gen/settings.ts'
export { decodeUA, encodeUA, type UA, type UAInit, writeUA } from './gen/settings.ts'
export { decodePublishing, encodePublishing, type Publishing, type PublishingInit, writePublishing } from './gen/settings.ts'
export { decodeSubscription, encodeSubscription, type Subscription, type SubscriptionInit, writeSubscription } from './gen/settings.ts'
export { decodeMetric, encodeMetric, type Metric, type MetricInit, writeMetric } from './gen/settings.ts'
export { decodeSettings, encodeSettings, type Settings, type SettingsInit, writeSettings } from './gen/settings.ts'

// Sending
export type { SendMessageRequest, SendMessageRequestInit } from './gen/sending.ts'
export { decodeSendMessageRequest, encodeSendMessageRequest, writeSendMessageRequest } from './gen/sending.ts'
export { decodeSendResultEntry, encodeSendResultEntry, type SendResultEntry, type SendResultEntryInit, writeSendResultEntry } from './gen/sending.ts'
export type { SendMessageResponse, SendMessageResponseInit } from './gen/sending.ts'
export { decodeSendMessageResponse, encodeSendMessageResponse, writeSendMessageResponse } from './gen/sending.ts'
export type { EndTransactionRequest, EndTransactionRequestInit } from './gen/sending.ts'
export { decodeEndTransactionRequest, encodeEndTransactionRequest, writeEndTransactionRequest } from './gen/sending.ts'
export type { EndTransactionResponse, EndTransactionResponseInit } from './gen/sending.ts'
export { decodeEndTransactionResponse, encodeEndTransactionResponse, writeEndTransactionResponse } from './gen/sending.ts'
export type { RecallMessageRequest, RecallMessageRequestInit } from './gen/sending.ts'
export { decodeRecallMessageRequest, encodeRecallMessageRequest, writeRecallMessageRequest } from './gen/sending.ts'
export type { RecallMessageResponse, RecallMessageResponseInit } from './gen/sending.ts'
export { decodeRecallMessageResponse, encodeRecallMessageResponse, writeRecallMessageResponse } from './gen/sending.ts'

// Receiving
export type { ReceiveMessageRequest, ReceiveMessageRequestInit } from './gen/receiving.ts'
export { decodeReceiveMessageRequest, encodeReceiveMessageRequest, writeReceiveMessageRequest } from './gen/receiving.ts'
export type { ReceiveMessageResponse, ReceiveMessageResponseInit } from './gen/receiving.ts'
export { decodeReceiveMessageResponse, encodeReceiveMessageResponse, writeReceiveMessageResponse } from './gen/receiving.ts'
export type { AckMessageEntry, AckMessageEntryInit } from './gen/receiving.ts'
export { decodeAckMessageEntry, encodeAckMessageEntry, writeAckMessageEntry } from './gen/receiving.ts'
export type { AckMessageRequest, AckMessageRequestInit } from './gen/receiving.ts'
export { decodeAckMessageRequest, encodeAckMessageRequest, writeAckMessageRequest } from './gen/receiving.ts'
export type { AckMessageResultEntry, AckMessageResultEntryInit } from './gen/receiving.ts'
export { decodeAckMessageResultEntry, encodeAckMessageResultEntry, writeAckMessageResultEntry } from './gen/receiving.ts'
export type { AckMessageResponse, AckMessageResponseInit } from './gen/receiving.ts'
export { decodeAckMessageResponse, encodeAckMessageResponse, writeAckMessageResponse } from './gen/receiving.ts'
export type { ForwardMessageToDeadLetterQueueRequest, ForwardMessageToDeadLetterQueueRequestInit } from './gen/receiving.ts'
export {
  decodeForwardMessageToDeadLetterQueueRequest,
  encodeForwardMessageToDeadLetterQueueRequest,
  writeForwardMessageToDeadLetterQueueRequest,
} from './gen/receiving.ts'
export type { ForwardMessageToDeadLetterQueueResponse, ForwardMessageToDeadLetterQueueResponseInit } from './gen/receiving.ts'
export {
  decodeForwardMessageToDeadLetterQueueResponse,
  encodeForwardMessageToDeadLetterQueueResponse,
  writeForwardMessageToDeadLetterQueueResponse,
} from './gen/receiving.ts'
export type { ChangeInvisibleDurationRequest, ChangeInvisibleDurationRequestInit } from './gen/receiving.ts'
export { decodeChangeInvisibleDurationRequest, encodeChangeInvisibleDurationRequest, writeChangeInvisibleDurationRequest } from './gen/receiving.ts'
export type { ChangeInvisibleDurationResponse, ChangeInvisibleDurationResponseInit } from './gen/receiving.ts'
export {
  decodeChangeInvisibleDurationResponse,
  encodeChangeInvisibleDurationResponse,
  writeChangeInvisibleDurationResponse,
} from './gen/receiving.ts'

// Pulling
export type { PullMessageRequest, PullMessageRequestInit } from './gen/pulling.ts'
export { decodePullMessageRequest, encodePullMessageRequest, writePullMessageRequest } from './gen/pulling.ts'
export type { PullMessageResponse, PullMessageResponseInit } from './gen/pulling.ts'
export { decodePullMessageResponse, encodePullMessageResponse, writePullMessageResponse } from './gen/pulling.ts'
export type { UpdateOffsetRequest, UpdateOffsetRequestInit } from './gen/pulling.ts'
export { decodeUpdateOffsetRequest, encodeUpdateOffsetRequest, writeUpdateOffsetRequest } from './gen/pulling.ts'
export type { UpdateOffsetResponse, UpdateOffsetResponseInit } from './gen/pulling.ts'
export { decodeUpdateOffsetResponse, encodeUpdateOffsetResponse, writeUpdateOffsetResponse } from './gen/pulling.ts'
export type { GetOffsetRequest, GetOffsetRequestInit } from './gen/pulling.ts'
export { decodeGetOffsetRequest, encodeGetOffsetRequest, writeGetOffsetRequest } from './gen/pulling.ts'
export type { GetOffsetResponse, GetOffsetResponseInit } from './gen/pulling.ts'
export { decodeGetOffsetResponse, encodeGetOffsetResponse, writeGetOffsetResponse } from './gen/pulling.ts'
export type { QueryOffsetRequest, QueryOffsetRequestInit } from './gen/pulling.ts'
export { decodeQueryOffsetRequest, encodeQueryOffsetRequest, writeQueryOffsetRequest } from './gen/pulling.ts'
export type { QueryOffsetResponse, QueryOffsetResponseInit } from './gen/pulling.ts'
export { decodeQueryOffsetResponse, encodeQueryOffsetResponse, writeQueryOffsetResponse } from './gen/pulling.ts'

// Telemetry
export type { HeartbeatRequest, HeartbeatRequestInit } from './gen/telemetry.ts'
export { decodeHeartbeatRequest, encodeHeartbeatRequest, writeHeartbeatRequest } from './gen/telemetry.ts'
export type { HeartbeatResponse, HeartbeatResponseInit } from './gen/telemetry.ts'
export { decodeHeartbeatResponse, encodeHeartbeatResponse, writeHeartbeatResponse } from './gen/telemetry.ts'
export type { NotifyClientTerminationRequest, NotifyClientTerminationRequestInit } from './gen/telemetry.ts'
export { decodeNotifyClientTerminationRequest, encodeNotifyClientTerminationRequest, writeNotifyClientTerminationRequest } from './gen/telemetry.ts'
export type { NotifyClientTerminationResponse, NotifyClientTerminationResponseInit } from './gen/telemetry.ts'
export {
  decodeNotifyClientTerminationResponse,
  encodeNotifyClientTerminationResponse,
  writeNotifyClientTerminationResponse,
} from './gen/telemetry.ts'
export type { PrintThreadStackTraceCommand, PrintThreadStackTraceCommandInit } from './gen/telemetry.ts'
export { decodePrintThreadStackTraceCommand, encodePrintThreadStackTraceCommand, writePrintThreadStackTraceCommand } from './gen/telemetry.ts'
export type { ReconnectEndpointsCommand, ReconnectEndpointsCommandInit } from './gen/telemetry.ts'
export { decodeReconnectEndpointsCommand, encodeReconnectEndpointsCommand, writeReconnectEndpointsCommand } from './gen/telemetry.ts'
export type { ThreadStackTrace, ThreadStackTraceInit } from './gen/telemetry.ts'
export { decodeThreadStackTrace, encodeThreadStackTrace, writeThreadStackTrace } from './gen/telemetry.ts'
export type { VerifyMessageCommand, VerifyMessageCommandInit } from './gen/telemetry.ts'
export { decodeVerifyMessageCommand, encodeVerifyMessageCommand, writeVerifyMessageCommand } from './gen/telemetry.ts'
export type { VerifyMessageResult, VerifyMessageResultInit } from './gen/telemetry.ts'
export { decodeVerifyMessageResult, encodeVerifyMessageResult, writeVerifyMessageResult } from './gen/telemetry.ts'
export type { RecoverOrphanedTransactionCommand, RecoverOrphanedTransactionCommandInit } from './gen/telemetry.ts'
export {
  decodeRecoverOrphanedTransactionCommand,
  encodeRecoverOrphanedTransactionCommand,
  writeRecoverOrphanedTransactionCommand,
} from './gen/telemetry.ts'
export type { NotifyUnsubscribeLiteCommand, NotifyUnsubscribeLiteCommandInit } from './gen/telemetry.ts'
export { decodeNotifyUnsubscribeLiteCommand, encodeNotifyUnsubscribeLiteCommand, writeNotifyUnsubscribeLiteCommand } from './gen/telemetry.ts'
export type { TelemetryCommand, TelemetryCommandInit } from './gen/telemetry.ts'
export { decodeTelemetryCommand, encodeTelemetryCommand, writeTelemetryCommand } from './gen/telemetry.ts'

// Lite topics
export { decodeOffsetOption, encodeOffsetOption, type OffsetOption, type OffsetOptionInit, writeOffsetOption } from './gen/lite.ts'
export type { SyncLiteSubscriptionRequest, SyncLiteSubscriptionRequestInit } from './gen/lite.ts'
export { decodeSyncLiteSubscriptionRequest, encodeSyncLiteSubscriptionRequest, writeSyncLiteSubscriptionRequest } from './gen/lite.ts'
export type { SyncLiteSubscriptionResponse, SyncLiteSubscriptionResponseInit } from './gen/lite.ts'
export { decodeSyncLiteSubscriptionResponse, encodeSyncLiteSubscriptionResponse, writeSyncLiteSubscriptionResponse } from './gen/lite.ts'

// Admin: clients
export type { ChangeLogLevelRequest, ChangeLogLevelRequestInit } from './gen/admin-clients.ts'
export { decodeChangeLogLevelRequest, encodeChangeLogLevelRequest, writeChangeLogLevelRequest } from './gen/admin-clients.ts'
export type { ChangeLogLevelResponse, ChangeLogLevelResponseInit } from './gen/admin-clients.ts'
export { decodeChangeLogLevelResponse, encodeChangeLogLevelResponse, writeChangeLogLevelResponse } from './gen/admin-clients.ts'
export { decodeClientInfo, encodeClientInfo, type ClientInfo, type ClientInfoInit, writeClientInfo } from './gen/admin-clients.ts'
export type { ListConsumerConnectionRequest, ListConsumerConnectionRequestInit } from './gen/admin-clients.ts'
export { decodeListConsumerConnectionRequest, encodeListConsumerConnectionRequest, writeListConsumerConnectionRequest } from './gen/admin-clients.ts'
export type { ListConsumerConnectionResponse, ListConsumerConnectionResponseInit } from './gen/admin-clients.ts'
export {
  decodeListConsumerConnectionResponse,
  encodeListConsumerConnectionResponse,
  writeListConsumerConnectionResponse,
} from './gen/admin-clients.ts'
export type { ProcessQueueInfo, ProcessQueueInfoInit } from './gen/admin-clients.ts'
export { decodeProcessQueueInfo, encodeProcessQueueInfo, writeProcessQueueInfo } from './gen/admin-clients.ts'
export type { MessageQueueItem, MessageQueueItemInit } from './gen/admin-clients.ts'
export { decodeMessageQueueItem, encodeMessageQueueItem, writeMessageQueueItem } from './gen/admin-clients.ts'
export { decodeConsumeStatus, encodeConsumeStatus, type ConsumeStatus, type ConsumeStatusInit, writeConsumeStatus } from './gen/admin-clients.ts'
export type { ConsumerRunningInfo, ConsumerRunningInfoInit } from './gen/admin-clients.ts'
export { decodeConsumerRunningInfo, encodeConsumerRunningInfo, writeConsumerRunningInfo } from './gen/admin-clients.ts'
export type { GetConsumerRunningInfoRequest, GetConsumerRunningInfoRequestInit } from './gen/admin-clients.ts'
export { decodeGetConsumerRunningInfoRequest, encodeGetConsumerRunningInfoRequest, writeGetConsumerRunningInfoRequest } from './gen/admin-clients.ts'
export type { GetConsumerRunningInfoResponse, GetConsumerRunningInfoResponseInit } from './gen/admin-clients.ts'
export {
  decodeGetConsumerRunningInfoResponse,
  encodeGetConsumerRunningInfoResponse,
  writeGetConsumerRunningInfoResponse,
} from './gen/admin-clients.ts'
export type { PrintThreadStackTraceRequest, PrintThreadStackTraceRequestInit } from './gen/admin-clients.ts'
export { decodePrintThreadStackTraceRequest, encodePrintThreadStackTraceRequest, writePrintThreadStackTraceRequest } from './gen/admin-clients.ts'
export type { PrintThreadStackTraceResponse, PrintThreadStackTraceResponseInit } from './gen/admin-clients.ts'
export { decodePrintThreadStackTraceResponse, encodePrintThreadStackTraceResponse, writePrintThreadStackTraceResponse } from './gen/admin-clients.ts'

// Admin: subscriptions
export type { ListSubscriptionRequest, ListSubscriptionRequestInit } from './gen/admin-subscriptions.ts'
export { decodeListSubscriptionRequest, encodeListSubscriptionRequest, writeListSubscriptionRequest } from './gen/admin-subscriptions.ts'
export type { SubscriptionInfo, SubscriptionInfoInit } from './gen/admin-subscriptions.ts'
export { decodeSubscriptionInfo, encodeSubscriptionInfo, writeSubscriptionInfo } from './gen/admin-subscriptions.ts'
export type { ListSubscriptionResponse, ListSubscriptionResponseInit } from './gen/admin-subscriptions.ts'
export { decodeListSubscriptionResponse, encodeListSubscriptionResponse, writeListSubscriptionResponse } from './gen/admin-subscriptions.ts'
export type { DescribeSubscriptionRequest, DescribeSubscriptionRequestInit } from './gen/admin-subscriptions.ts'
export { decodeDescribeSubscriptionRequest, encodeDescribeSubscriptionRequest, writeDescribeSubscriptionRequest } from './gen/admin-subscriptions.ts'
export type {
  DescribeSubscriptionResponseClientSubscriptionInfo,
  DescribeSubscriptionResponseClientSubscriptionInfoInit,
} from './gen/admin-subscriptions.ts'
export {
  decodeDescribeSubscriptionResponseClientSubscriptionInfo,
  encodeDescribeSubscriptionResponseClientSubscriptionInfo,
  writeDescribeSubscriptionResponseClientSubscriptionInfo,
} from './gen/admin-subscriptions.ts'
export type { DescribeSubscriptionResponse, DescribeSubscriptionResponseInit } from './gen/admin-subscriptions.ts'
export {
  decodeDescribeSubscriptionResponse,
  encodeDescribeSubscriptionResponse,
  writeDescribeSubscriptionResponse,
} from './gen/admin-subscriptions.ts'
export type { DeleteSubscriptionRequest, DeleteSubscriptionRequestInit } from './gen/admin-subscriptions.ts'
export { decodeDeleteSubscriptionRequest, encodeDeleteSubscriptionRequest, writeDeleteSubscriptionRequest } from './gen/admin-subscriptions.ts'
export type { DeleteSubscriptionResponse, DeleteSubscriptionResponseInit } from './gen/admin-subscriptions.ts'
export { decodeDeleteSubscriptionResponse, encodeDeleteSubscriptionResponse, writeDeleteSubscriptionResponse } from './gen/admin-subscriptions.ts'

// Admin: offsets
export type { DescribeGroupAccumulationRequest, DescribeGroupAccumulationRequestInit } from './gen/admin-offsets.ts'
export {
  decodeDescribeGroupAccumulationRequest,
  encodeDescribeGroupAccumulationRequest,
  writeDescribeGroupAccumulationRequest,
} from './gen/admin-offsets.ts'
export type {
  DescribeGroupAccumulationResponseGroupAccumulation,
  DescribeGroupAccumulationResponseGroupAccumulationInit,
} from './gen/admin-offsets.ts'
export {
  decodeDescribeGroupAccumulationResponseGroupAccumulation,
  encodeDescribeGroupAccumulationResponseGroupAccumulation,
  writeDescribeGroupAccumulationResponseGroupAccumulation,
} from './gen/admin-offsets.ts'
export type { DescribeGroupAccumulationResponse, DescribeGroupAccumulationResponseInit } from './gen/admin-offsets.ts'
export {
  decodeDescribeGroupAccumulationResponse,
  encodeDescribeGroupAccumulationResponse,
  writeDescribeGroupAccumulationResponse,
} from './gen/admin-offsets.ts'
export type { QueryTimeSpanRequest, QueryTimeSpanRequestInit } from './gen/admin-offsets.ts'
export { decodeQueryTimeSpanRequest, encodeQueryTimeSpanRequest, writeQueryTimeSpanRequest } from './gen/admin-offsets.ts'
export type { QueryTimeSpanResponseQueueTimeSpan, QueryTimeSpanResponseQueueTimeSpanInit } from './gen/admin-offsets.ts'
export {
  decodeQueryTimeSpanResponseQueueTimeSpan,
  encodeQueryTimeSpanResponseQueueTimeSpan,
  writeQueryTimeSpanResponseQueueTimeSpan,
} from './gen/admin-offsets.ts'
export type { QueryTimeSpanResponse, QueryTimeSpanResponseInit } from './gen/admin-offsets.ts'
export { decodeQueryTimeSpanResponse, encodeQueryTimeSpanResponse, writeQueryTimeSpanResponse } from './gen/admin-offsets.ts'
export type { ResetGroupOffsetRequest, ResetGroupOffsetRequestInit } from './gen/admin-offsets.ts'
export { decodeResetGroupOffsetRequest, encodeResetGroupOffsetRequest, writeResetGroupOffsetRequest } from './gen/admin-offsets.ts'
export type { ResetGroupOffsetResponse, ResetGroupOffsetResponseInit } from './gen/admin-offsets.ts'
export { decodeResetGroupOffsetResponse, encodeResetGroupOffsetResponse, writeResetGroupOffsetResponse } from './gen/admin-offsets.ts'

// Admin: messages
export type { ListMessageRequest, ListMessageRequestInit } from './gen/admin-messages.ts'
export { decodeListMessageRequest, encodeListMessageRequest, writeListMessageRequest } from './gen/admin-messages.ts'
export type { ListMessageResponse, ListMessageResponseInit } from './gen/admin-messages.ts'
export { decodeListMessageResponse, encodeListMessageResponse, writeListMessageResponse } from './gen/admin-messages.ts'
export type { VerifyMessageRequest, VerifyMessageRequestInit } from './gen/admin-messages.ts'
export { decodeVerifyMessageRequest, encodeVerifyMessageRequest, writeVerifyMessageRequest } from './gen/admin-messages.ts'
export type { VerifyMessageResponse, VerifyMessageResponseInit } from './gen/admin-messages.ts'
export { decodeVerifyMessageResponse, encodeVerifyMessageResponse, writeVerifyMessageResponse } from './gen/admin-messages.ts'
export type { AdminSendMessageRequest, AdminSendMessageRequestInit } from './gen/admin-messages.ts'
export { decodeAdminSendMessageRequest, encodeAdminSendMessageRequest, writeAdminSendMessageRequest } from './gen/admin-messages.ts'
export type { AdminSendMessageResponse, AdminSendMessageResponseInit } from './gen/admin-messages.ts'
export { decodeAdminSendMessageResponse, encodeAdminSendMessageResponse, writeAdminSendMessageResponse } from './gen/admin-messages.ts'

// Admin: topics
export type { DescribeTopicStatusRequest, DescribeTopicStatusRequestInit } from './gen/admin-topics.ts'
export { decodeDescribeTopicStatusRequest, encodeDescribeTopicStatusRequest, writeDescribeTopicStatusRequest } from './gen/admin-topics.ts'
export type { DescribeTopicStatusResponse, DescribeTopicStatusResponseInit } from './gen/admin-topics.ts'
export { decodeDescribeTopicStatusResponse, encodeDescribeTopicStatusResponse, writeDescribeTopicStatusResponse } from './gen/admin-topics.ts'
export type { GetTopicRouteRequest, GetTopicRouteRequestInit } from './gen/admin-topics.ts'
export { decodeGetTopicRouteRequest, encodeGetTopicRouteRequest, writeGetTopicRouteRequest } from './gen/admin-topics.ts'
export type { GetTopicRouteResponse, GetTopicRouteResponseInit } from './gen/admin-topics.ts'
export { decodeGetTopicRouteResponse, encodeGetTopicRouteResponse, writeGetTopicRouteResponse } from './gen/admin-topics.ts'
export type { GetProxyRuntimeStatsRequest, GetProxyRuntimeStatsRequestInit } from './gen/admin-topics.ts'
export { decodeGetProxyRuntimeStatsRequest, encodeGetProxyRuntimeStatsRequest, writeGetProxyRuntimeStatsRequest } from './gen/admin-topics.ts'
export type { GetProxyRuntimeStatsResponse, GetProxyRuntimeStatsResponseInit } from './gen/admin-topics.ts'
export { decodeGetProxyRuntimeStatsResponse, encodeGetProxyRuntimeStatsResponse, writeGetProxyRuntimeStatsResponse } from './gen/admin-topics.ts'

// Enums: the type, the way from number to name and from name to number, and all values
export { type TransactionResolution, transactionResolutionName, transactionResolutionNames, transactionResolutionNumber } from './gen/enums.ts'
export { type TransactionSource, transactionSourceName, transactionSourceNames, transactionSourceNumber } from './gen/enums.ts'
export { type Permission, permissionName, permissionNames, permissionNumber } from './gen/enums.ts'
export { type FilterType, filterTypeName, filterTypeNames, filterTypeNumber } from './gen/enums.ts'
export { type AddressScheme, addressSchemeName, addressSchemeNames, addressSchemeNumber } from './gen/enums.ts'
export { type MessageType, messageTypeName, messageTypeNames, messageTypeNumber } from './gen/enums.ts'
export { type DigestType, digestTypeName, digestTypeNames, digestTypeNumber } from './gen/enums.ts'
export { type ClientType, clientTypeName, clientTypeNames, clientTypeNumber } from './gen/enums.ts'
export { type Encoding, encodingName, encodingNames, encodingNumber } from './gen/enums.ts'
export { type Code, codeName, codeNames, codeNumber } from './gen/enums.ts'
export { type Language, languageName, languageNames, languageNumber } from './gen/enums.ts'
export { type LiteSubscriptionAction, liteSubscriptionActionName, liteSubscriptionActionNames, liteSubscriptionActionNumber } from './gen/enums.ts'
export { type QueryOffsetPolicy, queryOffsetPolicyName, queryOffsetPolicyNames, queryOffsetPolicyNumber } from './gen/enums.ts'
export { type OffsetOptionPolicy, offsetOptionPolicyName, offsetOptionPolicyNames, offsetOptionPolicyNumber } from './gen/enums.ts'
export {
  type ChangeLogLevelRequestLevel,
  changeLogLevelRequestLevelName,
  changeLogLevelRequestLevelNames,
  changeLogLevelRequestLevelNumber,
} from './gen/enums.ts'
export { type MessageModel, messageModelName, messageModelNames, messageModelNumber } from './gen/enums.ts'
export {
  type GetTopicRouteRequestNetworkType,
  getTopicRouteRequestNetworkTypeName,
  getTopicRouteRequestNetworkTypeNames,
  getTopicRouteRequestNetworkTypeNumber,
} from './gen/enums.ts'

// Views: where the fields are, decoded when asked for
export { AckMessageRequestView, viewAckMessageRequest } from './gen/views.ts'
export { MessageView, viewMessage } from './gen/views.ts'
export { ReceiveMessageResponseView, viewReceiveMessageResponse } from './gen/views.ts'
export { SendMessageRequestView, viewSendMessageRequest } from './gen/views.ts'
export { SystemPropertiesView, viewSystemProperties } from './gen/views.ts'

// Services
export { adminService, messagingService } from './gen/methods.ts'

// What the protocol says beside its messages
export { checkDigest, type DigestAlgorithm, digest, isDigestAt } from './body.ts'
export { headerNames } from './headers.ts'
export { limits } from './limits.ts'
export { isMessageId, type MessageIdOptions, type MessageIds, messageIds } from './message-id.ts'
export { checkGroup, checkKey, checkMessageGroup, checkMessageId, checkProperty, checkTag, checkTopic, deadLetterTopic } from './names.ts'
export { type Problem, reservedPropertyKeys } from './names.ts'
export { queueHash, queueOf } from './queue-hash.ts'
export { type Authorization, authorizationHeader, parseAuthorization, type Signing, signingDate, verifySignature } from './signature.ts'
export { type CodeInfo, codeInfo } from './status.ts'
export { durationFromMs, msFromDuration, msFromTimestamp, timestampFromMs } from './time.ts'

// The wire
export { WireError, type WireErrorReason } from './wire/error.ts'
export { Reader } from './wire/reader.ts'
export { Writer } from './wire/writer.ts'
