import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { Plugin } from '@feathermq/mesh-filter/host'
import { decodeAckMessageResponse, decodeQueryRouteResponse, encodeQueryRouteResponse, encodeReceiveMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited, varint } from '../support/filter/wire.ts'
import { call, startFilter } from './support/filter.ts'
import { handle, message, ok, sendFrame, text } from './support/messages.ts'

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
