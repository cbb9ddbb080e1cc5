import assert from 'node:assert/strict'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { call, callHeaders, callsNamed, cut, startFilter, told, twoClusters, written } from './support/filter.ts'
import { clientCalls, operations } from './support/operations.ts'

const facts = { topic: 'payments', group: 'g', tag: 't', messageGroup: 'm', broker: 'b' }
const ok = [':status', '200'] as const

/** A QueryRoute request whose topic is complete with byte `size`, and which goes on for ten bytes behind it. */
function topicEndingAt(size: number): Buffer {
  const topic = delimited(1, delimited(2, Buffer.from('payments')))
  const padding = delimited(9, Buffer.alloc(size - 5 - topic.length - 2 - (size > 160 ? 1 : 0)))
  return frame(Uint8Array.from([...padding, ...topic, ...delimited(9, Buffer.alloc(8))]))
}

describe('holding a call', () => {
  it('is never done to one that ends with its headers, which nothing would ever let go', async () => {
    const { host, plugin } = await startFilter({
      routes: [
        { name: 'by-topic', when: { topic: '*' }, cluster: 'west' },
        { name: 'by-op', when: { op: 'receive' }, cluster: 'west' },
      ],
    })
    for (const { method, op } of operations) {
      const stream = plugin.request({ headers: callHeaders(method), endStream: true })
      assert.ok(stream.upstream.ended, method)
      const decision = clientCalls.includes(op) ? {} : op === 'receive' ? { cluster: 'west', route: 'by-op' } : { cluster: 'east' }
      assert.deepEqual(written(stream), { op, ...decision })
      stream.end()
    }
    assert.equal(told(host).counter('fmq.held'), 0)
    assert.deepEqual(host.faults, [])
  })

  it('is not done to calls of a client as a whole, which get no cluster either, and whose streams stay open', async () => {
    const { host, vm, plugin } = await startFilter()
    for (const { method, op, encode } of operations.filter((operation) => clientCalls.includes(operation.op))) {
      const stream = plugin.request({ headers: callHeaders(method) })
      assert.equal(stream.state, 'open')
      assert.deepEqual(written(stream), { op })
      for (let round = 0; round < 3; round++) {
        const bytes = frame(encode(facts))
        assert.deepEqual(stream.body(bytes), {
          decision: 'continue',
          headersReleased: false,
          bytesReleased: bytes.length,
          endReleased: false,
          localReply: undefined,
        })
      }
      stream.body(Buffer.alloc(0), true)
      stream.end()
    }
    assert.equal(told(host).counter('fmq.held'), 0)
    assert.equal(vm.tick(), 0)
    assert.deepEqual(host.faults, [])
  })

  it('is not done when no rule asks for what stands in the body', async () => {
    const routes = [
      { name: 'acks', when: { op: 'ack' }, cluster: 'west' },
      { name: 'by-group', when: { op: 'receive', group: 'g' }, cluster: 'west' },
      { name: 'rest', when: {}, cluster: 'west' },
      { name: 'never', when: { topic: 'x' }, cluster: 'east' },
    ]
    const { host, plugin } = await startFilter({ headers: { facts: ['op'] }, routes })
    for (const { method, op, encode } of operations.filter((operation) => !clientCalls.includes(operation.op))) {
      const stream = plugin.request({ headers: callHeaders(method) })
      assert.equal(stream.state, op === 'receive' ? 'held' : 'open', method)
      const bytes = frame(encode(facts))
      stream.body(bytes, true)
      assert.deepEqual(written(stream), { op, cluster: 'west', route: op === 'ack' ? 'acks' : op === 'receive' ? 'by-group' : 'rest' })
      assert.equal(stream.filterState.get('fmq.topic'), 'payments', 'it is read all the same')
      stream.end()
    }
    assert.equal(told(host).counter('fmq.held'), 1)
    assert.deepEqual(host.faults, [])
  })

  it('ends as soon as the facts are known that a route asks for, whatever else is still to come', async () => {
    const { host, plugin } = await startFilter({ headers: undefined, routes: [{ name: 'g', when: { group: 'billing' }, cluster: 'west' }] })
    const bytes = requests.receive('payments', 'billing')
    const stream = plugin.request({ headers: callHeaders('ReceiveMessage') })
    const group = 5 + delimited(1, delimited(2, Buffer.from('billing'))).length
    assert.equal(stream.body(bytes.subarray(0, group - 1)).headersReleased, false)
    assert.equal(stream.body(bytes.subarray(group - 1, group)).headersReleased, true)
    stream.body(bytes.subarray(group), true)
    assert.deepEqual(written(stream), { cluster: 'west', route: 'g' })
    stream.end()
    assert.deepEqual(host.faults, [])
  })

  describe('ends at hold.maxBytes', () => {
    const maxBytes = 200
    const pieces = (bytes: Buffer): [string, Uint8Array[]][] => [
      ['in one piece', [bytes]],
      ['byte by byte', cut(bytes, ...[...bytes.keys()].slice(1))],
      ['cut before the bound', cut(bytes, maxBytes - 1)],
      ['cut at the bound', cut(bytes, maxBytes)],
      ['cut behind the bound', cut(bytes, maxBytes + 1)],
    ]

    it('exactly: facts that are complete with that byte are acted upon, however the request is cut', async () => {
      for (const onExhausted of ['deny', 'default'] as const) {
        const { host, plugin } = await startFilter({ hold: { maxBytes, onExhausted } })
        const bytes = topicEndingAt(maxBytes)
        for (const [what, chunks] of pieces(bytes)) {
          const stream = call(plugin, 'QueryRoute', ...chunks)
          assert.deepEqual(written(stream), { op: 'route', topic: 'payments', cluster: 'west', route: 'payments' }, what)
          assert.ok(stream.upstream.body().equals(bytes))
          stream.end()
        }
        assert.equal(host.metrics.counter('fmq.opaque.exhausted'), 0)
        assert.deepEqual(host.faults, [])
      }
    })

    it('with a refusal that names the bound, when the facts are complete one byte later', async () => {
      const { host, plugin } = await startFilter({ hold: { maxBytes } })
      for (const [what, chunks] of pieces(topicEndingAt(maxBytes + 1))) {
        const stream = call(plugin, 'QueryRoute', ...chunks)
        const { localReply } = stream
        assert.equal(localReply?.details, 'fmq_hold_exhausted', what)
        assert.equal(localReply?.httpStatus, 413)
        assert.equal(localReply?.grpcStatus, 8)
        assert.match(stream.client.header('grpc-message') ?? '', /^mesh: hold\/exhausted: .* first 200 bytes .*"hold.maxBytes".*"hold.onExhausted"/)
        assert.equal(stream.upstream.headers, undefined, 'nothing has gone upstream')
        stream.end()
      }
      assert.equal(host.metrics.counter('fmq.denied.exhausted'), 5)
      assert.equal(host.metrics.counter('fmq.opaque.exhausted'), 5)
      assert.deepEqual(host.faults, [])
    })

    it('and the call goes to the default cluster where that is configured, and is read on for the log', async () => {
      const { host, plugin } = await startFilter({ hold: { maxBytes, onExhausted: 'default' } })
      const bytes = topicEndingAt(maxBytes + 1)
      for (const [what, chunks] of pieces(bytes)) {
        const stream = call(plugin, 'QueryRoute', ...chunks)
        assert.deepEqual(written(stream), { op: 'route', cluster: 'east' }, what)
        assert.ok(stream.upstream.ended && stream.upstream.body().equals(bytes))
        assert.equal(stream.filterState.get('fmq.topic'), 'payments')
        stream.end()
      }
      assert.equal(host.metrics.counter('fmq.opaque.exhausted'), 5)
      assert.equal(host.metrics.counter('fmq.denied.exhausted'), 0)
      assert.deepEqual(host.faults, [])
    })

    it('also when the request ends with exactly that byte', async () => {
      const { host, plugin } = await startFilter({ hold: { maxBytes } })
      const whole = frame(Uint8Array.from([...delimited(9, Buffer.alloc(maxBytes - 5 - 3))]))
      assert.equal(whole.length, maxBytes)
      const stream = call(plugin, 'QueryRoute', whole)
      assert.deepEqual(written(stream), { op: 'route', cluster: 'east' }, 'a request without a topic is one to the default cluster')
      stream.end()
      const short = call(plugin, 'QueryRoute', whole.subarray(0, -1))
      assert.match(short.localReply?.body.toString() ?? '', /^mesh: opaque\/truncated/, 'one that is cut short is none')
      short.end()
      assert.deepEqual(host.faults, [])
    })
  })

  it('takes trailers for the end of a request', async () => {
    const { host, plugin } = await startFilter()
    const bytes = requests.route('payments')
    for (const [pieces, expected] of [
      [[bytes], { op: 'route', topic: 'payments', cluster: 'west', route: 'payments' }],
      [[], { op: 'route', cluster: 'east' }],
    ] as const) {
      const stream = plugin.request({ headers: callHeaders('QueryRoute') })
      for (const piece of pieces) stream.body(piece)
      stream.trailers([['x-trailer', 'kept']])
      assert.deepEqual(written(stream), expected)
      assert.deepEqual(stream.upstream.trailers, [['x-trailer', 'kept']])
      stream.end()
    }
    const short = plugin.request({ headers: callHeaders('QueryRoute') })
    short.body(bytes.subarray(0, -1))
    short.trailers([])
    assert.match(short.localReply?.body.toString() ?? '', /^mesh: opaque\/truncated/)
    short.end()
    assert.deepEqual(host.faults, [])
  })

  it('is not done in mode observe, which writes nothing, answers nothing and says in the log what it has read', async () => {
    const { version, name, routes, clusters, headers } = twoClusters
    const { host, vm, plugin } = await startFilter({ version, name, mode: 'observe', routes, clusters, headers, hold: { maxBytes: 1 } })
    for (const { method, op, encode, facts: carried } of operations) {
      const bytes = frame(encode(facts))
      for (const pieces of [[bytes], cut(bytes, 7, 30), cut(bytes, ...[...bytes.keys()].slice(1))]) {
        const stream = plugin.request({ headers: callHeaders(method) })
        assert.deepEqual([stream.lastStep.decision, stream.state], ['continue', 'open'], method)
        for (const [index, piece] of pieces.entries()) assert.equal(stream.body(piece, index === pieces.length - 1).bytesReleased, piece.length)
        assert.deepEqual(stream.upstream.headers, callHeaders(method))
        assert.equal(stream.routeCacheClears, 0)
        const said = Object.fromEntries(carried.filter((fact) => fact === 'topic' || fact === 'group').map((fact) => [`fmq.${fact}`, facts[fact]]))
        assert.deepEqual(Object.fromEntries(stream.filterState), { 'fmq.op': op, ...said })
        stream.end()
      }
      const unreadable = call(plugin, method, Buffer.from([1, 2, 3, 4, 5, 6]))
      assert.ok(unreadable.upstream.ended && unreadable.localReply === undefined)
      unreadable.end()
    }
    assert.equal(told(host).counter('fmq.held'), 0)
    assert.equal(vm.tick(), 0)
    assert.equal(host.metrics.counter('fmq.opaque.compressed'), operations.length)
    assert.equal(host.metrics.counter('fmq.denied.compressed'), 0)
    assert.deepEqual(host.faults, [])
  })
})

