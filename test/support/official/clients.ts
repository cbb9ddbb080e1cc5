import type { OfficialMessage, OfficialOptions, OfficialReceipt, OfficialSend, Start } from './calls.ts'
import type { Arrived, OpenWire, Wire } from './wire.ts'

interface Running {
  /** Of its process, which it may share with others. */
  readonly pid: number
  /**
   * The client's own shutdown. `begun` is called as soon as the client has begun: the push consumers of some languages then wait for open polls, up to 20 s,
   * unless the broker ends them.
   */
  shutdown(begun?: () => Promise<void>): Promise<void>
  /** Ends its process, as a crash would. */
  kill(): Promise<void>
}

export interface OfficialProducer extends Running {
  send(message: OfficialSend): Promise<OfficialReceipt>
  /** @returns the id of the message that was taken back. */
  recall(topic: string, recallHandle: string): Promise<string>
}

export interface OfficialSimpleConsumer extends Running {
  receive(max: number, invisible: number): Promise<readonly OfficialMessage[]>
  ack(message: OfficialMessage): Promise<void>
  /** Resolves with the new receipt handle. */
  changeInvisible(message: OfficialMessage, duration: number): Promise<string>
}

export interface OfficialPushConsumer extends Running {
  /** The next message that its listener got, and how to answer for the listener. Waits; rejects when the process dies. */
  next(): Promise<{ readonly message: OfficialMessage; answer(success: boolean): void }>
  /** Messages that came and that {@link next} has not given out. */
  readonly unread: number
}

export interface SimpleOptions extends OfficialOptions {
  readonly group: string
  readonly topic: string
  /** Default `*`. */
  readonly filter?: string
  /** Default 5,000 ms. */
  readonly wait?: number
}

export interface PushOptions extends OfficialOptions {
  readonly group: string
  readonly topic: string
  /** Default `*`. */
  readonly filter?: string
  /** In a process of its own, so that killing it kills no other client. Default false. */
  readonly alone?: boolean
}

/** What a test does with the official clients of one language. */
export interface OfficialClients {
  producer(options: OfficialOptions & { readonly topic: string }): Promise<OfficialProducer>
  simpleConsumer(options: SimpleOptions): Promise<OfficialSimpleConsumer>
  pushConsumer(options: PushOptions): Promise<OfficialPushConsumer>
}

async function launch(line: Wire, options: Start): Promise<Running> {
  try {
    await line.ask({ ask: 'start', start: options })
  } catch (error) {
    await line.release()
    throw error
  }
  return {
    pid: line.pid,
    async shutdown(begun = async () => {}) {
      try {
        const shut = line.ask({ ask: 'shutdown' })
        await Promise.race([line.closing, shut])
        await begun()
        await shut
      } finally {
        await line.release()
      }
    },
    kill: () => line.kill(),
  }
}

async function producer(line: Wire, options: OfficialOptions & { readonly topic: string }): Promise<OfficialProducer> {
  const running = await launch(line, { role: 'producer', ...options })
  return {
    ...running,
    send: async (message) => (await line.ask({ ask: 'send', message })) as OfficialReceipt,
    recall: async (topic, recallHandle) => (await line.ask({ ask: 'recall', topic, recallHandle })) as string,
  }
}

async function simpleConsumer(line: Wire, options: SimpleOptions): Promise<OfficialSimpleConsumer> {
  const running = await launch(line, { role: 'simple', filter: '*', wait: 5_000, ...options })
  return {
    ...running,
    receive: async (max, invisible) => (await line.ask({ ask: 'receive', max, invisible })) as readonly OfficialMessage[],
    ack: async ({ receiptHandle }) => void (await line.ask({ ask: 'ack', receiptHandle })),
    changeInvisible: async ({ receiptHandle }, duration) => (await line.ask({ ask: 'invisible', receiptHandle, duration })) as string,
  }
}

async function pushConsumer(open: OpenWire, { alone = false, ...options }: PushOptions): Promise<OfficialPushConsumer> {
  const arrived: Arrived[] = []
  let wake = () => {}
  const line = open((arrival) => {
    arrived.push(arrival)
    wake()
  }, alone)
  const running = await launch(line, { role: 'push', filter: '*', ...options })
  return {
    ...running,
    get unread() {
      return arrived.length
    },
    async next() {
      while (arrived.length === 0) {
        const arrival = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([arrival, line.death])
      }
      const { message, arrived: number } = arrived.shift() as Arrived
      return { message, answer: (success) => line.decide({ decide: number, success }) }
    },
  }
}

export function officialClients(open: OpenWire): OfficialClients {
  return {
    producer: (options) =>
      producer(
        open(() => {}, false),
        options,
      ),
    simpleConsumer: (options) =>
      simpleConsumer(
        open(() => {}, false),
        options,
      ),
    pushConsumer: (options) => pushConsumer(open, options),
  }
}
