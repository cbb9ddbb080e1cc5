import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { metricType, status } from './codes.ts'
import { cell, Script } from './test-kit/puppet.ts'
import { stage } from './test-kit/puppet-plugin.ts'
import { callHeaders } from './test-kit/requests.ts'

const frame = { headers: callHeaders('SendMessage'), endStream: true }

describe('contexts', () => {
  it('have ids of their own, and none is used again while it is in use', async () => {
    const { plugin, vm } = await stage(() => {})
    const streams = Array.from({ length: 5 }, () => plugin.request(frame))
    assert.equal(new Set(streams.map(({ id }) => id)).size, 5)
    assert.equal(vm.contexts, 6)
    for (const stream of streams) stream.end()
    assert.equal(vm.contexts, 1)
  })

  it('are told of themselves before anything else, with the root context as parent', async () => {
    const { plugin, texts } = await stage((script) =>
      script
        .on('context_create', 'proxy_log', 2, ...script.text('create'))
        .on('request_headers', 'proxy_log', 2, ...script.text('headers'))
        .on('log', 'proxy_log', 2, ...script.text('log'))
        .on('done', 'proxy_log', 2, ...script.text('done'))
        .on('delete', 'proxy_log', 2, ...script.text('delete')),
    )
    plugin.request(frame).end()
    assert.deepEqual(texts(), ['create', 'headers', 'log', 'done', 'delete'])
  })

  it('can be borrowed until the callback ends, and not when they are gone', async () => {
    const { plugin, answers } = await stage((script) =>
      script
        .on('tick', 'proxy_set_property', ...script.text('a'), ...script.text('1'))
        .on('tick', 'proxy_set_effective_context', 2)
        .on('tick', 'proxy_set_property', ...script.text('a'), ...script.text('2'))
        .on('tick', 'proxy_set_effective_context', 0)
        .on('tick', 'proxy_set_property', ...script.text('a'), ...script.text('3')),
    )
    const stream = plugin.request(frame)
    plugin.tick()
    assert.deepEqual(answers(), [status.notFound, 0, 0, 0, status.notFound])
    assert.equal(stream.filterState.get('a'), '2')
    stream.end()
    plugin.tick()
    assert.equal(answers()[1], status.badArgument)
  })
})

describe('plugins of one VM', () => {
  it('share its memory and its crash', async () => {
    const { plugin, vm } = await stage(() => {})
    const other = vm.startPlugin({ name: 'other', configuration: new Script().on('request_headers', 'trap').configuration })
    // The puppet keeps its script in a global, as no filter should: both plugins have the last one.
    assert.equal(plugin.request(frame).localReply?.httpStatus, 503)
    assert.equal(other.request(frame).localReply?.httpStatus, 503)
  })

  it('tick when they want to, until they go', async () => {
    const { plugin, vm, texts } = await stage((script) =>
      script
        .on('request_headers', 'proxy_set_tick_period_milliseconds', 250)
        .on('request_body', 'proxy_set_tick_period_milliseconds', 0)
        .on('tick', 'proxy_log', 2, ...script.text('tick')),
    )
    assert.equal(vm.tick(), 0)
    const stream = plugin.request({ headers: frame.headers })
    assert.equal(plugin.tickPeriod, 250)
    assert.equal(vm.tick(), 1)
    stream.body(Buffer.from('a'))
    assert.equal(vm.tick(), 0)
    assert.deepEqual(texts(), ['tick'])
  })

  it('go with their last call when their configuration is withdrawn', async () => {
    const { plugin, vm, texts } = await stage((script) => script.on('delete', 'proxy_log', 2, ...script.text('delete')))
    const stream = plugin.request(frame)
    plugin.close()
    assert.throws(() => plugin.request(frame), /is closed/)
    assert.equal(vm.contexts, 2)
    stream.end()
    assert.equal(vm.contexts, 0)
    assert.deepEqual(texts(), ['delete', 'delete'])
    vm.reload()
    assert.equal(vm.contexts, 0)
  })

  it('go later when they answer 0 to proxy_on_done, and say so with proxy_done', async () => {
    const { plugin, vm, answers, host } = await stage((script) => script.on('done', 'return', 0).on('request_headers', 'proxy_done'))
    const helper = vm.startPlugin({ name: 'helper', configuration: new Script().on('done', 'return', 0).on('tick', 'proxy_done').configuration })
    helper.tick()
    assert.deepEqual(answers(), [status.notFound], 'nobody has asked it to go')
    helper.close()
    assert.equal(vm.contexts, 2)
    helper.tick()
    assert.deepEqual(answers(), [status.ok])
    assert.equal(vm.contexts, 1)
    assert.equal(plugin.isClosed, false)
    assert.deepEqual(host.faults, [])
  })
})

