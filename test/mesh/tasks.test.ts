import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { startBroker } from '@feathermq/broker/testing'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, startEnvoy, validateConfig } from '@feathermq/mesh-filter'
import {
  decodeQueryRouteResponse,
  decodeSendMessageRequest,
  decodeSendMessageResponse,
  encodeQueryRouteRequest,
  encodeQueryRouteResponse,
} from '@feathermq/protocol'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { testAuthority } from '@feathermq/transport/testing'
import { afterEach, before, describe, it } from 'mocha'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { root, scratchFolder } from '../support/repository.ts'
import { type CallEnd, ClientCall } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { unary } from './support/fake-broker.ts'
import { type Mesh, type MeshOptions, startMesh } from './support/mesh.ts'

const folder = join(root, 'docs/mesh')

/** The configurations of a page, as its readers take them from it. */
function configsOf(page: string): MeshConfig[] {
  const { blocks } = fencedBlocks(readFileSync(join(folder, page), 'utf8'))
  return blocks.flatMap(({ language, code }) => {
    if (language !== 'json') return []
    const validation = validateConfig(JSON.parse(code))
    assert.ok(validation.ok, JSON.stringify(validation))
    return [validation.config]
  })
}

function first(page: string): MeshConfig {
  return configsOf(page)[0] ?? assert.fail(`${page} has no configuration`)
}

/** RocketMQ's code of an answer, and its text. */
function answerOf({ messages: [message], message: text, status }: CallEnd): { readonly code: string; readonly text: string } {
  assert.equal(status, 0, text)
  const answer = decodeSendMessageResponse(message ?? assert.fail('an answer without a message')).status
  return { code: String(answer?.code), text: answer?.message ?? '' }
}

