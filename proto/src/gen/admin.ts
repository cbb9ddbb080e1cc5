// Generated from rocketmq/v2/admin.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { shared } from '../wire/writer.ts'
import type { ChangeLogLevelRequestLevel, GetTopicRouteRequestNetworkType, MessageModel, MessageType } from './enums.ts'
import { changeLogLevelRequestLevelName, changeLogLevelRequestLevelNumber, getTopicRouteRequestNetworkTypeName, getTopicRouteRequestNetworkTypeNumber, messageModelName, messageModelNumber, messageTypeName, messageTypeNumber } from './enums.ts'
import type { Duration, DurationInit, FilterExpression, FilterExpressionInit, Message, MessageInit, MessageQueue, MessageQueueInit, Resource, ResourceInit, Status, StatusInit, SystemProperties, SystemPropertiesInit, Timestamp, TimestampInit } from './definition.ts'
import { readDuration, writeDuration, readFilterExpression, writeFilterExpression, readMessage, writeMessage, readMessageQueue, writeMessageQueue, readResource, writeResource, readStatus, writeStatus, readSystemProperties, writeSystemProperties, readTimestamp, writeTimestamp } from './definition.ts'

const NO_BYTES = new Uint8Array(0)

// ── ChangeLogLevelRequest ──

export interface ChangeLogLevelRequest {
  readonly level: ChangeLogLevelRequestLevel | number
}

/** What {@link encodeChangeLogLevelRequest} takes: an absent field is not written. */
export interface ChangeLogLevelRequestInit {
  readonly level?: ChangeLogLevelRequestLevel | number | undefined
}

export function writeChangeLogLevelRequest(w: Writer, value: ChangeLogLevelRequestInit): void {
  if (value.level !== undefined && changeLogLevelRequestLevelNumber(value.level) !== 0) w.int32(8, changeLogLevelRequestLevelNumber(value.level))
}

export function readChangeLogLevelRequest(r: Reader, end: number, prev?: ChangeLogLevelRequest): ChangeLogLevelRequest {
  let level: ChangeLogLevelRequestLevel | number = prev === undefined ? changeLogLevelRequestLevelName(0) : prev.level
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        level = changeLogLevelRequestLevelName(r.int32(end))
        break
      default:
        r.skip(field, end)
    }
  }
  return { level }
}

export function encodeChangeLogLevelRequest(value: ChangeLogLevelRequestInit): Uint8Array {
  try {
    writeChangeLogLevelRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ChangeLogLevelRequest. Bytes fields are views of the input. */
export function decodeChangeLogLevelRequest(bytes: Uint8Array): ChangeLogLevelRequest {
  return readChangeLogLevelRequest(new Reader(bytes), bytes.length)
}

// ── ChangeLogLevelResponse ──

export interface ChangeLogLevelResponse {
  readonly remark: string
}

/** What {@link encodeChangeLogLevelResponse} takes: an absent field is not written. */
export interface ChangeLogLevelResponseInit {
  readonly remark?: string | undefined
}

export function writeChangeLogLevelResponse(w: Writer, value: ChangeLogLevelResponseInit): void {
  if (value.remark !== undefined && value.remark !== '') w.string(10, value.remark)
}

export function readChangeLogLevelResponse(r: Reader, end: number, prev?: ChangeLogLevelResponse): ChangeLogLevelResponse {
  let remark: string = prev === undefined ? '' : prev.remark
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        remark = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { remark }
}

export function encodeChangeLogLevelResponse(value: ChangeLogLevelResponseInit): Uint8Array {
  try {
    writeChangeLogLevelResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ChangeLogLevelResponse. Bytes fields are views of the input. */
export function decodeChangeLogLevelResponse(bytes: Uint8Array): ChangeLogLevelResponse {
  return readChangeLogLevelResponse(new Reader(bytes), bytes.length)
}

// ── DescribeTopicStatusRequest ──

export interface DescribeTopicStatusRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
}

/** What {@link encodeDescribeTopicStatusRequest} takes: an absent field is not written. */
export interface DescribeTopicStatusRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
}

export function writeDescribeTopicStatusRequest(w: Writer, value: DescribeTopicStatusRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
}

export function readDescribeTopicStatusRequest(r: Reader, end: number, prev?: DescribeTopicStatusRequest): DescribeTopicStatusRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, topic }
}

export function encodeDescribeTopicStatusRequest(value: DescribeTopicStatusRequestInit): Uint8Array {
  try {
    writeDescribeTopicStatusRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DescribeTopicStatusRequest. Bytes fields are views of the input. */
export function decodeDescribeTopicStatusRequest(bytes: Uint8Array): DescribeTopicStatusRequest {
  return readDescribeTopicStatusRequest(new Reader(bytes), bytes.length)
}

// ── DescribeTopicStatusResponse ──

export interface DescribeTopicStatusResponse {
  readonly status: Status | undefined
  readonly topicMessageType: MessageType | number
  readonly description: string | undefined
  readonly createTimestamp: Timestamp | undefined
  readonly tags: ReadonlyMap<string, string>
}

/** What {@link encodeDescribeTopicStatusResponse} takes: an absent field is not written. */
export interface DescribeTopicStatusResponseInit {
  readonly status?: StatusInit | undefined
  readonly topicMessageType?: MessageType | number | undefined
  readonly description?: string | undefined
  readonly createTimestamp?: TimestampInit | undefined
  readonly tags?: ReadonlyMap<string, string> | undefined
}

export function writeDescribeTopicStatusResponse(w: Writer, value: DescribeTopicStatusResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.topicMessageType !== undefined && messageTypeNumber(value.topicMessageType) !== 0) w.int32(16, messageTypeNumber(value.topicMessageType))
  if (value.description !== undefined) w.string(26, value.description)
  if (value.createTimestamp !== undefined) {
    const mark = w.begin(34)
    writeTimestamp(w, value.createTimestamp)
    w.end(mark)
  }
  if (value.tags !== undefined) {
    for (const [key, item] of value.tags) {
      const mark = w.begin(42, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
}

export function readDescribeTopicStatusResponse(r: Reader, end: number, prev?: DescribeTopicStatusResponse): DescribeTopicStatusResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let topicMessageType: MessageType | number = prev === undefined ? messageTypeName(0) : prev.topicMessageType
  let description: string | undefined = prev === undefined ? undefined : prev.description
  let createTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.createTimestamp
  const tags: Map<string, string> = prev === undefined ? new Map() : new Map(prev.tags)
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 16:
        topicMessageType = messageTypeName(r.int32(end))
        break
      case 26:
        description = r.string(end)
        break
      case 34:
        createTimestamp = readTimestamp(r, r.enter(end), createTimestamp)
        break
      case 42: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        tags.set(key, item)
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { status, topicMessageType, description, createTimestamp, tags }
}

export function encodeDescribeTopicStatusResponse(value: DescribeTopicStatusResponseInit): Uint8Array {
  try {
    writeDescribeTopicStatusResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DescribeTopicStatusResponse. Bytes fields are views of the input. */
export function decodeDescribeTopicStatusResponse(bytes: Uint8Array): DescribeTopicStatusResponse {
  return readDescribeTopicStatusResponse(new Reader(bytes), bytes.length)
}

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
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
}

export function readListSubscriptionRequest(r: Reader, end: number, prev?: ListSubscriptionRequest): ListSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
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
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, group }
}

export function encodeListSubscriptionRequest(value: ListSubscriptionRequestInit): Uint8Array {
  try {
    writeListSubscriptionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(10)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.expression !== undefined) {
    const mark = w.begin(26)
    writeFilterExpression(w, value.expression)
    w.end(mark)
  }
  if (value.online !== undefined && value.online) w.bool(32, value.online)
  if (value.lastUpdateTimestamp !== undefined) {
    const mark = w.begin(42)
    writeTimestamp(w, value.lastUpdateTimestamp)
    w.end(mark)
  }
  if (value.messageModel !== undefined && messageModelNumber(value.messageModel) !== 0) w.int32(48, messageModelNumber(value.messageModel))
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
    const field = r.tag(end)
    switch (field) {
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
        r.skip(field, end)
    }
  }
  return { group, topic, expression, online, lastUpdateTimestamp, messageModel, subscriptionConsistency }
}

export function encodeSubscriptionInfo(value: SubscriptionInfoInit): Uint8Array {
  try {
    writeSubscriptionInfo(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.subscriptionInfo !== undefined) {
    for (const item of value.subscriptionInfo) {
      const mark = w.begin(18)
      writeSubscriptionInfo(w, item)
      w.end(mark)
    }
  }
}

export function readListSubscriptionResponse(r: Reader, end: number, prev?: ListSubscriptionResponse): ListSubscriptionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const subscriptionInfo: SubscriptionInfo[] = prev === undefined ? [] : [...prev.subscriptionInfo]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        subscriptionInfo.push(readSubscriptionInfo(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, subscriptionInfo }
}

export function encodeListSubscriptionResponse(value: ListSubscriptionResponseInit): Uint8Array {
  try {
    writeListSubscriptionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
}

export function readDescribeSubscriptionRequest(r: Reader, end: number, prev?: DescribeSubscriptionRequest): DescribeSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
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
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, group }
}

export function encodeDescribeSubscriptionRequest(value: DescribeSubscriptionRequestInit): Uint8Array {
  try {
    writeDescribeSubscriptionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.clientSubscriptionInfo !== undefined) {
    for (const item of value.clientSubscriptionInfo) {
      const mark = w.begin(18)
      writeDescribeSubscriptionResponseClientSubscriptionInfo(w, item)
      w.end(mark)
    }
  }
}

export function readDescribeSubscriptionResponse(r: Reader, end: number, prev?: DescribeSubscriptionResponse): DescribeSubscriptionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const clientSubscriptionInfo: DescribeSubscriptionResponseClientSubscriptionInfo[] = prev === undefined ? [] : [...prev.clientSubscriptionInfo]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        clientSubscriptionInfo.push(readDescribeSubscriptionResponseClientSubscriptionInfo(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, clientSubscriptionInfo }
}

export function encodeDescribeSubscriptionResponse(value: DescribeSubscriptionResponseInit): Uint8Array {
  try {
    writeDescribeSubscriptionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(10)
    writeClientInfo(w, value.clientInfo)
    w.end(mark)
  }
  if (value.subscriptionInfo !== undefined) {
    const mark = w.begin(18)
    writeSubscriptionInfo(w, value.subscriptionInfo)
    w.end(mark)
  }
}

export function readDescribeSubscriptionResponseClientSubscriptionInfo(r: Reader, end: number, prev?: DescribeSubscriptionResponseClientSubscriptionInfo): DescribeSubscriptionResponseClientSubscriptionInfo {
  let clientInfo: ClientInfo | undefined = prev === undefined ? undefined : prev.clientInfo
  let subscriptionInfo: SubscriptionInfo | undefined = prev === undefined ? undefined : prev.subscriptionInfo
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        clientInfo = readClientInfo(r, r.enter(end), clientInfo)
        break
      case 18:
        subscriptionInfo = readSubscriptionInfo(r, r.enter(end), subscriptionInfo)
        break
      default:
        r.skip(field, end)
    }
  }
  return { clientInfo, subscriptionInfo }
}

