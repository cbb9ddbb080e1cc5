import assert from 'node:assert/strict'
import type { FilterStream, HeaderList, Plugin } from '@feathermq/mesh-filter/host'
import { encodeQueryRouteResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { isLong } from '../support/random.ts'
import { callHeaders, cut, loadFilter, startFilter, startPlugin, told, twoClusters } from './support/filter.ts'
import { operations } from './support/operations.ts'

const count = isLong ? 1_000_000 : 50_000
const warmUp = 5_000
const pageBytes = 65_536

const answer = frame(encodeQueryRouteResponse({ status: { code: 'TOPIC_NOT_FOUND', message: 'no such topic' } }))
const manyHeaders: HeaderList = Array.from({ length: 60 }, (_, index) => [`x-large-${index}`, 'y'.repeat(1000)] as const)

function respond(stream: FilterStream): void {
  stream.response({ headers: [[':status', '200']] })
  stream.responseBody(answer.subarray(0, 7))
  stream.responseBody(answer.subarray(7))
  stream.responseTrailers([['grpc-status', '0']])
}

/** How a call goes, from its headers on; each kind has another end. */
const kinds: readonly ((plugin: Plugin, method: string, bytes: Buffer) => FilterStream)[] = [
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.body(bytes, true)
    respond(stream)
    return stream
  },
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    for (const piece of cut(bytes, 3, 20, 40)) stream.body(piece)
    stream.trailers([])
    stream.response({
      headers: [
        [':status', '200'],
        ['grpc-status', '14'],
      ] as const,
      endStream: true,
    })
    return stream
  },
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.body(bytes.subarray(0, 12))
    stream.reset()
    return stream
  },
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.body(bytes)
    stream.reset()
    return stream
  },
  (plugin, method) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.body(Buffer.from([1, 0, 0, 0, 1, 0]), true)
    return stream
  },
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.body(bytes.subarray(0, -3), true)
    return stream
  },
  (plugin, method) => plugin.request({ headers: callHeaders(method), endStream: true }),
  (plugin, method) => {
    const stream = plugin.request({ headers: callHeaders(method) })
    stream.reset()
    return stream
  },
  // More headers than the filter has room for in its arena, and more bytes than may be held.
  (plugin, method, bytes) => {
    const stream = plugin.request({ headers: callHeaders(method, manyHeaders) })
    stream.body(frame(Buffer.concat([Buffer.from([0xca, 0x3e, 0xe8, 0x07]), Buffer.alloc(1000), bytes.subarray(5)])), true)
    return stream
  },
]

function run(plugin: Plugin, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const operation = operations[index % operations.length]
    const kind = kinds[Math.floor(index / operations.length) % kinds.length]
    if (operation === undefined || kind === undefined) throw new Error('there is none')
    // Clients that invent names all the time.
    const name = `n${index}`
    const bytes = frame(operation.encode({ topic: name, group: name, tag: name, messageGroup: name, broker: name }))
    const stream = kind(plugin, index % 97 === 0 ? '/other.Service/Call' : operation.method, bytes)
    if (stream.state !== 'closed') stream.end()
  }
}

describe('the memory of the filter', () => {
  it(`is the same after ${warmUp} calls and after ${count} more of every kind, and no metric is defined twice`, async () => {
    const { host, vm, plugin } = await startFilter({ hold: { maxBytes: 512 }, metrics: { topics: 20, groups: 20, series: 60 } })
    run(plugin, 0, warmUp)
    const { memoryBytes, memoryGrowths, metricIds } = vm
    run(plugin, warmUp, warmUp + count)
    assert.equal(vm.memoryBytes, memoryBytes)
    assert.equal(vm.memoryGrowths, memoryGrowths)
    assert.equal(vm.metricIds, metricIds)
    assert.equal(metricIds, host.metrics.defined, 'each name has one id')
    assert.ok(told(host).counter('fmq.calls.op.~other.topic.~other.group.~other.code.~other.end') > count / 10)
    assert.equal(vm.contexts, 1)
    assert.deepEqual(host.faults, [])
  }).timeout(isLong ? 3_600_000 : 60_000)

  it('grows with the calls that are open at once only, by little for each, and is reused', async () => {
    const { host, vm, plugin } = await startFilter()
    run(plugin, 0, 2_000)
    const before = vm.memoryBytes
    const wave = (seed: number) => {
      const streams = Array.from({ length: 1000 }, (_, index) => {
        const bytes = requests.send({ topic: `orders-${index % 9}`, tag: 'a tag', body: Buffer.alloc(100) })
        const stream = plugin.request({ headers: callHeaders('SendMessage') })
        stream.body(bytes.subarray(0, 20))
        assert.equal(stream.state, 'held')
        return { stream, bytes }
      })
      assert.equal(vm.contexts, 1001)
      const most = vm.memoryBytes
      // 7919 is a prime: every call ends, in another order each time.
      for (let index = 0; index < 1000; index++) {
        const { stream, bytes } = streams[(index * 7919 + seed) % 1000] ?? assert.fail()
        stream.body(bytes.subarray(20), true)
        assert.ok(stream.upstream.ended)
        respond(stream)
        if (index % 3 === 0) stream.reset()
        else stream.end()
      }
      assert.equal(vm.contexts, 1)
      return most
    }
    const first = wave(0)
    assert.ok(first - before < 1000 * 4000 + pageBytes, `${first - before} bytes for a thousand held calls`)
    for (let round = 1; round < 10; round++) assert.equal(wave(round), first, `round ${round}`)
    assert.equal(vm.memoryBytes, first)
    assert.deepEqual(host.faults, [])
  }).timeout(60_000)

  it('is the same after many configurations, accepted and refused, with calls that outlive theirs', async () => {
    const host = await loadFilter()
    const vm = host.startVm()
    const routes = Array.from({ length: 40 }, (_, index) => ({ name: `route-${index}`, when: { topic: [`a-${index}-*`, 'b'] }, cluster: 'west' }))
    const load = (index: number) => {
      const plugin = startPlugin(vm, { ...twoClusters, name: `p${index}`, routes })
      const stream = plugin.request({ headers: callHeaders('QueryRoute') })
      plugin.close()
      stream.body(requests.route('a-7-x'), true)
      assert.equal(stream.upstream.header('x-fmq-route'), 'route-7', 'the call keeps the configuration that it began with')
      stream.end()
      assert.equal(
        vm.startPlugin({ configuration: { ...twoClusters, routes: [...routes, { name: 'route-1', when: {}, cluster: 'nowhere' }] } }).ok,
        false,
      )
      assert.equal(vm.startPlugin({ configuration: '{"version":1,' }).ok, false)
    }
    for (let index = 0; index < 50; index++) load(index)
    const { memoryBytes, metricIds } = vm
    for (let index = 50; index < 400; index++) load(index)
    assert.equal(vm.memoryBytes, memoryBytes)
    assert.equal(vm.metricIds, metricIds)
    assert.deepEqual(host.faults, [])
  }).timeout(60_000)
})
