import { setTimeout as pause } from 'node:timers/promises'
import {
  type Consumer,
  FeatherMQ,
  FeatherMQError,
  type Logger,
  type Message,
  type OrphanedTransaction,
  type Producer,
  SendIncompleteError,
} from '@feathermq/sdk'
import { Promises } from './promises.ts'

/** Consumers of each topic. */
const EACH = 2
export const CONSUMERS = 2 * EACH
/** The one that takes messages out of a loop; the others run handlers. */
const PULLING = 2
const LANES = 4
const DECIDING = 2
const ACCOUNTS = 6
/** Ms between the sends of one lane, and after one that failed. */
const BREATH = 15
const SULK = 150
/** What a send may take in all, and a close: its two budgets, the farewells, and a busy machine. */
const SEND = 10_000
const CLOSE = 20_000
const silent = () => {}

/** Of three payments one is rolled back, and of five one is left to the checker. */
const fateOf = (number: number) => (number % 3 === 0 ? 'rollback' : 'commit')
const isLeft = (number: number) => number % 5 === 0

interface Pulling {
  readonly mq: FeatherMQ
  readonly consumer: Consumer
  readonly running: Promise<void>
}

/** Producers and consumers that go on whatever happens to their brokers. */
export class Load {
  readonly promises = new Promises()
  readonly #endpoints: string
  readonly #mq: FeatherMQ
  readonly #ending = new AbortController()
  readonly #lanes: Promise<void>[] = []
  readonly #consumers: Pulling[] = []
  failedStarts = 0
  readonly #inWork = new Map<string, number>()
  readonly codes = new Map<string, number>()
  #held = false
  #sending = 0
  #wake: (() => void)[] = []

  constructor(endpoints: string) {
    this.#endpoints = endpoints
    this.#mq = this.#client()
    for (let index = 0; index < CONSUMERS; index += 1) this.#consumers.push(this.#consume(index))
    const plain = this.#mq.producer({ timeout: SEND })
    const gathering = this.#mq.producer({ timeout: SEND, linger: '5ms' })
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes.push(this.#single(plain), this.#single(gathering))
    }
    this.#lanes.push(this.#lists(plain))
    // As an application's own data would say what became of a payment.
    const checkTransaction = async ({ message }: OrphanedTransaction) => fateOf(Number(message.text()))
    const deciding = this.#mq.producer({ timeout: SEND, topics: ['payments'], checkTransaction })
    for (let lane = 0; lane < DECIDING; lane += 1) this.#lanes.push(this.#transactions(deciding))
    for (let account = 0; account < ACCOUNTS; account += 1) this.#lanes.push(this.#single(plain, `account-${account}`))
  }

  get faults(): string[] {
    return this.promises.faults
  }

  /** What the consumers say of themselves, for who has to find out why something is missing. */
  get consumers(): string[] {
    return this.#consumers.map(({ consumer }) => JSON.stringify([consumer.state, consumer.stats()]))
  }

