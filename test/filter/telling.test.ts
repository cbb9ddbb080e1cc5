import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { call, callHeaders, callsNamed, startFilter, startPlugin, twoClusters } from './support/filter.ts'

const tellMs = 500
const one = callsNamed({ op: 'route', topic: 'payments' })
const other = callsNamed({ op: 'route', topic: 'orders' })

describe('what every call counts', () => {
  it('is told twice a second, all at once, and not a tick comes when there is nothing to tell', async () => {
    const { host, vm, plugin } = await startFilter()
    const route = (topic: string) => call(plugin, 'QueryRoute', requests.route(topic)).end()
    assert.equal(plugin.tickPeriod, 0)
    for (const topic of ['payments', 'orders']) route(topic)
    assert.equal(host.tick(), 1)
    assert.deepEqual([plugin.tickPeriod, host.tick()], [0, 0])
    for (let index = 0; index < 30; index++) route(index % 3 === 0 ? 'orders' : 'payments')
    assert.deepEqual(
      ['fmq.held', one, other].map((name) => host.metrics.counter(name)),
      [2, 1, 1],
    )
    assert.equal(plugin.tickPeriod, tellMs)
    const before = vm.hostCalls
    assert.equal(host.tick(), 1)
    assert.deepEqual(
      ['fmq.held', one, other].map((name) => host.metrics.counter(name)),
      [32, 21, 11],
    )
    assert.equal(vm.hostCalls - before, 5, 'three counters, the time, and the end of the ticks')
    assert.equal(plugin.tickPeriod, 0)
    assert.deepEqual(host.faults, [])
  })

  it('is told of a configuration that is withdrawn, of calls that outlive it too', async () => {
    const { host, vm, plugin } = await startFilter()
    call(plugin, 'QueryRoute', requests.route('payments')).end()
    const late = plugin.request({ headers: callHeaders('QueryRoute') })
    plugin.close()
    late.body(requests.route('orders'), true)
    assert.equal(host.metrics.counter(other), 0)
    late.end()
    assert.deepEqual(
      ['fmq.held', one, other].map((name) => host.metrics.counter(name)),
      [2, 1, 1],
    )
    assert.deepEqual([vm.contexts, host.tick()], [0, 0])
    assert.deepEqual(host.faults, [])
  })

  it('is told when another configuration comes to the VM, and by the ticks of either', async () => {
    const { host, vm, plugin } = await startFilter()
    call(plugin, 'QueryRoute', requests.route('payments')).end()
    const second = startPlugin(vm, { ...twoClusters, name: 'second' })
    assert.equal(host.metrics.counter(one), 1)
    for (const each of [plugin, second]) call(each, 'QueryRoute', requests.route('payments')).end()
    second.tick()
    assert.equal(host.metrics.counter(one), 3, "a VM's metrics are those of all its configurations")
    call(second, 'QueryRoute', requests.route('orders')).end()
    plugin.close()
    assert.deepEqual([host.metrics.counter(other), second.tickPeriod], [1, tellMs])
    assert.equal(host.tick(), 1)
    assert.equal(second.tickPeriod, 0)
    call(second, 'QueryRoute', requests.route('orders')).end()
    assert.equal(host.tick(), 1)
    assert.equal(host.metrics.counter(other), 2)
    assert.deepEqual(host.faults, [])
  })
})
