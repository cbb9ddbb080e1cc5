import type { StoredMessage } from '../log/message-log.ts'
import type { DueEntry } from '../timed/due-entry.ts'
import { openTimed } from '../timed/opening.ts'
import type { Timed, TimedOptions, TimedStats } from '../timed/timed.ts'
import type { Refused, StoredTopic } from './message-store.ts'
import type { Enter, TimedMessages } from './timed.ts'

/** When a queue refuses a message whose time has come, it is tried again after this, ms. */
const AGAIN = 1_000

export interface TimedOnDiskOptions extends Omit<TimedOptions, 'onDue'> {
  /** How many messages of each topic wait, as {@link onCount} told it last before a restart: the files are not read for it. */
  readonly counts: ReadonlyMap<number, number>
  readonly onCount: (topicId: number, count: number) => void
}

/** Delayed messages on disk: each enters its queue when its time has come, and goes from here once it is durable there. */
export class TimedOnDisk implements TimedMessages {
  readonly #timed: Timed
  readonly #counts: Map<number, number>
  readonly #onCount: (topicId: number, count: number) => void
  #enter: Enter | undefined

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

  get stats(): TimedStats {
    return this.#timed.stats
  }

  start(enter: Enter): void {
    this.#enter = enter
  }

  defer(topic: StoredTopic, message: StoredMessage): { readonly kind: 'deferred'; readonly durable: Promise<void> } | Refused {
    const put = this.#timed.put({ topicId: topic.id, kind: 'delayed', dueAt: message.deliverAt ?? 0 }, message)
    if (put.kind !== 'put') return put
    this.#add(topic.id, 1)
    return { kind: 'deferred', durable: put.durable }
  }

  count(topicId: number): number {
    return this.#counts.get(topicId) ?? 0
  }

  /** Its messages find that it is gone when their time comes. */
  dropTopic(topicId: number): void {
    this.#counts.delete(topicId)
    this.#onCount(topicId, 0)
  }

  close(): Promise<void> {
    return this.#timed.close()
  }

  #due(entry: DueEntry, message: StoredMessage): void {
    const answer = this.#enter?.(entry.topicId, message)
    if (answer === undefined || answer.kind === 'full' || answer.kind === 'unavailable') {
      entry.retry(AGAIN)
      return
    }
    if (answer.kind === 'gone') {
      entry.done()
      return
    }
    this.#add(entry.topicId, -1)
    if (answer.durable === undefined) entry.done()
    else
      answer.durable.then(
        () => entry.done(),
        () => {
          this.#add(entry.topicId, 1)
          entry.retry(AGAIN)
        },
      )
  }

  /** It is a number for people: a crash between a message and its count leaves it one off. */
  #add(topicId: number, change: number): void {
    const count = Math.max(0, this.count(topicId) + change)
    this.#counts.set(topicId, count)
    this.#onCount(topicId, count)
  }
}
