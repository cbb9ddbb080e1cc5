import type { StoredMessage } from '../log/message-log.ts'
import { plainMessage } from '../log/plain-message.ts'
import type { Committed, DueHalf, FoundMessage, Kept, KeptMessages, OnHalfDue } from './kept-messages.ts'
import type { Refused, StoredTopic } from './message-store.ts'
import type { Enter, TimedMessages } from './timed.ts'

export interface DurableKeptOptions {
  /** Undefined: nothing can be kept. */
  readonly timed: TimedMessages | undefined
  readonly enter: Enter
  /** Ids of messages that the log has, and of which it is not known whether they are kept here still: see `StoredMessage.keptAs`. */
  readonly entered: ReadonlySet<string>
  /** Calls a little later, unless the store is closed. */
  readonly tryAgain: (action: () => void) => void
}

/** So many are ended together after a crash. */
const AT_ONCE = 64

/**
 * Messages between their place on disk and the log: half messages, and what of delayed ones was found out when the store was opened.
 *
 * Entering a queue is two writes, the message into the log and the end of what was kept, and a crash may come between them. The message in the log carries
 * the id by which it was kept, so what of the log was not in index files when the store was opened tells of what had entered before; and no index file is
 * written for a piece of the log while the end of something whose message is in it is on its way to the disk.
 */
export class DurableKept implements KeptMessages {
  readonly #options: DurableKeptOptions
  /** In the log, and perhaps kept still. */
  readonly #committed: Set<string>
  /** First attempts to end the halves of committed transactions. */
  readonly #ending = new Set<Promise<void>>()
  /** Commits that wait for the log. */
  readonly #entering = new Set<Promise<unknown>>()
  #unended = 0
  #told: OnHalfDue = (half) => half.retry(1_000)
  #closed = false

  constructor(options: DurableKeptOptions) {
    this.#options = options
    this.#committed = new Set(options.entered)
  }

  onHalfDue(told: OnHalfDue): void {
    this.#told = told
  }

  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept | Refused {
    return this.#options.timed?.hold(topic, message, dueAt) ?? { kind: 'unavailable', reason: 'there is no place for half messages' }
  }

  async find(id: string): Promise<FoundMessage | undefined> {
    return this.#options.timed?.find(id)
  }

  async cancel(id: string): Promise<'cancelled' | 'gone' | 'due' | 'unknown'> {
    if (this.#committed.has(id)) {
      this.#end(id)
      return 'due'
    }
    return (await this.#options.timed?.cancel(id)) ?? 'unknown'
  }

  async commit({ id, topicId, message }: FoundMessage): Promise<Committed> {
    if (this.#closed) return { kind: 'unavailable', reason: 'the broker stops' }
    if (!this.#committed.has(id)) {
      const entered = this.#options.enter(topicId, { ...plainMessage(message), deliverAt: undefined, keptAs: id })
      if (entered.kind === 'gone') {
        await this.cancel(id)
        return { kind: 'gone' }
      }
      if (entered.kind === 'deferred') throw new Error('a message that is committed has no time to wait for')
      if (entered.kind !== 'appended') return entered
      try {
        await this.#within(entered.durable)
      } catch (error) {
        return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) }
      }
      this.#committed.add(id)
    }
    this.#end(id)
    return { kind: 'committed' }
  }

  halves(topicId: number): number {
    return this.#options.timed?.halves(topicId) ?? 0
  }

  /** Of a half message that is due. */
  due(half: DueHalf, message: StoredMessage): void {
    if (this.#committed.has(half.id)) this.#end(half.id)
    else this.#told(half, message)
  }

  /** The message kept by that id is in its queue. */
  hasEntered(id: string): boolean {
    return this.#committed.size > 0 && this.#committed.has(id)
  }

  /** Resolves when the halves of all that is in the log by now were ended, or tried to be. */
  async ended(): Promise<void> {
    await Promise.all(this.#ending)
  }

  /** All that is in the log has no half any more. */
  get clean(): boolean {
    return this.#unended === 0 && this.#committed.size === 0
  }

  /** Ends what had entered its queue before, some at a time. Told once, when they can be. */
  start(): void {
    this.#unended++
    const all = this.#endEach([...this.#committed]).finally(() => {
      this.#unended--
      this.#ending.delete(all)
    })
    this.#ending.add(all)
  }

  async #endEach(ids: readonly string[]): Promise<void> {
    for (let first = 0; first < ids.length && !this.#closed; first += AT_ONCE) {
      await Promise.all(
        ids.slice(first, first + AT_ONCE).map((id) => {
          this.#unended++
          return this.#tryToEnd(id)
        }),
      )
    }
  }

  /** What waits for the log is waited for; nothing more is taken. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#entering)
    await this.ended()
  }

  async #within(durable: Promise<void> | undefined): Promise<void> {
    if (durable === undefined) return
    this.#entering.add(durable)
    try {
      await durable
    } finally {
      this.#entering.delete(durable)
    }
  }

  #end(id: string): void {
    this.#unended++
    const first = this.#tryToEnd(id).finally(() => this.#ending.delete(first))
    this.#ending.add(first)
  }

  /** A disk that fails is tried again for as long as it takes: until then the half is known by its message. */
  async #tryToEnd(id: string): Promise<void> {
    try {
      await this.#options.timed?.end(id)
      this.#unended--
      this.#committed.delete(id)
    } catch {
      this.#options.tryAgain(() => void this.#tryToEnd(id))
    }
  }
}
