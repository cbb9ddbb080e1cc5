import type { Duration } from '../duration.ts'
import { milliseconds } from '../duration.ts'
import { clientError, type FeatherMQError, invalidOption } from '../errors.ts'
import type { Body } from '../message/body.ts'
import { Message, type Settlement as MessageSettlement } from '../message/message.ts'
import type { ReceivedFields } from '../message/received.ts'
import type { RetryPolicy } from '../retry/backoff.ts'
import { backoffDelay } from '../retry/backoff.ts'
import type { Enrolled } from '../roll.ts'
import type { ConsumerSubject } from '../telemetry/subject.ts'
import type { Settlement, Telemetry } from '../telemetry/telemetry.ts'
import type { Share } from './budget.ts'
import type { Acknowledged, Lease } from './lease.ts'
import type { Settler } from './settler.ts'
import type { Entry } from './tally.ts'

export type Outcome = 'ack' | 'nack' | 'dead-letter'

export interface DeliveryHooks {
  onDeadLetter(delivery: Delivery, reason: string | undefined): void
  /** Called once, when it is final what became of it. A failure means that the server could not be told: it delivers the message again. */
  onSettled(delivery: Delivery, failure: unknown): void
}

export interface DeliveryTools extends DeliveryHooks {
  /** Observes how it is handled and settled, in the name of this consumer. */
  readonly telemetry: Telemetry
  readonly subject: ConsumerSubject
  readonly settler: Settler
  /** The group's, as pushed last. */
  readonly policy: () => RetryPolicy
}

/** What a delivery is made of. */
export interface Received {
  readonly fields: ReceivedFields
  readonly body: Body
  readonly lease: Lease
  /** Where it stands in the counts of its consumer. */
  readonly entry: Entry
  /** Whose room it takes until it is settled, where room is limited. */
  readonly share?: Share | undefined
  /** When it came, where that is measured. */
  readonly since?: number | undefined
}

const MAX_INVISIBLE = 43_200_000
const operations = { ack: 'ack', nack: 'nack', 'dead-letter': 'forward_to_dlq' } as const satisfies Record<Outcome, Settlement>

/**
 * One delivery of one message: what the message's own `ack`, `nack`, `extend` and `deadLetter` act on, and what the engine settles when the handler is
 * done. Settled once; the first call decides.
 */
export class Delivery implements MessageSettlement, Acknowledged, Enrolled {
  place = -1
  readonly fields: ReceivedFields
  readonly lease: Lease
  readonly entry: Entry
  readonly share: Share | undefined
  readonly since: number | undefined
  readonly message: Message
  /** Topic and message group where the consumer group is ordered. */
  readonly lane: string | undefined
  /** undefined: the body can be read. */
  readonly damage: FeatherMQError | undefined
  readonly #settler: Settler
  readonly #policy: () => RetryPolicy
  readonly #hooks: DeliveryTools
  #attempt: number
  /** Extensions under way, one after the other: each gives a receipt handle that only the next request may use. */
  #extending: Promise<void> | undefined
  /** What was decided; undefined: nothing. */
  #outcome: Outcome | undefined
  /** It is final; {@link #failure} says how it ended. */
  #over = false
  #failure: unknown
  /** For whoever waits: most often nobody does. */
  #done: Promise<void> | undefined
  #resolve: (() => void) | undefined
  #reject: ((reason: unknown) => void) | undefined

  constructor({ fields, body, lease, entry, share, since }: Received, ordered: boolean, tools: DeliveryTools) {
    this.fields = fields
    this.lease = lease
    this.entry = entry
    this.share = share
    this.since = since
    this.damage = body.ok ? undefined : body.error
    this.lane = ordered && fields.messageGroup !== undefined ? `${fields.topic}\n${fields.messageGroup}` : undefined
    this.#settler = tools.settler
    this.#policy = tools.policy
    this.#hooks = tools
    this.#attempt = fields.attempt
    this.message = new Message(fields, body, this)
  }

  /** Nobody has decided yet what becomes of it. */
  get isOpen(): boolean {
    return this.#outcome === undefined
  }

  get outcome(): Outcome | undefined {
    return this.#outcome
  }

  attempt(): number {
    return this.#attempt
  }

  /** An ordered group tries again here, without the server. */
  countLocalRetry(): void {
    this.#attempt += 1
  }

