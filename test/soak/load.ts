import { setTimeout as pause } from 'node:timers/promises'
import { FeatherMQ, type Logger, type Message, type OutgoingMessage } from '@feathermq/sdk'
import { Ledger } from './ledger.ts'

/** Unhandled messages at which producers wait: what is kept is many times that, so that retention takes nothing that somebody still wants. */
const UNHANDLED = 1_000
/** Ms between bursts. */
const BREATH = 20
const ACCOUNTS = 16
const silent = () => {}

/** Mixed load by the SDK: messages of all kinds, handlers that fail, consumers that come and go. */
export class Load {
  readonly ledger = new Ledger()
  readonly complaints: string[] = []
  /** Consumers that have gone. */
  gone = 0
  /** Bodies that were sent, MiB. */
  megabytes = 0
  /** Deliveries after the first. */
  again = 0
  readonly #endpoints: string
  readonly #leaving = new AbortController()
  readonly #producers: Promise<unknown>[] = []
  readonly #consumers: Promise<unknown>[] = []
  #random = 1

  constructor(endpoints: string) {
    this.#endpoints = endpoints
  }

  start(): void {
    this.#producers.push(
      this.#produce(10, (n) => ({ topic: 'orders', properties: this.#numbered(), tag: n % 2 === 0 ? 'created' : 'paid' })),
      this.#produce(4, (n) => {
        const messageGroup = `account-${n % ACCOUNTS}`
        return { topic: 'accounts', messageGroup, properties: this.#numbered(messageGroup) }
      }),
      this.#produce(3, () => ({ topic: 'reminders', deliverAfter: `${this.#chance(5_000)}ms` as const, properties: this.#numbered() })),
    )
    for (const [topic, group] of [
      ['orders', 'billing'],
      ['accounts', 'ledger'],
      ['reminders', 'alarms'],
    ] as const) {
      this.#consumers.push(this.#consume(topic, group, Number.POSITIVE_INFINITY), this.#comeAndGo(topic, group))
    }
    // It waits for messages that never come.
    this.#consumers.push(this.#consume('nothing', 'idlers', Number.POSITIVE_INFINITY))
  }

  /** Sends no more, and resolves when all is handled. */
  async drain(): Promise<void> {
    this.#leaving.abort()
    await Promise.all(this.#producers)
    await this.ledger.atMost(0)
  }

  async close(): Promise<void> {
    this.#leaving.abort()
    this.#closing.abort()
    await Promise.all([...this.#producers, ...this.#consumers])
  }

  readonly #closing = new AbortController()

  #client(): FeatherMQ {
    const complain = (fields: object, text: string) => {
      const wanted = 'event' in fields && fields.event === 'handler-failed'
      if (!wanted) this.complaints.push(`${text} ${JSON.stringify(fields)}`)
    }
    const logger: Logger = { debug: silent, info: silent, warn: complain, error: complain }
    // A machine that is busy with other things may hold a call up for long.
    return new FeatherMQ({ endpoints: this.#endpoints, logger, requestTimeout: '30s' })
  }

  /** The same numbers in each run: 0 to `below` - 1. */
  #chance(below: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0
    return this.#random % below
  }

  #numbered(messageGroup?: string): Readonly<Record<string, string>> {
    const { number, place } = this.ledger.sending(messageGroup)
    return { number: `${number}`, place: `${place}` }
  }

  async #produce(burst: number, make: (n: number) => Omit<OutgoingMessage, 'body'>): Promise<void> {
    const mq = this.#client()
    const producer = mq.producer()
    for (let n = 0; !this.#leaving.signal.aborted; ) {
      const sends = Array.from({ length: burst }, () => {
        const body = new Uint8Array(500 + this.#chance(8_000)).fill(n)
        this.megabytes += body.length / 1_048_576
        return producer.send({ ...make(n++), body })
      })
      await Promise.all(sends)
      await this.ledger.atMost(UNHANDLED)
      await pause(BREATH)
    }
    await mq.close()
  }

  /** Comes, handles some hundred messages, and goes, again and again. */
  async #comeAndGo(topic: string, group: string): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#consume(topic, group, 50 + this.#chance(300))
      this.gone += 1
    }
  }

  async #consume(topic: string, group: string, count: number): Promise<void> {
    const mq = this.#client()
    const enough = new AbortController()
    let handled = 0
    const running = mq.consumer({ group, subscribe: { [topic]: '*' }, ordered: topic === 'accounts' }).run((message) => {
      this.#handle(message)
      handled += 1
      if (handled >= count) enough.abort()
    })
    await new Promise<void>((resolve) => {
      const signal = AbortSignal.any([enough.signal, this.#closing.signal])
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await mq.close()
    await running
  }

  #handle({ properties, messageGroup, attempt, topic }: Message): void {
    if (attempt > 1) this.again += 1
    const number = Number(properties['number'])
    // One of twenty fails at first. One of five hundred always does, and becomes a dead letter; in order it would hold up its account no longer either.
    const hopeless = number % 500 === 1 && topic !== 'accounts'
    if (hopeless && attempt === 3) this.ledger.handled(number)
    if (hopeless || (number % 20 === 0 && attempt === 1)) throw new Error('as the test wants it')
    this.ledger.handled(number, messageGroup, Number(properties['place']))
  }
}
