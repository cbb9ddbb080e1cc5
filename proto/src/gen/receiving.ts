// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type Message, type MessageInit, readMessage, writeMessage, messageRoom } from './message.ts'
import { type MessageQueue, type MessageQueueInit, readMessageQueue, writeMessageQueue } from './routing.ts'
import { type FilterExpression, type FilterExpressionInit, readFilterExpression, writeFilterExpression } from './settings.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Duration, type DurationInit, readDuration, writeDuration, type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
  if (value.filterExpression !== undefined) {
    const mark = w.begin(26, 1)
    writeFilterExpression(w, value.filterExpression)
    w.end(mark, 1)
  }
  if (value.batchSize !== undefined && value.batchSize !== 0) w.int32(32, value.batchSize)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(42, 1)
    writeDuration(w, value.invisibleDuration)
    w.end(mark, 1)
  }
  if (value.autoRenew !== undefined && value.autoRenew) w.bool(48, value.autoRenew)
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(58, 1)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, messageQueue, filterExpression, batchSize, invisibleDuration, autoRenew, longPollingTimeout, attemptId }
}

export function encodeReceiveMessageRequest(value: ReceiveMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeReceiveMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    case 'status': {
      const mark = w.begin(10, 1)
      writeStatus(w, value.content.value)
      w.end(mark, 1)
      break
    }
    case 'message': {
      const room = messageRoom(value.content.value)
      const mark = w.begin(18, room)
      writeMessage(w, value.content.value)
      w.end(mark, room)
      break
    }
    case 'deliveryTimestamp': {
      const mark = w.begin(26, 1)
      writeTimestamp(w, value.content.value)
      w.end(mark, 1)
      break
    }
  }
}

export function readReceiveMessageResponse(r: Reader, end: number, prev?: ReceiveMessageResponse): ReceiveMessageResponse {
  let content: ReceiveMessageResponse['content'] = prev === undefined ? undefined : prev.content
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { content }
}

export function encodeReceiveMessageResponse(value: ReceiveMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeReceiveMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { messageId, receiptHandle, liteTopic }
}

export function encodeAckMessageEntry(value: AckMessageEntryInit): Uint8Array {
  const w = lend()
  try {
    writeAckMessageEntry(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(26, 1)
      writeAckMessageEntry(w, item)
      w.end(mark, 1)
    }
  }
}

export function readAckMessageRequest(r: Reader, end: number, prev?: AckMessageRequest): AckMessageRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  const entries: AckMessageEntry[] = prev === undefined ? [] : (prev.entries as AckMessageEntry[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, topic, entries }
}

export function encodeAckMessageRequest(value: AckMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeAckMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(26, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readAckMessageResultEntry(r: Reader, end: number, prev?: AckMessageResultEntry): AckMessageResultEntry {
  let messageId: string = prev === undefined ? '' : prev.messageId
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { messageId, receiptHandle, status }
}

export function encodeAckMessageResultEntry(value: AckMessageResultEntryInit): Uint8Array {
  const w = lend()
  try {
    writeAckMessageResultEntry(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(18, 1)
      writeAckMessageResultEntry(w, item)
      w.end(mark, 1)
    }
  }
}

export function readAckMessageResponse(r: Reader, end: number, prev?: AckMessageResponse): AckMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const entries: AckMessageResultEntry[] = prev === undefined ? [] : (prev.entries as AckMessageResultEntry[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        entries.push(readAckMessageResultEntry(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, entries }
}

export function encodeAckMessageResponse(value: AckMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeAckMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, topic, receiptHandle, messageId, deliveryAttempt, maxDeliveryAttempts, liteTopic }
}

export function encodeForwardMessageToDeadLetterQueueRequest(value: ForwardMessageToDeadLetterQueueRequestInit): Uint8Array {
  const w = lend()
  try {
    writeForwardMessageToDeadLetterQueueRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readForwardMessageToDeadLetterQueueResponse(r: Reader, end: number, prev?: ForwardMessageToDeadLetterQueueResponse): ForwardMessageToDeadLetterQueueResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status }
}

export function encodeForwardMessageToDeadLetterQueueResponse(value: ForwardMessageToDeadLetterQueueResponseInit): Uint8Array {
  const w = lend()
  try {
    writeForwardMessageToDeadLetterQueueResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ForwardMessageToDeadLetterQueueResponse. Bytes fields are views of the input. */
export function decodeForwardMessageToDeadLetterQueueResponse(bytes: Uint8Array): ForwardMessageToDeadLetterQueueResponse {
  return readForwardMessageToDeadLetterQueueResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(26, value.receiptHandle)
  if (value.invisibleDuration !== undefined) {
    const mark = w.begin(34, 1)
    writeDuration(w, value.invisibleDuration)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, topic, receiptHandle, invisibleDuration, messageId, liteTopic, suspend }
}

export function encodeChangeInvisibleDurationRequest(value: ChangeInvisibleDurationRequestInit): Uint8Array {
  const w = lend()
  try {
    writeChangeInvisibleDurationRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.receiptHandle !== undefined && value.receiptHandle !== '') w.string(18, value.receiptHandle)
}

export function readChangeInvisibleDurationResponse(r: Reader, end: number, prev?: ChangeInvisibleDurationResponse): ChangeInvisibleDurationResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let receiptHandle: string = prev === undefined ? '' : prev.receiptHandle
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        receiptHandle = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, receiptHandle }
}

export function encodeChangeInvisibleDurationResponse(value: ChangeInvisibleDurationResponseInit): Uint8Array {
  const w = lend()
  try {
    writeChangeInvisibleDurationResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ChangeInvisibleDurationResponse. Bytes fields are views of the input. */
export function decodeChangeInvisibleDurationResponse(bytes: Uint8Array): ChangeInvisibleDurationResponse {
  return readChangeInvisibleDurationResponse(new Reader(bytes), bytes.length)
}
