import assert from 'node:assert/strict'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { Client } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

function compressed(request: Buffer): Buffer {
  const copy = Buffer.from(request)
  copy[0] = 1
  return copy
}

/** A send whose topic stands behind so many bytes of a field that nobody knows. */
function lateTopic(bytes: number): Buffer {
  return frame(Buffer.from([...delimited(15, Buffer.alloc(bytes)), ...requests.send({ topic: 'payments' }).subarray(5)]))
}

/** A send whose one message says its topic a second time, and another one, behind its body. */
function twoTopics(): Buffer {
  const topic = (name: string) => delimited(1, delimited(2, Buffer.from(name)))
  const message = [...topic('payments'), ...delimited(3, delimited(1, Buffer.from('a'))), ...delimited(4, Buffer.alloc(5000)), ...topic('orders')]
  return frame(Buffer.from(delimited(1, message)))
}

describe('a real Envoy with the filter, refusing', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), { ...twoClusters, hold: { maxBytes: 2000 } })
  })
  after(() => mesh?.stop())
  beforeEach(() => mesh.reset())

  const unreadable: readonly (readonly [what: string, reason: string, request: Buffer])[] = [
    ['a compressed request', 'compressed', compressed(requests.send({ topic: 'payments' }))],
    ['a request that is no protobuf', 'malformed', frame(Buffer.alloc(30, 0xff))],
    ['a request that ends too early', 'truncated', requests.send({ topic: 'payments' }).subarray(0, 12)],
    ['a topic that is no name', 'name', requests.send({ topic: 'pay.ments' })],
    ['a topic that is far away', 'exhausted', lateTopic(3000)],
  ]
  for (const [what, reason, request] of unreadable) {
    it(`denies ${what}, and says why`, async () => {
      const before = await mesh.metrics()
      const end = await mesh.client.call('SendMessage', request)
      assert.notEqual(end.status, 0)
      assert.notEqual(end.status, undefined, 'a status, not a reset')
      assert.match(end.message, new RegExp(reason))
      const after = await mesh.metrics()
      assert.equal((after.opaque.get(reason) ?? 0) - (before.opaque.get(reason) ?? 0), 1)
      assert.equal((after.denied.get(reason) ?? 0) - (before.denied.get(reason) ?? 0), 1)
      for (const name of ['east', 'west']) assert.equal(mesh.broker(name).calls.filter((call) => call.isComplete).length, 0)
    })
  }

  it('refuses a call that turns out to contradict itself after it was let go, before the broker has all of it', async () => {
    const request = twoTopics()
    const call = mesh.client.open('SendMessage')
    await call.write(request.subarray(0, 1000))
    const upstream = await mesh.broker('west').call()
    await upstream.received(1000)
    await call.write(request.subarray(1000))
    call.end()
    const end = await within(call.ended, 'the end of the call')
    assert.notEqual(end.status, undefined, 'a status, not a reset')
    assert.notEqual(end.status, 0)
    assert.match(end.message, /ambiguous/)
    await within(upstream.closed, 'the reset at the broker')
    assert.equal(upstream.isComplete, false)
  })

  it('reads a topic just within what it may hold', async () => {
    const end = await mesh.client.call('SendMessage', lateTopic(1900))
    assert.equal(end.status, 0, end.message)
    assert.equal((await mesh.broker('west').call()).fact('topic'), 'payments')
  })

  it('serves the next call as if nothing had been', async () => {
    await mesh.client.call('SendMessage', compressed(requests.send({ topic: 'payments' })))
    const end = await mesh.client.call('SendMessage', requests.send({ topic: 'payments' }))
    assert.equal(end.status, 0, end.message)
    assert.equal(mesh.broker('west').calls.length, 1)
  })
})

describe('a real Envoy with the filter, lenient', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), { ...twoClusters, opaque: 'default', hold: { maxBytes: 2000, onExhausted: 'default' } })
  })
  after(() => mesh?.stop())
  beforeEach(() => mesh.reset())

  for (const [what, request] of [
    ['a compressed request', compressed(requests.send({ topic: 'payments' }))],
    ['a topic that is far away', lateTopic(3000)],
  ] as const) {
    it(`sends ${what} to the default cluster, byte by byte the same`, async () => {
      const end = await mesh.client.call('SendMessage', request)
      assert.equal(end.status, 0, end.message)
      const call = await mesh.broker('east').call()
      assert.ok(call.bytes.equals(request))
      assert.equal(call.fact('topic'), undefined)
      assert.equal(call.fact('cluster'), 'east')
    })
  }
})

describe('an Envoy without allow_on_headers_stop_iteration', () => {
  let envoyPath: string
  let envoy: RunningEnvoy | undefined
  let client: Client | undefined
  let broker: FakeBroker | undefined
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  afterEach(async () => {
    await client?.close()
    await envoy?.stop()
    await broker?.stop()
  })

  async function connect(onFlagMissing: 'fail' | 'observe'): Promise<Client> {
    broker = await FakeBroker.start('east')
    const config: MeshConfig = {
      version: 1,
      name: 'flagless',
      mode: 'route',
      hold: { timeout: '200ms', onFlagMissing },
      clusters: { default: 'east', allow: ['east'] },
      routes: [{ name: 'all', when: { topic: '*' }, cluster: 'east' }],
    }
    const bootstrap = generateEnvoy(config, { clusters: { east: broker.address }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' })
    // A platform that cannot set the flag, such as Istio's WasmPlugin.
    const text = JSON.stringify(bootstrap)
    const without = text.replace('"allow_on_headers_stop_iteration":true,', '')
    assert.notEqual(without, text)
    envoy = await startEnvoy(JSON.parse(without), { envoy: envoyPath, workers: 1 })
    client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
    return client
  }

  it('fails calls with the name of the flag, and does not let them hang', async () => {
    const calling = await connect('fail')
    const end = await calling.call('SendMessage', requests.send({ topic: 'orders' }))
    assert.equal(end.status, 14)
    assert.match(end.message, /allow_on_headers_stop_iteration/)
    assert.equal(broker?.calls.length, 0)
  })

  it('observes instead when told so, and no second call waits', async () => {
    const calling = await connect('observe')
    for (let index = 0; index < 3; index++) {
      const end = await within(calling.call('SendMessage', requests.send({ topic: 'orders' })), `call ${index}`)
      assert.equal(end.status, 0, end.message)
    }
    assert.equal(broker?.calls.length, 3)
  })
})
