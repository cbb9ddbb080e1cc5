import assert from 'node:assert/strict'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { afterEach, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'

const base: MeshConfig = {
  version: 1,
  name: 'hosts',
  mode: 'route',
  clusters: { default: 'east', allow: ['east'] },
}

describe('a real Envoy with the filter and a cluster of three brokers', () => {
  let path: string
  let brokers: FakeBroker[]
  let envoy: RunningEnvoy
  let client: Client
  before(async function () {
    path = await requireEnvoy(this)
  })
  beforeEach(async () => {
    brokers = await Promise.all(['a', 'b', 'c'].map((name) => FakeBroker.start(name)))
  })
  afterEach(async () => {
    await client.close()
    await envoy.stop()
    for (const broker of brokers) await broker.stop()
  })

  async function start(config: MeshConfig, labels: readonly string[] = ['', '', '']): Promise<void> {
    const east = brokers.map((broker, index) => `${broker.address}${labels[index]}`)
    envoy = await startEnvoy(generateEnvoy(config, { clusters: { east }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' }), { envoy: path, workers: 2 })
    client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
  }

  /** Which broker gets a send. */
  async function hostOf(request: Buffer, headers = {}): Promise<string | undefined> {
    const before = brokers.map(({ calls }) => calls.length)
    const end = await client.call('SendMessage', request, headers)
    assert.equal(end.status, 0, end.message)
    return brokers.find(({ calls }, index) => calls.length > (before[index] ?? 0))?.name
  }

  it('sends every message of a message group to the same broker, whoever sends it, and uses all of them', async () => {
    await start({ ...base, routes: [{ name: 'fifo', when: { topic: 'orders', messageGroup: '*' }, cluster: 'east', hash: 'messageGroup' }] })
    const hosts = new Set<string | undefined>()
    for (let group = 0; group < 20; group++) {
      const request = requests.send({ topic: 'orders', messageGroup: `group-${group}` })
      const seen = new Set<string | undefined>()
      for (const id of ['client-1', 'client-2', 'client-3']) seen.add(await hostOf(request, { 'x-mq-client-id': id }))
      assert.equal(seen.size, 1, `group-${group}`)
      for (const host of seen) hosts.add(host)
    }
    assert.equal(hosts.size, 3)
  })

  it('sends a route with a subset to the brokers that have its labels, and hides the header from them', async () => {
    await start({ ...base, routes: [{ name: 'bulk', when: { topic: 'imports' }, cluster: 'east', subset: { pool: 'bulk' } }] }, [
      '',
      '?pool=bulk',
      '',
    ])
    for (let index = 0; index < 10; index++) {
      assert.equal(await hostOf(requests.send({ topic: 'imports' }), { 'x-mq-client-id': `client-${index}` }), 'b')
    }
    assert.equal(brokers[1]?.calls[0]?.headers['x-fmq-subset-pool'], undefined)
    const others = new Set<string | undefined>()
    for (let index = 0; index < 20; index++) others.add(await hostOf(requests.send({ topic: 'orders' }), { 'x-mq-client-id': `client-${index}` }))
    assert.equal(others.size, 3, 'other calls go to any of them')
  })

  it('lets a call wait where a fault says so, and no header of it reaches the broker', async () => {
    const delay = 300
    await start({ ...base, faults: [{ name: 'slow', when: { topic: 'orders' }, fraction: 1, delay: `${delay}ms` }] })
    const started = performance.now()
    await hostOf(requests.send({ topic: 'orders' }))
    // Envoy counts from when its loop looked at the clock last, which may have been before the call came.
    assert.ok(performance.now() - started >= delay / 2)
    const seen = brokers.flatMap(({ calls }) => calls.flatMap(({ headers }) => Object.keys(headers)))
    assert.deepEqual(
      seen.filter((name) => name.startsWith('x-envoy-fault') || name.startsWith('x-fmq')),
      [],
    )
  })
})
