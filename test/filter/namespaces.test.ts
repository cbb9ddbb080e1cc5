import assert from 'node:assert/strict'
import type { MeshConfig } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { delimited } from '../support/filter/wire.ts'
import { callHeaders, cut, startFilter, written } from './support/filter.ts'
import { sendFrame, text } from './support/messages.ts'

type Part = readonly number[]

/** A topic or a group. What comes last is read last. */
const inNamespace = (namespace: string, name: string): Part => [...text(1, namespace), ...text(2, name)]
const turned = (namespace: string, name: string): Part => [...text(2, name), ...text(1, namespace)]
const bare = (name: string): Part => text(2, name)
/** QueryRoute, of as many topics as there are: decoders merge them. */
const route = (...topics: Part[]) => frame(Uint8Array.from(topics.flatMap((topic) => delimited(1, topic))))
const receive = (group: Part, topic: Part) => frame(Uint8Array.from([...delimited(1, group), ...delimited(2, delimited(1, topic))]))
const settings = (group: Part, ...topics: Part[]) => {
  const entries = topics.flatMap((topic) => delimited(2, delimited(1, topic)))
  return frame(Uint8Array.from(delimited(2, delimited(6, [...delimited(1, group), ...entries]))))
}

/** What refused the call, in each way to cut it in two; undefined where it passed. */
function verdictsOn(plugin: Plugin, method: string, bytes: Buffer): ReadonlySet<string | undefined> {
  const rules = new Set<string | undefined>()
  for (let cutAt = 1; cutAt <= bytes.length; cutAt++) {
    const stream = plugin.request({ headers: callHeaders(method) })
    for (const piece of cut(bytes, ...(cutAt === bytes.length ? [] : [cutAt]))) if (stream.state !== 'answered') stream.body(piece)
    if (stream.state !== 'answered') stream.body(Buffer.alloc(0), true)
    assert.equal(stream.upstream.ended, stream.state !== 'answered', `cut at ${cutAt}`)
    rules.add(stream.state === 'answered' ? (stream.filterState.get('fmq.rule') ?? 'none') : undefined)
    stream.end()
  }
  return rules
}

/** The rule that refused the call, or undefined; the same however the request is cut. */
function ruleAgainst(plugin: Plugin, method: string, bytes: Buffer): string | undefined {
  const verdicts = verdictsOn(plugin, method, bytes)
  assert.equal(verdicts.size, 1, `${[...verdicts]}`)
  return [...verdicts][0]
}

const acl = (given: NonNullable<MeshConfig['acl']>): Partial<MeshConfig> => ({ routes: [], headers: undefined, acl: given })

