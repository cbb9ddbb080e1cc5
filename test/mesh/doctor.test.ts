import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import {
  examineAdmin,
  examineWithEnvoy,
  generateEnvoy,
  generateFilter,
  type MeshConfig,
  type RunningEnvoy,
  renderEnvoy,
  startEnvoy,
} from '@feathermq/mesh-filter'
import { after, afterEach, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { adminCounter, toldMetrics } from './support/admin.ts'
import { Client } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy, requireEnvoyWithoutWasm } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'
import { twoClusters } from './support/mesh.ts'
import { trappingModule } from './support/trapping-module.ts'

const ports = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' }

describe('the doctor, at a running Envoy', () => {
  let path: string
  const folder = mkdtempSync(join(tmpdir(), 'feathermq-doctor-'))
  const closing: (() => Promise<unknown> | undefined)[] = []
  before(async function () {
    path = await requireEnvoy(this)
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })
  after(() => rmSync(folder, { recursive: true }))

  async function start(bootstrap: ReturnType<typeof generateEnvoy>): Promise<{ envoy: RunningEnvoy; client: Client; address: string }> {
    const envoy = await startEnvoy(bootstrap, { envoy: path, workers: 1 })
    closing.push(() => envoy.stop())
    const address = envoy.listeners.get('feathermq') ?? ''
    const client = await Client.connect(address)
    closing.push(() => client.close())
    return { envoy, client, address }
  }

  async function broker(): Promise<string> {
    const started = await FakeBroker.start('east')
    closing.push(() => started.stop())
    return started.address
  }

  const found = async ({ envoy }: { envoy: RunningEnvoy }) => (await examineAdmin(envoy.adminUrl)).map(({ code, where }) => `${code} ${where}`)
  const clusters = async () => ({ east: await broker(), west: await broker() })

  it('has nothing to say when all is well, also where the filter comes from a file', async () => {
    const running = await start(generateEnvoy({ ...twoClusters, reject: { style: 'native' } }, { ...ports, clusters: await clusters() }))
    await running.client.call('SendMessage', requests.send({ topic: 'payments' }))
    assert.deepEqual(await found(running), [])
    const file = join(folder, 'filter.json')
    writeFileSync(file, JSON.stringify(generateFilter(twoClusters)))
    assert.deepEqual(await found(await start(generateEnvoy(twoClusters, { ...ports, clusters: await clusters(), filterFile: file }))), [])
  })

  it('finds a flag that is missing, in the configuration and by what it did', async () => {
    const config: MeshConfig = { ...twoClusters, hold: { timeout: '50ms' } }
    const text = JSON.stringify(generateEnvoy(config, { ...ports, clusters: await clusters() })).replace(
      '"allow_on_headers_stop_iteration":true,',
      '',
    )
    const running = await start(JSON.parse(text))
    assert.deepEqual(await found(running), ['FLAG_MISSING listener feathermq'])
    await running.client.call('SendMessage', requests.send({ topic: 'payments' }))
    assert.deepEqual(await found(running), ['FLAG_MISSING listener feathermq', 'FLAG_MISSING filter'])
  })

  it('finds clients that speak TLS to a port that does not', async () => {
    const running = await start(generateEnvoy(twoClusters, { ...ports, clusters: await clusters() }))
    const socket = connectTls({ port: Number(running.address.split(':').at(-1)), host: '127.0.0.1', rejectUnauthorized: false })
    socket.on('error', () => {})
    await within(new Promise((resolve) => socket.once('close', resolve)), 'the end of the TLS client')
    assert.deepEqual(await found(running), ['TLS_INSIDE listener feathermq'])
  })

  it('finds a limit of series that is reached', async () => {
    const running = await start(generateEnvoy({ ...twoClusters, metrics: { topics: 2 } }, { ...ports, clusters: await clusters() }))
    for (const topic of ['a', 'b', 'c']) await running.client.call('SendMessage', requests.send({ topic }))
    await toldMetrics(running.envoy.adminUrl)
    assert.deepEqual(await found(running), ['SERIES_LIMIT metrics'])
  })

  it('finds a cluster without a broker, and leaves the one that has some alone', async () => {
    const text = JSON.stringify(generateEnvoy(twoClusters, { ...ports, clusters: await clusters() }))
    const bootstrap = JSON.parse(text)
    const west = bootstrap.static_resources.clusters.find(({ name }: { readonly name: string }) => name === 'west')
    // What Envoy knows of a name that does not resolve, without asking the name servers of whoever runs this.
    west.load_assignment.endpoints = []
    const running = await start(bootstrap)
    assert.equal((await running.client.call('SendMessage', requests.send({ topic: 'orders' }))).status, 0)
    assert.equal((await running.client.call('SendMessage', requests.send({ topic: 'payments' }))).status, 14)
    assert.deepEqual(await found(running), ['NO_BROKER cluster west'])
  })

  /** The generated bootstrap, with other bounds of what may be open at once. */
  function bounded(generated: ReturnType<typeof generateEnvoy>, bounds: object): ReturnType<typeof generateEnvoy> {
    const bootstrap = JSON.parse(JSON.stringify(generated))
    for (const { circuit_breakers: breakers } of bootstrap.static_resources.clusters) Object.assign(breakers?.thresholds[0] ?? {}, bounds)
    return bootstrap
  }

  it('finds calls that were refused because too many were open', async () => {
    const west = await FakeBroker.start('west')
    closing.push(() => west.stop())
    const generated = generateEnvoy(twoClusters, { ...ports, clusters: { east: await broker(), west: west.address } })
    const running = await start(bounded(generated, { max_requests: 1 }))
    west.answer = () => {}
    const [first, second] = [running.client.open('ReceiveMessage'), running.client.open('ReceiveMessage')] as const
    first.stream.end(requests.receive('payments', 'billing'))
    await west.call()
    assert.deepEqual(await found(running), [], 'one of one is no overflow')
    second.stream.end(requests.receive('payments', 'billing'))
    assert.equal((await within(second.ended, 'the end of the second poll')).status, 14)
    assert.deepEqual(await found(running), ['OVERFLOW cluster west'])
    first.stream.close()
    await first.ended
  })

  it('finds calls that were refused because too many waited for a connection', async () => {
    const running = await start(bounded(generateEnvoy(twoClusters, { ...ports, clusters: await clusters() }), { max_pending_requests: 0 }))
    assert.equal((await running.client.call('SendMessage', requests.send({ topic: 'payments' }))).status, 14)
    assert.deepEqual(await found(running), ['OVERFLOW cluster west'])
  })

  it('finds a new configuration that was refused', async () => {
    const file = join(folder, 'watched.json')
    writeFileSync(file, JSON.stringify(generateFilter(twoClusters)))
    const running = await start(generateEnvoy(twoClusters, { ...ports, clusters: await clusters(), filterFile: file }))
    writeFileSync(`${file}.new`, JSON.stringify(generateFilter({ ...twoClusters, version: 2 } as unknown as MeshConfig)))
    renameSync(`${file}.new`, file)
    const refused = async () => {
      while ((await adminCounter(running.envoy.adminUrl, 'extension_config_discovery.http_filter.envoy.filters.http.wasm.update_rejected')) === 0)
        await pass(20)
    }
    await within(refused(), 'the refusal')
    // Envoy shows what it was given last, which is the refused one.
    assert.deepEqual(await found(running), [
      'CONFIG_REFUSED listener feathermq, configuration',
      'UPDATE_REFUSED extension_config_discovery.http_filter.envoy.filters.http.wasm',
    ])
  })

  it('finds a filter that failed', async () => {
    const running = await start(generateEnvoy(twoClusters, { ...ports, clusters: await clusters(), wasm: { inline: trappingModule() } }))
    await running.client.call('SendMessage', requests.send({ topic: 'a' }))
    const back = async () => {
      while ((await adminCounter(running.envoy.adminUrl, 'wasm.test.vm_reload_success')) === 0) {
        await running.client.call('QueryRoute', requests.route('a'))
        await pass(20)
      }
    }
    await within(back(), 'the filter to be back')
    assert.deepEqual(await found(running), ['FILTER_TRAPPED filter test'])
  })

  it('finds an Envoy that was built without WebAssembly', async function () {
    const withoutWasm = await requireEnvoyWithoutWasm(this)
    const text = renderEnvoy(generateEnvoy(twoClusters, { ...ports, clusters: await clusters() }), 'yaml', 'x')
    assert.deepEqual(await examineWithEnvoy(text, path), [])
    const findings = await examineWithEnvoy(text, withoutWasm)
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['NO_WASM'],
    )
  })
})
