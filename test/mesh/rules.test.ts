import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import { decodeAckMessageResponse, decodeSendMessageResponse, encodeQueryRouteResponse, encodeReceiveMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { besideControl } from './support/beside-control.ts'
import { ok, unary } from './support/fake-broker.ts'
import type { Mesh } from './support/mesh.ts'

const base: MeshConfig = {
  version: 1,
  name: 'rules',
  mode: 'route',
  direction: 'gateway',
  clusters: { default: 'east', allow: ['east', 'west', 'bulk'] },
}
const handle = (broker: string) => `0 1700000000000 30000 0 0 ${broker} 2 33 44`

/** What a client gets, and how many calls reached each broker. */
async function outcome(mesh: Mesh, method: string, request: Buffer, headers = {}) {
  mesh.reset()
  const end = await mesh.client.call(method, request, headers)
  const calls = ['east', 'west', 'bulk'].map((name) => mesh.broker(name).calls.length)
  return { status: end.status, message: end.message, calls: calls.join(), headers: end.headers }
}

/** One Envoy with the rules, and the control: one with the same clusters that has no filter's rules. */
function withRules(what: string, config: Partial<MeshConfig>, tests: (mesh: () => Mesh, control: () => Mesh) => void): void {
  describe(`a real Envoy with the filter, ${what}`, () => {
    const { mesh, control } = besideControl({ ...base, ...config }, { ...base, mode: 'observe' })
    tests(mesh, control)
  })
}

withRules(
  'splitting by weight',
  { routes: [{ name: 'canary', when: { topic: 'payments' }, split: { west: 90, bulk: 10 }, sticky: 'client' }] },
  (mesh, control) => {
    it('sends nine clients of ten to one cluster and the tenth to the other, each client always to the same', async () => {
      const homes = new Map<string, string>()
      for (let index = 0; index < 150; index++) {
        const id = `client-${index}`
        for (let round = 0; round < 2; round++) {
          const { calls, status } = await outcome(mesh(), 'SendMessage', requests.send({ topic: 'payments' }), { 'x-mq-client-id': id })
          assert.equal(status, 0)
          assert.equal(homes.get(id) ?? calls, calls)
          homes.set(id, calls)
        }
      }
      const tenth = [...homes.values()].filter((calls) => calls === '0,0,1').length
      assert.ok(tenth > 3 && tenth < 30, `${tenth} of 150`)
      assert.equal([...homes.values()].filter((calls) => calls === '0,1,0').length, 150 - tenth)
      assert.equal((await outcome(control(), 'SendMessage', requests.send({ topic: 'payments' }))).calls, '1,0,0')
    }).timeout(60_000)
  },
)

withRules('with affinity by broker', { affinity: { broker: { 'west-*': 'west', 'bulk-1': 'bulk' }, onMixedBatch: 'deny' } }, (mesh, control) => {
  it('sends acknowledgements and receives to where their broker is', async () => {
    const results = []
    for (const [method, request] of [
      ['AckMessage', requests.ack('t', 'g', handle('west-a'))],
      ['AckMessage', requests.ack('t', 'g', handle('bulk-1'))],
      ['ReceiveMessage', requests.receive('t', 'g', 'west-b')],
      ['AckMessage', requests.ack('t', 'g', handle('unknown'))],
      ['AckMessage', requests.ack('t', 'g', 'no handle')],
    ] as const) {
      results.push((await outcome(mesh(), method, request)).calls)
      assert.equal((await outcome(control(), method, request)).calls, '1,0,0')
    }
    assert.deepEqual(results, ['0,1,0', '0,0,1', '0,1,0', '1,0,0', '1,0,0'])
    assert.equal((await mesh().metrics()).brokerUnreadable, 1)
  })
})

withRules(
  'with access rules and policies that refuse natively',
  {
    acl: {
      rules: [
        { name: 'no-legacy', effect: 'deny', when: { topic: 'legacy-*' } },
        { name: 'watched', effect: 'deny', when: { topic: 'orders' }, shadow: true },
      ],
    },
    policy: [{ name: 'small', when: { op: 'send' }, maxBodyBytes: 1000 }],
    reject: { style: 'native' },
    headers: { responseCode: true },
  },
  (mesh, control) => {
    it('answers as a broker would, with the rule and the reason, and no broker hears of the call', async () => {
      for (const [request, code, message] of [
        [requests.send({ topic: 'legacy-1' }), 'FORBIDDEN', 'mesh: acl/no-legacy: it is forbidden'],
        [requests.send({ body: Buffer.alloc(1001) }), 'MESSAGE_BODY_TOO_LARGE', 'mesh: policy/small: the body of a message has more than 1000 bytes'],
      ] as const) {
        mesh().reset()
        const end = await mesh().client.call('SendMessage', request)
        assert.equal(end.status, 0)
        const { status } = decodeSendMessageResponse(end.messages[0] ?? Buffer.alloc(0))
        assert.deepEqual([status?.code, status?.message], [code, message])
        assert.match(String(end.headers['x-fmq-rule']), /^(acl|policy)\//)
        assert.equal(mesh().broker('east').calls.length, 0)
        assert.equal((await outcome(control(), 'SendMessage', request)).calls, '1,0,0')
      }
    })

    it('resets a batch whose later message is forbidden before the broker has all of it', async () => {
      const whole = requests.send({ topic: 'orders' }, { topic: 'legacy-1' })
      const call = mesh().client.open('SendMessage')
      await call.write(whole.subarray(0, whole.length - 12))
      const received = await mesh().broker('east').call()
      call.stream.end(whole.subarray(whole.length - 12))
      const end = await call.ended
      assert.equal(end.status, 7)
      assert.match(end.message, /^mesh: /)
      await received.closed
      assert.ok(received.length < whole.length)
    })

    it('lets by what a shadow is against, and counts it', async () => {
      const before = (await mesh().metrics()).rules.find(({ rule }) => rule === 'watched')?.count ?? 0
      assert.equal((await outcome(mesh(), 'SendMessage', requests.send({ topic: 'orders' }))).calls, '1,0,0')
      const { rules } = await mesh().metrics()
      assert.equal(rules.find(({ rule, outcome: what }) => rule === 'watched' && what === 'shadow')?.count, before + 1)
      assert.ok((rules.find(({ rule, outcome: what }) => rule === 'no-legacy' && what === 'acted')?.count ?? 0) > 0)
    })

    it("tells RocketMQ's code in a header, and in a trailer of a stream", async () => {
      const status = { code: 'TOPIC_NOT_FOUND', message: 'no' } as const
      mesh().broker('east').answer = unary(encodeQueryRouteResponse({ status }))
      const { headers } = await mesh().client.call('QueryRoute', requests.route('orders'))
      assert.equal(headers['x-fmq-code'], '40402')
      mesh().broker('east').answer = ({ stream }) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(frame(encodeReceiveMessageResponse({ content: { case: 'status', value: status } })))
      }
      const poll = mesh().client.open('ReceiveMessage')
      const trailers = new Promise<unknown>((resolve) => poll.stream.on('trailers', resolve))
      poll.stream.end(requests.receive('orders', 'g'))
      assert.equal(Reflect.get(Object(await trailers), 'x-fmq-code'), '40402')
    })
  },
)

withRules(
  'with faults',
  {
    faults: [
      { name: 'throttle', when: { op: 'send', topic: 'chaos' }, fraction: 0.5, seed: 7, code: 42900 },
      { name: 'slow', when: { op: 'route', topic: 'chaos' }, fraction: 1, delay: '400ms' },
      { name: 'lost-ack', when: { op: 'ack', group: 'audit' }, fraction: 1, dropAck: true },
    ],
    reject: { style: 'native' },
  },
  (mesh, control) => {
    it('throttles about a half of the sends to a topic, and leaves others alone', async () => {
      let throttled = 0
      for (let index = 0; index < 60; index++) {
        const end = await mesh().client.call('SendMessage', requests.send({ topic: 'chaos' }))
        const { status } = decodeSendMessageResponse(end.messages[0] ?? Buffer.alloc(0))
        if (status?.code === 'TOO_MANY_REQUESTS') throttled++
        else assert.deepEqual(end.messages, [Buffer.from(ok)])
        assert.deepEqual((await mesh().client.call('SendMessage', requests.send({ topic: 'orders' }))).messages, [Buffer.from(ok)])
      }
      assert.ok(throttled > 15 && throttled < 45, `${throttled} of 60`)
    })

    it('delays a call without losing it', async () => {
      const started = performance.now()
      assert.equal((await outcome(mesh(), 'QueryRoute', requests.route('chaos'))).status, 0)
      // Envoy counts from when its loop looked at the clock last, which may have been before the call came.
      assert.ok(performance.now() - started >= 200, 'it waits')
      assert.equal((await outcome(control(), 'QueryRoute', requests.route('chaos'))).status, 0)
    })

    it('drops acknowledgements, which clients take for done', async () => {
      const end = await mesh().client.call('AckMessage', requests.ack('t', 'audit', handle('b')))
      assert.equal(decodeAckMessageResponse(end.messages[0] ?? Buffer.alloc(0)).status?.code, 'OK')
      assert.equal(mesh().broker('east').calls.length, 0)
      assert.equal((await outcome(control(), 'AckMessage', requests.ack('t', 'audit', handle('b')))).calls, '1,0,0')
    })
  },
)

withRules(
  'only watching',
  {
    mode: 'observe',
    acl: { rules: [{ name: 'no-legacy', effect: 'deny', when: { topic: 'legacy-*' } }] },
    policy: [{ name: 'small', when: {}, maxBodyBytes: 1 }],
  },
  (mesh) => {
    it('counts what its rules would refuse, and refuses nothing', async () => {
      assert.equal((await outcome(mesh(), 'SendMessage', requests.send({ topic: 'legacy-1' }))).calls, '1,0,0')
      const { rules } = await mesh().metrics()
      assert.deepEqual(rules.map(({ section, rule, outcome: what, count }) => [section, rule, what, count]).toSorted(), [
        ['acl', 'no-legacy', 'shadow', 1],
        ['policy', 'small', 'shadow', 1],
      ])
    })
  },
)
