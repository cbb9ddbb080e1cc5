import type { Clock, Timer } from '../clock.ts'
import { type Queue, queryAssignment, queueKey, type RouteContext } from '../connection/route.ts'
import { FeatherMQError } from '../errors.ts'

const INTERVAL = 5_000
const FIRST_RETRY = 1_000

export interface AssignmentsOptions {
  readonly context: RouteContext
  readonly clock: Clock
  readonly group: string
  readonly topics: Iterable<string>
  readonly onGained: (queue: Queue) => void
  readonly onLost: (queue: Queue) => void
  readonly onSuccess: (topic: string) => void
  /** A look-up failed; what was assigned stays. */
  readonly onFailure: (topic: string, failure: FeatherMQError) => void
}

/** Asks at intervals which queues to poll, and tells the difference. Every consumer of a group gets the same answer: the server shares out messages. */
export class Assignments {
  readonly #options: AssignmentsOptions
  readonly #topics: Set<string>
  readonly #assigned = new Map<string, Queue>()
  readonly #known = new Set<string>()
  readonly #stop = new AbortController()
  #timer: Timer | undefined

  constructor(options: AssignmentsOptions) {
    this.#options = options
    this.#topics = new Set(options.topics)
  }

  start(): void {
    void this.#scan()
  }

  /** One topic more; asked for at once. */
  add(topic: string): void {
    if (this.#topics.has(topic)) return
    this.#topics.add(topic)
    if (!this.#stop.signal.aborted) void this.#look(topic)
  }

  /** Its queues are lost to this consumer. */
  remove(topic: string): void {
    this.#topics.delete(topic)
    this.#known.delete(topic)
    this.#apply(topic, [])
  }

  stop(): void {
    this.#stop.abort()
    this.#timer?.cancel()
  }

  async #scan(): Promise<void> {
    const { clock } = this.#options
    await Promise.all([...this.#topics].map((topic) => this.#look(topic)))
    if (this.#stop.signal.aborted) return
    const delay = [...this.#topics].every((topic) => this.#known.has(topic)) ? INTERVAL : FIRST_RETRY
    this.#timer = clock.setTimer(() => void this.#scan(), delay)
  }

  async #look(topic: string): Promise<void> {
    const { context, group, onSuccess, onFailure } = this.#options
    try {
      const queues = await queryAssignment(context, topic, group, this.#stop.signal)
      if (this.#stop.signal.aborted || !this.#topics.has(topic)) return
      this.#known.add(topic)
      onSuccess(topic)
      this.#apply(topic, queues)
    } catch (error) {
      if (!this.#stop.signal.aborted && this.#topics.has(topic) && error instanceof FeatherMQError) onFailure(topic, error)
    }
  }

  #apply(topic: string, queues: readonly Queue[]): void {
    const { onGained, onLost } = this.#options
    const wanted = new Map(queues.map((queue) => [queueKey(queue), queue]))
    for (const [key, queue] of this.#assigned) {
      if (queue.topic !== topic || wanted.has(key)) continue
      this.#assigned.delete(key)
      onLost(queue)
    }
    for (const [key, queue] of wanted) {
      if (this.#assigned.has(key)) continue
      this.#assigned.set(key, queue)
      onGained(queue)
    }
  }
}
