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
const result = { status: 26 } as const
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
  const to = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  bytes.set(head, 0)
  let at = head.length
  for (const { wire } of entries) {
    if (wire === undefined) continue
    const { view, idStart, idEnd, handleStart, handleEnd } = wire
    const id = idEnd - idStart
    const handle = handleEnd - handleStart
    at = varint(bytes, at, request.entry)
    at = varint(bytes, at, (id === 0 ? 0 : 1 + sizeOf(id) + id) + (handle === 0 ? 0 : 1 + sizeOf(handle) + handle))
    if (id > 0) at = copy(to, varint(bytes, varint(bytes, at, request.messageId), id), view, idStart, idEnd)
    if (handle > 0) at = copy(to, varint(bytes, varint(bytes, at, request.receiptHandle), handle), view, handleStart, handleEnd)
  }
  return bytes.subarray(0, at)
}

function textsOf({ messageId, receiptHandle }: AckEntry): AckEntry {
  return { messageId, receiptHandle }
}

/**
 * Whether an AckMessageResponse says OK of the whole and of each message that it names: the usual answer, of which nothing has to be decoded, and no handle
 * compared, since all are acknowledged in whatever order they stand. False: look closer, which also finds out whether the bytes are a response at all.
 */
export function allAcknowledged(bytes: Uint8Array): boolean {
  const r = new Reader(bytes)
  const end = bytes.length
  let overall = 0
  try {
    while (r.pos < end) {
      const tag = r.tag(end)
      if (tag === response.status) overall = passStatus(r, r.enter(end))
      else if (tag !== response.entry || resultCode(r, r.enter(end)) !== OK) return false
    }
  } catch {
    return false
  }
  return overall === OK
}

function resultCode(r: Reader, end: number): number {
  let code = 0
  while (r.pos < end) {
    const tag = r.tag(end)
    if (tag === result.status) code = passStatus(r, r.enter(end))
    else r.skip(tag, end)
  }
  return code
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

/** Four bytes at a time: a call into Node costs more for as few as these. */
function copy(to: DataView, start: number, from: DataView, begin: number, end: number): number {
  let at = start
  let read = begin
  for (; read + 4 <= end; read += 4, at += 4) to.setUint32(at, from.getUint32(read))
  for (; read < end; read += 1, at += 1) to.setUint8(at, from.getUint8(read))
  return at
}
