import type { Clock } from '../../clock.ts'
import type { StoredMessage } from '../../log/message-log.ts'
import type { StoredTopic } from '../message-store.ts'
import type { Enter, TimedMessages } from '../timed.ts'

interface Waiting {
  readonly topicId: number
  readonly message: StoredMessage
  readonly deliverAt: number
}

/** Delayed messages in memory, each with a timer of its own. */
export class TimedInMemory implements TimedMessages {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting>()
  #enter: Enter = () => ({ kind: 'gone' })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(enter: Enter): void {
    this.#enter = enter
  }

  defer(topic: StoredTopic, message: StoredMessage): { readonly kind: 'deferred'; readonly durable: undefined } {
    const waiting = { topicId: topic.id, message, deliverAt: message.deliverAt ?? 0 }
    this.#waiting.add(waiting)
    this.#wait(waiting, waiting.deliverAt - this.#clock.now())
    return { kind: 'deferred', durable: undefined }
  }

  count(topicId: number): number {
    return [...this.#waiting].filter((waiting) => waiting.topicId === topicId).length
  }

  dropTopic(topicId: number): void {
    for (const waiting of this.#waiting) if (waiting.topicId === topicId) this.#waiting.delete(waiting)
  }

  async close(): Promise<void> {
    this.#waiting.clear()
  }

  #wait(waiting: Waiting, delay: number): void {
    this.#clock.setTimer(() => {
      if (this.#waiting.has(waiting)) void this.#due(waiting)
    }, delay)
  }

  async #due(waiting: Waiting): Promise<void> {
    const { topicId, message } = waiting
    this.#waiting.delete(waiting)
    const answer = this.#enter(topicId, message)
    if (answer.kind === 'gone') return
    try {
      if (answer.kind === 'full' || answer.kind === 'unavailable') throw new Error(answer.kind)
      await answer.durable
    } catch {
      this.#waiting.add(waiting)
      this.#wait(waiting, 1_000)
    }
  }
}
