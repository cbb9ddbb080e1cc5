import type { Clock } from '../clock.ts'
import { FileError, type Files } from '../files/files.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { TimingWheel } from '../schedule/timing-wheel.ts'
import type { Flush } from './append-file.ts'
import { BucketFile } from './bucket-file.ts'
import { FolderSync, Gate } from './disk-turns.ts'
import { EntryInHand, type OnDue } from './due-entry.ts'
import type { Entry, EntryFields } from './entry.ts'
import type { TimedEvent } from './events.ts'
import { makeId, type Place, parseId } from './ids.ts'
import { type FoundFile, HOUR } from './layout.ts'
import { OpenFiles } from './open-files.ts'
import type { Shelf } from './shelf.ts'
import { Slab } from './slab.ts'

export interface TimedOptions {
  readonly files: Files
  readonly folder: string
  readonly clock: Clock
  readonly wheel: TimingWheel
  /** Milliseconds before its hour begins from which on what is in a bucket is known in memory. Default one hour. */
  readonly horizon?: number | undefined
  /** When what is put counts as durable. Default `'commit'`: when it survives a loss of power. */
  readonly flush?: Flush | undefined
  /** Never before its time; without a jump of the clock or much at once, a few ms after it. Never within {@link Timed.put}. */
  readonly onDue: OnDue
  readonly onEvent?: ((event: TimedEvent) => void) | undefined
  /** Bytes that are taken and not committed yet, from which on nothing more is taken. Default 64 MiB. */
  readonly maxPending?: number | undefined
  /** Delayed messages that may be in {@link TimedOptions.onDue}'s hand at once. Default 4,096. */
  readonly maxInHand?: number | undefined
  /** Bytes of a bucket file from which on the next one of its hour is begun. Default 64 MiB. */
  readonly fileSize?: number | undefined
  /** Milliseconds after which the wall clock is looked at anew while something near waits; it may have jumped. Default 1 s; 60 times that when all is far. */
  readonly clockCheck?: number | undefined
}

export type TimedPut =
  /** `durable` is shared by all that are committed together. Rejects with a FileError: the message may come all the same, after a restart. */
  | { readonly kind: 'put'; readonly id: string; readonly durable: Promise<void> }
  /** More waits to be committed than may. */
  | { readonly kind: 'full' }
  /** The disk failed; it is tried again soon. */
  | { readonly kind: 'unavailable'; readonly reason: string }

export interface FoundEntry extends EntryFields {
  readonly id: string
  readonly message: StoredMessage
}

export interface TimedStats {
  /** Entries that are in memory, of what is near. */
  readonly near: number
  /** Bytes that they take there. */
  readonly nearBytes: number
  readonly files: number
  readonly pendingBytes: number
  readonly inHand: number
}

interface Located {
  readonly file: BucketFile
  readonly place: Place
  readonly entry: Entry
}

const RETRY_AFTER = 1_000
const OPEN_FILES = 64
/** Commits that go on at the same time: more would only wait in the four threads that Node has for files. */
const COMMITS = 8
/** Far files whose marks stay in memory for a while. */
const MARKS_KEPT = 8
const LAST_TIME = 8.64e15

/**
 * Delayed and half messages on disk until they are due, in a file or some per hour.
 *
 * Memory: a far message takes none; its file takes 365 bytes, or 2 KiB in the life that writes it. A near one takes 21 bytes in typed arrays, and all of
 * them share one timer of the wheel. Opening looks at names only: 40 to 50 ms for 1,000,000 messages spread over the 8,760 hours of a year. Bringing a
 * million of one hour near costs 1.7 s of CPU in the background, telling that they are due and done 4.3 µs each. (Node 20, two cores, messages of
 * 0.3 KiB, real files.)
 *
 * After a kill or a loss of power every message comes whose `durable` resolved and that was not cancelled or done for good, at its time; one that was
 * cancelled for good never does. One that was done comes once more when the crash came before that was on the disk: after a kill it may be what was done
 * in the last moments, after a loss of power in the last second. Whoever is told compares ids or message ids with what is in its log.
 */
export class Timed {
  readonly #options: TimedOptions
  readonly #shelf: Shelf
  readonly #horizon: number
  /** By number. */
  readonly #files = new Map<number, BucketFile>()
  /** Takes what is put, by hour. */
  readonly #current = new Map<number, BucketFile>()
  /** No hour of theirs ends before this. */
  #firstCurrent: number = Number.POSITIVE_INFINITY
  readonly #near = new Set<BucketFile>()
  readonly #far = new Set<BucketFile>()
  /** Hour of the nearest far one. */
  #nextFar: number | undefined
  readonly #marksRead = new Set<BucketFile>()
  /** Not the commits' gate: what is loaded waits for its last commit. */
  readonly #loads = new Gate(2)
  readonly #background = new Set<Promise<void>>()
  readonly #removals = new Set<Promise<void>>()
  #number: number
  #unavailable: { readonly reason: string; readonly until: number } | undefined
  #timer: { readonly id: number; readonly at: number } | undefined
  #woken = false
  #phase: 'open' | 'closing' | 'closed' = 'open'

