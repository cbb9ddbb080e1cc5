import assert from 'node:assert/strict'
import { startBroker } from '@feathermq/broker/testing'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { after, before, describe, it } from 'mocha'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'

const config: MeshConfig = {
  version: 1,
  name: 'lanes',
  mode: 'route',
  direction: 'outbound',
  clusters: { default: 'shared', allow: ['shared'] },
  clientCalls: { cluster: 'shared' },
  lanes: { from: ['node:lane'], filter: 'sql' },
  endpoints: [{ to: 'requested' }],
}

/** An application with its sidecar, in one lane. */
interface Resident {
  readonly lane: string
  readonly mq: FeatherMQ
  readonly envoy: RunningEnvoy
  readonly received: string[]
  readonly running: Promise<void>
}

describe('15: lanes of real Envoys on one broker', () => {
  let broker: Awaited<ReturnType<typeof startBroker>>
  const residents: Resident[] = []
  let onMessage = () => {}
  before(async function () {
    const envoyPath = await requireEnvoy(this)
    this.timeout(60_000)
    broker = await startBroker()
    for (const lane of ['base', 'blue', 'green']) {
      const node = lane === 'base' ? undefined : { lane }
      const bootstrap = generateEnvoy(config, {
        clusters: { shared: broker.endpoints },
        listen: '127.0.0.1:0',
        admin: '127.0.0.1:0',
        node,
        accessLog: false,
      })
      const envoy = await startEnvoy(bootstrap, { envoy: envoyPath, workers: 1 })
      const mq = new FeatherMQ({ endpoints: envoy.listeners.get('feathermq') ?? '', logger: silentLogger })
      const received: string[] = []
      // The same application everywhere: it knows nothing of lanes.
      const consumer = mq.consumer({ group: 'audit', subscribe: { orders: 'wanted' } })
      const running = consumer.run((message) => {
        received.push(message.text())
        onMessage()
      })
      residents.push({ lane, mq, envoy, received, running })
    }
  })
  after(async () => {
    for (const { mq, running, envoy } of residents) {
      await mq.close()
      await running
      await envoy.stop()
    }
    await broker?.close()
  })

  it('keep messages and consumers of each lane to themselves, with the tags that consumers ask for', async () => {
    const count = 20
    const complete = new Promise<void>((resolve) => {
      onMessage = () => {
        if (residents.every(({ received }) => received.length >= count)) resolve()
      }
    })
    for (const { lane, mq } of residents) {
      const producer = mq.producer()
      for (let index = 0; index < count; index++) {
        await producer.send({ topic: 'orders', body: `unwanted of ${lane}`, tag: 'other' })
        await producer.send({ topic: 'orders', body: `${lane} ${index}`, tag: 'wanted' })
      }
    }
    await within(complete, 'the messages of all lanes', 30_000)
    for (const { lane, received } of residents) {
      assert.deepEqual(received.toSorted(), Array.from({ length: count }, (_, index) => `${lane} ${index}`).toSorted(), `what came in lane ${lane}`)
    }
  }).timeout(60_000)
})
