import type { Clock } from '../clock.ts'
import type { Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import { FrameBuffer, LAST_TYPE, type OnRecord, readFrames } from './frames.ts'
import { checkSnapshotHead, encodeSnapshotHead, SNAPSHOT_HEAD, snapshotPath } from './state-files.ts'

/** Behind the last record: how many there are (f64). */
const END_TYPE = LAST_TYPE + 1
const WRITE_BYTES = 256 * 1024
/** How long the writer of a snapshot may keep the event loop at a time. */
const SLICE_MS = 2

/**
 * Hands over all of the state as records that stand for themselves, and yields in between, every few hundred of them: other work runs there.
 *
 * Behind the snapshot the journal is replayed: everything that was written since shortly before it began. So some records are older than what the snapshot
 * has of the same thing, and the ones that made it newer follow. That is right when the last record about a thing is all that counts of it.
 */
export type SnapshotSource = (emit: OnRecord) => Iterable<unknown>

export interface SnapshotOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
  /** Of the first journal that is replayed behind it. */
  readonly number: number
  readonly source: SnapshotSource
  /** Syncs the journal: what the snapshot has must not be older in the journal behind it. */
  readonly syncJournal: () => Promise<void>
}

function u8f64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return bytes
}

/** Resolves when the snapshot is there for good. Leaves none behind when it fails. @returns its bytes. */
export async function writeSnapshot({ files, folder, clock, number, source, syncJournal }: SnapshotOptions): Promise<number> {
  const path = snapshotPath(folder, number)
  const draft = `${path}.tmp`
  await files.remove(draft)
  const file = await files.create(draft, 0)
  try {
    await file.write([encodeSnapshotHead(number)], 0)
    let size = SNAPSHOT_HEAD
    let records = 0
    const buffer = new FrameBuffer()
    const put = async (): Promise<void> => {
      buffer.seal()
      await file.write([buffer.from(0)], size)
      size += buffer.length
      buffer.drop(buffer.length)
    }
    const emit: OnRecord = (type, bytes) => {
      if (!(type >= 0 && type <= LAST_TYPE)) throw new RangeError(`a record's type is from 0 to ${LAST_TYPE}, not ${type}`)
      buffer.add(type, bytes)
      records++
    }
    let began = clock.monotonic()
    for (const _ of source(emit)) {
      if (buffer.length >= WRITE_BYTES) await put()
      if (clock.monotonic() - began < SLICE_MS) continue
      await new Promise((resolve) => setImmediate(resolve))
      began = clock.monotonic()
    }
    buffer.add(END_TYPE, u8f64(records))
    await put()
    await file.sync()
    await file.close()
    await syncJournal()
    await files.rename(draft, path)
    await files.syncFolder(folder)
    return size
  } catch (error) {
    await file.close().catch(() => {})
    await files.remove(draft).catch(() => {})
    throw error
  }
}

/** @returns its bytes. @throws {FormatError} when it is not whole: unlike a journal a snapshot counts as a whole or not at all. */
export async function readSnapshot(files: Files, folder: string, number: number, onRecord: OnRecord): Promise<number> {
  const file = await files.open(snapshotPath(folder, number), 'read')
  try {
    await checkSnapshotHead(file, number)
    const size = await file.size()
    let records = 0
    let promised: number | undefined
    const end = await readFrames(file, SNAPSHOT_HEAD, size, (type, bytes) => {
      if (type === END_TYPE && bytes.length === 8) promised = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true)
      else {
        records++
        onRecord(type, bytes)
      }
    })
    if (end !== size || promised !== records) {
      throw new FormatError('damaged', file.path, `${file.path} is damaged at byte ${end} of ${size}, and it counts only as a whole`)
    }
    return size
  } finally {
    await file.close()
  }
}
