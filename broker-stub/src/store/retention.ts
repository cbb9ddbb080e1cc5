import type { Clock } from '../clock.ts'
import type { QueueIndex } from '../index/queue-index.ts'
import { expiredSegments, type RetentionPolicy } from '../log/segments/retention.ts'
import type { SegmentLog } from '../log/segments/segment-log.ts'
import { StoredRecord } from '../log/segments/stored-record.ts'
import type { SegmentInfo } from '../log/segments/types.ts'
import type { QueueEntry } from './message-store.ts'
import type { StoreListener } from './store-event.ts'

/** Messages that are appended again, and not known to be durable yet, bytes. */
const SLICE = 1024 * 1024
/** How often somebody may come to need a message while its segment is about to go. */
const PASSES = 20

/** Who needs messages beyond their time: deliveries in flight, due, parked. */
export interface Keeper {
  /** Entries of messages that are needed and lie in [base, end) of the log; one for each who needs it. */
  keep(base: number, end: number): Iterable<QueueEntry>
  /** The message of the entry lies there from now on, durably; queue and offset are the same. */
  moved(entry: QueueEntry, position: number, length: number): void
  /** Resolves when what was told by {@link moved} survives a loss of power: only then the old place goes. Default at once. */
  saved?(): Promise<void>
}

export interface RetentionOptions {
  readonly log: SegmentLog
  readonly index: QueueIndex
  readonly clock: Clock
  readonly policy: RetentionPolicy
  readonly keeper: Keeper | undefined
  readonly pieces: number[]
  /** Appends a message again at its offset. */
  readonly relocate: (record: StoredRecord) => ReturnType<SegmentLog['append']>
  /** Resolves when something was committed, has failed, or nothing will be any more. */
  readonly room: () => Promise<void>
  /** Ends the segment that is being written, so that it can go. */
  readonly roll: () => Promise<void>
  /** Writes index files; false when one is missing. */
  readonly seal: () => Promise<boolean>
  readonly onEvent: StoreListener
}

interface Move {
  readonly entries: readonly QueueEntry[]
  readonly position: number
  readonly length: number
  readonly durable: Promise<void>
}

/** Removes segments whose time is over, and keeps of them what is still needed. */
export class Retention {
  readonly #options: RetentionOptions
  #closed = false

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  /** Nothing more is begun. */
  close(): void {
    this.#closed = true
  }

