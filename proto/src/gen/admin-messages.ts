// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type Message, type MessageInit, readMessage, writeMessage, type SystemProperties, type SystemPropertiesInit, readSystemProperties, writeSystemProperties, messageRoom, systemPropertiesRoom } from './message.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

const NO_BYTES = new Uint8Array(0)

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
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.maxMessageNums !== undefined && value.maxMessageNums !== 0) w.int32(24, value.maxMessageNums)
  if (value.beginTimestamp !== undefined) {
    const mark = w.begin(34, 1)
    writeTimestamp(w, value.beginTimestamp)
    w.end(mark, 1)
  }
  if (value.endTimestamp !== undefined) {
    const mark = w.begin(42, 1)
    writeTimestamp(w, value.endTimestamp)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
      case 114:
        searchKey = { case: 'liteTopic', value: r.string(end) }
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
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, maxMessageNums, beginTimestamp, endTimestamp, searchKey, scrollId, pageNum, pageSize, brokerName, queueId }
}

export function encodeListMessageRequest(value: ListMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeListMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.messages !== undefined) {
    for (const item of value.messages) {
      const room = messageRoom(item)
      const mark = w.begin(18, room)
      writeMessage(w, item)
      w.end(mark, room)
    }
  }
  if (value.scrollId !== undefined && value.scrollId !== '') w.string(26, value.scrollId)
}

export function readListMessageResponse(r: Reader, end: number, prev?: ListMessageResponse): ListMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const messages: Message[] = prev === undefined ? [] : (prev.messages as Message[])
  let scrollId: string = prev === undefined ? '' : prev.scrollId
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { status, messages, scrollId }
}

export function encodeListMessageResponse(value: ListMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeListMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ListMessageResponse. Bytes fields are views of the input. */
export function decodeListMessageResponse(bytes: Uint8Array): ListMessageResponse {
  return readListMessageResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(26, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(34, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, clientId, group, topic, messageId }
}

export function encodeVerifyMessageRequest(value: VerifyMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeVerifyMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readVerifyMessageResponse(r: Reader, end: number, prev?: VerifyMessageResponse): VerifyMessageResponse {
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

export function encodeVerifyMessageResponse(value: VerifyMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeVerifyMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.tag !== undefined) w.string(26, value.tag)
  if (value.key !== undefined) w.string(34, value.key)
  if (value.body !== undefined && value.body.length > 0) w.bytes(42, value.body)
  if (value.userProperties !== undefined) {
    for (const [key, item] of value.userProperties) {
      const entry = w.begin(50, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
    }
  }
  if (value.systemProperties !== undefined) {
    const room = systemPropertiesRoom.bytes
    const mark = w.begin(58, room)
    writeSystemProperties(w, value.systemProperties)
    systemPropertiesRoom.bytes = w.end(mark, room)
  }
  if (value.extInfo !== undefined) {
    for (const [key, item] of value.extInfo) {
      const entry = w.begin(66, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
    }
  }
}

export function readAdminSendMessageRequest(r: Reader, end: number, prev?: AdminSendMessageRequest): AdminSendMessageRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let tag: string | undefined = prev === undefined ? undefined : prev.tag
  let key: string | undefined = prev === undefined ? undefined : prev.key
  let body: Uint8Array = prev === undefined ? NO_BYTES : prev.body
  const userProperties: Map<string, string> = prev === undefined ? new Map() : (prev.userProperties as Map<string, string>)
  let systemProperties: SystemProperties | undefined = prev === undefined ? undefined : prev.systemProperties
  const extInfo: Map<string, string> = prev === undefined ? new Map() : (prev.extInfo as Map<string, string>)
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, tag, key, body, userProperties, systemProperties, extInfo }
}

export function encodeAdminSendMessageRequest(value: AdminSendMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeAdminSendMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readAdminSendMessageResponse(r: Reader, end: number, prev?: AdminSendMessageResponse): AdminSendMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let messageId: string = prev === undefined ? '' : prev.messageId
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messageId = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, messageId }
}

export function encodeAdminSendMessageResponse(value: AdminSendMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeAdminSendMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no AdminSendMessageResponse. Bytes fields are views of the input. */
export function decodeAdminSendMessageResponse(bytes: Uint8Array): AdminSendMessageResponse {
  return readAdminSendMessageResponse(new Reader(bytes), bytes.length)
}
