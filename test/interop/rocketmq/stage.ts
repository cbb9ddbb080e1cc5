import { FeatherMQ, type FeatherMQOptions, silentLogger } from '@feathermq/sdk'
import type { TransportName } from '@feathermq/transport'
import { after, afterEach, before, describe } from 'mocha'
import { requirePeer } from '../support/runtime.ts'
import type { GroupOptions, TopicOptions } from './admin-door.ts'
import type { Mode } from './configuration.ts'
import { type Rocketmq, startRocketmq } from './server.ts'

/** A stock RocketMQ that the tests of a file share, and our clients of it. Each test makes topics and groups of its own. */
export interface RocketmqStage {
  /** A new topic; its name. */
  topic(options?: TopicOptions): Promise<string>
  /** A new consumer group; its name. */
  group(options?: GroupOptions): Promise<string>
  /** Closed after the test. */
  client(options?: FeatherMQOptions): FeatherMQ
}

let names = 0

/** Declares the same tests for each transport of the SDK, against one server. */
export function overEachTransportToRocketmq(mode: Mode, tests: (stage: RocketmqStage) => void): void {
  let server: Rocketmq | undefined
  const running = () => {
    if (server === undefined) throw new Error('no test runs before the server does')
    return server
  }
  before('start RocketMQ', async function () {
    server = await requirePeer(this, () => startRocketmq({ mode }))
  })
  after('stop RocketMQ', () => server?.stop())

  const transports: readonly TransportName[] = ['http2', 'grpc-js']
  for (const transport of transports) {
    describe(`over ${transport}`, () => {
      const clients: FeatherMQ[] = []
      afterEach('close what the test left', async () => {
        await Promise.all(clients.splice(0).map((client) => client.close({ drain: 0, abort: 0 })))
      })
      tests({
        async topic(options) {
          const name = `orders-${++names}`
          await running().createTopic(name, options)
          return name
        },
        async group(options) {
          const name = `billing-${++names}`
          await running().createGroup(name, options)
          return name
        },
        client(options = {}) {
          const client = new FeatherMQ({ endpoints: running().endpoints, transport, logger: silentLogger, ...options })
          clients.push(client)
          return client
        },
      })
    })
  }
}
