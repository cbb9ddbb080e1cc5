import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import {
  decodeHeartbeatRequest,
  decodeReceiveMessageRequest,
  decodeReceiveMessageResponse,
  decodeSendMessageRequest,
  encodeReceiveMessageResponse,
} from '@feathermq/protocol'
import { after, before, beforeEach, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { requireEnvoy } from './support/envoy.ts'
import { respond } from './support/fake-broker.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const traced: MeshConfig = {
  ...twoClusters,
  name: 'rewriting',
  trace: {},
  lanes: { from: ['header:x-lane', 'baggage:lane'], filter: 'sql' },
  metrics: { histograms: { by: ['topic', 'group'] } },
}

describe('messages that pass a real Envoy', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), traced)
  })
  after(async () => {
    await mesh?.stop()
  })
  beforeEach(() => mesh.reset())

  async function sent(headers: Record<string, string>, body: Uint8Array = Buffer.from('x')) {
    const { status, message } = await mesh.client.call('SendMessage', requests.send({ topic: 'orders', body }), headers)
    assert.equal(status, 0, message)
    const { bytes } = await mesh.broker('east').call()
    const [first] = decodeSendMessageRequest(bytes.subarray(5)).messages
    assert.ok(first)
    assert.equal(bytes.readUInt32BE(1), bytes.length - 5)
    return { properties: Object.fromEntries(first.userProperties), context: first.systemProperties?.traceContext, body: first.body }
  }

  it('16: carry the trace context of the call that sent them, however large they are', async () => {
    for (const size of [0, 100, 70_000, 4 * 1024 * 1024]) {
      mesh.reset()
      const body = Buffer.alloc(size, 'b')
      const { properties, context, body: got } = await sent({ traceparent: parent, tracestate: 'a=1' }, body)
      assert.deepEqual(properties, { traceparent: parent, tracestate: 'a=1' })
      assert.equal(context, parent)
      assert.ok(body.equals(got))
    }
  }).timeout(30_000)

  it('16: carry none when their call has none (control), and keep their bytes', async () => {
    const request = requests.send({ topic: 'orders', body: Buffer.alloc(100_000, 1) })
    await mesh.client.call('SendMessage', request)
    assert.ok((await mesh.broker('east').call()).bytes.equals(request))
  })

  it('16: pass while they are sent: their head is at the broker, with the context, before the client has sent its last byte', async () => {
    const request = requests.send({ topic: 'orders', body: Buffer.alloc(200_000, 1) })
    const call = mesh.client.open('SendMessage', { traceparent: parent })
    await call.write(request.subarray(0, 30_000))
    const upstream = await mesh.broker('east').call()
    await upstream.received(30_100)
    assert.equal(upstream.isComplete, false)
    call.stream.end(request.subarray(30_000))
    assert.equal((await call.ended).status, 0)
    assert.equal(decodeSendMessageRequest(upstream.bytes.subarray(5)).messages[0]?.userProperties.get('traceparent'), parent)
  })

  it('16: with a content-length that was right for what the client sent are no protocol error', async () => {
    const request = requests.send({ topic: 'orders' })
    const { status } = await mesh.client.call('SendMessage', request, { traceparent: parent, 'content-length': String(request.length) })
    assert.equal(status, 0)
    assert.equal((await mesh.broker('east').call()).headers['content-length'], undefined)
  })

  it('16: and are received have their context in both carriers, each as soon as the broker sends it', async () => {
    const message = (traceContext: string) =>
      frame(
        encodeReceiveMessageResponse({
          content: {
            case: 'message',
            value: { topic: { name: 'orders' }, systemProperties: { messageId: '1', traceContext }, body: Buffer.alloc(50_000) },
          },
        }),
      )
    let goOn = () => {}
    mesh.broker('east').answer = async ({ stream }) => {
      respond(stream)
      stream.write(message(parent))
      await new Promise<void>((resolve) => {
        goOn = resolve
      })
      stream.end(message(parent))
    }
    const call = mesh.client.open('ReceiveMessage')
    call.stream.end(requests.receive('orders', 'g'))
    await call.received(message(parent).length + 20)
    goOn()
    const { messages } = await call.ended
    for (const bytes of messages) {
      const { content } = decodeReceiveMessageResponse(bytes)
      assert.ok(content?.case === 'message')
      assert.equal(content.value.userProperties.get('traceparent'), parent)
    }
    assert.equal(messages.length, 2)
  })

  it('15: of a lane carry it, and its consumers have groups and filters of their own', async () => {
    assert.deepEqual((await sent({ 'x-lane': 'blue' })).properties, { fmq_lane: 'blue' })
    mesh.reset()
    await mesh.client.call('ReceiveMessage', requests.receive('orders', 'audit'), { baggage: 'lane=green' })
    const received = decodeReceiveMessageRequest((await mesh.broker('east').call()).bytes.subarray(5))
    assert.equal(received.group?.name, 'audit-lane-green')
    assert.deepEqual(received.filterExpression, { type: 'SQL', expression: "fmq_lane = 'green'" })
    await mesh.client.call('Heartbeat', requests.heartbeat('audit'), { 'x-lane': 'green' })
    assert.equal(decodeHeartbeatRequest((await mesh.broker('east').call(1)).bytes.subarray(5)).group?.name, 'audit-lane-green')
  })

  it('7, 9: are counted in histograms with labels', async () => {
    mesh.broker('east').answer = async ({ complete, stream }) => {
      await complete
      respond(stream)
      const value = { topic: { name: 'late' }, systemProperties: { storeTimestamp: { seconds: 1_700_000_000, nanos: 0 }, deliveryAttempt: 3 } }
      stream.end(frame(encodeReceiveMessageResponse({ content: { case: 'message', value } })))
    }
    await mesh.client.call('ReceiveMessage', requests.receive('late', 'slow'))
    const deadline = performance.now() + 20_000
    let text = ''
    // Envoy merges the histograms of its workers every five seconds.
    while (!/^fmq_delivery_latency_count\{[^}]*topic="late"[^}]*\} 1$/m.test(text) && performance.now() < deadline) {
      text = await (await fetch(`${mesh.envoy.adminUrl}/stats/prometheus`)).text()
    }
    const line = (name: string) => text.split('\n').find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes('topic="late"')) ?? ''
    assert.match(line('fmq_redelivery_sum'), /group="slow"/)
    assert.match(line('fmq_redelivery_sum'), /op="-"/)
    assert.match(line('fmq_redelivery_sum'), / 2(\.\d+)?$/)
    assert.match(line('fmq_delivery_latency_count'), / 1$/)
    assert.notEqual(line('fmq_latency_bucket'), '')
  }).timeout(40_000)
})

