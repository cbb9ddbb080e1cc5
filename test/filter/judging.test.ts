import assert from 'node:assert/strict'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { encodeTelemetryCommand } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { call, callHeaders, startFilter } from './support/filter.ts'
import { handle, message, refusedLate, sendFrame, text } from './support/messages.ts'

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

describe('a request without a body', () => {
  it('is not judged by what an earlier one had in its', async () => {
    const { plugin, host } = await startFilter({
      routes: [],
      headers: undefined,
      policy: [{ name: 'small', when: { op: 'send' }, maxBodyBytes: 100 }],
    })
    const large = plugin.request({ headers: callHeaders('SendMessage') })
    large.body(sendFrame(message({ body: 101 })))
    assert.equal(large.filterState.get('fmq.rule'), 'policy/small')
    large.end()
    const bare = plugin.request({ headers: callHeaders('SendMessage'), endStream: true })
    assert.equal(bare.filterState.get('fmq.rule'), undefined)
    assert.notEqual(bare.state, 'answered')
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
