import type { Duration } from '../duration.ts'
import type { Body } from './body.ts'
import type { ReceivedFields } from './received.ts'

/** How a received message is settled; given by whoever received it. */
export interface Settlement {
  ack(): Promise<void>
  nack(delay: Duration | undefined): Promise<void>
  extend(duration: Duration): Promise<void>
  deadLetter(reason: string | undefined): Promise<void>
  /** Deliveries so far, this one included; local retries of an ordered group count. */
  attempt(): number
}

/** A received message. It is leased: unless it is settled before its lease ends, the server delivers it again. */
export class Message {
  readonly #fields: ReceivedFields
  readonly #body: Body
  readonly #settlement: Settlement
  #properties: Readonly<Record<string, string>> | undefined

  /** @internal Messages come from consumers. */
  constructor(fields: ReceivedFields, body: Body, settlement: Settlement) {
    this.#fields = fields
    this.#body = body
    this.#settlement = settlement
  }

  /** Where it was sent to; the dead-letter topic for what is read from there. */
  get topic(): string {
    return this.#fields.topic
  }

  /** The id its producer gave it; the same at every delivery. */
  get messageId(): string {
    return this.#fields.messageId
  }

  get tag(): string | undefined {
    return this.#fields.tag
  }

  get keys(): readonly string[] {
    return this.#fields.keys
  }

  /** User properties. Without a prototype, so that any key is safe. */
  get properties(): Readonly<Record<string, string>> {
    this.#properties ??= Object.freeze(Object.assign(Object.create(null), Object.fromEntries(this.#fields.properties)) as Record<string, string>)
    return this.#properties
  }

  /** Messages of one group are delivered in order to ordered consumer groups; undefined for messages without order. */
  get messageGroup(): string | undefined {
    return this.#fields.messageGroup
  }

  /** Deliveries so far, this one included: 1 the first time. */
  get attempt(): number {
    return this.#settlement.attempt()
  }

  /** When its producer sent it. */
  get bornAt(): Date | undefined {
    return date(this.#fields.bornAt)
  }

  /** The host name its producer gave; may be empty. */
  get bornHost(): string {
    return this.#fields.bornHost
  }

  /** When the server stored it. */
  get storedAt(): Date | undefined {
    return date(this.#fields.storedAt)
  }

  /** The delivery time its producer asked for (type DELAY). */
  get deliverAt(): Date | undefined {
    return date(this.#fields.deliveryAt)
  }

  /** Where a dead letter came from, on messages of a dead-letter topic whose server tells it (protocol: dead_letter_queue). */
  get origin(): { readonly topic: string; readonly messageId: string } | undefined {
    return this.#fields.origin
  }

  get queueId(): number {
    return this.#fields.queueId
  }

  /** Position in its queue. */
  get offset(): bigint {
    return this.#fields.offset
  }

  /**
   * The body as sent, decompressed where it was compressed. A `consumer.run` handler never sees a body that cannot be read; elsewhere:
   *
   * @throws {FeatherMQError} BODY_CORRUPTED, BODY_TOO_LARGE
   */
  get body(): Uint8Array {
    if (!this.#body.ok) throw this.#body.error
    return this.#body.bytes
  }

  /** The body as UTF-8 text; bytes that are none become U+FFFD. */
  text(): string {
    const { buffer, byteOffset, byteLength } = this.body
    return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
  }

  /**
   * The body parsed as JSON. The type is the caller's claim, nothing checks it.
   *
   * @throws {SyntaxError} when it is no JSON.
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T
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
   * Move it to the dead-letter topic of the group now. The reason goes to the log; the protocol has no field for it.
   *
   * @throws {FeatherMQError} as {@link ack}.
   */
  deadLetter(reason?: string): Promise<void> {
    return this.#settlement.deadLetter(reason)
  }
}

function date(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms)
}
