import { crc32 } from 'node:zlib'
import { messageTypeNumber } from '@feathermq/protocol'
import type { StoredMessage } from '../message-log.ts'
import { tagHash } from './tag-hash.ts'

/** A message and its place in the queue that it goes to. */
export interface LogRecord {
  readonly topicId: number
  /** 0 … 65535 */
  readonly queueId: number
  /** 0 … 2^48-1 */
  readonly offset: number
  /** The message was in the log before and is appended again because its segment goes: its offset may lie before those around it. */
  readonly relocated?: boolean
  readonly message: StoredMessage
}

/** What says that bytes at a position are a record, and of this segment. */
export interface RecordStamp {
  /** Random, and never told to a client: no producer can put bytes into a message that would pass for a record when the log looks for one after a damage. */
  readonly marker: number
  /** Begins each CRC of the segment; random for the same reason. */
  readonly seed: number
}

/** Memory that records are written into and read from. */
export interface Chunk {
  readonly bytes: Buffer
  readonly view: DataView
  /** Records that were read from it and are still needed, as far as it knows: until there are none, nothing else may be written into it. */
  lent: number
}

/**
 * A record, little endian. Its head is at a fixed place, so that an index can be built without making strings; then come, with the flag `sha1`, the last
 * four bytes of the digest; the strings in UTF-8, in the order of their lengths in the head but for the topic, which is first; and the message's bytes as
 * they came.
 */
const AT = {
  marker: 0,
  /** Of the whole record. */
  length: 4,
  /** Over all that follows it. */
  crc: 8,
  position: 12,
  /** How many bytes before this record were not known to be on disk when it was appended: what lies before them was, so a hole there is damage. */
  unsynced: 20,
  topicId: 24,
  queueId: 28,
  flags: 30,
  type: 31,
  offset: 32,
  topicLength: 38,
  storedAt: 40,
  deliverAt: 48,
  /** An MD5, or with the flag `sha1` the first 16 bytes of that. */
  digest: 56,
  tagHash: 72,
  bytesLength: 76,
  systemPropertiesStart: 80,
  systemPropertiesEnd: 84,
  bodyStart: 88,
  bodyEnd: 92,
  messageIdLength: 96,
  tagLength: 100,
  messageGroupLength: 102,
  bornHostLength: 104,
  originTopicLength: 106,
  /** Or, with the flag `keptAs`, of that id. */
  originIdLength: 108,
  /** With the flag `sha1`: the last bytes of the digest. */
  digestRest: 112,
} as const

export const RECORD_HEAD = 112
const MD5_BYTES = 16
const SHA1_BYTES = 20
const REST_BYTES: number = SHA1_BYTES - MD5_BYTES

const FLAG = { relocated: 1, tag: 2, messageGroup: 4, deadLetter: 8, deliverAt: 16, digest: 32, keptAs: 64, sha1: 128 } as const
const MAX_U32 = 0xffff_ffff
const MAX_U16 = 0xffff
/** A UTF-16 unit takes at most three bytes in UTF-8. */
const UTF8_PER_UNIT = 3
/** Longer strings are written by the machine's code; below it the call costs more than the loop. */
const SHORT_STRING = 96

export function chunk(size: number): Chunk {
  return chunkOver(Buffer.allocUnsafeSlow(size))
}

export function chunkOver(bytes: Buffer): Chunk {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), lent: 0 }
}

/** At most how many bytes a record takes beside the message's bytes. */
export function headBound({ topic, messageId, tag, messageGroup, bornHost, deadLetter, keptAs }: StoredMessage): number {
  const units =
    topic.length +
    messageId.length +
    (tag === undefined ? 0 : tag.length) +
    (messageGroup === undefined ? 0 : messageGroup.length) +
    bornHost.length +
    (deadLetter === undefined ? 0 : deadLetter.topic.length + deadLetter.messageId.length) +
    (keptAs === undefined ? 0 : keptAs.length)
  return RECORD_HEAD + REST_BYTES + UTF8_PER_UNIT * units
}