  /** By {@link openTimed}. */
  constructor(options: TimedOptions, found: readonly FoundFile[]) {
    const { files, folder, clock, flush = 'commit', horizon = HOUR, maxInHand = 4096 } = options
    this.#options = options
    this.#horizon = horizon
    const onEvent = (event: TimedEvent): void => options.onEvent?.(event)
    this.#shelf = {
      files,
      folder,
      clock,
      flush,
      disk: { open: new OpenFiles(files, OPEN_FILES), folderSync: new FolderSync(files, folder), gate: new Gate(COMMITS), clock },
      slab: new Slab(),
      retryAfter: RETRY_AFTER,
      pendingBytes: 0,
      inHand: 0,
      mostInHand: maxInHand,
      onEvent,
      isClosing: () => this.#phase !== 'open',
      isClosed: () => this.#phase === 'closed',
      wake: () => this.#wake(),
      onCommitted: () => {
        if (this.#unavailable === undefined) return
        this.#unavailable = undefined
        onEvent({ kind: 'available' })
      },
      onFailed: (file, error, first) => this.#failed(file, error, first),
      onMarksRead: (file) => this.#keepMarks(file),
      onRemoved: (file, removal) => this.#removed(file, removal),
    }
    this.#number = found.reduce((most, { number }) => Math.max(most, number), 0)
    for (const { hour, number, parts } of found) this.#add(new BucketFile(this.#shelf, { hour, number }, false, { parts }))
    this.#wake()
  }

  get stats(): TimedStats {
    let near = 0
    let nearBytes = 0
    for (const { table } of this.#near) {
      near += table?.live ?? 0
      nearBytes += table?.bytes ?? 0
    }
    const { pendingBytes, inHand } = this.#shelf
    return { near, nearBytes, files: this.#files.size, pendingBytes, inHand }
  }

  /** Bytes that may wait to be committed beside those that do. */
  get room(): number {
    return (this.#options.maxPending ?? 64 * 1024 * 1024) - this.#shelf.pendingBytes
  }

  /**
   * Takes a message that comes when it is due, at once when that is over. Its bytes are borrowed until it is durable.
   * @throws {RangeError} for what cannot be stored, or a time that is none.
   */
  put({ topicId, kind, dueAt }: EntryFields, message: StoredMessage): TimedPut {
    if (this.#phase !== 'open') throw new Error('timed messages are closed')
    if (!(dueAt <= LAST_TIME)) throw new RangeError(`${dueAt} is no time`)
    const { clock } = this.#shelf
    if (this.#unavailable !== undefined && clock.monotonic() < this.#unavailable.until) {
      return { kind: 'unavailable', reason: this.#unavailable.reason }
    }
    if (this.room <= 0) return { kind: 'full' }
    const file = this.#fileFor(Math.floor(Math.max(dueAt, clock.now()) / HOUR))
    const { position, check, durable } = file.put({ topicId, kind, dueAt }, message)
    return { kind: 'put', id: makeId({ ...file.name, position, check }), durable }
  }

  /** Undefined for an id that is none, and for what is gone. @throws {FileError} when the disk fails. */
  find(id: string): Promise<FoundEntry | undefined> {
    return this.#call<FoundEntry | undefined>(id, undefined, async ({ file, place, entry }) => {
      const dueAt = await file.dueAt(place.position, entry.dueAt)
      return dueAt === 'gone' ? undefined : { id, topicId: entry.topicId, kind: entry.kind, dueAt, message: entry.message }
    })
  }

  /**
   * The message must not come: it was recalled, or rolled back. Resolves when that survives what `flush` promises; `'gone'` when it was done or cancelled
   * before, `'due'` when it is a delayed one on its way into the log, `'unknown'` for any other id, also when its file is gone.
   * @throws {FileError} when it is not known to be on the disk: it may have happened all the same, after a restart.
   */
  cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'> {
    return this.#call<'cancelled' | 'gone' | 'due' | 'unknown'>(id, 'unknown', ({ file, place }) => file.cancel(place.position))
  }

  /** The message is in the log for good and need not come: a transaction was committed. Resolves when that is written. @throws {FileError} */
  take(id: string): Promise<'taken' | 'gone' | 'unknown'> {
    return this.#call<'taken' | 'gone' | 'unknown'>(id, 'unknown', ({ file, place }) => file.take(place.position))
  }

  /**
   * The message is in the log for good, as was found out after a crash: it must not come once more, for which {@link settled} sees. What is gone already is
   * marked once more, which costs 32 bytes and no look at the entry.
   * @returns what it was, if it ended now.
   * @throws {FileError}
   */
  async end(id: string): Promise<EntryFields | undefined> {
    const name = parseId(id)
    const known = name === undefined ? undefined : this.#files.get(name.number)
    if (name === undefined || known === undefined || known.name.hour !== name.hour) return undefined
    if (await known.isGone(name.position)) {
      await known.markAgain(name.position)
      return undefined
    }
    return this.#call<EntryFields | undefined>(id, undefined, async ({ file, place, entry }) =>
      (await file.cancel(place.position)) === 'cancelled' ? entry : undefined,
    )
  }

