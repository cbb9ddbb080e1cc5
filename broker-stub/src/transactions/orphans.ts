import type { Clock } from '../clock.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { DueTarget, TimingWheel } from '../schedule/timing-wheel.ts'
import type { DueHalf } from '../store/kept-messages.ts'

/** A half message that is due and has nobody to be asked. */
export interface Orphan {
  readonly half: DueHalf
  readonly message: Pick<StoredMessage, 'topic' | 'messageId' | 'storedAt'>
}

export interface OrphansOptions {
  readonly clock: Clock
  readonly wheel: TimingWheel
  /** No producer came for three days (server behaviour: older ones are not asked about). */
  readonly onAbandoned: (orphan: Orphan) => void
}

const HOUR = 3_600_000
const KEPT = 72 * HOUR

/** Half messages whose producers are all away, by topic. Nothing is done about them until one comes, but for a look once an hour at how old they are. */
export class Orphans implements DueTarget {
  readonly #options: OrphansOptions
  readonly #byTopic = new Map<string, Map<string, Orphan>>()
  #timer: number | undefined
  #count = 0

  constructor(options: OrphansOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  add(topic: string, half: DueHalf, { messageId, storedAt }: StoredMessage): void {
    const orphans = this.#byTopic.get(topic) ?? new Map<string, Orphan>()
    this.#byTopic.set(topic, orphans)
    if (!orphans.has(half.id)) this.#count++
    orphans.set(half.id, { half, message: { topic, messageId, storedAt } })
    const { clock, wheel } = this.#options
    this.#timer ??= wheel.add(clock.monotonic() + HOUR, this)
  }

  /** The transaction has ended. */
  forget(topic: string, id: string): void {
    const orphans = this.#byTopic.get(topic)
    if (orphans?.delete(id) !== true) return
    this.#count--
    this.#tidy(topic, orphans)
  }

  /** Somebody can be asked about those of the topic: they are due again. */
  wake(topic: string): void {
    const orphans = this.#byTopic.get(topic)
    if (orphans === undefined) return
    this.#byTopic.delete(topic)
    this.#count -= orphans.size
    for (const { half } of orphans.values()) half.retry(0)
    if (this.#count === 0) this.close()
  }

  onDue(): void {
    const { clock, wheel } = this.#options
    this.#timer = undefined
    for (const [topic, orphans] of this.#byTopic) {
      for (const orphan of orphans.values()) {
        if (clock.now() < orphan.message.storedAt + KEPT) continue
        this.forget(topic, orphan.half.id)
        this.#options.onAbandoned(orphan)
      }
    }
    if (this.#count > 0) this.#timer = wheel.add(clock.monotonic() + HOUR, this)
  }

  close(): void {
    if (this.#timer !== undefined) this.#options.wheel.cancel(this.#timer)
    this.#timer = undefined
  }

  #tidy(topic: string, orphans: ReadonlyMap<string, Orphan>): void {
    if (orphans.size === 0) this.#byTopic.delete(topic)
    if (this.#count === 0) this.close()
  }
}
