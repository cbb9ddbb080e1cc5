// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type GetTopicRouteRequestNetworkType, getTopicRouteRequestNetworkTypeName, getTopicRouteRequestNetworkTypeNumber, type MessageType, messageTypeName, messageTypeNumber } from './enums.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

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
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
}

export function readDescribeTopicStatusRequest(r: Reader, end: number, prev?: DescribeTopicStatusRequest): DescribeTopicStatusRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        deploymentName = r.string(end)
        break
      case 18:
        topic = readResource(r, r.enter(end), topic)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic }
}

export function encodeDescribeTopicStatusRequest(value: DescribeTopicStatusRequestInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeTopicStatusRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.topicMessageType !== undefined) {
    const topicMessageType = messageTypeNumber(value.topicMessageType)
    if (topicMessageType !== 0) w.int32(16, topicMessageType)
  }
  if (value.description !== undefined) w.string(26, value.description)
  if (value.createTimestamp !== undefined) {
    const mark = w.begin(34, 1)
    writeTimestamp(w, value.createTimestamp)
    w.end(mark, 1)
  }
  if (value.tags !== undefined) {
    for (const [key, item] of value.tags) {
      const entry = w.begin(42, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
    }
  }
}

export function readDescribeTopicStatusResponse(r: Reader, end: number, prev?: DescribeTopicStatusResponse): DescribeTopicStatusResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let topicMessageType: MessageType | number = prev === undefined ? messageTypeName(0) : prev.topicMessageType
  let description: string | undefined = prev === undefined ? undefined : prev.description
  let createTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.createTimestamp
  const tags: Map<string, string> = prev === undefined ? new Map() : (prev.tags as Map<string, string>)
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { status, topicMessageType, description, createTimestamp, tags }
}

export function encodeDescribeTopicStatusResponse(value: DescribeTopicStatusResponseInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeTopicStatusResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no DescribeTopicStatusResponse. Bytes fields are views of the input. */
export function decodeDescribeTopicStatusResponse(bytes: Uint8Array): DescribeTopicStatusResponse {
  return readDescribeTopicStatusResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.networkType !== undefined) {
    const networkType = getTopicRouteRequestNetworkTypeNumber(value.networkType)
    if (networkType !== 0) w.int32(24, networkType)
  }
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, topic, networkType, protocolType, streamRequestType, clientAddress }
}

export function encodeGetTopicRouteRequest(value: GetTopicRouteRequestInit): Uint8Array {
  const w = lend()
  try {
    writeGetTopicRouteRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.topicRouteData !== undefined && value.topicRouteData !== '') w.string(18, value.topicRouteData)
}

export function readGetTopicRouteResponse(r: Reader, end: number, prev?: GetTopicRouteResponse): GetTopicRouteResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let topicRouteData: string = prev === undefined ? '' : prev.topicRouteData
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        topicRouteData = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, topicRouteData }
}

export function encodeGetTopicRouteResponse(value: GetTopicRouteResponseInit): Uint8Array {
  const w = lend()
  try {
    writeGetTopicRouteResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    r.skip(fieldTag, end)
  }
  return {}
}

export function encodeGetProxyRuntimeStatsRequest(value: GetProxyRuntimeStatsRequestInit): Uint8Array {
  const w = lend()
  try {
    writeGetProxyRuntimeStatsRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { status, proxyName, version, inTps, outTps, connections, producers, consumers }
}

export function encodeGetProxyRuntimeStatsResponse(value: GetProxyRuntimeStatsResponseInit): Uint8Array {
  const w = lend()
  try {
    writeGetProxyRuntimeStatsResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no GetProxyRuntimeStatsResponse. Bytes fields are views of the input. */
export function decodeGetProxyRuntimeStatsResponse(bytes: Uint8Array): GetProxyRuntimeStatsResponse {
  return readGetProxyRuntimeStatsResponse(new Reader(bytes), bytes.length)
}
