import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import {
  decodeAckMessageResponse,
  decodeQueryRouteResponse,
  encodeQueryRouteResponse,
  encodeReceiveMessageResponse,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited, varint } from '../support/filter/wire.ts'
import { call, callHeaders, startFilter, written } from './support/filter.ts'

const ok = [':status', '200'] as const
const handle = (broker: string) => `0 1700000000000 30000 0 0 ${broker} 2 33 44`
const text = (number: number, value: string) => delimited(number, Buffer.from(value))

/** A call of a client with this id. */
function callOf(plugin: Plugin, client: string, method: string, bytes: Buffer): FilterStream {
  const stream = plugin.request({ headers: callHeaders(method, [['x-mq-client-id', client]]) })
  stream.body(bytes, true)
  return stream
}

function sendFrame(...messages: (readonly number[])[]): Buffer {
  return frame(Uint8Array.from(messages.flatMap((message) => delimited(1, message))))
}

function message({ topic = 'orders', tag, properties = [], body = 10, odd = [] }: MessageParts): number[] {
  return [
    ...delimited(1, text(2, topic)),
    ...properties.flatMap((name) => delimited(2, [...text(1, name), ...text(2, 'v')])),
    ...delimited(3, tag === undefined ? [] : text(1, tag)),
    ...delimited(4, Buffer.alloc(body, 'b')),
    ...odd,
  ]
}
interface MessageParts {
  readonly topic?: string
  readonly tag?: string
  readonly properties?: readonly string[]
  readonly body?: number
  /** Fields behind the body. */
  readonly odd?: readonly number[]
}

function refusedLate(stream: FilterStream, rule: string): void {
  assert.equal(stream.state, 'answered')
  assert.equal(stream.filterState.get('fmq.rule'), rule)
  assert.ok(stream.upstream.headers !== undefined && !stream.upstream.ended, 'the broker never has all of it')
}

describe('a split by weight', () => {
  const split = (weights: Readonly<Record<string, number>>, sticky?: 'client' | 'messageGroup' | 'topic') =>
    ({ routes: [{ name: 'split', when: {}, split: weights, sticky }] }) satisfies Partial<MeshConfig>

  it('divides clients as the weights say, and each client always goes to the same cluster, in every VM', async () => {
    const { host, plugin } = await startFilter(split({ east: 90, west: 10 }, 'client'))
    const other = host.startVm().startPlugin({
      configuration: {
        version: 1,
        name: 'other',
        mode: 'route',
        clusters: { default: 'east', allow: ['east', 'west'] },
        ...split({ east: 90, west: 10 }, 'client'),
      },
    })
    let west = 0
    for (let index = 0; index < 2000; index++) {
      const cluster = written(callOf(plugin, `client-${index}`, 'QueryRoute', requests.route('a')))['cluster']
      if (cluster === 'west') west++
      if (index % 20 !== 0) continue
      for (const again of [plugin, other]) {
        assert.equal(written(callOf(again, `client-${index}`, 'ReceiveMessage', requests.receive('b', 'g')))['cluster'], cluster)
      }
    }
    assert.ok(west > 140 && west < 260, `${west} of 2000 clients are in the tenth`)
    assert.deepEqual(host.faults, [])
  })

  it('moves only the clients that have to move when a weight grows', async () => {
    const { plugin: before } = await startFilter(split({ east: 90, west: 10 }, 'client'))
    const { plugin: after } = await startFilter(split({ east: 80, west: 20 }, 'client'))
    const cluster = (plugin: Plugin, index: number) => written(callOf(plugin, `client-${index}`, 'QueryRoute', requests.route('a')))['cluster']
    let moved = 0
    for (let index = 0; index < 1000; index++) {
      const [from, to] = [cluster(before, index), cluster(after, index)]
      if (from === to) continue
      moved++
      assert.deepEqual([from, to], ['east', 'west'])
    }
    assert.ok(moved > 60 && moved < 140, `${moved} of 1000 clients moved`)
  })

  it('keeps the messages of a message group together, and goes by chance where there is none', async () => {
    const { plugin, host } = await startFilter(split({ east: 1, west: 1 }, 'messageGroup'))
    const counts = new Map<string, number>()
    for (let index = 0; index < 400; index++) {
      const clusters = new Set([1, 2, 3].map(() => written(call(plugin, 'SendMessage', requests.send({ messageGroup: `g${index}` })))['cluster']))
      assert.equal(clusters.size, 1)
      const cluster = written(call(plugin, 'SendMessage', requests.send({})))['cluster'] ?? ''
      counts.set(cluster, (counts.get(cluster) ?? 0) + 1)
    }
    for (const cluster of ['east', 'west']) assert.ok((counts.get(cluster) ?? 0) > 150, `${[...counts]}`)
    assert.deepEqual(host.faults, [])
  })

  it('never sends anything to a cluster without a weight', async () => {
    const { plugin } = await startFilter(split({ west: 0, east: 5 }))
    for (let index = 0; index < 300; index++) assert.equal(written(call(plugin, 'QueryRoute', requests.route('a')))['cluster'], 'east')
  })
})

