import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateEnvoy, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { testAuthority } from '@feathermq/transport/testing'
import { after, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { Client } from './support/client.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker, ok } from './support/fake-broker.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

describe('a real Envoy with the filter, routing', () => {
  let envoyPath: string
  let mesh: Mesh
  before(async function () {
    envoyPath = await requireEnvoy(this)
    mesh = await startMesh(envoyPath)
  })
  after(() => mesh?.stop())
  beforeEach(() => mesh.reset())

  it('sends two topics of one connection to two clusters', async () => {
    for (const topic of ['orders', 'payments', 'payments-eu', 'orders']) {
      const end = await mesh.client.call('SendMessage', requests.send({ topic }))
      assert.equal(end.status, 0, end.message)
      assert.deepEqual(end.messages, [Buffer.from(ok)])
    }
    assert.deepEqual(
      mesh.broker('east').calls.map((call) => call.fact('topic')),
      ['orders', 'orders'],
    )
    assert.deepEqual(
      mesh.broker('west').calls.map((call) => [call.fact('topic'), call.fact('route'), call.fact('cluster')]),
      [
        ['payments', 'payments', 'west'],
        ['payments-eu', 'payments', 'west'],
      ],
    )
  })

  it('sends a topic that no route names to the default cluster', async () => {
    await mesh.client.call('SendMessage', requests.send({ topic: 'payment' }))
    const call = await mesh.broker('east').call()
    assert.equal(call.fact('cluster'), 'east')
    assert.equal(call.fact('route'), undefined)
    assert.equal(mesh.broker('west').calls.length, 0)
  })

  it('tells brokers what a call is about, for every operation that carries it', async () => {
    const handle = '0 1700000000000 30000 0 0 broker-b.1 2 33 44'
    await mesh.client.call('SendMessage', requests.send({ topic: 'orders', tag: 'created at 5 €', messageGroup: 'customer 7%' }))
    await mesh.client.call('QueryRoute', requests.route('orders'))
    await mesh.client.call('ReceiveMessage', requests.receive('orders', 'billing', 'broker-a'))
    await mesh.client.call('AckMessage', requests.ack('orders', 'billing', handle))
    await mesh.client.call('/grpc.health.v1.Health/Check', requests.route('orders'))
    const facts = mesh
      .broker('east')
      .calls.map((call) =>
        ['op', 'topic', 'group', 'tag', 'message-group', 'broker'].map((name) => call.fact(name)).map((value) => value && decodeURIComponent(value)),
      )
    assert.deepEqual(facts, [
      ['send', 'orders', undefined, 'created at 5 €', 'customer 7%', undefined],
      ['route', 'orders', undefined, undefined, undefined, undefined],
      ['receive', 'orders', 'billing', undefined, undefined, 'broker-a'],
      ['ack', 'orders', 'billing', undefined, undefined, 'broker-b.1'],
      ['other', undefined, undefined, undefined, undefined, undefined],
    ])
  })

  it('lets no forged header through, whatever it forges', async () => {
    const forged = {
      'x-fmq-cluster': 'west',
      'x-fmq-route': 'payments',
      'x-fmq-topic': 'payments',
      'x-fmq-tag': 'forged',
      'x-fmq-made-up': 'forged',
      'x-envoy-original-dst-host': '127.0.0.1:1',
      'x-envoy-upstream-rq-timeout-ms': '1',
      'x-envoy-retry-on': '5xx',
      'x-envoy-fault-abort-request': '503',
      'x-envoy-upstream-alt-stat-name': 'forged',
    }
    for (const [method, request] of [
      ['SendMessage', requests.send({ topic: 'orders' })],
      ['Heartbeat', requests.heartbeat('billing')],
      ['/some.other.Service/Call', requests.route('orders')],
    ] as const) {
      const end = await mesh.client.call(method, request, forged)
      assert.equal(end.status, 0, end.message)
    }
    const [send, heartbeat, other] = mesh.broker('east').calls
    assert.equal(send?.fact('topic'), 'orders')
    assert.equal(send?.fact('cluster'), 'east')
    for (const call of [send, heartbeat, other]) {
      for (const name of ['route', 'tag', 'made-up']) assert.equal(call?.fact(name), undefined, `${call?.method} ${name}`)
      assert.deepEqual(
        Object.keys(call?.headers ?? {}).filter((name) => /^x-envoy-(original|upstream|retry|fault)/.test(name)),
        [],
      )
    }
    assert.deepEqual(
      mesh.broker('west').calls.map((call) => [call.method, call.fact('made-up')]),
      [['Heartbeat', undefined]],
      'only the mirror of the heartbeat goes west',
    )
  })

  it('sends the calls of a client as a whole to one cluster, and a copy to its mirrors', async () => {
    const calls = [
      ['Heartbeat', requests.heartbeat('billing')],
      ['NotifyClientTermination', requests.terminate('billing')],
    ] as const
    for (const [index, [method, request]] of calls.entries()) {
      const end = await mesh.client.call(method, request)
      assert.equal(end.status, 0, end.message)
      for (const name of ['east', 'west']) {
        const call = await mesh.broker(name).call(index)
        await call.complete
        assert.equal(call.method, method)
        assert.deepEqual(call.bytes, request)
        assert.equal(call.headers[':authority'], (await mesh.broker('east').call(index)).headers[':authority'], 'a mirror sees the same authority')
      }
    }
  })

  it('carries each message of an open Telemetry stream to the mirrors too, and answers from the one cluster', async () => {
    mesh.broker('east').answer = ({ stream }) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
      stream.pipe(stream)
    }
    mesh.broker('west').answer = () => {}
    const telemetry = mesh.client.open('Telemetry')
    let sent = 0
    for (let round = 0; round < 3; round++) {
      const settings = requests.settings(`group-${round}`)
      await telemetry.write(settings)
      sent += settings.length
      // The stream stays open all the while, and what was written is there before more is.
      assert.equal((await telemetry.received(sent)).length, sent)
      const copy = await mesh.broker('west').call()
      await copy.received(sent)
      assert.equal(copy.length, sent)
    }
    telemetry.end()
    await telemetry.ended
  })
})

