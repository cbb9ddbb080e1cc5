// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type TransactionResolution, transactionResolutionName, transactionResolutionNumber, type TransactionSource, transactionSourceName, transactionSourceNumber } from './enums.ts'
import { type Message, type MessageInit, readMessage, writeMessage, messageRoom } from './message.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'

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
      const room = messageRoom(item)
      const mark = w.begin(10, room)
      writeMessage(w, item)
      w.end(mark, room)
    }
  }
}

export function readSendMessageRequest(r: Reader, end: number, prev?: SendMessageRequest): SendMessageRequest {
  const messages: Message[] = prev === undefined ? [] : (prev.messages as Message[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        messages.push(readMessage(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { messages }
}

export function encodeSendMessageRequest(value: SendMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeSendMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { status, messageId, transactionId, offset, recallHandle }
}

export function encodeSendResultEntry(value: SendResultEntryInit): Uint8Array {
  const w = lend()
  try {
    writeSendResultEntry(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.entries !== undefined) {
    for (const item of value.entries) {
      const mark = w.begin(18, 1)
      writeSendResultEntry(w, item)
      w.end(mark, 1)
    }
  }
}

export function readSendMessageResponse(r: Reader, end: number, prev?: SendMessageResponse): SendMessageResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const entries: SendResultEntry[] = prev === undefined ? [] : (prev.entries as SendResultEntry[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        entries.push(readSendResultEntry(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, entries }
}

export function encodeSendMessageResponse(value: SendMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeSendMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no SendMessageResponse. Bytes fields are views of the input. */
export function decodeSendMessageResponse(bytes: Uint8Array): SendMessageResponse {
  return readSendMessageResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
  if (value.transactionId !== undefined && value.transactionId !== '') w.string(26, value.transactionId)
  if (value.resolution !== undefined) {
    const resolution = transactionResolutionNumber(value.resolution)
    if (resolution !== 0) w.int32(32, resolution)
  }
  if (value.source !== undefined) {
    const source = transactionSourceNumber(value.source)
    if (source !== 0) w.int32(40, source)
  }
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
    const fieldTag = r.tag(end)
    switch (fieldTag) {
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
        r.skip(fieldTag, end)
    }
  }
  return { topic, messageId, transactionId, resolution, source, traceContext }
}

export function encodeEndTransactionRequest(value: EndTransactionRequestInit): Uint8Array {
  const w = lend()
  try {
    writeEndTransactionRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readEndTransactionResponse(r: Reader, end: number, prev?: EndTransactionResponse): EndTransactionResponse {
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

export function encodeEndTransactionResponse(value: EndTransactionResponseInit): Uint8Array {
  const w = lend()
  try {
    writeEndTransactionResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no EndTransactionResponse. Bytes fields are views of the input. */
export function decodeEndTransactionResponse(bytes: Uint8Array): EndTransactionResponse {
  return readEndTransactionResponse(new Reader(bytes), bytes.length)
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
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.recallHandle !== undefined && value.recallHandle !== '') w.string(18, value.recallHandle)
}

export function readRecallMessageRequest(r: Reader, end: number, prev?: RecallMessageRequest): RecallMessageRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let recallHandle: string = prev === undefined ? '' : prev.recallHandle
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        recallHandle = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, recallHandle }
}

export function encodeRecallMessageRequest(value: RecallMessageRequestInit): Uint8Array {
  const w = lend()
  try {
    writeRecallMessageRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
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
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.messageId !== undefined && value.messageId !== '') w.string(18, value.messageId)
}

export function readRecallMessageResponse(r: Reader, end: number, prev?: RecallMessageResponse): RecallMessageResponse {
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

export function encodeRecallMessageResponse(value: RecallMessageResponseInit): Uint8Array {
  const w = lend()
  try {
    writeRecallMessageResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no RecallMessageResponse. Bytes fields are views of the input. */
export function decodeRecallMessageResponse(bytes: Uint8Array): RecallMessageResponse {
  return readRecallMessageResponse(new Reader(bytes), bytes.length)
}
