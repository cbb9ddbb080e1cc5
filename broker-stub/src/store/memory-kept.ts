import { randomBytes } from 'node:crypto'
import type { LogPosition, MessageLog, StoredMessage } from '../log/message-log.ts'
import type { DueTarget } from '../schedule/timing-wheel.ts'
import type { Committed, DueHalf, FoundMessage, Kept, KeptKind, KeptMessages, OnHalfDue } from './kept-messages.ts'
import type { Time } from './memory-queues.ts'
import type { Refused, StoredTopic } from './message-store.ts'

/** A message of the log goes into its queue. */
export type EnterAt = (message: StoredMessage, position: LogPosition) => void

/** One message in memory that is in no queue, with a timer of its own. */
class KeptMessage implements DueTarget, DueHalf {
  readonly id: string
  readonly topicId: number
  readonly kind: KeptKind
  readonly message: StoredMessage
  readonly position: LogPosition
  dueAt: number
  readonly #time: Time
  readonly #onTime: (kept: KeptMessage) => void
  #timer: number | undefined

  constructor(
    found: FoundMessage,
    { position, dueAt, time, onTime }: { position: LogPosition; dueAt: number; time: Time; onTime: (kept: KeptMessage) => void },
  ) {
    this.id = found.id
    this.topicId = found.topicId
    this.kind = found.kind
    this.message = found.message
    this.position = position
    this.dueAt = dueAt
    this.#time = time
    this.#onTime = onTime
    this.#wait(dueAt - time.clock.now())
  }

  onDue(): void {
    this.#timer = undefined
    const left = this.dueAt - this.#time.clock.now()
    // The wall clock was set back meanwhile: never early.
    if (left > 0) this.#wait(left)
    else this.#onTime(this)
  }

  retry(after: number): void {
    this.#wait(after)
  }

  postpone(dueAt: number): void {
    this.dueAt = dueAt
    this.#wait(dueAt - this.#time.clock.now())
  }

  cancel(): void {
    if (this.#timer !== undefined) this.#time.wheel.cancel(this.#timer)
    this.#timer = undefined
  }

  #wait(delay: number): void {
    this.cancel()
    const { clock, wheel } = this.#time
    this.#timer = wheel.add(clock.monotonic() + delay, this)
  }
}

/** Delayed and half messages in memory: in the log, which bounds them, and in no queue. */
export class MemoryKept implements KeptMessages {
  readonly #log: MessageLog
  readonly #time: Time
  readonly #kept = new Map<string, KeptMessage>()
  readonly #enter = new Map<number, EnterAt>()
  /** By topic. */
  readonly #counts = { delayed: new Map<number, number>(), half: new Map<number, number>() }
  #told: OnHalfDue = () => {}
  #last = 0

  constructor(log: MessageLog, time: Time) {
    this.#log = log
    this.#time = time
  }

  /** Where messages of a topic go when their time has come. */
  openTopic(topicId: number, enter: EnterAt): void {
    this.#enter.set(topicId, enter)
  }

  onHalfDue(told: OnHalfDue): void {
    this.#told = told
  }

  deferred(topicId: number): number {
    return this.#counts.delayed.get(topicId) ?? 0
  }

  halves(topicId: number): number {
    return this.#counts.half.get(topicId) ?? 0
  }

  /** A message of the log that waits for its time. */
  defer(topicId: number, message: StoredMessage, position: LogPosition, dueAt: number): Kept {
    return this.#keep(topicId, 'delayed', message, position, dueAt)
  }

  hold(topic: StoredTopic, message: StoredMessage, dueAt: number): Kept | Refused {
    const result = this.#log.append(message)
    return result.kind === 'full' ? result : this.#keep(topic.id, 'half', message, result.position, dueAt)
  }

  async find(id: string): Promise<FoundMessage | undefined> {
    return this.#kept.get(id)
  }

  async cancel(id: string): Promise<'cancelled' | 'gone' | 'unknown'> {
    const kept = this.#kept.get(id)
    if (kept === undefined) return this.#wasGiven(id) ? 'gone' : 'unknown'
    this.#end(kept)
    this.#log.settle(kept.position)
    return 'cancelled'
  }

  async commit({ id }: FoundMessage): Promise<Committed> {
    const kept = this.#kept.get(id)
    const enter = kept === undefined ? undefined : this.#enter.get(kept.topicId)
    if (kept === undefined || enter === undefined) return { kind: 'gone' }
    this.#end(kept)
    enter({ ...kept.message, storedAt: this.#time.clock.now() }, kept.position)
    return { kind: 'committed' }
  }

  /** Nobody will need any message of the topic. */
  dropTopic(topicId: number): void {
    this.#enter.delete(topicId)
    for (const kept of this.#kept.values()) {
      if (kept.topicId !== topicId) continue
      this.#end(kept)
      this.#log.settle(kept.position)
    }
    for (const counts of [this.#counts.delayed, this.#counts.half]) counts.delete(topicId)
  }

  #keep(topicId: number, kind: KeptKind, message: StoredMessage, position: LogPosition, dueAt: number): Kept {
    const id = `m1.${++this.#last}.${randomBytes(8).toString('hex')}`
    const { clock, wheel } = this.#time
    const onTime = (due: KeptMessage): void => this.#onTime(due)
    this.#kept.set(id, new KeptMessage({ id, topicId, kind, message }, { position, dueAt, time: { clock, wheel }, onTime }))
    this.#count(kind, topicId, 1)
    return { kind: 'deferred', id, durable: undefined }
  }

  #onTime(kept: KeptMessage): void {
    if (kept.kind === 'half') {
      this.#told(kept, kept.message)
      return
    }
    this.#end(kept)
    this.#enter.get(kept.topicId)?.(kept.message, kept.position)
  }

  #end(kept: KeptMessage): void {
    kept.cancel()
    this.#kept.delete(kept.id)
    this.#count(kept.kind, kept.topicId, -1)
  }

  #count(kind: KeptKind, topicId: number, change: number): void {
    const counts = this.#counts[kind]
    counts.set(topicId, (counts.get(topicId) ?? 0) + change)
  }

  /** Ids of what is gone are not remembered: this one may have been given. */
  #wasGiven(id: string): boolean {
    const number = /^m1\.(\d{1,15})\.[0-9a-f]{16}$/.exec(id)?.[1]
    return number !== undefined && Number(number) <= this.#last
  }
}