  /** What the group's back-off says after this attempt, ms. */
  backoff(): number {
    return Math.min(backoffDelay(this.#policy().backoff, this.#attempt), MAX_INVISIBLE)
  }

  get maxAttempts(): number {
    return this.#policy().maxAttempts
  }

  process<T>(message: Message, work: () => Promise<T>): Promise<T> {
    return this.#hooks.telemetry.processHere(message, this.fields, this.#hooks.subject, work)
  }

  ack(): Promise<void> {
    if (this.#outcome === undefined) this.acknowledge()
    return this.#promise('ack')
  }

  /** The same for who does not wait for its end; nobody may have decided yet. */
  acknowledge(): void {
    this.#outcome = 'ack'
    if (this.#extending === undefined && !this.#hooks.telemetry.observesSettling) this.#settler.ack(this.lease, this)
    else
      this.#settle(
        'ack',
        () => new Promise<void>((resolve, reject) => this.#settler.ack(this.lease, { acknowledged: settling(resolve, reject) }, true)),
      )
  }

  acknowledged(failure: FeatherMQError | undefined): void {
    this.#finish(failure)
  }

  /** @param said why, for who looks at the dead letter that it may become */
  nack(delay?: Duration, said?: string): Promise<void> {
    let ms: number
    try {
      ms = delay === undefined ? this.backoff() : milliseconds(delay, 'nack.delay', 0, MAX_INVISIBLE)
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.#outcome === undefined) this.#settle('nack', () => this.#settler.nack(this.lease, ms, said))
    return this.#promise('nack')
  }

  async extend(duration: Duration): Promise<void> {
    const ms = milliseconds(duration, 'extend.duration', 0, MAX_INVISIBLE)
    if (this.#outcome !== undefined) throw this.#alreadySettled('extended')
    const before = this.#extending?.catch(() => {}) ?? Promise.resolve()
    const extending = before.then(() => this.#settler.extend(this.lease, ms))
    this.#extending = extending
    try {
      await extending
    } finally {
      if (this.#extending === extending) this.#extending = undefined
    }
  }

  /**
   * @param reason for log and events
   * @param said why, for who looks at the dead letter
   */
  deadLetter(reason?: string, said: string | undefined = reason): Promise<void> {
    if (reason !== undefined && typeof reason !== 'string') return Promise.reject(invalidOption('deadLetter.reason', reason, 'a text'))
    if (this.#outcome === undefined) {
      this.#hooks.onDeadLetter(this, reason)
      this.#settle('dead-letter', () => this.#settler.deadLetter(this.lease, this.#attempt, this.#policy().maxAttempts, said))
    }
    return this.#promise('dead-letter')
  }

  #settle(outcome: Outcome, settle: () => Promise<void>): void {
    this.#outcome = outcome
    const observed = () => this.#hooks.telemetry.settle(operations[outcome], this.fields, this.#hooks.subject, settle)
    const done = this.#extending === undefined ? observed() : this.#extending.then(observed, observed)
    done.then(
      () => this.#finish(undefined),
      (failure: unknown) => this.#finish(failure),
    )
  }

  #finish(failure: unknown): void {
    this.#over = true
    this.#failure = failure
    this.lease.end()
    // First: what a hook throws, by a logger for example, must not keep anybody waiting.
    if (failure === undefined) this.#resolve?.()
    else if (this.#done !== undefined) this.#rejectHandled(this.#done, failure)
    this.#hooks.onSettled(this, failure)
  }

  /** Also for who does not wait for the promise: a server that vanishes must not end the process by an unhandled rejection. */
  #rejectHandled(done: Promise<void>, failure: unknown): void {
    done.catch(() => {})
    this.#reject?.(failure)
  }

  /** The promise of what was decided, always the same. */
  #promise(wanted: Outcome): Promise<void> {
    if (this.#outcome !== wanted) return Promise.reject(this.#alreadySettled(wanted))
    if (this.#done !== undefined) return this.#done
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#done = done
    if (this.#over) {
      if (this.#failure === undefined) this.#resolve?.()
      else this.#rejectHandled(done, this.#failure)
    }
    return done
  }

  #alreadySettled(wanted: string): FeatherMQError {
    const { topic, messageId } = this.fields
    return clientError(
      'MESSAGE_SETTLED',
      `message ${messageId} of topic ${topic} cannot be settled by ${wanted}: it was by ${this.outcome} already`,
      { topic },
    )
  }
}

function settling(resolve: () => void, reject: (reason: unknown) => void): Acknowledged['acknowledged'] {
  return (failure) => (failure === undefined ? resolve() : reject(failure))
}
