import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { StoredMessage } from '../../log/message-log.ts'
import type { FoundMessage, Kept, KeptKind, OnHalfDue } from '../kept-messages.ts'
import type { StoredTopic } from '../message-store.ts'
import type { Enter, TimedMessages } from '../timed.ts'

interface Waiting extends FoundMessage {
  dueAt: number
}

/** Delayed and half messages in memory, each with a timer of its own. */
export class TimedInMemory implements TimedMessages {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  #enter: Enter = () => ({ kind: 'gone' })
  #onHalf: OnHalfDue = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(enter: Enter, onHalf: OnHalfDue): void {
    this.#enter = enter
    this.#onHalf = onHalf
  }

  defer(topic: StoredTopic, message: StoredMessage): Kept {
    return this.#keep(topic.id, 'delayed', message, message.deliverAt ?? 0)
  }

  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept {
    return this.#keep(topic.id, 'half', message, dueAt)
  }

  async find(id: string): Promise<FoundMessage | undefined> {
    return this.#waiting.get(id)
  }

  async cancel(id: string): Promise<'cancelled' | 'gone'> {
    return this.#waiting.delete(id) ? 'cancelled' : 'gone'
  }

  async end(id: string): Promise<void> {
    this.#waiting.delete(id)
  }

  async settled(): Promise<void> {}

  count(topicId: number): number {
    return this.#of(topicId, 'delayed')
  }

  halves(topicId: number): number {
    return this.#of(topicId, 'half')
  }

  #of(topicId: number, kind: KeptKind): number {
    return [...this.#waiting.values()].filter((waiting) => waiting.topicId === topicId && waiting.kind === kind).length
  }

  dropTopic(topicId: number): void {
    for (const { id, topicId: of } of this.#waiting.values()) if (of === topicId) this.#waiting.delete(id)
  }

  async close(): Promise<void> {
    this.#waiting.clear()
  }

  #keep(topicId: number, kind: KeptKind, message: StoredMessage, dueAt: number): Kept {
    const waiting: Waiting = { id: `t.${randomBytes(8).toString('hex')}`, topicId, kind, message, dueAt }
    this.#waiting.set(waiting.id, waiting)
    this.#wait(waiting, dueAt - this.#clock.now())
    return { kind: 'deferred', id: waiting.id, durable: undefined }
  }

  #wait(waiting: Waiting, delay: number): void {
    this.#clock.setTimer(() => {
      if (!this.#waiting.has(waiting.id)) return
      if (waiting.kind === 'delayed') void this.#due(waiting)
      else this.#halfDue(waiting)
    }, delay)
  }

  #halfDue(waiting: Waiting): void {
    const { id, topicId, dueAt, message } = waiting
    const retry = (after: number): void => this.#wait(waiting, after)
    const postpone = (at: number): void => {
      waiting.dueAt = at
      this.#wait(waiting, at - this.#clock.now())
    }
    this.#onHalf({ id, topicId, dueAt, retry, postpone }, message)
  }

  async #due(waiting: Waiting): Promise<void> {
    const { id, topicId, message } = waiting
    this.#waiting.delete(id)
    const answer = this.#enter(topicId, message)
    if (answer.kind === 'gone') return
    try {
      if (answer.kind === 'full' || answer.kind === 'unavailable') throw new Error(answer.kind)
      await answer.durable
    } catch {
      this.#waiting.set(id, waiting)
      this.#wait(waiting, 1_000)
    }
  }
}
