import type { Clock, Timer } from '../clock.ts'
import type { Endpoint } from '../connection/endpoint.ts'
import type { Leased } from '../connection/settle-message.ts'
import { clientError, type FeatherMQError } from '../errors.ts'
import type { WireIds } from '../message/received.ts'

type State =
  | { readonly name: 'held' }
  | { readonly name: 'lost'; readonly reason: FeatherMQError }
  /** Settled or given back: nothing can be lost any more. */
  | { readonly name: 'ended' }

const held: State = { name: 'held' }
const ended: State = { name: 'ended' }

/** What a lease needs of the message that it is for. */
export type LeasedMessage = Omit<Leased, 'endpoint'>

/** Who is told what became of an ack. */
export interface Acknowledged {
  /** Called once. undefined: it is confirmed. */
  acknowledged(failure: FeatherMQError | undefined): void
}

/**
 * This consumer's claim on one delivered message: the receipt handle, how long it holds as far as this side knows, and the signal that tells a handler
 * that it does not hold any more. A timer exists only for who looks at the signal.
 */
export class Lease implements Leased {
  readonly topic: string
  readonly endpoint: Endpoint
  /** Whose message is being acknowledged; it is told how that ended. */
  acknowledging: Acknowledged | undefined
  /** The trace context of that ack. */
  headers: Leased['headers']
  readonly #clock: Clock
  readonly #message: LeasedMessage
  /** Another one than the message came with. */
  #receiptHandle: string | undefined
  /** Monotonic ms. */
  #deadline: number
  #state: State = held
  #controller: AbortController | undefined
  #timer: Timer | undefined

  /** @param from when it began, monotonic ms */
  constructor(message: LeasedMessage, endpoint: Endpoint, clock: Clock, duration: number, from: number = clock.monotonic()) {
    this.topic = message.topic
    this.endpoint = endpoint
    this.#message = message
    this.#clock = clock
    this.#deadline = from + duration
  }

  get messageId(): string {
    return this.#message.messageId
  }

  get receiptHandle(): string {
    return this.#receiptHandle ?? this.#message.receiptHandle
  }

  get wire(): WireIds | undefined {
    return this.#receiptHandle === undefined ? this.#message.wire : undefined
  }

  /** Ms until the lease ends, as far as this side knows; 0 when it is lost. */
  get left(): number {
    return this.#state.name === 'held' ? Math.max(0, this.#deadline - this.#clock.monotonic()) : 0
  }

  /** Why it is lost; undefined while it is not. */
  get lost(): FeatherMQError | undefined {
    return this.#state.name === 'lost' ? this.#state.reason : undefined
  }

  /** Aborts when the lease is lost or {@link abort} is called. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#state.name === 'lost') this.#controller.abort(this.#state.reason)
      else if (this.#state.name === 'held') this.#arm()
    }
    return this.#controller.signal
  }

  /** It was extended: another handle, another end. */
  renew(receiptHandle: string, duration: number): void {
    if (this.#state.name !== 'held') return
    this.#receiptHandle = receiptHandle
    this.#deadline = this.#clock.monotonic() + duration
    if (this.#controller !== undefined) this.#arm()
  }

  lose(why: string): void {
    if (this.#state.name !== 'held') return
    const reason = clientError('LEASE_LOST', `message ${this.messageId} of topic ${this.topic} is no longer leased to this consumer: ${why}`, {
      topic: this.topic,
      endpoint: this.endpoint.address,
    })
    this.#timer?.cancel()
    this.#state = { name: 'lost', reason }
    this.#controller?.abort(reason)
  }

  /** Tells the handler to stop, though the lease still holds. */
  abort(reason: FeatherMQError): void {
    if (this.#state.name === 'ended') return
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }

  end(): void {
    this.#timer?.cancel()
    if (this.#state.name === 'held') this.#state = ended
  }

  #arm(): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.setTimer(() => {
      if (this.left > 0) this.#arm()
      else this.lose('its time is over')
    }, Math.ceil(this.left))
  }
}
