import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { Plugin } from '@feathermq/mesh-filter/host'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { call, callHeaders, startFilter, written } from './support/filter.ts'
import { callOf, handle, text } from './support/messages.ts'

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

describe('the name of a route', () => {
  it('becomes a header, unless the configuration says that nobody reads it', async () => {
    for (const [headers, expected] of [
      [undefined, { cluster: 'west', route: 'payments' }],
      [{}, { cluster: 'west', route: 'payments' }],
      [{ route: true }, { cluster: 'west', route: 'payments' }],
      [{ route: false }, { cluster: 'west' }],
    ] as const) {
      const { plugin } = await startFilter({ headers })
      assert.deepEqual(written(call(plugin, 'SendMessage', requests.send({ topic: 'payments' }))), expected)
    }
  })

  it('is none of a client’s, also where it is not written', async () => {
    const { plugin } = await startFilter({ headers: { route: false } })
    const stream = plugin.request({ headers: callHeaders('SendMessage', [['x-fmq-route', 'forged']]) })
    stream.body(requests.send({ topic: 'payments' }), true)
    assert.deepEqual(written(stream), { cluster: 'west' })
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
