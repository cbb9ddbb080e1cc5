import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../../clock.ts'
import { FileError, type Files } from '../../files/files.ts'
import { BlockCache, blockOf } from './block-cache.ts'
import { type Batch, CommitQueue } from './commit-queue.ts'
import type { SegmentLogListener } from './events.ts'
import { type OnRecord, type OpenedLog, openSegments } from './opening.ts'
import { checkRecord, chunk, type LogRecord, type RecordStamp, readHead } from './record.ts'
import { holds, LARGEST_SEGMENT, SEGMENT_HEAD, type Segment, SMALLEST_SEGMENT, segmentOf } from './segment-file.ts'
import { SegmentReaders } from './segment-readers.ts'
import { type Flush, SegmentWriter } from './segment-writer.ts'
import { StoredRecord } from './stored-record.ts'
import { Tail } from './tail.ts'
import type { AppendAnswer, ReadAnswer, SegmentInfo, SegmentLogOptions, SegmentLogStats } from './types.ts'
import { Unreadable } from './unreadable.ts'
import { walk } from './walk.ts'

const MIB = 1024 * 1024
/** How long a log that can make no segment refuses messages before it tries again. */
const RETRY_MS = 1000
/** Places of damage that were reported; those beyond are reported again when they are read again. */
const REMEMBERED_DAMAGE = 1000

type State =
  | { readonly kind: 'working' }
  /** No segment could be made. */
  | { readonly kind: 'broken'; readonly reason: string; readonly retryAt: number }
  | { readonly kind: 'closed' }

/**
 * Opens the log in a folder, which is made when there is none, and tells `onRecord` of the records from position `from` on (0: all), in order. `from` is
 * where a record or a segment begins.
 * @throws {FormatError} for a file of a newer version.
 * @throws {FileError} when what is there cannot be read. A folder that cannot be written can be read.
 */
export async function openSegmentLog(options: SegmentLogOptions, from: number, onRecord: OnRecord): Promise<SegmentLog> {
  const { files, folder, segmentSize = 64 * MIB } = options
  if (!(Number.isInteger(segmentSize) && segmentSize >= SMALLEST_SEGMENT && segmentSize <= LARGEST_SEGMENT)) {
    throw new RangeError(`a segment of the log has ${SMALLEST_SEGMENT} to ${LARGEST_SEGMENT} bytes, not ${segmentSize}`)
  }
  const readers = new SegmentReaders(files)
  const damage = { count: 0 }
  const emit: SegmentLogListener = (event) => {
    if (event.kind === 'damaged') damage.count += 1
    options.onEvent?.(event)
  }
  try {
    await files.makeFolder(folder)
  } catch (error) {
    if ((await files.list(folder)).length === 0) throw error
  }
  try {
    const opened = await openSegments(files, readers, folder, segmentSize, from, onRecord, emit)
    return new SegmentLog({ ...options, segmentSize }, opened, readers, emit, damage)
  } catch (error) {
    readers.close()
    throw error
  }
}

