import type { Duration } from '../duration.ts'
import type { Body } from './body.ts'
import { ReadableMessage } from './readable-message.ts'
import type { ReceivedFields } from './received.ts'

/** How a received message is settled; given by whoever received it. */
export interface Settlement {
  ack(): Promise<void>
  nack(delay: Duration | undefined): Promise<void>
  extend(duration: Duration): Promise<void>
  deadLetter(reason: string | undefined): Promise<void>
  /** Deliveries so far, this one included; local retries of an ordered group count. */
  attempt(): number
  process<T>(message: Message, work: () => Promise<T>): Promise<T>
}

/** A received message. It is leased: unless it is settled before its lease ends, the server delivers it again. */
export class Message extends ReadableMessage {
  readonly #settlement: Settlement

  /** @internal Messages come from consumers. */
  constructor(fields: ReceivedFields, body: Body, settlement: Settlement) {
    super(fields, body)
    this.#settlement = settlement
  }

  /** Deliveries so far, this one included: 1 the first time. */
  get attempt(): number {
    return this.#settlement.attempt()
  }

  /**
   * Does the work for a message that no handler of `run` or `runBatch` was given: inside a process span, counted in the metrics and told on the diagnostics
   * channel as a handler is (each of them only while somebody listens). Settles nothing. Resolves and rejects as the work does.
   */
  process<T>(work: () => Promise<T>): Promise<T> {
    return this.#settlement.process(this, work)
  }

  /**
   * It is done: the server never delivers it to this group again. Resolves once the server confirmed. Calling it again gives the same promise.
   *
   * @throws {FeatherMQError} LEASE_LOST when the lease had ended, MESSAGE_SETTLED when it was settled otherwise.
   */
  ack(): Promise<void> {
    return this.#settlement.ack()
  }

  /**
   * It is not done: deliver it again after `delay`; by default after the consumer group's back-off for this attempt.
   *
   * @throws {FeatherMQError} as {@link ack}.
   */
  nack(delay?: Duration): Promise<void> {
    return this.#settlement.nack(delay)
  }

  /**
   * Keep the lease for `duration` from now, instead of what is left of it. The lease is then this consumer's own: the server's renewal, which `run` and
   * `messages` ask for, ends with it. Whole lease times from 0 to 12 h (stock servers).
   *
   * @throws {FeatherMQError} as {@link ack}; ILLEGAL_INVISIBLE_TIME.
   */
  extend(duration: Duration): Promise<void> {
    return this.#settlement.extend(duration)
  }

  /**
   * Move it to the dead-letter topic of the group now. The reason goes to the log, and to FeatherMQ brokers, which keep it with the dead letter (property
   * `FEATHERMQ_DLQ_ERROR`); the protocol has no field for it.
   *
   * @throws {FeatherMQError} as {@link ack}.
   */
  deadLetter(reason?: string): Promise<void> {
    return this.#settlement.deadLetter(reason)
  }
}