describe('affinity', () => {
  const affinity = { broker: { 'east-*': 'east', 'west-*': 'west' }, onMixedBatch: 'deny' } as const

  it('sends a receipt handle to the cluster of its broker, whatever the routes say, and what names no known broker by the routes', async () => {
    const { plugin, host } = await startFilter({ affinity, routes: [{ name: 'all', when: {}, cluster: 'east' }] })
    const cluster = (...brokers: string[]) => written(call(plugin, 'AckMessage', requests.ack('t', 'g', handle(brokers[0] ?? ''))))['cluster']
    assert.deepEqual(
      ['west-a', 'east-a', 'north-a'].map((broker) => cluster(broker)),
      ['west', 'east', 'east'],
    )
    assert.equal(written(call(plugin, 'AckMessage', requests.ack('t', 'g', 'no handle')))['route'], 'all')
    assert.equal(host.metrics.counter('fmq.broker_unreadable'), 1)
    assert.deepEqual(host.faults, [])
  })

  it('refuses an acknowledgement with handles of two clusters, in one piece and when the second comes later, unless it goes by the first', async () => {
    const entry = (broker: string) => delimited(3, text(2, handle(broker)))
    const head = [...delimited(1, text(2, 'g')), ...delimited(2, text(2, 't'))]
    const bytes = frame(Uint8Array.from([...head, ...entry('west-a'), ...entry('west-b'), ...entry('east-a')]))
    const { plugin, host } = await startFilter({ affinity, routes: [] })
    for (const cutAt of [bytes.length, bytes.length - 1, bytes.length - 20, 70]) {
      const stream = call(plugin, 'AckMessage', ...[bytes.subarray(0, cutAt), bytes.subarray(cutAt)].filter(({ length }) => length > 0))
      assert.equal(stream.filterState.get('fmq.rule'), 'affinity/broker', `cut at ${cutAt}`)
      assert.ok(!stream.upstream.ended)
    }
    const same = frame(Uint8Array.from([...head, ...entry('west-a'), ...entry('west-b'), ...entry('north'), ...entry('odd')]))
    assert.equal(written(call(plugin, 'AckMessage', same))['cluster'], 'west')
    const { plugin: first } = await startFilter({ affinity: { ...affinity, onMixedBatch: 'first' }, routes: [] })
    assert.equal(written(call(first, 'AckMessage', bytes))['cluster'], 'west')
    assert.deepEqual(host.faults, [])
  })

  it('by client writes the client id for ring hash, percent-encoded, also for calls that end with their headers', async () => {
    const { plugin } = await startFilter({ affinity: { client: true }, routes: [] })
    assert.equal(callOf(plugin, 'a client/\u00c3\u00a4', 'QueryRoute', requests.route('t')).upstream.header('x-fmq-hash'), 'a%20client%2F%C3%A4')
    const bodiless = plugin.request({ headers: callHeaders('QueryRoute', [['x-mq-client-id', 'c']]), endStream: true })
    assert.equal(bodiless.upstream.header('x-fmq-hash'), 'c')
    assert.equal(call(plugin, 'QueryRoute', requests.route('t')).upstream.header('x-fmq-hash'), undefined)
  })
})