describe('a real Envoy with the filter, observing', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), { version: 1, name: 'watch', mode: 'observe', clusters: { default: 'east', allow: ['east'] } })
  })
  after(() => mesh?.stop())

  it('counts calls and leaves them alone, compressed ones too', async () => {
    const send = requests.send({ topic: 'payments' })
    const compressed = Buffer.from(send)
    compressed[0] = 1
    for (const request of [send, compressed]) {
      const end = await mesh.client.call('SendMessage', request)
      assert.equal(end.status, 0, end.message)
    }
    const calls = mesh.broker('east').calls
    assert.deepEqual(
      calls.map((call) => call.bytes),
      [send, compressed],
    )
    for (const call of calls)
      assert.deepEqual(
        Object.keys(call.headers).filter((name) => name.startsWith('x-fmq-')),
        [],
      )
    const { calls: counts, held, opaque, denied } = await mesh.metrics()
    assert.deepEqual(
      counts.map(({ op, topic, code, count }) => ({ op, topic, code, count })).toSorted((a, b) => a.topic.localeCompare(b.topic)),
      [
        { op: 'send', topic: '-', code: '20000', count: 1 },
        { op: 'send', topic: 'payments', code: '20000', count: 1 },
      ],
    )
    assert.equal(held, 0)
    assert.deepEqual([...opaque], [['compressed', 1]])
    assert.deepEqual([...denied], [])
  })
})

