import type { Clock, Timer } from '../clock.ts'
import { abortable, type Deferred, deferred } from '../deferred.ts'
import { requestBytes } from './batches.ts'
import type { Amount } from './producer-options.ts'
import type { Sending, Terms } from './sending.ts'

export interface LingerOptions {
  readonly clock: Clock
  /** Ms. */
  readonly delay: number
  /** What one request may hold at this moment. */
  limits(): Amount
  /** Sends them in one request and settles each; never rejects. */
  deliver(sendings: readonly Sending[], terms: Terms): Promise<void>
  /** The message is no longer under way; called once for each. */
  release(sending: Sending): void
}

/** One request to be. */
interface Batch {
  readonly timeout: number
  readonly deadline: number
  readonly timer: Timer
  readonly done: Deferred<void>
  readonly abort: AbortController
  readonly sendings: Set<Sending>
  bytes: number
  /** Those of its messages that somebody still waits for. */
  awaited: number
}

/**
 * Gathers messages of one topic for a moment, so that they travel in one request. Who gives up its message leaves the others alone: the request is only
 * cancelled when nobody waits for any of it.
 */
export class Linger {
  readonly #options: LingerOptions
  readonly #open = new Map<string, Batch>()

  constructor(options: LingerOptions) {
    this.#options = options
  }

  /** Resolves when the message has its outcome. Rejects with the reason of the signal. */
  async add(sending: Sending, terms: Terms): Promise<void> {
    const { topic } = sending.message
    const { signal } = terms
    if (signal?.aborted) {
      this.#options.release(sending)
      throw signal.reason
    }
    const batch = this.#batchFor(sending, terms)
    batch.sendings.add(sending)
    batch.bytes += requestBytes(sending)
    batch.awaited += 1
    const limits = this.#options.limits()
    if (batch.sendings.size >= limits.messages || batch.bytes >= limits.bytes) this.#send(topic, batch)
    if (signal === undefined) return await batch.done.promise
    const onAbort = () => this.#giveUp(sending, batch, signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await abortable(batch.done.promise, signal)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Sends at once whatever lingers. */
  flush(): void {
    for (const [topic, batch] of this.#open) this.#send(topic, batch)
  }

  #batchFor(sending: Sending, { timeout, deadline }: Terms): Batch {
    const { topic } = sending.message
    const open = this.#open.get(topic)
    if (open !== undefined) {
      // Messages with another time limit would wait longer than they may, or not as long.
      if (open.timeout === timeout && open.bytes + requestBytes(sending) <= this.#options.limits().bytes) return open
      this.#send(topic, open)
    }
    const { clock, delay } = this.#options
    const batch: Batch = {
      timeout,
      deadline,
      timer: clock.setTimer(() => this.#send(topic, batch), delay, true),
      done: deferred(),
      abort: new AbortController(),
      sendings: new Set(),
      bytes: 0,
      awaited: 0,
    }
    this.#open.set(topic, batch)
    return batch
  }

  #send(topic: string, batch: Batch): void {
    this.#close(topic, batch)
    const { timeout, deadline, abort } = batch
    const sendings = [...batch.sendings]
    void this.#options.deliver(sendings, { timeout, deadline, signal: abort.signal }).then(() => {
      for (const sending of sendings) this.#options.release(sending)
      batch.done.resolve()
    })
  }

  /** While it lingers a message can still be left out; later its request goes on for the others. */
  #giveUp(sending: Sending, batch: Batch, reason: unknown): void {
    sending.fail(reason)
    batch.awaited -= 1
    const { topic } = sending.message
    if (this.#open.get(topic) === batch) {
      batch.sendings.delete(sending)
      batch.bytes -= requestBytes(sending)
      this.#options.release(sending)
    }
    if (batch.awaited > 0) return
    this.#close(topic, batch)
    batch.abort.abort(reason)
  }

  #close(topic: string, batch: Batch): void {
    batch.timer.cancel()
    if (this.#open.get(topic) === batch) this.#open.delete(topic)
  }
}
