import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { call, callHeaders, callsNamed, type RunningFilter, startFilter, startPlugin, told, twoClusters, written } from './support/filter.ts'

const timeoutMs = 200
const tickMs = timeoutMs / 4
/** Between what a call is counted by and its telling. */
const tellMs = 500

describe('an Envoy that lets the filter hold headers', () => {
  let now = 1_700_000_000_000
  let filter: RunningFilter
  beforeEach(async () => {
    filter = await startFilter({ hold: { timeout: `${timeoutMs}ms` } }, { clock: () => now })
  })

  it('is watched while a held call has no body yet, four times in a timeout, and left alone when its first body has come', () => {
    const { host, vm, plugin } = filter
    assert.equal(plugin.tickPeriod, 0, 'nothing to watch, no ticks')
    const waiting = plugin.request({ headers: callHeaders('QueryRoute') })
    assert.equal(plugin.tickPeriod, tickMs)
    const next = plugin.request({ headers: callHeaders('QueryRoute') })
    next.body(Buffer.from([0]))
    assert.equal(plugin.tickPeriod, tickMs, 'the other one still waits')
    now += timeoutMs
    assert.equal(vm.tick(), 1)
    assert.equal(plugin.tickPeriod, 0, 'what is known is known for all')
    assert.equal(plugin.request({ headers: callHeaders('QueryRoute') }).state, 'held')
    assert.equal(plugin.tickPeriod, tellMs, 'to tell that there was one')
    assert.equal(waiting.state, 'held')
    assert.deepEqual(host.faults, [])
  })

  it('is not suspected because of a client that is slow with its body, however slow', () => {
    const { host, vm, plugin } = filter
    const stream = plugin.request({ headers: callHeaders('QueryRoute') })
    for (let round = 0; round < 50; round++) {
      now += timeoutMs
      assert.equal(vm.tick(), 1)
    }
    assert.equal(stream.state, 'held')
    stream.body(requests.route('payments'), true)
    assert.equal(written(stream)['cluster'], 'west')
    stream.end()
    assert.equal(host.metrics.counter('fmq.flag_missing'), 0)
    host.tick()
    assert.equal(plugin.tickPeriod, 0)
    assert.deepEqual(host.log, [])
    assert.deepEqual(host.faults, [])
  })

  it('is not watched any more when the last waiting call is gone, whatever way', () => {
    const { host, plugin } = filter
    const ways: readonly ((stream: FilterStream) => void)[] = [
      (stream) => stream.reset(),
      (stream) => {
        stream.trailers([])
        stream.end()
      },
    ]
    for (const end of ways) {
      const streams = [1, 2, 3].map(() => plugin.request({ headers: callHeaders('QueryRoute') }))
      for (const index of [1, 2, 0]) {
        assert.equal(plugin.tickPeriod, tickMs)
        end(streams[index] ?? assert.fail())
      }
      assert.equal(plugin.tickPeriod, tellMs)
      host.tick()
      assert.equal(plugin.tickPeriod, 0)
    }
    assert.deepEqual(host.faults, [])
  })
})

