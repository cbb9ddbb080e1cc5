import assert from 'node:assert/strict'
import { type MeshConfig, validateConfig } from '@feathermq/mesh-filter'
import type { FilterStream } from '@feathermq/mesh-filter/host'
import { decodeSendMessageResponse } from '@feathermq/protocol'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { isLong, Random, givenSeed as seed } from '../support/random.ts'
import { anyCall, anyConfig, methods, peers, requestOf } from './support/decision-cases.ts'
import { type Decision, decide, type ModelCall } from './support/decision-model.ts'
import { callHeaders, loadFilter, startPlugin, written } from './support/filter.ts'
import { cutAnywhere } from './support/odd-calls.ts'

const configs = isLong ? 20_000 : 500
const callsPerConfig = 25
const nowMs = 1_700_000_000_123

/** What the filter did, in the words of the model. */
function seen(stream: FilterStream, native: boolean): Omit<Decision, 'shadows'> {
  const rule = stream.filterState.get('fmq.rule')
  if (stream.state === 'answered') {
    assert.ok(rule !== undefined && !stream.upstream.ended)
    assert.match(stream.localReply?.body.toString() ?? '', new RegExp(`^mesh: ${rule.replaceAll(/[/.]/g, '\\$&')}: `))
    return { refusedBy: { rule, code: 0 } }
  }
  const { reject, cluster, route, hash, ...more } = written(stream)
  if (reject !== undefined) {
    assert.ok(native && rule !== undefined)
    stream.response({ headers: [[':status', '200']] })
    stream.responseBody(Buffer.from('x'), true)
    const { status } = decodeSendMessageResponse(stream.client.body().subarray(5))
    assert.match(status?.message ?? '', new RegExp(`^mesh: ${rule}: `))
    return { refusedBy: { rule, code: Number(reject) } }
  }
  assert.equal(rule, undefined)
  const subset = Object.entries(more).filter(([name]) => name.startsWith('subset-'))
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(route === undefined ? {} : { route }),
    ...(hash === undefined ? {} : { hash: decodeURIComponent(hash) }),
    ...(subset.length === 0 ? {} : { subset: Object.fromEntries(subset.map(([name, value]) => [name.slice('subset-'.length), value])) }),
  }
}

function compare(stream: FilterStream, config: MeshConfig, expected: Decision, about: string): void {
  const got = seen(stream, config.reject?.style === 'native')
  const { shadows: _, anyOf, ...wanted } = expected
  if (wanted.refusedBy !== undefined) {
    assert.equal(got.refusedBy?.rule, wanted.refusedBy.rule, about)
    // What Envoy answers itself, plainly or late, has no RocketMQ code.
    if (got.refusedBy.code !== 0) assert.equal(got.refusedBy.code, wanted.refusedBy.code, about)
    return
  }
  if (anyOf === undefined) assert.deepEqual(got, wanted, about)
  else {
    const { cluster, ...rest } = got
    assert.ok(anyOf.includes(cluster ?? ''), `${about}: ${cluster}`)
    assert.deepEqual(rest, wanted, about)
  }
}

