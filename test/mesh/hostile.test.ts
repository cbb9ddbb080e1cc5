import assert from 'node:assert/strict'
import fc from 'fast-check'
import { after, before, describe, it } from 'mocha'
import { oddRequest } from '../support/filter/odd-requests.ts'
import { oracleFacts, topicNames } from '../support/filter/oracle.ts'
import { requests } from '../support/filter/requests.ts'
import { isLong, givenSeed as seed } from '../support/random.ts'
import { requireEnvoy } from './support/envoy.ts'
import { type Mesh, startMesh, twoClusters } from './support/mesh.ts'
import { callOddly } from './support/odd-calls.ts'

const count = isLong ? 50_000 : 1000

describe('a real Envoy with the filter, under damaged and unusual requests', () => {
  let mesh: Mesh
  before(async function () {
    mesh = await startMesh(await requireEnvoy(this), { ...twoClusters, name: 'hostile' }, { accessLog: false })
  })
  after(() => mesh?.stop())

  it(`takes ${count} of them (FEATHERMQ_SEED=${seed}) without a trap or a hang, and what it says of a call is what protobufjs reads in it`, async () => {
    const odd = fc.sample(oddRequest, { numRuns: count, seed })
    const ends = await callOddly(mesh.client, odd)

    const upstream = new Map([...mesh.broker('east').calls, ...mesh.broker('west').calls].map((call) => [Number(call.headers['x-odd']), call]))
    let denied = 0
    let compared = 0
    for (const [index, { method, bytes }] of odd.entries()) {
      const end = ends[index]
      const call = upstream.get(index)
      const about = `request ${index} of seed ${seed}, ${method} ${bytes.toString('hex')}`
      if (end?.status !== 0) {
        denied++
        assert.notEqual(end?.status, undefined, about)
        assert.ok(call === undefined || !call.isComplete, `${about}: refused, but the broker has all of it`)
        continue
      }
      assert.ok(call?.isComplete && call.bytes.equals(bytes), `${about}: the broker has other bytes`)
      const facts = oracleFacts(method, bytes)
      // What protobufjs cannot read, because of a part that the filter has no interest in, the broker refuses by itself.
      if (facts === undefined) continue
      compared++
      const { topic, group, tag, messageGroup, broker } = facts
      const [tagSaid, groupSaid] = ['tag', 'message-group'].map((name) => decodeURIComponent(call.fact(name) ?? ''))
      const said = [call.fact('topic') ?? '', call.fact('group') ?? '', tagSaid, groupSaid, call.fact('broker') ?? '']
      assert.deepEqual(said, [topic, group, tag, messageGroup, broker], about)
      const isPayment = topicNames(facts).some((name) => name === 'payments' || name.startsWith('payments-'))
      assert.equal(mesh.broker('west').calls.includes(call), isPayment, about)
    }
    assert.ok(compared > count / 10, `only ${compared} of ${count} could be compared`)
    assert.ok(denied > count / 10, `only ${denied} of ${count} were refused`)

    const metrics = await mesh.metrics()
    const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
    assert.equal(sum(metrics.opaque.values()), denied, 'every refused call is counted with its reason')
    assert.equal(sum(metrics.calls.map((call) => call.count)), count, 'every call is counted once')
    const vm = await (await fetch(`${mesh.envoy.adminUrl}/stats?filter=${encodeURIComponent('vm_reload|wasm.*active')}`)).text()
    assert.doesNotMatch(vm, /vm_reload\w*: [1-9]/, 'no VM had to be replaced')
    assert.doesNotMatch(mesh.envoy.log(), /wasm log critical|Function: \w+ failed|Uncaught RuntimeError/)

    const after = await mesh.client.call('SendMessage', requests.send({ topic: 'payments' }))
    assert.equal(after.status, 0, after.message)
  }).timeout(isLong ? 3_600_000 : 60_000)
})