export function encodeDescribeSubscriptionResponseClientSubscriptionInfo(value: DescribeSubscriptionResponseClientSubscriptionInfoInit): Uint8Array {
  try {
    writeDescribeSubscriptionResponseClientSubscriptionInfo(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.expression !== undefined) {
    const mark = w.begin(34)
    writeFilterExpression(w, value.expression)
    w.end(mark)
  }
}

export function readDeleteSubscriptionRequest(r: Reader, end: number, prev?: DeleteSubscriptionRequest): DeleteSubscriptionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let expression: FilterExpression | undefined = prev === undefined ? undefined : prev.expression
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
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
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, group, expression }
}

export function encodeDeleteSubscriptionRequest(value: DeleteSubscriptionRequestInit): Uint8Array {
  try {
    writeDeleteSubscriptionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
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
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readDeleteSubscriptionResponse(r: Reader, end: number, prev?: DeleteSubscriptionResponse): DeleteSubscriptionResponse {
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

export function encodeDeleteSubscriptionResponse(value: DeleteSubscriptionResponseInit): Uint8Array {
  try {
    writeDeleteSubscriptionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DeleteSubscriptionResponse. Bytes fields are views of the input. */
export function decodeDeleteSubscriptionResponse(bytes: Uint8Array): DeleteSubscriptionResponse {
  return readDeleteSubscriptionResponse(new Reader(bytes), bytes.length)
}

// ── ClientInfo ──

export interface ClientInfo {
  readonly clientId: string
  readonly version: string
  readonly language: string
  readonly hostname: string
  readonly egressIp: string
  readonly messageModel: MessageModel | number
}

/** What {@link encodeClientInfo} takes: an absent field is not written. */
export interface ClientInfoInit {
  readonly clientId?: string | undefined
  readonly version?: string | undefined
  readonly language?: string | undefined
  readonly hostname?: string | undefined
  readonly egressIp?: string | undefined
  readonly messageModel?: MessageModel | number | undefined
}

export function writeClientInfo(w: Writer, value: ClientInfoInit): void {
  if (value.clientId !== undefined && value.clientId !== '') w.string(10, value.clientId)
  if (value.version !== undefined && value.version !== '') w.string(18, value.version)
  if (value.language !== undefined && value.language !== '') w.string(26, value.language)
  if (value.hostname !== undefined && value.hostname !== '') w.string(34, value.hostname)
  if (value.egressIp !== undefined && value.egressIp !== '') w.string(42, value.egressIp)
  if (value.messageModel !== undefined && messageModelNumber(value.messageModel) !== 0) w.int32(48, messageModelNumber(value.messageModel))
}

export function readClientInfo(r: Reader, end: number, prev?: ClientInfo): ClientInfo {
  let clientId: string = prev === undefined ? '' : prev.clientId
  let version: string = prev === undefined ? '' : prev.version
  let language: string = prev === undefined ? '' : prev.language
  let hostname: string = prev === undefined ? '' : prev.hostname
  let egressIp: string = prev === undefined ? '' : prev.egressIp
  let messageModel: MessageModel | number = prev === undefined ? messageModelName(0) : prev.messageModel
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        clientId = r.string(end)
        break
      case 18:
        version = r.string(end)
        break
      case 26:
        language = r.string(end)
        break
      case 34:
        hostname = r.string(end)
        break
      case 42:
        egressIp = r.string(end)
        break
      case 48:
        messageModel = messageModelName(r.int32(end))
        break
      default:
        r.skip(field, end)
    }
  }
  return { clientId, version, language, hostname, egressIp, messageModel }
}

export function encodeClientInfo(value: ClientInfoInit): Uint8Array {
  try {
    writeClientInfo(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ClientInfo. Bytes fields are views of the input. */
export function decodeClientInfo(bytes: Uint8Array): ClientInfo {
  return readClientInfo(new Reader(bytes), bytes.length)
}

// ── MessageQueueItem ──

export interface MessageQueueItem {
  readonly messageQueue: MessageQueue | undefined
  readonly processQueueInfo: ProcessQueueInfo | undefined
}

/** What {@link encodeMessageQueueItem} takes: an absent field is not written. */
export interface MessageQueueItemInit {
  readonly messageQueue?: MessageQueueInit | undefined
  readonly processQueueInfo?: ProcessQueueInfoInit | undefined
}

export function writeMessageQueueItem(w: Writer, value: MessageQueueItemInit): void {
  if (value.messageQueue !== undefined) {
    const mark = w.begin(10)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.processQueueInfo !== undefined) {
    const mark = w.begin(18)
    writeProcessQueueInfo(w, value.processQueueInfo)
    w.end(mark)
  }
}

export function readMessageQueueItem(r: Reader, end: number, prev?: MessageQueueItem): MessageQueueItem {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let processQueueInfo: ProcessQueueInfo | undefined = prev === undefined ? undefined : prev.processQueueInfo
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 18:
        processQueueInfo = readProcessQueueInfo(r, r.enter(end), processQueueInfo)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageQueue, processQueueInfo }
}

export function encodeMessageQueueItem(value: MessageQueueItemInit): Uint8Array {
  try {
    writeMessageQueueItem(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no MessageQueueItem. Bytes fields are views of the input. */
export function decodeMessageQueueItem(bytes: Uint8Array): MessageQueueItem {
  return readMessageQueueItem(new Reader(bytes), bytes.length)
}

// ── ProcessQueueInfo ──

export interface ProcessQueueInfo {
  readonly commitOffset: bigint
  readonly cachedMsgMinOffset: bigint
  readonly cachedMsgMaxOffset: bigint
  readonly cachedMsgCount: number
  readonly cachedMsgSizeInMib: number
  readonly transactionMsgMinOffset: bigint
  readonly transactionMsgMaxOffset: bigint
  readonly transactionMsgCount: number
  readonly locked: boolean
  readonly tryUnlockTimes: bigint
  readonly lastLockTimestamp: bigint
  readonly dropped: boolean
  readonly lastPullTimestamp: bigint
  readonly lastConsumeTimestamp: bigint
}

/** What {@link encodeProcessQueueInfo} takes: an absent field is not written. */
export interface ProcessQueueInfoInit {
  readonly commitOffset?: bigint | undefined
  readonly cachedMsgMinOffset?: bigint | undefined
  readonly cachedMsgMaxOffset?: bigint | undefined
  readonly cachedMsgCount?: number | undefined
  readonly cachedMsgSizeInMib?: number | undefined
  readonly transactionMsgMinOffset?: bigint | undefined
  readonly transactionMsgMaxOffset?: bigint | undefined
  readonly transactionMsgCount?: number | undefined
  readonly locked?: boolean | undefined
  readonly tryUnlockTimes?: bigint | undefined
  readonly lastLockTimestamp?: bigint | undefined
  readonly dropped?: boolean | undefined
  readonly lastPullTimestamp?: bigint | undefined
  readonly lastConsumeTimestamp?: bigint | undefined
}

export function writeProcessQueueInfo(w: Writer, value: ProcessQueueInfoInit): void {
  if (value.commitOffset !== undefined && value.commitOffset !== 0n) w.int64(8, value.commitOffset)
  if (value.cachedMsgMinOffset !== undefined && value.cachedMsgMinOffset !== 0n) w.int64(16, value.cachedMsgMinOffset)
  if (value.cachedMsgMaxOffset !== undefined && value.cachedMsgMaxOffset !== 0n) w.int64(24, value.cachedMsgMaxOffset)
  if (value.cachedMsgCount !== undefined && value.cachedMsgCount !== 0) w.int32(32, value.cachedMsgCount)
  if (value.cachedMsgSizeInMib !== undefined && value.cachedMsgSizeInMib !== 0) w.int32(40, value.cachedMsgSizeInMib)
  if (value.transactionMsgMinOffset !== undefined && value.transactionMsgMinOffset !== 0n) w.int64(48, value.transactionMsgMinOffset)
  if (value.transactionMsgMaxOffset !== undefined && value.transactionMsgMaxOffset !== 0n) w.int64(56, value.transactionMsgMaxOffset)
  if (value.transactionMsgCount !== undefined && value.transactionMsgCount !== 0) w.int32(64, value.transactionMsgCount)
  if (value.locked !== undefined && value.locked) w.bool(72, value.locked)
  if (value.tryUnlockTimes !== undefined && value.tryUnlockTimes !== 0n) w.int64(80, value.tryUnlockTimes)
  if (value.lastLockTimestamp !== undefined && value.lastLockTimestamp !== 0n) w.int64(88, value.lastLockTimestamp)
  if (value.dropped !== undefined && value.dropped) w.bool(96, value.dropped)
  if (value.lastPullTimestamp !== undefined && value.lastPullTimestamp !== 0n) w.int64(104, value.lastPullTimestamp)
  if (value.lastConsumeTimestamp !== undefined && value.lastConsumeTimestamp !== 0n) w.int64(112, value.lastConsumeTimestamp)
}

export function readProcessQueueInfo(r: Reader, end: number, prev?: ProcessQueueInfo): ProcessQueueInfo {
  let commitOffset: bigint = prev === undefined ? 0n : prev.commitOffset
  let cachedMsgMinOffset: bigint = prev === undefined ? 0n : prev.cachedMsgMinOffset
  let cachedMsgMaxOffset: bigint = prev === undefined ? 0n : prev.cachedMsgMaxOffset
  let cachedMsgCount: number = prev === undefined ? 0 : prev.cachedMsgCount
  let cachedMsgSizeInMib: number = prev === undefined ? 0 : prev.cachedMsgSizeInMib
  let transactionMsgMinOffset: bigint = prev === undefined ? 0n : prev.transactionMsgMinOffset
  let transactionMsgMaxOffset: bigint = prev === undefined ? 0n : prev.transactionMsgMaxOffset
  let transactionMsgCount: number = prev === undefined ? 0 : prev.transactionMsgCount
  let locked: boolean = prev === undefined ? false : prev.locked
  let tryUnlockTimes: bigint = prev === undefined ? 0n : prev.tryUnlockTimes
  let lastLockTimestamp: bigint = prev === undefined ? 0n : prev.lastLockTimestamp
  let dropped: boolean = prev === undefined ? false : prev.dropped
  let lastPullTimestamp: bigint = prev === undefined ? 0n : prev.lastPullTimestamp
  let lastConsumeTimestamp: bigint = prev === undefined ? 0n : prev.lastConsumeTimestamp
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        commitOffset = r.int64(end)
        break
      case 16:
        cachedMsgMinOffset = r.int64(end)
        break
      case 24:
        cachedMsgMaxOffset = r.int64(end)
        break
      case 32:
        cachedMsgCount = r.int32(end)
        break
      case 40:
        cachedMsgSizeInMib = r.int32(end)
        break
      case 48:
        transactionMsgMinOffset = r.int64(end)
        break
      case 56:
        transactionMsgMaxOffset = r.int64(end)
        break
      case 64:
        transactionMsgCount = r.int32(end)
        break
      case 72:
        locked = r.bool(end)
        break
      case 80:
        tryUnlockTimes = r.int64(end)
        break
      case 88:
        lastLockTimestamp = r.int64(end)
        break
      case 96:
        dropped = r.bool(end)
        break
      case 104:
        lastPullTimestamp = r.int64(end)
        break
      case 112:
        lastConsumeTimestamp = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { commitOffset, cachedMsgMinOffset, cachedMsgMaxOffset, cachedMsgCount, cachedMsgSizeInMib, transactionMsgMinOffset, transactionMsgMaxOffset, transactionMsgCount, locked, tryUnlockTimes, lastLockTimestamp, dropped, lastPullTimestamp, lastConsumeTimestamp }
}

export function encodeProcessQueueInfo(value: ProcessQueueInfoInit): Uint8Array {
  try {
    writeProcessQueueInfo(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ProcessQueueInfo. Bytes fields are views of the input. */
export function decodeProcessQueueInfo(bytes: Uint8Array): ProcessQueueInfo {
  return readProcessQueueInfo(new Reader(bytes), bytes.length)
}

// ── ConsumeStatus ──

export interface ConsumeStatus {
  readonly receiveRt: number
  readonly receiveTps: number
  readonly consumeRt: number
  readonly consumeOkTps: number
  readonly consumeFailedTps: number
  readonly consumeFailedMsgs: bigint
}

/** What {@link encodeConsumeStatus} takes: an absent field is not written. */
export interface ConsumeStatusInit {
  readonly receiveRt?: number | undefined
  readonly receiveTps?: number | undefined
  readonly consumeRt?: number | undefined
  readonly consumeOkTps?: number | undefined
  readonly consumeFailedTps?: number | undefined
  readonly consumeFailedMsgs?: bigint | undefined
}

export function writeConsumeStatus(w: Writer, value: ConsumeStatusInit): void {
  if (value.receiveRt !== undefined && !Object.is(value.receiveRt, 0)) w.double(9, value.receiveRt)
  if (value.receiveTps !== undefined && !Object.is(value.receiveTps, 0)) w.double(17, value.receiveTps)
  if (value.consumeRt !== undefined && !Object.is(value.consumeRt, 0)) w.double(25, value.consumeRt)
  if (value.consumeOkTps !== undefined && !Object.is(value.consumeOkTps, 0)) w.double(33, value.consumeOkTps)
  if (value.consumeFailedTps !== undefined && !Object.is(value.consumeFailedTps, 0)) w.double(41, value.consumeFailedTps)
  if (value.consumeFailedMsgs !== undefined && value.consumeFailedMsgs !== 0n) w.int64(48, value.consumeFailedMsgs)
}

export function readConsumeStatus(r: Reader, end: number, prev?: ConsumeStatus): ConsumeStatus {
  let receiveRt: number = prev === undefined ? 0 : prev.receiveRt
  let receiveTps: number = prev === undefined ? 0 : prev.receiveTps
  let consumeRt: number = prev === undefined ? 0 : prev.consumeRt
  let consumeOkTps: number = prev === undefined ? 0 : prev.consumeOkTps
  let consumeFailedTps: number = prev === undefined ? 0 : prev.consumeFailedTps
  let consumeFailedMsgs: bigint = prev === undefined ? 0n : prev.consumeFailedMsgs
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 9:
        receiveRt = r.double(end)
        break
      case 17:
        receiveTps = r.double(end)
        break
      case 25:
        consumeRt = r.double(end)
        break
      case 33:
        consumeOkTps = r.double(end)
        break
      case 41:
        consumeFailedTps = r.double(end)
        break
      case 48:
        consumeFailedMsgs = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { receiveRt, receiveTps, consumeRt, consumeOkTps, consumeFailedTps, consumeFailedMsgs }
}

export function encodeConsumeStatus(value: ConsumeStatusInit): Uint8Array {
  try {
    writeConsumeStatus(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ConsumeStatus. Bytes fields are views of the input. */
export function decodeConsumeStatus(bytes: Uint8Array): ConsumeStatus {
  return readConsumeStatus(new Reader(bytes), bytes.length)
}

// ── ConsumerRunningInfo ──

export interface ConsumerRunningInfo {
  readonly properties: ReadonlyMap<string, string>
  readonly subscriptions: ReadonlyMap<string, FilterExpression>
  readonly messageQueueTable: readonly MessageQueueItem[]
  readonly consumeStatusTable: ReadonlyMap<string, ConsumeStatus>
}

/** What {@link encodeConsumerRunningInfo} takes: an absent field is not written. */
export interface ConsumerRunningInfoInit {
  readonly properties?: ReadonlyMap<string, string> | undefined
  readonly subscriptions?: ReadonlyMap<string, FilterExpressionInit> | undefined
  readonly messageQueueTable?: readonly MessageQueueItemInit[] | undefined
  readonly consumeStatusTable?: ReadonlyMap<string, ConsumeStatusInit> | undefined
}

export function writeConsumerRunningInfo(w: Writer, value: ConsumerRunningInfoInit): void {
  if (value.properties !== undefined) {
    for (const [key, item] of value.properties) {
      const mark = w.begin(10, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
  if (value.subscriptions !== undefined) {
    for (const [key, item] of value.subscriptions) {
      const mark = w.begin(18, key.length + 64)
      w.string(10, key)
      {
        const mark = w.begin(18)
        writeFilterExpression(w, item)
        w.end(mark)
      }
      w.end(mark)
    }
  }
  if (value.messageQueueTable !== undefined) {
    for (const item of value.messageQueueTable) {
      const mark = w.begin(26)
      writeMessageQueueItem(w, item)
      w.end(mark)
    }
  }
  if (value.consumeStatusTable !== undefined) {
    for (const [key, item] of value.consumeStatusTable) {
      const mark = w.begin(34, key.length + 64)
      w.string(10, key)
      {
        const mark = w.begin(18)
        writeConsumeStatus(w, item)
        w.end(mark)
      }
      w.end(mark)
    }
  }
}

export function readConsumerRunningInfo(r: Reader, end: number, prev?: ConsumerRunningInfo): ConsumerRunningInfo {
  const properties: Map<string, string> = prev === undefined ? new Map() : new Map(prev.properties)
  const subscriptions: Map<string, FilterExpression> = prev === undefined ? new Map() : new Map(prev.subscriptions)
  const messageQueueTable: MessageQueueItem[] = prev === undefined ? [] : [...prev.messageQueueTable]
  const consumeStatusTable: Map<string, ConsumeStatus> = prev === undefined ? new Map() : new Map(prev.consumeStatusTable)
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        properties.set(key, item)
        break
      }
      case 18: {
        const stop = r.enter(end)
        let key = ''
        let item: FilterExpression | undefined
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = readFilterExpression(r, r.enter(stop), item)
          else r.skip(entry, stop)
        }
        subscriptions.set(key, item ?? readFilterExpression(r, r.pos))
        break
      }
      case 26:
        messageQueueTable.push(readMessageQueueItem(r, r.enter(end)))
        break
      case 34: {
        const stop = r.enter(end)
        let key = ''
        let item: ConsumeStatus | undefined
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = readConsumeStatus(r, r.enter(stop), item)
          else r.skip(entry, stop)
        }
        consumeStatusTable.set(key, item ?? readConsumeStatus(r, r.pos))
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { properties, subscriptions, messageQueueTable, consumeStatusTable }
}

export function encodeConsumerRunningInfo(value: ConsumerRunningInfoInit): Uint8Array {
  try {
    writeConsumerRunningInfo(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ConsumerRunningInfo. Bytes fields are views of the input. */
export function decodeConsumerRunningInfo(bytes: Uint8Array): ConsumerRunningInfo {
  return readConsumerRunningInfo(new Reader(bytes), bytes.length)
}

// ── DescribeGroupAccumulationRequest ──

export interface DescribeGroupAccumulationRequest {
  readonly deploymentName: string | undefined
  readonly group: Resource | undefined
  readonly topics: readonly Resource[]
  readonly liteTopic: string | undefined
}

/** What {@link encodeDescribeGroupAccumulationRequest} takes: an absent field is not written. */
export interface DescribeGroupAccumulationRequestInit {
  readonly deploymentName?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly topics?: readonly ResourceInit[] | undefined
  readonly liteTopic?: string | undefined
}

export function writeDescribeGroupAccumulationRequest(w: Writer, value: DescribeGroupAccumulationRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topics !== undefined) {
    for (const item of value.topics) {
      const mark = w.begin(26)
      writeResource(w, item)
      w.end(mark)
    }
  }
  if (value.liteTopic !== undefined) w.string(34, value.liteTopic)
}

export function readDescribeGroupAccumulationRequest(r: Reader, end: number, prev?: DescribeGroupAccumulationRequest): DescribeGroupAccumulationRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const topics: Resource[] = prev === undefined ? [] : [...prev.topics]
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        topics.push(readResource(r, r.enter(end)))
        break
      case 34:
        liteTopic = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, group, topics, liteTopic }
}

export function encodeDescribeGroupAccumulationRequest(value: DescribeGroupAccumulationRequestInit): Uint8Array {
  try {
    writeDescribeGroupAccumulationRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DescribeGroupAccumulationRequest. Bytes fields are views of the input. */
export function decodeDescribeGroupAccumulationRequest(bytes: Uint8Array): DescribeGroupAccumulationRequest {
  return readDescribeGroupAccumulationRequest(new Reader(bytes), bytes.length)
}

// ── DescribeGroupAccumulationResponse ──

export interface DescribeGroupAccumulationResponse {
  readonly status: Status | undefined
  readonly accumulation: DescribeGroupAccumulationResponseGroupAccumulation | undefined
  readonly topicAccumulation: ReadonlyMap<string, DescribeGroupAccumulationResponseGroupAccumulation>
  readonly liteTopicAccumulation: ReadonlyMap<string, DescribeGroupAccumulationResponseGroupAccumulation>
}

/** What {@link encodeDescribeGroupAccumulationResponse} takes: an absent field is not written. */
export interface DescribeGroupAccumulationResponseInit {
  readonly status?: StatusInit | undefined
  readonly accumulation?: DescribeGroupAccumulationResponseGroupAccumulationInit | undefined
  readonly topicAccumulation?: ReadonlyMap<string, DescribeGroupAccumulationResponseGroupAccumulationInit> | undefined
  readonly liteTopicAccumulation?: ReadonlyMap<string, DescribeGroupAccumulationResponseGroupAccumulationInit> | undefined
}

export function writeDescribeGroupAccumulationResponse(w: Writer, value: DescribeGroupAccumulationResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.accumulation !== undefined) {
    const mark = w.begin(18)
    writeDescribeGroupAccumulationResponseGroupAccumulation(w, value.accumulation)
    w.end(mark)
  }
  if (value.topicAccumulation !== undefined) {
    for (const [key, item] of value.topicAccumulation) {
      const mark = w.begin(26, key.length + 64)
      w.string(10, key)
      {
        const mark = w.begin(18)
        writeDescribeGroupAccumulationResponseGroupAccumulation(w, item)
        w.end(mark)
      }
      w.end(mark)
    }
  }
  if (value.liteTopicAccumulation !== undefined) {
    for (const [key, item] of value.liteTopicAccumulation) {
      const mark = w.begin(34, key.length + 64)
      w.string(10, key)
      {
        const mark = w.begin(18)
        writeDescribeGroupAccumulationResponseGroupAccumulation(w, item)
        w.end(mark)
      }
      w.end(mark)
    }
  }
}

export function readDescribeGroupAccumulationResponse(r: Reader, end: number, prev?: DescribeGroupAccumulationResponse): DescribeGroupAccumulationResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let accumulation: DescribeGroupAccumulationResponseGroupAccumulation | undefined = prev === undefined ? undefined : prev.accumulation
  const topicAccumulation: Map<string, DescribeGroupAccumulationResponseGroupAccumulation> = prev === undefined ? new Map() : new Map(prev.topicAccumulation)
  const liteTopicAccumulation: Map<string, DescribeGroupAccumulationResponseGroupAccumulation> = prev === undefined ? new Map() : new Map(prev.liteTopicAccumulation)
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        accumulation = readDescribeGroupAccumulationResponseGroupAccumulation(r, r.enter(end), accumulation)
        break
      case 26: {
        const stop = r.enter(end)
        let key = ''
        let item: DescribeGroupAccumulationResponseGroupAccumulation | undefined
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = readDescribeGroupAccumulationResponseGroupAccumulation(r, r.enter(stop), item)
          else r.skip(entry, stop)
        }
        topicAccumulation.set(key, item ?? readDescribeGroupAccumulationResponseGroupAccumulation(r, r.pos))
        break
      }
      case 34: {
        const stop = r.enter(end)
        let key = ''
        let item: DescribeGroupAccumulationResponseGroupAccumulation | undefined
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = readDescribeGroupAccumulationResponseGroupAccumulation(r, r.enter(stop), item)
          else r.skip(entry, stop)
        }
        liteTopicAccumulation.set(key, item ?? readDescribeGroupAccumulationResponseGroupAccumulation(r, r.pos))
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { status, accumulation, topicAccumulation, liteTopicAccumulation }
}

export function encodeDescribeGroupAccumulationResponse(value: DescribeGroupAccumulationResponseInit): Uint8Array {
  try {
    writeDescribeGroupAccumulationResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DescribeGroupAccumulationResponse. Bytes fields are views of the input. */
export function decodeDescribeGroupAccumulationResponse(bytes: Uint8Array): DescribeGroupAccumulationResponse {
  return readDescribeGroupAccumulationResponse(new Reader(bytes), bytes.length)
}

// ── DescribeGroupAccumulationResponse.GroupAccumulation ──

export interface DescribeGroupAccumulationResponseGroupAccumulation {
  readonly inflightMessages: bigint
  readonly readyMessages: bigint
  readonly accumulation: bigint
  readonly deliverDelayTime: Duration | undefined
  readonly lastConsumeTimestamp: bigint
}

/** What {@link encodeDescribeGroupAccumulationResponseGroupAccumulation} takes: an absent field is not written. */
export interface DescribeGroupAccumulationResponseGroupAccumulationInit {
  readonly inflightMessages?: bigint | undefined
  readonly readyMessages?: bigint | undefined
  readonly accumulation?: bigint | undefined
  readonly deliverDelayTime?: DurationInit | undefined
  readonly lastConsumeTimestamp?: bigint | undefined
}

export function writeDescribeGroupAccumulationResponseGroupAccumulation(w: Writer, value: DescribeGroupAccumulationResponseGroupAccumulationInit): void {
  if (value.inflightMessages !== undefined && value.inflightMessages !== 0n) w.int64(8, value.inflightMessages)
  if (value.readyMessages !== undefined && value.readyMessages !== 0n) w.int64(16, value.readyMessages)
  if (value.accumulation !== undefined && value.accumulation !== 0n) w.int64(24, value.accumulation)
  if (value.deliverDelayTime !== undefined) {
    const mark = w.begin(34)
    writeDuration(w, value.deliverDelayTime)
    w.end(mark)
  }
  if (value.lastConsumeTimestamp !== undefined && value.lastConsumeTimestamp !== 0n) w.int64(40, value.lastConsumeTimestamp)
}

export function readDescribeGroupAccumulationResponseGroupAccumulation(r: Reader, end: number, prev?: DescribeGroupAccumulationResponseGroupAccumulation): DescribeGroupAccumulationResponseGroupAccumulation {
  let inflightMessages: bigint = prev === undefined ? 0n : prev.inflightMessages
  let readyMessages: bigint = prev === undefined ? 0n : prev.readyMessages
  let accumulation: bigint = prev === undefined ? 0n : prev.accumulation
  let deliverDelayTime: Duration | undefined = prev === undefined ? undefined : prev.deliverDelayTime
  let lastConsumeTimestamp: bigint = prev === undefined ? 0n : prev.lastConsumeTimestamp
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 8:
        inflightMessages = r.int64(end)
        break
      case 16:
        readyMessages = r.int64(end)
        break
      case 24:
        accumulation = r.int64(end)
        break
      case 34:
        deliverDelayTime = readDuration(r, r.enter(end), deliverDelayTime)
        break
      case 40:
        lastConsumeTimestamp = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { inflightMessages, readyMessages, accumulation, deliverDelayTime, lastConsumeTimestamp }
}

export function encodeDescribeGroupAccumulationResponseGroupAccumulation(value: DescribeGroupAccumulationResponseGroupAccumulationInit): Uint8Array {
  try {
    writeDescribeGroupAccumulationResponseGroupAccumulation(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no DescribeGroupAccumulationResponseGroupAccumulation. Bytes fields are views of the input. */
export function decodeDescribeGroupAccumulationResponseGroupAccumulation(bytes: Uint8Array): DescribeGroupAccumulationResponseGroupAccumulation {
  return readDescribeGroupAccumulationResponseGroupAccumulation(new Reader(bytes), bytes.length)
}

// ── QueryTimeSpanRequest ──

export interface QueryTimeSpanRequest {
  readonly deploymentName: string | undefined
  readonly group: Resource | undefined
  readonly topics: readonly Resource[]
}

/** What {@link encodeQueryTimeSpanRequest} takes: an absent field is not written. */
export interface QueryTimeSpanRequestInit {
  readonly deploymentName?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly topics?: readonly ResourceInit[] | undefined
}

export function writeQueryTimeSpanRequest(w: Writer, value: QueryTimeSpanRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topics !== undefined) {
    for (const item of value.topics) {
      const mark = w.begin(26)
      writeResource(w, item)
      w.end(mark)
    }
  }
}

export function readQueryTimeSpanRequest(r: Reader, end: number, prev?: QueryTimeSpanRequest): QueryTimeSpanRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const topics: Resource[] = prev === undefined ? [] : [...prev.topics]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        topics.push(readResource(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, group, topics }
}

export function encodeQueryTimeSpanRequest(value: QueryTimeSpanRequestInit): Uint8Array {
  try {
    writeQueryTimeSpanRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryTimeSpanRequest. Bytes fields are views of the input. */
export function decodeQueryTimeSpanRequest(bytes: Uint8Array): QueryTimeSpanRequest {
  return readQueryTimeSpanRequest(new Reader(bytes), bytes.length)
}

// ── QueryTimeSpanResponse ──

export interface QueryTimeSpanResponse {
  readonly status: Status | undefined
  readonly queueTimeSpanList: readonly QueryTimeSpanResponseQueueTimeSpan[]
}

/** What {@link encodeQueryTimeSpanResponse} takes: an absent field is not written. */
export interface QueryTimeSpanResponseInit {
  readonly status?: StatusInit | undefined
  readonly queueTimeSpanList?: readonly QueryTimeSpanResponseQueueTimeSpanInit[] | undefined
}

export function writeQueryTimeSpanResponse(w: Writer, value: QueryTimeSpanResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.queueTimeSpanList !== undefined) {
    for (const item of value.queueTimeSpanList) {
      const mark = w.begin(18)
      writeQueryTimeSpanResponseQueueTimeSpan(w, item)
      w.end(mark)
    }
  }
}

export function readQueryTimeSpanResponse(r: Reader, end: number, prev?: QueryTimeSpanResponse): QueryTimeSpanResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const queueTimeSpanList: QueryTimeSpanResponseQueueTimeSpan[] = prev === undefined ? [] : [...prev.queueTimeSpanList]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        queueTimeSpanList.push(readQueryTimeSpanResponseQueueTimeSpan(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, queueTimeSpanList }
}

export function encodeQueryTimeSpanResponse(value: QueryTimeSpanResponseInit): Uint8Array {
  try {
    writeQueryTimeSpanResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryTimeSpanResponse. Bytes fields are views of the input. */
export function decodeQueryTimeSpanResponse(bytes: Uint8Array): QueryTimeSpanResponse {
  return readQueryTimeSpanResponse(new Reader(bytes), bytes.length)
}

// ── QueryTimeSpanResponse.QueueTimeSpan ──

export interface QueryTimeSpanResponseQueueTimeSpan {
  readonly messageQueue: MessageQueue | undefined
  readonly minTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly consumeTimestamp: bigint
  readonly delayTimeMs: bigint
}

/** What {@link encodeQueryTimeSpanResponseQueueTimeSpan} takes: an absent field is not written. */
export interface QueryTimeSpanResponseQueueTimeSpanInit {
  readonly messageQueue?: MessageQueueInit | undefined
  readonly minTimestamp?: bigint | undefined
  readonly maxTimestamp?: bigint | undefined
  readonly consumeTimestamp?: bigint | undefined
  readonly delayTimeMs?: bigint | undefined
}

export function writeQueryTimeSpanResponseQueueTimeSpan(w: Writer, value: QueryTimeSpanResponseQueueTimeSpanInit): void {
  if (value.messageQueue !== undefined) {
    const mark = w.begin(10)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark)
  }
  if (value.minTimestamp !== undefined && value.minTimestamp !== 0n) w.int64(16, value.minTimestamp)
  if (value.maxTimestamp !== undefined && value.maxTimestamp !== 0n) w.int64(24, value.maxTimestamp)
  if (value.consumeTimestamp !== undefined && value.consumeTimestamp !== 0n) w.int64(32, value.consumeTimestamp)
  if (value.delayTimeMs !== undefined && value.delayTimeMs !== 0n) w.int64(40, value.delayTimeMs)
}

export function readQueryTimeSpanResponseQueueTimeSpan(r: Reader, end: number, prev?: QueryTimeSpanResponseQueueTimeSpan): QueryTimeSpanResponseQueueTimeSpan {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let minTimestamp: bigint = prev === undefined ? 0n : prev.minTimestamp
  let maxTimestamp: bigint = prev === undefined ? 0n : prev.maxTimestamp
  let consumeTimestamp: bigint = prev === undefined ? 0n : prev.consumeTimestamp
  let delayTimeMs: bigint = prev === undefined ? 0n : prev.delayTimeMs
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 16:
        minTimestamp = r.int64(end)
        break
      case 24:
        maxTimestamp = r.int64(end)
        break
      case 32:
        consumeTimestamp = r.int64(end)
        break
      case 40:
        delayTimeMs = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { messageQueue, minTimestamp, maxTimestamp, consumeTimestamp, delayTimeMs }
}

export function encodeQueryTimeSpanResponseQueueTimeSpan(value: QueryTimeSpanResponseQueueTimeSpanInit): Uint8Array {
  try {
    writeQueryTimeSpanResponseQueueTimeSpan(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no QueryTimeSpanResponseQueueTimeSpan. Bytes fields are views of the input. */
export function decodeQueryTimeSpanResponseQueueTimeSpan(bytes: Uint8Array): QueryTimeSpanResponseQueueTimeSpan {
  return readQueryTimeSpanResponseQueueTimeSpan(new Reader(bytes), bytes.length)
}

// ── ListConsumerConnectionRequest ──

export interface ListConsumerConnectionRequest {
  readonly deploymentName: string | undefined
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly liteTopic: string | undefined
}

/** What {@link encodeListConsumerConnectionRequest} takes: an absent field is not written. */
export interface ListConsumerConnectionRequestInit {
  readonly deploymentName?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly liteTopic?: string | undefined
}

export function writeListConsumerConnectionRequest(w: Writer, value: ListConsumerConnectionRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.liteTopic !== undefined) w.string(34, value.liteTopic)
}

export function readListConsumerConnectionRequest(r: Reader, end: number, prev?: ListConsumerConnectionRequest): ListConsumerConnectionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        topic = readResource(r, r.enter(end), topic)
        break
      case 34:
        liteTopic = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, group, topic, liteTopic }
}

export function encodeListConsumerConnectionRequest(value: ListConsumerConnectionRequestInit): Uint8Array {
  try {
    writeListConsumerConnectionRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ListConsumerConnectionRequest. Bytes fields are views of the input. */
export function decodeListConsumerConnectionRequest(bytes: Uint8Array): ListConsumerConnectionRequest {
  return readListConsumerConnectionRequest(new Reader(bytes), bytes.length)
}

// ── ListConsumerConnectionResponse ──

export interface ListConsumerConnectionResponse {
  readonly status: Status | undefined
  readonly clientInfo: readonly ClientInfo[]
}

/** What {@link encodeListConsumerConnectionResponse} takes: an absent field is not written. */
export interface ListConsumerConnectionResponseInit {
  readonly status?: StatusInit | undefined
  readonly clientInfo?: readonly ClientInfoInit[] | undefined
}

export function writeListConsumerConnectionResponse(w: Writer, value: ListConsumerConnectionResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.clientInfo !== undefined) {
    for (const item of value.clientInfo) {
      const mark = w.begin(18)
      writeClientInfo(w, item)
      w.end(mark)
    }
  }
}

export function readListConsumerConnectionResponse(r: Reader, end: number, prev?: ListConsumerConnectionResponse): ListConsumerConnectionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const clientInfo: ClientInfo[] = prev === undefined ? [] : [...prev.clientInfo]
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        clientInfo.push(readClientInfo(r, r.enter(end)))
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, clientInfo }
}

export function encodeListConsumerConnectionResponse(value: ListConsumerConnectionResponseInit): Uint8Array {
  try {
    writeListConsumerConnectionResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ListConsumerConnectionResponse. Bytes fields are views of the input. */
export function decodeListConsumerConnectionResponse(bytes: Uint8Array): ListConsumerConnectionResponse {
  return readListConsumerConnectionResponse(new Reader(bytes), bytes.length)
}

// ── ResetGroupOffsetRequest ──

export interface ResetGroupOffsetRequest {
  readonly deploymentName: string | undefined
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly resetTimestamp: Timestamp | undefined
}

/** What {@link encodeResetGroupOffsetRequest} takes: an absent field is not written. */
export interface ResetGroupOffsetRequestInit {
  readonly deploymentName?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly resetTimestamp?: TimestampInit | undefined
}

export function writeResetGroupOffsetRequest(w: Writer, value: ResetGroupOffsetRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.resetTimestamp !== undefined) {
    const mark = w.begin(34)
    writeTimestamp(w, value.resetTimestamp)
    w.end(mark)
  }
}

export function readResetGroupOffsetRequest(r: Reader, end: number, prev?: ResetGroupOffsetRequest): ResetGroupOffsetRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let resetTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.resetTimestamp
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        topic = readResource(r, r.enter(end), topic)
        break
      case 34:
        resetTimestamp = readTimestamp(r, r.enter(end), resetTimestamp)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, group, topic, resetTimestamp }
}

export function encodeResetGroupOffsetRequest(value: ResetGroupOffsetRequestInit): Uint8Array {
  try {
    writeResetGroupOffsetRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ResetGroupOffsetRequest. Bytes fields are views of the input. */
export function decodeResetGroupOffsetRequest(bytes: Uint8Array): ResetGroupOffsetRequest {
  return readResetGroupOffsetRequest(new Reader(bytes), bytes.length)
}

// ── ResetGroupOffsetResponse ──

export interface ResetGroupOffsetResponse {
  readonly status: Status | undefined
}

/** What {@link encodeResetGroupOffsetResponse} takes: an absent field is not written. */
export interface ResetGroupOffsetResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeResetGroupOffsetResponse(w: Writer, value: ResetGroupOffsetResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readResetGroupOffsetResponse(r: Reader, end: number, prev?: ResetGroupOffsetResponse): ResetGroupOffsetResponse {
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

export function encodeResetGroupOffsetResponse(value: ResetGroupOffsetResponseInit): Uint8Array {
  try {
    writeResetGroupOffsetResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ResetGroupOffsetResponse. Bytes fields are views of the input. */
export function decodeResetGroupOffsetResponse(bytes: Uint8Array): ResetGroupOffsetResponse {
  return readResetGroupOffsetResponse(new Reader(bytes), bytes.length)
}

// ── ListMessageRequest ──

export interface ListMessageRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly maxMessageNums: number
  readonly beginTimestamp: Timestamp | undefined
  readonly endTimestamp: Timestamp | undefined
  readonly searchKey:
    | { readonly case: 'messageId'; readonly value: string }
    | { readonly case: 'messageKey'; readonly value: string }
    | { readonly case: 'subscription'; readonly value: string }
    | { readonly case: 'liteTopic'; readonly value: string }
    | undefined
  readonly scrollId: string | undefined
  readonly pageNum: number | undefined
  readonly pageSize: number | undefined
  readonly brokerName: string | undefined
  readonly queueId: number | undefined
}

/** What {@link encodeListMessageRequest} takes: an absent field is not written. */
export interface ListMessageRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly maxMessageNums?: number | undefined
  readonly beginTimestamp?: TimestampInit | undefined
  readonly endTimestamp?: TimestampInit | undefined
  readonly searchKey?:
    | { readonly case: 'messageId'; readonly value: string }
    | { readonly case: 'messageKey'; readonly value: string }
    | { readonly case: 'subscription'; readonly value: string }
    | { readonly case: 'liteTopic'; readonly value: string }
    | undefined
  readonly scrollId?: string | undefined
  readonly pageNum?: number | undefined
  readonly pageSize?: number | undefined
  readonly brokerName?: string | undefined
  readonly queueId?: number | undefined
}

export function writeListMessageRequest(w: Writer, value: ListMessageRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.maxMessageNums !== undefined && value.maxMessageNums !== 0) w.int32(24, value.maxMessageNums)
  if (value.beginTimestamp !== undefined) {
    const mark = w.begin(34)
    writeTimestamp(w, value.beginTimestamp)
    w.end(mark)
  }
  if (value.endTimestamp !== undefined) {
    const mark = w.begin(42)
    writeTimestamp(w, value.endTimestamp)
    w.end(mark)
  }
  switch (value.searchKey?.case) {
    case 'messageId':
      w.string(50, value.searchKey.value)
      break
    case 'messageKey':
      w.string(58, value.searchKey.value)
      break
    case 'subscription':
      w.string(66, value.searchKey.value)
      break
    case 'liteTopic':
      w.string(114, value.searchKey.value)
      break
  }
  if (value.scrollId !== undefined) w.string(74, value.scrollId)
  if (value.pageNum !== undefined) w.int32(80, value.pageNum)
  if (value.pageSize !== undefined) w.int32(88, value.pageSize)
  if (value.brokerName !== undefined) w.string(98, value.brokerName)
  if (value.queueId !== undefined) w.int32(104, value.queueId)
}

export function readListMessageRequest(r: Reader, end: number, prev?: ListMessageRequest): ListMessageRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let maxMessageNums: number = prev === undefined ? 0 : prev.maxMessageNums
  let beginTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.beginTimestamp
  let endTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.endTimestamp
  let searchKey: ListMessageRequest['searchKey'] = prev === undefined ? undefined : prev.searchKey
  let scrollId: string | undefined = prev === undefined ? undefined : prev.scrollId
  let pageNum: number | undefined = prev === undefined ? undefined : prev.pageNum
  let pageSize: number | undefined = prev === undefined ? undefined : prev.pageSize
  let brokerName: string | undefined = prev === undefined ? undefined : prev.brokerName
  let queueId: number | undefined = prev === undefined ? undefined : prev.queueId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 24:
        maxMessageNums = r.int32(end)
        break
      case 34:
        beginTimestamp = readTimestamp(r, r.enter(end), beginTimestamp)
        break
      case 42:
        endTimestamp = readTimestamp(r, r.enter(end), endTimestamp)
        break
      case 50:
        searchKey = { case: 'messageId', value: r.string(end) }
        break
      case 58:
        searchKey = { case: 'messageKey', value: r.string(end) }
        break
      case 66:
        searchKey = { case: 'subscription', value: r.string(end) }
        break
      case 74:
        scrollId = r.string(end)
        break
      case 80:
        pageNum = r.int32(end)
        break
      case 88:
        pageSize = r.int32(end)
        break
      case 98:
        brokerName = r.string(end)
        break
      case 104:
        queueId = r.int32(end)
        break
      case 114:
        searchKey = { case: 'liteTopic', value: r.string(end) }
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, maxMessageNums, beginTimestamp, endTimestamp, searchKey, scrollId, pageNum, pageSize, brokerName, queueId }
}

export function encodeListMessageRequest(value: ListMessageRequestInit): Uint8Array {
  try {
    writeListMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ListMessageRequest. Bytes fields are views of the input. */
export function decodeListMessageRequest(bytes: Uint8Array): ListMessageRequest {
  return readListMessageRequest(new Reader(bytes), bytes.length)
}

// ── ListMessageResponse ──

export interface ListMessageResponse {
  readonly status: Status | undefined
  readonly messages: readonly Message[]
  readonly scrollId: string
}

/** What {@link encodeListMessageResponse} takes: an absent field is not written. */
export interface ListMessageResponseInit {
  readonly status?: StatusInit | undefined
  readonly messages?: readonly MessageInit[] | undefined
  readonly scrollId?: string | undefined
}

export function writeListMessageResponse(w: Writer, value: ListMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.messages !== undefined) {
    for (const item of value.messages) {
      const mark = w.begin(18, (item.body?.length ?? 0) + 256)
      writeMessage(w, item)
      w.end(mark)
    }
  }
  if (value.scrollId !== undefined && value.scrollId !== '') w.string(26, value.scrollId)
}

export function readListMessageResponse(r: Reader, end: number, prev?: ListMessageResponse): ListMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const messages: Message[] = prev === undefined ? [] : [...prev.messages]
  let scrollId: string = prev === undefined ? '' : prev.scrollId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messages.push(readMessage(r, r.enter(end)))
        break
      case 26:
        scrollId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, messages, scrollId }
}

export function encodeListMessageResponse(value: ListMessageResponseInit): Uint8Array {
  try {
    writeListMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no ListMessageResponse. Bytes fields are views of the input. */
export function decodeListMessageResponse(bytes: Uint8Array): ListMessageResponse {
  return readListMessageResponse(new Reader(bytes), bytes.length)
}

// ── PrintThreadStackTraceRequest ──

export interface PrintThreadStackTraceRequest {
  readonly deploymentName: string | undefined
  readonly clientId: string
  readonly group: Resource | undefined
}

/** What {@link encodePrintThreadStackTraceRequest} takes: an absent field is not written. */
export interface PrintThreadStackTraceRequestInit {
  readonly deploymentName?: string | undefined
  readonly clientId?: string | undefined
  readonly group?: ResourceInit | undefined
}

export function writePrintThreadStackTraceRequest(w: Writer, value: PrintThreadStackTraceRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.clientId !== undefined && value.clientId !== '') w.string(18, value.clientId)
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
}

export function readPrintThreadStackTraceRequest(r: Reader, end: number, prev?: PrintThreadStackTraceRequest): PrintThreadStackTraceRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let clientId: string = prev === undefined ? '' : prev.clientId
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        clientId = r.string(end)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, clientId, group }
}

export function encodePrintThreadStackTraceRequest(value: PrintThreadStackTraceRequestInit): Uint8Array {
  try {
    writePrintThreadStackTraceRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no PrintThreadStackTraceRequest. Bytes fields are views of the input. */
export function decodePrintThreadStackTraceRequest(bytes: Uint8Array): PrintThreadStackTraceRequest {
  return readPrintThreadStackTraceRequest(new Reader(bytes), bytes.length)
}

// ── PrintThreadStackTraceResponse ──

export interface PrintThreadStackTraceResponse {
  readonly status: Status | undefined
  readonly threadStackTrace: string | undefined
}

/** What {@link encodePrintThreadStackTraceResponse} takes: an absent field is not written. */
export interface PrintThreadStackTraceResponseInit {
  readonly status?: StatusInit | undefined
  readonly threadStackTrace?: string | undefined
}

export function writePrintThreadStackTraceResponse(w: Writer, value: PrintThreadStackTraceResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.threadStackTrace !== undefined) w.string(18, value.threadStackTrace)
}

export function readPrintThreadStackTraceResponse(r: Reader, end: number, prev?: PrintThreadStackTraceResponse): PrintThreadStackTraceResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let threadStackTrace: string | undefined = prev === undefined ? undefined : prev.threadStackTrace
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        threadStackTrace = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, threadStackTrace }
}

export function encodePrintThreadStackTraceResponse(value: PrintThreadStackTraceResponseInit): Uint8Array {
  try {
    writePrintThreadStackTraceResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no PrintThreadStackTraceResponse. Bytes fields are views of the input. */
export function decodePrintThreadStackTraceResponse(bytes: Uint8Array): PrintThreadStackTraceResponse {
  return readPrintThreadStackTraceResponse(new Reader(bytes), bytes.length)
}

// ── VerifyMessageRequest ──

export interface VerifyMessageRequest {
  readonly deploymentName: string | undefined
  readonly clientId: string
  readonly group: Resource | undefined
  readonly topic: Resource | undefined
  readonly messageId: string
}

/** What {@link encodeVerifyMessageRequest} takes: an absent field is not written. */
export interface VerifyMessageRequestInit {
  readonly deploymentName?: string | undefined
  readonly clientId?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly topic?: ResourceInit | undefined
  readonly messageId?: string | undefined
}

export function writeVerifyMessageRequest(w: Writer, value: VerifyMessageRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.clientId !== undefined && value.clientId !== '') w.string(18, value.clientId)
  if (value.group !== undefined) {
    const mark = w.begin(26)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(34)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(42, value.messageId)
}

export function readVerifyMessageRequest(r: Reader, end: number, prev?: VerifyMessageRequest): VerifyMessageRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let clientId: string = prev === undefined ? '' : prev.clientId
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let messageId: string = prev === undefined ? '' : prev.messageId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        clientId = r.string(end)
        break
      case 26:
        group = readResource(r, r.enter(end), group)
        break
      case 34:
        topic = readResource(r, r.enter(end), topic)
        break
      case 42:
        messageId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, clientId, group, topic, messageId }
}

export function encodeVerifyMessageRequest(value: VerifyMessageRequestInit): Uint8Array {
  try {
    writeVerifyMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageRequest. Bytes fields are views of the input. */
export function decodeVerifyMessageRequest(bytes: Uint8Array): VerifyMessageRequest {
  return readVerifyMessageRequest(new Reader(bytes), bytes.length)
}

// ── VerifyMessageResponse ──

export interface VerifyMessageResponse {
  readonly status: Status | undefined
}

/** What {@link encodeVerifyMessageResponse} takes: an absent field is not written. */
export interface VerifyMessageResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeVerifyMessageResponse(w: Writer, value: VerifyMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
}

export function readVerifyMessageResponse(r: Reader, end: number, prev?: VerifyMessageResponse): VerifyMessageResponse {
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

export function encodeVerifyMessageResponse(value: VerifyMessageResponseInit): Uint8Array {
  try {
    writeVerifyMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageResponse. Bytes fields are views of the input. */
export function decodeVerifyMessageResponse(bytes: Uint8Array): VerifyMessageResponse {
  return readVerifyMessageResponse(new Reader(bytes), bytes.length)
}

// ── AdminSendMessageRequest ──

export interface AdminSendMessageRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly tag: string | undefined
  readonly key: string | undefined
  readonly body: Uint8Array
  readonly userProperties: ReadonlyMap<string, string>
  readonly systemProperties: SystemProperties | undefined
  readonly extInfo: ReadonlyMap<string, string>
}

/** What {@link encodeAdminSendMessageRequest} takes: an absent field is not written. */
export interface AdminSendMessageRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly tag?: string | undefined
  readonly key?: string | undefined
  readonly body?: Uint8Array | undefined
  readonly userProperties?: ReadonlyMap<string, string> | undefined
  readonly systemProperties?: SystemPropertiesInit | undefined
  readonly extInfo?: ReadonlyMap<string, string> | undefined
}

export function writeAdminSendMessageRequest(w: Writer, value: AdminSendMessageRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.tag !== undefined) w.string(26, value.tag)
  if (value.key !== undefined) w.string(34, value.key)
  if (value.body !== undefined && value.body.length > 0) w.bytes(42, value.body)
  if (value.userProperties !== undefined) {
    for (const [key, item] of value.userProperties) {
      const mark = w.begin(50, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
  if (value.systemProperties !== undefined) {
    const mark = w.begin(58)
    writeSystemProperties(w, value.systemProperties)
    w.end(mark)
  }
  if (value.extInfo !== undefined) {
    for (const [key, item] of value.extInfo) {
      const mark = w.begin(66, key.length + item.length + 4)
      w.string(10, key)
      w.string(18, item)
      w.end(mark)
    }
  }
}

export function readAdminSendMessageRequest(r: Reader, end: number, prev?: AdminSendMessageRequest): AdminSendMessageRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let tag: string | undefined = prev === undefined ? undefined : prev.tag
  let key: string | undefined = prev === undefined ? undefined : prev.key
  let body: Uint8Array = prev === undefined ? NO_BYTES : prev.body
  const userProperties: Map<string, string> = prev === undefined ? new Map() : new Map(prev.userProperties)
  let systemProperties: SystemProperties | undefined = prev === undefined ? undefined : prev.systemProperties
  const extInfo: Map<string, string> = prev === undefined ? new Map() : new Map(prev.extInfo)
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 26:
        tag = r.string(end)
        break
      case 34:
        key = r.string(end)
        break
      case 42:
        body = r.bytesField(end)
        break
      case 50: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        userProperties.set(key, item)
        break
      }
      case 58:
        systemProperties = readSystemProperties(r, r.enter(end), systemProperties)
        break
      case 66: {
        const stop = r.enter(end)
        let key = ''
        let item: string = ''
        while (r.pos < stop) {
          const entry = r.tag(stop)
          if (entry === 10) key = r.string(stop)
          else if (entry === 18) item = r.string(stop)
          else r.skip(entry, stop)
        }
        extInfo.set(key, item)
        break
      }
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, tag, key, body, userProperties, systemProperties, extInfo }
}

export function encodeAdminSendMessageRequest(value: AdminSendMessageRequestInit): Uint8Array {
  try {
    writeAdminSendMessageRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AdminSendMessageRequest. Bytes fields are views of the input. */
export function decodeAdminSendMessageRequest(bytes: Uint8Array): AdminSendMessageRequest {
  return readAdminSendMessageRequest(new Reader(bytes), bytes.length)
}

// ── AdminSendMessageResponse ──

export interface AdminSendMessageResponse {
  readonly status: Status | undefined
  readonly messageId: string
}

/** What {@link encodeAdminSendMessageResponse} takes: an absent field is not written. */
export interface AdminSendMessageResponseInit {
  readonly status?: StatusInit | undefined
  readonly messageId?: string | undefined
}

export function writeAdminSendMessageResponse(w: Writer, value: AdminSendMessageResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readAdminSendMessageResponse(r: Reader, end: number, prev?: AdminSendMessageResponse): AdminSendMessageResponse {
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

export function encodeAdminSendMessageResponse(value: AdminSendMessageResponseInit): Uint8Array {
  try {
    writeAdminSendMessageResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no AdminSendMessageResponse. Bytes fields are views of the input. */
export function decodeAdminSendMessageResponse(bytes: Uint8Array): AdminSendMessageResponse {
  return readAdminSendMessageResponse(new Reader(bytes), bytes.length)
}

// ── GetConsumerRunningInfoRequest ──

export interface GetConsumerRunningInfoRequest {
  readonly deploymentName: string | undefined
  readonly group: Resource | undefined
  readonly clientId: string
}

/** What {@link encodeGetConsumerRunningInfoRequest} takes: an absent field is not written. */
export interface GetConsumerRunningInfoRequestInit {
  readonly deploymentName?: string | undefined
  readonly group?: ResourceInit | undefined
  readonly clientId?: string | undefined
}

export function writeGetConsumerRunningInfoRequest(w: Writer, value: GetConsumerRunningInfoRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.group !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.group)
    w.end(mark)
  }
  if (value.clientId !== undefined && value.clientId !== '') w.string(26, value.clientId)
}

export function readGetConsumerRunningInfoRequest(r: Reader, end: number, prev?: GetConsumerRunningInfoRequest): GetConsumerRunningInfoRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let clientId: string = prev === undefined ? '' : prev.clientId
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        clientId = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, group, clientId }
}

export function encodeGetConsumerRunningInfoRequest(value: GetConsumerRunningInfoRequestInit): Uint8Array {
  try {
    writeGetConsumerRunningInfoRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetConsumerRunningInfoRequest. Bytes fields are views of the input. */
export function decodeGetConsumerRunningInfoRequest(bytes: Uint8Array): GetConsumerRunningInfoRequest {
  return readGetConsumerRunningInfoRequest(new Reader(bytes), bytes.length)
}

// ── GetConsumerRunningInfoResponse ──

export interface GetConsumerRunningInfoResponse {
  readonly status: Status | undefined
  readonly consumerRunningInfo: ConsumerRunningInfo | undefined
}

/** What {@link encodeGetConsumerRunningInfoResponse} takes: an absent field is not written. */
export interface GetConsumerRunningInfoResponseInit {
  readonly status?: StatusInit | undefined
  readonly consumerRunningInfo?: ConsumerRunningInfoInit | undefined
}

export function writeGetConsumerRunningInfoResponse(w: Writer, value: GetConsumerRunningInfoResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.consumerRunningInfo !== undefined) {
    const mark = w.begin(18)
    writeConsumerRunningInfo(w, value.consumerRunningInfo)
    w.end(mark)
  }
}

export function readGetConsumerRunningInfoResponse(r: Reader, end: number, prev?: GetConsumerRunningInfoResponse): GetConsumerRunningInfoResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let consumerRunningInfo: ConsumerRunningInfo | undefined = prev === undefined ? undefined : prev.consumerRunningInfo
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        consumerRunningInfo = readConsumerRunningInfo(r, r.enter(end), consumerRunningInfo)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, consumerRunningInfo }
}

export function encodeGetConsumerRunningInfoResponse(value: GetConsumerRunningInfoResponseInit): Uint8Array {
  try {
    writeGetConsumerRunningInfoResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetConsumerRunningInfoResponse. Bytes fields are views of the input. */
export function decodeGetConsumerRunningInfoResponse(bytes: Uint8Array): GetConsumerRunningInfoResponse {
  return readGetConsumerRunningInfoResponse(new Reader(bytes), bytes.length)
}

// ── GetTopicRouteRequest ──

export interface GetTopicRouteRequest {
  readonly deploymentName: string | undefined
  readonly topic: Resource | undefined
  readonly networkType: GetTopicRouteRequestNetworkType | number
  readonly protocolType: string
  readonly streamRequestType: boolean
  readonly clientAddress: string
}

/** What {@link encodeGetTopicRouteRequest} takes: an absent field is not written. */
export interface GetTopicRouteRequestInit {
  readonly deploymentName?: string | undefined
  readonly topic?: ResourceInit | undefined
  readonly networkType?: GetTopicRouteRequestNetworkType | number | undefined
  readonly protocolType?: string | undefined
  readonly streamRequestType?: boolean | undefined
  readonly clientAddress?: string | undefined
}

export function writeGetTopicRouteRequest(w: Writer, value: GetTopicRouteRequestInit): void {
  if (value.deploymentName !== undefined) w.string(10, value.deploymentName)
  if (value.topic !== undefined) {
    const mark = w.begin(18)
    writeResource(w, value.topic)
    w.end(mark)
  }
  if (value.networkType !== undefined && getTopicRouteRequestNetworkTypeNumber(value.networkType) !== 0) w.int32(24, getTopicRouteRequestNetworkTypeNumber(value.networkType))
  if (value.protocolType !== undefined && value.protocolType !== '') w.string(34, value.protocolType)
  if (value.streamRequestType !== undefined && value.streamRequestType) w.bool(40, value.streamRequestType)
  if (value.clientAddress !== undefined && value.clientAddress !== '') w.string(50, value.clientAddress)
}

export function readGetTopicRouteRequest(r: Reader, end: number, prev?: GetTopicRouteRequest): GetTopicRouteRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let networkType: GetTopicRouteRequestNetworkType | number = prev === undefined ? getTopicRouteRequestNetworkTypeName(0) : prev.networkType
  let protocolType: string = prev === undefined ? '' : prev.protocolType
  let streamRequestType: boolean = prev === undefined ? false : prev.streamRequestType
  let clientAddress: string = prev === undefined ? '' : prev.clientAddress
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      case 24:
        networkType = getTopicRouteRequestNetworkTypeName(r.int32(end))
        break
      case 34:
        protocolType = r.string(end)
        break
      case 40:
        streamRequestType = r.bool(end)
        break
      case 50:
        clientAddress = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { deploymentName, topic, networkType, protocolType, streamRequestType, clientAddress }
}

export function encodeGetTopicRouteRequest(value: GetTopicRouteRequestInit): Uint8Array {
  try {
    writeGetTopicRouteRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetTopicRouteRequest. Bytes fields are views of the input. */
export function decodeGetTopicRouteRequest(bytes: Uint8Array): GetTopicRouteRequest {
  return readGetTopicRouteRequest(new Reader(bytes), bytes.length)
}

// ── GetTopicRouteResponse ──

export interface GetTopicRouteResponse {
  readonly status: Status | undefined
  readonly topicRouteData: string
}

/** What {@link encodeGetTopicRouteResponse} takes: an absent field is not written. */
export interface GetTopicRouteResponseInit {
  readonly status?: StatusInit | undefined
  readonly topicRouteData?: string | undefined
}

export function writeGetTopicRouteResponse(w: Writer, value: GetTopicRouteResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.topicRouteData !== undefined && value.topicRouteData !== '') w.string(18, value.topicRouteData)
}

export function readGetTopicRouteResponse(r: Reader, end: number, prev?: GetTopicRouteResponse): GetTopicRouteResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let topicRouteData: string = prev === undefined ? '' : prev.topicRouteData
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        topicRouteData = r.string(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, topicRouteData }
}

export function encodeGetTopicRouteResponse(value: GetTopicRouteResponseInit): Uint8Array {
  try {
    writeGetTopicRouteResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetTopicRouteResponse. Bytes fields are views of the input. */
export function decodeGetTopicRouteResponse(bytes: Uint8Array): GetTopicRouteResponse {
  return readGetTopicRouteResponse(new Reader(bytes), bytes.length)
}

// ── GetProxyRuntimeStatsRequest ──

export type GetProxyRuntimeStatsRequest = Readonly<Record<never, never>>

/** What {@link encodeGetProxyRuntimeStatsRequest} takes: an absent field is not written. */
export type GetProxyRuntimeStatsRequestInit = Readonly<Record<never, never>>

export function writeGetProxyRuntimeStatsRequest(_w: Writer, _value: GetProxyRuntimeStatsRequestInit): void {

}

export function readGetProxyRuntimeStatsRequest(r: Reader, end: number, _prev?: GetProxyRuntimeStatsRequest): GetProxyRuntimeStatsRequest {
  while (r.pos < end) {
    const field = r.tag(end)
    r.skip(field, end)
  }
  return {}
}

export function encodeGetProxyRuntimeStatsRequest(value: GetProxyRuntimeStatsRequestInit): Uint8Array {
  try {
    writeGetProxyRuntimeStatsRequest(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetProxyRuntimeStatsRequest. Bytes fields are views of the input. */
export function decodeGetProxyRuntimeStatsRequest(bytes: Uint8Array): GetProxyRuntimeStatsRequest {
  return readGetProxyRuntimeStatsRequest(new Reader(bytes), bytes.length)
}

// ── GetProxyRuntimeStatsResponse ──

export interface GetProxyRuntimeStatsResponse {
  readonly status: Status | undefined
  readonly proxyName: string
  readonly version: string
  readonly inTps: number
  readonly outTps: number
  readonly connections: bigint
  readonly producers: bigint
  readonly consumers: bigint
}

/** What {@link encodeGetProxyRuntimeStatsResponse} takes: an absent field is not written. */
export interface GetProxyRuntimeStatsResponseInit {
  readonly status?: StatusInit | undefined
  readonly proxyName?: string | undefined
  readonly version?: string | undefined
  readonly inTps?: number | undefined
  readonly outTps?: number | undefined
  readonly connections?: bigint | undefined
  readonly producers?: bigint | undefined
  readonly consumers?: bigint | undefined
}

export function writeGetProxyRuntimeStatsResponse(w: Writer, value: GetProxyRuntimeStatsResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10)
    writeStatus(w, value.status)
    w.end(mark)
  }
  if (value.proxyName !== undefined && value.proxyName !== '') w.string(18, value.proxyName)
  if (value.version !== undefined && value.version !== '') w.string(26, value.version)
  if (value.inTps !== undefined && !Object.is(value.inTps, 0)) w.double(33, value.inTps)
  if (value.outTps !== undefined && !Object.is(value.outTps, 0)) w.double(41, value.outTps)
  if (value.connections !== undefined && value.connections !== 0n) w.int64(48, value.connections)
  if (value.producers !== undefined && value.producers !== 0n) w.int64(56, value.producers)
  if (value.consumers !== undefined && value.consumers !== 0n) w.int64(64, value.consumers)
}

export function readGetProxyRuntimeStatsResponse(r: Reader, end: number, prev?: GetProxyRuntimeStatsResponse): GetProxyRuntimeStatsResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let proxyName: string = prev === undefined ? '' : prev.proxyName
  let version: string = prev === undefined ? '' : prev.version
  let inTps: number = prev === undefined ? 0 : prev.inTps
  let outTps: number = prev === undefined ? 0 : prev.outTps
  let connections: bigint = prev === undefined ? 0n : prev.connections
  let producers: bigint = prev === undefined ? 0n : prev.producers
  let consumers: bigint = prev === undefined ? 0n : prev.consumers
  while (r.pos < end) {
    const field = r.tag(end)
    switch (field) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        proxyName = r.string(end)
        break
      case 26:
        version = r.string(end)
        break
      case 33:
        inTps = r.double(end)
        break
      case 41:
        outTps = r.double(end)
        break
      case 48:
        connections = r.int64(end)
        break
      case 56:
        producers = r.int64(end)
        break
      case 64:
        consumers = r.int64(end)
        break
      default:
        r.skip(field, end)
    }
  }
  return { status, proxyName, version, inTps, outTps, connections, producers, consumers }
}

export function encodeGetProxyRuntimeStatsResponse(value: GetProxyRuntimeStatsResponseInit): Uint8Array {
  try {
    writeGetProxyRuntimeStatsResponse(shared, value)
    return shared.finish()
  } catch (error) {
    shared.discard()
    throw error
  }
}

/** @throws {WireError} when the bytes are no GetProxyRuntimeStatsResponse. Bytes fields are views of the input. */
export function decodeGetProxyRuntimeStatsResponse(bytes: Uint8Array): GetProxyRuntimeStatsResponse {
  return readGetProxyRuntimeStatsResponse(new Reader(bytes), bytes.length)
}