describe('metrics', () => {
  it('have a new id for every definition, and one value for a name, over all VMs of the host', async () => {
    const { plugin, host, vm, answers, faultKinds } = await stage((script) => {
      for (const type of [metricType.counter, metricType.counter, metricType.gauge, metricType.histogram]) {
        script.on('configure', 'proxy_define_metric', type, ...script.text('a'), cell)
      }
      script
        .on('request_headers', 'increment_metric', 4, 2)
        .on('request_headers', 'increment_metric', 8, 3)
        .on('request_headers', 'record_metric', 5, 7)
        .on('request_headers', 'increment_metric', 5, -2)
        .on('request_headers', 'record_metric', 6, 9)
        .on('request_headers', 'proxy_get_metric', 4, cell)
    })
    answers()
    plugin.request(frame)
    assert.deepEqual(answers(), [0, 0, 0, 0, 0, 0])
    assert.equal(vm.metricIds, 4)
    assert.equal(host.metrics.counter('a'), 5)
    assert.equal(host.metrics.gauge('a'), 5)
    assert.deepEqual(host.metrics.histogram('a'), [9])
    assert.deepEqual([...host.metrics.counters()], [['a', 5]])
    const script = new Script()
    script.on('configure', 'proxy_define_metric', metricType.counter, ...script.text('a'), cell).on('request_headers', 'increment_metric', 4, 1)
    host.startVm().startPlugin({ configuration: script.configuration }).request(frame)
    assert.equal(host.metrics.counter('a'), 6)
    assert.equal(host.metrics.defined, 3)
    assert.deepEqual(faultKinds(), [])
  })

  it('refuse ids that nobody defined, counters that do not grow, and histograms that are incremented', async () => {
    const { plugin, answers, faultKinds } = await stage((script) =>
      script
        .on('configure', 'proxy_define_metric', metricType.counter, ...script.text('a'), cell)
        .on('configure', 'proxy_define_metric', metricType.histogram, ...script.text('b'), cell)
        .on('request_headers', 'increment_metric', 8, 1)
        .on('request_headers', 'record_metric', 8, 1)
        .on('request_headers', 'proxy_get_metric', 8, cell)
        .on('request_headers', 'increment_metric', 4, 0)
        .on('request_headers', 'increment_metric', 6, 1)
        .on('request_headers', 'proxy_get_metric', 6, cell),
    )
    answers()
    plugin.request(frame)
    const { notFound, badArgument } = status
    assert.deepEqual(answers(), [notFound, notFound, notFound, badArgument, badArgument, badArgument])
    assert.deepEqual(
      faultKinds(),
      Array.from({ length: 6 }, () => 'argument'),
    )
  })
})

describe('shared data', () => {
  it('belong to all VMs of an id, and change by compare-and-swap', async () => {
    const { plugin, host, answers, texts, faultKinds } = await stage((script) => {
      const key = script.text('k')
      script
        .on('request_headers', 'proxy_get_shared_data', ...key, cell, cell + 4, cell + 8)
        .on('request_headers', 'proxy_set_shared_data', ...key, ...script.text('one'), 0)
        .on('request_headers', 'proxy_set_shared_data', ...key, ...script.text('two'), 1)
        .on('request_headers', 'proxy_set_shared_data', ...key, ...script.text('three'), 1)
        .on('request_headers', 'proxy_set_shared_data', ...key, ...script.text('four'), 0)
        .on('request_headers', 'proxy_get_shared_data', ...key, cell, cell + 4, cell + 8)
        .on('request_headers', 'log_answer')
    })
    plugin.request(frame)
    assert.deepEqual(answers(), [status.notFound, 0, 0, status.casMismatch, 0, 0])
    assert.deepEqual(texts(), ['four'])
    const script = new Script()
    script.on('request_headers', 'proxy_get_shared_data', ...script.text('k'), cell, cell + 4, cell + 8)
    host.startVm().startPlugin({ configuration: script.configuration }).request(frame)
    host.startVm({ vmId: 'other' }).startPlugin({ configuration: script.configuration }).request(frame)
    assert.deepEqual(answers(), [0, status.notFound])
    assert.deepEqual(faultKinds(), [])
  })
})

describe('properties', () => {
  it('are those of the call, of the plugin, of the filter itself, and of the test', async () => {
    const { plugin, texts, answers } = await stage(
      (script) => {
        script.on('request_headers', 'proxy_set_property', ...script.text('mine'), ...script.text('1'))
        for (const path of ['request\0path', 'request\0headers\0te', 'plugin_name', 'mine', 'xds\0route_name', 'xds\0flag\0', 'request\0id']) {
          script.on('request_headers', 'proxy_get_property', ...script.text(path), cell, cell + 4).on('request_headers', 'log_answer')
        }
      },
      { properties: { 'xds.route_name': 'default', 'xds.flag': true } },
    )
    plugin.request(frame)
    assert.deepEqual(texts().slice(0, 6), ['/apache.rocketmq.v2.MessagingService/SendMessage', 'trailers', 'test', '1', 'default', '\x01'])
    assert.deepEqual(answers(), [0, 0, 0, 0, 0, 0, 0, status.notFound])
  })
})

describe('the clock', () => {
  it("is the test's", async () => {
    let now = 1_700_000_000_000
    const { plugin, texts } = await stage(
      (script) =>
        script
          .on('request_headers', 'proxy_get_current_time_nanoseconds', cell + 16)
          .on('request_headers', 'clock_time_get', 0, cell + 24)
          .on('request_headers', 'store', cell, cell + 16)
          .on('request_headers', 'store', cell + 4, 16)
          .on('request_headers', 'log_answer'),
      { clock: () => now },
    )
    const expected = (ms: number) => {
      const bytes = Buffer.alloc(16)
      bytes.writeBigUInt64LE(BigInt(ms) * 1_000_000n, 0)
      bytes.writeBigUInt64LE(BigInt(ms) * 1_000_000n, 8)
      return bytes.toString('utf8')
    }
    plugin.request(frame)
    now += 5
    plugin.request(frame)
    assert.deepEqual(texts(), [expected(now - 5), expected(now)])
  })
})
