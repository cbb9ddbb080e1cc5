import type { Clock } from '../clock.ts'
import type { Files } from '../files/files.ts'
import { writeAnew } from '../files/write-anew.ts'
import type { OnRecord } from './frames.ts'
import { Journal, type JournalHealth } from './journal.ts'
import { type Replayed, replay } from './replay.ts'
import { type SnapshotSource, writeSnapshot } from './snapshot.ts'
import { stateFiles } from './state-files.ts'

export interface StateOptions {
  readonly files: Files
  /** Made when it is not there. Nobody else may write to it: see {@link Files.lock}. */
  readonly folder: string
  readonly clock: Clock
  /** Is told every record that is there, in the order of writing; its bytes are good until it returns. */
  readonly onRecord: OnRecord
  /** A snapshot is taken when the journal has more bytes than this, and than twice the last snapshot. Default 32 MiB. */
  readonly snapshotAfter?: number | undefined
  /** Milliseconds between two syncs in the background. Default 1,000. */
  readonly syncInterval?: number | undefined
  /** Milliseconds until the disk is tried again after it failed. Default 1,000. */
  readonly retryInterval?: number | undefined
  /** Unsynced bytes, which are kept in memory too, from which on the state is unhealthy. Default 64 MiB. */
  readonly maxUnsynced?: number | undefined
  /** What failed in the background, for the log: it has been dealt with, or {@link State.health} says that it has not. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** A journal of records and the snapshots that shorten it. */
export interface State {
  /** While it is not healthy, records wait in memory: whoever makes them should not go on. */
  readonly health: JournalHealth
  /** What is damaged on the disk and was left out when it was opened, as sentences. */
  readonly damage: readonly string[]
  /** Bytes of journals since the last snapshot, and of that snapshot. */
  readonly journalBytes: number
  readonly snapshotBytes: number
  /** Bytes that a loss of power would lose, or that wait while the state is unhealthy. They are kept in memory too: this is what grows when nobody stops. */
  readonly unsyncedBytes: number
  /** {@link Journal.write} */
  write(type: number, bytes: Uint8Array): void
  /** {@link Journal.sync} */
  sync(): Promise<void>
  /** From now on snapshots are taken, of all of the state at the time of asking. Until then journals only grow. */
  begin(source: SnapshotSource): void
  /** Takes a snapshot; one that is being taken counts. Rejects when it fails, with which nothing is lost. */
  snapshot(): Promise<void>
  /** Writes and syncs what waits. */
  close(): Promise<void>
}

/** So many small journals, of restarts and failures, are worth a snapshot too. */
const MANY_JOURNALS = 32

/**
 * Opens the state in a folder and tells what it holds.
 * - After a kill: every record that was taken, in order, once.
 * - After a loss of power: the same up to some record that was taken after the last sync, and nothing behind it.
 *
 * @throws {FormatError} for files of a newer version, of something else, or when the snapshot is damaged.
 * @throws {FileError} when the disk fails.
 */
export async function openState(options: StateOptions): Promise<State> {
  const { files, folder, clock, onRecord } = options
  await files.makeFolder(folder)
  const found = await stateFiles(files, folder)
  const replayed = await replay(files, folder, found, onRecord)
  const { end } = replayed
  const last = found.find(({ kind, number }) => kind === 'journal' && number === end.number)
  if (last !== undefined) {
    await settle(files, last.path, end.end)
  }
  const state = new OpenState(options, replayed)
  const journal = await Journal.open({
    files,
    folder,
    clock,
    number: Math.max(0, ...found.map(({ number }) => number)) + 1,
    previous: end,
    syncInterval: options.syncInterval ?? 1_000,
    retryInterval: options.retryInterval ?? 1_000,
    maxUnsynced: options.maxUnsynced ?? 64 * 1024 * 1024,
    onWritten: (bytes) => state.written(bytes),
    onFailure: options.onFailure ?? (() => {}),
  })
  state.opened(journal)
  // What is left out for good goes only now: it is missed when this process ends before its journal is on the disk.
  try {
    await journal.sync()
  } catch (error) {
    await journal.close().catch(() => {})
    throw error
  }
  const kept = new Set(replayed.journals)
  for (const { kind, number, path } of found) {
    if (kind !== 'draft' && (kind === 'journal' ? kept.has(number) : number === replayed.snapshot)) continue
    await files.remove(path).catch((error: unknown) => options.onFailure?.(error))
  }
  return state
}

/** Brings to the disk what was read of the last journal: it may be in the system's memory only, and the next journal will say that it is there. */
async function settle(files: Files, path: string, end: number): Promise<void> {
  const file = await files.open(path, 'write')
  try {
    await writeAnew(file, 0, end)
    await file.sync()
  } finally {
    await file.close()
  }
}

class OpenState implements State {
  readonly damage: readonly string[]
  readonly #options: StateOptions
  #journal: Journal | undefined
  #source: SnapshotSource | undefined
  #journalBytes: number
  #snapshotBytes: number
  #journals: number
  #snapshotAt: number
  #snapshotting: Promise<void> | undefined
  #closed = false

