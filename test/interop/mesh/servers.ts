import { startBroker } from '@feathermq/broker/testing'
import type { Mode } from '../rocketmq/configuration.ts'
import { freePorts } from '../rocketmq/free-ports.ts'
import { rocketmqVersion } from '../rocketmq/jars.ts'
import { startRocketmq } from '../rocketmq/server.ts'

export type Kind = 'NORMAL' | 'FIFO' | 'DELAY' | 'TRANSACTION'

/** What a server has from the start. */
export interface Contents {
  readonly topics: Readonly<Record<string, Kind>>
  readonly groups: Readonly<Record<string, { readonly ordered: boolean }>>
}

/** A server behind a sidecar. */
export interface Server {
  /** `host:port`, which is also where it sends its clients. */
  readonly endpoints: string
  /** Asks about transactions that nobody has ended; may be called once all that somebody ends are ended. */
  lookForOrphans(): Promise<void>
  stop(): Promise<void>
}

export interface ServerKind {
  readonly name: string
  /** @throws a MissingPeer where this machine cannot run it. */
  start(contents: Contents): Promise<Server>
}

const ours: ServerKind = {
  name: 'our broker',
  async start({ topics, groups }) {
    const [port = 0] = await freePorts(1)
    const { endpoints, clock, close } = await startBroker({
      // Otherwise it sends its clients to where they say that they have come from, and no rule would be needed.
      port,
      advertise: `127.0.0.1:${port}`,
      topics: Object.fromEntries(Object.entries(topics).map(([name, type]) => [name, { types: [type] }])),
      groups,
      transactions: { firstCheck: '30s' },
    })
    // Well below the invisible durations of the tests.
    return { endpoints, lookForOrphans: () => clock.advance('30s'), stop: close }
  },
}

function stock(mode: Mode, what: string): ServerKind {
  return {
    name: `a stock RocketMQ ${rocketmqVersion}, ${what}`,
    async start({ topics, groups }) {
      // By default it looks for transactions that nobody ended every 30 s, and gives them up after 15 times.
      const server = await startRocketmq({
        mode,
        broker: { transactionTimeOut: 1_000, transactionCheckInterval: 1_000, transactionCheckMax: 1_000 },
      })
      try {
        await Promise.all(Object.entries(topics).map(([name, type]) => server.createTopic(name, { type })))
        await Promise.all(Object.entries(groups).map(([name, options]) => server.createGroup(name, options)))
      } catch (error) {
        await server.stop()
        throw error
      }
      return { endpoints: server.endpoints, lookForOrphans: async () => {}, stop: () => server.stop() }
    },
  }
}

export const servers: readonly ServerKind[] = [ours, stock('local', 'its broker in the proxy'), stock('cluster', 'its broker and its proxy apart')]
