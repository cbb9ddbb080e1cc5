// Generated from rocketmq/v2/*.proto by "npm run generate". Do not edit.

import { Reader } from '../wire/reader.ts'
import { giveBack, lend, type Writer } from '../wire/writer.ts'
import { type AddressScheme, addressSchemeName, addressSchemeNumber, type MessageType, messageTypeName, messageTypeNumber, type Permission, permissionName, permissionNumber } from './enums.ts'
import { type Resource, type ResourceInit, readResource, writeResource, type Status, type StatusInit, readStatus, writeStatus } from './status.ts'

// ── Address ──

/** One host and port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What {@link encodeAddress} takes: an absent field is not written. */
export interface AddressInit {
  readonly host?: string | undefined
  readonly port?: number | undefined
}

export function writeAddress(w: Writer, value: AddressInit): void {
  if (value.host !== undefined && value.host !== '') w.string(10, value.host)
  if (value.port !== undefined && value.port !== 0) w.int32(16, value.port)
}

export function readAddress(r: Reader, end: number, prev?: Address): Address {
  let host: string = prev === undefined ? '' : prev.host
  let port: number = prev === undefined ? 0 : prev.port
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        host = r.string(end)
        break
      case 16:
        port = r.int32(end)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { host, port }
}

export function encodeAddress(value: AddressInit): Uint8Array {
  const w = lend()
  try {
    writeAddress(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Address. Bytes fields are views of the input. */
export function decodeAddress(bytes: Uint8Array): Address {
  return readAddress(new Reader(bytes), bytes.length)
}

// ── Endpoints ──

/** Where a server can be dialled. */
export interface Endpoints {
  readonly scheme: AddressScheme | number
  readonly addresses: readonly Address[]
}

/** What {@link encodeEndpoints} takes: an absent field is not written. */
export interface EndpointsInit {
  readonly scheme?: AddressScheme | number | undefined
  readonly addresses?: readonly AddressInit[] | undefined
}

export function writeEndpoints(w: Writer, value: EndpointsInit): void {
  if (value.scheme !== undefined) {
    const scheme = addressSchemeNumber(value.scheme)
    if (scheme !== 0) w.int32(8, scheme)
  }
  if (value.addresses !== undefined) {
    for (const item of value.addresses) {
      const mark = w.begin(18, 1)
      writeAddress(w, item)
      w.end(mark, 1)
    }
  }
}

export function readEndpoints(r: Reader, end: number, prev?: Endpoints): Endpoints {
  let scheme: AddressScheme | number = prev === undefined ? addressSchemeName(0) : prev.scheme
  const addresses: Address[] = prev === undefined ? [] : (prev.addresses as Address[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 8:
        scheme = addressSchemeName(r.int32(end))
        break
      case 18:
        addresses.push(readAddress(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { scheme, addresses }
}

export function encodeEndpoints(value: EndpointsInit): Uint8Array {
  const w = lend()
  try {
    writeEndpoints(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Endpoints. Bytes fields are views of the input. */
export function decodeEndpoints(bytes: Uint8Array): Endpoints {
  return readEndpoints(new Reader(bytes), bytes.length)
}

// ── Broker ──

/** One node that holds queues. Clients use id 0, the master. */
export interface Broker {
  readonly name: string
  readonly id: number
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeBroker} takes: an absent field is not written. */
export interface BrokerInit {
  readonly name?: string | undefined
  readonly id?: number | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeBroker(w: Writer, value: BrokerInit): void {
  if (value.name !== undefined && value.name !== '') w.string(10, value.name)
  if (value.id !== undefined && value.id !== 0) w.int32(16, value.id)
  if (value.endpoints !== undefined) {
    const mark = w.begin(26, 1)
    writeEndpoints(w, value.endpoints)
    w.end(mark, 1)
  }
}

export function readBroker(r: Reader, end: number, prev?: Broker): Broker {
  let name: string = prev === undefined ? '' : prev.name
  let id: number = prev === undefined ? 0 : prev.id
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        name = r.string(end)
        break
      case 16:
        id = r.int32(end)
        break
      case 26:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { name, id, endpoints }
}

export function encodeBroker(value: BrokerInit): Uint8Array {
  const w = lend()
  try {
    writeBroker(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Broker. Bytes fields are views of the input. */
export function decodeBroker(bytes: Uint8Array): Broker {
  return readBroker(new Reader(bytes), bytes.length)
}

// ── MessageQueue ──

/** One queue of a topic on one broker. */
export interface MessageQueue {
  readonly topic: Resource | undefined
  readonly id: number
  readonly permission: Permission | number
  readonly broker: Broker | undefined
  readonly acceptMessageTypes: readonly (MessageType | number)[]
}

/** What {@link encodeMessageQueue} takes: an absent field is not written. */
export interface MessageQueueInit {
  readonly topic?: ResourceInit | undefined
  readonly id?: number | undefined
  readonly permission?: Permission | number | undefined
  readonly broker?: BrokerInit | undefined
  readonly acceptMessageTypes?: readonly (MessageType | number)[] | undefined
}

export function writeMessageQueue(w: Writer, value: MessageQueueInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.id !== undefined && value.id !== 0) w.int32(16, value.id)
  if (value.permission !== undefined) {
    const permission = permissionNumber(value.permission)
    if (permission !== 0) w.int32(24, permission)
  }
  if (value.broker !== undefined) {
    const mark = w.begin(34, 1)
    writeBroker(w, value.broker)
    w.end(mark, 1)
  }
  if (value.acceptMessageTypes !== undefined && value.acceptMessageTypes.length > 0) w.packedInt32(42, value.acceptMessageTypes, messageTypeNumber)
}

export function readMessageQueue(r: Reader, end: number, prev?: MessageQueue): MessageQueue {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let id: number = prev === undefined ? 0 : prev.id
  let permission: Permission | number = prev === undefined ? permissionName(0) : prev.permission
  let broker: Broker | undefined = prev === undefined ? undefined : prev.broker
  const acceptMessageTypes: (MessageType | number)[] = prev === undefined ? [] : (prev.acceptMessageTypes as (MessageType | number)[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 16:
        id = r.int32(end)
        break
      case 24:
        permission = permissionName(r.int32(end))
        break
      case 34:
        broker = readBroker(r, r.enter(end), broker)
        break
      case 40:
        acceptMessageTypes.push(messageTypeName(r.int32(end)))
        break
      case 42: {
        const stop = r.enter(end)
        while (r.pos < stop) acceptMessageTypes.push(messageTypeName(r.int32(stop)))
        break
      }
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, id, permission, broker, acceptMessageTypes }
}

export function encodeMessageQueue(value: MessageQueueInit): Uint8Array {
  const w = lend()
  try {
    writeMessageQueue(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no MessageQueue. Bytes fields are views of the input. */
export function decodeMessageQueue(bytes: Uint8Array): MessageQueue {
  return readMessageQueue(new Reader(bytes), bytes.length)
}

// ── Assignment ──

/** A queue that a consumer should poll; queue id -1 stands for all queues of that broker. */
export interface Assignment {
  readonly messageQueue: MessageQueue | undefined
}

/** What {@link encodeAssignment} takes: an absent field is not written. */
export interface AssignmentInit {
  readonly messageQueue?: MessageQueueInit | undefined
}

export function writeAssignment(w: Writer, value: AssignmentInit): void {
  if (value.messageQueue !== undefined) {
    const mark = w.begin(10, 1)
    writeMessageQueue(w, value.messageQueue)
    w.end(mark, 1)
  }
}

export function readAssignment(r: Reader, end: number, prev?: Assignment): Assignment {
  let messageQueue: MessageQueue | undefined = prev === undefined ? undefined : prev.messageQueue
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        messageQueue = readMessageQueue(r, r.enter(end), messageQueue)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { messageQueue }
}

export function encodeAssignment(value: AssignmentInit): Uint8Array {
  const w = lend()
  try {
    writeAssignment(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no Assignment. Bytes fields are views of the input. */
export function decodeAssignment(bytes: Uint8Array): Assignment {
  return readAssignment(new Reader(bytes), bytes.length)
}

// ── QueryRouteRequest ──

/** Asks which queues a topic has and where they are. */
export interface QueryRouteRequest {
  readonly topic: Resource | undefined
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeQueryRouteRequest} takes: an absent field is not written. */
export interface QueryRouteRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeQueryRouteRequest(w: Writer, value: QueryRouteRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.endpoints !== undefined) {
    const mark = w.begin(18, 1)
    writeEndpoints(w, value.endpoints)
    w.end(mark, 1)
  }
}

export function readQueryRouteRequest(r: Reader, end: number, prev?: QueryRouteRequest): QueryRouteRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, endpoints }
}

export function encodeQueryRouteRequest(value: QueryRouteRequestInit): Uint8Array {
  const w = lend()
  try {
    writeQueryRouteRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryRouteRequest. Bytes fields are views of the input. */
export function decodeQueryRouteRequest(bytes: Uint8Array): QueryRouteRequest {
  return readQueryRouteRequest(new Reader(bytes), bytes.length)
}

// ── QueryRouteResponse ──

export interface QueryRouteResponse {
  readonly status: Status | undefined
  readonly messageQueues: readonly MessageQueue[]
}

/** What {@link encodeQueryRouteResponse} takes: an absent field is not written. */
export interface QueryRouteResponseInit {
  readonly status?: StatusInit | undefined
  readonly messageQueues?: readonly MessageQueueInit[] | undefined
}

export function writeQueryRouteResponse(w: Writer, value: QueryRouteResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.messageQueues !== undefined) {
    for (const item of value.messageQueues) {
      const mark = w.begin(18, 1)
      writeMessageQueue(w, item)
      w.end(mark, 1)
    }
  }
}

export function readQueryRouteResponse(r: Reader, end: number, prev?: QueryRouteResponse): QueryRouteResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const messageQueues: MessageQueue[] = prev === undefined ? [] : (prev.messageQueues as MessageQueue[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        messageQueues.push(readMessageQueue(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, messageQueues }
}

export function encodeQueryRouteResponse(value: QueryRouteResponseInit): Uint8Array {
  const w = lend()
  try {
    writeQueryRouteResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryRouteResponse. Bytes fields are views of the input. */
export function decodeQueryRouteResponse(bytes: Uint8Array): QueryRouteResponse {
  return readQueryRouteResponse(new Reader(bytes), bytes.length)
}

// ── QueryAssignmentRequest ──

/** Asks which queues a consumer should poll. */
export interface QueryAssignmentRequest {
  readonly topic: Resource | undefined
  readonly group: Resource | undefined
  readonly endpoints: Endpoints | undefined
}

/** What {@link encodeQueryAssignmentRequest} takes: an absent field is not written. */
export interface QueryAssignmentRequestInit {
  readonly topic?: ResourceInit | undefined
  readonly group?: ResourceInit | undefined
  readonly endpoints?: EndpointsInit | undefined
}

export function writeQueryAssignmentRequest(w: Writer, value: QueryAssignmentRequestInit): void {
  if (value.topic !== undefined) {
    const mark = w.begin(10, 1)
    writeResource(w, value.topic)
    w.end(mark, 1)
  }
  if (value.group !== undefined) {
    const mark = w.begin(18, 1)
    writeResource(w, value.group)
    w.end(mark, 1)
  }
  if (value.endpoints !== undefined) {
    const mark = w.begin(26, 1)
    writeEndpoints(w, value.endpoints)
    w.end(mark, 1)
  }
}

export function readQueryAssignmentRequest(r: Reader, end: number, prev?: QueryAssignmentRequest): QueryAssignmentRequest {
  let topic: Resource | undefined = prev === undefined ? undefined : prev.topic
  let group: Resource | undefined = prev === undefined ? undefined : prev.group
  let endpoints: Endpoints | undefined = prev === undefined ? undefined : prev.endpoints
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        topic = readResource(r, r.enter(end), topic)
        break
      case 18:
        group = readResource(r, r.enter(end), group)
        break
      case 26:
        endpoints = readEndpoints(r, r.enter(end), endpoints)
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { topic, group, endpoints }
}

export function encodeQueryAssignmentRequest(value: QueryAssignmentRequestInit): Uint8Array {
  const w = lend()
  try {
    writeQueryAssignmentRequest(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryAssignmentRequest. Bytes fields are views of the input. */
export function decodeQueryAssignmentRequest(bytes: Uint8Array): QueryAssignmentRequest {
  return readQueryAssignmentRequest(new Reader(bytes), bytes.length)
}

// ── QueryAssignmentResponse ──

export interface QueryAssignmentResponse {
  readonly status: Status | undefined
  readonly assignments: readonly Assignment[]
}

/** What {@link encodeQueryAssignmentResponse} takes: an absent field is not written. */
export interface QueryAssignmentResponseInit {
  readonly status?: StatusInit | undefined
  readonly assignments?: readonly AssignmentInit[] | undefined
}

export function writeQueryAssignmentResponse(w: Writer, value: QueryAssignmentResponseInit): void {
  if (value.status !== undefined) {
    const mark = w.begin(10, 1)
    writeStatus(w, value.status)
    w.end(mark, 1)
  }
  if (value.assignments !== undefined) {
    for (const item of value.assignments) {
      const mark = w.begin(18, 1)
      writeAssignment(w, item)
      w.end(mark, 1)
    }
  }
}

export function readQueryAssignmentResponse(r: Reader, end: number, prev?: QueryAssignmentResponse): QueryAssignmentResponse {
  let status: Status | undefined = prev === undefined ? undefined : prev.status
  const assignments: Assignment[] = prev === undefined ? [] : (prev.assignments as Assignment[])
  while (r.pos < end) {
    const fieldTag = r.tag(end)
    switch (fieldTag) {
      case 10:
        status = readStatus(r, r.enter(end), status)
        break
      case 18:
        assignments.push(readAssignment(r, r.enter(end)))
        break
      default:
        r.skip(fieldTag, end)
    }
  }
  return { status, assignments }
}

export function encodeQueryAssignmentResponse(value: QueryAssignmentResponseInit): Uint8Array {
  const w = lend()
  try {
    writeQueryAssignmentResponse(w, value)
    return w.finish()
  } finally {
    giveBack(w)
  }
}

/** @throws {WireError} when the bytes are no QueryAssignmentResponse. Bytes fields are views of the input. */
export function decodeQueryAssignmentResponse(bytes: Uint8Array): QueryAssignmentResponse {
  return readQueryAssignmentResponse(new Reader(bytes), bytes.length)
}
