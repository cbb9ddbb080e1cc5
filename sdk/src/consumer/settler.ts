import type { Clock } from '../clock.ts'
import { isCode } from '../connection/failure.ts'
import { ackMessages, changeInvisible, forwardToDeadLetterQueue, type SettleContext } from '../connection/settle-message.ts'
import { pause } from '../deferred.ts'
import { FeatherMQError } from '../errors.ts'
import { nextSettle } from '../retry/settle-retry.ts'
import { AckCoalescer, type AckResult } from './ack-coalescer.ts'
import type { Lease } from './lease.ts'

/** Stock servers walk a request's entries one by one, so that a very large request would hold up the others. */
const MOST_PER_REQUEST = 256

/** An ack whose lease ends sooner than this goes at once. Three requests may time out meanwhile: the one it would wait for, its own, and its second try. */
function hurry(requestTimeout: number): number {
  return Math.max(10_000, 3 * requestTimeout + 1_000)
}

/** Settles leased messages of one consumer and tries again, by rule, what may pass. */
export class Settler {
  readonly #context: SettleContext
  readonly #upkeep: Clock
  readonly #coalescer: AckCoalescer<Lease>
  readonly #pending = new Set<Promise<void>>()
  readonly #stop = new AbortController()

  /** @param ordered the next message of a message group waits for each confirmation, so that none may wait for another */
  constructor(context: SettleContext, upkeep: Clock, ordered: boolean) {
    const margin = hurry(context.rpc.requestTimeout)
    this.#context = context
    this.#upkeep = upkeep
    this.#coalescer = new AckCoalescer({
      most: MOST_PER_REQUEST,
      schedule: (flush) => void setImmediate(flush),
      send: (messages) => ackMessages(context, messages),
      mayWait: (lease) => !ordered && lease.left > margin,
    })
  }

  /** @throws {FeatherMQError} once it is final that the message could not be acknowledged. */
  ack(lease: Lease): Promise<void> {
    return this.#track(
      this.#persist(lease, async () => {
        const result: AckResult = await this.#coalescer.add(lease)
        if (result !== undefined) throw result
      }),
    )
  }

  /** Makes the message visible again after `delay` ms; `said` is why. */
  nack(lease: Lease, delay: number, said?: string): Promise<void> {
    return this.#track(
      this.#persist(lease, async () => {
        await changeInvisible(this.#context, lease, delay, said)
      }),
    )
  }

  /** Keeps the message invisible for `duration` ms from now. */
  extend(lease: Lease, duration: number): Promise<void> {
    return this.#track(
      this.#persist(lease, async () => {
        lease.renew(await changeInvisible(this.#context, lease, duration), duration)
      }),
    )
  }

  deadLetter(lease: Lease, attempt: number, maxAttempts: number, said?: string): Promise<void> {
    return this.#track(this.#persist(lease, () => forwardToDeadLetterQueue(this.#context, lease, attempt, maxAttempts, said)))
  }

  /** Resolves when nothing is under way; asked for at the end, so that nothing waits for anything else. */
  async idle(): Promise<void> {
    this.#coalescer.hurry()
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }

  get pending(): number {
    return this.#pending.size
  }

  /** No second tries from now on: what fails stays failed. */
  giveUp(reason: FeatherMQError): void {
    this.#stop.abort(reason)
  }

  async #persist(lease: Lease, attempt: () => Promise<void>): Promise<void> {
    for (;;) {
      if (lease.lost !== undefined) throw lease.lost
      try {
        await attempt()
        return
      } catch (error) {
        if (!(error instanceof FeatherMQError)) throw error
        if (isCode(error, 'INVALID_RECEIPT_HANDLE')) {
          lease.lose(`${error.endpoint ?? 'the server'} says that its receipt handle is not valid any more`)
          throw lease.lost ?? error
        }
        const decision = nextSettle(error, lease.left)
        if (!decision.again || this.#stop.signal.aborted) throw error
        await pause(this.#upkeep, decision.after, { signal: this.#stop.signal, hold: true })
      }
    }
  }

  #track(work: Promise<void>): Promise<void> {
    this.#pending.add(work)
    const done = () => this.#pending.delete(work)
    work.then(done, done)
    return work
  }
}
