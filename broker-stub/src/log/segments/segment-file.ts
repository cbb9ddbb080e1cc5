import { crc32 } from 'node:zlib'
import { checkFormat, FORMAT_BYTES, type Format, FormatError, writeFormat } from '../../files/format.ts'
import { bytesOf, getPosition, putPosition, type RecordStamp } from './record.ts'

/** Version 2: records may have a SHA1 as their digest. Those of version 1 have an MD5. */
export const SEGMENT_FORMAT: Format = { magic: 'FMQ-LOG\n', version: 2 }

/** Where the first record of a segment is. One block of a disk. */
export const SEGMENT_HEAD = 4096
/** The head is there twice, in sectors of their own: without it the records of a whole segment could not be told from noise. */
const COPIES = [0, SEGMENT_HEAD / 2] as const

/** The largest message (4 MiB of body, its properties and its record's head) fits at least once. */
export const SMALLEST_SEGMENT: number = 8 * 1024 * 1024
/** What can be written and read by one system call. */
export const LARGEST_SEGMENT: number = 1024 * 1024 * 1024
export const LARGEST_RECORD: number = SMALLEST_SEGMENT - SEGMENT_HEAD

/** What a segment says of itself and of the one before it, whose own head was written before anybody knew. */
export interface SegmentHead extends RecordStamp {
  /** Position of the file's first byte. */
  readonly base: number
  /** Bytes of the file, head included, when it was made. The next segment begins at base + capacity. */
  readonly capacity: number
  /** -1 when this is the first. */
  readonly previousBase: number
  /** The segment before holds records up to this position. */
  readonly previousEnd: number
  /** Latest `storedAt` in it. */
  readonly previousNewest: number
  /** Up to this position the segment before was known to be on disk. */
  readonly previousSynced: number
}

/** Small CRC over magic and version, which every version to come keeps, so that a flipped bit is not taken for a newer one. */
const FORMAT_CRC = FORMAT_BYTES
const FIELDS = FORMAT_CRC + 4
const FIELDS_END = FIELDS + 56
const HEAD_BYTES = FIELDS_END + 4

export function encodeHead(head: SegmentHead): Uint8Array {
  const block = new Uint8Array(SEGMENT_HEAD)
  const bytes = block.subarray(0, HEAD_BYTES)
  const view = new DataView(block.buffer)
  writeFormat(bytes, SEGMENT_FORMAT)
  view.setUint32(FORMAT_CRC, crc32(bytes.subarray(0, FORMAT_BYTES)), true)
  putPosition(view, FIELDS, head.base)
  putPosition(view, FIELDS + 8, head.capacity)
  putPosition(view, FIELDS + 16, head.previousBase + 1)
  putPosition(view, FIELDS + 24, head.previousEnd)
  view.setFloat64(FIELDS + 32, head.previousNewest, true)
  putPosition(view, FIELDS + 40, head.previousSynced)
  view.setUint32(FIELDS + 48, head.marker, true)
  view.setUint32(FIELDS + 52, head.seed, true)
  view.setUint32(FIELDS_END, crc32(bytes.subarray(0, FIELDS_END)), true)
  block.set(bytes, COPIES[1])
  return block
}

export type HeadAnswer =
  /** `damaged` copies were passed over. */
  | { readonly kind: 'head'; readonly head: SegmentHead; readonly version: number; readonly damaged: number }
  /** Nothing was ever written there. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'destroyed' }

/**
 * @param base as the file's name says.
 * @throws {FormatError} for a newer version.
 */