  async run(): Promise<void> {
    const { log, clock, policy, onEvent } = this.#options
    await this.#endOld()
    const expired = new Set(expiredSegments(log.segments(), clock.now(), policy))
    for (const segment of log.segments()) {
      if (!expired.has(segment.base) || this.#closed) return
      try {
        if (!(await this.#remove(segment))) return
      } catch (error) {
        onEvent({ kind: 'not-removed', base: segment.base, error: error as Error })
        return
      }
    }
  }

  /** When something is too old the next time, by the wall clock, ms; undefined: nothing will be. */
  get next(): number | undefined {
    const { log, policy } = this.#options
    const { maxAge = Number.POSITIVE_INFINITY } = policy
    const [oldest, ...others] = log.segments()
    if (oldest === undefined || maxAge === Number.POSITIVE_INFINITY) return undefined
    const empty = oldest.newestStoredAt === Number.NEGATIVE_INFINITY
    return empty && others.length === 0 ? undefined : oldest.newestStoredAt + maxAge
  }

  /** Where nothing comes any more, the last segment is never full. */
  async #endOld(): Promise<void> {
    const { log, clock, policy, roll } = this.#options
    const last = log.segments().at(-1)
    if (last === undefined || last.sealed || policy.maxAge === undefined || this.#closed) return
    if (last.newestStoredAt < clock.now() - policy.maxAge && last.newestStoredAt > Number.NEGATIVE_INFINITY) await roll()
  }

  /** @returns false when it has to stay for now. */
  async #remove({ base, end, bytes }: SegmentInfo): Promise<boolean> {
    const { log, index, keeper, pieces, seal, onEvent } = this.#options
    // Its index file is what tells after a restart how far idle queues had come.
    const unsealed = (): boolean => (index.unsealed[0] ?? end) < end
    if (unsealed() && !(await seal())) return false
    // The next segment was begun a moment ago, and the index has not heard of it.
    if (unsealed()) return false
    const moved = keeper === undefined ? 0 : await this.#keep(keeper, base, end)
    if (moved === undefined) return false
    const removal = log.remove(base)
    try {
      await removal
    } catch (error) {
      if (log.segments().some((segment) => segment.base === base)) throw error
      // It is gone, and only that this lasts is not certain: then it is found again, and goes again.
      onEvent({ kind: 'not-removed', base, error: error as Error })
    }
    const oldest = log.segments()[0]?.base ?? Number.POSITIVE_INFINITY
    while ((pieces[0] ?? Number.POSITIVE_INFINITY) < oldest) await index.drop(pieces.shift() as number)
    onEvent({ kind: 'removed', base, bytes, moved })
    return true
  }

  /** Appends again what is needed of a segment. @returns how many messages; undefined when that cannot be done now. */
  async #keep(keeper: Keeper, base: number, end: number): Promise<number | undefined> {
    const places = new Map<number, Move | 'lost'>()
    let saved = true
    for (let pass = 0; pass < PASSES; pass++) {
      const needed = byPosition(keeper.keep(base, end))
      for (const [position, place] of places) if (place === 'lost') needed.delete(position)
      if (needed.size === 0) {
        if (saved) return [...places.values()].filter((place) => place !== 'lost').length
        await keeper.saved?.()
        saved = true
        continue
      }
      saved = false
      if (!(await this.#move(keeper, needed, places))) return undefined
    }
    throw new Error(`messages of the segment at ${base} are needed again and again`)
  }

  async #move(keeper: Keeper, needed: ReadonlyMap<number, readonly QueueEntry[]>, places: Map<number, Move | 'lost'>): Promise<boolean> {
    let slice: Move[] = []
    let bytes = 0
    const finish = async (): Promise<boolean> => {
      const waiting = slice
      slice = []
      bytes = 0
      const failed = (await Promise.allSettled(waiting.map(({ durable }) => durable))).filter(({ status }) => status === 'rejected')
      if (failed.length > 0) return false
      for (const move of waiting) tell(keeper, move)
      return true
    }
    for (const [position, entries] of needed) {
      const known = places.get(position)
      if (known === 'lost') continue
      // Somebody came to need it after it was moved.
      if (known !== undefined) {
        tell(keeper, { ...known, entries })
        continue
      }
      const move = await this.#append(entries)
      if (move === 'refused' || this.#closed) {
        await finish()
        return false
      }
      places.set(position, move)
      if (move === 'lost') continue
      slice.push(move)
      bytes += move.length
      if (bytes >= SLICE && !(await finish())) return false
    }
    return finish()
  }

  async #append(entries: readonly QueueEntry[]): Promise<Move | 'lost' | 'refused'> {
    const { log, relocate, room } = this.#options
    const entry = entries[0] as QueueEntry
    for (;;) {
      const record = await this.#read(entry)
      if (!(record instanceof StoredRecord)) return 'lost'
      const answer = relocate(record)
      if (answer.kind === 'unavailable') return 'refused'
      if (answer.kind === 'full') {
        await room()
        if (this.#closed) return 'refused'
        continue
      }
      const durable = log.committed(answer.position)
      durable.catch(() => {})
      return { entries, position: answer.position, length: answer.length, durable }
    }
  }

  async #read({ position, length, queueId, offset }: QueueEntry): Promise<StoredRecord | 'lost'> {
    const { log } = this.#options
    let alone: StoredRecord | undefined
    for (;;) {
      const answer = alone ?? log.read(position, length)
      if (answer === 'damaged' || answer === 'gone') return 'lost'
      if (answer !== undefined) return answer.queueId === queueId && answer.offset === offset ? answer : 'lost'
      alone = await log.load(position, length)
    }
  }
}

function tell(keeper: Keeper, { entries, position, length }: Move): void {
  for (const entry of entries) keeper.moved(entry, position, length)
}

/** Several groups may need one message; it is kept once. */
function byPosition(entries: Iterable<QueueEntry>): Map<number, QueueEntry[]> {
  const groups = new Map<number, QueueEntry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.position)
    if (group === undefined) groups.set(entry.position, [entry])
    else group.push(entry)
  }
  return groups
}
