import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin, WasmHost } from '@feathermq/mesh-filter/host'
import { before, describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited } from '../support/filter/wire.ts'
import { Random } from '../support/random.ts'
import { call, callHeaders, loadFilter, startPlugin, told, twoClusters, written } from './support/filter.ts'

describe('several configurations in one VM', () => {
  const topics = ['a', 'b', 'c', 'no name'] as const
  const bodies = [0, 300] as const

  /** Everything that a configuration has a say in, of one call of each kind. */
  function behaviour(plugin: Plugin, host: WasmHost, topic: string, padding: number): unknown {
    const counters = () => new Map(told(host).counters())
    const before = counters()
    const bytes = frame(Uint8Array.from([...delimited(9, Buffer.alloc(padding)), ...delimited(1, delimited(2, Buffer.from(topic)))]))
    const stream = call(plugin, 'QueryRoute', bytes)
    const { upstream, localReply, filterState } = stream
    const seen = { said: written(stream), ended: upstream.ended, reply: localReply?.details, state: [...filterState] }
    stream.end()
    const counted = [...counters()].filter(([name, value]) => value !== before.get(name)).map(([name]) => name)
    return { ...seen, counted: counted.toSorted() }
  }

  const configs: readonly MeshConfig[] = [
    { ...twoClusters, name: 'one', routes: [{ name: 'a-west', when: { topic: 'a' }, cluster: 'west' }] },
    { ...twoClusters, name: 'two', routes: [{ name: 'b-west', when: { topic: ['b', 'c'] }, cluster: 'west' }], headers: { facts: ['topic'] } },
    { ...twoClusters, name: 'three', clusters: { default: 'west', allow: ['east', 'west'] }, opaque: 'default', metrics: { labels: ['op'] } },
    { ...twoClusters, name: 'four', hold: { maxBytes: 100, onExhausted: 'default' }, headers: undefined },
    { ...twoClusters, name: 'five', hold: { maxBytes: 100 }, metrics: { labels: ['topic', 'code'] } },
    { version: 1, name: 'six', mode: 'observe' },
  ]
  let alone: ReadonlyMap<string, unknown>
  before(async () => {
    const found = new Map<string, unknown>()
    for (const config of configs) {
      for (const topic of topics) {
        for (const padding of bodies) {
          const host = await loadFilter()
          found.set(`${config.name} ${topic} ${padding}`, behaviour(startPlugin(host.startVm(), config), host, topic, padding))
        }
      }
    }
    alone = found
  })

  it('do not mix: each call is treated as if its configuration were alone, in any order', async () => {
    const host = await loadFilter()
    const vm = host.startVm()
    const plugins = configs.map((config) => startPlugin(vm, config))
    assert.ok(new Set([...alone.values()].map((value) => JSON.stringify(value))).size > 20, 'they differ')
    const random = new Random(20)
    for (let round = 0; round < 2000; round++) {
      const plugin = plugins[random.below(plugins.length)] ?? assert.fail()
      const [topic, padding] = [random.pick(topics), random.pick(bodies)]
      assert.deepEqual(behaviour(plugin, host, topic, padding), alone.get(`${plugin.name} ${topic} ${padding}`), `${plugin.name} ${topic} ${padding}`)
    }
    assert.deepEqual(host.faults, [])
  })

  it('do not mix when their calls are open at the same time', async () => {
    const host = await loadFilter()
    const vm = host.startVm()
    const [one, two] = [startPlugin(vm, configs[0] ?? assert.fail()), startPlugin(vm, configs[1] ?? assert.fail())]
    const open: { readonly stream: FilterStream; readonly bytes: Buffer; readonly expected: object }[] = []
    for (let round = 0; round < 50; round++) {
      for (const [plugin, topic, expected] of [
        [one, 'a', { op: 'route', topic: 'a', cluster: 'west', route: 'a-west' }],
        [two, 'a', { topic: 'a', cluster: 'east' }],
        [one, 'b', { op: 'route', topic: 'b', cluster: 'east' }],
        [two, 'b', { topic: 'b', cluster: 'west', route: 'b-west' }],
      ] as const) {
        const bytes = requests.route(topic)
        const stream = plugin.request({ headers: callHeaders('QueryRoute') })
        stream.body(bytes.subarray(0, round % bytes.length))
        open.push({ stream, bytes: bytes.subarray(round % bytes.length), expected })
      }
    }
    for (const { stream, bytes, expected } of open.toReversed()) {
      stream.body(bytes, true)
      assert.deepEqual(written(stream), expected)
      stream.end()
    }
    assert.deepEqual(host.faults, [])
  })

  it('follow each other: new calls go by the new one, old calls end with the old one, and a refused one changes nothing', async () => {
    const host = await loadFilter()
    const vm = host.startVm()
    const route = (cluster: string): MeshConfig => ({ ...twoClusters, routes: [{ name: `to-${cluster}`, when: { topic: '*' }, cluster }] })
    let plugin = startPlugin(vm, route('west'))
    const begin = () => {
      const stream = plugin.request({ headers: callHeaders('QueryRoute') })
      stream.body(requests.route('t').subarray(0, 6))
      return stream
    }
    const finish = (stream: FilterStream) => {
      stream.body(requests.route('t').subarray(6), true)
      stream.end()
      return written(stream)['route']
    }
    for (let round = 0; round < 20; round++) {
      const [oldName, newName] = round % 2 === 0 ? ['west', 'east'] : ['east', 'west']
      const early = [begin(), begin(), begin()] as const
      assert.equal(vm.startPlugin({ configuration: { ...route('east'), routes: [{ name: 'r', when: {}, cluster: 'nowhere' }] } }).ok, false)
      assert.equal(finish(early[0]), `to-${oldName}`)
      const successor = startPlugin(vm, route(newName))
      plugin.close()
      assert.equal(finish(early[1]), `to-${oldName}`, 'it began before')
      plugin = successor
      assert.equal(finish(begin()), `to-${newName}`)
      assert.equal(finish(early[2]), `to-${oldName}`)
    }
    assert.deepEqual(host.faults, [])
  })
})
