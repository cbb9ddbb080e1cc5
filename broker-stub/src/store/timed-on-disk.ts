import type { StoredMessage } from '../log/message-log.ts'
import { plainMessage } from '../log/plain-message.ts'
import type { DueEntry } from '../timed/due-entry.ts'
import type { TimedKind } from '../timed/entry.ts'
import { openTimed } from '../timed/opening.ts'
import type { Timed, TimedOptions, TimedStats } from '../timed/timed.ts'
import type { DueHalf, FoundMessage, Kept, KeptCounts, OnHalfDue } from './kept-messages.ts'
import type { Refused, StoredTopic } from './message-store.ts'
import type { Enter, TimedMessages } from './timed.ts'

const NONE: KeptCounts = { delayed: 0, halves: 0 }

/** When a queue refuses a message whose time has come, it is tried again after this, ms. */
const AGAIN = 1_000

export interface TimedOnDiskOptions extends Omit<TimedOptions, 'onDue'> {
  /** How many messages of each topic wait, as {@link onCount} told it last before a restart: the files are not read for it. */
  readonly counts: ReadonlyMap<number, KeptCounts>
  readonly onCount: (topicId: number, counts: KeptCounts) => void
}

/**
 * Delayed and half messages on disk: a delayed one enters its queue when its time has come, and goes from here once it is durable there. These are two writes,
 * and a crash may come between them: so the message in the log carries the id by which it was kept here, see `DurableKept`.
 */
export class TimedOnDisk implements TimedMessages {
  readonly #timed: Timed
  readonly #counts: Map<number, KeptCounts>
  readonly #onCount: (topicId: number, counts: KeptCounts) => void
  /** Those that are being ended, so that nobody counts them twice. */
  readonly #ending = new Map<string, Promise<'cancelled' | 'gone' | 'due' | 'unknown'>>()
  #enter: Enter | undefined
  #onHalf: OnHalfDue | undefined
  #hasEntered: (id: string) => boolean = () => false
  /** Messages that wait for the log. */
  #entering = 0
  #closing: (() => void) | undefined

  private constructor(timed: Timed, { counts, onCount }: TimedOnDiskOptions) {
    this.#timed = timed
    this.#counts = new Map(counts)
    this.#onCount = onCount
  }

  /**
   * @throws {FormatError} when a newer version wrote it.
   * @throws {FileError}
   */
  static async open(options: TimedOnDiskOptions): Promise<TimedOnDisk> {
    let opened: TimedOnDisk | undefined
    // What is due may be read before anybody wants it.
    const timed = await openTimed({
      ...options,
      onDue: (entry, message) => (opened === undefined ? entry.retry(AGAIN) : opened.#due(entry, message)),
    })
    opened = new TimedOnDisk(timed, options)
    return opened
  }

  get room(): number {
    return this.#timed.room
  }

  get stats(): TimedStats {
    return this.#timed.stats
  }

  start(enter: Enter, onHalf: OnHalfDue, hasEntered: (id: string) => boolean): void {
    this.#enter = enter
    this.#onHalf = onHalf
    this.#hasEntered = hasEntered
  }

  defer(topic: StoredTopic, message: StoredMessage): Kept | Refused {
    return this.#put(topic, 'delayed', message, message.deliverAt ?? 0)
  }

  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept | Refused {
    return this.#put(topic, 'half', message, dueAt)
  }

  find(id: string): Promise<FoundMessage | undefined> {
    return this.#timed.find(id)
  }

  cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'> {
    const running = this.#ending.get(id)
    if (running !== undefined) return running
    const ending = this.#cancel(id).finally(() => this.#ending.delete(id))
    this.#ending.set(id, ending)
    return ending
  }

  async #cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'> {
    const found = await this.#timed.find(id)
    const outcome = await this.#timed.cancel(id)
    if (outcome === 'cancelled' && found !== undefined) this.#add(found.topicId, found.kind, -1)
    return outcome
  }

  async end(id: string): Promise<void> {
    const ended = await this.#timed.end(id)
    // A delayed one was counted out when it entered its queue.
    if (ended?.kind === 'half') this.#add(ended.topicId, 'half', -1)
  }

  settled(): Promise<void> {
    return this.#timed.settled()
  }

  count(topicId: number): number {
    return this.#of(topicId).delayed
  }

  halves(topicId: number): number {
    return this.#of(topicId).halves
  }

  /** Its messages find that it is gone when their time comes. */
  dropTopic(topicId: number): void {
    this.#counts.delete(topicId)
    this.#onCount(topicId, NONE)
  }

  /** What waits for the log is waited for: else it would enter its queue once more after the next start. */
  async close(): Promise<void> {
    this.#enter = undefined
    if (this.#entering > 0) await new Promise<void>((resolve) => (this.#closing = resolve))
    await this.#timed.close()
  }

  #put({ id: topicId }: StoredTopic, kind: TimedKind, message: StoredMessage, dueAt: number): Kept | Refused {
    // Large ones are written from where they are, and those of a message are the caller's.
    const put = this.#timed.put({ topicId, kind, dueAt }, { ...plainMessage(message), bytes: new Uint8Array(message.bytes) })
    if (put.kind !== 'put') return put
    this.#add(topicId, kind, 1)
    put.durable.catch(() => this.#add(topicId, kind, -1))
    return { kind: 'deferred', id: put.id, durable: put.durable }
  }

  #due(entry: DueEntry, message: StoredMessage): void {
    if (entry.kind === 'half') {
      if (this.#onHalf === undefined) entry.retry(AGAIN)
      else this.#onHalf(halfOf(entry), message)
      return
    }
    const { id } = entry
    if (this.#hasEntered(id)) {
      entry.done()
      return
    }
    const answer = this.#enter?.(entry.topicId, message, id)
    if (answer === undefined || answer.kind === 'full' || answer.kind === 'unavailable') {
      entry.retry(AGAIN)
      return
    }
    if (answer.kind === 'gone') {
      entry.done()
      return
    }
    this.#add(entry.topicId, 'delayed', -1)
    if (answer.durable === undefined) entry.done()
    else {
      this.#entering++
      answer.durable.then(
        () => {
          entry.done()
          this.#entered()
        },
        () => {
          this.#add(entry.topicId, 'delayed', 1)
          entry.retry(AGAIN)
          this.#entered()
        },
      )
    }
  }

  #entered(): void {
    this.#entering--
    if (this.#entering === 0) this.#closing?.()
  }

  /** They are numbers for people: a crash between a message and its count leaves them one off. */
  #add(topicId: number, kind: TimedKind, change: number): void {
    const { delayed, halves } = this.#of(topicId)
    const counts = kind === 'delayed' ? { delayed: Math.max(0, delayed + change), halves } : { delayed, halves: Math.max(0, halves + change) }
    this.#counts.set(topicId, counts)
    this.#onCount(topicId, counts)
  }

  #of(topicId: number): KeptCounts {
    return this.#counts.get(topicId) ?? NONE
  }
}

function halfOf(entry: DueEntry): DueHalf {
  return {
    id: entry.id,
    topicId: entry.topicId,
    dueAt: entry.dueAt,
    retry: (after) => entry.retry(after),
    // In this process it holds whatever the disk says; after a restart it may come once more too early.
    postpone: (dueAt) => void entry.postpone(dueAt).catch(() => {}),
  }
}
