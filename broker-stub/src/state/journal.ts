import type { Clock, Timer } from '../clock.ts'
import type { File, Files } from '../files/files.ts'
import { FrameBuffer, LAST_TYPE } from './frames.ts'
import { encodeJournalHead, JOURNAL_HEAD, journalPath, type Link } from './state-files.ts'

export interface JournalOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
  /** The number of the first file; later ones count up. No file has this number or a higher one. */
  readonly number: number
  /** What the first file goes on from; on the disk for good. */
  readonly previous: Link
  /** Milliseconds between two syncs in the background. */
  readonly syncInterval: number
  /** Milliseconds until the disk is tried again after it failed. */
  readonly retryInterval: number
  /** Unsynced bytes from which on the journal is unhealthy: the disk does not keep up, and they are kept in memory. */
  readonly maxUnsynced: number
  /** Bytes were written to a file. */
  readonly onWritten: (bytes: number) => void
  readonly onFailure: (error: unknown) => void
}

export type JournalHealth = { readonly healthy: true } | { readonly healthy: false; readonly reason: string }

interface Spare {
  readonly file: File
  readonly number: number
}

/** Where records go: a file, or nowhere since the disk failed. */
type Target = { readonly kind: 'file'; readonly file: File; readonly number: number } | { readonly kind: 'none'; readonly reason: unknown }

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * Small records, written in the turn of the event loop in which they came and synced later.
 *
 * Everything that is not synced stays in memory as well. So whenever a file is left behind, because a write or a sync of it failed or because a snapshot
 * begins, all of it is written to the next file, whose head says that the one before counts up to its last sync. Nobody has to know what a failed
 * operation left on the disk, and what a head points to was on the disk for good before. The next file is made ahead of need: going on takes no turn.
 *
 * The head is written last: until then the file before counts as a whole, so that there is no moment at which a killed process loses anything.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #buffer = new FrameBuffer()
  #target: Target = { kind: 'none', reason: 'the journal is being opened' }
  #spare: Spare | undefined
  #preparing: Promise<unknown> | undefined
  #next: number
  /** Up to where the history is on the disk for good. */
  #link: Link
  /** The position in the target's file of the buffer's first byte. */
  #base = JOURNAL_HEAD
  #written = JOURNAL_HEAD
  #headSynced = false
  /** Bytes of frames that are on the disk for good, since the journal was opened. */
  #durable = 0
  #scheduled = false
  #syncing: Promise<void> | undefined
  #syncTimer: Timer | undefined
  #retryTimer: Timer | undefined
  #closed = false

  private constructor(options: JournalOptions) {
    this.#options = options
    this.#next = options.number
    this.#link = options.previous
  }

  /** @throws {FileError} when no file can be made. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options)
    try {
      await journal.rotate()
    } catch (error) {
      journal.#closed = true
      journal.#retryTimer?.cancel()
      throw error
    }
    return journal
  }

  get health(): JournalHealth {
    if (this.#target.kind === 'none') return { healthy: false, reason: `state cannot be written: ${reasonOf(this.#target.reason)}` }
    if (this.#buffer.length > this.#options.maxUnsynced) {
      return { healthy: false, reason: `the disk does not keep up: ${this.#buffer.length} bytes of state are written and not synced` }
    }
    return { healthy: true }
  }

  /** Bytes that a loss of power would lose; they are kept in memory too. */
  get unsyncedBytes(): number {
    return this.#buffer.length
  }

  /** The number of the file that takes records now, or took them last. */
  get number(): number {
    return this.#target.kind === 'file' ? this.#target.number : this.#next - 1
  }

  /**
   * Takes a record; copies its bytes. It is in a file before the turn of the event loop ends, unless the journal is unhealthy: then it waits in memory.
   * @param type 0 … 254
   */
  write(type: number, bytes: Uint8Array): void {
    if (this.#closed) throw new Error('the journal is closed')
    if (!(type >= 0 && type <= LAST_TYPE)) throw new RangeError(`a record's type is from 0 to ${LAST_TYPE}, not ${type}`)
    this.#buffer.add(type, bytes)
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#flushScheduled)
  }

  readonly #flushScheduled = (): void => {
    if (this.#scheduled) this.flush()
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#scheduled = false
    this.#buffer.seal()
    const target = this.#target
    if (target.kind === 'none') return
    const bytes = this.#base + this.#buffer.length - this.#written
    if (bytes === 0) return
    try {
      target.file.writeNow([this.#buffer.from(this.#written - this.#base)], this.#written)
    } catch (error) {
      this.#leave(error)
      return
    }
    this.#written += bytes
    this.#armSync()
    this.#options.onWritten(bytes)
  }

  /** Resolves when everything that was taken until now survives a loss of power. @throws {FileError} when the disk fails and no other file can be made. */
  async sync(): Promise<void> {
    this.flush()
    const goal = this.#durable + this.#buffer.length
    while (this.#durable < goal || !this.#headSynced) {
      if (this.#target.kind === 'none') throw this.#target.reason
      await this.#startSync()
    }
  }

  /** Goes on in a new file. @returns its number. @throws {FileError} when none can be made; the present one goes on if it can. */
  async rotate(): Promise<number> {
    const before = this.#target
    const error = this.#spare === undefined ? await this.#prepare() : undefined
    // When there was no file, or it failed meanwhile, the new one has been taken already.
    if (this.#target === before && before.kind === 'file') {
      this.flush()
      const failure = error ?? this.#move()
      if (failure !== undefined) throw failure
    }
    if (this.#target.kind === 'none') throw this.#target.reason
    return this.#target.number
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    try {
      await this.sync()
    } finally {
      this.#syncTimer?.cancel()
      this.#retryTimer?.cancel()
      await this.#preparing
      if (this.#target.kind === 'file') await this.#target.file.close()
      if (this.#spare !== undefined) await this.#discard(this.#spare)
      this.#spare = undefined
    }
  }

  /** The file failed: nothing is written to it any more. */
  #leave(error: unknown): void {
    this.#options.onFailure(error)
    this.#abandon(error)
    if (this.#spare === undefined) void this.#prepare()
    else this.#move()
  }

  #abandon(reason: unknown): void {
    if (this.#target.kind === 'file') void this.#target.file.close().catch(this.#options.onFailure)
    this.#target = { kind: 'none', reason }
  }

  /** Goes on in the spare file. @returns what failed; the present file goes on then, if nobody can take the spare for its successor. */
  #move(): unknown {
    const spare = this.#spare
    if (spare === undefined) return undefined
    this.#spare = undefined
    this.#buffer.seal()
    let begun = false
    try {
      spare.file.writeNow([this.#buffer.from(0)], JOURNAL_HEAD)
      begun = true
      spare.file.writeNow([encodeJournalHead({ number: spare.number, previous: this.#link })], 0)
    } catch (error) {
      this.#options.onFailure(error)
      if (begun || this.#target.kind === 'none') this.#abandon(error)
      void this.#discard(spare)
      this.#armRetry()
      return error
    }
    if (this.#target.kind === 'file') void this.#target.file.close().catch(this.#options.onFailure)
    this.#target = { kind: 'file', ...spare }
    this.#base = JOURNAL_HEAD
    this.#written = JOURNAL_HEAD + this.#buffer.length
    this.#headSynced = false
    this.#armSync()
    this.#options.onWritten(this.#written)
    void this.#prepare()
    return undefined
  }

  /** Makes the next spare file, and takes it at once when there is no other. Never rejects. @returns what failed. */
  #prepare(): Promise<unknown> {
    if (this.#closed) return Promise.resolve()
    this.#preparing ??= this.#makeSpare().then((error) => {
      this.#preparing = undefined
      if (error === undefined && this.#target.kind === 'none' && !this.#closed) this.#move()
      return error
    })
    return this.#preparing
  }

  async #makeSpare(): Promise<unknown> {
    const { files, folder } = this.#options
    const number = this.#next++
    let file: File | undefined
    try {
      file = await files.create(journalPath(folder, number), 0)
      await files.syncFolder(folder)
      this.#spare = { file, number }
      return undefined
    } catch (error) {
      this.#options.onFailure(error)
      if (file !== undefined) await this.#discard({ file, number })
      if (this.#target.kind === 'none') this.#target = { kind: 'none', reason: error }
      this.#armRetry()
      return error
    }
  }

  async #discard({ file }: Spare): Promise<void> {
    try {
      await file.close()
      await this.#options.files.remove(file.path)
    } catch (error) {
      this.#options.onFailure(error)
    }
  }

  get #dirty(): boolean {
    return this.#target.kind === 'file' && (!this.#headSynced || this.#written > this.#base)
  }

  #armRetry(): void {
    if (this.#closed) return
    this.#retryTimer ??= this.#options.clock.setTimer(() => {
      this.#retryTimer = undefined
      if (this.#spare === undefined) void this.#prepare()
    }, this.#options.retryInterval)
  }

  #armSync(): void {
    if (this.#closed || this.#syncing !== undefined) return
    this.#syncTimer ??= this.#options.clock.setTimer(() => {
      this.#syncTimer = undefined
      if (this.#dirty) void this.#startSync()
    }, this.#options.syncInterval)
  }

  /** Never rejects. */
  #startSync(): Promise<void> {
    this.#syncing ??= this.#syncOnce().finally(() => {
      this.#syncing = undefined
      if (this.#dirty) this.#armSync()
    })
    return this.#syncing
  }

  async #syncOnce(): Promise<void> {
    const target = this.#target
    if (target.kind === 'none') return
    const upTo = this.#written
    try {
      await target.file.sync()
    } catch (error) {
      if (this.#target === target) this.#leave(error)
      return
    }
    // It was left meanwhile: the next file has all that was not synced then.
    if (this.#target !== target) return
    this.#durable += upTo - this.#base
    this.#buffer.drop(upTo - this.#base)
    this.#base = upTo
    this.#headSynced = true
    this.#link = { number: target.number, end: upTo }
  }
}
