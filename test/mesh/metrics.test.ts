import assert from 'node:assert/strict'
import { filterFile, generateEnvoy, type MeshConfig, startEnvoy } from '@feathermq/mesh-filter'
import { WasmHost } from '@feathermq/mesh-filter/host'
import { encodeQueryRouteResponse } from '@feathermq/protocol'
import { after, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { toldMetrics } from './support/admin.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker, unary } from './support/fake-broker.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

describe('the metrics of a real Envoy with the filter', () => {
  let mesh: Mesh
  const clients: Client[] = []
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), { ...twoClusters, name: 'counted', metrics: { topics: 8 } }, { workers: 2 })
    // Connections are spread over the workers by the kernel: with these many, neither is left out.
    for (let index = 0; index < 12; index++) clients.push(await Client.connect(mesh.address))
  })
  after(async () => {
    for (const client of clients) await client.close()
    await mesh?.stop()
  })
  beforeEach(() => mesh.reset())

  it('count every call exactly once over two workers, by operation, topic, group and code', async () => {
    mesh.broker('west').answer = unary(encodeQueryRouteResponse({ status: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' } }))
    await Promise.all(
      clients.map(async (client) => {
        for (let round = 0; round < 10; round++) {
          await client.call('SendMessage', requests.send({ topic: 'orders' }))
          await client.call('SendMessage', requests.send({ topic: 'payments' }))
          await client.call('AckMessage', requests.ack('orders', `group-${round % 2}`, 'x'))
          await client.call('Heartbeat', requests.heartbeat('group-0'))
        }
      }),
    )
    const { calls, held } = await mesh.metrics()
    const sorted = calls.map(({ op, topic, group, code, count }) => `${op} ${topic} ${group} ${code} ${count}`).toSorted()
    assert.deepEqual(sorted, [
      'ack orders group-0 20000 60',
      'ack orders group-1 20000 60',
      'heartbeat - group-0 20000 120',
      'send orders - 20000 120',
      'send payments - 40402 120',
    ])
    assert.equal(held, 360)
  })

  it('have labels in Prometheus', async () => {
    await clients[0]?.call('SendMessage', requests.send({ topic: 'labelled|%1-_' }))
    const compressed = requests.send({ topic: 'labelled' })
    compressed[0] = 1
    await clients[0]?.call('SendMessage', compressed)
    await mesh.metrics()
    const text = await (await fetch(`${mesh.envoy.adminUrl}/stats/prometheus`)).text()
    const lines = text.split('\n').filter((line) => line.startsWith('fmq_'))
    const labelsOf = (line: string | undefined) =>
      Object.fromEntries([...(line ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
    const call = lines.find((line) => line.includes('labelled|'))
    assert.match(call ?? '', /^fmq_calls\{.*\} 1$/)
    assert.deepEqual(labelsOf(call), { op: 'send', topic: 'labelled|%1-_', group: '-', code: '20000' })
    const opaque = lines.find((line) => line.startsWith('fmq_opaque'))
    assert.deepEqual(labelsOf(opaque), { reason: 'compressed' })
    assert.match(lines.find((line) => line.startsWith('fmq_denied')) ?? '', /\{reason="compressed"\} 1$/)
  })

  it('are bounded: topics beyond the bound are counted together', async () => {
    const before = new Set((await mesh.metrics()).calls.map(({ topic }) => topic).filter((topic) => !['-', '~other'].includes(topic)))
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => clients[index % clients.length]?.call('SendMessage', requests.send({ topic: `flood-${index}` }))),
    )
    const { calls } = await mesh.metrics()
    const topics = new Set(calls.map(({ topic }) => topic).filter((topic) => !['-', '~other'].includes(topic)))
    assert.equal(topics.size, 8)
    const other = calls.filter(({ topic }) => topic === '~other').reduce((sum, { count }) => sum + count, 0)
    assert.equal(other, 40 - (8 - before.size))
  })

  it('stand in the access log too, with the real code of a call that gRPC takes for a success', async () => {
    mesh.broker('west').answer = unary(encodeQueryRouteResponse({ status: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' } }))
    await clients[0]?.call('SendMessage', requests.send({ topic: 'payments' }), { 'x-mq-request-id': 'r-1' })
    const line = await loggedCall(mesh, 'r-1')
    const { op, topic, group, code, grpc_status, cluster, client_id, route } = line
    assert.deepEqual(
      { op, topic, group, code, grpc_status, cluster, client_id, route },
      {
        op: 'send',
        topic: 'payments',
        group: null,
        code: '40402',
        grpc_status: 0,
        cluster: 'west',
        client_id: 'client-1',
        route: 'payments',
      },
    )
  })
})

describe('the metrics of an Envoy that gives the filter no ticks', () => {
  it('are told with each call', async function () {
    const config: MeshConfig = { version: 1, name: 'no-ticks', mode: 'observe', clusters: { default: 'east', allow: ['east'] } }
    const path = await requireEnvoy(this)
    const { module } = await WasmHost.load(filterFile)
    const names = [...module.imports.map(({ name }) => name), ...module.functions.keys()].filter((name) => !name.includes('tick'))
    const broker = await FakeBroker.start('east')
    const ports = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' }
    const bootstrap = JSON.parse(JSON.stringify(generateEnvoy(config, { ...ports, clusters: { east: broker.address } })))
    const [filter] = bootstrap.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters
    filter.typed_config.config.capability_restriction_config = { allowed_capabilities: Object.fromEntries(names.map((name) => [name, {}])) }
    const envoy = await startEnvoy(bootstrap, { envoy: path, workers: 1 })
    const client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
    try {
      for (const topic of ['orders', 'orders', 'payments']) assert.equal((await client.call('SendMessage', requests.send({ topic }))).status, 0)
      const { calls } = await toldMetrics(envoy.adminUrl)
      assert.deepEqual(calls.map(({ topic, count }) => `${topic} ${count}`).toSorted(), ['orders 2', 'payments 1'])
    } finally {
      await client.close()
      await envoy.stop()
      await broker.stop()
    }
  })
})

/** The access log's line about a request, once Envoy has written it (it flushes by a timer of its own). */
async function loggedCall(mesh: Mesh, requestId: string): Promise<Readonly<Record<string, unknown>>> {
  const deadline = performance.now() + 10_000
  while (performance.now() < deadline) {
    const found = mesh.envoy
      .output()
      .split('\n')
      .find((line) => line.endsWith('}') && line.includes(`"${requestId}"`))
    if (found !== undefined) return JSON.parse(found)
    // A question to Envoy is a wait that is as long as Envoy is busy.
    await mesh.metrics()
  }
  throw new Error(`nothing about request ${requestId} in the access log:\n${mesh.envoy.output()}`)
}