describe('the lane of a call', () => {
  it('is a fact like others: a condition, and a header', async () => {
    const { plugin, host } = await startFilter({
      headers: { facts: ['lane'] },
      lanes: { base: 'base', from: ['header:x-lane'], filter: 'sql' },
      routes: [
        { name: 'green', when: { lane: 'green*' }, cluster: 'west' },
        { name: 'any', when: { lane: '*' }, cluster: 'east' },
      ],
    })
    const seen = ['green-1', 'blue', 'base', undefined, 'no lane!'].map((lane) => {
      const stream = plugin.request({ headers: callHeaders('QueryRoute', lane === undefined ? [] : [['x-lane', lane]]) })
      stream.body(requests.route('t'), true)
      return written(stream)
    })
    assert.deepEqual(seen, [
      { cluster: 'west', route: 'green', lane: 'green-1' },
      { cluster: 'east', route: 'any', lane: 'blue' },
      { cluster: 'east', route: 'any', lane: 'base' },
      { cluster: 'east' },
      { cluster: 'east' },
    ])
    assert.deepEqual(host.faults, [])
  })
})

describe('a request that ends with trailers', () => {
  it('is judged and changed like one that ends with its body', async () => {
    const { plugin, host } = await startFilter({
      lanes: { base: 'base', from: ['header:x-lane'], filter: 'sql' },
      acl: { rules: [{ name: 'no', effect: 'deny', when: { topic: 'secret' } }] },
    })
    const send = (request: Buffer, end: (stream: FilterStream) => void, cutAt = request.length) => {
      const stream = plugin.request({ headers: callHeaders('AckMessage', [['x-lane', 'green']]) })
      for (const piece of [request.subarray(0, cutAt), request.subarray(cutAt)]) if (piece.length > 0) stream.body(piece)
      end(stream)
      return stream
    }
    const byBody = (stream: FilterStream) => stream.body(Buffer.alloc(0), true)
    const byTrailers = (stream: FilterStream) => stream.trailers([['x-trailer', '1']])
    // Without a topic the call waits for one to its end.
    const noTopic = frame(Uint8Array.from([...delimited(1, text(2, 'g')), ...delimited(3, text(2, handle('b')))]))
    for (const request of [requests.ack('orders', 'g', handle('b')), noTopic]) {
      const expected = send(request, byBody).upstream.body()
      assert.ok(expected.includes('g-lane-green'))
      for (let cutAt = 1; cutAt <= request.length; cutAt++) {
        const stream = send(request, byTrailers, cutAt)
        assert.ok(stream.upstream.body().equals(expected), `cut at ${cutAt}: ${stream.upstream.body().toString('latin1')}`)
      }
    }
    assert.equal(send(requests.ack('secret', 'g', handle('b')), byTrailers).filterState.get('fmq.rule'), 'acl/no')
    assert.deepEqual(host.faults, [])
  })
})

