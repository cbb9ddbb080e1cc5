import { type Deferred, deferred } from '../deferred.ts'
import type { FeatherMQError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Message } from '../message/message.ts'
import type { Engine, Sink } from './engine.ts'

/** What `for await` reads: messages one by one, as many unsettled at a time as the cache holds. */
export class MessageStream implements Sink {
  readonly #engine: Engine
  readonly #logger: Logger
  readonly #waiters: Deferred<IteratorResult<Message, undefined>>[] = []
  readonly #limit: number
  #state: { readonly name: 'open' } | { readonly name: 'ended'; readonly error: FeatherMQError | undefined } = { name: 'open' }
  #warned = false

  /** @param limit messages that may be unsettled at a time, for the warning when they are */
  constructor(engine: (sink: Sink) => Engine, limit: number, logger: Logger) {
    this.#engine = engine(this)
    this.#limit = limit
    this.#logger = logger
  }

  get engine(): Engine {
    return this.#engine
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (this.#state.name === 'ended') return this.#end(this.#state.error)
    const delivery = this.#engine.take()
    if (delivery !== undefined) return Promise.resolve({ done: false, value: delivery.message })
    this.#warnIfStuck()
    const waiter = deferred<IteratorResult<Message, undefined>>()
    this.#waiters.push(waiter)
    return waiter.promise
  }

  wake(): void {
    while (this.#waiters.length > 0 && this.#state.name === 'open') {
      const delivery = this.#engine.take()
      if (delivery === undefined) return
      this.#waiters.shift()?.resolve({ done: false, value: delivery.message })
    }
  }

  fail(error: FeatherMQError): void {
    this.end(error)
  }

  /** Keeps nothing: what it gave out is its readers'. */
  release(): void {}

  /** Nothing more comes. An error goes to one reader, the others see the end. */
  end(error?: FeatherMQError): void {
    if (this.#state.name === 'ended') return
    const waiters = this.#waiters.splice(0)
    const reader = error === undefined ? undefined : waiters.shift()
    this.#state = { name: 'ended', error: reader === undefined ? error : undefined }
    if (error !== undefined) reader?.reject(error)
    for (const waiter of waiters) waiter.resolve({ done: true, value: undefined })
  }

  #end(error: FeatherMQError | undefined): Promise<IteratorResult<Message, undefined>> {
    this.#state = { name: 'ended', error: undefined }
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  /** Whoever never settles waits for ever; that must not look like an empty topic. */
  #warnIfStuck(): void {
    if (this.#warned || this.#engine.held < this.#limit) return
    this.#warned = true
    this.#logger.warn(
      { event: 'messages-unsettled', held: this.#engine.held },
      `messages() waits: ${this.#engine.held} messages were taken and neither acknowledged nor given back, which is all that the cache may hold`,
    )
  }
}
