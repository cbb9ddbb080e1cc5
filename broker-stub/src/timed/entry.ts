import { crc32 } from 'node:zlib'
import type { StoredMessage } from '../log/message-log.ts'
import { bytesOf, type Chunk, checkRecord, putRecord, RECORD_HEAD, type RecordStamp, unsyncedBefore } from '../log/segments/record.ts'
import { StoredRecord } from '../log/segments/stored-record.ts'

/*
 * An entry of a bucket file, little endian: a head, the message as a record of the log, zeros up to the next multiple of 16. Positions and lengths count
 * in units of 16 bytes, so that both fit into 32 bits.
 */
const AT = {
  /** The stamp's: what a search for entries behind a damage looks for. */
  marker: 0,
  /** Over the rest of the head. */
  crc: 4,
  /** Units. */
  position: 8,
  /** Units, of the whole entry. */
  length: 12,
  dueAt: 16,
  check: 24,
} as const

export const UNIT = 16
export const ENTRY_HEAD = 32
export const CHECK_BYTES = 8
const MOST_UNITS = 0xffff_ffff
const ZEROS = new Uint8Array(UNIT)

export type TimedKind = 'delayed' | 'half'

export interface EntryFields {
  readonly topicId: number
  readonly kind: TimedKind
  readonly dueAt: number
}

export interface EntryHead {
  readonly length: number
  readonly dueAt: number
}

/**
 * Writes an entry at `at`, where head and bound of the record are free.
 * @param committed Up to where the file is known to be on disk: a hole before that is damage.
 * @param inline Else the message's bytes are to be written behind, and the zeros behind them.
 * @returns how many bytes it took in the chunk, how long the entry is, and the zeros that are missing.
 * @throws {RangeError} for what no entry can hold.
 */
export function putEntry(
  into: Chunk,
  at: number,
  { topicId, kind, dueAt }: EntryFields,
  message: StoredMessage,
  position: number,
  committed: number,
  check: Uint8Array,
  stamp: RecordStamp,
  inline: boolean,
): { readonly used: number; readonly length: number; readonly padding: Uint8Array } {
  const record = { topicId, queueId: kind === 'half' ? 1 : 0, offset: 0, message }
  const used = ENTRY_HEAD + putRecord(into, at + ENTRY_HEAD, record, position + ENTRY_HEAD, position - committed, stamp, inline)
  const whole = inline ? used : used + message.bytes.length
  const length = Math.ceil(whole / UNIT) * UNIT
  if (length / UNIT > MOST_UNITS) throw new RangeError(`a message of ${whole} bytes cannot wait for its time`)
  const { view, bytes } = into
  view.setUint32(at + AT.marker, stamp.marker, true)
  view.setUint32(at + AT.position, position / UNIT, true)
  view.setUint32(at + AT.length, length / UNIT, true)
  view.setFloat64(at + AT.dueAt, dueAt, true)
  bytes.set(check, at + AT.check)
  view.setUint32(at + AT.crc, crc32(bytesOf(bytes, at + AT.position, at + ENTRY_HEAD), stamp.seed), true)
  if (!inline) return { used, length, padding: ZEROS.subarray(0, length - whole) }
  bytes.fill(0, at + used, at + length)
  return { used: length, length, padding: ZEROS.subarray(0, 0) }
}

/** The head at `at`, if there is a whole one before `end`, of this position and undamaged. Nothing is known of the message yet. */
export function readEntryHead(
  { bytes, view }: Chunk,
  at: number,
  end: number,
  position: number,
  { marker, seed }: RecordStamp,
): EntryHead | undefined {
  if (at + ENTRY_HEAD > end || view.getUint32(at + AT.marker, true) !== marker) return undefined
  if (view.getUint32(at + AT.position, true) * UNIT !== position) return undefined
  if (crc32(bytesOf(bytes, at + AT.position, at + ENTRY_HEAD), seed) !== view.getUint32(at + AT.crc, true)) return undefined
  const length = view.getUint32(at + AT.length, true) * UNIT
  if (length < ENTRY_HEAD + RECORD_HEAD) return undefined
  return { length, dueAt: view.getFloat64(at + AT.dueAt, true) }
}

/** @returns whether the whole entry with this head lies before `end` and is undamaged. */
export function entryIsWhole(from: Chunk, at: number, end: number, position: number, { length }: EntryHead, stamp: RecordStamp): boolean {
  if (at + length > end) return false
  const record = checkRecord(from, at + ENTRY_HEAD, at + length, position + ENTRY_HEAD, stamp)
  return record > 0 && Math.ceil((ENTRY_HEAD + record) / UNIT) * UNIT === length
}

/** Up to where the file was known to be on disk when the entry at `at`, which is whole, was put. */
export function committedBefore(from: Chunk, at: number, position: number): number {
  return position - unsyncedBefore(from, at + ENTRY_HEAD)
}

/** What the place of an entry holds, which was found whole. */
export interface Entry extends EntryFields {
  readonly check: Uint8Array
  /** Holds on to the memory that it was read from. */
  readonly message: StoredMessage
}

export function entryAt(from: Chunk, at: number): Entry {
  const record = new StoredRecord(from, at + ENTRY_HEAD)
  return {
    topicId: record.topicId,
    kind: record.queueId === 1 ? 'half' : 'delayed',
    dueAt: from.view.getFloat64(at + AT.dueAt, true),
    check: from.bytes.subarray(at + AT.check, at + AT.check + CHECK_BYTES),
    message: record,
  }
}
