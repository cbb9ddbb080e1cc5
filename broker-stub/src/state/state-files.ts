import { crc32 } from 'node:zlib'
import type { File, Files } from '../files/files.ts'
import { checkFormat, FORMAT_BYTES, FormatError, writeFormat } from '../files/format.ts'

const JOURNAL = { magic: 'FMQJRNL\n', version: 1 }
const SNAPSHOT = { magic: 'FMQSNAP\n', version: 1 }

export const JOURNAL_HEAD = 40
export const SNAPSHOT_HEAD = 20

/** A place in the history: up to `end` in the journal with this number. Number 0 is the beginning of it. */
export interface Link {
  readonly number: number
  readonly end: number
}

/** What a journal says of itself. */
export interface JournalHead {
  readonly number: number
  /** What comes before it. It was on the disk for good when this head was written. */
  readonly previous: Link
}

export type StateFile = { readonly kind: 'journal' | 'snapshot' | 'draft'; readonly number: number; readonly path: string }

export function journalPath(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(10, '0')}.journal`
}

export function snapshotPath(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(10, '0')}.snapshot`
}

/** Files of this family, by number; whatever else lies in the folder is left alone. */
export async function stateFiles(files: Files, folder: string): Promise<StateFile[]> {
  const found: StateFile[] = []
  for (const name of await files.list(folder)) {
    const [, number, kind, draft] = /^(\d{10})\.(journal|snapshot)(\.tmp)?$/.exec(name) ?? []
    if (number === undefined || (kind === 'journal' && draft !== undefined)) continue
    found.push({
      kind: draft !== undefined ? 'draft' : kind === 'journal' ? 'journal' : 'snapshot',
      number: Number(number),
      path: `${folder}/${name}`,
    })
  }
  return found
}

export function encodeJournalHead({ number, previous }: JournalHead): Uint8Array {
  const bytes = Buffer.alloc(JOURNAL_HEAD)
  writeFormat(bytes, JOURNAL)
  bytes.writeUInt32LE(number, FORMAT_BYTES)
  bytes.writeUInt32LE(previous.number, 16)
  bytes.writeDoubleLE(previous.end, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36)
  return bytes
}

export function encodeSnapshotHead(number: number): Uint8Array {
  const bytes = Buffer.alloc(SNAPSHOT_HEAD)
  writeFormat(bytes, SNAPSHOT)
  bytes.writeUInt32LE(number, FORMAT_BYTES)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16)
  return bytes
}

/**
 * @returns `'unborn'` for a journal whose head was never written, or was lost with the power: nothing in it counts. `'damaged'` for a head that is wrong.
 * @throws {FormatError} for another format.
 */
export async function readJournalHead(file: File, number: number): Promise<JournalHead | 'unborn' | 'damaged'> {
  const bytes = Buffer.alloc(JOURNAL_HEAD)
  const length = await file.read(bytes, 0)
  // The head is written in one piece within the first sector, so that the power takes all of it or nothing; a kill may leave a beginning, with zeros behind.
  const written = bytes.findLastIndex((byte) => byte !== 0) + 1
  if (length < JOURNAL_HEAD || JOURNAL.magic.startsWith(bytes.toString('latin1', 0, written))) return 'unborn'
  checkFormat(bytes, file.path, JOURNAL)
  const previous = { number: bytes.readUInt32LE(16), end: bytes.readDoubleLE(24) }
  if (crc32(bytes.subarray(0, 36)) !== bytes.readUInt32LE(36) || bytes.readUInt32LE(FORMAT_BYTES) !== number) return 'damaged'
  return { number, previous }
}

/** @throws {FormatError} */
export async function checkSnapshotHead(file: File, number: number): Promise<void> {
  const bytes = Buffer.alloc(SNAPSHOT_HEAD)
  await file.read(bytes, 0)
  checkFormat(bytes, file.path, SNAPSHOT)
  if (crc32(bytes.subarray(0, 16)) !== bytes.readUInt32LE(16) || bytes.readUInt32LE(FORMAT_BYTES) !== number) {
    throw new FormatError('damaged', file.path, `${file.path} is damaged: its head is not what was written`)
  }
}