  /** Lets no send begin, and resolves when none is under way. */
  async hold(): Promise<void> {
    this.#held = true
    while (this.#sending > 0) await pause(BREATH)
  }

  resume(): void {
    this.#held = false
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** A consumer closes, and another one takes its place meanwhile. */
  async replace(index: number): Promise<void> {
    const old = this.#consumers[index]
    this.#consumers[index] = this.#consume(index)
    if (old !== undefined) await this.#close(old)
  }

  async close(): Promise<void> {
    this.#ending.abort()
    this.resume()
    await Promise.all(this.#lanes)
    await Promise.all(this.#consumers.map((each) => this.#close(each)))
    await this.#mq.close()
  }

  #client(): FeatherMQ {
    const complain = (fields: object, text: string) => this.faults.push(`logged as an error: ${text} ${JSON.stringify(fields)}`)
    const logger: Logger = { debug: silent, info: silent, warn: silent, error: complain }
    return new FeatherMQ({ endpoints: this.#endpoints, logger, requestTimeout: '2s' })
  }

  async #single(producer: Producer, messageGroup?: string): Promise<void> {
    const topic = messageGroup === undefined ? 'orders' : 'accounts'
    await this.#lane(topic, async () => {
      const number = this.promises.sending(messageGroup)
      try {
        await this.#timed(producer.send({ topic, messageGroup, body: `${number}` }))
        this.promises.kept(number)
      } catch (error) {
        this.promises.broken(number)
        throw error
      }
    })
  }

  async #transactions(producer: Producer): Promise<void> {
    await this.#lane('payments', async () => {
      const number = this.promises.sending()
      try {
        await this.#timed(producer.transaction({ topic: 'payments', body: `${number}` }, async () => (isLeft(number) ? 'unknown' : fateOf(number))))
        if (fateOf(number) === 'commit') this.promises.kept(number)
        else this.promises.broken(number)
      } catch (error) {
        // The message is stored, and the checker says what becomes of it.
        const undecided = error instanceof FeatherMQError && error.code === 'TRANSACTION_UNRESOLVED'
        if (undecided && fateOf(number) === 'commit') this.promises.kept(number)
        else this.promises.broken(number)
        throw error
      }
    })
  }

  async #lists(producer: Producer): Promise<void> {
    await this.#lane('orders', async () => {
      const numbers = Array.from({ length: 10 }, () => this.promises.sending())
      try {
        await this.#timed(producer.send(numbers.map((number) => ({ topic: 'orders', body: `${number}` }))))
        for (const number of numbers) this.promises.kept(number)
      } catch (error) {
        const results = error instanceof SendIncompleteError ? error.results : []
        for (const [index, number] of numbers.entries()) {
          if (results[index]?.ok === true) this.promises.kept(number)
          else this.promises.broken(number)
        }
        throw error
      }
    })
  }

  async #lane(topic: string, send: () => Promise<void>): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      if (this.#held) await new Promise<void>((resolve) => this.#wake.push(resolve))
      if (signal.aborted) return
      this.#sending += 1
      try {
        await send()
        await pause(BREATH)
      } catch (error) {
        const code = error instanceof FeatherMQError ? error.code : String(error)
        if (!(error instanceof FeatherMQError)) this.faults.push(`a send failed with no error of the family: ${code}`)
        const what = `${topic} ${code}`
        this.codes.set(what, (this.codes.get(what) ?? 0) + 1)
        await pause(SULK)
      } finally {
        this.#sending -= 1
      }
    }
  }

  async #timed(sending: Promise<unknown>): Promise<void> {
    const before = performance.now()
    try {
      await sending
    } finally {
      const took = performance.now() - before
      if (took > 2 * SEND) this.faults.push(`a send took ${took.toFixed(0)} ms, its limit is ${SEND}`)
    }
  }

  #consume(index: number): Pulling {
    const ordered = index % 2 === 1
    const mq = this.#client()
    const consumer = ordered
      ? mq.consumer({ group: 'ledger', subscribe: { accounts: '*' }, ordered })
      : mq.consumer({ group: 'billing', subscribe: { orders: '*', payments: '*' } })
    return { mq, consumer, running: this.#run(consumer, index === PULLING) }
  }

  /** A run that has started goes on for ever; one that cannot start says so, and is tried again. */
  async #run(consumer: Consumer, pulling: boolean): Promise<void> {
    for (;;) {
      let received = 0
      const handle = (message: Message) => {
        received += 1
        return this.#handle(message)
      }
      try {
        return await (pulling ? this.#pull(consumer, handle) : consumer.run(handle))
      } catch (error) {
        if (error instanceof FeatherMQError && error.code === 'CLIENT_CLOSED') return
        if (received > 0 || !(error instanceof FeatherMQError && error.retryable)) this.faults.push(`a run ended: ${String(error)}`)
        this.failedStarts += 1
        await pause(SULK)
      }
    }
  }

  async #pull(consumer: Consumer, handle: (message: Message) => Promise<void>): Promise<void> {
    for await (const message of consumer.messages()) {
      // A lease that is lost brings the message again; nobody has to do anything about it.
      await handle(message).then(
        () => message.ack().catch(() => {}),
        () => message.nack().catch(() => {}),
      )
    }
  }

  async #close({ mq, running }: Pulling): Promise<void> {
    const before = performance.now()
    await mq.close({ drain: '2s', abort: '1s' })
    await running
    const took = performance.now() - before
    if (took > CLOSE) this.faults.push(`a close took ${took.toFixed(0)} ms`)
  }

  async #handle(message: Message): Promise<void> {
    const { messageGroup, attempt } = message
    const number = Number(message.text())
    if (message.topic === 'payments' && fateOf(number) === 'rollback') this.faults.push(`payment ${number} was rolled back, and came all the same`)
    if (messageGroup !== undefined) {
      const others = this.#inWork.get(messageGroup) ?? 0
      // Two consumers have the same message only when a lease ended, which none of these handlers outlasts.
      if (others > 0) this.faults.push(`${others + 1} handlers of ${messageGroup} at a time`)
      this.#inWork.set(messageGroup, others + 1)
    }
    try {
      await pause(number % 7)
      if (number % 29 === 0 && attempt === 1) throw new Error('as the test wants it')
      this.promises.handled(number, messageGroup)
    } finally {
      if (messageGroup !== undefined) this.#inWork.set(messageGroup, (this.#inWork.get(messageGroup) ?? 1) - 1)
    }
  }
}
