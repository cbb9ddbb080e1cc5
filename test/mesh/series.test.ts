import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { generateEnvoy, generateFilter, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { after, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { isLong } from '../support/random.ts'
import { adminCounter, toldMetrics } from './support/admin.ts'
import { Client } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'

const topics = isLong ? 100_000 : 4_000
const updates = 20
const workers = 4
const parallel = 40
const bounds = { topics: 50, groups: 20, series: 120 }
const histograms = { names: ['latency'] as const, by: ['topic'] as const, series: 30 }
const reloads = 'extension_config_discovery.http_filter.envoy.filters.http.wasm.config_reload'

/** Each has a rule of another name, whose counter comes on top of all others. */
function version(number: number): MeshConfig {
  return {
    version: 1,
    name: 'series',
    mode: 'route',
    clusters: { default: 'east', allow: ['east'] },
    headers: { facts: ['topic'] },
    acl: { rules: [{ name: `rule-${number}`, effect: 'deny', when: { op: 'receive' }, shadow: true }] },
    metrics: { ...bounds, histograms },
  }
}

describe('the series of a real Envoy with the filter', () => {
  let folder: string
  let envoy: RunningEnvoy
  let broker: FakeBroker
  const clients: Client[] = []
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-series-'))
    broker = await FakeBroker.start('east')
    place(0)
    const options = { clusters: { east: broker.address }, listen: '127.0.0.1:0', admin: '127.0.0.1:0', filterFile: file(), hideHeaders: false }
    envoy = await startEnvoy(generateEnvoy(version(0), { ...options, accessLog: false }), { envoy: await requireEnvoy(this), workers })
    while ((await busyWorkers()) < workers && clients.length < 400) clients.push(await Client.connect(envoy.listeners.get('feathermq') ?? ''))
  })
  after(async () => {
    for (const client of clients) await client.close()
    await envoy?.stop()
    await broker?.stop()
    rmSync(folder, { recursive: true })
  })

  const file = () => join(folder, 'filter.json')

  function place(number: number): void {
    writeFileSync(`${file()}.new`, JSON.stringify(generateFilter(version(number))))
    renameSync(`${file()}.new`, file())
  }

  async function stats(filter: string): Promise<string> {
    return await (await fetch(`${envoy.adminUrl}/stats?filter=${encodeURIComponent(filter)}`)).text()
  }

  /** The kernel spreads connections over the workers, which may leave one of them out for long. */
  async function busyWorkers(): Promise<number> {
    return [...(await stats('^listener\\..*\\.worker_\\d+\\.downstream_cx_total')).matchAll(/: [1-9]\d*$/gm)].length
  }

  async function receive(from: number, to: number): Promise<void> {
    let next = from
    await Promise.all(
      Array.from({ length: parallel }, async () => {
        while (next < to) {
          const index = next++
          const client = clients[index % clients.length] ?? assert.fail()
          assert.equal((await client.call('ReceiveMessage', requests.receive(`topic-${index}`, `group-${index % 1000}`))).status, 0)
        }
      }),
    )
  }

  it(`stay at their bounds over ${topics} topics, ${workers} workers and ${updates} updates: ~other takes the rest`, async () => {
    assert.equal(await busyWorkers(), workers)
    const arrived = new Set<string>()
    const loadedBefore = await adminCounter(envoy.adminUrl, reloads)
    for (let update = 0; update < updates; update++) {
      // The update comes while calls go on: some of them are of the old configuration, some of the new one.
      const calls = receive((topics / updates) * update, (topics / updates) * (update + 1))
      place(update + 1)
      const loaded = async () => {
        while ((await adminCounter(envoy.adminUrl, reloads)) < loadedBefore + update + 1) await pass(20)
      }
      await within(loaded(), `update ${update + 1}`, 60_000)
      await calls
      for (const call of broker.calls) arrived.add(call.fact('topic') ?? '')
      broker.reset()
    }
    assert.equal(arrived.size, topics, 'each topic was one that the filter saw')

    const { calls, rules, configLoads } = await toldMetrics(envoy.adminUrl)
    assert.ok(configLoads >= updates * workers, `${configLoads} times a configuration was loaded`)
    assert.ok(rules.length > updates / 2, `rules of ${rules.length} configurations counted`)
    assert.equal(
      rules.reduce((sum, { count }) => sum + count, 0),
      topics,
      'every call was judged by one configuration',
    )
    assert.ok(calls.length <= bounds.series, `${calls.length} series of calls`)
    const total = calls.reduce((sum, { count }) => sum + count, 0)
    assert.equal(total, topics, 'every call is counted once')
    const named = calls.filter(({ topic }) => topic.startsWith('topic-'))
    const namedTopics = new Set(named.map(({ topic }) => topic))
    assert.ok(namedTopics.size <= bounds.topics && namedTopics.size > bounds.topics / 2, `${namedTopics.size} topics have a name`)
    assert.ok(new Set(calls.map(({ group }) => group)).size <= bounds.groups + 2)
    const other = calls.filter(({ topic }) => topic === '~other').reduce((sum, { count }) => sum + count, 0)
    assert.equal(other, topics - named.reduce((sum, { count }) => sum + count, 0))
    assert.ok(other >= topics - bounds.topics, `${other} calls under ~other`)

    // Histograms have lines of another form, once Envoy has merged those of its workers (every five seconds).
    const measured = async () => {
      while (!(await stats('^wasmcustom\\.fmq\\.latency')).includes('fmq.latency')) await pass(100)
    }
    await within(measured(), 'the histograms', 60_000)
    const names = (await stats('^wasmcustom\\.fmq\\.')).split('\n').flatMap((line) => /^(\S+): /.exec(line)?.[1] ?? [])
    const latencies = names.filter((name) => name.startsWith('wasmcustom.fmq.latency.'))
    assert.ok(latencies.length > 1 && latencies.length <= histograms.series, `${latencies.length} histograms`)
    // What is left: a counter per rule, and those that exist once.
    assert.ok(names.length <= bounds.series + histograms.series + updates + 1 + 20, `${names.length} metrics in all`)
    assert.doesNotMatch(await stats('vm_reload'), /vm_reload\w*: [1-9]/)
  }).timeout(isLong ? 3_600_000 : 120_000)
})
