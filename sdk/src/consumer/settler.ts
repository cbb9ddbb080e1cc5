import type { Clock } from '../clock.ts'
import { isCode } from '../connection/failure.ts'
import { ackMessages, changeInvisible, forwardToDeadLetterQueue, type SettleContext } from '../connection/settle-message.ts'
import { type Deferred, deferred, pause } from '../deferred.ts'
import { FeatherMQError } from '../errors.ts'
import { nextSettle } from '../retry/settle-retry.ts'
import { AckCoalescer, type AckResult } from './ack-coalescer.ts'
import type { Acknowledged, Lease } from './lease.ts'

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
  /** Settlements under way. */
  #pending = 0
  #idle: Deferred<void> | undefined
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

  /**
   * The way of nearly every message, so that it makes nothing of its own: who acknowledges is told later, once it is final, and never from within this call.
   */
  ack(lease: Lease, by: Acknowledged, traced: boolean = false): void {
    const { lost } = lease
    if (lost !== undefined) {
      queueMicrotask(() => by.acknowledged(lost))
      return
    }
    this.#pending += 1
    lease.acknowledging = by
    if (traced) lease.headers = this.#context.headers()
    this.#coalescer.add(lease, this.#onAck)
  }

  /** One for all acks. */
  readonly #onAck = (failure: AckResult, lease: Lease): void => {
    if (failure === undefined) this.#acknowledged(lease, undefined)
    else void this.#ackAgain(lease, failure)
  }

  #acknowledged(lease: Lease, failure: FeatherMQError | undefined): void {
    const by = lease.acknowledging
    lease.acknowledging = undefined
    this.#settled()
    by?.acknowledged(failure)
  }

  /** Never rejects. */
  async #ackAgain(lease: Lease, failure: FeatherMQError): Promise<void> {
    try {
      await this.#beforeAnother(lease, failure)
      await this.#persist(lease, async () => {
        const result = await new Promise<AckResult>((resolve) => this.#coalescer.add(lease, resolve))
        if (result !== undefined) throw result
      })
    } catch (error) {
      this.#acknowledged(lease, error instanceof FeatherMQError ? error : failure)
      return
    }
    this.#acknowledged(lease, undefined)
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
    if (this.#pending === 0) return
    this.#idle ??= deferred()
    await this.#idle.promise
  }

  get pending(): number {
    return this.#pending
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
        await this.#beforeAnother(lease, error)
      }
    }
  }

  /** Waits for as long as the rule says before another try. @throws the failure itself when there is none. */
  async #beforeAnother(lease: Lease, failure: unknown): Promise<void> {
    if (!(failure instanceof FeatherMQError)) throw failure
    if (isCode(failure, 'INVALID_RECEIPT_HANDLE')) {
      lease.lose(`${failure.endpoint ?? 'the server'} says that its receipt handle is not valid any more`)
      throw lease.lost ?? failure
    }
    const decision = nextSettle(failure, lease.left)
    if (!decision.again || this.#stop.signal.aborted) throw failure
    await pause(this.#upkeep, decision.after, { signal: this.#stop.signal, hold: true })
  }

  #track(work: Promise<void>): Promise<void> {
    this.#pending += 1
    const done = () => this.#settled()
    work.then(done, done)
    return work
  }

  #settled(): void {
    this.#pending -= 1
    if (this.#pending > 0) return
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
