import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ, type FeatherMQOptions, type Message, silentLogger } from '@feathermq/sdk'
import { grpcJsTransport, http2Transport, inMemoryTransport, type Transport } from '@feathermq/transport'
import { afterEach, describe } from 'mocha'

type Broker = Awaited<ReturnType<typeof startBroker>>
type BrokerOptions = NonNullable<Parameters<typeof startBroker>[0]>

/** A broker and its clients in this process, over one transport. Everything made here is closed after each test, clients first. */
export interface Stage {
  readonly transport: Transport
  /** A broker whose clock its clients share. */
  broker(options?: BrokerOptions): Promise<Broker>
  /** A client of a broker. Silent unless it is given a logger. */
  client(broker: Pick<Broker, 'endpoints' | 'clock'>, options?: FeatherMQOptions): FeatherMQ
}

/** Declares the same tests once for each transport. */
export function overEachTransport(tests: (stage: Stage) => void): void {
  const makers: readonly (readonly [name: string, make: () => Transport])[] = [
    ['in-memory', () => inMemoryTransport()],
    ['http2', () => http2Transport()],
    ['grpc-js', () => grpcJsTransport()],
  ]
  for (const [name, make] of makers) {
    describe(`over ${name}`, () => {
      const brokers: Broker[] = []
      const clients: FeatherMQ[] = []
      // One network for all tests of the describe: brokers listen on ports of their own.
      const transport = make()

      afterEach('close what the test left', async () => {
        await Promise.all(clients.splice(0).map((client) => client.close()))
        await Promise.all(brokers.splice(0).map((broker) => broker.close()))
      })

      tests({
        transport,
        async broker(options = {}) {
          const broker = await startBroker({ transport, ...options })
          brokers.push(broker)
          return broker
        },
        client(broker, options = {}) {
          const client = new FeatherMQ({ endpoints: broker.endpoints, transport, clock: broker.clock, logger: silentLogger, ...options })
          clients.push(client)
          return client
        },
      })
    })
  }
}

/** Things that happen, for tests that await them. */
export interface Events<T> {
  push(value: T): void
  /** The next one that was not taken yet. */
  next(): Promise<T>
  /** The next `count` in order. */
  take(count: number): Promise<readonly T[]>
  /** Those that were not taken yet. */
  readonly waiting: readonly T[]
}

export function events<T>(): Events<T> {
  const queue: T[] = []
  const takers: ((value: T) => void)[] = []
  const next = () =>
    new Promise<T>((resolve) => {
      const [first] = queue
      if (queue.length === 0) takers.push(resolve)
      else {
        queue.shift()
        resolve(first as T)
      }
    })
  return {
    push(value) {
      const taker = takers.shift()
      if (taker === undefined) queue.push(value)
      else taker(value)
    },
    next,
    async take(count) {
      const values: T[] = []
      while (values.length < count) values.push(await next())
      return values
    },
    get waiting() {
      return queue
    },
  }
}

export interface Cable extends Transport {
  /** From now on nothing passes, in either direction: what a client's peers see when its machine is switched off. */
  cut(): void
}

/** A transport for one client whose connections can be cut without the client's doing. */
export function cable(transport: Transport): Cable {
  const channels: ReturnType<Transport['createChannel']>[] = []
  return {
    name: transport.name,
    createServer: (options) => transport.createServer(options),
    createChannel(options) {
      const channel = transport.createChannel(options)
      channels.push(channel)
      return channel
    },
    cut() {
      for (const channel of channels) channel.close()
    },
  }
}

/** What the tests compare of a message. */
export function essence(message: Message) {
  return { body: message.text(), attempt: message.attempt }
}
