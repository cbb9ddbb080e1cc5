import assert from 'node:assert/strict'
import { before, beforeEach, describe, it } from 'mocha'
import type { MeshConfig } from '../config/model.ts'
import { WasmHost, type WasmHostOptions } from './host.ts'
import type { Plugin } from './plugin.ts'
import type { FilterStream } from './stream.ts'
import { releaseFilter } from './test-kit/release-filter.ts'
import { callHeaders, field, frame, queryRoute } from './test-kit/requests.ts'
import type { WasmVm } from './vm.ts'

const config: MeshConfig = {
  version: 1,
  name: 'test',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  headers: { facts: ['op', 'topic'] },
  hold: { timeout: '200ms', maxBytes: 1024 },
  routes: [{ name: 'payments', when: { topic: 'payments*' }, cluster: 'west' }],
}

describe('the release filter in the test host', function () {
  this.timeout(60_000)
  let now = 1_700_000_000_000
  let host: WasmHost
  let vm: WasmVm
  let plugin: Plugin
  before(releaseFilter)
  beforeEach(() => start())

  async function start(changes: Partial<MeshConfig> = {}, options: WasmHostOptions = {}): Promise<void> {
    host = await WasmHost.load(releaseFilter(), { clock: () => now, ...options })
    vm = host.startVm()
    plugin = vm.startPlugin({ configuration: { ...config, ...changes } })
    assert.equal(plugin.ok, true, plugin.log.map(({ message }) => message).join())
  }

  function call(topic: string): FilterStream {
    const stream = plugin.request({ headers: callHeaders('QueryRoute') })
    stream.body(queryRoute(topic), true)
    return stream
  }

  it('holds the headers of a call until it has read the topic, and lets it go with its cluster', () => {
    const stream = plugin.request({ headers: callHeaders('QueryRoute', ['x-fmq-cluster', 'forged']) })
    assert.equal(stream.lastStep.decision, 'stop-iteration')
    assert.equal(stream.state, 'held')
    assert.equal(stream.upstream.headers, undefined)

    const bytes = queryRoute('payments-eu')
    const step = stream.body(bytes, true)
    assert.deepEqual(step, { decision: 'continue', headersReleased: true, bytesReleased: bytes.length, endReleased: true, localReply: undefined })
    assert.equal(stream.upstream.header('x-fmq-cluster'), 'west')
    assert.equal(stream.upstream.header('x-fmq-route'), 'payments')
    assert.equal(stream.upstream.header('x-fmq-topic'), 'payments-eu')
    assert.ok(stream.upstream.body().equals(bytes))
    assert.equal(stream.filterState.get('fmq.topic'), 'payments-eu')

    stream.response({ headers: [[':status', '200']] })
    stream.responseTrailers([['grpc-status', '0']])
    stream.end()
    assert.deepEqual(host.faults, [])
    host.tick()
    assert.equal(host.metrics.counter('fmq.calls.op.route.topic.payments-eu.group.-.code.none.end'), 1)
  })

  it('decides the same however the request is cut, and passes the same bytes', () => {
    const bytes = queryRoute('payments')
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = plugin.request({ headers: callHeaders('QueryRoute') })
      stream.body(bytes.subarray(0, cut))
      stream.body(bytes.subarray(cut), true)
      assert.equal(stream.upstream.header('x-fmq-cluster'), 'west', `cut at ${cut}`)
      assert.ok(stream.upstream.body().equals(bytes))
      stream.end()
    }
    const slow = plugin.request({ headers: callHeaders('QueryRoute') })
    for (const [index] of bytes.entries()) slow.body(bytes.subarray(index, index + 1))
    slow.trailers([])
    assert.equal(slow.upstream.header('x-fmq-cluster'), 'west')
    assert.ok(slow.upstream.body().equals(bytes))
    assert.deepEqual(host.faults, [])
  })

  it('denies what it cannot read, and nothing of it goes upstream', () => {
    const stream = plugin.request({ headers: callHeaders('QueryRoute') })
    const { localReply } = stream.body(Buffer.from([1, 0, 0, 0, 1, 0]), true)
    assert.equal(localReply?.grpcStatus, 7)
    assert.match(localReply?.body.toString() ?? '', /^mesh: opaque\/compressed/)
    assert.match(stream.client.header('grpc-message') ?? '', /^mesh: opaque\/compressed/)
    assert.equal(stream.upstream.headers, undefined)
    assert.equal(stream.filterState.get('fmq.code'), 'grpc-7', 'its own answer comes by its response callback')
    stream.end()
    assert.deepEqual(host.faults, [])
    assert.equal(host.metrics.counter('fmq.denied.compressed'), 1)
  })

  it('denies what stands behind more bytes than it may hold', () => {
    const padding = Array.from({ length: 12 }, () => field(15, Buffer.alloc(100)))
    const stream = plugin.request({ headers: callHeaders('QueryRoute') })
    const { localReply } = stream.body(frame(Buffer.concat([...padding, field(1, field(2, 'payments'))])), true)
    assert.equal(localReply?.grpcStatus, 8)
    stream.end()
    assert.deepEqual(host.faults, [])
  })

  it('publishes the code of the broker', () => {
    const stream = call('orders')
    stream.response({ headers: [[':status', '200']] })
    // Status { code: 40402 } as field 1 of the response.
    stream.responseBody(frame(Buffer.from([0x0a, 4, 0x08, 0xd2, 0xbb, 0x02])))
    stream.responseTrailers([['grpc-status', '0']])
    stream.end()
    assert.equal(stream.filterState.get('fmq.code'), '40402')
    host.tick()
    assert.equal(host.metrics.counter('fmq.calls.op.route.topic.orders.group.-.code.40402.end'), 1)
    assert.deepEqual(host.faults, [])
  })

  it('refuses a configuration with words that say where', () => {
    const refused = vm.startPlugin({ configuration: { ...config, mode: 'both' } })
    assert.equal(refused.ok, false)
    assert.match(refused.log.map(({ message }) => message).join('\n'), /configuration refused: \$\.mode/)
    assert.equal(call('payments').upstream.header('x-fmq-cluster'), 'west', 'the one that was there before goes on')
    assert.deepEqual(host.faults, [])
  })

  it('keeps two configurations of one VM apart', () => {
    const other = vm.startPlugin({ name: 'other', configuration: { ...config, routes: [{ name: 'all', when: { topic: '*' }, cluster: 'west' }] } })
    const stream = other.request({ headers: callHeaders('QueryRoute') })
    stream.body(queryRoute('orders'), true)
    assert.equal(stream.upstream.header('x-fmq-cluster'), 'west')
    assert.equal(call('orders').upstream.header('x-fmq-cluster'), 'east')
    other.close()
    assert.equal(call('orders').upstream.header('x-fmq-cluster'), 'east')
    stream.end()
    assert.deepEqual(host.faults, [])
  })

  describe('without allow_on_headers_stop_iteration', () => {
    it('notices a stalled call by its tick and answers it with the name of the flag', async () => {
      await start({}, { allowOnHeadersStopIteration: false })
      const stream = call('payments')
      assert.equal(stream.state, 'stalled')
      now += 199
      assert.equal(vm.tick(), 1)
      assert.equal(stream.state, 'stalled')
      now += 1
      assert.equal(vm.tick(), 1)
      assert.equal(stream.localReply?.grpcStatus, 14)
      assert.match(stream.localReply?.body.toString() ?? '', /allow_on_headers_stop_iteration: true/)
      assert.equal(vm.tick(), 0, 'nothing more to watch')
      stream.end()
      assert.deepEqual(host.faults, [])
    })

    it('lets it go to the default cluster when it shall observe instead, and holds none after it', async () => {
      await start({ hold: { timeout: '200ms', onFlagMissing: 'observe' } }, { allowOnHeadersStopIteration: false })
      const stream = call('payments')
      now += 200
      vm.tick()
      assert.equal(stream.upstream.header('x-fmq-cluster'), 'east')
      assert.ok(stream.upstream.body().equals(queryRoute('payments')))
      const next = call('payments')
      assert.equal(next.state, 'open')
      stream.end()
      next.end()
      assert.deepEqual(host.faults, [])
      host.tick()
      assert.equal(host.metrics.counter('fmq.calls.op.route.topic.payments.group.-.code.none.end'), 2)
    })

    it('does not take a client that is slow with its body for a proxy that keeps it back', async () => {
      await start({}, { allowOnHeadersStopIteration: false })
      const stream = plugin.request({ headers: callHeaders('QueryRoute') })
      now += 1000
      assert.equal(vm.tick(), 1)
      assert.equal(stream.state, 'stalled')
      stream.reset()
      assert.deepEqual(host.faults, [])
    })
  })

  it('needs no more memory for ten thousand calls than for a thousand, and no more contexts', () => {
    const run = (count: number) => {
      for (let index = 0; index < count; index++) {
        const stream = call(index % 3 === 0 ? 'payments' : `orders-${index % 50}`)
        if (index % 7 === 0) stream.reset()
        else {
          stream.response({ headers: [[':status', '200']] })
          stream.responseTrailers([['grpc-status', '0']])
          stream.end()
        }
      }
      return vm.memoryBytes
    }
    assert.equal(run(1000), run(10_000))
    assert.equal(vm.contexts, 1)
    host.tick()
    assert.equal(host.metrics.counter('fmq.held'), 11_000)
    assert.deepEqual(host.faults, [])
  })

  it('is there again after a crash of its VM was mended', () => {
    const stream = plugin.request({ headers: callHeaders('QueryRoute') })
    vm.reload()
    assert.equal(call('payments').upstream.header('x-fmq-cluster'), 'west')
    stream.body(queryRoute('payments'), true)
    assert.equal(stream.upstream.header('x-fmq-cluster'), 'west', 'a call of the old instance ends there')
    assert.equal(host.metrics.counter('fmq.config_loads'), 2)
    assert.deepEqual(host.faults, [])
  })
})
