import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { afterEach } from 'mocha'
import {
  type OfficialClients,
  type OfficialProducer,
  type OfficialPushConsumer,
  type OfficialSimpleConsumer,
  officialClients,
  type PushOptions,
  type SimpleOptions,
} from '../../support/official/clients.ts'
import type { OpenWire } from '../../support/official/wire.ts'

export type Broker = Awaited<ReturnType<typeof startBroker>>
export type BrokerOptions = NonNullable<Parameters<typeof startBroker>[0]>

/** How the official clients of the languages differ where no server can help it. */
export interface Traits {
  /** When a producer refuses a topic that does not exist. */
  readonly unknownTopic: 'start' | 'send'
  /** The largest body that its consumers take, bytes. */
  readonly largestReceived: number
  /**
   * The attempts that its push consumer shows its listener of an ordered message that failed twice. It retries in its own process; undefined where it gives
   * the message up at once.
   */
  readonly orderedAttempts: readonly number[] | undefined
}

/** Brokers, official clients and clients of ours. Everything made here ends after each test. */
export interface OfficialStage {
  readonly traits: Traits
  broker(options?: BrokerOptions): Promise<Broker>
  ours(broker: Broker): FeatherMQ
  producer(endpoints: string, topic: string): Promise<OfficialProducer>
  simple(options: SimpleOptions): Promise<OfficialSimpleConsumer>
  push(options: PushOptions): Promise<OfficialPushConsumer>
}

export const text = (body: Uint8Array): string => Buffer.from(body).toString('utf8')
export const bytes = (body: string): Uint8Array => Buffer.from(body, 'utf8')

export interface StageOptions {
  /** The official clients use TLS; the brokers are given theirs by the test. Default false. */
  readonly tls?: boolean | undefined
  /** For every broker. */
  readonly broker?: BrokerOptions | undefined
}

/** A stage with the official clients of one language. `open` is asked in each test. */
export function officialStage(open: OpenWire, traits: Traits, { tls = false, broker = {} }: StageOptions = {}): OfficialStage {
  const clients: OfficialClients = officialClients(open)
  const running: { kill(): Promise<void> }[] = []
  const closing: (() => Promise<unknown>)[] = []

  afterEach('end all clients and brokers', async () => {
    await Promise.all(running.splice(0).map((client) => client.kill()))
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function kept<Client extends { kill(): Promise<void> }>(starting: Promise<Client>): Promise<Client> {
    const client = await starting
    running.push(client)
    return client
  }
  return {
    traits,
    async broker(options = {}) {
      const started = await startBroker({ ...broker, ...options })
      closing.push(() => started.close())
      return started
    },
    ours({ endpoints, clock }) {
      const mq = new FeatherMQ({ endpoints, clock, logger: silentLogger })
      closing.push(() => mq.close())
      return mq
    },
    producer: (endpoints, topic) => kept(clients.producer({ endpoints, topic, tls })),
    simple: (options) => kept(clients.simpleConsumer({ tls, ...options })),
    push: (options) => kept(clients.pushConsumer({ tls, ...options })),
  }
}