describe('the decision about a call', () => {
  it(`is the model's for ${configs} configurations with ${callsPerConfig} calls each, however these are cut (FEATHERMQ_SEED=${seed})`, async () => {
    const hosts = await Promise.all(
      peers.map(async (peer) => {
        const host = await loadFilter({ clock: () => nowMs, properties: peer === '' ? {} : { 'connection.uri_san_peer_certificate': peer } })
        return { peer, host, vm: host.startVm() }
      }),
    )
    const random = new Random(seed)
    const calls = fc.sample(anyCall, { numRuns: configs * callsPerConfig, seed })
    const tally = { refused: 0, late: 0, native: 0, placed: 0, shadows: 0 }
    for (const [index, config] of fc.sample(anyConfig, { numRuns: configs, seed }).entries()) {
      const { host, vm, peer } = hosts[index % hosts.length] ?? assert.fail()
      const validation = validateConfig(JSON.parse(JSON.stringify(config)))
      assert.ok(validation.ok, JSON.stringify(validation))
      const plugin = startPlugin(vm, config)
      for (const made of calls.slice(index * callsPerConfig, (index + 1) * callsPerConfig)) {
        const call: ModelCall = { ...made, peer }
        const about = `configuration ${index} of seed ${seed}: ${JSON.stringify(config)}\ncall: ${JSON.stringify(call)}`
        const bytes = requestOf(call, nowMs)
        const expected = decide(config, call)
        const counted = (rule: string) => {
          const [section, name] = rule.split('/')
          return host.metrics.counter(`fmq.rules.section.${section}.outcome.shadow.rule.${name}.end`)
        }
        const before = new Map([...expected.shadows].map((rule) => [rule, counted(rule)]))
        const stream = plugin.request({ headers: callHeaders(methods[call.op], call.client === '' ? [] : [['x-mq-client-id', call.client]]) })
        for (const piece of cutAnywhere(bytes, random)) if (stream.state !== 'answered') stream.body(piece)
        if (stream.state !== 'answered') stream.body(Buffer.alloc(0), true)
        const reachedUpstream = stream.upstream.headers !== undefined
        compare(stream, config, expected, about)
        if (expected.refusedBy !== undefined) {
          tally.refused++
          if (stream.state === 'answered' && reachedUpstream) tally.late++
          if (stream.state !== 'answered') tally.native++
        } else {
          tally.placed++
          assert.ok(stream.upstream.body().equals(bytes), about)
          for (const [rule, count] of before) assert.equal(counted(rule), count + 1, `${about}\nshadow ${rule}`)
          tally.shadows += before.size
        }
        stream.end()
        if (host.faults.length > 0) assert.deepEqual(host.faults, [], about)
      }
      plugin.close()
      assert.equal(vm.failure, undefined)
    }
    for (const [what, count] of Object.entries(tally)) assert.ok(count > configs / 20, `${what}: ${JSON.stringify(tally)}`)
  }).timeout(isLong ? 3_600_000 : 90_000)

  it('counts as often as a shadow, and in mode observe, as it refuses otherwise, for any one rule and the same calls', async () => {
    const host = await loadFilter({ clock: () => nowMs })
    const calls = fc.sample(anyCall, { numRuns: 60, seed })
    let refused = 0
    for (const config of fc.sample(anyConfig, { numRuns: configs / 5, seed: seed + 1 })) {
      const denial = config.acl?.rules?.find(({ effect }) => effect === 'deny')
      const policy = config.policy?.[0]
      const one = (shadow: boolean): Partial<MeshConfig> =>
        denial === undefined ? { policy: policy && [{ ...policy, shadow }] } : { acl: { rules: [{ ...denial, shadow }] } }
      if (denial === undefined && policy === undefined) continue
      const rule = denial === undefined ? `policy.outcome` : 'acl.outcome'
      const name = (denial ?? policy)?.name
      const ways = [
        [{ ...config, acl: undefined, policy: undefined, ...one(false) }, 'acted'],
        [{ ...config, acl: undefined, policy: undefined, ...one(true) }, 'shadow'],
        [{ ...config, acl: undefined, policy: undefined, ...one(false), mode: 'observe', reject: undefined }, 'shadow'],
      ] as const
      const counts = ways.map(([changed, outcome]) => {
        const counter = () => host.metrics.counter(`fmq.rules.section.${rule}.${outcome}.rule.${name}.end`)
        const before = counter()
        const vm = host.startVm()
        const plugin = startPlugin(vm, changed)
        for (const call of calls) {
          const stream = plugin.request({ headers: callHeaders(methods[call.op]) })
          stream.body(requestOf(call, nowMs), true)
          if (outcome === 'shadow') assert.ok(stream.upstream.ended)
          stream.end()
        }
        return counter() - before
      })
      assert.deepEqual(counts, [counts[0], counts[0], counts[0]], JSON.stringify(config))
      refused += counts[0] ?? 0
    }
    assert.ok(refused > configs / 4, `${refused}`)
    assert.deepEqual(host.faults, [])
  }).timeout(isLong ? 3_600_000 : 90_000)
})
