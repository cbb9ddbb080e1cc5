import type { TopicQueues } from '../store/message-store.ts'

/** Where a group is to go on in a topic: `at` is a wall time, ms; of queues that `offsets` does not name it stays where it is. */
export type SeekTarget = 'first' | 'last' | { readonly at: number } | { readonly offsets: ReadonlyMap<number, number> }

/** Looks for the offsets of a target. What it has found so far it keeps, since what was read for it may be gone from memory when the rest is. */
export class QueueSeek {
  readonly #queues: TopicQueues
  readonly #target: SeekTarget
  readonly #from: readonly number[]
  readonly #found: number[] = []
  #low = 0
  #high = -1

  /** @param from Where the group stands. */
  constructor(queues: TopicQueues, target: SeekTarget, from: readonly number[]) {
    this.#queues = queues
    this.#target = target
    this.#from = from
  }

  /** By queue; undefined while something has to be read: ask again when the topic's listener is told. */
  offsets(): readonly number[] | undefined {
    while (this.#found.length < this.#queues.count) {
      const offset = this.#in(this.#found.length)
      if (offset === undefined) return undefined
      this.#found.push(offset)
      this.#high = -1
    }
    return this.#found
  }

  #in(queueId: number): number | undefined {
    const { min, max } = this.#queues.range(queueId)
    if (this.#target === 'first') return min
    if (this.#target === 'last') return max
    if ('at' in this.#target) return this.#firstSince(queueId, this.#target.at)
    const offset = this.#target.offsets.get(queueId)
    return offset === undefined ? this.#from[queueId] : Math.min(Math.max(offset, min), max)
  }

  /** Messages of a queue were stored one after the other: halve what may be it. */
  #firstSince(queueId: number, at: number): number | undefined {
    if (this.#high === -1) {
      const { min, max } = this.#queues.range(queueId)
      this.#low = min
      this.#high = max
    }
    while (this.#low < this.#high) {
      const middle = Math.floor((this.#low + this.#high) / 2)
      const entry = this.#queues.next(queueId, middle)
      if (entry === 'loading') return undefined
      // Offsets may be missing: the next that is there stands for them.
      if (entry === undefined || entry.offset >= this.#high || entry.storedAt >= at) this.#high = middle
      else this.#low = entry.offset + 1
    }
    return this.#low
  }
}