describe('messages that pass a real Envoy with spans of its own', () => {
  let mesh: Mesh
  before(async function () {
    // Nobody collects the spans; their contexts are what matters.
    mesh = await startMesh(await requireEnvoy(this), { ...traced, name: 'upstream', trace: { placement: 'upstream' } }, { traces: '127.0.0.1:1' })
  })
  after(async () => {
    await mesh?.stop()
  })
  beforeEach(() => mesh.reset())

  it("16: carry the context of Envoy's span, which the broker sees in the headers of the call", async () => {
    for (const [body, headers] of [
      [Buffer.from('x'), {}],
      [Buffer.alloc(200_000, 1), { traceparent: parent }],
    ] as const) {
      mesh.reset()
      const { status, message } = await mesh.client.call('SendMessage', requests.send({ topic: 'orders', body }), headers)
      assert.equal(status, 0, message)
      const call = await mesh.broker('east').call()
      const [first] = decodeSendMessageRequest(call.bytes.subarray(5)).messages
      const context = String(call.headers['traceparent'])
      assert.match(context, /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
      assert.notEqual(context, parent)
      assert.equal(first?.userProperties.get('traceparent'), context)
      assert.equal(first?.systemProperties?.traceContext, context)
      assert.ok(body.equals(first?.body ?? []))
    }
    const { calls } = await mesh.metrics()
    assert.deepEqual(
      calls.map(({ op, count }) => [op, count]),
      [['send', 2]],
      'the second filter counts no call again',
    )
  })
})