describe('an Envoy without allow_on_headers_stop_iteration', () => {
  let now = 1_700_000_000_000
  let filter: RunningFilter

  async function start(hold: MeshConfig['hold'], changes: Partial<MeshConfig> = {}): Promise<void> {
    filter = await startFilter({ hold: { timeout: `${timeoutMs}ms`, ...hold }, ...changes }, { clock: () => now, allowOnHeadersStopIteration: false })
  }
  const stalled = () => {
    const stream = call(filter.plugin, 'QueryRoute', requests.route('payments'))
    assert.equal(stream.state, 'stalled')
    return stream
  }
  const isFailed = (stream: FilterStream) => {
    assert.equal(stream.localReply?.details, 'fmq_hold_flag')
    assert.equal(stream.localReply?.httpStatus, 503)
    assert.equal(stream.client.header('grpc-status'), '14')
    assert.match(stream.client.header('grpc-message') ?? '', /^mesh: hold\/flag: .*allow_on_headers_stop_iteration: true/)
    assert.equal(stream.upstream.headers, undefined)
  }

  it('is found out by the first call that has waited hold.timeout with its body there, and not a tick earlier', async () => {
    await start({})
    const stream = stalled()
    now += timeoutMs - 1
    filter.vm.tick()
    assert.equal(stream.state, 'stalled')
    now += 1
    filter.vm.tick()
    isFailed(stream)
    assert.equal(filter.plugin.tickPeriod, 0)
    const complaints = filter.host.log.filter(({ level }) => level === 'error').map(({ message }) => message)
    assert.equal(complaints.length, 1)
    assert.match(complaints[0] ?? '', /^feathermq-mesh: this Envoy does not let the filter hold headers.*allow_on_headers_stop_iteration: true/)
    stream.end()
    assert.equal(told(filter.host).counter(callsNamed({ op: 'route', code: 'grpc-14' })), 1)
    assert.deepEqual(filter.host.faults, [])
  })

  it('fails all that wait as their time comes, and every later call at once; the log says so once', async () => {
    await start({ onFlagMissing: 'fail' })
    const early = [stalled(), stalled()]
    now += 150
    const late = stalled()
    now += 50
    filter.vm.tick()
    for (const stream of early) isFailed(stream)
    assert.equal(late.state, 'stalled', 'its time has not come')
    assert.equal(filter.plugin.tickPeriod, tickMs)
    const next = call(filter.plugin, 'QueryRoute', requests.route('payments'))
    isFailed(next)
    now += 150
    filter.vm.tick()
    isFailed(late)
    assert.equal(filter.plugin.tickPeriod, 0)
    for (const stream of [...early, late, next]) stream.end()
    assert.equal(filter.host.log.length, 1)
    assert.equal(filter.host.metrics.counter('fmq.flag_missing'), 4)
    assert.equal(filter.host.metrics.counter('fmq.denied.flag'), 4)
    assert.deepEqual(filter.host.faults, [])
  })

  it('stays known: a client that has sent no body is failed too once another call has shown it', async () => {
    await start({})
    const silent = filter.plugin.request({ headers: callHeaders('QueryRoute') })
    now += timeoutMs
    filter.vm.tick()
    assert.equal(silent.state, 'stalled', 'so far it may be the client')
    const stream = stalled()
    now += timeoutMs
    filter.vm.tick()
    isFailed(stream)
    filter.vm.tick()
    isFailed(silent)
    assert.equal(filter.plugin.tickPeriod, 0)
    assert.deepEqual(filter.host.faults, [])
  })

  it('passes calls to the default cluster where it shall observe, with bodies whole, and counts their facts', async () => {
    await start({ onFlagMissing: 'observe' })
    const streams = [stalled(), stalled()]
    const half = filter.plugin.request({ headers: callHeaders('QueryRoute') })
    half.body(requests.route('payments').subarray(0, 9))
    now += timeoutMs
    filter.vm.tick()
    half.body(requests.route('payments').subarray(9), true)
    const next = call(filter.plugin, 'QueryRoute', requests.route('payments'))
    for (const stream of [...streams, half, next]) {
      assert.deepEqual(written(stream), { op: 'route', cluster: 'east' })
      assert.ok(stream.upstream.ended && stream.upstream.body().equals(requests.route('payments')))
      stream.end()
    }
    assert.equal(filter.host.log.length, 1)
    assert.equal(filter.host.metrics.counter('fmq.flag_missing'), 4)
    filter.host.tick()
    assert.equal(filter.plugin.tickPeriod, 0)
    assert.equal(filter.host.metrics.counter('fmq.denied.flag'), 0)
    assert.equal(told(filter.host).counter(callsNamed({ op: 'route', topic: 'payments' })), 4)
    assert.deepEqual(filter.host.faults, [])
  })

  it('refuses nothing that cannot be read while it observes', async () => {
    await start({ onFlagMissing: 'observe' })
    const compressed = requests.route('payments')
    compressed[0] = 1
    const first = call(filter.plugin, 'QueryRoute', compressed)
    now += timeoutMs
    filter.vm.tick()
    for (const stream of [first, call(filter.plugin, 'QueryRoute', compressed)]) {
      assert.ok(stream.upstream.ended && stream.localReply === undefined)
      stream.end()
    }
    assert.equal(filter.host.metrics.counter('fmq.opaque.compressed'), 2)
    assert.equal(filter.host.metrics.counter('fmq.denied.compressed'), 0)
    assert.deepEqual(filter.host.faults, [])
  })

  it('is no matter for calls that are not held', async () => {
    await start({})
    const first = stalled()
    now += timeoutMs
    filter.vm.tick()
    first.end()
    const heartbeat = call(filter.plugin, 'Heartbeat', requests.heartbeat('billing'))
    const other = call(filter.plugin, '/x.Y/Z', requests.route('payments'))
    const short = filter.plugin.request({ headers: callHeaders('QueryRoute'), endStream: true })
    for (const stream of [heartbeat, other, short]) {
      assert.ok(stream.upstream.ended)
      stream.end()
    }
    assert.deepEqual(filter.host.faults, [])
  })

  it('fails calls when there are routes, and observes when there are none, unless it is told otherwise', async () => {
    for (const [changes, fails] of [
      [{}, true],
      [{ routes: [] }, false],
      [{ routes: undefined }, false],
      [{ hold: { timeout: '200ms', onFlagMissing: 'observe' } }, false],
      [{ hold: { timeout: '200ms', onFlagMissing: 'fail' }, routes: [] }, true],
    ] as const) {
      await start({}, changes)
      const stream = stalled()
      now += timeoutMs
      filter.vm.tick()
      assert.equal(stream.state, fails ? 'answered' : 'open', JSON.stringify(changes))
      stream.end()
      assert.deepEqual(filter.host.faults, [])
    }
  })

  it('is watched for with the timeout of each configuration, and at least ten milliseconds apart', async () => {
    for (const [timeout, tick] of [
      ['10ms', 10],
      ['40ms', 10],
      ['44ms', 11],
      ['1s', 250],
      ['60s', tellMs],
    ] as const) {
      await start({ timeout })
      const stream = stalled()
      assert.equal(filter.plugin.tickPeriod, tick)
      filter.vm.tick()
      assert.equal(filter.plugin.tickPeriod, timeout === '60s' ? 15_000 : tick, 'once all is told')
      stream.reset()
      assert.equal(filter.plugin.tickPeriod, tellMs)
    }
  })

  it('is found out for each plugin of a VM by itself', async () => {
    await start({})
    const other = startPlugin(filter.vm, { ...twoClusters, name: 'other', hold: { timeout: '1s', onFlagMissing: 'observe' } })
    const [ours, theirs] = [stalled(), call(other, 'QueryRoute', requests.route('payments'))]
    assert.deepEqual([filter.plugin.tickPeriod, other.tickPeriod], [tickMs, 250])
    now += timeoutMs
    filter.vm.tick()
    isFailed(ours)
    assert.equal(theirs.state, 'stalled')
    assert.deepEqual([filter.plugin.tickPeriod, other.tickPeriod], [0, 250])
    now += 800
    filter.plugin.tick()
    assert.equal(theirs.state, 'stalled', "a plugin's tick is for its own calls")
    filter.vm.tick()
    assert.deepEqual(written(theirs), { op: 'route', cluster: 'east' })
    assert.equal(other.tickPeriod, 0)
    assert.equal(filter.host.log.length, 2)
    for (const stream of [ours, theirs]) stream.end()
    assert.deepEqual(filter.host.faults, [])
  })

  it('is forgotten with the client that gives up: no tick, no answer', async () => {
    await start({})
    const stream = stalled()
    stream.reset()
    now += timeoutMs
    assert.equal(filter.plugin.tickPeriod, tellMs)
    assert.equal(told(filter.host).counter(callsNamed({ op: 'route' })), 1)
    assert.equal(filter.plugin.tickPeriod, 0)
    assert.deepEqual(filter.host.faults, [])
  })
})