describe('the configurations of docs/mesh, in a real Envoy', () => {
  let envoyPath: string
  const closing: (() => Promise<unknown>)[] = []
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function start(config: MeshConfig, options: MeshOptions = {}): Promise<Mesh> {
    const mesh = await startMesh(envoyPath, config, options)
    closing.push(() => mesh.stop())
    return mesh
  }

  it('are all tested here, page by page', () => {
    const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && configsOf(name).length > 0)
    assert.deepEqual(pages.toSorted(), [
      'codes-in-access-logs.md',
      'forbid-a-topic.md',
      'grey-release-a-consumer.md',
      'keep-clients-at-the-sidecar.md',
      'kubernetes.md',
      'limit-a-noisy-client.md',
      'other-platforms.md',
      'send-payments-to-another-cluster.md',
      'trace-messages.md',
    ])
  })

  it('send payments to another cluster', async () => {
    const mesh = await start(first('send-payments-to-another-cluster.md'))
    for (const topic of ['payments', 'payments-eu', 'paymentsX', 'orders']) await mesh.client.call('SendMessage', requests.send({ topic }))
    await mesh.client.call('ReceiveMessage', requests.receive('payments', 'billing'))
    await mesh.client.call('Heartbeat', requests.heartbeat('billing'))
    await mesh.broker('west').call(3)
    const seen = (name: string) => mesh.broker(name).calls.map(({ method }) => method)
    assert.deepEqual(seen('west'), ['SendMessage', 'SendMessage', 'ReceiveMessage', 'Heartbeat'])
    assert.deepEqual(seen('east'), ['SendMessage', 'SendMessage', 'Heartbeat'])
  })

  it('move payments over step by step, each client as a whole', async () => {
    const [, moving] = configsOf('send-payments-to-another-cluster.md')
    const mesh = await start(moving ?? assert.fail())
    for (let client = 0; client < 100; client++) {
      mesh.reset()
      for (let round = 0; round < 2; round++) {
        await mesh.client.call('SendMessage', requests.send({ topic: 'payments' }), { 'x-mq-client-id': `client-${client}` })
      }
      assert.ok([0, 2].includes(mesh.broker('east').calls.length), `client-${client} is in both clusters`)
    }
    const { rules } = await mesh.metrics()
    assert.deepEqual(rules, [])
  })

  it('forbid topics, by the certificate of the client', async () => {
    const config = first('forbid-a-topic.md')
    const authority = testAuthority()
    const scratch = scratchFolder('mesh-tasks')
    const file = (name: string, content: string) => {
      writeFileSync(join(scratch, name), content)
      return join(scratch, name)
    }
    const own = authority.issue('localhost')
    const tls = { certificate: file('own.pem', own.certificate), key: file('own.key', own.key), clientCa: file('ca.pem', authority.ca) }
    const mesh = await start(config, { tls })
    const refused = answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'legacy-orders' })))
    assert.equal(refused.code, 'FORBIDDEN')
    assert.match(refused.text, /^mesh: acl\/no-legacy: /)
    const batch = answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }, { topic: 'legacy-orders' })))
    // Messages of two topics in one request are no batch that a broker would take either.
    assert.equal(batch.code, 'BAD_REQUEST', batch.text)
    const stranger = answerOf(await mesh.client.call('ReceiveMessage', requests.receive('payments', 'audit')))
    assert.match(stranger.text, /^mesh: acl\/only-billing-reads-payments: /)
    assert.equal(mesh.broker('broker').calls.length, 0)
    assert.equal(answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }))).code, 'OK')
    const billing = authority.issue('spiffe://prod/ns/billing/sa/reader')
    const session = connect(`https://localhost:${mesh.address.split(':').at(-1)}`, {
      ca: authority.ca,
      cert: billing.certificate,
      key: billing.key,
      lookup: (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    closing.push(async () => session.destroy())
    const path = '/apache.rocketmq.v2.MessagingService/ReceiveMessage'
    const call = new ClientCall(session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }))
    call.stream.end(requests.receive('payments', 'audit'))
    assert.equal(answerOf(await within(call.ended, 'the receive of billing')).code, 'OK')
  })

  it('limit a client that is noisy, and not its neighbours', async () => {
    const mesh = await start(first('limit-a-noisy-client.md'))
    const send = (client: string, count: number) =>
      mesh.client.call('SendMessage', requests.send(...Array.from({ length: count }, () => ({ topic: 'orders' }))), { 'x-mq-client-id': client })
    assert.equal(answerOf(await send('noisy', 1000)).code, 'OK')
    const refused = answerOf(await send('noisy', 1000))
    assert.equal(refused.code, 'TOO_MANY_REQUESTS')
    assert.match(refused.text, /^mesh: limits\/orders-per-client: /)
    assert.equal(answerOf(await send('quiet', 10)).code, 'OK')
    const { rules } = await mesh.metrics()
    assert.deepEqual(
      rules.map(({ section, rule, outcome, count }) => [section, rule, outcome, count]),
      [['limits', 'orders-per-client', 'acted', 1]],
    )
  })

  it('show codes of RocketMQ in the access log and as metrics, and change nothing', async () => {
    const mesh = await start({ ...first('codes-in-access-logs.md'), clusters: { allow: ['broker'] } })
    mesh.broker('broker').answer = unary(encodeQueryRouteResponse({ status: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' } }))
    const end = await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }))
    assert.equal(answerOf(end).code, 'TOPIC_NOT_FOUND')
    assert.equal((await mesh.metrics()).calls.find(({ topic }) => topic === 'orders')?.code, '40402')
    await mesh.stop()
    const line = JSON.parse(mesh.envoy.output().trim())
    assert.deepEqual([line.op, line.topic, line.code, line.grpc_status, line.rule], ['send', 'orders', '40402', 0, null])
  })

  it('grey-release a consumer: each lane gets its own messages, on one broker', async function () {
    this.timeout(30_000)
    const config = first('grey-release-a-consumer.md')
    const broker = await startBroker()
    closing.push(() => broker.close())
    async function lane(node?: Readonly<Record<string, string>>): Promise<FeatherMQ> {
      const bootstrap = generateEnvoy(config, { clusters: { east: broker.endpoints }, listen: '127.0.0.1:0', admin: '127.0.0.1:0', node })
      const envoy: RunningEnvoy = await startEnvoy(bootstrap, { envoy: envoyPath, workers: 1 })
      closing.push(() => envoy.stop())
      const mq = new FeatherMQ({ endpoints: envoy.listeners.get('feathermq') ?? '', logger: silentLogger })
      closing.push(() => mq.close())
      return mq
    }
    const canary = await lane({ lane: 'canary' })
    const base = await lane()
    const got = { canary: [] as string[], base: [] as string[] }
    const wanted = 10
    let complete = () => {}
    const all = new Promise<void>((resolve) => {
      complete = resolve
    })
    for (const [name, mq] of [
      ['canary', canary],
      ['base', base],
    ] as const) {
      const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
      void consumer.run(async (message) => {
        got[name].push(message.text())
        if (got.canary.length + got.base.length >= wanted) complete()
      })
    }
    for (let index = 0; index < wanted / 2; index++) {
      await canary.producer().send({ topic: 'orders', body: `canary-${index}` })
      await base.producer().send({ topic: 'orders', body: `base-${index}` })
    }
    await within(all, 'all messages', 20_000)
    for (const [name, texts] of Object.entries(got)) {
      assert.deepEqual(
        texts.toSorted(),
        Array.from({ length: wanted / 2 }, (_, index) => `${name}-${index}`),
      )
    }
  })

  it('go by the names that a platform gives to clusters', async () => {
    const config = first('other-platforms.md')
    const mesh = await start(config)
    assert.equal(answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }))).code, 'OK')
    assert.equal(answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'closed' }))).code, 'FORBIDDEN')
  })

  it('keep clients at the address that they have dialled', async () => {
    const mesh = await start(first('keep-clients-at-the-sidecar.md'))
    const far = { scheme: 'IPv4' as const, addresses: [{ host: '10.1.2.3', port: 9 }] }
    const near = { scheme: 'IPv4' as const, addresses: [{ host: '127.0.0.1', port: 10_000 }] }
    mesh.broker('east').answer = unary(
      encodeQueryRouteResponse({ messageQueues: [{ topic: { name: 'orders' }, broker: { name: 'east-a', endpoints: far } }] }),
    )
    const { messages } = await mesh.client.call('QueryRoute', frame(encodeQueryRouteRequest({ topic: { name: 'orders' }, endpoints: near })))
    assert.deepEqual(decodeQueryRouteResponse(messages[0] ?? Buffer.alloc(0)).messageQueues[0]?.broker?.endpoints, near)
  })

  it('trace messages', async () => {
    const mesh = await start(first('trace-messages.md'))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }), { traceparent })
    const [sent] = decodeSendMessageRequest((await mesh.broker('east').call()).bytes.subarray(5)).messages
    assert.equal(sent?.userProperties.get('traceparent'), traceparent)
    assert.equal(sent?.systemProperties?.traceContext, traceparent)
  })

  it('run beside a workload as they are injected', async () => {
    const mesh = await start(first('kubernetes.md'))
    assert.equal(answerOf(await mesh.client.call('SendMessage', requests.send({ topic: 'orders' }))).code, 'OK')
  })
})
