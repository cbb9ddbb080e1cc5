// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type ChangeLogLevelRequestLevel, changeLogLevelRequestLevelName, changeLogLevelRequestLevelNumber, type MessageModel, messageModelName, messageModelNumber } from './enums.ts'
import { type MessageQueue, type MessageQueueInit, readMessageQueue, writeMessageQueue } from './routing.ts'
import { type FilterExpression, type FilterExpressionInit, readFilterExpression, writeFilterExpression } from './settings.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'

// ── ChangeLogLevelRequest ──

export interface ChangeLogLevelRequest {
  readonly level: ChangeLogLevelRequestLevel | number
}

/** What {@link encodeChangeLogLevelRequest} takes: an absent field is not written. */
export interface ChangeLogLevelRequestInit {
  readonly level?: ChangeLogLevelRequestLevel | number | undefined
}

export function writeChangeLogLevelRequest(w: Writer, value: ChangeLogLevelRequestInit): void {
  if (value.level !== undefined) {
    const level = changeLogLevelRequestLevelNumber(value.level)
    if (level !== 0) w.int32(8, level)
  }
}

export function readChangeLogLevelRequest(r: Reader, end: number, prev?: ChangeLogLevelRequest): ChangeLogLevelRequest {
  let level: ChangeLogLevelRequestLevel | number = prev === undefined ? changeLogLevelRequestLevelName(0) : prev.level
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        level = changeLogLevelRequestLevelName(r.int32(end))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { level }
}

