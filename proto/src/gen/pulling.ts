// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type QueryOffsetPolicy, queryOffsetPolicyName, queryOffsetPolicyNumber } from './enums.ts'
import { type Message, type MessageInit, readMessage, writeMessage, messageRoom } from './message.ts'
import { type MessageQueue, type MessageQueueInit, readMessageQueue, writeMessageQueue } from './routing.ts'
import { type FilterExpression, type FilterExpressionInit, readFilterExpression, writeFilterExpression } from './settings.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Duration, type DurationInit, readDuration, writeDuration, type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(24, value.offset)
  if (value.batchSize !== undefined && value.batchSize !== 0) w.int32(32, value.batchSize)
  if (value.filterExpression !== undefined) {
    const mark = w.begin(42, 1)
    writeFilterExpression(w, value.filterExpression)
    w.end(mark, 1)
  }
  if (value.longPollingTimeout !== undefined) {
    const mark = w.begin(50, 1)
    writeDuration(w, value.longPollingTimeout)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, messageQueue, offset, batchSize, filterExpression, longPollingTimeout }
}

export function encodePullMessageRequest(value: PullMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writePullMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    case 'nextOffset':
      w.int64(24, value.content.value)
      break
  }
}

export function readPullMessageResponse(r: Reader, end: number, prev?: PullMessageResponse): PullMessageResponse {
  let content: PullMessageResponse['content'] = prev === undefined ? undefined : prev.content
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { content }
}

export function encodePullMessageResponse(value: PullMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writePullMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(24, value.offset)
}

export function readUpdateOffsetRequest(r: Reader, end: number, prev?: UpdateOffsetRequest): UpdateOffsetRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { group, messageQueue, offset }
}

export function encodeUpdateOffsetRequest(value: UpdateOffsetRequestInit): Uint8Array {
  const w = lend()
  try {
    writeUpdateOffsetRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readUpdateOffsetResponse(r: Reader, end: number, prev?: UpdateOffsetResponse): UpdateOffsetResponse {
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

export function encodeUpdateOffsetResponse(value: UpdateOffsetResponseInit): Uint8Array {
  const w = lend()
  try {
    writeUpdateOffsetResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.messageQueue !== undefined) {
    const mark = w.begin(18, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
}

export function readGetOffsetRequest(r: Reader, end: number, prev?: GetOffsetRequest): GetOffsetRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 18:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { group, messageQueue }
}

export function encodeGetOffsetRequest(value: GetOffsetRequestInit): Uint8Array {
  const w = lend()
  try {
    writeGetOffsetRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(16, value.offset)
}

export function readGetOffsetResponse(r: Reader, end: number, prev?: GetOffsetResponse): GetOffsetResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 16:
        offset = r.int64(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, offset }
}

export function encodeGetOffsetResponse(value: GetOffsetResponseInit): Uint8Array {
  const w = lend()
  try {
    writeGetOffsetResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
  if (value.queryOffsetPolicy !== undefined) {
    const queryOffsetPolicy = queryOffsetPolicyNumber(value.queryOffsetPolicy)
    if (queryOffsetPolicy !== 0) w.int32(16, queryOffsetPolicy)
  }
  if (value.timestamp !== undefined) {
    const mark = w.begin(26, 1)
    writeTimestamp(w, value.timestamp)
    w.end(mark, 1)
  }
}

export function readQueryOffsetRequest(r: Reader, end: number, prev?: QueryOffsetRequest): QueryOffsetRequest {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let queryOffsetPolicy: QueryOffsetPolicy | number = prev === undefined ? queryOffsetPolicyName(0) : prev.queryOffsetPolicy
  let timestamp: Timestamp | undefined = prev === undefined ? undefined : prev.timestamp
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { messageQueue, queryOffsetPolicy, timestamp }
}

export function encodeQueryOffsetRequest(value: QueryOffsetRequestInit): Uint8Array {
  const w = lend()
  try {
    writeQueryOffsetRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.offset !== undefined && value.offset !== 0n) w.int64(16, value.offset)
}

export function readQueryOffsetResponse(r: Reader, end: number, prev?: QueryOffsetResponse): QueryOffsetResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let offset: bigint = prev === undefined ? 0n : prev.offset
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 16:
        offset = r.int64(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, offset }
}

export function encodeQueryOffsetResponse(value: QueryOffsetResponseInit): Uint8Array {
  const w = lend()
  try {
    writeQueryOffsetResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryOffsetResponse. Bytes fields are views of the input. */
export function decodeQueryOffsetResponse(bytes: Uint8Array): QueryOffsetResponse {
  return readQueryOffsetResponse(new Reader(bytes), bytes.length)
}