describe('what comes behind a decision', () => {
  const acl = { rules: [{ name: 'no-legacy', effect: 'deny', when: { op: ['send', 'telemetry', 'heartbeat'], topic: 'legacy*' } }] } as const

  it('is refused when a later message of a batch is forbidden or breaks a policy, however the request is cut', async () => {
    const { plugin, host } = await startFilter({
      routes: [],
      headers: undefined,
      acl: { rules: [{ name: 'no-secret', effect: 'deny', when: { tag: 'secret' } }] },
      policy: [{ name: 'small', when: { op: 'send' }, maxBodyBytes: 100 }],
    })
    for (const [bad, rule] of [
      [message({ tag: 'secret' }), 'acl/no-secret'],
      [message({ body: 101 }), 'policy/small'],
    ] as const) {
      const bytes = sendFrame(message({ tag: 'fine' }), message({}), bad, message({}))
      for (let cutAt = 6; cutAt <= bytes.length; cutAt += 7) {
        const stream = plugin.request({ headers: callHeaders('SendMessage') })
        for (const piece of [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]) if (stream.state !== 'answered') stream.body(piece)
        assert.equal(stream.filterState.get('fmq.rule'), rule, `cut at ${cutAt}`)
        assert.ok(!stream.upstream.ended)
        stream.end()
      }
    }
    assert.deepEqual(host.faults, [])
  })

  it('is refused when properties or a body behind the body break the policy that the message was let go by', async () => {
    const policy = [{ name: 'few', when: {}, maxProperties: 1, maxBodyBytes: 50, requireProperties: ['tenant'] }]
    const { plugin, host } = await startFilter({ routes: [], headers: undefined, policy })
    const property = delimited(2, [...text(1, 'x'), ...text(2, 'v')])
    for (const odd of [property, delimited(4, Buffer.alloc(51))]) {
      const bytes = sendFrame(message({ properties: ['tenant'], body: 40, odd }))
      const stream = plugin.request({ headers: callHeaders('SendMessage') })
      stream.body(bytes.subarray(0, bytes.length - odd.length))
      stream.body(bytes.subarray(bytes.length - odd.length), true)
      refusedLate(stream, 'policy/few')
    }
    assert.ok(call(plugin, 'SendMessage', sendFrame(message({ properties: ['tenant'], body: 50 }))).upstream.ended)
    assert.deepEqual(host.faults, [])
  })

  it('is refused when a message of a batch has another topic than the one that the batch was routed by', async () => {
    const { plugin } = await startFilter()
    const bytes = sendFrame(message({ topic: 'payments' }), message({ topic: 'orders' }))
    const stream = call(plugin, 'SendMessage', bytes)
    assert.match(stream.localReply?.body.toString() ?? '', /^mesh: opaque\/ambiguous/)
    assert.ok(call(plugin, 'SendMessage', sendFrame(message({ topic: 'payments' }), message({ topic: 'payments' }))).upstream.ended)
  })

  it("is refused when a client's settings name a forbidden topic, in any frame of an open Telemetry stream", async () => {
    const { plugin, host } = await startFilter({ routes: [], acl })
    const settings = (...names: string[]) =>
      frame(
        encodeTelemetryCommand({
          command: { case: 'settings', value: { pubSub: { case: 'publishing', value: { topics: names.map((name) => ({ name })) } } } },
        }),
      )
    for (let round = 0; round < 4; round++) {
      const stream = plugin.request({ headers: callHeaders('Telemetry') })
      for (let before = 0; before < round; before++) stream.body(settings('orders', 'payments'))
      assert.equal(stream.state, 'open')
      stream.body(settings('orders', 'legacy-1', 'payments'))
      refusedLate(stream, 'acl/no-legacy')
      stream.end()
    }
    const compressed = plugin.request({ headers: callHeaders('Telemetry') })
    compressed.body(Buffer.from([1, 0, 0, 0, 1, 0]))
    assert.match(compressed.localReply?.body.toString() ?? '', /^mesh: opaque\/compressed/)
    assert.deepEqual(host.faults, [])
  })

  it('is refused when settings name their group behind the topics that were judged without it', async () => {
    const { plugin } = await startFilter({ routes: [], acl: { rules: [{ name: 'both', effect: 'deny', when: { group: 'lab', topic: 'a' } }] } })
    const group = delimited(1, text(2, 'lab'))
    const topic = delimited(2, delimited(1, text(2, 'a')))
    for (const [fields, denied] of [
      [[...group, ...topic], 'acl/both'],
      [[...topic, ...group], undefined],
    ] as const) {
      const stream = plugin.request({ headers: callHeaders('Telemetry') })
      stream.body(frame(Uint8Array.from(delimited(2, delimited(6, fields)))))
      assert.equal(stream.state, 'answered')
      assert.equal(stream.filterState.get('fmq.rule'), denied)
      if (denied === undefined) assert.match(stream.localReply?.body.toString() ?? '', /^mesh: opaque\/ambiguous/)
    }
  })
})

