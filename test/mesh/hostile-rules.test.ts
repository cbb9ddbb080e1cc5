import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import fc from 'fast-check'
import { after, before, describe, it } from 'mocha'
import { forbidding, isForbidden } from '../support/filter/forbidden.ts'
import { oddRequest } from '../support/filter/odd-requests.ts'
import { isLong, givenSeed as seed } from '../support/random.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh } from './support/mesh.ts'
import { callOddly } from './support/odd-calls.ts'

const count = isLong ? 50_000 : 1000

const config: MeshConfig = {
  version: 1,
  name: 'hostile-rules',
  mode: 'route',
  direction: 'gateway',
  clusters: { default: 'east', allow: ['east', 'west'] },
  headers: { facts: ['op', 'topic'], responseCode: true },
  routes: [{ name: 'split', when: { topic: 'orders*' }, split: { east: 1, west: 1 }, sticky: 'messageGroup', hash: 'topic' }],
  affinity: { broker: { 'b.*': 'west' }, client: true, onMixedBatch: 'deny' },
  reject: { style: 'native' },
  ...forbidding,
}

describe('a real Envoy with rules, under damaged and unusual requests', () => {
  let mesh: Mesh
  let control: Mesh
  before(async function () {
    const envoy = await requireEnvoy(this)
    mesh = await startMesh(envoy, config, { accessLog: false })
    control = await startMesh(
      envoy,
      { version: 1, name: 'control', mode: 'observe', clusters: { default: 'east', allow: ['east'] } },
      { accessLog: false },
    )
  })
  after(async () => {
    await mesh?.stop()
    await control?.stop()
  })

  it(`gives a broker none of ${count} of them whole that it would read as forbidden (FEATHERMQ_SEED=${seed}), where one without rules gives all`, async () => {
    const odd = fc.sample(oddRequest, { numRuns: count, seed })
    const ends = await callOddly(mesh.client, odd)
    await callOddly(control.client, odd)
    const whole = (names: readonly string[], from: Mesh) =>
      new Set(names.flatMap((name) => from.broker(name).calls.filter(({ isComplete }) => isComplete)).map(({ headers }) => Number(headers['x-odd'])))
    const arrived = whole(['east', 'west'], mesh)
    const withoutRules = whole(['east'], control)
    let forbidden = 0
    for (const [index, { method, bytes }] of odd.entries()) {
      const about = `request ${index} of seed ${seed}, ${method} ${bytes.toString('hex')}`
      assert.notEqual(ends[index]?.status, undefined, `${about}: no answer`)
      if (!isForbidden(method, bytes)) continue
      forbidden++
      assert.ok(!arrived.has(index), `${about}: forbidden, and the broker has it`)
      assert.ok(withoutRules.has(index), about)
    }
    assert.ok(forbidden > count / 50, `only ${forbidden} of ${count} were forbidden`)
    assert.ok(arrived.size > count / 20, `only ${arrived.size} of ${count} arrived`)
    const vm = await (await fetch(`${mesh.envoy.adminUrl}/stats?filter=vm_reload`)).text()
    assert.doesNotMatch(vm, /vm_reload\w*: [1-9]/, 'no VM had to be replaced')
    assert.doesNotMatch(mesh.envoy.log(), /wasm log critical|Function: \w+ failed|Uncaught RuntimeError/)
  }).timeout(isLong ? 3_600_000 : 60_000)
})