describe('a topic or group in a namespace', () => {
  it('is forbidden under each of its two names: by a rule for the name alone in every namespace, by one for the full name in that one', async () => {
    const { plugin, host } = await startFilter(
      acl({
        rules: [
          { name: 'no-payments', effect: 'deny', when: { topic: 'payments' } },
          { name: 'no-eu-orders', effect: 'deny', when: { topic: 'eu%orders' } },
        ],
      }),
    )
    const cases: readonly (readonly [topic: Part, rule: string | undefined])[] = [
      [bare('payments'), 'acl/no-payments'],
      [inNamespace('eu', 'payments'), 'acl/no-payments'],
      [turned('eu', 'payments'), 'acl/no-payments'],
      [bare('orders'), undefined],
      [bare('eu%orders'), 'acl/no-eu-orders'],
      [inNamespace('eu', 'orders'), 'acl/no-eu-orders'],
      [turned('eu', 'orders'), 'acl/no-eu-orders'],
      // A server that puts namespaces before names does not do so twice.
      [inNamespace('eu', 'eu%orders'), 'acl/no-eu-orders'],
      [inNamespace('us', 'orders'), undefined],
      // The last string counts, be it empty.
      [[...text(1, 'eu'), ...inNamespace('us', 'orders')], undefined],
      [[...text(1, 'us'), ...inNamespace('eu', 'orders')], 'acl/no-eu-orders'],
      [[...inNamespace('eu', 'orders'), ...text(1, '')], undefined],
      // Longer than any name may be, so that no server finds a topic by it.
      [inNamespace('n'.repeat(300), 'orders'), undefined],
      [inNamespace('n'.repeat(300), 'payments'), 'acl/no-payments'],
      [inNamespace('n'.repeat(255), 'o'.repeat(255)), undefined],
    ]
    for (const [topic, rule] of cases) {
      const about = Buffer.from(topic).toString('latin1').slice(0, 60)
      assert.equal(ruleAgainst(plugin, 'QueryRoute', route(topic)), rule, about)
      assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(bare('g'), topic)), rule, about)
      assert.equal(ruleAgainst(plugin, 'SendMessage', sendFrame([...delimited(1, topic), ...delimited(4, [1])])), rule, about)
      assert.equal(ruleAgainst(plugin, 'Telemetry', settings(bare('g'), bare('audit'), topic)), rule, about)
    }
    assert.deepEqual(host.faults, [])
  })

  it('is allowed only when both of its names are, and let off only then', async () => {
    const { plugin } = await startFilter(
      acl({
        default: 'deny',
        rules: [
          { name: 'orders', effect: 'allow', when: { topic: 'orders' } },
          { name: 'audit', effect: 'allow', when: { topic: ['audit', 'eu%audit'], group: ['g', '*%g'] }, unless: { topic: 'us%audit' } },
        ],
      }),
    )
    const denied = 'acl/default'
    assert.equal(ruleAgainst(plugin, 'QueryRoute', route(bare('orders'))), undefined)
    assert.equal(ruleAgainst(plugin, 'QueryRoute', route(inNamespace('eu', 'orders'))), denied)
    assert.equal(ruleAgainst(plugin, 'QueryRoute', route(bare('eu%orders'))), denied)
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(bare('g'), inNamespace('eu', 'audit'))), undefined)
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(inNamespace('any', 'g'), inNamespace('eu', 'audit'))), undefined)
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(inNamespace('any', 'h'), inNamespace('eu', 'audit'))), denied)
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(bare('g'), inNamespace('us', 'audit'))), denied)

    const { plugin: letting } = await startFilter(
      acl({ rules: [{ name: 'closed', effect: 'deny', when: { topic: '*' }, unless: { topic: ['open', 'eu%open'] } }] }),
    )
    assert.equal(ruleAgainst(letting, 'QueryRoute', route(bare('open'))), undefined)
    assert.equal(ruleAgainst(letting, 'QueryRoute', route(inNamespace('eu', 'open'))), undefined)
    assert.equal(ruleAgainst(letting, 'QueryRoute', route(inNamespace('us', 'open'))), 'acl/closed')
  })

  it('is judged with the namespace that comes behind the decision, as decoders merge it in, or the call is refused', async () => {
    const { plugin, host } = await startFilter(acl({ rules: [{ name: 'no-eu-orders', effect: 'deny', when: { topic: 'eu%orders' } }] }))
    // Where both stand in one piece they are read before the decision.
    assert.deepEqual(verdictsOn(plugin, 'QueryRoute', route(bare('orders'), text(1, 'eu'))), new Set(['acl/no-eu-orders', 'none']))
    assert.ok(host.metrics.counter('fmq.denied.ambiguous') > 0)
    assert.deepEqual(verdictsOn(plugin, 'QueryRoute', route(text(1, 'eu'), bare('orders'))), new Set(['acl/no-eu-orders', 'none']))
  })

  it('has a namespace of its own in each message of a batch and each topic of settings', async () => {
    const { plugin } = await startFilter(acl({ rules: [{ name: 'no-eu-orders', effect: 'deny', when: { topic: 'eu%orders' } }] }))
    const message = (topic: Part): number[] => [...delimited(1, topic), ...delimited(4, [1])]
    const send = (...topics: Part[]) => {
      const stream = plugin.request({ headers: callHeaders('SendMessage') })
      for (const piece of cut(sendFrame(...topics.map(message)), 20)) if (stream.state !== 'answered') stream.body(piece)
      if (stream.state !== 'answered') stream.body(Buffer.alloc(0), true)
      return stream
    }
    assert.ok(send(inNamespace('us', 'orders'), inNamespace('us', 'orders')).upstream.ended)
    assert.equal(send(inNamespace('us', 'orders'), inNamespace('eu', 'orders')).filterState.get('fmq.rule'), 'acl/no-eu-orders')
    assert.ok(send(inNamespace('us', 'orders'), bare('orders')).upstream.ended)
    const telemetry = (...frames: Buffer[]): FilterStream => {
      const stream = plugin.request({ headers: callHeaders('Telemetry') })
      for (const each of frames) if (stream.state !== 'answered') stream.body(each)
      return stream
    }
    assert.equal(telemetry(settings(bare('g'), inNamespace('eu', 'audit'), bare('orders'))).state, 'open')
    assert.equal(telemetry(settings(bare('g'), inNamespace('eu', 'audit')), settings(bare('g'), bare('orders'))).state, 'open')
    assert.equal(telemetry(settings(bare('g'), bare('audit')), settings(bare('g'), inNamespace('eu', 'orders'))).state, 'answered')
  })

  it('has a group in a namespace too, which the next settings of a stream replace', async () => {
    const { plugin } = await startFilter(acl({ rules: [{ name: 'no-eu-lab', effect: 'deny', when: { group: 'eu%lab' } }] }))
    const telemetry = (...frames: Buffer[]): string => {
      const stream = plugin.request({ headers: callHeaders('Telemetry') })
      for (const each of frames) if (stream.state !== 'answered') stream.body(each)
      return stream.state
    }
    assert.equal(ruleAgainst(plugin, 'Heartbeat', frame(Uint8Array.from(delimited(1, inNamespace('eu', 'lab'))))), 'acl/no-eu-lab')
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(inNamespace('eu', 'lab'), bare('orders'))), 'acl/no-eu-lab')
    assert.equal(ruleAgainst(plugin, 'ReceiveMessage', receive(bare('lab'), inNamespace('eu', 'orders'))), undefined)
    assert.equal(telemetry(settings(inNamespace('eu', 'lab'))), 'answered')
    assert.equal(telemetry(settings(inNamespace('eu', 'other')), settings(bare('lab'))), 'open')
  })

  it('is routed, limited and shaped by rules for either name, and told by its name alone', async () => {
    const { plugin } = await startFilter({
      routes: [{ name: 'eu', when: { topic: 'eu%*' }, cluster: 'west' }],
      limits: [{ name: 'slow', when: { topic: 'us%orders' }, messages: { rate: 1, burst: 1 } }],
      policy: [{ name: 'small', when: { topic: 'eu%orders' }, maxBodyBytes: 1 }],
    })
    const send = (topic: Part, bytes = 1) => {
      const stream = plugin.request({ headers: callHeaders('SendMessage') })
      stream.body(sendFrame([...delimited(1, topic), ...delimited(4, Buffer.alloc(bytes))]), true)
      return stream
    }
    const told = written(send(inNamespace('eu', 'orders')))
    assert.deepEqual([told['cluster'], told['topic'], told['route']], ['west', 'orders', 'eu'])
    assert.equal(written(send(bare('orders')))['cluster'], 'east')
    assert.equal(send(inNamespace('eu', 'orders'), 2).filterState.get('fmq.rule'), 'policy/small')
    assert.equal(send(inNamespace('us', 'orders'), 2).filterState.get('fmq.rule'), undefined)
    assert.equal(send(inNamespace('us', 'orders'), 2).filterState.get('fmq.rule'), 'limits/slow')
  })
})
