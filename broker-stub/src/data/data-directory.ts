import type { Clock } from '../clock.ts'
import { FileError, type Files, type FolderLock } from '../files/files.ts'
import type { Flush } from '../log/segments/segment-writer.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import { type DurableStore, openDurableStore } from '../store/durable-store.ts'
import type { Keeper } from '../store/retention.ts'
import type { StoreEvent } from '../store/store-event.ts'
import { TimedOnDisk } from '../store/timed-on-disk.ts'
import type { TimedEvent } from '../timed/events.ts'
import { BrokerState } from './broker-state.ts'

export interface DataOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
  /** Delayed messages wait on it. */
  readonly wheel: TimingWheel
  readonly flush?: Flush | undefined
  /** Ms and bytes. */
  readonly retention?: { readonly time?: number | undefined; readonly size?: number | undefined } | undefined
  /** Bytes, default 64 MiB. */
  readonly segmentSize?: number | undefined
  /** What happens to the store, and what failed in the background. */
  readonly onEvent: (event: DataEvent) => void
}

export type DataEvent =
  | StoreEvent
  | TimedEvent
  /** The journal of the state could not be written or synced; it has gone on elsewhere, or says that it is in trouble. */
  | { readonly kind: 'state-failure'; readonly error: unknown }
  /** Something of the state was damaged when it was opened, and was left out. */
  | { readonly kind: 'state-damage'; readonly text: string }

/** Why a data directory cannot be used; `message` is for people. */
export class DataError extends Error {
  override readonly name = 'DataError'
}

/**
 * A broker's data directory: `log/` and `index/` hold messages, `timed/` those whose time has not come, `state/` what is known of them. Nobody else has it until it is closed.
 *
 * What was written is there again whatever ends the process. When the machine loses its power, every message is there whose sender was told so.
 */
export class DataDirectory {
  readonly state: BrokerState
  readonly store: DurableStore
  readonly #lock: FolderLock
  readonly #keeper: LateKeeper

  private constructor(state: BrokerState, store: DurableStore, lock: FolderLock, keeper: LateKeeper) {
    this.state = state
    this.store = store
    this.#lock = lock
    this.#keeper = keeper
  }

  /** @throws {DataError} when somebody else has it, when its files are of a newer version, or when the disk fails. */
  static async open(options: DataOptions): Promise<DataDirectory> {
    const { files, folder } = options
    try {
      await files.makeFolder(folder)
      const lock = await files.lock(folder)
      try {
        return await DataDirectory.#open(options, lock)
      } catch (error) {
        await lock.release()
        throw error
      }
    } catch (error) {
      throw asDataError(folder, error)
    }
  }

  static async #open({ files, folder, clock, wheel, flush, retention, segmentSize, onEvent }: DataOptions, lock: FolderLock): Promise<DataDirectory> {
    const state = await BrokerState.open({ files, folder: `${folder}/state`, clock, onFailure: (error) => onEvent({ kind: 'state-failure', error }) })
    for (const text of state.damage) onEvent({ kind: 'state-damage', text })
    try {
      const keeper = new LateKeeper(state)
      const topics = [...state.registry.topics]
      const timed = await TimedOnDisk.open({
        files,
        folder: `${folder}/timed`,
        clock,
        wheel,
        flush,
        counts: state.registry.deferred,
        onCount: (topicId, counts) => state.deferred(topicId, counts),
        onEvent,
      })
      try {
        const store = await openDurableStore({ files, folder, clock, topics, flush, segmentSize, retention, keeper, timed, onEvent })
        state.registry.seen(store.lastTopic)
        return new DataDirectory(state, store, lock, keeper)
      } catch (error) {
        await timed.close()
        throw error
      }
    } catch (error) {
      await state.close()
      throw error
    }
  }

  /** Who knows which messages are needed beyond their time. */
  keepFor(keeper: Keeper): void {
    this.#keeper.keeper = keeper
  }

  /** Writes and syncs what waits. */
  async close(): Promise<void> {
    // A disk that fails at the end must not keep the directory from the next one.
    try {
      await this.store.close()
    } finally {
      await this.state.close().finally(() => this.#lock.release())
    }
  }
}

/** Retention works from the beginning, and who needs messages is there a little later; until then nothing goes. */
class LateKeeper implements Keeper {
  keeper: Keeper | undefined
  readonly #state: BrokerState

  constructor(state: BrokerState) {
    this.#state = state
  }

  keep(base: number, end: number): ReturnType<Keeper['keep']> {
    if (this.keeper === undefined) throw new Error('the broker is not ready to say which messages it needs')
    return this.keeper.keep(base, end)
  }

  moved(...moved: Parameters<Keeper['moved']>): void {
    this.keeper?.moved(...moved)
  }

  saved(): Promise<void> {
    return this.#state.sync()
  }
}

/** As a sentence about the directory, where it is about it at all. */
export function asDataError(folder: string, error: unknown): unknown {
  if (error instanceof FileError && error.code === 'LOCKED') {
    return new DataError(`the data directory ${folder} is in use: ${error.message}; stop that broker, or choose another directory with --data`, {
      cause: error,
    })
  }
  if (error instanceof Error && (error instanceof FileError || error.name === 'FormatError' || error.name === 'RecordError')) {
    return new DataError(`the data directory ${folder} cannot be opened: ${error.message}`, { cause: error })
  }
  return error
}
