import { type File, FileError, type Files } from '../../files/files.ts'
import { removeCleanMark, writeCleanMark } from './clean-mark.ts'
import { encodeHead, type Segment } from './segment-file.ts'
import { SpareSegment } from './spare-segment.ts'

/** What makes a message committed: that it is on disk, or that the system has it, which syncs every so many ms or when it likes. */
export type Flush = 'commit' | 'os' | { readonly interval: number }

interface Current {
  readonly segment: Segment
  readonly file: File
  /** Behind the last sync. */
  dirty: boolean
  /** A sync failed: the file is not written or synced any more. */
  failed: boolean
  /** All that was in it when it was opened is on disk, zeros that nobody wrote into yet among it. */
  synced: boolean
}

/** Writes batches into segments, one after the other. After it failed, the segment is to be abandoned. */
export class SegmentWriter {
  readonly #files: Files
  readonly #folder: string
  readonly #flush: Flush
  readonly #spare: SpareSegment
  readonly #onSyncFailed: (segment: Segment, error: Error) => void
  #marked: boolean
  #current: Current | undefined

  constructor(
    files: Files,
    folder: string,
    segmentSize: number,
    flush: Flush,
    marked: boolean,
    onSyncFailed: (segment: Segment, error: Error) => void,
  ) {
    this.#files = files
    this.#folder = folder
    this.#flush = flush
    this.#spare = new SpareSegment(files, folder, segmentSize)
    this.#marked = marked
    this.#onSyncFailed = onSyncFailed
  }

  /** The log on disk says that it ended in order. */
  get marked(): boolean {
    return this.#marked
  }

  get dirty(): boolean {
    return this.#current?.dirty === true
  }

  /** What a sync is for now. */
  writes(segment: Segment): boolean {
    return this.#current?.segment === segment && !this.#current.failed
  }

  /** A sync of the present file failed. */
  get failed(): boolean {
    return this.#current?.failed === true
  }

  /**
   * Writes the parts behind what the segment holds. @param previous the segment before, when this one is new. @throws {FileError}
   */
  async write(segment: Segment, parts: Uint8Array[], position: number, previous: Segment | undefined): Promise<void> {
    if (this.#marked) {
      await removeCleanMark(this.#files, this.#folder)
      this.#marked = false
    }
    const begins = this.#current?.segment !== segment
    const current = begins ? await this.#open(segment, previous) : this.#current
    if (current === undefined || current.failed)
      throw new FileError('EIO', segment.path, `cannot write ${segment.path}: a sync of it failed before (EIO)`)
    const fresh = begins && segment !== previous
    if (fresh) parts.unshift(headOf(segment, previous))
    const at = fresh ? 0 : position - segment.base
    if (this.#flush === 'commit' && current.synced) {
      await this.#attempt(current, () => current.file.writeThrough(parts, at))
      return
    }
    await current.file.write(parts, at)
    // Not before: a sync that began meanwhile may have left it out.
    current.dirty = true
    if (this.#flush === 'commit') await this.#sync(current)
  }

  /** @throws {FileError} */
  async sync(): Promise<void> {
    const current = this.#current
    if (current?.dirty === true && !current.failed) await this.#sync(current)
  }

  /** Makes the next segment's file while the present one is filled. */
  prepare(): void {
    this.#spare.prepare()
  }

  /** After a failure. @param begun it holds records that are committed; otherwise nothing of it is kept. */
  async abandon(segment: Segment, begun: boolean): Promise<void> {
    const current = this.#current
    if (current?.segment === segment) {
      this.#current = undefined
      await current.file.close().catch(ignoreFileError)
    }
    if (!begun) await this.#files.remove(segment.path).catch(ignoreFileError)
  }

  /** @param last where the log ends; undefined when it is empty or that is not certain. */
  async close(last: Segment | undefined): Promise<void> {
    await this.#spare.discard()
    const current = this.#current
    this.#current = undefined
    await current?.file.close().catch(ignoreFileError)
    if (last === undefined || this.#marked) return
    const { base, end, newestStoredAt, synced } = last
    const sealed = current === undefined || current.failed || current.segment !== last
    // Without it the log is looked through at the next opening.
    await writeCleanMark(this.#files, this.#folder, { base, end, newestStoredAt, synced, sealed }).catch(ignoreFileError)
  }

  async #open(segment: Segment, previous: Segment | undefined): Promise<Current> {
    const before = this.#current
    if (before !== undefined) {
      if (this.#flush !== 'os') {
        const error = await this.sync().then(
          () => undefined,
          (thrown: Error) => thrown,
        )
        if (error !== undefined) this.#onSyncFailed(before.segment, error)
        else if (!before.failed) before.segment.synced = before.segment.end
      }
      this.#current = undefined
      await before.file.close().catch(ignoreFileError)
    }
    const file = segment === previous ? await this.#files.open(segment.path, 'write') : await this.#spare.take(segment.path)
    const current = { segment, file, dirty: false, failed: false, synced: false }
    this.#current = current
    return current
  }

  async #sync(current: Current): Promise<void> {
    current.dirty = false
    await this.#attempt(current, () => current.file.sync())
    current.synced = true
  }

  async #attempt(current: Current, sync: () => Promise<void>): Promise<void> {
    try {
      await sync()
    } catch (error) {
      current.failed = true
      throw error
    }
  }
}

function headOf({ base, capacity, stamp }: Segment, previous: Segment | undefined): Uint8Array {
  return encodeHead({
    base,
    capacity,
    previousBase: previous?.base ?? -1,
    previousEnd: previous?.end ?? 0,
    previousNewest: previous?.newestStoredAt ?? Number.NEGATIVE_INFINITY,
    previousSynced: previous?.synced ?? 0,
    marker: stamp.marker,
    seed: stamp.seed,
  })
}

function ignoreFileError(thrown: unknown): void {
  if (!(thrown instanceof FileError)) throw thrown
}
