// Generated from rocketmq/v2/service.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { shared } from '../wire/writer.ts'
import type { ClientType, LiteSubscriptionAction, QueryOffsetPolicy, TransactionResolution, TransactionSource } from './enums.ts'
import { clientTypeName, clientTypeNumber, liteSubscriptionActionName, liteSubscriptionActionNumber, queryOffsetPolicyName, queryOffsetPolicyNumber, transactionResolutionName, transactionResolutionNumber, transactionSourceName, transactionSourceNumber } from './enums.ts'
import type { Assignment, AssignmentInit, Duration, DurationInit, Endpoints, EndpointsInit, FilterExpression, FilterExpressionInit, Message, MessageInit, MessageQueue, MessageQueueInit, OffsetOption, OffsetOptionInit, Resource, ResourceInit, Settings, SettingsInit, Status, StatusInit, Timestamp, TimestampInit } from './definition.ts'
import { readAssignment, writeAssignment, readDuration, writeDuration, readEndpoints, writeEndpoints, readFilterExpression, writeFilterExpression, readMessage, writeMessage, readMessageQueue, writeMessageQueue, readOffsetOption, writeOffsetOption, readResource, writeResource, readSettings, writeSettings, readStatus, writeStatus, readTimestamp, writeTimestamp } from './definition.ts'

// ── QueryRouteRequest ──

/** Asks which queues a topic has and where they are. */
export interface QueryRouteRequest {
  readonly topic: Resource | undefined
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeQueryRouteRequest} takes: an absent field is not written. */
export interface QueryRouteRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeQueryRouteRequest(w: Writer, value: QueryRouteRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.endpoints !== undefined) {
    const mark = w.begin(18)
    writeEndpoints(w, value.endpoints)
    w.end(mark)
  }
}

export function readQueryRouteRequest(r: Reader, end: number, prev?: QueryRouteRequest): QueryRouteRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, endpoints }
}

