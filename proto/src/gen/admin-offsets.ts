// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type MessageQueue, type MessageQueueInit, readMessageQueue, writeMessageQueue } from './routing.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'
import { type Duration, type DurationInit, readDuration, writeDuration, type Timestamp, type TimestampInit, readTimestamp, writeTimestamp } from './time.ts'

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
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topics !== undefined) {
    for (const item of value.topics) {
      const mark = w.begin(26, 1)
      writeResource(w, item)
      w.end(mark, 1)
    }
  }
  if (value.liteTopic !== undefined) w.string(34, value.liteTopic)
}

export function readDescribeGroupAccumulationRequest(r: Reader, end: number, prev?: DescribeGroupAccumulationRequest): DescribeGroupAccumulationRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const topics: Resource[] = prev === undefined ? [] : (prev.topics as Resource[])
  let liteTopic: string | undefined = prev === undefined ? undefined : prev.liteTopic
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, group, topics, liteTopic }
}

export function encodeDescribeGroupAccumulationRequest(value: DescribeGroupAccumulationRequestInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeGroupAccumulationRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.accumulation !== undefined) {
    const mark = w.begin(18, 1)
    writeDescribeGroupAccumulationResponseGroupAccumulation(w, value.accumulation)
    w.end(mark, 1)
  }
  if (value.topicAccumulation !== undefined) {
    for (const [key, item] of value.topicAccumulation) {
      const entry = w.begin(26, 1)
      w.string(10, key)
      const mark = w.begin(18, 1)
      writeDescribeGroupAccumulationResponseGroupAccumulation(w, item)
      w.end(mark, 1)
      w.end(entry, 1)
    }
  }
  if (value.liteTopicAccumulation !== undefined) {
    for (const [key, item] of value.liteTopicAccumulation) {
      const entry = w.begin(34, 1)
      w.string(10, key)
      const mark = w.begin(18, 1)
      writeDescribeGroupAccumulationResponseGroupAccumulation(w, item)
      w.end(mark, 1)
      w.end(entry, 1)
    }
  }
}

export function readDescribeGroupAccumulationResponse(r: Reader, end: number, prev?: DescribeGroupAccumulationResponse): DescribeGroupAccumulationResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let accumulation: DescribeGroupAccumulationResponseGroupAccumulation | undefined = prev === undefined ? undefined : prev.accumulation
  const topicAccumulation: Map<string, DescribeGroupAccumulationResponseGroupAccumulation> = prev === undefined ? new Map() : (prev.topicAccumulation as Map<string, DescribeGroupAccumulationResponseGroupAccumulation>)
  const liteTopicAccumulation: Map<string, DescribeGroupAccumulationResponseGroupAccumulation> = prev === undefined ? new Map() : (prev.liteTopicAccumulation as Map<string, DescribeGroupAccumulationResponseGroupAccumulation>)
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { status, accumulation, topicAccumulation, liteTopicAccumulation }
}

export function encodeDescribeGroupAccumulationResponse(value: DescribeGroupAccumulationResponseInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeGroupAccumulationResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(34, 1)
    writeDuration(w, value.deliverDelayTime)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { inflightMessages, readyMessages, accumulation, deliverDelayTime, lastConsumeTimestamp }
}

export function encodeDescribeGroupAccumulationResponseGroupAccumulation(value: DescribeGroupAccumulationResponseGroupAccumulationInit): Uint8Array {
  const w = lend()
  try {
    writeDescribeGroupAccumulationResponseGroupAccumulation(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topics !== undefined) {
    for (const item of value.topics) {
      const mark = w.begin(26, 1)
      writeResource(w, item)
      w.end(mark, 1)
    }
  }
}

export function readQueryTimeSpanRequest(r: Reader, end: number, prev?: QueryTimeSpanRequest): QueryTimeSpanRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const topics: Resource[] = prev === undefined ? [] : (prev.topics as Resource[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, group, topics }
}

export function encodeQueryTimeSpanRequest(value: QueryTimeSpanRequestInit): Uint8Array {
  const w = lend()
  try {
    writeQueryTimeSpanRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.queueTimeSpanList !== undefined) {
    for (const item of value.queueTimeSpanList) {
      const mark = w.begin(18, 1)
      writeQueryTimeSpanResponseQueueTimeSpan(w, item)
      w.end(mark, 1)
    }
  }
}

export function readQueryTimeSpanResponse(r: Reader, end: number, prev?: QueryTimeSpanResponse): QueryTimeSpanResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const queueTimeSpanList: QueryTimeSpanResponseQueueTimeSpan[] = prev === undefined ? [] : (prev.queueTimeSpanList as QueryTimeSpanResponseQueueTimeSpan[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        queueTimeSpanList.push(readQueryTimeSpanResponseQueueTimeSpan(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, queueTimeSpanList }
}

export function encodeQueryTimeSpanResponse(value: QueryTimeSpanResponseInit): Uint8Array {
  const w = lend()
  try {
    writeQueryTimeSpanResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { messageQueue, minTimestamp, maxTimestamp, consumeTimestamp, delayTimeMs }
}

export function encodeQueryTimeSpanResponseQueueTimeSpan(value: QueryTimeSpanResponseQueueTimeSpanInit): Uint8Array {
  const w = lend()
  try {
    writeQueryTimeSpanResponseQueueTimeSpan(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryTimeSpanResponseQueueTimeSpan. Bytes fields are views of the input. */
export function decodeQueryTimeSpanResponseQueueTimeSpan(bytes: Uint8Array): QueryTimeSpanResponseQueueTimeSpan {
  return readQueryTimeSpanResponseQueueTimeSpan(new Reader(bytes), bytes.length)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(26, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.resetTimestamp !== undefined) {
    const mark = w.begin(34, 1)
    writeTimestamp(w, value.resetTimestamp)
    w.end(mark, 1)
  }
}

export function readResetGroupOffsetRequest(r: Reader, end: number, prev?: ResetGroupOffsetRequest): ResetGroupOffsetRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let resetTimestamp: Timestamp | undefined = prev === undefined ? undefined : prev.resetTimestamp
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, group, topic, resetTimestamp }
}

export function encodeResetGroupOffsetRequest(value: ResetGroupOffsetRequestInit): Uint8Array {
  const w = lend()
  try {
    writeResetGroupOffsetRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readResetGroupOffsetResponse(r: Reader, end: number, prev?: ResetGroupOffsetResponse): ResetGroupOffsetResponse {
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

export function encodeResetGroupOffsetResponse(value: ResetGroupOffsetResponseInit): Uint8Array {
  const w = lend()
  try {
    writeResetGroupOffsetResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ResetGroupOffsetResponse. Bytes fields are views of the input. */
export function decodeResetGroupOffsetResponse(bytes: Uint8Array): ResetGroupOffsetResponse {
  return readResetGroupOffsetResponse(new Reader(bytes), bytes.length)
}
