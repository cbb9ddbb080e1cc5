import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { Plugin } from '@feathermq/mesh-filter/host'
import { describe, it } from 'mocha'
import { forbidding, isForbidden } from '../support/filter/forbidden.ts'
import { frame } from '../support/filter/frames.ts'
import { isLong, Random, givenSeed as seed } from '../support/random.ts'
import { callHeaders, loadFilter, startPlugin } from './support/filter.ts'
import { cutAnywhere, damaged, oddRequests } from './support/odd-calls.ts'
import { completeConfig } from './support/odd-configs.ts'
import { operations } from './support/operations.ts'

const count = isLong ? 1_000_000 : 50_000

/** Every section there is, with rules that have something against a part of the odd requests. */
const everything = {
  ...JSON.parse(JSON.stringify(completeConfig)),
  $schema: undefined,
  hold: { maxBytes: 300 },
  routes: [
    { name: 'p', when: { topic: 'payments*' }, split: { east: 1, west: 1 }, sticky: 'messageGroup', hash: 'client', subset: { pool: 'a' } },
    { name: 'b', when: { broker: 'b.*' }, unless: { tag: 'a' }, cluster: 'west' },
  ],
  ...forbidding,
  faults: [
    { name: 'throttle', when: { op: 'send', topic: 'orders' }, fraction: 0.02, code: 42900 },
    { name: 'slow', when: { op: 'receive' }, fraction: 0.2, delay: '2s' },
  ],
} as const satisfies object
/** Without the sections that change bodies. */
const untouched = { lanes: undefined, endpoints: undefined, trace: undefined, headers: { facts: ['op', 'topic', 'tag'], responseCode: true } }

describe('the filter with every section on, under damaged and unusual requests', () => {
  it(`lets none of ${count} of them by that a broker would read as forbidden (FEATHERMQ_SEED=${seed}), and never traps`, async () => {
    const host = await loadFilter({ properties: { 'connection.uri_san_peer_certificate': 'spiffe://prod/ns/lab/b' } })
    const vm = host.startVm()
    const start = (name: string, changes: object): Plugin => startPlugin(vm, { ...everything, ...changes, name } as unknown as MeshConfig)
    const plugins = [
      start('native', untouched),
      start('plain', {
        reject: { style: 'plain' },
        affinity: { broker: { 'b*': 'west' }, client: true, onMixedBatch: 'deny' },
        faults: [],
        ...untouched,
      }),
      start('wide', { hold: { maxBytes: 40_000 }, ...untouched }),
      start('unrouted', { ...untouched, routes: [], affinity: undefined, headers: undefined }),
      start('changing', {}),
    ] as const
    const watching = start('watching', { mode: 'observe', reject: { style: 'plain' }, faults: [], ...untouched })
    const random = new Random(seed)
    const seen = { forbidden: 0, refused: 0, passed: 0, native: 0 }
    let index = 0
    for (const { method, bytes } of oddRequests(count, seed, random)) {
      const observes = random.oneIn(6)
      const plugin = observes ? watching : random.pick(plugins)
      const pieces = cutAnywhere(bytes, random)
      const about = `request ${index++} of seed ${seed}, ${plugin.name}: ${method} ${pieces.map((piece) => Buffer.from(piece).toString('hex')).join('|')}`
      const stream = plugin.request({ headers: callHeaders(method, [['x-mq-client-id', 'a client']]) })
      for (const [at, piece] of pieces.entries()) if (stream.state !== 'answered') stream.body(piece, at === pieces.length - 1)
      const native = stream.upstream.header('x-fmq-reject') !== undefined
      const passed = stream.upstream.body()
      if (stream.state === 'answered') {
        seen.refused++
        assert.ok(!stream.upstream.ended && (plugin.name === 'changing' || passed.equals(bytes.subarray(0, passed.length))), about)
        assert.ok(!observes, `${about}: refused by who only watches`)
      } else if (native) {
        seen.native++
        assert.ok(!observes, about)
      } else {
        seen.passed++
        assert.equal(stream.state, 'open', `${about}: neither let go nor answered`)
        assert.ok(stream.upstream.ended && (plugin.name === 'changing' || passed.equals(bytes)), `${about}: other bytes went on`)
      }
      if (isForbidden(method, bytes)) {
        seen.forbidden++
        assert.ok(observes || native || !stream.upstream.ended, `${about}: forbidden, and let by`)
      }
      if (random.oneIn(8)) stream.reset()
      else stream.end()
      if (host.faults.length > 0) assert.deepEqual(host.faults, [], about)
    }
    assert.equal(vm.failure, undefined)
    assert.equal(vm.contexts, plugins.length + 1, 'nothing but the plugins is left')
    for (const [what, number] of Object.entries(seen)) assert.ok(number > count / 50, `${what}: ${JSON.stringify(seen)}`)
  }).timeout(isLong ? 3_600_000 : 120_000)

  it(`neither traps nor stalls under damaged requests of every operation: ${count} of them, in several frames, with every ending (FEATHERMQ_SEED=${seed})`, async () => {
    const host = await loadFilter({ properties: { 'connection.uri_san_peer_certificate': 'spiffe://prod/ns/lab/b' } })
    const vm = host.startVm()
    const plugins = [
      startPlugin(vm, { ...everything, name: 'all' } as unknown as MeshConfig),
      startPlugin(vm, { ...everything, name: 'strict', acl: { default: 'deny' }, faults: [], reject: { style: 'plain' } } as unknown as MeshConfig),
      startPlugin(vm, { ...everything, name: 'watching', mode: 'observe', reject: { style: 'plain' }, faults: [] } as unknown as MeshConfig),
    ] as const
    const random = new Random(seed)
    const names = ['orders', 'payments', 'created', 'b.1', 'gold-1', ''] as const
    for (let index = 0; index < count; index++) {
      const { method, encode } = operations[index % operations.length] ?? assert.fail()
      const name = () => random.pick(names)
      const sound = frame(encode({ topic: name(), group: name(), tag: name(), messageGroup: name(), broker: name() }))
      // A Telemetry stream has many frames; anything else has no business with a second one.
      const bytes = Buffer.concat([...(random.oneIn(3) ? [sound] : []), damaged(sound, random)])
      const plugin = random.pick(plugins)
      const about = `request ${index} of seed ${seed}, ${plugin.name}: ${method} ${bytes.toString('hex')}`
      const endStream = random.oneIn(50)
      const stream = plugin.request({ headers: callHeaders(method, [['x-mq-client-id', name()]]), endStream })
      const isOpen = () => stream.state !== 'answered' && !endStream
      for (const piece of cutAnywhere(bytes, random)) if (isOpen()) stream.body(piece)
      if (isOpen() && random.oneIn(2)) stream.trailers([['x-trailer', '1']])
      else if (isOpen()) stream.body(Buffer.alloc(0), true)
      assert.notEqual(stream.state, 'held', `${about}: nothing will ever let it go`)
      if (random.oneIn(4)) stream.reset()
      else stream.end()
      if (host.faults.length > 0) assert.deepEqual(host.faults, [], about)
    }
    assert.equal(vm.failure, undefined)
    assert.equal(vm.contexts, plugins.length)
  }).timeout(isLong ? 3_600_000 : 120_000)
})