describe('access rules where Envoy lets nothing be held', () => {
  it('refuse what they are against all the same, also what cannot be read, before the broker has all of it', async () => {
    let now = 1_700_000_000_000
    const acl = { rules: [{ name: 'no', effect: 'deny', when: { topic: 'secret' } }] } as const
    const { plugin, vm, host } = await startFilter(
      { acl, routes: [], headers: undefined, hold: { timeout: '50ms', onFlagMissing: 'observe' } },
      { allowOnHeadersStopIteration: false, clock: () => now },
    )
    const compressed = requests.route('fine')
    compressed[0] = 1
    const stalled = [requests.route('secret'), requests.route('fine'), compressed].map((bytes) => call(plugin, 'QueryRoute', bytes))
    now += 50
    vm.tick()
    const later = [requests.route('secret'), requests.route('fine'), compressed].map((bytes) => call(plugin, 'QueryRoute', bytes))
    for (const [secret, fine, unreadable] of [stalled, later]) {
      assert.equal(secret?.filterState.get('fmq.rule'), 'acl/no')
      assert.ok(fine?.upstream.ended)
      assert.match(unreadable?.localReply?.body.toString() ?? '', /^mesh: opaque\/compressed/)
      assert.ok(!secret.upstream.ended && !unreadable?.upstream.ended)
    }
    assert.deepEqual(host.faults, [])
  })
})

describe('a refusal', () => {
  const acl = { rules: [{ name: 'no', effect: 'deny', when: { topic: 'secret' } }] } as const

  it('says which rule and why, or nothing of the kind without explain', async () => {
    for (const [explain, expected] of [
      [true, 'mesh: acl/no: it is forbidden'],
      [false, 'mesh: refused'],
    ] as const) {
      const { plugin } = await startFilter({ routes: [], acl, reject: { style: 'plain', explain } })
      const stream = call(plugin, 'QueryRoute', requests.route('secret'))
      assert.equal(stream.localReply?.body.toString(), expected)
      assert.equal(stream.localReply?.grpcStatus, 7)
      assert.equal(stream.upstream.headers, undefined)
    }
  })

  it('names the bound that was passed', async () => {
    const property = delimited(2, [...text(1, 'p'), ...text(2, 'v')])
    const cases: readonly (readonly [Partial<MeshConfig>, Buffer, string])[] = [
      [{ policy: [{ name: 'p', when: {}, maxBodyBytes: 9 }] }, sendFrame(message({})), 'policy/p: the body of a message has more than 9 bytes'],
      [
        { policy: [{ name: 'p', when: {}, maxProperties: 0 }] },
        sendFrame([...property, ...message({})]),
        'policy/p: a message has more than 0 properties',
      ],
      [
        { policy: [{ name: 'p', when: {}, requireProperties: ['a', 'tenant'] }] },
        sendFrame(message({ properties: ['a'] })),
        'policy/p: a message lacks the property tenant',
      ],
      [
        { policy: [{ name: 'p', when: {}, tags: ['a'] }] },
        sendFrame(message({ tag: 'b' })),
        'policy/p: a message has none of the tags that are allowed',
      ],
      [{ limits: [{ name: 'l', when: {}, bytes: { rate: 7, burst: 7 } }] }, sendFrame(message({})), 'limits/l: more than 7 bytes per second'],
      [{ faults: [{ name: 'f', when: {}, fraction: 1, code: 50000 }] }, sendFrame(message({})), 'faults/f: a fault on purpose'],
      [{ acl: { default: 'deny' } }, sendFrame(message({})), 'acl/default: no rule allows it'],
    ]
    for (const [changes, bytes, expected] of cases) {
      const { plugin } = await startFilter({ routes: [], headers: undefined, ...changes })
      assert.equal(call(plugin, 'SendMessage', bytes).localReply?.body.toString(), `mesh: ${expected}`)
    }
  })

  it('is counted by its rule, also as a shadow and in mode observe, once per call however many of its messages it is about', async () => {
    const bytes = sendFrame(message({ topic: 'secret' }), message({ topic: 'secret' }), message({ topic: 'secret' }))
    const outcomes = [
      [{ acl }, 'acted'],
      [{ acl: { rules: [{ ...acl.rules[0], shadow: true }] } }, 'shadow'],
      [{ acl, mode: 'observe', headers: undefined }, 'shadow'],
    ] as const
    for (const [changes, outcome] of outcomes) {
      const { plugin, host } = await startFilter({ routes: [], ...changes })
      for (let round = 0; round < 3; round++) call(plugin, 'SendMessage', bytes).end()
      for (const name of ['acted', 'shadow']) {
        assert.equal(host.metrics.counter(`fmq.rules.section.acl.outcome.${name}.rule.no.end`), name === outcome ? 3 : 0)
      }
    }
  })
})