describe('a call that is refused or broken off', () => {
  /** Held with a part of its request, or let go and still sending. */
  async function started(isHeld: boolean) {
    const filter = await startFilter()
    const bytes = frame(Uint8Array.from([...requests.route('payments').subarray(5), ...delimited(1, delimited(2, Buffer.from('orders')))]))
    const stream = filter.plugin.request({ headers: callHeaders('QueryRoute') })
    const size = requests.route('payments').length
    stream.body(bytes.subarray(0, isHeld ? size - 1 : size))
    assert.equal(stream.state, isHeld ? 'held' : 'open')
    return { ...filter, stream, contradict: () => stream.body(bytes.subarray(size), true) }
  }
  const answerIs = (stream: FilterStream, way: string) => {
    assert.equal(stream.localReply?.way, way)
    assert.match(stream.localReply?.body.toString() ?? '', /^mesh: opaque\/ambiguous/)
    assert.ok(stream.upstream.isReset && !stream.upstream.ended, 'the broker never has all of it')
  }

  it('by the client while it is held leaves nothing upstream', async () => {
    const { host, vm, stream } = await started(true)
    stream.reset()
    assert.equal(stream.upstream.headers, undefined)
    assert.equal(vm.contexts, 1)
    assert.deepEqual(host.faults, [])
  })

  it('by the client after it was let go is reset upstream', async () => {
    const { host, vm, stream } = await started(false)
    stream.reset()
    assert.ok(stream.upstream.isReset)
    assert.equal(vm.contexts, 1)
    assert.deepEqual(host.faults, [])
  })

  it('by the filter after it was let go gets an answer, and the broker a reset', async () => {
    const { host, stream, contradict } = await started(false)
    contradict()
    answerIs(stream, 'filters')
    assert.equal(stream.client.header('grpc-status'), '7')
    stream.end()
    assert.equal(stream.filterState.get('fmq.code'), 'grpc-7')
    assert.deepEqual(host.faults, [])
  })

  it('by the filter after the response has begun is a reset on both sides, and keeps the code that had come', async () => {
    const { host, stream, contradict } = await started(false)
    stream.response({ headers: [ok] })
    stream.responseBody(frame(Uint8Array.from(delimited(1, [0x08, 0xa0, 0x9c, 0x01]))))
    contradict()
    answerIs(stream, 'reset')
    assert.ok(stream.client.isReset)
    stream.end()
    assert.equal(stream.filterState.get('fmq.code'), '20000')
    assert.deepEqual(host.faults, [])
  })

  it('by a response that is complete before the request is has the facts and the code that came until then', async () => {
    const { host, stream, contradict } = await started(false)
    stream.response({ headers: [ok] })
    stream.responseBody(frame(Uint8Array.from(delimited(1, [0x08, 0xd2, 0xbb, 0x02]))))
    stream.responseTrailers([['grpc-status', '0']])
    contradict()
    assert.ok(stream.client.ended && !stream.client.isReset)
    stream.end()
    assert.equal(host.metrics.counter('fmq.opaque.ambiguous'), 0, 'the filter hears no more of the request')
    assert.equal(told(host).counter(callsNamed({ op: 'route', topic: 'payments', code: '40402' })), 1)
    assert.deepEqual(host.faults, [])
  })
})
