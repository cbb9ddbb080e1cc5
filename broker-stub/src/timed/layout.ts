import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { checkFormat, FORMAT_BYTES, FormatError, writeFormat } from '../files/format.ts'
import type { RecordStamp } from '../log/segments/record.ts'

/*
 * Files of timed messages:
 *
 * - `<hour>-<number>.bucket`: entries that were due within that hour when they were put. Written by one life of the broker, never changed by a later one.
 * - `<hour>-<number>.<part>.marks`: what became of entries of that bucket file: gone, or postponed. Again one life, or a part of one, writes each.
 * - `format`: the version that whoever reads the folder has to know, so that opening need not look into thousands of files of hours far ahead.
 *
 * Numbers are never used twice within a life; a bucket file and its marks share a random stamp, so that marks which come back with a loss of power never
 * meet another bucket file of their name.
 */

/** Version 2 of each: records of messages may have a SHA1 as their digest, as in the log. */
const BUCKET = { magic: 'FMQTIME\n', version: 2 }
const MARKS = { magic: 'FMQMARK\n', version: 1 }
const FOLDER = { magic: 'FMQTFMT\n', version: 2 }

export const HOUR = 3_600_000
/** A head is written twice, in two sectors: one that is damaged costs nothing. */
const COPY = 512
const HEAD_BYTES = 64
export const HEAD: number = 2 * COPY

/** Who a file of this family is. */
export interface BucketName {
  /** Hours since the epoch. */
  readonly hour: number
  readonly number: number
}

/** A bucket file that an earlier life left, with the parts of its marks. */
export interface FoundFile extends BucketName {
  readonly parts: readonly number[]
}

export type TimedFile =
  | (BucketName & { readonly kind: 'bucket'; readonly path: string })
  | (BucketName & { readonly kind: 'marks'; readonly part: number; readonly path: string })

export function formatPath(folder: string): string {
  return `${folder}/format`
}

function nameOf({ hour, number }: BucketName): string {
  return `${String(hour).padStart(10, '0')}-${String(number).padStart(10, '0')}`
}

export function bucketPath(folder: string, name: BucketName): string {
  return `${folder}/${nameOf(name)}.bucket`
}

export function marksPath(folder: string, name: BucketName, part: number): string {
  return `${folder}/${nameOf(name)}.${String(part).padStart(4, '0')}.marks`
}

/** Undefined for a file that is none of this family's. */
export function parseFile(folder: string, name: string): TimedFile | undefined {
  const [, hour, number, bucket, part] = /^(\d{10})-(\d{10})\.(?:(bucket)|(\d{4,9})\.marks)$/.exec(name) ?? []
  if (hour === undefined || number === undefined) return undefined
  const common = { hour: Number(hour), number: Number(number), path: `${folder}/${name}` }
  if (bucket !== undefined) return { kind: 'bucket', ...common }
  return { kind: 'marks', part: Number(part), ...common }
}

/** See {@link RecordStamp}: also what binds marks to their bucket file. */
export function newStamp(): RecordStamp {
  const bytes = randomBytes(8)
  return { marker: bytes.readUInt32LE(0), seed: bytes.readUInt32LE(4) }
}

export function encodeFolderFormat(): Uint8Array {
  const bytes = Buffer.alloc(FORMAT_BYTES)
  writeFormat(bytes, FOLDER)
  return bytes
}

/** @returns whether it says the present version, not an older one. @throws {FormatError} */
export function checkFolderFormat(bytes: Uint8Array, path: string): boolean {
  return checkFormat(bytes, path, FOLDER) === FOLDER.version
}

export function encodeHead(kind: 'bucket' | 'marks', { hour, number }: BucketName, { marker, seed }: RecordStamp): Uint8Array {
  const bytes = Buffer.alloc(HEAD)
  writeFormat(bytes, kind === 'bucket' ? BUCKET : MARKS)
  bytes.writeUInt32LE(number, 12)
  bytes.writeDoubleLE(hour, 16)
  bytes.writeUInt32LE(marker, 24)
  bytes.writeUInt32LE(seed, 28)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEAD_BYTES - 4)), HEAD_BYTES - 4)
  bytes.copy(bytes, COPY, 0, HEAD_BYTES)
  return bytes
}

/**
 * @param bytes the first {@link HEAD} bytes of the file, or all when there are fewer.
 * @returns `'unborn'` when nothing was ever committed in it: the head is written and synced with what comes first.
 * @throws {FormatError}
 */
export function decodeHead(kind: 'bucket' | 'marks', bytes: Buffer, path: string, { hour, number }: BucketName): RecordStamp | 'unborn' {
  const copies = [bytes.subarray(0, HEAD_BYTES), bytes.subarray(COPY, COPY + HEAD_BYTES)].filter(({ length }) => length === HEAD_BYTES)
  for (const copy of copies) {
    if (crc32(copy.subarray(0, HEAD_BYTES - 4)) !== copy.readUInt32LE(HEAD_BYTES - 4)) continue
    if (copy.readUInt32LE(12) !== number || copy.readDoubleLE(16) !== hour) continue
    checkFormat(copy, path, kind === 'bucket' ? BUCKET : MARKS)
    return { marker: copy.readUInt32LE(24), seed: copy.readUInt32LE(28) }
  }
  refuseNewer(kind, copies[0], path)
  // Where only the beginning of a first write got to, the second copy is not there.
  if (copies[1] === undefined || copies[1].every((byte) => byte === 0)) return 'unborn'
  for (const copy of copies) checkFormat(copy, path, kind === 'bucket' ? BUCKET : MARKS)
  throw new FormatError('damaged', path, `${path} is damaged: its head is not what was written`)
}

/** A newer head may have anything behind its version. */
function refuseNewer(kind: 'bucket' | 'marks', copy: Buffer | undefined, path: string): void {
  try {
    if (copy !== undefined) checkFormat(copy, path, kind === 'bucket' ? BUCKET : MARKS)
  } catch (error) {
    if (error instanceof FormatError && error.kind === 'newer') throw error
  }
}