describe('a fault', () => {
  const fault = (more: object, fraction = 0.3, seed = 7) =>
    ({ routes: [], headers: undefined, faults: [{ name: 'f', when: { op: 'ack' }, fraction, seed, ...more }] }) as Partial<MeshConfig>
  const hits = (plugin: Plugin, count: number) =>
    Array.from({ length: count }, () => call(plugin, 'AckMessage', requests.ack('t', 'g', handle('b'))).state === 'answered')

  it('strikes its share of the calls, the same ones for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map(async (seed) => hits((await startFilter(fault({ code: 42900 }, 0.3, seed))).plugin, 2000)),
    )
    assert.deepEqual(first, again)
    assert.notDeepEqual(first, other)
    const struck = first?.filter((hit) => hit).length ?? 0
    assert.ok(struck > 500 && struck < 700, `${struck} of 2000`)
    for (const [fraction, expected] of [
      [0, 0],
      [1, 300],
    ] as const) {
      const { plugin } = await startFilter(fault({ code: 42900 }, fraction))
      assert.equal(hits(plugin, 300).filter((hit) => hit).length, expected)
    }
  })

  it('leaves other calls alone, and delays by a header for the fault filter of Envoy', async () => {
    const { plugin } = await startFilter(fault({ delay: '1.5s' }, 1))
    assert.equal(call(plugin, 'AckMessage', requests.ack('t', 'g', handle('b'))).upstream.header('x-envoy-fault-delay-request'), '1500')
    assert.equal(call(plugin, 'QueryRoute', requests.route('t')).upstream.header('x-envoy-fault-delay-request'), undefined)
  })

  it('drops an acknowledgement and answers as if it had arrived', async () => {
    const { plugin } = await startFilter({ ...fault({ dropAck: true }, 1), reject: { style: 'native' } })
    const stream = call(plugin, 'AckMessage', requests.ack('t', 'g', handle('b')))
    assert.equal(stream.upstream.header('x-fmq-reject'), '20000')
    stream.response({ headers: [ok] })
    stream.responseBody(Buffer.from('x'), true)
    assert.equal(decodeAckMessageResponse(stream.client.body().subarray(5)).status?.code, 'OK')
  })
})