/**
 * Writes a record at `at`, where {@link headBound} bytes are free and, when `inline`, those of the message. Otherwise the message's bytes are to follow
 * directly on disk; the CRC is over them all the same.
 * @returns how many bytes it took in the chunk.
 * @throws {RangeError} for what no record can hold; nothing is used up then.
 */
export function putRecord(
  into: Chunk,
  at: number,
  record: LogRecord,
  position: number,
  unsynced: number,
  stamp: RecordStamp,
  inline: boolean,
): number {
  const { bytes: target, view } = into
  const { message } = record
  const { bytes, tag, messageGroup, deadLetter, deliverAt, keptAs } = message
  if (deadLetter !== undefined && keptAs !== undefined) throw new RangeError('a dead letter was not kept before it was put into its queue')
  let end = at + RECORD_HEAD + putDigest(target, at, message.digest)
  end = putShort(into, end, message.topic, at + AT.topicLength)
  end = putLong(into, end, message.messageId, at + AT.messageIdLength)
  end = putShort(into, end, tag ?? '', at + AT.tagLength)
  end = putShort(into, end, messageGroup ?? '', at + AT.messageGroupLength)
  end = putShort(into, end, message.bornHost, at + AT.bornHostLength)
  end = putShort(into, end, deadLetter === undefined ? '' : deadLetter.topic, at + AT.originTopicLength)
  end = putLong(into, end, deadLetter === undefined ? (keptAs ?? '') : deadLetter.messageId, at + AT.originIdLength)
  const used = end - at + (inline ? bytes.length : 0)
  const length = end - at + bytes.length
  if (inline) target.set(bytes, end)
  view.setUint32(at + AT.marker, stamp.marker, true)
  view.setUint32(at + AT.length, length, true)
  putPosition(view, at + AT.position, position)
  view.setUint32(at + AT.unsynced, Math.min(unsynced, MAX_U32), true)
  view.setUint32(at + AT.topicId, record.topicId, true)
  view.setUint16(at + AT.queueId, record.queueId, true)
  target[at + AT.flags] =
    (record.relocated === true ? FLAG.relocated : 0) |
    (tag === undefined ? 0 : FLAG.tag) |
    (messageGroup === undefined ? 0 : FLAG.messageGroup) |
    (deadLetter === undefined ? 0 : FLAG.deadLetter) |
    (deliverAt === undefined ? 0 : FLAG.deliverAt) |
    digestFlags(message.digest) |
    (keptAs === undefined ? 0 : FLAG.keptAs)
  target[at + AT.type] = messageTypeNumber(message.type)
  view.setUint32(at + AT.offset, record.offset >>> 0, true)
  view.setUint16(at + AT.offset + 4, Math.floor(record.offset / 2 ** 32), true)
  view.setFloat64(at + AT.storedAt, message.storedAt, true)
  view.setFloat64(at + AT.deliverAt, deliverAt ?? 0, true)
  view.setUint32(at + AT.tagHash, tagHash(tag), true)
  view.setUint32(at + AT.bytesLength, bytes.length, true)
  view.setUint32(at + AT.systemPropertiesStart, message.systemPropertiesStart, true)
  view.setUint32(at + AT.systemPropertiesEnd, message.systemPropertiesEnd, true)
  view.setUint32(at + AT.bodyStart, message.bodyStart, true)
  view.setUint32(at + AT.bodyEnd, message.bodyEnd, true)
  const head = crc32(bytesOf(target, at + AT.position, at + used), stamp.seed)
  view.setUint32(at + AT.crc, inline ? head : crc32(bytes, head), true)
  return used
}

/**
 * How long the record at `at` claims to be, when its head lies within `end` and it may be one: right marker, right position, a length that adds up.
 * Else 0. Nothing is known of its content yet.
 */
export function claimedLength({ view }: Chunk, at: number, end: number, position: number, { marker }: RecordStamp): number {
  if (at + RECORD_HEAD > end) return 0
  if (view.getUint32(at + AT.marker, true) !== marker || getPosition(view, at + AT.position) !== position) return 0
  const length = view.getUint32(at + AT.length, true)
  return headLength(view, at) + stringsLength(view, at) + view.getUint32(at + AT.bytesLength, true) === length ? length : 0
}

