// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type ClientType, clientTypeName, clientTypeNumber } from './enums.ts'
import { type Message, type MessageInit, readMessage, writeMessage, messageRoom } from './message.ts'
import { type Settings, type SettingsInit, readSettings, writeSettings } from './settings.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'

// ── HeartbeatRequest ──

/** Shows that the client is alive. */
export interface HeartbeatRequest {
  readonly group: Resource | undefined
  readonly clientType: ClientType | number
}

/** What {@link encodeHeartbeatRequest} takes: an absent field is not written. */
export interface HeartbeatRequestInit {
  readonly group?: ResourceInit | undefined
  readonly clientType?: ClientType | number | undefined
}

export function writeHeartbeatRequest(w: Writer, value: HeartbeatRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.clientType !== undefined) {
    const clientType = clientTypeNumber(value.clientType)
    if (clientType !== 0) w.int32(16, clientType)
  }
}

export function readHeartbeatRequest(r: Reader, end: number, prev?: HeartbeatRequest): HeartbeatRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let clientType: ClientType | number = prev === undefined ? clientTypeName(0) : prev.clientType
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      case 16:
        clientType = clientTypeName(r.int32(end))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { group, clientType }
}

export function encodeHeartbeatRequest(value: HeartbeatRequestInit): Uint8Array {
  const w = lend()
  try {
    writeHeartbeatRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no HeartbeatRequest. Bytes fields are views of the input. */
export function decodeHeartbeatRequest(bytes: Uint8Array): HeartbeatRequest {
  return readHeartbeatRequest(new Reader(bytes), bytes.length)
}

// ── HeartbeatResponse ──

export interface HeartbeatResponse {
  readonly status: Status | undefined
}

/** What {@link encodeHeartbeatResponse} takes: an absent field is not written. */
export interface HeartbeatResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeHeartbeatResponse(w: Writer, value: HeartbeatResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readHeartbeatResponse(r: Reader, end: number, prev?: HeartbeatResponse): HeartbeatResponse {
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

export function encodeHeartbeatResponse(value: HeartbeatResponseInit): Uint8Array {
  const w = lend()
  try {
    writeHeartbeatResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no HeartbeatResponse. Bytes fields are views of the input. */
export function decodeHeartbeatResponse(bytes: Uint8Array): HeartbeatResponse {
  return readHeartbeatResponse(new Reader(bytes), bytes.length)
}

// ── PrintThreadStackTraceCommand ──

/** Asks a client what it is doing. */
export interface PrintThreadStackTraceCommand {
  readonly nonce: string
}

/** What {@link encodePrintThreadStackTraceCommand} takes: an absent field is not written. */
export interface PrintThreadStackTraceCommandInit {
  readonly nonce?: string | undefined
}

export function writePrintThreadStackTraceCommand(w: Writer, value: PrintThreadStackTraceCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readPrintThreadStackTraceCommand(r: Reader, end: number, prev?: PrintThreadStackTraceCommand): PrintThreadStackTraceCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { nonce }
}

export function encodePrintThreadStackTraceCommand(value: PrintThreadStackTraceCommandInit): Uint8Array {
  const w = lend()
  try {
    writePrintThreadStackTraceCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no PrintThreadStackTraceCommand. Bytes fields are views of the input. */
export function decodePrintThreadStackTraceCommand(bytes: Uint8Array): PrintThreadStackTraceCommand {
  return readPrintThreadStackTraceCommand(new Reader(bytes), bytes.length)
}

// ── ReconnectEndpointsCommand ──

/** Asks a client to dial again. */
export interface ReconnectEndpointsCommand {
  readonly nonce: string
}

/** What {@link encodeReconnectEndpointsCommand} takes: an absent field is not written. */
export interface ReconnectEndpointsCommandInit {
  readonly nonce?: string | undefined
}

export function writeReconnectEndpointsCommand(w: Writer, value: ReconnectEndpointsCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readReconnectEndpointsCommand(r: Reader, end: number, prev?: ReconnectEndpointsCommand): ReconnectEndpointsCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { nonce }
}

export function encodeReconnectEndpointsCommand(value: ReconnectEndpointsCommandInit): Uint8Array {
  const w = lend()
  try {
    writeReconnectEndpointsCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ReconnectEndpointsCommand. Bytes fields are views of the input. */
export function decodeReconnectEndpointsCommand(bytes: Uint8Array): ReconnectEndpointsCommand {
  return readReconnectEndpointsCommand(new Reader(bytes), bytes.length)
}

// ── ThreadStackTrace ──

export interface ThreadStackTrace {
  readonly nonce: string
  readonly threadStackTrace: string | undefined
}

/** What {@link encodeThreadStackTrace} takes: an absent field is not written. */
export interface ThreadStackTraceInit {
  readonly nonce?: string | undefined
  readonly threadStackTrace?: string | undefined
}

export function writeThreadStackTrace(w: Writer, value: ThreadStackTraceInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
  if (value.threadStackTrace !== undefined) w.string(18, value.threadStackTrace)
}

export function readThreadStackTrace(r: Reader, end: number, prev?: ThreadStackTrace): ThreadStackTrace {
  let nonce: string = prev === undefined ? '' : prev.nonce
  let threadStackTrace: string | undefined = prev === undefined ? undefined : prev.threadStackTrace
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        nonce = r.string(end)
        break
      case 18:
        threadStackTrace = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { nonce, threadStackTrace }
}

export function encodeThreadStackTrace(value: ThreadStackTraceInit): Uint8Array {
  const w = lend()
  try {
    writeThreadStackTrace(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no ThreadStackTrace. Bytes fields are views of the input. */
export function decodeThreadStackTrace(bytes: Uint8Array): ThreadStackTrace {
  return readThreadStackTrace(new Reader(bytes), bytes.length)
}

// ── VerifyMessageCommand ──

/** Asks a client to run its handler on this message. */
export interface VerifyMessageCommand {
  readonly nonce: string
  readonly message: Message | undefined
}

/** What {@link encodeVerifyMessageCommand} takes: an absent field is not written. */
export interface VerifyMessageCommandInit {
  readonly nonce?: string | undefined
  readonly message?: MessageInit | undefined
}

export function writeVerifyMessageCommand(w: Writer, value: VerifyMessageCommandInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
  if (value.message !== undefined) {
    const room = messageRoom(value.message)
    const mark = w.begin(18, room)
    writeMessage(w, value.message)
    w.end(mark, room)
  }
}

export function readVerifyMessageCommand(r: Reader, end: number, prev?: VerifyMessageCommand): VerifyMessageCommand {
  let nonce: string = prev === undefined ? '' : prev.nonce
  let message: Message | undefined = prev === undefined ? undefined : prev.message
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        nonce = r.string(end)
        break
      case 18:
        message = readMessage(r, r.enter(end), message)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { nonce, message }
}

export function encodeVerifyMessageCommand(value: VerifyMessageCommandInit): Uint8Array {
  const w = lend()
  try {
    writeVerifyMessageCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageCommand. Bytes fields are views of the input. */
export function decodeVerifyMessageCommand(bytes: Uint8Array): VerifyMessageCommand {
  return readVerifyMessageCommand(new Reader(bytes), bytes.length)
}

// ── VerifyMessageResult ──

export interface VerifyMessageResult {
  readonly nonce: string
}

/** What {@link encodeVerifyMessageResult} takes: an absent field is not written. */
export interface VerifyMessageResultInit {
  readonly nonce?: string | undefined
}

export function writeVerifyMessageResult(w: Writer, value: VerifyMessageResultInit): void {
  if (value.nonce !== undefined && value.nonce !== '') w.string(10, value.nonce)
}

export function readVerifyMessageResult(r: Reader, end: number, prev?: VerifyMessageResult): VerifyMessageResult {
  let nonce: string = prev === undefined ? '' : prev.nonce
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        nonce = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { nonce }
}

export function encodeVerifyMessageResult(value: VerifyMessageResultInit): Uint8Array {
  const w = lend()
  try {
    writeVerifyMessageResult(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no VerifyMessageResult. Bytes fields are views of the input. */
export function decodeVerifyMessageResult(bytes: Uint8Array): VerifyMessageResult {
  return readVerifyMessageResult(new Reader(bytes), bytes.length)
}

// ── RecoverOrphanedTransactionCommand ──

/** Asks a producer what became of a transaction. */
export interface RecoverOrphanedTransactionCommand {
  readonly message: Message | undefined
  readonly transactionId: string
}

/** What {@link encodeRecoverOrphanedTransactionCommand} takes: an absent field is not written. */
export interface RecoverOrphanedTransactionCommandInit {
  readonly message?: MessageInit | undefined
  readonly transactionId?: string | undefined
}

export function writeRecoverOrphanedTransactionCommand(w: Writer, value: RecoverOrphanedTransactionCommandInit): void {
  if (value.message !== undefined) {
    const room = messageRoom(value.message)
    const mark = w.begin(10, room)
    writeMessage(w, value.message)
    w.end(mark, room)
  }
  if (value.transactionId !== undefined && value.transactionId !== '') w.string(18, value.transactionId)
}

export function readRecoverOrphanedTransactionCommand(r: Reader, end: number, prev?: RecoverOrphanedTransactionCommand): RecoverOrphanedTransactionCommand {
  let message: Message | undefined = prev === undefined ? undefined : prev.message
  let transactionId: string = prev === undefined ? '' : prev.transactionId
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        message = readMessage(r, r.enter(end), message)
        break
      case 18:
        transactionId = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { message, transactionId }
}

export function encodeRecoverOrphanedTransactionCommand(value: RecoverOrphanedTransactionCommandInit): Uint8Array {
  const w = lend()
  try {
    writeRecoverOrphanedTransactionCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no RecoverOrphanedTransactionCommand. Bytes fields are views of the input. */
export function decodeRecoverOrphanedTransactionCommand(bytes: Uint8Array): RecoverOrphanedTransactionCommand {
  return readRecoverOrphanedTransactionCommand(new Reader(bytes), bytes.length)
}

// ── NotifyUnsubscribeLiteCommand ──

/** Tells a client that it lost a lite topic to another one. */
export interface NotifyUnsubscribeLiteCommand {
  readonly liteTopic: string
}

/** What {@link encodeNotifyUnsubscribeLiteCommand} takes: an absent field is not written. */
export interface NotifyUnsubscribeLiteCommandInit {
  readonly liteTopic?: string | undefined
}

export function writeNotifyUnsubscribeLiteCommand(w: Writer, value: NotifyUnsubscribeLiteCommandInit): void {
  if (value.liteTopic !== undefined && value.liteTopic !== '') w.string(10, value.liteTopic)
}

export function readNotifyUnsubscribeLiteCommand(r: Reader, end: number, prev?: NotifyUnsubscribeLiteCommand): NotifyUnsubscribeLiteCommand {
  let liteTopic: string = prev === undefined ? '' : prev.liteTopic
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        liteTopic = r.string(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { liteTopic }
}

export function encodeNotifyUnsubscribeLiteCommand(value: NotifyUnsubscribeLiteCommandInit): Uint8Array {
  const w = lend()
  try {
    writeNotifyUnsubscribeLiteCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no NotifyUnsubscribeLiteCommand. Bytes fields are views of the input. */
export function decodeNotifyUnsubscribeLiteCommand(bytes: Uint8Array): NotifyUnsubscribeLiteCommand {
  return readNotifyUnsubscribeLiteCommand(new Reader(bytes), bytes.length)
}

// ── TelemetryCommand ──

/** One element of the Telemetry stream, either way. */
export interface TelemetryCommand {
  readonly status: Status | undefined
  readonly command:
    | { readonly case: 'settings'; readonly value: Settings }
    | { readonly case: 'threadStackTrace'; readonly value: ThreadStackTrace }
    | { readonly case: 'verifyMessageResult'; readonly value: VerifyMessageResult }
    | { readonly case: 'recoverOrphanedTransactionCommand'; readonly value: RecoverOrphanedTransactionCommand }
    | { readonly case: 'printThreadStackTraceCommand'; readonly value: PrintThreadStackTraceCommand }
    | { readonly case: 'verifyMessageCommand'; readonly value: VerifyMessageCommand }
    | { readonly case: 'reconnectEndpointsCommand'; readonly value: ReconnectEndpointsCommand }
    | { readonly case: 'notifyUnsubscribeLiteCommand'; readonly value: NotifyUnsubscribeLiteCommand }
    | undefined
}

/** What {@link encodeTelemetryCommand} takes: an absent field is not written. */
export interface TelemetryCommandInit {
  readonly status?: StatusInit | undefined
  readonly command?:
    | { readonly case: 'settings'; readonly value: SettingsInit }
    | { readonly case: 'threadStackTrace'; readonly value: ThreadStackTraceInit }
    | { readonly case: 'verifyMessageResult'; readonly value: VerifyMessageResultInit }
    | { readonly case: 'recoverOrphanedTransactionCommand'; readonly value: RecoverOrphanedTransactionCommandInit }
    | { readonly case: 'printThreadStackTraceCommand'; readonly value: PrintThreadStackTraceCommandInit }
    | { readonly case: 'verifyMessageCommand'; readonly value: VerifyMessageCommandInit }
    | { readonly case: 'reconnectEndpointsCommand'; readonly value: ReconnectEndpointsCommandInit }
    | { readonly case: 'notifyUnsubscribeLiteCommand'; readonly value: NotifyUnsubscribeLiteCommandInit }
    | undefined
}

export function writeTelemetryCommand(w: Writer, value: TelemetryCommandInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  switch (value.command?.case) {
    case 'settings': {
      const mark = w.begin(18, 1)
      writeSettings(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'threadStackTrace': {
      const mark = w.begin(26, 1)
      writeThreadStackTrace(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'verifyMessageResult': {
      const mark = w.begin(34, 1)
      writeVerifyMessageResult(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'recoverOrphanedTransactionCommand': {
      const mark = w.begin(42, 1)
      writeRecoverOrphanedTransactionCommand(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'printThreadStackTraceCommand': {
      const mark = w.begin(50, 1)
      writePrintThreadStackTraceCommand(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'verifyMessageCommand': {
      const mark = w.begin(58, 1)
      writeVerifyMessageCommand(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'reconnectEndpointsCommand': {
      const mark = w.begin(66, 1)
      writeReconnectEndpointsCommand(w, value.command.value)
      w.end(mark, 1)
      break
    }
    case 'notifyUnsubscribeLiteCommand': {
      const mark = w.begin(74, 1)
      writeNotifyUnsubscribeLiteCommand(w, value.command.value)
      w.end(mark, 1)
      break
    }
  }
}

export function readTelemetryCommand(r: Reader, end: number, prev?: TelemetryCommand): TelemetryCommand {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  let command: TelemetryCommand['command'] = prev === undefined ? undefined : prev.command
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        command = { case: 'settings', value: readSettings(r, r.enter(end), command?.case === 'settings' ? command.value : undefined) }
        break
      case 26:
        command = { case: 'threadStackTrace', value: readThreadStackTrace(r, r.enter(end), command?.case === 'threadStackTrace' ? command.value : undefined) }
        break
      case 34:
        command = { case: 'verifyMessageResult', value: readVerifyMessageResult(r, r.enter(end), command?.case === 'verifyMessageResult' ? command.value : undefined) }
        break
      case 42:
        command = { case: 'recoverOrphanedTransactionCommand', value: readRecoverOrphanedTransactionCommand(r, r.enter(end), command?.case === 'recoverOrphanedTransactionCommand' ? command.value : undefined) }
        break
      case 50:
        command = { case: 'printThreadStackTraceCommand', value: readPrintThreadStackTraceCommand(r, r.enter(end), command?.case === 'printThreadStackTraceCommand' ? command.value : undefined) }
        break
      case 58:
        command = { case: 'verifyMessageCommand', value: readVerifyMessageCommand(r, r.enter(end), command?.case === 'verifyMessageCommand' ? command.value : undefined) }
        break
      case 66:
        command = { case: 'reconnectEndpointsCommand', value: readReconnectEndpointsCommand(r, r.enter(end), command?.case === 'reconnectEndpointsCommand' ? command.value : undefined) }
        break
      case 74:
        command = { case: 'notifyUnsubscribeLiteCommand', value: readNotifyUnsubscribeLiteCommand(r, r.enter(end), command?.case === 'notifyUnsubscribeLiteCommand' ? command.value : undefined) }
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, command }
}

export function encodeTelemetryCommand(value: TelemetryCommandInit): Uint8Array {
  const w = lend()
  try {
    writeTelemetryCommand(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no TelemetryCommand. Bytes fields are views of the input. */
export function decodeTelemetryCommand(bytes: Uint8Array): TelemetryCommand {
  return readTelemetryCommand(new Reader(bytes), bytes.length)
}

// ── NotifyClientTerminationRequest ──

/** Says goodbye. */
export interface NotifyClientTerminationRequest {
  readonly group: Resource | undefined
}

/** What {@link encodeNotifyClientTerminationRequest} takes: an absent field is not written. */
export interface NotifyClientTerminationRequestInit {
  readonly group?: ResourceInit | undefined
}

export function writeNotifyClientTerminationRequest(w: Writer, value: NotifyClientTerminationRequestInit): void {
  if (value.group !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
}

export function readNotifyClientTerminationRequest(r: Reader, end: number, prev?: NotifyClientTerminationRequest): NotifyClientTerminationRequest {
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        group = readResource(r, r.enter(end), group)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { group }
}

export function encodeNotifyClientTerminationRequest(value: NotifyClientTerminationRequestInit): Uint8Array {
  const w = lend()
  try {
    writeNotifyClientTerminationRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no NotifyClientTerminationRequest. Bytes fields are views of the input. */
export function decodeNotifyClientTerminationRequest(bytes: Uint8Array): NotifyClientTerminationRequest {
  return readNotifyClientTerminationRequest(new Reader(bytes), bytes.length)
}

// ── NotifyClientTerminationResponse ──

export interface NotifyClientTerminationResponse {
  readonly status: Status | undefined
}

/** What {@link encodeNotifyClientTerminationResponse} takes: an absent field is not written. */
export interface NotifyClientTerminationResponseInit {
  readonly status?: StatusInit | undefined
}

export function writeNotifyClientTerminationResponse(w: Writer, value: NotifyClientTerminationResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
}

export function readNotifyClientTerminationResponse(r: Reader, end: number, prev?: NotifyClientTerminationResponse): NotifyClientTerminationResponse {
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

export function encodeNotifyClientTerminationResponse(value: NotifyClientTerminationResponseInit): Uint8Array {
  const w = lend()
  try {
    writeNotifyClientTerminationResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no NotifyClientTerminationResponse. Bytes fields are views of the input. */
export function decodeNotifyClientTerminationResponse(bytes: Uint8Array): NotifyClientTerminationResponse {
  return readNotifyClientTerminationResponse(new Reader(bytes), bytes.length)
}
