import type { Clock } from '../clock.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { Topic } from '../registry/types.ts'
import type { Refused, TopicQueues } from '../store/message-store.ts'
import { redrivenCopy } from './dead-letter.ts'

/** Dead letters that are on their way at once. */
const BATCH = 32
/** A dead-letter topic has one queue. */
const QUEUE = 0

/** What sending back asks of delivery. */
export interface RedriveHost {
  readonly clock: Clock
  readonly hasTopic: (name: string) => boolean
  readonly append: (message: StoredMessage) => { readonly kind: 'stored'; readonly durable: Promise<void> | undefined } | Refused
  /** Writes down up to where the letters of a topic were sent back. */
  readonly note: (topicId: number, offset: number) => void
}

/** A dead-letter topic as it is stored. */
export interface Letters {
  readonly queues: TopicQueues
  /** Resolves when there may be something at hand that had to be read. */
  changed(): Promise<void>
}

/** What became of sending dead letters back. */
export interface Redriven {
  readonly moved: number
  /** Dead letters that were not sent back. */
  readonly left: number
  /** Why there was an end before its time. */
  readonly stopped: string | undefined
}

/**
 * Sends dead letters back to the topics that they came from, each once, in the order in which they died. What was sent back is written down once the copies
 * are durable: a process that is killed in between sends at most {@link BATCH} of them again. The letters stay where they are, for who wants to look.
 */
export class Redrives {
  readonly #host: RedriveHost
  /** The first letter that was not sent back, by topic. */
  readonly #offsets: Map<number, number>
  readonly #running = new Set<number>()

  constructor(host: RedriveHost, restored: ReadonlyMap<number, number> = new Map()) {
    this.#host = host
    this.#offsets = new Map(restored)
  }

  /** For a snapshot: up to where each topic's letters were sent back. */
  get offsets(): ReadonlyMap<number, number> {
    return this.#offsets
  }

  forget(topicId: number): void {
    this.#offsets.delete(topicId)
  }

  /** Dead letters that were not sent back. */
  left({ id }: Topic, queues: TopicQueues): number {
    const { min, max } = queues.range(QUEUE)
    return max - Math.min(Math.max(this.#offsets.get(id) ?? 0, min), max)
  }

  /** Sends back up to `most` of what is there now. @returns undefined while that is being done already. */
  async run(topic: Topic, letters: Letters, most: number): Promise<Redriven | undefined> {
    if (this.#running.has(topic.id)) return undefined
    this.#running.add(topic.id)
    try {
      // What dies again meanwhile has to wait for the next time.
      const end = letters.queues.range(QUEUE).max
      let moved = 0
      let stopped: string | undefined
      while (stopped === undefined && moved < most) {
        const batch = await this.#batch(topic, letters, end, Math.min(BATCH, most - moved))
        moved += batch.moved
        stopped = batch.stopped
        if (batch.done) break
      }
      return { moved, left: this.left(topic, letters.queues), stopped }
    } finally {
      this.#running.delete(topic.id)
    }
  }

  async #batch(
    topic: Topic,
    letters: Letters,
    end: number,
    most: number,
  ): Promise<{ readonly moved: number; readonly stopped: string | undefined; readonly done: boolean }> {
    const sent: { readonly offset: number; readonly durable: Promise<void> | undefined }[] = []
    let upTo = this.#offsets.get(topic.id) ?? 0
    let stopped: string | undefined
    let done = false
    while (stopped === undefined && sent.length < most) {
      const letter = await this.#next(letters, upTo)
      if (letter === undefined || letter.offset >= end) {
        done = true
        break
      }
      const copy = letter.message === undefined ? undefined : redrivenCopy(letter.message, this.#host.clock.now())
      if (copy !== undefined) {
        const answer = this.#send(copy)
        if (answer.kind === 'stopped') {
          stopped = answer.reason
          break
        }
        // Looked at below, in order; one that fails before its turn is not unhandled.
        answer.durable?.catch(() => {})
        sent.push({ offset: letter.offset, durable: answer.durable })
      }
      upTo = letter.offset + 1
    }
    let moved = 0
    for (const { offset, durable } of sent) {
      try {
        await durable
        moved++
      } catch (error) {
        upTo = offset
        stopped = error instanceof Error ? error.message : String(error)
        break
      }
    }
    this.#offsets.set(topic.id, upTo)
    this.#host.note(topic.id, upTo)
    return { moved, stopped, done }
  }

  #send(
    copy: StoredMessage,
  ): { readonly kind: 'sent'; readonly durable: Promise<void> | undefined } | { readonly kind: 'stopped'; readonly reason: string } {
    if (!this.#host.hasTopic(copy.topic)) return { kind: 'stopped', reason: `there is no topic "${copy.topic}", from which the next one came` }
    const answer = this.#host.append(copy)
    if (answer.kind === 'stored') return { kind: 'sent', durable: answer.durable }
    return { kind: 'stopped', reason: answer.kind === 'full' ? 'there is no room for messages' : answer.reason }
  }

  /** The first letter at or behind an offset; without a message where that cannot be read any more. */
  async #next(
    { queues, changed }: Letters,
    offset: number,
  ): Promise<{ readonly offset: number; readonly message: StoredMessage | undefined } | undefined> {
    while (true) {
      const entry = queues.next(QUEUE, offset)
      if (entry === undefined) return undefined
      const message = entry === 'loading' ? 'loading' : queues.fetch(entry)
      if (message !== 'loading' && entry !== 'loading') return { offset: entry.offset, message: message === 'gone' ? undefined : message }
      await changed()
    }
  }
}