/** @returns the length of the record at `at`, when there is a whole one before `end` and its CRC and all its parts are right; else 0. */
export function checkRecord(from: Chunk, at: number, end: number, position: number, stamp: RecordStamp): number {
  const length = claimedLength(from, at, end, position, stamp)
  if (length === 0 || at + length > end) return 0
  const { bytes, view } = from
  if (crc32(bytesOf(bytes, at + AT.position, at + length), stamp.seed) !== view.getUint32(at + AT.crc, true)) return 0
  return partsLieWithin(view, at) ? length : 0
}

/** Fields of a record that an index is made of. */
export interface RecordHead {
  readonly topicId: number
  readonly queueId: number
  readonly offset: number
  readonly relocated: boolean
  /** Wall time, ms. */
  readonly storedAt: number
  /** See {@link tagHash}. */
  readonly tagHash: number
  /** See {@link StoredMessage}. */
  readonly keptAs: string | undefined
}

export function readHead(from: Chunk, at: number): RecordHead {
  const { bytes, view } = from
  return {
    topicId: view.getUint32(at + AT.topicId, true),
    queueId: view.getUint16(at + AT.queueId, true),
    offset: view.getUint32(at + AT.offset, true) + view.getUint16(at + AT.offset + 4, true) * 2 ** 32,
    relocated: ((bytes[at + AT.flags] ?? 0) & FLAG.relocated) !== 0,
    storedAt: view.getFloat64(at + AT.storedAt, true),
    tagHash: view.getUint32(at + AT.tagHash, true),
    keptAs: keptAsOf(from, at),
  }
}

/** It is the last of the strings. */
export function keptAsOf({ bytes, view }: Chunk, at: number): string | undefined {
  if (((bytes[at + AT.flags] ?? 0) & FLAG.keptAs) === 0) return undefined
  const end = at + headLength(view, at) + stringsLength(view, at)
  return bytes.toString('utf8', end - view.getUint32(at + AT.originIdLength, true), end)
}

/** Where everything of a record is, for who reads it field by field. */
export { AT as RECORD_FIELD, FLAG as RECORD_FLAG }

export function unsyncedBefore({ view }: Chunk, at: number): number {
  const unsynced = view.getUint32(at + AT.unsynced, true)
  return unsynced === MAX_U32 ? Number.POSITIVE_INFINITY : unsynced
}

/** Where the strings begin. */
export function headLength(view: DataView, at: number): number {
  return (view.getUint8(at + AT.flags) & FLAG.sha1) === 0 ? RECORD_HEAD : RECORD_HEAD + REST_BYTES
}

/** As it was put, `''` without one. */
export function digestOf({ bytes, view }: Chunk, at: number): string {
  const flags = view.getUint8(at + AT.flags)
  if ((flags & FLAG.digest) === 0) return ''
  let end = toHex(bytes, at + AT.digest, MD5_BYTES, 0)
  if ((flags & FLAG.sha1) !== 0) end = toHex(bytes, at + AT.digestRest, REST_BYTES, end)
  return hex.toString('latin1', 0, end)
}

/** Where the digits of a digest are put together: in half the time that it takes to make both parts, join them, and make them upper-case. */
const hex: Buffer = Buffer.allocUnsafeSlow(2 * SHA1_BYTES)
const DIGITS = Buffer.from('0123456789ABCDEF')

/** @returns where the digits end. */
function toHex(bytes: Uint8Array, from: number, count: number, at: number): number {
  for (let index = 0; index < count; index += 1) {
    const byte = bytes[from + index] as number
    hex[at + 2 * index] = DIGITS[byte >>> 4] as number
    hex[at + 2 * index + 1] = DIGITS[byte & 15] as number
  }
  return at + 2 * count
}