export function encodeChangeLogLevelRequest(value: ChangeLogLevelRequestInit): Uint8Array {
  const w = lend()
  try {
    writeChangeLogLevelRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        remark = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { remark }
}

export function encodeChangeLogLevelResponse(value: ChangeLogLevelResponseInit): Uint8Array {
  const w = lend()
  try {
    writeChangeLogLevelResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ChangeLogLevelResponse. Bytes fields are views of the input. */
export function decodeChangeLogLevelResponse(bytes: Uint8Array): ChangeLogLevelResponse {
  return readChangeLogLevelResponse(new Reader(bytes), bytes.length)
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
  if (value.messageModel !== undefined) {
    const messageModel = messageModelNumber(value.messageModel)
    if (messageModel !== 0) w.int32(48, messageModel)
  }
}

export function readClientInfo(r: Reader, end: number, prev?: ClientInfo): ClientInfo {
  let clientId: string = prev === undefined ? '' : prev.clientId
  let version: string = prev === undefined ? '' : prev.version
  let language: string = prev === undefined ? '' : prev.language
  let hostname: string = prev === undefined ? '' : prev.hostname
  let egressIp: string = prev === undefined ? '' : prev.egressIp
  let messageModel: MessageModel | number = prev === undefined ? messageModelName(0) : prev.messageModel
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { clientId, version, language, hostname, egressIp, messageModel }
}

export function encodeClientInfo(value: ClientInfoInit): Uint8Array {
  const w = lend()
  try {
    writeClientInfo(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
  if (value.processQueueInfo !== undefined) {
    const mark = w.begin(18, 1)
    writeProcessQueueInfo(w, value.processQueueInfo)
    w.end(mark, 1)
  }
}

export function readMessageQueueItem(r: Reader, end: number, prev?: MessageQueueItem): MessageQueueItem {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  let processQueueInfo: ProcessQueueInfo | undefined = prev === undefined ? undefined : prev.processQueueInfo
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      case 18:
        processQueueInfo = readProcessQueueInfo(r, r.enter(end), processQueueInfo)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { messageQueue, processQueueInfo }
}

export function encodeMessageQueueItem(value: MessageQueueItemInit): Uint8Array {
  const w = lend()
  try {
    writeMessageQueueItem(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { commitOffset, cachedMsgMinOffset, cachedMsgMaxOffset, cachedMsgCount, cachedMsgSizeInMib, transactionMsgMinOffset, transactionMsgMaxOffset, transactionMsgCount, locked, tryUnlockTimes, lastLockTimestamp, dropped, lastPullTimestamp, lastConsumeTimestamp }
}

export function encodeProcessQueueInfo(value: ProcessQueueInfoInit): Uint8Array {
  const w = lend()
  try {
    writeProcessQueueInfo(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { receiveRt, receiveTps, consumeRt, consumeOkTps, consumeFailedTps, consumeFailedMsgs }
}

export function encodeConsumeStatus(value: ConsumeStatusInit): Uint8Array {
  const w = lend()
  try {
    writeConsumeStatus(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
      const entry = w.begin(10, 1)
      w.string(10, key)
      w.string(18, item)
      w.end(entry, 1)
    }
  }
  if (value.subscriptions !== undefined) {
    for (const [key, item] of value.subscriptions) {
      const entry = w.begin(18, 1)
      w.string(10, key)
      const mark = w.begin(18, 1)
      writeFilterExpression(w, item)
      w.end(mark, 1)
      w.end(entry, 1)
    }
  }
  if (value.messageQueueTable !== undefined) {
    for (const item of value.messageQueueTable) {
      const mark = w.begin(26, 1)
      writeMessageQueueItem(w, item)
      w.end(mark, 1)
    }
  }
  if (value.consumeStatusTable !== undefined) {
    for (const [key, item] of value.consumeStatusTable) {
      const entry = w.begin(34, 1)
      w.string(10, key)
      const mark = w.begin(18, 1)
      writeConsumeStatus(w, item)
      w.end(mark, 1)
      w.end(entry, 1)
    }
  }
}

export function readConsumerRunningInfo(r: Reader, end: number, prev?: ConsumerRunningInfo): ConsumerRunningInfo {
  const properties: Map<string, string> = prev === undefined ? new Map() : (prev.properties as Map<string, string>)
  const subscriptions: Map<string, FilterExpression> = prev === undefined ? new Map() : (prev.subscriptions as Map<string, FilterExpression>)
  const messageQueueTable: MessageQueueItem[] = prev === undefined ? [] : (prev.messageQueueTable as MessageQueueItem[])
  const consumeStatusTable: Map<string, ConsumeStatus> = prev === undefined ? new Map() : (prev.consumeStatusTable as Map<string, ConsumeStatus>)
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { properties, subscriptions, messageQueueTable, consumeStatusTable }
}

export function encodeConsumerRunningInfo(value: ConsumerRunningInfoInit): Uint8Array {
  const w = lend()
  try {
    writeConsumerRunningInfo(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ConsumerRunningInfo. Bytes fields are views of the input. */
export function decodeConsumerRunningInfo(bytes: Uint8Array): ConsumerRunningInfo {
  return readConsumerRunningInfo(new Reader(bytes), bytes.length)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.topic !== undefined) {
    const mark = w.begin(26, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.liteTopic !== undefined) w.string(34, value.liteTopic)
}

export function readListConsumerConnectionRequest(r: Reader, end: number, prev?: ListConsumerConnectionRequest): ListConsumerConnectionRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
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
        topic = readResource(r, r.enter(end), topic)
        break
      case 34:
        liteTopic = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, group, topic, liteTopic }
}

export function encodeListConsumerConnectionRequest(value: ListConsumerConnectionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeListConsumerConnectionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.clientInfo !== undefined) {
    for (const item of value.clientInfo) {
      const mark = w.begin(18, 1)
      writeClientInfo(w, item)
      w.end(mark, 1)
    }
  }
}

export function readListConsumerConnectionResponse(r: Reader, end: number, prev?: ListConsumerConnectionResponse): ListConsumerConnectionResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const clientInfo: ClientInfo[] = prev === undefined ? [] : (prev.clientInfo as ClientInfo[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        clientInfo.push(readClientInfo(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, clientInfo }
}

export function encodeListConsumerConnectionResponse(value: ListConsumerConnectionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeListConsumerConnectionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ListConsumerConnectionResponse. Bytes fields are views of the input. */
export function decodeListConsumerConnectionResponse(bytes: Uint8Array): ListConsumerConnectionResponse {
  return readListConsumerConnectionResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(26, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
}

export function readPrintThreadStackTraceRequest(r: Reader, end: number, prev?: PrintThreadStackTraceRequest): PrintThreadStackTraceRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let clientId: string = prev === undefined ? '' : prev.clientId
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
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
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, clientId, group }
}

export function encodePrintThreadStackTraceRequest(value: PrintThreadStackTraceRequestInit): Uint8Array {
  const w = lend()
  try {
    writePrintThreadStackTraceRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.threadStackTrace !== undefined) w.string(18, value.threadStackTrace)
}

export function readPrintThreadStackTraceResponse(r: Reader, end: number, prev?: PrintThreadStackTraceResponse): PrintThreadStackTraceResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let threadStackTrace: string | undefined = prev === undefined ? undefined : prev.threadStackTrace
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        threadStackTrace = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, threadStackTrace }
}

export function encodePrintThreadStackTraceResponse(value: PrintThreadStackTraceResponseInit): Uint8Array {
  const w = lend()
  try {
    writePrintThreadStackTraceResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no PrintThreadStackTraceResponse. Bytes fields are views of the input. */
export function decodePrintThreadStackTraceResponse(bytes: Uint8Array): PrintThreadStackTraceResponse {
  return readPrintThreadStackTraceResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.clientId !== undefined && value.clientId !== '') w.string(26, value.clientId)
}

export function readGetConsumerRunningInfoRequest(r: Reader, end: number, prev?: GetConsumerRunningInfoRequest): GetConsumerRunningInfoRequest {
  let deploymentName: string | undefined = prev === undefined ? undefined : prev.deploymentName
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let clientId: string = prev === undefined ? '' : prev.clientId
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
        clientId = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { deploymentName, group, clientId }
}

export function encodeGetConsumerRunningInfoRequest(value: GetConsumerRunningInfoRequestInit): Uint8Array {
  const w = lend()
  try {
    writeGetConsumerRunningInfoRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.consumerRunningInfo !== undefined) {
    const mark = w.begin(18, 1)
    writeConsumerRunningInfo(w, value.consumerRunningInfo)
    w.end(mark, 1)
  }
}

export function readGetConsumerRunningInfoResponse(r: Reader, end: number, prev?: GetConsumerRunningInfoResponse): GetConsumerRunningInfoResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let consumerRunningInfo: ConsumerRunningInfo | undefined = prev === undefined ? undefined : prev.consumerRunningInfo
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        consumerRunningInfo = readConsumerRunningInfo(r, r.enter(end), consumerRunningInfo)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, consumerRunningInfo }
}

export function encodeGetConsumerRunningInfoResponse(value: GetConsumerRunningInfoResponseInit): Uint8Array {
  const w = lend()
  try {
    writeGetConsumerRunningInfoResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no GetConsumerRunningInfoResponse. Bytes fields are views of the input. */
export function decodeGetConsumerRunningInfoResponse(bytes: Uint8Array): GetConsumerRunningInfoResponse {
  return readGetConsumerRunningInfoResponse(new Reader(bytes), bytes.length)
}
