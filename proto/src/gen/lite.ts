// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type LiteSubscriptionAction, liteSubscriptionActionName, liteSubscriptionActionNumber, type OffsetOptionPolicy, offsetOptionPolicyName, offsetOptionPolicyNumber } from './enums.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'

// ── OffsetOption ──

/** Where a lite consumer starts. */
export interface OffsetOption {
  readonly offsetType:
    | { readonly case: 'policy'; readonly value: OffsetOptionPolicy | number }
    | { readonly case: 'offset'; readonly value: bigint }
    | { readonly case: 'tailN'; readonly value: bigint }
    | { readonly case: 'timestamp'; readonly value: bigint }
    | undefined
}

/** What {@link encodeOffsetOption} takes: an absent field is not written. */
export interface OffsetOptionInit {
  readonly offsetType?:
    | { readonly case: 'policy'; readonly value: OffsetOptionPolicy | number }
    | { readonly case: 'offset'; readonly value: bigint }
    | { readonly case: 'tailN'; readonly value: bigint }
    | { readonly case: 'timestamp'; readonly value: bigint }
    | undefined
}

export function writeOffsetOption(w: Writer, value: OffsetOptionInit): void {
  switch (value.offsetType?.case) {
    case 'policy':
      w.int32(8, offsetOptionPolicyNumber(value.offsetType.value))
      break
    case 'offset':
      w.int64(16, value.offsetType.value)
      break
    case 'tailN':
      w.int64(24, value.offsetType.value)
      break
    case 'timestamp':
      w.int64(32, value.offsetType.value)
      break
  }
}

export function readOffsetOption(r: Reader, end: number, prev?: OffsetOption): OffsetOption {
  let offsetType: OffsetOption['offsetType'] = prev === undefined ? undefined : prev.offsetType
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        offsetType = { case: 'policy', value: offsetOptionPolicyName(r.int32(end)) }
        break
      case 16:
        offsetType = { case: 'offset', value: r.int64(end) }
        break
      case 24:
        offsetType = { case: 'tailN', value: r.int64(end) }
        break
      case 32:
        offsetType = { case: 'timestamp', value: r.int64(end) }
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { offsetType }
}

export function encodeOffsetOption(value: OffsetOptionInit): Uint8Array {
  const w = lend()
  try {
    writeOffsetOption(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no OffsetOption. Bytes fields are views of the input. */
export function decodeOffsetOption(bytes: Uint8Array): OffsetOption {
  return readOffsetOption(new Reader(bytes), bytes.length)
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
  if (value.action !== undefined) {
    const action = liteSubscriptionActionNumber(value.action)
    if (action !== 0) w.int32(8, action)
  }
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
  if (value.liteTopicSet !== undefined) for (const item of value.liteTopicSet) w.string(34, item)
  if (value.version !== undefined) w.int64(40, value.version)
  if (value.offsetOption !== undefined) {
    const mark = w.begin(50, 1)
    writeOffsetOption(w, value.offsetOption)
    w.end(mark, 1)
  }
}

export function readSyncLiteSubscriptionRequest(r: Reader, end: number, prev?: SyncLiteSubscriptionRequest): SyncLiteSubscriptionRequest {
  let action: LiteSubscriptionAction | number = prev === undefined ? liteSubscriptionActionName(0) : prev.action
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  const liteTopicSet: string[] = prev === undefined ? [] : (prev.liteTopicSet as string[])
  let version: bigint | undefined = prev === undefined ? undefined : prev.version
  let offsetOption: OffsetOption | undefined = prev === undefined ? undefined : prev.offsetOption
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { action, topic, group, liteTopicSet, version, offsetOption }
}

export function encodeSyncLiteSubscriptionRequest(value: SyncLiteSubscriptionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeSyncLiteSubscriptionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readSyncLiteSubscriptionResponse(r: Reader, end: number, prev?: SyncLiteSubscriptionResponse): SyncLiteSubscriptionResponse {
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

export function encodeSyncLiteSubscriptionResponse(value: SyncLiteSubscriptionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeSyncLiteSubscriptionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no SyncLiteSubscriptionResponse. Bytes fields are views of the input. */
export function decodeSyncLiteSubscriptionResponse(bytes: Uint8Array): SyncLiteSubscriptionResponse {
  return readSyncLiteSubscriptionResponse(new Reader(bytes), bytes.length)
}