/** Messages of all topics on disk, in segments that are written one after the other and removed as wholes. Get it from {@link openSegmentLog}. */
export class SegmentLog {
  readonly #clock: Clock
  readonly #files: Files
  readonly #folder: string
  readonly #flush: Flush
  readonly #maxQueued: number
  readonly #emit: SegmentLogListener
  readonly #damage: { count: number }
  readonly #reported = new Set<number>()
  readonly #unreadable = new Unreadable()
  /** In the order of their positions; those that hold committed records. */
  readonly #segments: Segment[]
  readonly #tail: Tail
  readonly #cache: BlockCache
  readonly #readers: SegmentReaders
  readonly #queue: CommitQueue
  readonly #writer: SegmentWriter
  readonly #committed: ((upTo: number) => void)[] = []
  readonly #failed: ((from: number, to: number, error: Error) => void)[] = []
  #whole: boolean
  #state: State = { kind: 'working' }
  #reportedUnavailable = false
  #flushing: 'no' | 'at the end of this turn' | 'now' = 'no'
  #idle: (() => void)[] = []
  #syncTimer: Timer | undefined
  #syncing: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(
    options: SegmentLogOptions & { readonly segmentSize: number },
    opened: OpenedLog,
    readers: SegmentReaders,
    emit: SegmentLogListener,
    damage: { count: number },
  ) {
    const { files, folder, clock, segmentSize, flush = 'commit', random = randomBytes } = options
    this.#clock = clock
    this.#files = files
    this.#folder = folder
    this.#flush = flush
    this.#maxQueued = options.maxQueued ?? 64 * MIB
    this.#emit = emit
    this.#damage = damage
    this.#segments = opened.segments
    this.#whole = opened.whole
    this.#readers = readers
    this.#tail = new Tail(options.tail ?? 16 * MIB)
    this.#cache = new BlockCache(options.cache ?? 32 * MIB, ({ path }, into, offset) => readers.read(path, into, offset))
    const resume = opened.resumes ? opened.segments.at(-1) : undefined
    const queue = { tail: this.#tail, folder, segmentSize, nextBase: opened.nextBase, resume, stamp: () => newStamp(random), now: () => clock.now() }
    this.#queue = new CommitQueue(queue, opened.synced)
    this.#writer = new SegmentWriter(files, folder, segmentSize, flush, opened.clean, (segment, error) => this.#syncFailed(segment, error))
  }

  /** @throws {RangeError} for a message that no record can hold: larger than 8 MiB, strings of more than 64 KiB, a digest that is neither SHA1 nor MD5. */
  append(record: LogRecord): AppendAnswer {
    if (this.#state.kind !== 'working') {
      if (this.#state.kind === 'closed') return { kind: 'unavailable', reason: 'the log is closed' }
      if (this.#clock.monotonic() < this.#state.retryAt) return { kind: 'unavailable', reason: this.#state.reason }
      this.#state = { kind: 'working' }
    }
    const queue = this.#queue
    if (queue.bytes > 0 && queue.bytes + record.message.bytes.length > this.#maxQueued) return { kind: 'full' }
    const length = queue.put(record)
    if (this.#flushing === 'no') this.#flushSoon()
    return { kind: 'appended', position: queue.position - length, length }
  }

  /** Resolves when the record there is committed, one promise for all that are so together. Rejects when it failed, or is not there. */
  committed(position: number): Promise<void> {
    const outcome = this.#queue.outcomeOf(position)
    if (outcome !== undefined) return outcome
    if (segmentOf(this.#segments, position) !== undefined) return Promise.resolve()
    return Promise.reject(new Error(`there is no message at position ${position} of the log`))
  }

  /** Told after each commit: all records before `upTo` that did not fail are committed. */
  onCommitted(listener: (upTo: number) => void): void {
    this.#committed.push(listener)
  }

  /** Told when records were not stored: those from one position up to another. */
  onFailed(listener: (from: number, to: number, error: Error) => void): void {
    this.#failed.push(listener)
  }

  /** A message from memory. It is a view into some hundred KiB, so whoever keeps it longer than a reply takes copies it. */
  read(position: number, length: number): ReadAnswer {
    const young = this.#tail.read(position, length)
    if (young !== undefined) return young === 'wrong' ? 'damaged' : young
    const segment = segmentOf(this.#segments, position)
    if (segment === undefined) return 'gone'
    if (!holds(segment, position, length)) return this.#damaged(segment, position, length)
    if (this.#unreadable.isGivenUp(position)) return 'damaged'
    const block = this.#cache.find(segment, position, length)
    if (block === undefined) return undefined
    const at = position - block.from
    if (checkRecord(block.chunk, at, at + length, position, segment.stamp) !== length) return this.#damaged(segment, position, length)
    return new StoredRecord(block.chunk, at)
  }

  /**
   * Brings what {@link read} did not have into memory, and what follows it. Where the disk does not give all of that, the record comes alone, as the answer;
   * and one that cannot be read however often, though its file can, is damaged from then on.
   * @throws {FileError} when the disk does not give it now.
   */
  async load(position: number, length: number): Promise<StoredRecord | undefined> {
    const segment = segmentOf(this.#segments, position)
    if (segment === undefined || !holds(segment, position, length) || this.#tail.read(position, length) !== undefined) return undefined
    if (this.#unreadable.hasBlock(blockOf(segment, position))) return this.#loadAlone(segment, position, length)
    try {
      await this.#cache.load(segment, position, length)
      return undefined
    } catch {
      // Removed meanwhile: read says that it is gone.
      if (!this.#segments.includes(segment)) return undefined
      const record = await this.#loadAlone(segment, position, length)
      if (record !== undefined) this.#unreadable.addBlock(blockOf(segment, position))
      return record
    }
  }

  async #loadAlone(segment: Segment, position: number, length: number): Promise<StoredRecord | undefined> {
    const alone = chunk(length)
    const bytes = alone.bytes.subarray(0, length)
    try {
      bytes.fill(0, await this.#readers.read(segment.path, bytes, position - segment.base))
    } catch (error) {
      // A disk that gives nothing at all may give it later.
      if (!this.#unreadable.failed(position) || !(await this.#answers(segment))) throw error
      this.#unreadable.giveUp(position)
      this.#damaged(segment, position, length)
      return undefined
    }
    if (checkRecord(alone, 0, length, position, segment.stamp) === length) return new StoredRecord(alone, 0)
    this.#unreadable.giveUp(position)
    this.#damaged(segment, position, length)
    return undefined
  }

  /** The beginning of a segment's file can be read. */
  async #answers({ path }: Segment): Promise<boolean> {
    try {
      await this.#readers.read(path, new Uint8Array(SEGMENT_HEAD), 0)
      return true
    } catch {
      return false
    }
  }

  /** Tells of the records in [from, to), which lie in one segment, in order; `from` is where one begins, or the segment. @throws {FileError} */
  async walk(from: number, to: number, tell: OnRecord): Promise<void> {
    const segment = this.#segments.findLast(({ base }) => base <= from)
    if (segment === undefined) return
    const { base, stamp, path, end } = segment
    await walk(
      {
        base,
        stamp,
        read: (into, offset) => this.#readers.readAround(path, into, offset),
        record: (chunk, at, position, length) => tell(readHead(chunk, at), position, length),
        hole: () => {},
      },
      Math.max(from, base + SEGMENT_HEAD),
      Math.min(to, end),
    )
  }

  /** Oldest first. */
  segments(): SegmentInfo[] {
    return this.#segments.map(({ base, end, bytes, newestStoredAt, sealed }) => ({ base, end, bytes, newestStoredAt, sealed }))
  }

  /** Nothing that it held was ever removed. */
  get whole(): boolean {
    return this.#whole
  }

  /** Removes a sealed segment and all that is in it. @throws {FileError} when it stays. */
  async remove(base: number): Promise<void> {
    const index = this.#segments.findIndex((segment) => segment.base === base)
    const segment = this.#segments[index]
    if (segment === undefined) return
    // The last one says which positions are used.
    if (!segment.sealed || index === this.#segments.length - 1) throw new Error(`the segment at ${base} is still needed: it is the log's last one`)
    this.#segments.splice(index, 1)
    this.#cache.drop(segment)
    this.#readers.forget(segment.path)
    try {
      await this.#files.remove(segment.path)
    } catch (error) {
      this.#segments.push(segment)
      this.#segments.sort((a, b) => a.base - b.base)
      throw error
    }
    this.#whole = false
    await this.#files.syncFolder(this.#folder)
  }

  /**
   * Ends the segment that is being written, so that it can be removed, by beginning the next one. Not while something waits, for that may do it.
   * @returns where the new one begins; undefined when there is none. Rejects when it could not be made.
   */
  async roll(): Promise<number | undefined> {
    const last = this.#segments.at(-1)
    if (last === undefined || last.end <= last.base + SEGMENT_HEAD || this.#queue.waits || this.#state.kind !== 'working') return undefined
    const rolled = this.#queue.roll()
    if (this.#flushing === 'no') this.#flushSoon()
    await rolled
    return this.#segments.at(-1)?.base
  }

  /** Bytes that may wait for their commit beside those that do. */
  get room(): number {
    return this.#maxQueued - this.#queue.bytes
  }

  get stats(): SegmentLogStats {
    return {
      segments: this.#segments.length,
      bytes: this.#segments.reduce((sum, { bytes }) => sum + bytes, 0),
      queued: this.#queue.bytes,
      tail: this.#tail.bytes,
      cached: this.#cache.bytes,
      damaged: this.#damage.count,
    }
  }

  /** Where the next record goes at the earliest: an index that ends here knows all there is. */
  get end(): number {
    return this.#segments.at(-1)?.end ?? 0
  }

  /** Commits what waits, and leaves the log so that the next opening has nothing to look for. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#state = { kind: 'closed' }
    if (this.#flushing !== 'no') await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#syncTimer?.cancel()
    await this.#syncing
    let last: Segment | undefined = this.#segments.at(-1)
    try {
      await this.#writer.sync()
      if (last !== undefined && this.#writer.writes(last)) last.synced = last.end
    } catch (error) {
      if (last !== undefined) this.#syncFailed(last, asError(error))
      last = undefined
    }
    await this.#writer.close(last)
    this.#readers.close()
  }

  /** All that is appended in this turn of the event loop is one batch. */
  #flushSoon(): void {
    this.#flushing = 'at the end of this turn'
    setImmediate(() => {
      this.#flushing = 'now'
      void this.#flushBatch()
    })
  }

  async #flushBatch(): Promise<void> {
    const batch = this.#queue.take()
    if (batch !== undefined) {
      const { segment, from, to } = batch
      const parts: Uint8Array[] = []
      this.#tail.parts(from, to, parts)
      const error = await this.#writer.write(segment, parts, from, this.#segments.at(-1)).then(() => undefined, asError)
      if (error === undefined) this.#commit(batch)
      else await this.#fail(batch, error)
      if (this.#writer.failed && !this.#queue.waits) this.#queue.leave()
    }
    if (this.#queue.waits) {
      this.#flushSoon()
    } else {
      this.#flushing = 'no'
      for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  #commit({ segment, to, newestStoredAt }: Batch): void {
    const last = this.#segments.at(-1)
    if (segment !== last) {
      if (last !== undefined) last.sealed = true
      this.#segments.push(segment)
    }
    segment.end = to
    segment.newestStoredAt = Math.max(segment.newestStoredAt, newestStoredAt)
    if (this.#flush === 'commit') this.#synced(segment, to)
    else if (this.#flush !== 'os') this.#armSync(this.#flush.interval)
    if (this.#reportedUnavailable) {
      this.#reportedUnavailable = false
      this.#emit({ kind: 'available' })
    }
    this.#queue.settle()
    for (const listener of this.#committed) listener(to)
    this.#tail.shrink(to)
    if (to - segment.base > segment.capacity / 2 && this.#state.kind === 'working') this.#writer.prepare()
  }

  /** The segment stays as it was before this batch, and what comes next goes into another one. */
  async #fail({ segment }: Batch, error: Error): Promise<void> {
    const begun = segment === this.#segments.at(-1)
    const { from, to } = this.#queue.fail(error)
    this.#tail.cut(from)
    if (!begun && this.#state.kind !== 'closed') {
      this.#state = { kind: 'broken', reason: reasonOf(error), retryAt: this.#clock.monotonic() + RETRY_MS }
    }
    this.#emit({ kind: 'failed', path: segment.path, from, to, error })
    if (this.#state.kind === 'broken' && !this.#reportedUnavailable) {
      this.#reportedUnavailable = true
      this.#emit({ kind: 'unavailable', reason: this.#state.reason })
    }
    for (const listener of this.#failed) listener(from, to, error)
    await this.#writer.abandon(segment, begun)
  }

  #synced(segment: Segment, upTo: number): void {
    segment.synced = Math.max(segment.synced, upTo)
    this.#queue.synced = Math.max(this.#queue.synced, upTo)
  }

  #armSync(interval: number): void {
    if (this.#state.kind === 'closed') return
    this.#syncTimer ??= this.#clock.setTimer(() => {
      this.#syncing = this.#syncNow(interval)
    }, interval)
  }

  async #syncNow(interval: number): Promise<void> {
    const last = this.#segments.at(-1)
    const end = this.end
    const covered = last !== undefined && this.#writer.writes(last)
    try {
      await this.#writer.sync()
      if (covered) this.#synced(last, end)
    } catch (error) {
      if (last !== undefined) this.#syncFailed(last, asError(error))
    }
    this.#syncTimer = undefined
    if (this.#writer.dirty) this.#armSync(interval)
  }

  /** Senders were told already; the file is left alone, and whoever waits for it is failed when their turn comes. */
  #syncFailed(segment: Segment, error: Error): void {
    this.#emit({ kind: 'failed', path: segment.path, from: segment.end, to: segment.end, error })
    if (!this.#queue.waits && segment === this.#segments.at(-1)) this.#queue.leave()
  }

  #damaged({ path }: Segment, position: number, length: number): 'damaged' {
    if (!this.#reported.has(position)) {
      if (this.#reported.size < REMEMBERED_DAMAGE) this.#reported.add(position)
      this.#emit({ kind: 'damaged', path, position, length, found: 'reading' })
    }
    return 'damaged'
  }
}

function newStamp(random: (bytes: number) => Buffer): RecordStamp {
  const secret = random(8)
  // Not zero: what was never written would look like beginnings of records.
  return { marker: secret.readUInt32LE(0) || 1, seed: secret.readUInt32LE(4) }
}

function reasonOf(error: Error): string {
  return error instanceof FileError && error.code === 'ENOSPC' ? `the disk is full: ${error.message}` : error.message
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
