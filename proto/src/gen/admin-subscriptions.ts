// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type MessageModel, messageModelName, messageModelNumber } from './enums.ts'
import { type ClientInfo, type ClientInfoInit, readClientInfo, writeClientInfo } from './admin-clients.ts'
import { type FilterExpression, type FilterExpressionInit, readFilterExpression, writeFilterExpression } from './settings.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

// ── ListSubscriptionRequest ──

export interface ListSubscriptionRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
}

/** What {@link encodeListSubscriptionRequest} takes: an absent field is not written. */
export interface ListSubscriptionRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
}

export function writeListSubscriptionRequest(w: Writer, value: ListSubscriptionRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
}

export function readListSubscriptionRequest(r: Reader, end: number, prev?: ListSubscriptionRequest): ListSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, group }
}

export function encodeListSubscriptionRequest(value: ListSubscriptionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeListSubscriptionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ListSubscriptionRequest. Bytes fields are views of the input. */
export function decodeListSubscriptionRequest(bytes: Uint8Array): ListSubscriptionRequest {
  return readListSubscriptionRequest(new Reader(bytes), bytes.length)
}

// ── SubscriptionInfo ──

export interface SubscriptionInfo {
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly expression: FilterExpression | undefined
  readonly online: boolean
  readonly lastUpdateTimestamp: Timestamp | undefined
  readonly messageModel: MessageModel | number
  readonly subscriptionConsistency: boolean
}

/** What {@link encodeSubscriptionInfo} takes: an absent field is not written. */
export interface SubscriptionInfoInit {
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly expression?: FilterExpressionInit | undefined
  readonly online?: boolean | undefined
  readonly lastUpdateTimestamp?: TimestampInit | undefined
  readonly messageModel?: MessageModel | number | undefined
  readonly subscriptionConsistency?: boolean | undefined
}

export function writeSubscriptionInfo(w: Writer, value: SubscriptionInfoInit): void {
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
  if (value.expression !== undefined) {
    const mark = w.begin(26, 1)
    writeFilterExpression(w, value.expression)
    w.end(mark, 1)
  }
  if (value.online !== undefined && value.online) w.bool(32, value.online)
  if (value.lastUpdateTimestamp !== undefined) {
    const mark = w.begin(42, 1)
    writeTimestamp(w, value.lastUpdateTimestamp)
    w.end(mark, 1)
  }
  if (value.messageModel !== undefined) {
    const messageModel = messageModelNumber(value.messageModel)
    if (messageModel !== 0) w.int32(48, messageModel)
  }
  if (value.subscriptionConsistency !== undefined && value.subscriptionConsistency) w.bool(56, value.subscriptionConsistency)
}

export function readSubscriptionInfo(r: Reader, end: number, prev?: SubscriptionInfo): SubscriptionInfo {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let expression: FilterExpression | undefined = prev === undefined ? undefined : prev.expression
  let online: boolean = prev === undefined ? false : prev.online
  let lastUpdateTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.lastUpdateTimestamp
  let messageModel: MessageModel | number = prev === undefined ? messageModelName(0) : prev.messageModel
  let subscriptionConsistency: boolean = prev === undefined ? false : prev.subscriptionConsistency
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
        expression = readFilterExpression(r, r.enter(end), expression)
        break
      case 32:
        online = r.bool(end)
        break
      case 42:
        lastUpdateTimestamp = readTimestamp(r, r.enter(end), lastUpdateTimestamp)
        break
      case 48:
        messageModel = messageModelName(r.int32(end))
        break
      case 56:
        subscriptionConsistency = r.bool(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { group, topic, expression, online, lastUpdateTimestamp, messageModel, subscriptionConsistency }
}

export function encodeSubscriptionInfo(value: SubscriptionInfoInit): Uint8Array {
  const w = lend()
  try {
    writeSubscriptionInfo(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no SubscriptionInfo. Bytes fields are views of the input. */
export function decodeSubscriptionInfo(bytes: Uint8Array): SubscriptionInfo {
  return readSubscriptionInfo(new Reader(bytes), bytes.length)
}

// ── ListSubscriptionResponse ──

export interface ListSubscriptionResponse {
  readonly status: Status | undefined
  readonly subscriptionInfo: readonly SubscriptionInfo[]
}

/** What {@link encodeListSubscriptionResponse} takes: an absent field is not written. */
export interface ListSubscriptionResponseInit {
  readonly status?: StatusInit | undefined
  readonly subscriptionInfo?: readonly SubscriptionInfoInit[] | undefined
}

export function writeListSubscriptionResponse(w: Writer, value: ListSubscriptionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.subscriptionInfo !== undefined) {
    for (const item of value.subscriptionInfo) {
      const mark = w.begin(18, 1)
      writeSubscriptionInfo(w, item)
      w.end(mark, 1)
    }
  }
}

export function readListSubscriptionResponse(r: Reader, end: number, prev?: ListSubscriptionResponse): ListSubscriptionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const subscriptionInfo: SubscriptionInfo[] = prev === undefined ? [] : (prev.subscriptionInfo as SubscriptionInfo[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        subscriptionInfo.push(readSubscriptionInfo(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, subscriptionInfo }
}

export function encodeListSubscriptionResponse(value: ListSubscriptionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeListSubscriptionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ListSubscriptionResponse. Bytes fields are views of the input. */
export function decodeListSubscriptionResponse(bytes: Uint8Array): ListSubscriptionResponse {
  return readListSubscriptionResponse(new Reader(bytes), bytes.length)
}

// ── DescribeSubscriptionRequest ──

export interface DescribeSubscriptionRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
}

/** What {@link encodeDescribeSubscriptionRequest} takes: an absent field is not written. */
export interface DescribeSubscriptionRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
}

export function writeDescribeSubscriptionRequest(w: Writer, value: DescribeSubscriptionRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
}

export function readDescribeSubscriptionRequest(r: Reader, end: number, prev?: DescribeSubscriptionRequest): DescribeSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, group }
}

export function encodeDescribeSubscriptionRequest(value: DescribeSubscriptionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeSubscriptionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DescribeSubscriptionRequest. Bytes fields are views of the input. */
export function decodeDescribeSubscriptionRequest(bytes: Uint8Array): DescribeSubscriptionRequest {
  return readDescribeSubscriptionRequest(new Reader(bytes), bytes.length)
}

// ── DescribeSubscriptionResponse ──

export interface DescribeSubscriptionResponse {
  readonly status: Status | undefined
  readonly clientSubscriptionInfo: readonly DescribeSubscriptionResponseClientSubscriptionInfo[]
}

/** What {@link encodeDescribeSubscriptionResponse} takes: an absent field is not written. */
export interface DescribeSubscriptionResponseInit {
  readonly status?: StatusInit | undefined
  readonly clientSubscriptionInfo?: readonly DescribeSubscriptionResponseClientSubscriptionInfoInit[] | undefined
}

export function writeDescribeSubscriptionResponse(w: Writer, value: DescribeSubscriptionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.clientSubscriptionInfo !== undefined) {
    for (const item of value.clientSubscriptionInfo) {
      const mark = w.begin(18, 1)
      writeDescribeSubscriptionResponseClientSubscriptionInfo(w, item)
      w.end(mark, 1)
    }
  }
}

export function readDescribeSubscriptionResponse(r: Reader, end: number, prev?: DescribeSubscriptionResponse): DescribeSubscriptionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const clientSubscriptionInfo: DescribeSubscriptionResponseClientSubscriptionInfo[] = prev === undefined ? [] : (prev.clientSubscriptionInfo as DescribeSubscriptionResponseClientSubscriptionInfo[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        clientSubscriptionInfo.push(readDescribeSubscriptionResponseClientSubscriptionInfo(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, clientSubscriptionInfo }
}

export function encodeDescribeSubscriptionResponse(value: DescribeSubscriptionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeSubscriptionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DescribeSubscriptionResponse. Bytes fields are views of the input. */
export function decodeDescribeSubscriptionResponse(bytes: Uint8Array): DescribeSubscriptionResponse {
  return readDescribeSubscriptionResponse(new Reader(bytes), bytes.length)
}

// ── DescribeSubscriptionResponse.ClientSubscriptionInfo ──

export interface DescribeSubscriptionResponseClientSubscriptionInfo {
  readonly clientInfo: ClientInfo | undefined
  readonly subscriptionInfo: SubscriptionInfo | undefined
}

/** What {@link encodeDescribeSubscriptionResponseClientSubscriptionInfo} takes: an absent field is not written. */
export interface DescribeSubscriptionResponseClientSubscriptionInfoInit {
  readonly clientInfo?: ClientInfoInit | undefined
  readonly subscriptionInfo?: SubscriptionInfoInit | undefined
}

export function writeDescribeSubscriptionResponseClientSubscriptionInfo(w: Writer, value: DescribeSubscriptionResponseClientSubscriptionInfoInit): void {
  if (value.clientInfo !== undefined) {
    const mark = w.begin(10, 1)
    writeClientInfo(w, value.clientInfo)
    w.end(mark, 1)
  }
  if (value.subscriptionInfo !== undefined) {
    const mark = w.begin(18, 1)
    writeSubscriptionInfo(w, value.subscriptionInfo)
    w.end(mark, 1)
  }
}

export function readDescribeSubscriptionResponseClientSubscriptionInfo(r: Reader, end: number, prev?: DescribeSubscriptionResponseClientSubscriptionInfo): DescribeSubscriptionResponseClientSubscriptionInfo {
  let clientInfo: ClientInfo | undefined = prev === undefined ? undefined : prev.clientInfo
  let subscriptionInfo: SubscriptionInfo | undefined = prev === undefined ? undefined : prev.subscriptionInfo
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        clientInfo = readClientInfo(r, r.enter(end), clientInfo)
        break
      case 18:
        subscriptionInfo = readSubscriptionInfo(r, r.enter(end), subscriptionInfo)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { clientInfo, subscriptionInfo }
}

export function encodeDescribeSubscriptionResponseClientSubscriptionInfo(value: DescribeSubscriptionResponseClientSubscriptionInfoInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeSubscriptionResponseClientSubscriptionInfo(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DescribeSubscriptionResponseClientSubscriptionInfo. Bytes fields are views of the input. */
export function decodeDescribeSubscriptionResponseClientSubscriptionInfo(bytes: Uint8Array): DescribeSubscriptionResponseClientSubscriptionInfo {
  return readDescribeSubscriptionResponseClientSubscriptionInfo(new Reader(bytes), bytes.length)
}

// ── DeleteSubscriptionRequest ──

export interface DeleteSubscriptionRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
  readonly expression: FilterExpression | undefined
}

/** What {@link encodeDeleteSubscriptionRequest} takes: an absent field is not written. */
export interface DeleteSubscriptionRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
  readonly expression?: FilterExpressionInit | undefined
}

export function writeDeleteSubscriptionRequest(w: Writer, value: DeleteSubscriptionRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.expression !== undefined) {
    const mark = w.begin(34, 1)
    writeFilterExpression(w, value.expression)
    w.end(mark, 1)
  }
}

export function readDeleteSubscriptionRequest(r: Reader, end: number, prev?: DeleteSubscriptionRequest): DeleteSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let expression: FilterExpression | undefined = prev === undefined ? undefined : prev.expression
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      case 34:
        expression = readFilterExpression(r, r.enter(end), expression)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, group, expression }
}

export function encodeDeleteSubscriptionRequest(value: DeleteSubscriptionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeDeleteSubscriptionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DeleteSubscriptionRequest. Bytes fields are views of the input. */
export function decodeDeleteSubscriptionRequest(bytes: Uint8Array): DeleteSubscriptionRequest {
  return readDeleteSubscriptionRequest(new Reader(bytes), bytes.length)
}

// ── DeleteSubscriptionResponse ──

export interface DeleteSubscriptionResponse {
  readonly status: Status | undefined
}

/** What {@link encodeDeleteSubscriptionResponse} takes: an absent field is not written. */
export interface DeleteSubscriptionResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeDeleteSubscriptionResponse(w: Writer, value: DeleteSubscriptionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readDeleteSubscriptionResponse(r: Reader, end: number, prev?: DeleteSubscriptionResponse): DeleteSubscriptionResponse {
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

export function encodeDeleteSubscriptionResponse(value: DeleteSubscriptionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeDeleteSubscriptionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DeleteSubscriptionResponse. Bytes fields are views of the input. */
export function decodeDeleteSubscriptionResponse(bytes: Uint8Array): DeleteSubscriptionResponse {
  return readDeleteSubscriptionResponse(new Reader(bytes), bytes.length)
}