describe('the generated clusters', () => {
  let envoyPath: string
  let envoy: RunningEnvoy | undefined
  let client: Client | undefined
  let brokers: FakeBroker[] = []
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  afterEach(async () => {
    await client?.close()
    await envoy?.stop()
    for (const broker of brokers) await broker.stop()
    client = undefined
    envoy = undefined
    brokers = []
  })

  /** Starts Envoy before one cluster with these brokers, and connects to it. */
  async function connect(
    endpoints: readonly string[],
    options: { readonly hideHeaders?: boolean; readonly trustedCa?: string } = {},
  ): Promise<Client> {
    const { clientCalls: _, ...config } = twoClusters
    const one = { ...config, clusters: { default: 'east', allow: ['east'] }, routes: [{ name: 'all', when: {}, cluster: 'east' }] }
    envoy = await startEnvoy(generateEnvoy(one, { clusters: { east: endpoints }, listen: '127.0.0.1:0', admin: '127.0.0.1:0', ...options }), {
      envoy: envoyPath,
      workers: 1,
    })
    client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
    return client
  }

  it('hide the headers of the filter from brokers by default', async () => {
    const broker = await FakeBroker.start('east')
    brokers = [broker]
    const end = await (await connect([broker.address])).call('SendMessage', requests.send({ topic: 'orders' }), { 'x-mq-namespace': 'n' })
    assert.equal(end.status, 0, end.message)
    assert.deepEqual(
      Object.keys(broker.calls[0]?.headers ?? {}).filter((name) => name.startsWith('x-fmq-')),
      [],
    )
    assert.equal(broker.calls[0]?.headers['x-mq-namespace'], 'n', "RocketMQ's own headers stay")
  })

  it('keep every call of a client on one of several brokers', async () => {
    brokers = await Promise.all(['a', 'b', 'c'].map((name) => FakeBroker.start(name)))
    const calling = await connect(brokers.map(({ address }) => address))
    for (let index = 0; index < 24; index++) {
      const id = { 'x-mq-client-id': `client-${index}` }
      for (const [method, request] of [
        ['SendMessage', requests.send({ topic: 'orders' })],
        ['ReceiveMessage', requests.receive('orders', 'billing')],
        ['Heartbeat', requests.heartbeat('billing')],
      ] as const) {
        assert.equal((await calling.call(method, request, id)).status, 0)
      }
    }
    const homes = brokers.map(({ calls }) => new Set(calls.map(({ headers }) => headers['x-mq-client-id'])))
    assert.equal(
      homes.reduce((sum, clients) => sum + clients.size, 0),
      24,
      'no client is at two brokers',
    )
    assert.ok(homes.filter((clients) => clients.size > 0).length > 1, 'not all clients are at one broker')
  })

  it('speak TLS to brokers, and only to those whose certificate fits', async () => {
    const authority = testAuthority()
    const folder = mkdtempSync(join(tmpdir(), 'feathermq-ca-'))
    const trustedCa = join(folder, 'ca.pem')
    writeFileSync(trustedCa, authority.ca)
    try {
      const tls = (host: string) => {
        const { certificate, key } = authority.issue(host)
        return { cert: certificate, key }
      }
      const right = await FakeBroker.start('right', tls('localhost'))
      const wrong = await FakeBroker.start('wrong', tls('elsewhere.example'))
      brokers = [right, wrong]
      const good = await connect([`tls://localhost:${right.port}`], { trustedCa })
      assert.equal((await good.call('SendMessage', requests.send({ topic: 'orders' }))).status, 0)
      assert.equal(right.calls.length, 1)
      await good.close()
      await envoy?.stop()
      const bad = await connect([`tls://localhost:${wrong.port}`], { trustedCa })
      const refused = await bad.call('SendMessage', requests.send({ topic: 'orders' }))
      assert.equal(refused.status, 14)
      await envoy?.stop()
      assert.match(envoy?.output() ?? '', /CERTIFICATE_VERIFY_FAILED/, 'the access log says why')
      assert.equal(wrong.calls.length, 0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
