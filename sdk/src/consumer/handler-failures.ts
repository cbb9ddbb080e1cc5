import type { Timer } from '../clock.ts'
import { saidBy } from '../connection/consumer-error.ts'
import type { Session } from '../connection/session.ts'
import { format } from '../duration.ts'
import { describe, isPermanentError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { Delivery } from './delivery.ts'
import type { Engine } from './engine.ts'
import { delayOf } from './retry-after.ts'

export interface HandlerFailuresOptions {
  readonly runtime: Runtime
  readonly session: Session
  readonly group: string
  readonly engine: Engine
  /** Whether the server is told what handlers threw. */
  readonly reportErrors: boolean
  /** A message of an ordered group is to be handled again, here. */
  readonly again: (delivery: Delivery) => void
}

/** Decides what becomes of messages whose handler threw, says so, and keeps those that are tried again here. */
export class HandlerFailures {
  readonly #options: HandlerFailuresOptions
  /** Failed messages of an ordered group that wait here for their next try; their message group waits with them. */
  readonly #waiting = new Map<Delivery, Timer>()

  constructor(options: HandlerFailuresOptions) {
    this.#options = options
  }

  /** Messages that wait here for their next try. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** @param stays whether this consumer goes on, so that a message may wait here */
  settle(delivery: Delivery, error: unknown, stays: boolean): void {
    const { runtime, session, group, engine } = this.#options
    engine.countFailure(delivery)
    const next = this.#decide(delivery, error, stays)
    const { topic, messageId } = delivery.fields
    engine.tell({ type: 'handler-failed', topic, messageId, attempt: next.attempt, next: next.text, error })
    runtime.config.logger.warn(
      {
        event: 'handler-failed',
        clientId: session.clientId,
        topic,
        group,
        messageId,
        attempt: next.attempt,
        maxAttempts: delivery.maxAttempts,
        next: next.text,
        err: error,
      },
      `the handler of ${group} failed for message ${messageId} of ${topic} (attempt ${next.attempt} of ${delivery.maxAttempts}); next: ${next.text}: ${describe(error)}`,
    )
  }

  /** Gives back what waits here for its next try, of some topics or of all; returns how many that were. */
  giveBack(concerns: (topic: string) => boolean = () => true): number {
    let count = 0
    for (const [delivery, timer] of [...this.#waiting]) {
      if (!concerns(delivery.fields.topic)) continue
      count += 1
      this.#waiting.delete(delivery)
      timer.cancel()
      this.#options.engine.giveBack(delivery)
    }
    return count
  }

  #decide(delivery: Delivery, error: unknown, stays: boolean): { readonly attempt: number; readonly text: string } {
    const { engine, runtime, reportErrors } = this.#options
    const attempt = delivery.attempt()
    const { lost } = delivery.lease
    if (!delivery.isOpen) return { attempt, text: `the handler had settled it by ${delivery.outcome}` }
    if (lost !== undefined) {
      delivery.nack().catch(() => {}) // fails at once, and with it the message is let go
      return { attempt, text: 'whenever the server delivers it again, its lease was lost' }
    }
    const said = reportErrors ? saidBy(error) : undefined
    if (isPermanentError(error) || (engine.ordered && attempt >= delivery.maxAttempts)) {
      delivery.deadLetter(isPermanentError(error) ? 'PermanentError' : 'attempts used up', said).catch(() => {})
      return { attempt, text: 'dead-letter topic' }
    }
    const delay = delayOf(error) ?? delivery.backoff()
    const at = new Date(runtime.config.clock.now() + delay).toISOString()
    if (engine.ordered && stays && delay < delivery.lease.left && this.#hasRoom() && !engine.isPaused(delivery.fields.topic)) {
      this.#keep(delivery, delay)
      return { attempt, text: `here in ${format(delay)}, at ${at}` }
    }
    delivery.nack(delay, said).catch(() => {})
    if (attempt >= delivery.maxAttempts) return { attempt, text: 'dead-letter topic, the attempts are used up' }
    return { attempt, text: `redelivery in ${format(delay)}, at ${at}` }
  }

  /**
   * What waits here takes the room of what could be handled: no more than half of it, lest poisoned message groups stop all others for the hours that the
   * back-off may last. The server keeps back the message groups of the rest.
   */
  #hasRoom(): boolean {
    return this.#waiting.size < Math.max(1, Math.floor(this.#options.engine.capacity / 2))
  }

  /** As the official clients do in ordered groups: the message stays here, and its message group with it, until it is done or given up. */
  #keep(delivery: Delivery, delay: number): void {
    const { runtime, again } = this.#options
    const timer = runtime.config.clock.setTimer(() => {
      this.#waiting.delete(delivery)
      if (delivery.lease.left === 0) {
        delivery.nack().catch(() => {}) // fails at once: the lease is lost
        return
      }
      delivery.countLocalRetry()
      again(delivery)
    }, delay)
    this.#waiting.set(delivery, timer)
  }
}