describe("RocketMQ's code of a response", () => {
  const status = { code: 'TOPIC_NOT_FOUND', message: 'no' } as const
  const answer = frame(encodeQueryRouteResponse({ status }))
  /** The first call shows that Envoy lets the filter hold. */
  async function started() {
    const filter = await startFilter({ headers: { responseCode: true } })
    call(filter.plugin, 'QueryRoute', requests.route('a')).end()
    return filter
  }

  it('becomes a header, for which the beginning of the response waits, however it is cut', async () => {
    const { plugin, host } = await started()
    for (let cutAt = 0; cutAt <= answer.length; cutAt++) {
      const stream = call(plugin, 'QueryRoute', requests.route('a'))
      stream.response({ headers: [ok] })
      assert.equal(stream.client.headers, undefined)
      for (const piece of [answer.subarray(0, cutAt), answer.subarray(cutAt)]) stream.responseBody(piece)
      stream.responseTrailers([['grpc-status', '0']])
      assert.equal(stream.client.header('x-fmq-code'), '40402', `cut at ${cutAt}`)
      assert.ok(stream.client.body().equals(answer) && stream.client.ended)
      stream.end()
    }
    assert.deepEqual(host.faults, [])
  })

  it('becomes a trailer of streams of messages, which never wait', async () => {
    const { plugin, host } = await started()
    const stream = call(plugin, 'ReceiveMessage', requests.receive('t', 'g'))
    stream.response({ headers: [ok] })
    assert.ok(stream.client.headers !== undefined)
    stream.responseBody(frame(encodeReceiveMessageResponse({ content: { case: 'status', value: status } })))
    stream.responseTrailers([['grpc-status', '0']])
    assert.deepEqual(
      stream.client.trailers?.find(([name]) => name === 'x-fmq-code'),
      ['x-fmq-code', '40402'],
    )
    assert.deepEqual(host.faults, [])
  })

  it('goes with addresses that are exchanged in the same response, wherever that is cut, also where it has no code at all', async () => {
    const filter = await startFilter({ headers: { responseCode: true }, endpoints: [{ to: 'mesh.example:8081' }] })
    const { plugin, host } = filter
    call(plugin, 'QueryRoute', requests.route('a')).end()
    const endpoints = { scheme: 'DOMAIN_NAME', addresses: [{ host: 'broker-7', port: 9 }] } as const
    const queue = { topic: { name: 'a' }, id: 1, broker: { name: 'b', id: 0, endpoints } }
    for (const [message, code] of [
      [{ status: { code: 'OK', message: 'fine' }, messageQueues: [queue] }, '20000'],
      [{ messageQueues: [queue] }, undefined],
    ] as const) {
      const bytes = frame(encodeQueryRouteResponse(message))
      for (let cutAt = 0; cutAt <= bytes.length; cutAt++) {
        const stream = call(plugin, 'QueryRoute', requests.route('a'))
        stream.response({ headers: [ok] })
        for (const piece of [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]) stream.responseBody(piece)
        stream.responseTrailers([['grpc-status', '0']])
        const passed = decodeQueryRouteResponse(stream.client.body().subarray(5))
        assert.deepEqual(
          passed.messageQueues.map(({ broker }) => broker?.endpoints?.addresses.map(({ host, port }) => `${host}:${port}`)),
          [['mesh.example:8081']],
          `${code}, cut at ${cutAt}`,
        )
        assert.equal(stream.client.header('x-fmq-code'), code, `cut at ${cutAt}`)
        stream.end()
      }
    }
    assert.deepEqual(host.faults, [])
  })

  it('is told of refusals too, with the rule', async () => {
    const { plugin } = await startFilter({ headers: { responseCode: true }, acl: { rules: [{ name: 'no', effect: 'deny', when: {} }] } })
    const stream = call(plugin, 'QueryRoute', requests.route('a'))
    assert.equal(stream.client.header('x-fmq-rule'), 'acl/no')
    assert.equal(stream.client.header('x-fmq-code'), 'grpc-7')
  })

  it('holds no response that goes on without a code', async () => {
    const { plugin } = await started()
    const stream = call(plugin, 'QueryRoute', requests.route('a'))
    stream.response({ headers: [ok] })
    const endless = Buffer.from([0, 0, 1, 0, 0, ...varint(9 * 8 + 2), ...varint(60_000), ...Buffer.alloc(20_000)])
    stream.responseBody(endless)
    assert.equal(stream.client.body().length, endless.length)
  })
})
