import { crc32 } from 'node:zlib'
import { FileError, type Files } from '../../files/files.ts'
import { checkFormat, FORMAT_BYTES, type Format, FormatError, writeFormat } from '../../files/format.ts'
import { getPosition, putPosition } from './record.ts'

const CLEAN_FORMAT: Format = { magic: 'FMQ-END\n', version: 1 }
const BYTES = FORMAT_BYTES + 37

/** How the log ended, when it ended in order: nothing needs to be looked for then. */
export interface CleanMark {
  /** The last segment. */
  readonly base: number
  readonly end: number
  readonly newestStoredAt: number
  /** Up to here it is known to be on disk. */
  readonly synced: number
  /** It takes no more records. */
  readonly sealed: boolean
}

function cleanPath(folder: string): string {
  return `${folder}/clean`
}

export async function writeCleanMark(files: Files, folder: string, mark: CleanMark): Promise<void> {
  const bytes = new Uint8Array(BYTES)
  const view = new DataView(bytes.buffer)
  writeFormat(bytes, CLEAN_FORMAT)
  putPosition(view, FORMAT_BYTES, mark.base)
  putPosition(view, FORMAT_BYTES + 8, mark.end)
  view.setFloat64(FORMAT_BYTES + 16, mark.newestStoredAt, true)
  putPosition(view, FORMAT_BYTES + 25, mark.synced)
  bytes[FORMAT_BYTES + 24] = mark.sealed ? 1 : 0
  view.setUint32(BYTES - 4, crc32(bytes.subarray(0, BYTES - 4)), true)
  const path = `${cleanPath(folder)}.tmp`
  await files.remove(path)
  const file = await files.create(path, BYTES)
  try {
    await file.write([bytes], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(path, cleanPath(folder))
  await files.syncFolder(folder)
}

/** @returns undefined when there is none, or none that can be believed. @throws {FormatError} for a newer version. */
export async function readCleanMark(files: Files, folder: string): Promise<CleanMark | undefined> {
  const path = cleanPath(folder)
  const bytes = new Uint8Array(BYTES)
  try {
    const file = await files.open(path, 'read')
    try {
      if ((await file.read(bytes, 0)) !== BYTES) return undefined
    } finally {
      await file.close()
    }
  } catch (thrown) {
    // What cannot be read is not believed: the log is looked through, as after a crash.
    if (thrown instanceof FileError) return undefined
    throw thrown
  }
  const view = new DataView(bytes.buffer)
  const whole = view.getUint32(BYTES - 4, true) === crc32(bytes.subarray(0, BYTES - 4))
  try {
    checkFormat(bytes, path, CLEAN_FORMAT)
  } catch (thrown) {
    if (thrown instanceof FormatError && thrown.kind !== 'newer') return undefined
    throw thrown
  }
  if (!whole) return undefined
  return {
    base: getPosition(view, FORMAT_BYTES),
    end: getPosition(view, FORMAT_BYTES + 8),
    newestStoredAt: view.getFloat64(FORMAT_BYTES + 16, true),
    synced: getPosition(view, FORMAT_BYTES + 25),
    sealed: bytes[FORMAT_BYTES + 24] === 1,
  }
}

/** Before anything is written into the log: a mark that outlived that would hide it. */
export async function removeCleanMark(files: Files, folder: string): Promise<void> {
  await files.remove(cleanPath(folder))
  await files.syncFolder(folder)
}