export function encodeQueryRouteRequest(value: QueryRouteRequestInit): Uint8Array {
  try {
    writeQueryRouteRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryRouteRequest. Bytes fields are views of the input. */
export function decodeQueryRouteRequest(bytes: Uint8Array): QueryRouteRequest {
  return readQueryRouteRequest(new Reader(bytes), bytes.length)
}

// ── QueryRouteResponse ──

export interface QueryRouteResponse {
  readonly status: Status | undefined
  readonly messageQueues: readonly MessageQueue[]
}

/** What {@link encodeQueryRouteResponse} takes: an absent field is not written. */
export interface QueryRouteResponseInit {
  readonly status?: StatusInit | undefined
  readonly messageQueues?: readonly MessageQueueInit[] | undefined
}

export function writeQueryRouteResponse(w: Writer, value: QueryRouteResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.messageQueues !== undefined) {
    for (const item of value.messageQueues) {
      const mark = w.begin(18)
      writeMessageQueue(w, item)
      w.end(mark)
    }
  }
}

export function readQueryRouteResponse(r: Reader, end: number, prev?: QueryRouteResponse): QueryRouteResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const messageQueues: MessageQueue[] = prev === undefined ? [] : [...prev.messageQueues]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messageQueues.push(readMessageQueue(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, messageQueues }
}

export function encodeQueryRouteResponse(value: QueryRouteResponseInit): Uint8Array {
  try {
    writeQueryRouteResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryRouteResponse. Bytes fields are views of the input. */
export function decodeQueryRouteResponse(bytes: Uint8Array): QueryRouteResponse {
  return readQueryRouteResponse(new Reader(bytes), bytes.length)
}

// ── SendMessageRequest ──

/** Stores messages of one topic. */
export interface SendMessageRequest {
  readonly messages: readonly Message[]
}

/** What {@link encodeSendMessageRequest} takes: an absent field is not written. */
export interface SendMessageRequestInit {
  readonly messages?: readonly MessageInit[] | undefined
}

export function writeSendMessageRequest(w: Writer, value: SendMessageRequestInit): void {
  if (value.messages !== undefined) {
    for (const item of value.messages) {
      const mark = w.begin(10, (item.body?.length ?? 0) + 256)
      writeMessage(w, item)
      w.end(mark)
    }
  }
}

export function readSendMessageRequest(r: Reader, end: number, prev?: SendMessageRequest): SendMessageRequest {
  const messages: Message[] = prev === undefined ? [] : [...prev.messages]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messages.push(readMessage(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { messages }
}

export function encodeSendMessageRequest(value: SendMessageRequestInit): Uint8Array {
  try {
    writeSendMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SendMessageRequest. Bytes fields are views of the input. */
export function decodeSendMessageRequest(bytes: Uint8Array): SendMessageRequest {
  return readSendMessageRequest(new Reader(bytes), bytes.length)
}

// ── SendResultEntry ──

/** The fate of one message of a send. */
export interface SendResultEntry {
  readonly status: Status | undefined
  readonly messageId: string
  readonly transactionId: string
  readonly offset: bigint
  readonly recallHandle: string
}

/** What {@link encodeSendResultEntry} takes: an absent field is not written. */
export interface SendResultEntryInit {
  readonly status?: StatusInit | undefined
  readonly messageId?: string | undefined
  readonly transactionId?: string | undefined
  readonly offset?: bigint | undefined
  readonly recallHandle?: string | undefined
}

export function writeSendResultEntry(w: Writer, value: SendResultEntryInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
  if (value.transactionId !== undefined && value.transactionId !== '') w.string(26, value.transactionId)
  if (value.offset !== undefined && value.offset !== 0n) w.int64(32, value.offset)
  if (value.recallHandle !== undefined && value.recallHandle !== '') w.string(42, value.recallHandle)
}

export function readSendResultEntry(r: Reader, end: number, prev?: SendResultEntry): SendResultEntry {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let messageId: string = prev === undefined ? '' : prev.messageId
  let transactionId: string = prev === undefined ? '' : prev.transactionId
  let offset: bigint = prev === undefined ? 0n : prev.offset
  let recallHandle: string = prev === undefined ? '' : prev.recallHandle
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messageId = r.string(end)
        break
      case 26:
        transactionId = r.string(end)
        break
      case 32:
        offset = r.int64(end)
        break
      case 42:
        recallHandle = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, messageId, transactionId, offset, recallHandle }
}

export function encodeSendResultEntry(value: SendResultEntryInit): Uint8Array {
  try {
    writeSendResultEntry(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SendResultEntry. Bytes fields are views of the input. */
export function decodeSendResultEntry(bytes: Uint8Array): SendResultEntry {
  return readSendResultEntry(new Reader(bytes), bytes.length)
}

// ── SendMessageResponse ──

export interface SendMessageResponse {
  readonly status: Status | undefined
  readonly entries: readonly SendResultEntry[]
}

/** What {@link encodeSendMessageResponse} takes: an absent field is not written. */
export interface SendMessageResponseInit {
  readonly status?: StatusInit | undefined
  readonly entries?: readonly SendResultEntryInit[] | undefined
}

export function writeSendMessageResponse(w: Writer, value: SendMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(18)
      writeSendResultEntry(w, item)
      w.end(mark)
    }
  }
}

export function readSendMessageResponse(r: Reader, end: number, prev?: SendMessageResponse): SendMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const entries: SendResultEntry[] = prev === undefined ? [] : [...prev.entries]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        entries.push(readSendResultEntry(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, entries }
}

export function encodeSendMessageResponse(value: SendMessageResponseInit): Uint8Array {
  try {
    writeSendMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SendMessageResponse. Bytes fields are views of the input. */
export function decodeSendMessageResponse(bytes: Uint8Array): SendMessageResponse {
  return readSendMessageResponse(new Reader(bytes), bytes.length)
}

// ── QueryAssignmentRequest ──

/** Asks which queues a consumer should poll. */
export interface QueryAssignmentRequest {
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeQueryAssignmentRequest} takes: an absent field is not written. */
export interface QueryAssignmentRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeQueryAssignmentRequest(w: Writer, value: QueryAssignmentRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.endpoints !== undefined) {
    const mark = w.begin(26)
    writeEndpoints(w, value.endpoints)
    w.end(mark)
  }
}

export function readQueryAssignmentRequest(r: Reader, end: number, prev?: QueryAssignmentRequest): QueryAssignmentRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, group, endpoints }
}

export function encodeQueryAssignmentRequest(value: QueryAssignmentRequestInit): Uint8Array {
  try {
    writeQueryAssignmentRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryAssignmentRequest. Bytes fields are views of the input. */
export function decodeQueryAssignmentRequest(bytes: Uint8Array): QueryAssignmentRequest {
  return readQueryAssignmentRequest(new Reader(bytes), bytes.length)
}

// ── QueryAssignmentResponse ──

export interface QueryAssignmentResponse {
  readonly status: Status | undefined
  readonly assignments: readonly Assignment[]
}

/** What {@link encodeQueryAssignmentResponse} takes: an absent field is not written. */
export interface QueryAssignmentResponseInit {
  readonly status?: StatusInit | undefined
  readonly assignments?: readonly AssignmentInit[] | undefined
}

export function writeQueryAssignmentResponse(w: Writer, value: QueryAssignmentResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.assignments !== undefined) {
    for (const item of value.assignments) {
      const mark = w.begin(18)
      writeAssignment(w, item)
      w.end(mark)
    }
  }
}

export function readQueryAssignmentResponse(r: Reader, end: number, prev?: QueryAssignmentResponse): QueryAssignmentResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const assignments: Assignment[] = prev === undefined ? [] : [...prev.assignments]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        assignments.push(readAssignment(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, assignments }
}

export function encodeQueryAssignmentResponse(value: QueryAssignmentResponseInit): Uint8Array {
  try {
    writeQueryAssignmentResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryAssignmentResponse. Bytes fields are views of the input. */
export function decodeQueryAssignmentResponse(bytes: Uint8Array): QueryAssignmentResponse {
  return readQueryAssignmentResponse(new Reader(bytes), bytes.length)
}

// ── ReceiveMessageRequest ──

/** Takes messages under a lease; waits for the first one if there is none. */
export interface ReceiveMessageRequest {
  readonly group: Resource | undefined
  readonly messageQueue: MessageQueue | undefined
  readonly filterExpression: FilterExpression | undefined
  readonly batchSize: number
  readonly invisibleDuration: Duration | undefined
  readonly autoRenew: boolean
  readonly longPollingTimeout: Duration | undefined
  readonly attemptId: string | undefined
}

/** What {@link encodeReceiveMessageRequest} takes: an absent field is not written. */
export interface ReceiveMessageRequestInit {
  readonly group?: ResourceInit | undefined
  readonly messageQueue?: MessageQueueInit | undefined
  readonly filterExpression?: FilterExpressionInit | undefined
  readonly batchSize?: number | undefined
  readonly invisibleDuration?: DurationInit | undefined
  readonly autoRenew?: boolean | undefined
  readonly longPollingTimeout?: DurationInit | undefined
  readonly attemptId?: string | undefined
}

export function writeReceiveMessageRequest(w: Writer, value: ReceiveMessageRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.filterExpression !== undefined) {
    const mark = w.begin(26)
    writeFilterExpression(w, value.filterExpression)
    w.end(mark)
  }
  if (value.batchSize !== undefined && value.batchSize !== 0) w.int32(32, value.batchSize)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(42)
    writeDuration(w, value.invisibleDuration)
    w.end(mark)
  }
  if (value.autoRenew !== undefined && value.autoRenew) w.bool(48, value.autoRenew)
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(58)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark)
  }
  if (value.attemptId !== undefined) w.string(66, value.attemptId)
}

export function readReceiveMessageRequest(r: Reader, end: number, prev?: ReceiveMessageRequest): ReceiveMessageRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let filterExpression: FilterExpression | undefined = prev === undefined ? undefined : prev.filterExpression
  let batchSize: number = prev === undefined ? 0 : prev.batchSize
  let invisibleDuration: Duration | undefined = prev === undefined ? undefined : prev.invisibleDuration
  let autoRenew: boolean = prev === undefined ? false : prev.autoRenew
  let longPollingTimeout: Duration | undefined = prev === undefined ? undefined : prev.longPollingTimeout
  let attemptId: string | undefined = prev === undefined ? undefined : prev.attemptId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 26:
        filterExpression = readFilterExpression(r, r.enter(end), filterExpression)
        break
      case 32:
        batchSize = r.int32(end)
        break
      case 42:
        invisibleDuration = readDuration(r, r.enter(end), invisibleDuration)
        break
      case 48:
        autoRenew = r.bool(end)
        break
      case 58:
        longPollingTimeout = readDuration(r, r.enter(end), longPollingTimeout)
        break
      case 66:
        attemptId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, messageQueue, filterExpression, batchSize, invisibleDuration, autoRenew, longPollingTimeout, attemptId }
}

export function encodeReceiveMessageRequest(value: ReceiveMessageRequestInit): Uint8Array {
  try {
    writeReceiveMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ReceiveMessageRequest. Bytes fields are views of the input. */
export function decodeReceiveMessageRequest(bytes: Uint8Array): ReceiveMessageRequest {
  return readReceiveMessageRequest(new Reader(bytes), bytes.length)
}

// ── ReceiveMessageResponse ──

/** One element of the answer: the status first, then messages, then the time of delivery. */
export interface ReceiveMessageResponse {
  readonly content:
    | { readonly case: 'status'; readonly value: Status }
    | { readonly case: 'message'; readonly value: Message }
    | { readonly case: 'deliveryTimestamp'; readonly value: Timestamp }
    | undefined
}

/** What {@link encodeReceiveMessageResponse} takes: an absent field is not written. */
export interface ReceiveMessageResponseInit {
  readonly content?:
    | { readonly case: 'status'; readonly value: StatusInit }
    | { readonly case: 'message'; readonly value: MessageInit }
    | { readonly case: 'deliveryTimestamp'; readonly value: TimestampInit }
    | undefined
}

export function writeReceiveMessageResponse(w: Writer, value: ReceiveMessageResponseInit): void {
  switch (value.content?.case) {
    case 'status':
      {
        const mark = w.begin(10)
        writeStatus(w, value.content.value)
        w.end(mark)
      }
      break
    case 'message':
      {
        const mark = w.begin(18, (value.content.value.body?.length ?? 0) + 256)
        writeMessage(w, value.content.value)
        w.end(mark)
      }
      break
    case 'deliveryTimestamp':
      {
        const mark = w.begin(26)
        writeTimestamp(w, value.content.value)
        w.end(mark)
      }
      break
  }
}

export function readReceiveMessageResponse(r: Reader, end: number, prev?: ReceiveMessageResponse): ReceiveMessageResponse {
  let content: ReceiveMessageResponse['content'] = prev === undefined ? undefined : prev.content
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        content = { case: 'status', value: readStatus(r, r.enter(end), content?.case === 'status' ? content.value : undefined) }
        break
      case 18:
        content = { case: 'message', value: readMessage(r, r.enter(end), content?.case === 'message' ? content.value : undefined) }
        break
      case 26:
        content = { case: 'deliveryTimestamp', value: readTimestamp(r, r.enter(end), content?.case === 'deliveryTimestamp' ? content.value : undefined) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { content }
}

export function encodeReceiveMessageResponse(value: ReceiveMessageResponseInit): Uint8Array {
  try {
    writeReceiveMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ReceiveMessageResponse. Bytes fields are views of the input. */
export function decodeReceiveMessageResponse(bytes: Uint8Array): ReceiveMessageResponse {
  return readReceiveMessageResponse(new Reader(bytes), bytes.length)
}

// ── AckMessageEntry ──

/** One delivery that was handled. */
export interface AckMessageEntry {
  readonly messageId: string
  readonly receiptHandle: string
  readonly liteTopic: string | undefined
}

/** What {@link encodeAckMessageEntry} takes: an absent field is not written. */
export interface AckMessageEntryInit {
  readonly messageId?: string | undefined
  readonly receiptHandle?: string | undefined
  readonly liteTopic?: string | undefined
}

export function writeAckMessageEntry(w: Writer, value: AckMessageEntryInit): void {
  if (value.messageId !== undefined && value.messageId !== '') w.string(10, value.messageId)
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(18, value.receiptHandle)
  if (value.liteTopic !== undefined) w.string(26, value.liteTopic)
}

export function readAckMessageEntry(r: Reader, end: number, prev?: AckMessageEntry): AckMessageEntry {
  let messageId: string = prev === undefined ? '' : prev.messageId
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageId = r.string(end)
        break
      case 18:
        receiptHandle = r.string(end)
        break
      case 26:
        liteTopic = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageId, receiptHandle, liteTopic }
}

export function encodeAckMessageEntry(value: AckMessageEntryInit): Uint8Array {
  try {
    writeAckMessageEntry(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AckMessageEntry. Bytes fields are views of the input. */
export function decodeAckMessageEntry(bytes: Uint8Array): AckMessageEntry {
  return readAckMessageEntry(new Reader(bytes), bytes.length)
}

// ── AckMessageRequest ──

/** Settles deliveries for good. */
export interface AckMessageRequest {
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly entries: readonly AckMessageEntry[]
}

/** What {@link encodeAckMessageRequest} takes: an absent field is not written. */
export interface AckMessageRequestInit {
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly entries?: readonly AckMessageEntryInit[] | undefined
}

export function writeAckMessageRequest(w: Writer, value: AckMessageRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(26)
      writeAckMessageEntry(w, item)
      w.end(mark)
    }
  }
}

export function readAckMessageRequest(r: Reader, end: number, prev?: AckMessageRequest): AckMessageRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  const entries: AckMessageEntry[] = prev === undefined ? [] : [...prev.entries]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        entries.push(readAckMessageEntry(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, topic, entries }
}

export function encodeAckMessageRequest(value: AckMessageRequestInit): Uint8Array {
  try {
    writeAckMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AckMessageRequest. Bytes fields are views of the input. */
export function decodeAckMessageRequest(bytes: Uint8Array): AckMessageRequest {
  return readAckMessageRequest(new Reader(bytes), bytes.length)
}

// ── AckMessageResultEntry ──

export interface AckMessageResultEntry {
  readonly messageId: string
  readonly receiptHandle: string
  readonly status: Status | undefined
}

/** What {@link encodeAckMessageResultEntry} takes: an absent field is not written. */
export interface AckMessageResultEntryInit {
  readonly messageId?: string | undefined
  readonly receiptHandle?: string | undefined
  readonly status?: StatusInit | undefined
}

export function writeAckMessageResultEntry(w: Writer, value: AckMessageResultEntryInit): void {
  if (value.messageId !== undefined && value.messageId !== '') w.string(10, value.messageId)
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(18, value.receiptHandle)
  if (value.status !== undefined) {
    const mark = w.begin(26)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readAckMessageResultEntry(r: Reader, end: number, prev?: AckMessageResultEntry): AckMessageResultEntry {
  let messageId: string = prev === undefined ? '' : prev.messageId
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageId = r.string(end)
        break
      case 18:
        receiptHandle = r.string(end)
        break
      case 26:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageId, receiptHandle, status }
}

export function encodeAckMessageResultEntry(value: AckMessageResultEntryInit): Uint8Array {
  try {
    writeAckMessageResultEntry(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AckMessageResultEntry. Bytes fields are views of the input. */
export function decodeAckMessageResultEntry(bytes: Uint8Array): AckMessageResultEntry {
  return readAckMessageResultEntry(new Reader(bytes), bytes.length)
}

// ── AckMessageResponse ──

export interface AckMessageResponse {
  readonly status: Status | undefined
  readonly entries: readonly AckMessageResultEntry[]
}

/** What {@link encodeAckMessageResponse} takes: an absent field is not written. */
export interface AckMessageResponseInit {
  readonly status?: StatusInit | undefined
  readonly entries?: readonly AckMessageResultEntryInit[] | undefined
}

export function writeAckMessageResponse(w: Writer, value: AckMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(18)
      writeAckMessageResultEntry(w, item)
      w.end(mark)
    }
  }
}

export function readAckMessageResponse(r: Reader, end: number, prev?: AckMessageResponse): AckMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const entries: AckMessageResultEntry[] = prev === undefined ? [] : [...prev.entries]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        entries.push(readAckMessageResultEntry(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, entries }
}

export function encodeAckMessageResponse(value: AckMessageResponseInit): Uint8Array {
  try {
    writeAckMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AckMessageResponse. Bytes fields are views of the input. */
export function decodeAckMessageResponse(bytes: Uint8Array): AckMessageResponse {
  return readAckMessageResponse(new Reader(bytes), bytes.length)
}

// ── ForwardMessageToDeadLetterQueueRequest ──

/** Gives a message up: it moves to the dead-letter topic of its group. */
export interface ForwardMessageToDeadLetterQueueRequest {
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly receiptHandle: string
  readonly messageId: string
  readonly deliveryAttempt: number
  readonly maxDeliveryAttempts: number
  readonly liteTopic: string | undefined
}

/** What {@link encodeForwardMessageToDeadLetterQueueRequest} takes: an absent field is not written. */
export interface ForwardMessageToDeadLetterQueueRequestInit {
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly receiptHandle?: string | undefined
  readonly messageId?: string | undefined
  readonly deliveryAttempt?: number | undefined
  readonly maxDeliveryAttempts?: number | undefined
  readonly liteTopic?: string | undefined
}

export function writeForwardMessageToDeadLetterQueueRequest(w: Writer, value: ForwardMessageToDeadLetterQueueRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(26, value.receiptHandle)
  if (value.messageId !== undefined && value.messageId !== '') w.string(34, value.messageId)
  if (value.deliveryAttempt !== undefined && value.deliveryAttempt !== 0) w.int32(40, value.deliveryAttempt)
  if (value.maxDeliveryAttempts !== undefined && value.maxDeliveryAttempts !== 0) w.int32(48, value.maxDeliveryAttempts)
  if (value.liteTopic !== undefined) w.string(58, value.liteTopic)
}

export function readForwardMessageToDeadLetterQueueRequest(r: Reader, end: number, prev?: ForwardMessageToDeadLetterQueueRequest): ForwardMessageToDeadLetterQueueRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  let messageId: string = prev === undefined ? '' : prev.messageId
  let deliveryAttempt: number = prev === undefined ? 0 : prev.deliveryAttempt
  let maxDeliveryAttempts: number = prev === undefined ? 0 : prev.maxDeliveryAttempts
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        receiptHandle = r.string(end)
        break
      case 34:
        messageId = r.string(end)
        break
      case 40:
        deliveryAttempt = r.int32(end)
        break
      case 48:
        maxDeliveryAttempts = r.int32(end)
        break
      case 58:
        liteTopic = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, topic, receiptHandle, messageId, deliveryAttempt, maxDeliveryAttempts, liteTopic }
}

export function encodeForwardMessageToDeadLetterQueueRequest(value: ForwardMessageToDeadLetterQueueRequestInit): Uint8Array {
  try {
    writeForwardMessageToDeadLetterQueueRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ForwardMessageToDeadLetterQueueRequest. Bytes fields are views of the input. */
export function decodeForwardMessageToDeadLetterQueueRequest(bytes: Uint8Array): ForwardMessageToDeadLetterQueueRequest {
  return readForwardMessageToDeadLetterQueueRequest(new Reader(bytes), bytes.length)
}

// ── ForwardMessageToDeadLetterQueueResponse ──

export interface ForwardMessageToDeadLetterQueueResponse {
  readonly status: Status | undefined
}

/** What {@link encodeForwardMessageToDeadLetterQueueResponse} takes: an absent field is not written. */
export interface ForwardMessageToDeadLetterQueueResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeForwardMessageToDeadLetterQueueResponse(w: Writer, value: ForwardMessageToDeadLetterQueueResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readForwardMessageToDeadLetterQueueResponse(r: Reader, end: number, prev?: ForwardMessageToDeadLetterQueueResponse): ForwardMessageToDeadLetterQueueResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeForwardMessageToDeadLetterQueueResponse(value: ForwardMessageToDeadLetterQueueResponseInit): Uint8Array {
  try {
    writeForwardMessageToDeadLetterQueueResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ForwardMessageToDeadLetterQueueResponse. Bytes fields are views of the input. */
export function decodeForwardMessageToDeadLetterQueueResponse(bytes: Uint8Array): ForwardMessageToDeadLetterQueueResponse {
  return readForwardMessageToDeadLetterQueueResponse(new Reader(bytes), bytes.length)
}

// ── HeartbeatRequest ──

/** Shows that the client is alive. */
export interface HeartbeatRequest {
  readonly group: Resource | undefined
  readonly clientType: ClientType | number
}

/** What {@link encodeHeartbeatRequest} takes: an absent field is not written. */
export interface HeartbeatRequestInit {
  readonly group?: ResourceInit | undefined
  readonly clientType?: ClientType | number | undefined
}

export function writeHeartbeatRequest(w: Writer, value: HeartbeatRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.clientType !== undefined && clientTypeNumber(value.clientType) !== 0) w.int32(16, clientTypeNumber(value.clientType))
}

export function readHeartbeatRequest(r: Reader, end: number, prev?: HeartbeatRequest): HeartbeatRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let clientType: ClientType | number = prev === undefined ? clientTypeName(0) : prev.clientType
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 16:
        clientType = clientTypeName(r.int32(end))
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, clientType }
}

export function encodeHeartbeatRequest(value: HeartbeatRequestInit): Uint8Array {
  try {
    writeHeartbeatRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no HeartbeatRequest. Bytes fields are views of the input. */
export function decodeHeartbeatRequest(bytes: Uint8Array): HeartbeatRequest {
  return readHeartbeatRequest(new Reader(bytes), bytes.length)
}

// ── HeartbeatResponse ──

export interface HeartbeatResponse {
  readonly status: Status | undefined
}

/** What {@link encodeHeartbeatResponse} takes: an absent field is not written. */
export interface HeartbeatResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeHeartbeatResponse(w: Writer, value: HeartbeatResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readHeartbeatResponse(r: Reader, end: number, prev?: HeartbeatResponse): HeartbeatResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeHeartbeatResponse(value: HeartbeatResponseInit): Uint8Array {
  try {
    writeHeartbeatResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no HeartbeatResponse. Bytes fields are views of the input. */
export function decodeHeartbeatResponse(bytes: Uint8Array): HeartbeatResponse {
  return readHeartbeatResponse(new Reader(bytes), bytes.length)
}

// ── EndTransactionRequest ──

/** Commits a half message or rolls it back. */
export interface EndTransactionRequest {
  readonly topic: Resource | undefined
  readonly messageId: string
  readonly transactionId: string
  readonly resolution: TransactionResolution | number
  readonly source: TransactionSource | number
  readonly traceContext: string
}

/** What {@link encodeEndTransactionRequest} takes: an absent field is not written. */
export interface EndTransactionRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly messageId?: string | undefined
  readonly transactionId?: string | undefined
  readonly resolution?: TransactionResolution | number | undefined
  readonly source?: TransactionSource | number | undefined
  readonly traceContext?: string | undefined
}

export function writeEndTransactionRequest(w: Writer, value: EndTransactionRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
  if (value.transactionId !== undefined && value.transactionId !== '') w.string(26, value.transactionId)
  if (value.resolution !== undefined && transactionResolutionNumber(value.resolution) !== 0) w.int32(32, transactionResolutionNumber(value.resolution))
  if (value.source !== undefined && transactionSourceNumber(value.source) !== 0) w.int32(40, transactionSourceNumber(value.source))
  if (value.traceContext !== undefined && value.traceContext !== '') w.string(50, value.traceContext)
}

export function readEndTransactionRequest(r: Reader, end: number, prev?: EndTransactionRequest): EndTransactionRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let messageId: string = prev === undefined ? '' : prev.messageId
  let transactionId: string = prev === undefined ? '' : prev.transactionId
  let resolution: TransactionResolution | number = prev === undefined ? transactionResolutionName(0) : prev.resolution
  let source: TransactionSource | number = prev === undefined ? transactionSourceName(0) : prev.source
  let traceContext: string = prev === undefined ? '' : prev.traceContext
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        messageId = r.string(end)
        break
      case 26:
        transactionId = r.string(end)
        break
      case 32:
        resolution = transactionResolutionName(r.int32(end))
        break
      case 40:
        source = transactionSourceName(r.int32(end))
        break
      case 50:
        traceContext = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, messageId, transactionId, resolution, source, traceContext }
}

export function encodeEndTransactionRequest(value: EndTransactionRequestInit): Uint8Array {
  try {
    writeEndTransactionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no EndTransactionRequest. Bytes fields are views of the input. */
export function decodeEndTransactionRequest(bytes: Uint8Array): EndTransactionRequest {
  return readEndTransactionRequest(new Reader(bytes), bytes.length)
}

// ── EndTransactionResponse ──

export interface EndTransactionResponse {
  readonly status: Status | undefined
}

/** What {@link encodeEndTransactionResponse} takes: an absent field is not written. */
export interface EndTransactionResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeEndTransactionResponse(w: Writer, value: EndTransactionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readEndTransactionResponse(r: Reader, end: number, prev?: EndTransactionResponse): EndTransactionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeEndTransactionResponse(value: EndTransactionResponseInit): Uint8Array {
  try {
    writeEndTransactionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no EndTransactionResponse. Bytes fields are views of the input. */
export function decodeEndTransactionResponse(bytes: Uint8Array): EndTransactionResponse {
  return readEndTransactionResponse(new Reader(bytes), bytes.length)
}

// ── PrintThreadStackTraceCommand ──

/** Asks a client what it is doing. */
export interface PrintThreadStackTraceCommand {
  readonly nonce: string
}

/** What {@link encodePrintThreadStackTraceCommand} takes: an absent field is not written. */
export interface PrintThreadStackTraceCommandInit {
  readonly nonce?: string | undefined
}

export function writePrintThreadStackTraceCommand(w: Writer, value: PrintThreadStackTraceCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readPrintThreadStackTraceCommand(r: Reader, end: number, prev?: PrintThreadStackTraceCommand): PrintThreadStackTraceCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { nonce }
}

export function encodePrintThreadStackTraceCommand(value: PrintThreadStackTraceCommandInit): Uint8Array {
  try {
    writePrintThreadStackTraceCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no PrintThreadStackTraceCommand. Bytes fields are views of the input. */
export function decodePrintThreadStackTraceCommand(bytes: Uint8Array): PrintThreadStackTraceCommand {
  return readPrintThreadStackTraceCommand(new Reader(bytes), bytes.length)
}

// ── ReconnectEndpointsCommand ──

/** Asks a client to dial again. */
export interface ReconnectEndpointsCommand {
  readonly nonce: string
}

/** What {@link encodeReconnectEndpointsCommand} takes: an absent field is not written. */
export interface ReconnectEndpointsCommandInit {
  readonly nonce?: string | undefined
}

export function writeReconnectEndpointsCommand(w: Writer, value: ReconnectEndpointsCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readReconnectEndpointsCommand(r: Reader, end: number, prev?: ReconnectEndpointsCommand): ReconnectEndpointsCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { nonce }
}

export function encodeReconnectEndpointsCommand(value: ReconnectEndpointsCommandInit): Uint8Array {
  try {
    writeReconnectEndpointsCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ReconnectEndpointsCommand. Bytes fields are views of the input. */
export function decodeReconnectEndpointsCommand(bytes: Uint8Array): ReconnectEndpointsCommand {
  return readReconnectEndpointsCommand(new Reader(bytes), bytes.length)
}

// ── ThreadStackTrace ──

export interface ThreadStackTrace {
  readonly nonce: string
  readonly threadStackTrace: string | undefined
}

/** What {@link encodeThreadStackTrace} takes: an absent field is not written. */
export interface ThreadStackTraceInit {
  readonly nonce?: string | undefined
  readonly threadStackTrace?: string | undefined
}

export function writeThreadStackTrace(w: Writer, value: ThreadStackTraceInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
  if (value.threadStackTrace !== undefined) w.string(18, value.threadStackTrace)
}

export function readThreadStackTrace(r: Reader, end: number, prev?: ThreadStackTrace): ThreadStackTrace {
  let nonce: string = prev === undefined ? '' : prev.nonce
  let threadStackTrace: string | undefined = prev === undefined ? undefined : prev.threadStackTrace
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        nonce = r.string(end)
        break
      case 18:
        threadStackTrace = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { nonce, threadStackTrace }
}

export function encodeThreadStackTrace(value: ThreadStackTraceInit): Uint8Array {
  try {
    writeThreadStackTrace(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ThreadStackTrace. Bytes fields are views of the input. */
export function decodeThreadStackTrace(bytes: Uint8Array): ThreadStackTrace {
  return readThreadStackTrace(new Reader(bytes), bytes.length)
}

// ── VerifyMessageCommand ──

/** Asks a client to run its handler on this message. */
export interface VerifyMessageCommand {
  readonly nonce: string
  readonly message: Message | undefined
}

/** What {@link encodeVerifyMessageCommand} takes: an absent field is not written. */
export interface VerifyMessageCommandInit {
  readonly nonce?: string | undefined
  readonly message?: MessageInit | undefined
}

export function writeVerifyMessageCommand(w: Writer, value: VerifyMessageCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
  if (value.message !== undefined) {
    const mark = w.begin(18, (value.message.body?.length ?? 0) + 256)
    writeMessage(w, value.message)
    w.end(mark)
  }
}

export function readVerifyMessageCommand(r: Reader, end: number, prev?: VerifyMessageCommand): VerifyMessageCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  let message: Message | undefined = prev === undefined ? undefined : prev.message
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        nonce = r.string(end)
        break
      case 18:
        message = readMessage(r, r.enter(end), message)
        break
      default:
        r.skip(field, end)
    }
  }
  return { nonce, message }
}

export function encodeVerifyMessageCommand(value: VerifyMessageCommandInit): Uint8Array {
  try {
    writeVerifyMessageCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageCommand. Bytes fields are views of the input. */
export function decodeVerifyMessageCommand(bytes: Uint8Array): VerifyMessageCommand {
  return readVerifyMessageCommand(new Reader(bytes), bytes.length)
}

// ── VerifyMessageResult ──

export interface VerifyMessageResult {
  readonly nonce: string
}

/** What {@link encodeVerifyMessageResult} takes: an absent field is not written. */
export interface VerifyMessageResultInit {
  readonly nonce?: string | undefined
}

export function writeVerifyMessageResult(w: Writer, value: VerifyMessageResultInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readVerifyMessageResult(r: Reader, end: number, prev?: VerifyMessageResult): VerifyMessageResult {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { nonce }
}

export function encodeVerifyMessageResult(value: VerifyMessageResultInit): Uint8Array {
  try {
    writeVerifyMessageResult(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageResult. Bytes fields are views of the input. */
export function decodeVerifyMessageResult(bytes: Uint8Array): VerifyMessageResult {
  return readVerifyMessageResult(new Reader(bytes), bytes.length)
}

// ── RecoverOrphanedTransactionCommand ──

/** Asks a producer what became of a transaction. */
export interface RecoverOrphanedTransactionCommand {
  readonly message: Message | undefined
  readonly transactionId: string
}

/** What {@link encodeRecoverOrphanedTransactionCommand} takes: an absent field is not written. */
export interface RecoverOrphanedTransactionCommandInit {
  readonly message?: MessageInit | undefined
  readonly transactionId?: string | undefined
}

export function writeRecoverOrphanedTransactionCommand(w: Writer, value: RecoverOrphanedTransactionCommandInit): void {
  if (value.message !== undefined) {
    const mark = w.begin(10, (value.message.body?.length ?? 0) + 256)
    writeMessage(w, value.message)
    w.end(mark)
  }
  if (value.transactionId !== undefined && value.transactionId !== '') w.string(18, value.transactionId)
}

export function readRecoverOrphanedTransactionCommand(r: Reader, end: number, prev?: RecoverOrphanedTransactionCommand): RecoverOrphanedTransactionCommand {
  let message: Message | undefined = prev === undefined ? undefined : prev.message
  let transactionId: string = prev === undefined ? '' : prev.transactionId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        message = readMessage(r, r.enter(end), message)
        break
      case 18:
        transactionId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { message, transactionId }
}

export function encodeRecoverOrphanedTransactionCommand(value: RecoverOrphanedTransactionCommandInit): Uint8Array {
  try {
    writeRecoverOrphanedTransactionCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no RecoverOrphanedTransactionCommand. Bytes fields are views of the input. */
export function decodeRecoverOrphanedTransactionCommand(bytes: Uint8Array): RecoverOrphanedTransactionCommand {
  return readRecoverOrphanedTransactionCommand(new Reader(bytes), bytes.length)
}

// ── NotifyUnsubscribeLiteCommand ──

/** Tells a client that it lost a lite topic to another one. */
export interface NotifyUnsubscribeLiteCommand {
  readonly liteTopic: string
}

/** What {@link encodeNotifyUnsubscribeLiteCommand} takes: an absent field is not written. */
export interface NotifyUnsubscribeLiteCommandInit {
  readonly liteTopic?: string | undefined
}

export function writeNotifyUnsubscribeLiteCommand(w: Writer, value: NotifyUnsubscribeLiteCommandInit): void {
  if (value.liteTopic !== undefined && value.liteTopic !== '') w.string(10, value.liteTopic)
}

export function readNotifyUnsubscribeLiteCommand(r: Reader, end: number, prev?: NotifyUnsubscribeLiteCommand): NotifyUnsubscribeLiteCommand {
  let liteTopic: string = prev === undefined ? '' : prev.liteTopic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        liteTopic = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { liteTopic }
}

export function encodeNotifyUnsubscribeLiteCommand(value: NotifyUnsubscribeLiteCommandInit): Uint8Array {
  try {
    writeNotifyUnsubscribeLiteCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no NotifyUnsubscribeLiteCommand. Bytes fields are views of the input. */
export function decodeNotifyUnsubscribeLiteCommand(bytes: Uint8Array): NotifyUnsubscribeLiteCommand {
  return readNotifyUnsubscribeLiteCommand(new Reader(bytes), bytes.length)
}

// ── TelemetryCommand ──

/** One element of the Telemetry stream, either way. */
export interface TelemetryCommand {
  readonly status: Status | undefined
  readonly command:
    | { readonly case: 'settings'; readonly value: Settings }
    | { readonly case: 'threadStackTrace'; readonly value: ThreadStackTrace }
    | { readonly case: 'verifyMessageResult'; readonly value: VerifyMessageResult }
    | { readonly case: 'recoverOrphanedTransactionCommand'; readonly value: RecoverOrphanedTransactionCommand }
    | { readonly case: 'printThreadStackTraceCommand'; readonly value: PrintThreadStackTraceCommand }
    | { readonly case: 'verifyMessageCommand'; readonly value: VerifyMessageCommand }
    | { readonly case: 'reconnectEndpointsCommand'; readonly value: ReconnectEndpointsCommand }
    | { readonly case: 'notifyUnsubscribeLiteCommand'; readonly value: NotifyUnsubscribeLiteCommand }
    | undefined
}

/** What {@link encodeTelemetryCommand} takes: an absent field is not written. */
export interface TelemetryCommandInit {
  readonly status?: StatusInit | undefined
  readonly command?:
    | { readonly case: 'settings'; readonly value: SettingsInit }
    | { readonly case: 'threadStackTrace'; readonly value: ThreadStackTraceInit }
    | { readonly case: 'verifyMessageResult'; readonly value: VerifyMessageResultInit }
    | { readonly case: 'recoverOrphanedTransactionCommand'; readonly value: RecoverOrphanedTransactionCommandInit }
    | { readonly case: 'printThreadStackTraceCommand'; readonly value: PrintThreadStackTraceCommandInit }
    | { readonly case: 'verifyMessageCommand'; readonly value: VerifyMessageCommandInit }
    | { readonly case: 'reconnectEndpointsCommand'; readonly value: ReconnectEndpointsCommandInit }
    | { readonly case: 'notifyUnsubscribeLiteCommand'; readonly value: NotifyUnsubscribeLiteCommandInit }
    | undefined
}

export function writeTelemetryCommand(w: Writer, value: TelemetryCommandInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  switch (value.command?.case) {
    case 'settings':
      {
        const mark = w.begin(18)
        writeSettings(w, value.command.value)
        w.end(mark)
      }
      break
    case 'threadStackTrace':
      {
        const mark = w.begin(26)
        writeThreadStackTrace(w, value.command.value)
        w.end(mark)
      }
      break
    case 'verifyMessageResult':
      {
        const mark = w.begin(34)
        writeVerifyMessageResult(w, value.command.value)
        w.end(mark)
      }
      break
    case 'recoverOrphanedTransactionCommand':
      {
        const mark = w.begin(42)
        writeRecoverOrphanedTransactionCommand(w, value.command.value)
        w.end(mark)
      }
      break
    case 'printThreadStackTraceCommand':
      {
        const mark = w.begin(50)
        writePrintThreadStackTraceCommand(w, value.command.value)
        w.end(mark)
      }
      break
    case 'verifyMessageCommand':
      {
        const mark = w.begin(58)
        writeVerifyMessageCommand(w, value.command.value)
        w.end(mark)
      }
      break
    case 'reconnectEndpointsCommand':
      {
        const mark = w.begin(66)
        writeReconnectEndpointsCommand(w, value.command.value)
        w.end(mark)
      }
      break
    case 'notifyUnsubscribeLiteCommand':
      {
        const mark = w.begin(74)
        writeNotifyUnsubscribeLiteCommand(w, value.command.value)
        w.end(mark)
      }
      break
  }
}

export function readTelemetryCommand(r: Reader, end: number, prev?: TelemetryCommand): TelemetryCommand {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let command: TelemetryCommand['command'] = prev === undefined ? undefined : prev.command
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        command = { case: 'settings', value: readSettings(r, r.enter(end), command?.case === 'settings' ? command.value : undefined) }
        break
      case 26:
        command = { case: 'threadStackTrace', value: readThreadStackTrace(r, r.enter(end), command?.case === 'threadStackTrace' ? command.value : undefined) }
        break
      case 34:
        command = { case: 'verifyMessageResult', value: readVerifyMessageResult(r, r.enter(end), command?.case === 'verifyMessageResult' ? command.value : undefined) }
        break
      case 42:
        command = { case: 'recoverOrphanedTransactionCommand', value: readRecoverOrphanedTransactionCommand(r, r.enter(end), command?.case === 'recoverOrphanedTransactionCommand' ? command.value : undefined) }
        break
      case 50:
        command = { case: 'printThreadStackTraceCommand', value: readPrintThreadStackTraceCommand(r, r.enter(end), command?.case === 'printThreadStackTraceCommand' ? command.value : undefined) }
        break
      case 58:
        command = { case: 'verifyMessageCommand', value: readVerifyMessageCommand(r, r.enter(end), command?.case === 'verifyMessageCommand' ? command.value : undefined) }
        break
      case 66:
        command = { case: 'reconnectEndpointsCommand', value: readReconnectEndpointsCommand(r, r.enter(end), command?.case === 'reconnectEndpointsCommand' ? command.value : undefined) }
        break
      case 74:
        command = { case: 'notifyUnsubscribeLiteCommand', value: readNotifyUnsubscribeLiteCommand(r, r.enter(end), command?.case === 'notifyUnsubscribeLiteCommand' ? command.value : undefined) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, command }
}

export function encodeTelemetryCommand(value: TelemetryCommandInit): Uint8Array {
  try {
    writeTelemetryCommand(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no TelemetryCommand. Bytes fields are views of the input. */
export function decodeTelemetryCommand(bytes: Uint8Array): TelemetryCommand {
  return readTelemetryCommand(new Reader(bytes), bytes.length)
}

// ── NotifyClientTerminationRequest ──

/** Says goodbye. */
export interface NotifyClientTerminationRequest {
  readonly group: Resource | undefined
}

/** What {@link encodeNotifyClientTerminationRequest} takes: an absent field is not written. */
export interface NotifyClientTerminationRequestInit {
  readonly group?: ResourceInit | undefined
}

export function writeNotifyClientTerminationRequest(w: Writer, value: NotifyClientTerminationRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
}

export function readNotifyClientTerminationRequest(r: Reader, end: number, prev?: NotifyClientTerminationRequest): NotifyClientTerminationRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group }
}

export function encodeNotifyClientTerminationRequest(value: NotifyClientTerminationRequestInit): Uint8Array {
  try {
    writeNotifyClientTerminationRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no NotifyClientTerminationRequest. Bytes fields are views of the input. */
export function decodeNotifyClientTerminationRequest(bytes: Uint8Array): NotifyClientTerminationRequest {
  return readNotifyClientTerminationRequest(new Reader(bytes), bytes.length)
}

// ── NotifyClientTerminationResponse ──

export interface NotifyClientTerminationResponse {
  readonly status: Status | undefined
}

/** What {@link encodeNotifyClientTerminationResponse} takes: an absent field is not written. */
export interface NotifyClientTerminationResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeNotifyClientTerminationResponse(w: Writer, value: NotifyClientTerminationResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readNotifyClientTerminationResponse(r: Reader, end: number, prev?: NotifyClientTerminationResponse): NotifyClientTerminationResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeNotifyClientTerminationResponse(value: NotifyClientTerminationResponseInit): Uint8Array {
  try {
    writeNotifyClientTerminationResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no NotifyClientTerminationResponse. Bytes fields are views of the input. */
export function decodeNotifyClientTerminationResponse(bytes: Uint8Array): NotifyClientTerminationResponse {
  return readNotifyClientTerminationResponse(new Reader(bytes), bytes.length)
}

// ── ChangeInvisibleDurationRequest ──

/** Moves the end of a lease: further away to work longer, nearer to be retried sooner. */
export interface ChangeInvisibleDurationRequest {
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly receiptHandle: string
  readonly invisibleDuration: Duration | undefined
  readonly messageId: string
  readonly liteTopic: string | undefined
  readonly suspend: boolean | undefined
}

/** What {@link encodeChangeInvisibleDurationRequest} takes: an absent field is not written. */
export interface ChangeInvisibleDurationRequestInit {
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly receiptHandle?: string | undefined
  readonly invisibleDuration?: DurationInit | undefined
  readonly messageId?: string | undefined
  readonly liteTopic?: string | undefined
  readonly suspend?: boolean | undefined
}

export function writeChangeInvisibleDurationRequest(w: Writer, value: ChangeInvisibleDurationRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(26, value.receiptHandle)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(34)
    writeDuration(w, value.invisibleDuration)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(42, value.messageId)
  if (value.liteTopic !== undefined) w.string(50, value.liteTopic)
  if (value.suspend !== undefined) w.bool(56, value.suspend)
}

export function readChangeInvisibleDurationRequest(r: Reader, end: number, prev?: ChangeInvisibleDurationRequest): ChangeInvisibleDurationRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  let invisibleDuration: Duration | undefined = prev === undefined ? undefined : prev.invisibleDuration
  let messageId: string = prev === undefined ? '' : prev.messageId
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  let suspend: boolean | undefined = prev === undefined ? undefined : prev.suspend
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        receiptHandle = r.string(end)
        break
      case 34:
        invisibleDuration = readDuration(r, r.enter(end), invisibleDuration)
        break
      case 42:
        messageId = r.string(end)
        break
      case 50:
        liteTopic = r.string(end)
        break
      case 56:
        suspend = r.bool(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, topic, receiptHandle, invisibleDuration, messageId, liteTopic, suspend }
}

export function encodeChangeInvisibleDurationRequest(value: ChangeInvisibleDurationRequestInit): Uint8Array {
  try {
    writeChangeInvisibleDurationRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ChangeInvisibleDurationRequest. Bytes fields are views of the input. */
export function decodeChangeInvisibleDurationRequest(bytes: Uint8Array): ChangeInvisibleDurationRequest {
  return readChangeInvisibleDurationRequest(new Reader(bytes), bytes.length)
}

// ── ChangeInvisibleDurationResponse ──

export interface ChangeInvisibleDurationResponse {
  readonly status: Status | undefined
  readonly receiptHandle: string
}

/** What {@link encodeChangeInvisibleDurationResponse} takes: an absent field is not written. */
export interface ChangeInvisibleDurationResponseInit {
  readonly status?: StatusInit | undefined
  readonly receiptHandle?: string | undefined
}

export function writeChangeInvisibleDurationResponse(w: Writer, value: ChangeInvisibleDurationResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(18, value.receiptHandle)
}

export function readChangeInvisibleDurationResponse(r: Reader, end: number, prev?: ChangeInvisibleDurationResponse): ChangeInvisibleDurationResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        receiptHandle = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, receiptHandle }
}

export function encodeChangeInvisibleDurationResponse(value: ChangeInvisibleDurationResponseInit): Uint8Array {
  try {
    writeChangeInvisibleDurationResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ChangeInvisibleDurationResponse. Bytes fields are views of the input. */
export function decodeChangeInvisibleDurationResponse(bytes: Uint8Array): ChangeInvisibleDurationResponse {
  return readChangeInvisibleDurationResponse(new Reader(bytes), bytes.length)
}

// ── PullMessageRequest ──

/** Reads by offset, without a lease. */
export interface PullMessageRequest {
  readonly group: Resource | undefined
  readonly messageQueue: MessageQueue | undefined
  readonly offset: bigint
  readonly batchSize: number
  readonly filterExpression: FilterExpression | undefined
  readonly longPollingTimeout: Duration | undefined
}

/** What {@link encodePullMessageRequest} takes: an absent field is not written. */
export interface PullMessageRequestInit {
  readonly group?: ResourceInit | undefined
  readonly messageQueue?: MessageQueueInit | undefined
  readonly offset?: bigint | undefined
  readonly batchSize?: number | undefined
  readonly filterExpression?: FilterExpressionInit | undefined
  readonly longPollingTimeout?: DurationInit | undefined
}

export function writePullMessageRequest(w: Writer, value: PullMessageRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(24, value.offset)
  if (value.batchSize !== undefined && value.batchSize !== 0) w.int32(32, value.batchSize)
  if (value.filterExpression !== undefined) {
    const mark = w.begin(42)
    writeFilterExpression(w, value.filterExpression)
    w.end(mark)
  }
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(50)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark)
  }
}

export function readPullMessageRequest(r: Reader, end: number, prev?: PullMessageRequest): PullMessageRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let offset: bigint = prev === undefined ? 0n : prev.offset
  let batchSize: number = prev === undefined ? 0 : prev.batchSize
  let filterExpression: FilterExpression | undefined = prev === undefined ? undefined : prev.filterExpression
  let longPollingTimeout: Duration | undefined = prev === undefined ? undefined : prev.longPollingTimeout
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 24:
        offset = r.int64(end)
        break
      case 32:
        batchSize = r.int32(end)
        break
      case 42:
        filterExpression = readFilterExpression(r, r.enter(end), filterExpression)
        break
      case 50:
        longPollingTimeout = readDuration(r, r.enter(end), longPollingTimeout)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, messageQueue, offset, batchSize, filterExpression, longPollingTimeout }
}

export function encodePullMessageRequest(value: PullMessageRequestInit): Uint8Array {
  try {
    writePullMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no PullMessageRequest. Bytes fields are views of the input. */
export function decodePullMessageRequest(bytes: Uint8Array): PullMessageRequest {
  return readPullMessageRequest(new Reader(bytes), bytes.length)
}

// ── PullMessageResponse ──

export interface PullMessageResponse {
  readonly content:
    | { readonly case: 'status'; readonly value: Status }
    | { readonly case: 'message'; readonly value: Message }
    | { readonly case: 'nextOffset'; readonly value: bigint }
    | undefined
}

/** What {@link encodePullMessageResponse} takes: an absent field is not written. */
export interface PullMessageResponseInit {
  readonly content?:
    | { readonly case: 'status'; readonly value: StatusInit }
    | { readonly case: 'message'; readonly value: MessageInit }
    | { readonly case: 'nextOffset'; readonly value: bigint }
    | undefined
}

export function writePullMessageResponse(w: Writer, value: PullMessageResponseInit): void {
  switch (value.content?.case) {
    case 'status':
      {
        const mark = w.begin(10)
        writeStatus(w, value.content.value)
        w.end(mark)
      }
      break
    case 'message':
      {
        const mark = w.begin(18, (value.content.value.body?.length ?? 0) + 256)
        writeMessage(w, value.content.value)
        w.end(mark)
      }
      break
    case 'nextOffset':
      w.int64(24, value.content.value)
      break
  }
}

export function readPullMessageResponse(r: Reader, end: number, prev?: PullMessageResponse): PullMessageResponse {
  let content: PullMessageResponse['content'] = prev === undefined ? undefined : prev.content
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        content = { case: 'status', value: readStatus(r, r.enter(end), content?.case === 'status' ? content.value : undefined) }
        break
      case 18:
        content = { case: 'message', value: readMessage(r, r.enter(end), content?.case === 'message' ? content.value : undefined) }
        break
      case 24:
        content = { case: 'nextOffset', value: r.int64(end) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { content }
}

export function encodePullMessageResponse(value: PullMessageResponseInit): Uint8Array {
  try {
    writePullMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no PullMessageResponse. Bytes fields are views of the input. */
export function decodePullMessageResponse(bytes: Uint8Array): PullMessageResponse {
  return readPullMessageResponse(new Reader(bytes), bytes.length)
}

// ── UpdateOffsetRequest ──

export interface UpdateOffsetRequest {
  readonly group: Resource | undefined
  readonly messageQueue: MessageQueue | undefined
  readonly offset: bigint
}

/** What {@link encodeUpdateOffsetRequest} takes: an absent field is not written. */
export interface UpdateOffsetRequestInit {
  readonly group?: ResourceInit | undefined
  readonly messageQueue?: MessageQueueInit | undefined
  readonly offset?: bigint | undefined
}

export function writeUpdateOffsetRequest(w: Writer, value: UpdateOffsetRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(24, value.offset)
}

export function readUpdateOffsetRequest(r: Reader, end: number, prev?: UpdateOffsetRequest): UpdateOffsetRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 24:
        offset = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, messageQueue, offset }
}

export function encodeUpdateOffsetRequest(value: UpdateOffsetRequestInit): Uint8Array {
  try {
    writeUpdateOffsetRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no UpdateOffsetRequest. Bytes fields are views of the input. */
export function decodeUpdateOffsetRequest(bytes: Uint8Array): UpdateOffsetRequest {
  return readUpdateOffsetRequest(new Reader(bytes), bytes.length)
}

// ── UpdateOffsetResponse ──

export interface UpdateOffsetResponse {
  readonly status: Status | undefined
}

/** What {@link encodeUpdateOffsetResponse} takes: an absent field is not written. */
export interface UpdateOffsetResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeUpdateOffsetResponse(w: Writer, value: UpdateOffsetResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readUpdateOffsetResponse(r: Reader, end: number, prev?: UpdateOffsetResponse): UpdateOffsetResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeUpdateOffsetResponse(value: UpdateOffsetResponseInit): Uint8Array {
  try {
    writeUpdateOffsetResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no UpdateOffsetResponse. Bytes fields are views of the input. */
export function decodeUpdateOffsetResponse(bytes: Uint8Array): UpdateOffsetResponse {
  return readUpdateOffsetResponse(new Reader(bytes), bytes.length)
}

// ── GetOffsetRequest ──

export interface GetOffsetRequest {
  readonly group: Resource | undefined
  readonly messageQueue: MessageQueue | undefined
}

/** What {@link encodeGetOffsetRequest} takes: an absent field is not written. */
export interface GetOffsetRequestInit {
  readonly group?: ResourceInit | undefined
  readonly messageQueue?: MessageQueueInit | undefined
}

export function writeGetOffsetRequest(w: Writer, value: GetOffsetRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
}

export function readGetOffsetRequest(r: Reader, end: number, prev?: GetOffsetRequest): GetOffsetRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      default:
        r.skip(field, end)
    }
  }
  return { group, messageQueue }
}

export function encodeGetOffsetRequest(value: GetOffsetRequestInit): Uint8Array {
  try {
    writeGetOffsetRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetOffsetRequest. Bytes fields are views of the input. */
export function decodeGetOffsetRequest(bytes: Uint8Array): GetOffsetRequest {
  return readGetOffsetRequest(new Reader(bytes), bytes.length)
}

// ── GetOffsetResponse ──

export interface GetOffsetResponse {
  readonly status: Status | undefined
  readonly offset: bigint
}

/** What {@link encodeGetOffsetResponse} takes: an absent field is not written. */
export interface GetOffsetResponseInit {
  readonly status?: StatusInit | undefined
  readonly offset?: bigint | undefined
}

export function writeGetOffsetResponse(w: Writer, value: GetOffsetResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(16, value.offset)
}

export function readGetOffsetResponse(r: Reader, end: number, prev?: GetOffsetResponse): GetOffsetResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 16:
        offset = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, offset }
}

export function encodeGetOffsetResponse(value: GetOffsetResponseInit): Uint8Array {
  try {
    writeGetOffsetResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetOffsetResponse. Bytes fields are views of the input. */
export function decodeGetOffsetResponse(bytes: Uint8Array): GetOffsetResponse {
  return readGetOffsetResponse(new Reader(bytes), bytes.length)
}

// ── QueryOffsetRequest ──

export interface QueryOffsetRequest {
  readonly messageQueue: MessageQueue | undefined
  readonly queryOffsetPolicy: QueryOffsetPolicy | number
  readonly timestamp: Timestamp | undefined
}

/** What {@link encodeQueryOffsetRequest} takes: an absent field is not written. */
export interface QueryOffsetRequestInit {
  readonly messageQueue?: MessageQueueInit | undefined
  readonly queryOffsetPolicy?: QueryOffsetPolicy | number | undefined
  readonly timestamp?: TimestampInit | undefined
}

export function writeQueryOffsetRequest(w: Writer, value: QueryOffsetRequestInit): void {
  if (value.messageQueue !== undefined) {
    const mark = w.begin(10)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.queryOffsetPolicy !== undefined && queryOffsetPolicyNumber(value.queryOffsetPolicy) !== 0) w.int32(16, queryOffsetPolicyNumber(value.queryOffsetPolicy))
  if (value.timestamp !== undefined) {
    const mark = w.begin(26)
    writeTimestamp(w, value.timestamp)
    w.end(mark)
  }
}

export function readQueryOffsetRequest(r: Reader, end: number, prev?: QueryOffsetRequest): QueryOffsetRequest {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let queryOffsetPolicy: QueryOffsetPolicy | number = prev === undefined ? queryOffsetPolicyName(0) : prev.queryOffsetPolicy
  let timestamp: Timestamp | undefined = prev === undefined ? undefined : prev.timestamp
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 16:
        queryOffsetPolicy = queryOffsetPolicyName(r.int32(end))
        break
      case 26:
        timestamp = readTimestamp(r, r.enter(end), timestamp)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageQueue, queryOffsetPolicy, timestamp }
}

export function encodeQueryOffsetRequest(value: QueryOffsetRequestInit): Uint8Array {
  try {
    writeQueryOffsetRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryOffsetRequest. Bytes fields are views of the input. */
export function decodeQueryOffsetRequest(bytes: Uint8Array): QueryOffsetRequest {
  return readQueryOffsetRequest(new Reader(bytes), bytes.length)
}

// ── QueryOffsetResponse ──

export interface QueryOffsetResponse {
  readonly status: Status | undefined
  readonly offset: bigint
}

/** What {@link encodeQueryOffsetResponse} takes: an absent field is not written. */
export interface QueryOffsetResponseInit {
  readonly status?: StatusInit | undefined
  readonly offset?: bigint | undefined
}

export function writeQueryOffsetResponse(w: Writer, value: QueryOffsetResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(16, value.offset)
}

export function readQueryOffsetResponse(r: Reader, end: number, prev?: QueryOffsetResponse): QueryOffsetResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 16:
        offset = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, offset }
}

export function encodeQueryOffsetResponse(value: QueryOffsetResponseInit): Uint8Array {
  try {
    writeQueryOffsetResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryOffsetResponse. Bytes fields are views of the input. */
export function decodeQueryOffsetResponse(bytes: Uint8Array): QueryOffsetResponse {
  return readQueryOffsetResponse(new Reader(bytes), bytes.length)
}

// ── RecallMessageRequest ──

/** Takes a delayed message back before its time. */
export interface RecallMessageRequest {
  readonly topic: Resource | undefined
  readonly recallHandle: string
}

/** What {@link encodeRecallMessageRequest} takes: an absent field is not written. */
export interface RecallMessageRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly recallHandle?: string | undefined
}

export function writeRecallMessageRequest(w: Writer, value: RecallMessageRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.recallHandle !== undefined && value.recallHandle !== '') w.string(18, value.recallHandle)
}

export function readRecallMessageRequest(r: Reader, end: number, prev?: RecallMessageRequest): RecallMessageRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let recallHandle: string = prev === undefined ? '' : prev.recallHandle
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        recallHandle = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { topic, recallHandle }
}

export function encodeRecallMessageRequest(value: RecallMessageRequestInit): Uint8Array {
  try {
    writeRecallMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no RecallMessageRequest. Bytes fields are views of the input. */
export function decodeRecallMessageRequest(bytes: Uint8Array): RecallMessageRequest {
  return readRecallMessageRequest(new Reader(bytes), bytes.length)
}

// ── RecallMessageResponse ──

export interface RecallMessageResponse {
  readonly status: Status | undefined
  readonly messageId: string
}

/** What {@link encodeRecallMessageResponse} takes: an absent field is not written. */
export interface RecallMessageResponseInit {
  readonly status?: StatusInit | undefined
  readonly messageId?: string | undefined
}

export function writeRecallMessageResponse(w: Writer, value: RecallMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readRecallMessageResponse(r: Reader, end: number, prev?: RecallMessageResponse): RecallMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let messageId: string = prev === undefined ? '' : prev.messageId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messageId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, messageId }
}

export function encodeRecallMessageResponse(value: RecallMessageResponseInit): Uint8Array {
  try {
    writeRecallMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no RecallMessageResponse. Bytes fields are views of the input. */
export function decodeRecallMessageResponse(bytes: Uint8Array): RecallMessageResponse {
  return readRecallMessageResponse(new Reader(bytes), bytes.length)
}

// ── SyncLiteSubscriptionRequest ──

/** Tells which lite topics a client reads. */
export interface SyncLiteSubscriptionRequest {
  readonly action: LiteSubscriptionAction | number
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
  readonly liteTopicSet: readonly string[]
  readonly version: bigint | undefined
  readonly offsetOption: OffsetOption | undefined
}

/** What {@link encodeSyncLiteSubscriptionRequest} takes: an absent field is not written. */
export interface SyncLiteSubscriptionRequestInit {
  readonly action?: LiteSubscriptionAction | number | undefined
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
  readonly liteTopicSet?: readonly string[] | undefined
  readonly version?: bigint | undefined
  readonly offsetOption?: OffsetOptionInit | undefined
}

export function writeSyncLiteSubscriptionRequest(w: Writer, value: SyncLiteSubscriptionRequestInit): void {
  if (value.action !== undefined && liteSubscriptionActionNumber(value.action) !== 0) w.int32(8, liteSubscriptionActionNumber(value.action))
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.liteTopicSet !== undefined) {
    for (const item of value.liteTopicSet) w.string(34, item)
  }
  if (value.version !== undefined) w.int64(40, value.version)
  if (value.offsetOption !== undefined) {
    const mark = w.begin(50)
    writeOffsetOption(w, value.offsetOption)
    w.end(mark)
  }
}

export function readSyncLiteSubscriptionRequest(r: Reader, end: number, prev?: SyncLiteSubscriptionRequest): SyncLiteSubscriptionRequest {
  let action: LiteSubscriptionAction | number = prev === undefined ? liteSubscriptionActionName(0) : prev.action
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const liteTopicSet: string[] = prev === undefined ? [] : [...prev.liteTopicSet]
  let version: bigint | undefined = prev === undefined ? undefined : prev.version
  let offsetOption: OffsetOption | undefined = prev === undefined ? undefined : prev.offsetOption
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        action = liteSubscriptionActionName(r.int32(end))
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      case 34:
        liteTopicSet.push(r.string(end))
        break
      case 40:
        version = r.int64(end)
        break
      case 50:
        offsetOption = readOffsetOption(r, r.enter(end), offsetOption)
        break
      default:
        r.skip(field, end)
    }
  }
  return { action, topic, group, liteTopicSet, version, offsetOption }
}

export function encodeSyncLiteSubscriptionRequest(value: SyncLiteSubscriptionRequestInit): Uint8Array {
  try {
    writeSyncLiteSubscriptionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SyncLiteSubscriptionRequest. Bytes fields are views of the input. */
export function decodeSyncLiteSubscriptionRequest(bytes: Uint8Array): SyncLiteSubscriptionRequest {
  return readSyncLiteSubscriptionRequest(new Reader(bytes), bytes.length)
}

// ── SyncLiteSubscriptionResponse ──

export interface SyncLiteSubscriptionResponse {
  readonly status: Status | undefined
}

/** What {@link encodeSyncLiteSubscriptionResponse} takes: an absent field is not written. */
export interface SyncLiteSubscriptionResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeSyncLiteSubscriptionResponse(w: Writer, value: SyncLiteSubscriptionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readSyncLiteSubscriptionResponse(r: Reader, end: number, prev?: SyncLiteSubscriptionResponse): SyncLiteSubscriptionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status }
}

export function encodeSyncLiteSubscriptionResponse(value: SyncLiteSubscriptionResponseInit): Uint8Array {
  try {
    writeSyncLiteSubscriptionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no SyncLiteSubscriptionResponse. Bytes fields are views of the input. */
export function decodeSyncLiteSubscriptionResponse(bytes: Uint8Array): SyncLiteSubscriptionResponse {
  return readSyncLiteSubscriptionResponse(new Reader(bytes), bytes.length)
}
