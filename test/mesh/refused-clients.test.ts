import assert from 'node:assert/strict'
import { startBroker } from '@feathermq/broker/testing'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { FeatherMQ, FeatherMQError, silentLogger } from '@feathermq/sdk'
import { afterEach, before, describe, it } from 'mocha'
import { type DrivenClient, driverProcesses } from '../interop/support/driver-cases.ts'
import { javaClientVersion, javaDriver } from '../interop/support/java-client.ts'
import { type OfficialProducer, officialClients } from '../support/official/clients.ts'
import { nodeWire } from '../support/official/node-wire.ts'
import { OfficialError, type OpenWire } from '../support/official/wire.ts'
import { toldMetrics } from './support/admin.ts'
import { requireEnvoy } from './support/envoy.ts'

/** One topic that nobody may send to, one that takes the bytes of one message and no more for many minutes. */
const body = 'x'.repeat(2000)

const guarded: MeshConfig = {
  version: 1,
  name: 'guarded',
  mode: 'route',
  clusters: { default: 'east', allow: ['east'] },
  acl: { rules: [{ name: 'closed', effect: 'deny', when: { op: 'send', topic: 'closed' } }] },
  limits: [{ name: 'slowly', when: { op: 'send', topic: 'slow' }, bytes: { rate: 1, burst: 3000 } }],
  reject: { style: 'native', explain: true },
}

describe('a client behind a real Envoy whose filter refuses as a broker would', () => {
  let envoyPath: string
  let broker: Awaited<ReturnType<typeof startBroker>>
  let envoy: RunningEnvoy
  let endpoints: string
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  async function start(config = guarded): Promise<void> {
    broker = await startBroker()
    envoy = await startEnvoy(generateEnvoy(config, { clusters: { east: broker.endpoints }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' }), {
      envoy: envoyPath,
      workers: 1,
    })
    endpoints = envoy.listeners.get('feathermq') ?? ''
  }
  afterEach(async () => {
    await envoy?.stop()
    await broker?.close()
  })

  /** Calls that have ended, by code. */
  async function sends(topic: string): Promise<readonly { code: string; count: number }[]> {
    const { calls } = await toldMetrics(envoy.adminUrl)
    return calls.filter((call) => call.op === 'send' && call.topic === topic).map(({ code, count }) => ({ code, count }))
  }

  describe('our SDK', () => {
    async function failure(topic: string, config: MeshConfig, sentBefore = 0): Promise<FeatherMQError> {
      await start(config)
      const mq = new FeatherMQ({ endpoints, logger: silentLogger })
      try {
        const producer = mq.producer({ maxAttempts: 1 })
        for (let index = 0; index < sentBefore; index++) await producer.send({ topic, body })
        await producer.send({ topic, body })
        return assert.fail('the send should be refused')
      } catch (error) {
        assert.ok(error instanceof FeatherMQError, String(error))
        return error
      } finally {
        await mq.close()
      }
    }

    it('knows a refusal of access by code, text and rule, and that trying again is of no use', async () => {
      const error = await failure('closed', guarded)
      assert.equal(error.code, 'FORBIDDEN')
      assert.equal(error.status?.code, 40_300)
      assert.match(error.status?.message ?? '', /^mesh: acl\/closed: /)
      assert.equal(error.hint, 'Refused by the mesh on the way to the broker: see acl/closed in its configuration.')
      assert.equal(error.retryable, false)
    })

    it('knows a limit as one of RocketMQ', async () => {
      const error = await failure('slow', guarded, 1)
      assert.equal(error.code, 'TOO_MANY_REQUESTS')
      assert.equal(error.hint, 'Refused by the mesh on the way to the broker: see limits/slowly in its configuration.')
      assert.equal(error.retryable, true)
    })

    it('is told no rule where the filter does not explain itself', async () => {
      const error = await failure('closed', { ...guarded, reject: { style: 'native', explain: false } })
      assert.equal(error.code, 'FORBIDDEN')
      assert.match(error.hint ?? '', /^Refused by the mesh .*"explain"/)
    })

    it('shows the rule of a plain refusal too', async () => {
      const error = await failure('closed', { ...guarded, reject: { style: 'plain' } })
      assert.match(error.hint ?? '', /see acl\/closed/)
    })
  })

  /** What every official client makes of it. */
  function officialCases(open: OpenWire): void {
    const producers: OfficialProducer[] = []
    afterEach('end the producers', async () => {
      await Promise.all(producers.splice(0).map((producer) => producer.kill()))
    })
    async function producer(topic: string): Promise<OfficialProducer> {
      await start()
      const made = await officialClients(open).producer({ endpoints, topic })
      producers.push(made)
      return made
    }

    it('is refused by the code of a broker', async () => {
      const from = await producer('closed')
      await assert.rejects(from.send({ topic: 'closed', body: Buffer.from('x') }), (error: unknown) => {
        assert.ok(error instanceof OfficialError)
        assert.equal(error.code, 40_300)
        assert.match(error.message, /mesh: acl\/closed: /)
        return true
      })
      assert.ok((await sends('closed')).every(({ code }) => code === '40300'))
    })

    it('slows down and does not take the endpoint for a broken one', async () => {
      const from = await producer('slow')
      await from.send({ topic: 'slow', body: Buffer.from(body) })
      await assert.rejects(
        from.send({ topic: 'slow', body: Buffer.from(body) }),
        (error: unknown) => error instanceof OfficialError && error.code === 42_900,
      )
      // Another topic at the same endpoint goes on at once.
      await from.send({ topic: 'other', body: Buffer.from('z') })
    })
  }

  describe('the official Node client', function () {
    this.timeout(60_000)
    officialCases(nodeWire)
  })

  describe(`the official Java client ${javaClientVersion}`, function () {
    this.timeout(60_000)
    const java: DrivenClient = {
      language: 'JAVA',
      version: javaClientVersion,
      driver: javaDriver,
      traits: { unknownTopic: 'start', largestReceived: 4 * 1024 * 1024, orderedAttempts: [1, 2, 3] },
    }
    officialCases(driverProcesses(java).open)
  })
})
