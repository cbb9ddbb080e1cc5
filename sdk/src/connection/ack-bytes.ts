import { encodeAckMessageRequest, Reader, type ResourceInit } from '@feathermq/protocol/client'
import type { WireIds } from '../message/received.ts'

/** One message of an ack request. */
export interface AckEntry {
  readonly messageId: string
  readonly receiptHandle: string
  /** The same two as bytes, where they are still those that the message came with. */
  readonly wire?: WireIds | undefined
}

/** Tags of protobuf: field number << 3 | wire type. */
const request = { entry: 26, messageId: 10, receiptHandle: 18 } as const
const response = { status: 10, entry: 18 } as const
const result = { messageId: 10, receiptHandle: 18, status: 26 } as const
const status = { code: 8, message: 18 } as const
const OK = 20_000
/** Bytes of an entry beside its two texts, at most: three tags and three lengths. */
const FRAME = 3 * 6

/** The bytes of an AckMessageRequest: ids and handles go back as they came, without having been texts. */
export function ackRequest(group: ResourceInit, topic: ResourceInit, entries: readonly AckEntry[]): Uint8Array {
  // By bytes or by texts, not both: the usual request has no text at all.
  let size = 0
  for (const { wire } of entries) {
    if (wire === undefined) return encodeAckMessageRequest({ group, topic, entries: entries.map(textsOf) })
    size += FRAME + (wire.idEnd - wire.idStart) + (wire.handleEnd - wire.handleStart)
  }
  const head = encodeAckMessageRequest({ group, topic })
  const bytes = Buffer.allocUnsafe(head.length + size)
  bytes.set(head, 0)
  let at = head.length
  for (const { wire } of entries) {
    if (wire === undefined) continue
    const { memory, idStart, idEnd, handleStart, handleEnd } = wire
    const id = idEnd - idStart
    const handle = handleEnd - handleStart
    at = varint(bytes, at, request.entry)
    at = varint(bytes, at, (id === 0 ? 0 : 1 + sizeOf(id) + id) + (handle === 0 ? 0 : 1 + sizeOf(handle) + handle))
    if (id > 0) at = copy(bytes, varint(bytes, varint(bytes, at, request.messageId), id), memory, idStart, idEnd)
    if (handle > 0) at = copy(bytes, varint(bytes, varint(bytes, at, request.receiptHandle), handle), memory, handleStart, handleEnd)
  }
  return bytes.subarray(0, at)
}

function textsOf({ messageId, receiptHandle }: AckEntry): AckEntry {
  return { messageId, receiptHandle }
}

/**
 * Whether an AckMessageResponse says that all of these were acknowledged, in this order: the usual answer, of which nothing has to be decoded. False: look
 * closer, which also finds out whether the bytes are a response at all.
 */
export function allAcknowledged(bytes: Uint8Array, entries: readonly AckEntry[]): boolean {
  const r = new Reader(bytes)
  const end = bytes.length
  let overall = 0
  let index = 0
  try {
    while (r.pos < end) {
      const tag = r.tag(end)
      if (tag === response.status) overall = passStatus(r, r.enter(end))
      else if (tag === response.entry) {
        const wire = entries[index]?.wire
        if (wire === undefined || !passResult(r, r.enter(end), wire)) return false
        index += 1
      } else return false
    }
  } catch {
    return false
  }
  return overall === OK && index === entries.length
}

function passResult(r: Reader, end: number, { memory, handleStart, handleEnd }: WireIds): boolean {
  let code = 0
  let fits = false
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === result.receiptHandle) {
      const stop = r.enter(end)
      fits = stop - r.pos === handleEnd - handleStart
      for (let at = handleStart, from = r.pos; fits && at < handleEnd; at += 1, from += 1) fits = memory[at] === r.bytes[from]
      r.pos = stop
    } else if (tag === result.status) code = passStatus(r, r.enter(end))
    else if (tag === result.messageId) r.skip(tag, end)
    else return false
  }
  return fits && code === OK
}

/** The code of a Status; 0 where it is no usual one. */
function passStatus(r: Reader, end: number): number {
  let code = 0
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === status.code) code = r.int32(end)
    else r.skip(tag, end)
  }
  return code
}

function sizeOf(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4
}

function varint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80
  bytes[at++] = rest
  return at
}

/** A loop beats the call into Node for as few bytes as these have. */
function copy(to: Buffer, start: number, from: Buffer, begin: number, end: number): number {
  let at = start
  for (let read = begin; read < end; read += 1) to[at++] = from[read] as number
  return at
}