/** Length of all strings together. */
export function stringsLength(view: DataView, at: number): number {
  return (
    view.getUint16(at + AT.topicLength, true) +
    view.getUint32(at + AT.messageIdLength, true) +
    view.getUint16(at + AT.tagLength, true) +
    view.getUint16(at + AT.messageGroupLength, true) +
    view.getUint16(at + AT.bornHostLength, true) +
    view.getUint16(at + AT.originTopicLength, true) +
    view.getUint32(at + AT.originIdLength, true)
  )
}

/** The same memory as plain bytes: a `subarray` of a Buffer costs twice as much. */
export function bytesOf(buffer: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start)
}

export function putPosition(view: DataView, at: number, position: number): void {
  view.setUint32(at, position >>> 0, true)
  view.setUint32(at + 4, Math.floor(position / 2 ** 32), true)
}

export function getPosition(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
}

function partsLieWithin(view: DataView, at: number): boolean {
  const length = view.getUint32(at + AT.bytesLength, true)
  const propertiesEnd = view.getUint32(at + AT.systemPropertiesEnd, true)
  const bodyEnd = view.getUint32(at + AT.bodyEnd, true)
  return (
    view.getUint32(at + AT.systemPropertiesStart, true) <= propertiesEnd &&
    propertiesEnd <= length &&
    view.getUint32(at + AT.bodyStart, true) <= bodyEnd &&
    bodyEnd <= length
  )
}

/** @returns where it ends. */
function putShort({ bytes, view }: Chunk, at: number, text: string, lengthAt: number): number {
  const length = putText(bytes, at, text)
  if (length > MAX_U16) throw new RangeError(`a string of ${length} bytes does not fit into a record of the log, which takes ${MAX_U16}`)
  view.setUint16(lengthAt, length, true)
  return at + length
}

/** {@link putShort} for what a client may make as long as it likes. */
function putLong({ bytes, view }: Chunk, at: number, text: string, lengthAt: number): number {
  const length = putText(bytes, at, text)
  view.setUint32(lengthAt, length, true)
  return at + length
}

/** @returns how many bytes it took. */
function putText(target: Buffer, at: number, text: string): number {
  const { length } = text
  if (length > SHORT_STRING) return target.write(text, at, 'utf8')
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f) return target.write(text, at, 'utf8')
    target[at + index] = unit
  }
  return length
}

const NOT_HEX = 0xff
const NOT_HEX_BIT = 0x10
const NIBBLES: Uint8Array = new Uint8Array(128).fill(NOT_HEX)
for (let value = 0; value < 16; value += 1) NIBBLES[value.toString(16).toUpperCase().charCodeAt(0)] = value

function digestFlags(digest: string): number {
  return digest === '' ? 0 : digest.length === 2 * MD5_BYTES ? FLAG.digest : FLAG.digest | FLAG.sha1
}

/** @returns how many bytes it took behind the head of the record at `at`. */
function putDigest(target: Buffer, at: number, digest: string): number {
  const size = digest.length / 2
  // What is not a message's must not come from memory that was something else's.
  if (size === 0) target.fill(0, at + AT.digest, at + AT.digest + MD5_BYTES)
  let right = size === SHA1_BYTES || size === MD5_BYTES || size === 0
  if (right) right = putHex(target, at + AT.digest, digest, 0, Math.min(size, MD5_BYTES))
  if (right && size === SHA1_BYTES) right = putHex(target, at + AT.digestRest, digest, MD5_BYTES, SHA1_BYTES)
  if (!right) throw new RangeError(`"${digest.slice(0, 64)}" is no SHA1 or MD5 in upper-case hex`)
  return size === SHA1_BYTES ? REST_BYTES : 0
}

/** Bytes from one up to another of what the text says. @returns whether it is upper-case hex. */
function putHex(target: Buffer, at: number, hex: string, from: number, to: number): boolean {
  let seen = 0
  for (let index = from; index < to; index += 1) {
    const high = NIBBLES[hex.charCodeAt(2 * index)] ?? NOT_HEX
    const low = NIBBLES[hex.charCodeAt(2 * index + 1)] ?? NOT_HEX
    seen |= high | low
    target[at + index - from] = (high << 4) | low
  }
  return seen < NOT_HEX_BIT
}
