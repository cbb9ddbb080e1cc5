import type { Body } from './body.ts'
import type { ReceivedFields } from './received.ts'

/** What can be read of a message, whoever has it. */
export class ReadableMessage {
  readonly #fields: ReceivedFields
  readonly #body: Body
  #properties: Readonly<Record<string, string>> | undefined

  /** @internal Messages come from servers. */
  constructor(fields: ReceivedFields, body: Body) {
    this.#fields = fields
    this.#body = body
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
}

function date(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms)
}
