import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { generateEnvoy, generateFilter, type MeshConfig, type RunningEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { afterEach, before, beforeEach, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { adminCounter } from './support/admin.ts'
import { Client } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker, ok, respond, unary } from './support/fake-broker.ts'
import { twoClusters } from './support/mesh.ts'

/** Sends the topic "orders" elsewhere than before. */
const moved: MeshConfig = { ...twoClusters, routes: [{ name: 'moved', when: { topic: ['orders', 'payments'] }, cluster: 'west' }] }
const refused = { ...twoClusters, routes: [{ name: 'orders', when: { topic: 'orders' }, cluster: 'nowhere' }] } as MeshConfig

describe('a real Envoy with the filter, given another configuration while calls go on', () => {
  let path: string
  let folder: string
  let envoy: RunningEnvoy
  let client: Client
  let brokers: Record<'east' | 'west', FakeBroker>
  before(async function () {
    path = await requireEnvoy(this)
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'feathermq-xds-'))
    brokers = { east: await FakeBroker.start('east'), west: await FakeBroker.start('west') }
  })
  afterEach(async () => {
    await client?.close()
    await envoy?.stop()
    for (const broker of Object.values(brokers)) await broker.stop()
    rmSync(folder, { recursive: true })
  })

  const clusters = () => ({ east: brokers.east.address, west: brokers.west.address })
  const ports = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' }

  /** As Envoy wants it: complete, and moved into place. */
  function place(file: string, content: unknown): void {
    writeFileSync(join(folder, 'new'), JSON.stringify(content))
    renameSync(join(folder, 'new'), file)
  }

  /** Waits until Envoy says that it has done something `times` times more. */
  async function counted(name: string, more: number, act: () => void): Promise<void> {
    const before = await adminCounter(envoy.adminUrl, name)
    act()
    const done = async () => {
      while ((await adminCounter(envoy.adminUrl, name)) < before + more) await pass(20)
    }
    await within(done(), `${name} to count ${more} more`)
  }

  async function start(bootstrap: ReturnType<typeof generateEnvoy>): Promise<void> {
    envoy = await startEnvoy(bootstrap, { envoy: path, workers: 2 })
    client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
  }

  /** Opens a Telemetry stream and a long poll; the answer checks that both are whole, end to end. */
  async function openStreams(): Promise<() => Promise<void>> {
    brokers.east.answer = ({ method, stream }) => {
      respond(stream)
      if (method === 'Telemetry') stream.pipe(stream)
    }
    brokers.west.answer = (call) => (call.method === 'Telemetry' ? undefined : unary(ok)(call))
    const telemetry = client.open('Telemetry')
    const settings = requests.settings('billing')
    await telemetry.write(settings)
    await telemetry.received(settings.length)
    const poll = client.open('ReceiveMessage')
    poll.stream.end(requests.receive('orders', 'billing'))
    const upstream = await brokers.east.call(1)
    assert.equal(upstream.method, 'ReceiveMessage')
    return async () => {
      await telemetry.write(settings)
      await telemetry.received(2 * settings.length)
      telemetry.end()
      assert.equal((await within(telemetry.ended, 'the end of Telemetry')).status, 0)
      upstream.stream.end(settings)
      const end = await within(poll.ended, 'the end of the poll')
      assert.equal(end.status, 0)
      assert.equal(end.messages.length, 1)
    }
  }

  async function whereOrdersGo(): Promise<string> {
    for (const broker of Object.values(brokers)) broker.reset()
    const end = await client.call('SendMessage', requests.send({ topic: 'orders' }))
    assert.equal(end.status, 0, end.message)
    return brokers.east.calls.some(({ method }) => method === 'SendMessage') ? 'east' : 'west'
  }

  it('by a new file of the filter (ECDS): open streams go on, new calls go by the new rules, and no call is lost meanwhile', async () => {
    const file = join(folder, 'filter.json')
    place(file, generateFilter(twoClusters))
    await start(generateEnvoy(twoClusters, { ...ports, clusters: clusters(), filterFile: file }))
    const finish = await openStreams()
    // Calls one after the other all the while, each of which has to succeed.
    let going = true
    const calls = (async () => {
      const other = await Client.connect(envoy.listeners.get('feathermq') ?? '')
      let count = 0
      for (; going; count++) assert.equal((await other.call('QueryRoute', requests.route('payments'))).status, 0)
      await other.close()
      return count
    })()
    await counted('extension_config_discovery.http_filter.envoy.filters.http.wasm.config_reload', 1, () => place(file, generateFilter(moved)))
    // The worker of this connection hears of it a moment later; from then on it is so.
    const heard = async () => {
      while ((await whereOrdersGo()) === 'east') await pass(20)
    }
    await within(heard(), 'the new rules')
    for (let round = 0; round < 20; round++) assert.equal(await whereOrdersGo(), 'west')
    await finish()
    going = false
    assert.ok((await calls) > 0)
    assert.equal(await adminCounter(envoy.adminUrl, 'http.feathermq.downstream_rq_5xx'), 0)
  })

  it('by one that the filter refuses: the old configuration goes on serving', async () => {
    const file = join(folder, 'filter.json')
    place(file, generateFilter(twoClusters))
    await start(generateEnvoy(twoClusters, { ...ports, clusters: clusters(), filterFile: file }))
    const finish = await openStreams()
    await counted('extension_config_discovery.http_filter.envoy.filters.http.wasm.update_rejected', 1, () => place(file, generateFilter(refused)))
    assert.match(envoy.log(), /\$\.routes\[0\]\.cluster: "nowhere" is not in \$\.clusters\.allow/)
    await finish()
    assert.equal(await whereOrdersGo(), 'east')
  })

  it('by a new file of listeners (LDS): calls of the old listener end in peace, new connections meet the new rules', async () => {
    const file = join(folder, 'listeners.json')
    const whole = (config: MeshConfig, listen: string) => generateEnvoy(config, { ...ports, listen, clusters: clusters() })
    const listeners = (config: MeshConfig, listen: string): unknown => {
      const { static_resources: resources } = JSON.parse(JSON.stringify(whole(config, listen)))
      return {
        resources: [{ '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener', ...resources.listeners[0], drain_type: 'MODIFY_ONLY' }],
      }
    }
    place(file, listeners(twoClusters, '127.0.0.1:0'))
    const bootstrap = JSON.parse(JSON.stringify(whole(twoClusters, '127.0.0.1:0')))
    bootstrap.static_resources.listeners = []
    mkdirSync(join(folder, 'watched'))
    bootstrap.dynamic_resources = { lds_config: { path_config_source: { path: file }, resource_api_version: 'V3' } }
    await start(bootstrap)
    const finish = await openStreams()
    const address = envoy.listeners.get('feathermq') ?? ''
    await counted('listener_manager.listener_create_success', 2, () => place(file, listeners(moved, '127.0.0.1:0')))
    await finish()
    await client.close()
    client = await Client.connect(address)
    assert.equal(await whereOrdersGo(), 'west')
  })
})