  constructor(options: StateOptions, replayed: Replayed) {
    this.#options = options
    this.damage = replayed.damage
    this.#journalBytes = replayed.journalBytes
    this.#snapshotBytes = replayed.snapshotBytes
    this.#journals = replayed.journals.length
    this.#snapshotAt = this.#threshold()
  }

  get health(): JournalHealth {
    return this.#open().health
  }

  get journalBytes(): number {
    return this.#journalBytes
  }

  get snapshotBytes(): number {
    return this.#snapshotBytes
  }

  get unsyncedBytes(): number {
    return this.#open().unsyncedBytes
  }

  opened(journal: Journal): void {
    this.#journal = journal
  }

  begin(source: SnapshotSource): void {
    this.#source = source
    this.#shorten()
  }

  written(bytes: number): void {
    this.#journalBytes += bytes
    this.#shorten()
  }

  /** Takes a snapshot when the journals are long, or many. */
  #shorten(): void {
    if (this.#source === undefined || this.#closed || this.#snapshotting !== undefined) return
    if (this.#journalBytes <= this.#snapshotAt && this.#journals < MANY_JOURNALS) return
    this.snapshot().catch((error: unknown) => this.#options.onFailure?.(error))
  }

  write(type: number, bytes: Uint8Array): void {
    this.#open().write(type, bytes)
  }

  sync(): Promise<void> {
    return this.#open().sync()
  }

  snapshot(): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the state is closed'))
    if (this.#source === undefined) return Promise.reject(new Error('the state has not begun: there is nothing to take a snapshot of'))
    this.#snapshotting ??= this.#takeSnapshot(this.#source)
      .catch((error: unknown) => {
        // The disk is given time: as many bytes again, and however many journals.
        this.#snapshotAt = this.#journalBytes + this.#threshold()
        this.#journals = 0
        throw error
      })
      .finally(() => {
        this.#snapshotting = undefined
      })
    return this.#snapshotting
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#snapshotting?.catch(() => {})
    await this.#open().close()
  }

  async #takeSnapshot(source: SnapshotSource): Promise<void> {
    const { files, folder, clock } = this.#options
    const journal = this.#open()
    // What is not synced is written to the next file again.
    await journal.sync()
    const number = await journal.rotate()
    const before = this.#journalBytes
    // The snapshot counts with the journal that begins here, which is therefore there first. A journal that failed before its first sync is no part of
    // the history: whatever follows it has nothing of it to go on from.
    await journal.sync()
    if (journal.number !== number) throw new Error(`the journal ${number} failed before the snapshot began`)
    this.#snapshotBytes = await writeSnapshot({ files, folder, clock, number, source, syncJournal: () => journal.sync() })
    this.#journalBytes -= before
    this.#journals = 0
    this.#snapshotAt = this.#threshold()
    try {
      for (const { kind, number: each, path } of await stateFiles(files, folder)) {
        if (kind !== 'draft' && each < number) await files.remove(path)
      }
    } catch (error) {
      // They are no part of the history any more, and go with the next snapshot or opening.
      this.#options.onFailure?.(error)
    }
  }

  #threshold(): number {
    return Math.max(this.#options.snapshotAfter ?? 32 * 1024 * 1024, 2 * this.#snapshotBytes)
  }

  #open(): Journal {
    if (this.#journal === undefined) throw new Error('the state is being opened')
    return this.#journal
  }
}
