import type { Leased } from '../connection/settle-message.ts'
import { FeatherMQError } from '../errors.ts'

/** Result of one message: undefined = acknowledged. */
export type AckResult = FeatherMQError | undefined

export interface AckCoalescerOptions<T extends Leased> {
  /** Messages of one request. */
  readonly most: number
  /** Calls back at the end of the current turn of the event loop. */
  readonly schedule: (flush: () => void) => void
  /** Sends one request: messages of one topic at one endpoint. */
  readonly send: (messages: readonly T[]) => Promise<readonly AckResult[]>
  /** Whether it may wait for the answer to the request before: its lease is long enough, and nobody waits for the confirmation to go on. */
  readonly mayWait: (message: T) => boolean
}

interface Entry<T> {
  readonly message: T
  readonly done: (result: AckResult) => void
}

/** The acks of one topic at one endpoint. */
interface Lane<T> {
  readonly key: string
  readonly waiting: Entry<T>[]
  /** Requests that are not answered. */
  inFlight: number
  /** Something in it must go at the end of the turn, whatever is in flight. */
  urgent: boolean
}

/**
 * Puts the acks of one turn of the event loop, topic and endpoint into one request, in the order they came; those that come while a request is on its way
 * wait for its answer and then go together. An ack costs 282 µs in a request of its own and 17.5 µs in one of 32.
 */
export class AckCoalescer<T extends Leased> {
  readonly #options: AckCoalescerOptions<T>
  readonly #lanes = new Map<string, Lane<T>>()
  #scheduled = false
  #hurried = false

  constructor(options: AckCoalescerOptions<T>) {
    this.#options = options
  }

  /** @param done called once, later, with the message's own result */
  add(message: T, done: (result: AckResult) => void): void {
    const key = `${message.topic}\n${message.endpoint.key}`
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      lane = { key, waiting: [], inFlight: 0, urgent: false }
      this.#lanes.set(key, lane)
    }
    lane.waiting.push({ message, done })
    if (this.#hurried || !this.#options.mayWait(message)) lane.urgent = true
    if (lane.inFlight > 0 && !lane.urgent && lane.waiting.length < this.#options.most) return
    this.#schedule()
  }

  /** From now on nothing waits for anything. */
  hurry(): void {
    this.#hurried = true
    for (const lane of this.#lanes.values()) {
      lane.urgent = true
      this.#flush(lane)
    }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#options.schedule(() => {
      this.#scheduled = false
      for (const lane of this.#lanes.values()) this.#flush(lane)
    })
  }

  #flush(lane: Lane<T>): void {
    const { most } = this.#options
    // All of it or whole requests: what goes ahead of the rest would go out of order.
    const all = lane.inFlight === 0 || lane.urgent
    while (lane.waiting.length >= most || (all && lane.waiting.length > 0)) void this.#send(lane, lane.waiting.splice(0, most))
    lane.urgent = false
  }

  async #send(lane: Lane<T>, entries: readonly Entry<T>[]): Promise<void> {
    lane.inFlight += 1
    let results: readonly AckResult[]
    try {
      results = await this.#options.send(entries.map(({ message }) => message))
    } catch (error) {
      const failure = error instanceof FeatherMQError ? error : new FeatherMQError('CALL_FAILED', String(error), { cause: error, retryable: true })
      results = entries.map(() => failure)
    }
    lane.inFlight -= 1
    entries.forEach(({ done }, index) => {
      done(results[index])
    })
    // In a turn of its own: an answer that lets handlers begin lets them also be acknowledged.
    if (lane.inFlight > 0) return
    if (lane.waiting.length > 0) this.#schedule()
    else this.#lanes.delete(lane.key)
  }
}
