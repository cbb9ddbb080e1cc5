import type { Cached } from '../telemetry/subject.ts'

/** What a consumer has done with the messages of one topic, or of all, since it was made. */
export interface TopicStats {
  /** Deliveries that came; a message that comes again counts again. */
  readonly received: number
  /** Acknowledged, and confirmed by the server. */
  readonly handled: number
  /** Tries that failed: the handler threw, or the message was nacked or dead-lettered by its own methods. */
  readonly failed: number
  /** Moved to the dead-letter topic by this consumer. */
  readonly deadLettered: number
  /** Given back unhandled: at close or pause, or because order was lost before it. */
  readonly returned: number
  /** The server could not be told what became of them, or their lease was over: it delivers them again. */
  readonly lost: number
  /** With a handler or a reader just now, or on their way to being settled. */
  readonly inFlight: number
  /** Waiting for a handler just now. */
  readonly cachedMessages: number
  /** The bytes of those. */
  readonly cachedBytes: number
}

/** A snapshot of the numbers of a consumer. */
export interface ConsumerStats extends TopicStats {
  /** Long polls that are open just now. */
  readonly openReceives: number
  /** The same numbers for each topic that was ever subscribed to and brought something. */
  readonly topics: Readonly<Record<string, TopicStats>>
}

type Counts = { -readonly [Key in keyof TopicStats]: number }

function zero(): Counts {
  return { received: 0, handled: 0, failed: 0, deadLettered: 0, returned: 0, lost: 0, inFlight: 0, cachedMessages: 0, cachedBytes: 0 }
}

/** What was decided of a message that is not held any more. */
export type End = 'handled' | 'failed' | 'deadLettered' | 'returned' | 'lost'

/** Where one held message stands in the counts. */
export class Entry {
  readonly #counts: Counts
  readonly #bytes: number
  #phase: 'cached' | 'in-flight' | 'gone' = 'cached'
  #failed = false
  /** It goes back unhandled. */
  returned = false

  constructor(counts: Counts, bytes: number) {
    this.#counts = counts
    this.#bytes = bytes
    counts.received += 1
    counts.cachedMessages += 1
    counts.cachedBytes += bytes
  }

  taken(): void {
    if (this.#phase !== 'cached') return
    this.#phase = 'in-flight'
    this.#counts.cachedMessages -= 1
    this.#counts.cachedBytes -= this.#bytes
    this.#counts.inFlight += 1
  }

  failedOnce(): void {
    this.#failed = true
    this.#counts.failed += 1
  }

  gone(end: End): void {
    this.taken()
    if (this.#phase === 'gone') return
    this.#phase = 'gone'
    this.#counts.inFlight -= 1
    if (end !== 'failed') this.#counts[end] += 1
    if ((end === 'failed' || end === 'deadLettered') && !this.#failed) this.#counts.failed += 1
  }
}

/** Counts what happens to messages, by topic. Outlives the runs of a consumer. */
export class Tally {
  readonly #topics = new Map<string, Counts>()

  open(topic: string, bytes: number): Entry {
    let counts = this.#topics.get(topic)
    if (counts === undefined) {
      counts = zero()
      this.#topics.set(topic, counts)
    }
    return new Entry(counts, bytes)
  }

  /** What waits for a handler, by topic. */
  *cached(group: string): Iterable<Cached> {
    for (const [topic, { cachedMessages, cachedBytes }] of this.#topics) yield { topic, group, messages: cachedMessages, bytes: cachedBytes }
  }

  snapshot(openReceives: number): ConsumerStats {
    const sum = zero()
    const topics: Record<string, TopicStats> = Object.create(null)
    for (const [topic, counts] of this.#topics) {
      topics[topic] = { ...counts }
      for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key]
    }
    return { ...sum, openReceives, topics }
  }
}