export function decodeHead(block: Uint8Array, path: string, base: number): HeadAnswer {
  let damaged = 0
  const newer: { readonly error: FormatError; readonly sure: boolean }[] = []
  for (const at of COPIES) {
    const copy = block.subarray(at, at + HEAD_BYTES)
    if (copy.length === HEAD_BYTES) {
      const answer = decodeCopy(copy, path)
      if ('error' in answer) newer.push(answer)
      else if ('head' in answer && answer.head.base === base) return { kind: 'head', head: answer.head, version: answer.version, damaged }
    }
    damaged += 1
  }
  const refusal = newer.find(({ sure }) => sure) ?? (newer.length === COPIES.length ? newer[0] : undefined)
  if (refusal !== undefined) throw refusal.error
  return { kind: block.every((byte) => byte === 0) ? 'blank' : 'destroyed' }
}

type CopyAnswer =
  | { readonly head: SegmentHead; readonly version: number }
  | { readonly error: FormatError; readonly sure: boolean }
  | { readonly damaged: true }

function decodeCopy(copy: Uint8Array, path: string): CopyAnswer {
  const view = new DataView(copy.buffer, copy.byteOffset, copy.length)
  const sure = view.getUint32(FORMAT_CRC, true) === crc32(copy.subarray(0, FORMAT_BYTES))
  let version: number
  try {
    version = checkFormat(copy, path, SEGMENT_FORMAT)
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown
    return thrown.kind === 'newer' ? { error: thrown, sure } : { damaged: true }
  }
  if (!sure || view.getUint32(FIELDS_END, true) !== crc32(copy.subarray(0, FIELDS_END))) return { damaged: true }
  const head: SegmentHead = {
    base: getPosition(view, FIELDS),
    capacity: getPosition(view, FIELDS + 8),
    previousBase: getPosition(view, FIELDS + 16) - 1,
    previousEnd: getPosition(view, FIELDS + 24),
    previousNewest: view.getFloat64(FIELDS + 32, true),
    previousSynced: getPosition(view, FIELDS + 40),
    marker: view.getUint32(FIELDS + 48, true),
    seed: view.getUint32(FIELDS + 52, true),
  }
  return head.capacity >= SMALLEST_SEGMENT && head.capacity <= LARGEST_SEGMENT ? { head, version } : { damaged: true }
}

/** A segment that this process knows. */
export interface Segment {
  readonly base: number
  readonly capacity: number
  readonly path: string
  readonly stamp: RecordStamp
  /** Records lie before this position, and all of them are committed. */
  end: number
  /** Latest `storedAt` of a record in it; -Infinity when there is none. */
  newestStoredAt: number
  /** Up to here it is known to be on disk: a hole before that is damage, one behind it is what a loss of power took. */
  synced: number
  /** Another one has begun: nothing is added any more. */
  sealed: boolean
  /** Bytes that its file takes. */
  bytes: number
}

const NAME = /^(\d{20})\.log$/

export function segmentPath(folder: string, base: number): string {
  return `${folder}/${String(base).padStart(20, '0')}.log`
}

/** @returns the base that the file's name says, undefined when it is not a segment's. */
export function baseOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  const base = digits === undefined ? Number.NaN : Number(digits)
  return Number.isSafeInteger(base) ? base : undefined
}

/** Where the segment after this one begins: no position of a segment is ever another's, also those that failed and those nobody knows of after a crash. */
export function nextBase({ base, capacity }: { readonly base: number; readonly capacity: number }): number {
  return base + capacity
}

/** The segment that holds a position. @param segments in the order of their bases. */
export function segmentOf(segments: readonly Segment[], position: number): Segment | undefined {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((segments[middle]?.base ?? Number.POSITIVE_INFINITY) <= position) low = middle + 1
    else high = middle
  }
  const segment = segments[low - 1]
  return segment !== undefined && position >= segment.base + SEGMENT_HEAD && position < segment.end ? segment : undefined
}

/** Whole record within the segment. */
export function holds(segment: Segment, position: number, length: number): boolean {
  return length > 0 && position + length <= segment.end
}

/** Head of a file, or less when it is shorter. */
export function headBlock(bytes: Uint8Array, read: number): Uint8Array {
  return bytesOf(bytes, 0, Math.min(read, SEGMENT_HEAD))
}
