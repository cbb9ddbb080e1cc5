import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { startBroker } from '@feathermq/broker/testing'
import { type EndpointRule, generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { afterEach, before, beforeEach, describe, it } from 'mocha'
import { socketsOf } from '../support/connections.ts'
import { type OfficialClients, officialClients } from '../support/official/clients.ts'
import { nodeWire } from '../support/official/node-wire.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'

/** Inodes of the sockets that are connected to this port of the loopback. */
function socketsTo(port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${hex}`) === true && state === '01')
    .map((fields) => fields[9] ?? '')
}

describe('6: the addresses that clients behind a real Envoy are given', () => {
  let envoyPath: string
  /** Where the broker tells clients to go; nobody serves there. */
  let elsewhere: Server
  let visits = 0
  let broker: Awaited<ReturnType<typeof startBroker>>
  let envoy: RunningEnvoy
  let sidecar: string
  const official: OfficialClients = officialClients(nodeWire)

  before(async function () {
    if (process.platform !== 'linux') this.skip()
    envoyPath = await requireEnvoy(this)
  })
  beforeEach(async () => {
    visits = 0
    elsewhere = createServer((socket) => {
      visits++
      socket.destroy()
    })
    elsewhere.listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
  })
  afterEach(async () => {
    await envoy?.stop()
    await broker?.close()
    elsewhere.close()
  })

  async function start(endpoints?: readonly EndpointRule[]): Promise<void> {
    broker = await startBroker({ advertise: `127.0.0.1:${(elsewhere.address() as AddressInfo).port}` })
    const config: MeshConfig = {
      version: 1,
      name: 'addresses',
      mode: 'route',
      clusters: { default: 'east', allow: ['east'] },
      clientCalls: { cluster: 'east' },
      ...(endpoints === undefined ? {} : { endpoints }),
    }
    envoy = await startEnvoy(generateEnvoy(config, { clusters: { east: broker.endpoints }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' }), {
      envoy: envoyPath,
      workers: 2,
    })
    sidecar = envoy.listeners.get('feathermq') ?? ''
  }

  /** Everybody who is connected to the broker is Envoy, and nobody went where the broker sends its clients. */
  function assertNobodyLeftTheSidecar(): void {
    const ours = socketsOf(envoy.pid)
    const others = socketsTo(Number(broker.endpoints.split(':').at(-1))).filter((inode) => !ours.has(inode))
    assert.deepEqual(others, [])
    assert.ok(ours.size > 0)
    assert.equal(visits, 0)
  }

  it('are what the broker says without a rule, and clients leave the sidecar (control)', async () => {
    await start()
    const mq = new FeatherMQ({ endpoints: sidecar, logger: silentLogger })
    await assert.rejects(mq.producer({ maxAttempts: 1 }).send({ topic: 'orders', body: 'x' }))
    await mq.close()
    assert.ok(visits > 0)
  }).timeout(30_000)

  it('are the one that the official Node client has dialled: it sends, receives and acknowledges over the sidecar alone', async () => {
    await start([{ to: 'requested' }])
    const producer = await official.producer({ endpoints: sidecar, topic: 'orders' })
    const consumer = await official.simpleConsumer({ endpoints: sidecar, group: 'g', topic: 'orders', wait: 2000 })
    try {
      const body = Buffer.from('over the sidecar')
      await producer.send({ topic: 'orders', body })
      let received = await consumer.receive(4, 10_000)
      while (received.length === 0) received = await consumer.receive(4, 10_000)
      const [first] = received
      assert.ok(first)
      await consumer.ack(first)
      assertNobodyLeftTheSidecar()
    } finally {
      await producer.kill()
      await consumer.kill()
    }
  }).timeout(60_000)

  it('are the one of the rule for our SDK: plain messages, ordered ones and transactions go over the sidecar alone', async () => {
    // The port of the sidecar is not known before it runs, so the rule cannot name it: "requested" is what is left.
    await start([{ broker: 'feathermq', to: 'requested' }, { to: 'requested' }])
    const mq = new FeatherMQ({ endpoints: sidecar, logger: silentLogger })
    const expected = new Set(['plain', 'ordered 0', 'ordered 1', 'ordered 2', 'committed'])
    const consumer = mq.consumer({ group: 'g', subscribe: { orders: '*', fifo: '*', money: '*' } })
    let done = () => {}
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    const running = consumer.run((message) => {
      expected.delete(message.text())
      if (expected.size === 0) done()
    })
    try {
      const producer = mq.producer()
      await producer.send({ topic: 'orders', body: 'plain' })
      for (let index = 0; index < 3; index++) await producer.send({ topic: 'fifo', body: `ordered ${index}`, messageGroup: 'one' })
      await producer.transaction({ topic: 'money', body: 'committed' }, async () => 'commit')
      await within(all, `the messages ${[...expected].join()}`)
      assertNobodyLeftTheSidecar()
    } finally {
      await mq.close()
      await running
    }
  }).timeout(60_000)
})
