import { crc32 } from 'node:zlib'
import { type File, FileError, type Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import type { RecordStamp } from '../log/segments/record.ts'
import { AppendFile, type Disk, type Flush } from './append-file.ts'
import { type BucketName, decodeHead, encodeHead, HEAD, marksPath } from './layout.ts'

/** What became of an entry: never to come any more, or to come at this time. */
export type Mark = 'gone' | number

/** Crc (u32) over the rest, the mark's own place (u32), that of the entry (f64), when it is due (f64; infinity for never), what was on disk before (f64). */
const MARK_BYTES = 32
const CHUNK = 2048 * MARK_BYTES

function encodeMark(mark: Mark, entry: number, place: number, committed: number, { seed }: RecordStamp): Uint8Array {
  const bytes = Buffer.alloc(MARK_BYTES)
  bytes.writeUInt32LE(place, 4)
  bytes.writeDoubleLE(entry, 8)
  bytes.writeDoubleLE(mark === 'gone' ? Number.POSITIVE_INFINITY : mark, 16)
  bytes.writeDoubleLE(committed, 24)
  bytes.writeUInt32LE(crc32(bytes.subarray(4), seed), 0)
  return bytes
}

export interface MarksOptions {
  readonly files: Files
  readonly folder: string
  readonly disk: Disk
  readonly flush: Flush
  readonly name: BucketName
  /** Parts that earlier lives wrote. */
  readonly parts: readonly number[]
  readonly onFailed: (path: string, error: unknown) => void
  /** Marks cannot be read: of a newer format, or damaged. */
  readonly onDamaged: (path: string, position: number, length: number) => void
}

/** How long marks that nobody waits for may stay unsynced. */
const PATIENCE = 1_000

/** What became of the entries of one bucket file, in files beside it. */
export class Marks {
  readonly #options: MarksOptions
  readonly #parts: number[]
  #file: AppendFile | undefined

  constructor(options: MarksOptions) {
    this.#options = options
    this.#parts = [...options.parts]
  }

  /** @param urgent It is on the disk for good when the promise resolves; else it is written. */
  append(entry: number, mark: Mark, urgent: boolean, stamp: RecordStamp): Promise<void> {
    const file = this.#file ?? this.#begin(stamp)
    return file.append([encodeMark(mark, entry, file.next, file.committed, stamp)], urgent)
  }

  /** Some are not written yet. */
  get pending(): boolean {
    return this.#file?.pending === true
  }

  /** See {@link AppendFile.settle}. */
  async settle(): Promise<void> {
    await this.#file?.settle()
  }

  async idle(): Promise<void> {
    while (this.#file?.pending === true) await this.#file.idle()
  }

  /** All of them, by the entry's position; what is gone stays so. @throws {FileError} @throws {FormatError} */
  async load(stamp: RecordStamp): Promise<Map<number, Mark>> {
    const { folder, name, disk } = this.#options
    const marks = new Map<number, Mark>()
    for (const part of this.#parts) {
      const path = marksPath(folder, name, part)
      const own = this.#file?.path === path
      if (own && this.#file?.made !== true) continue
      try {
        await disk.open.use(path, own ? 'write' : 'read', (file) => this.#read(file, stamp, marks))
      } catch (error) {
        // A part that failed before it was made.
        if (!(error instanceof FileError && error.code === 'ENOENT')) throw error
      }
      if (!own) await disk.open.close(path)
    }
    return marks
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  /** Only when the bucket file is gone for good. @throws {FileError} */
  async remove(): Promise<void> {
    const { files, folder, name } = this.#options
    await this.close()
    for (const part of this.#parts) await files.remove(marksPath(folder, name, part))
  }

  #begin(stamp: RecordStamp): AppendFile {
    const { disk, flush, folder, name, onFailed } = this.#options
    const part = Math.max(0, ...this.#parts) + 1
    this.#parts.push(part)
    const path = marksPath(folder, name, part)
    const file = new AppendFile({
      disk,
      path,
      head: () => encodeHead('marks', name, stamp),
      flush,
      patience: PATIENCE,
      onCommitted: () => {},
      onFailed: (error) => {
        if (this.#file === file) this.#file = undefined
        if (!file.made) this.#parts.splice(this.#parts.indexOf(part), 1)
        void disk.open.close(path)
        onFailed(path, error)
      },
    })
    this.#file = file
    return file
  }

  async #read(file: File, stamp: RecordStamp, marks: Map<number, Mark>): Promise<void> {
    const head = Buffer.alloc(HEAD)
    try {
      const found = decodeHead('marks', head.subarray(0, await file.read(head, 0)), file.path, this.#options.name)
      // Of a bucket file that had this name before.
      if (found === 'unborn' || found.marker !== stamp.marker || found.seed !== stamp.seed) return
    } catch (error) {
      // Each mark says by its checksum that it is of this bucket file: those behind a damaged head count.
      if (!(error instanceof FormatError) || error.kind === 'newer') throw error
      this.#options.onDamaged(file.path, 0, HEAD)
    }
    const chunk = Buffer.allocUnsafe(CHUNK)
    let wrongFrom: number | undefined
    for (let base = HEAD, filled = CHUNK; filled === CHUNK; base += CHUNK) {
      filled = await file.read(chunk, base)
      for (let at = 0; at + MARK_BYTES <= filled; at += MARK_BYTES) {
        const place = base + at
        const right = chunk.readUInt32LE(at) === crc32(chunk.subarray(at + 4, at + MARK_BYTES), stamp.seed) && chunk.readUInt32LE(at + 4) === place
        if (!right) {
          wrongFrom ??= place
          continue
        }
        // Else it was being written when its writer stopped, or failed.
        if (wrongFrom !== undefined && wrongFrom < chunk.readDoubleLE(at + 24)) this.#options.onDamaged(file.path, wrongFrom, place - wrongFrom)
        wrongFrom = undefined
        const entry = chunk.readDoubleLE(at + 8)
        const dueAt = chunk.readDoubleLE(at + 16)
        if (dueAt === Number.POSITIVE_INFINITY) marks.set(entry, 'gone')
        else if (marks.get(entry) !== 'gone') marks.set(entry, dueAt)
      }
    }
  }
}