  /** Resolves when what was done until now is on the disk, so that it does not come again; what the disk does not take may. */
  async settled(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.settle()))
    await Promise.all(this.#removals)
  }

  /**
   * The message comes at another time, again if it came before; not before the hour within which it was due first. Resolves when that is on the disk for
   * good; in this process it holds at once. @throws {FileError}
   */
  postpone(id: string, dueAt: number): Promise<'postponed' | 'gone' | 'unknown'> {
    if (!(dueAt <= LAST_TIME)) throw new RangeError(`${dueAt} is no time`)
    return this.#call<'postponed' | 'gone' | 'unknown'>(id, 'unknown', ({ file, place }) => file.postpone(place.position, dueAt))
  }

  /**
   * What was put is durable when it resolves, if the disk let it, and what was called has its answer. Nothing is told any more; what is in the owner's hand
   * comes again after the next start, so the owner has its own writing done before.
   */
  async close(): Promise<void> {
    if (this.#phase !== 'open') return
    this.#phase = 'closing'
    if (this.#timer !== undefined) this.#options.wheel.cancel(this.#timer.id)
    while (this.#background.size > 0) await Promise.all(this.#background)
    this.#phase = 'closed'
    await Promise.all([...this.#files.values()].map((file) => file.close()))
    await Promise.all(this.#background)
    await this.#shelf.disk.open.closeAll()
  }

  /** @throws {Error} when it is closed. */
  #call<T>(id: string, unknown: T, body: (located: Located) => Promise<T>): Promise<T> {
    if (this.#phase !== 'open') throw new Error('timed messages are closed')
    const answer: Promise<T> = this.#locate(id).then((located) => (located === undefined ? unknown : body(located)))
    this.#keep(
      answer.then(
        () => {},
        () => {},
      ),
    )
    return answer
  }

  async #locate(id: string): Promise<Located | undefined> {
    const place = parseId(id)
    const file = place === undefined ? undefined : this.#files.get(place.number)
    if (place === undefined || file === undefined || file.name.hour !== place.hour) return undefined
    const entry = await file.read(place.position, place.check)
    return entry === undefined ? undefined : { file, place, entry }
  }

  #fileFor(hour: number): BucketFile {
    const current = this.#current.get(hour)
    if (current !== undefined && !current.retired && current.size < (this.#options.fileSize ?? 64 * 1024 * 1024)) return current
    const file = new BucketFile(this.#shelf, { hour, number: ++this.#number }, this.#isNear(hour), undefined)
    this.#add(file)
    this.#current.set(hour, file)
    this.#firstCurrent = Math.min(this.#firstCurrent, (hour + 1) * HOUR)
    current?.retire()
    return file
  }

  #isNear(hour: number): boolean {
    return hour * HOUR - this.#horizon <= this.#shelf.clock.now()
  }

  #add(file: BucketFile): void {
    this.#files.set(file.name.number, file)
    if (file.stage === 'near') {
      this.#near.add(file)
      this.#wake()
      return
    }
    this.#far.add(file)
    if (this.#nextFar !== undefined && file.name.hour >= this.#nextFar) return
    this.#nextFar = file.name.hour
    this.#wake()
  }

  #wake(): void {
    if (this.#woken || this.#phase !== 'open') return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      this.#run()
    })
  }

  /** Does what the time is for, and sets the timer for what comes next. */
  #run(): void {
    if (this.#phase !== 'open') return
    const { clock, inHand, mostInHand } = this.#shelf
    const { clockCheck = 1_000 } = this.#options
    const now = clock.now()
    if (this.#firstCurrent < now) this.#retireCurrent(now)
    if (this.#nextFar !== undefined && this.#isNear(this.#nextFar)) this.#loadNear()
    let next = Number.POSITIVE_INFINITY
    let waiting = false
    for (const file of this.#near) {
      const due = file.table?.next() ?? Number.POSITIVE_INFINITY
      if (file.busy || due === Number.POSITIVE_INFINITY) continue
      waiting = true
      if (due > now) next = Math.min(next, due)
      else if (inHand < mostInHand) this.#keep(this.#deliver(file))
    }
    // While its hour goes on a bucket keeps its file, empty or not.
    if (this.#current.size > 0) next = Math.min(next, this.#firstCurrent)
    // What is near by now and still among the far could not be read.
    if (this.#nextFar !== undefined) next = Math.min(next, this.#isNear(this.#nextFar) ? now + RETRY_AFTER : this.#nextFar * HOUR - this.#horizon)
    const nothing = next === Number.POSITIVE_INFINITY && !waiting
    this.#arm(nothing ? undefined : Math.min(Math.max(next - now, 0), waiting ? clockCheck : 60 * clockCheck))
  }

  /** Files whose hour is over take nothing more: they go when all is done. */
  #retireCurrent(now: number): void {
    this.#firstCurrent = Number.POSITIVE_INFINITY
    for (const [hour, file] of this.#current) {
      const end = (hour + 1) * HOUR
      if (end > now) {
        this.#firstCurrent = Math.min(this.#firstCurrent, end)
        continue
      }
      this.#current.delete(hour)
      file.retire()
    }
  }

  #arm(delay: number | undefined): void {
    const { wheel } = this.#options
    const at = delay === undefined ? undefined : this.#shelf.clock.monotonic() + delay
    if (this.#timer !== undefined) {
      // One that is called too soon only looks at the clock.
      if (at !== undefined && this.#timer.at <= at) return
      wheel.cancel(this.#timer.id)
      this.#timer = undefined
    }
    if (at === undefined) return
    const onDue = (): void => {
      this.#timer = undefined
      this.#run()
    }
    this.#timer = { id: wheel.add(at, { onDue }), at }
  }

  #loadNear(): void {
    const monotonic = this.#shelf.clock.monotonic()
    this.#nextFar = undefined
    for (const file of this.#far) {
      const { hour } = file.name
      if (this.#isNear(hour) && file.retryAt <= monotonic) {
        this.#far.delete(file)
        if (this.#current.get(hour) === file) this.#current.delete(hour)
        this.#keep(this.#load(file))
      } else {
        this.#nextFar = Math.min(this.#nextFar ?? hour, hour)
      }
    }
  }

  async #load(file: BucketFile): Promise<void> {
    await this.#loads.pass(async () => {
      if (this.#phase === 'open') await file.load()
    })
    this.#marksRead.delete(file)
    if (file.stage === 'near') this.#near.add(file)
    if (file.stage === 'far') {
      this.#far.add(file)
      this.#nextFar = Math.min(this.#nextFar ?? file.name.hour, file.name.hour)
    }
    this.#wake()
  }

  async #deliver(file: BucketFile): Promise<void> {
    const { clock, retryAfter, onEvent } = this.#shelf
    await file.deliver((slot, position, dueAt, entry) => {
      if (this.#phase !== 'open') return
      const inHand = new EntryInHand(file, slot, position, dueAt, entry, () => clock.now())
      try {
        this.#options.onDue(inHand, entry.message)
      } catch (error) {
        onEvent({ kind: 'owner-failed', id: inHand.id, error })
        inHand.retry(retryAfter)
      }
    })
  }

  #failed(file: BucketFile, error: unknown, first: boolean): void {
    const { onEvent, clock } = this.#shelf
    if (this.#current.get(file.name.hour) === file) this.#current.delete(file.name.hour)
    onEvent({ kind: 'failed', path: file.path, error })
    // Another file is tried at once; when even a new one fails, what comes waits a while.
    if (!first) return
    const reason = error instanceof FileError ? error.message : String(error)
    if (this.#unavailable === undefined) onEvent({ kind: 'unavailable', reason })
    this.#unavailable = { reason, until: clock.monotonic() + RETRY_AFTER }
  }

  #keep(work: Promise<void>): void {
    const kept = work.then(() => {
      this.#background.delete(kept)
    })
    this.#background.add(kept)
  }

  #keepMarks(file: BucketFile): void {
    this.#marksRead.add(file)
    for (const oldest of this.#marksRead) {
      if (this.#marksRead.size <= MARKS_KEPT) return
      if (oldest.forget()) this.#marksRead.delete(oldest)
    }
  }

  #removed(file: BucketFile, removal: Promise<void>): void {
    this.#files.delete(file.name.number)
    this.#near.delete(file)
    this.#far.delete(file)
    this.#marksRead.delete(file)
    if (this.#current.get(file.name.hour) === file) this.#current.delete(file.name.hour)
    const kept = removal.then(() => {
      this.#removals.delete(kept)
    })
    this.#removals.add(kept)
    this.#keep(kept)
  }
}
