import assert from 'node:assert/strict'
import { setTimeout as pass } from 'node:timers/promises'
import { generateEnvoy, type MeshConfig, type RunningEnvoy, readFilterMetrics, startEnvoy } from '@feathermq/mesh-filter'
import { afterEach, before, describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { Client } from './support/client.ts'
import { within } from './support/deadline.ts'
import { requireEnvoy } from './support/envoy.ts'
import { FakeBroker } from './support/fake-broker.ts'

const timeoutMs = 100
/** Envoy has a clock of its own, so nothing but time itself can pass here: many times what a held call is given. */
const longMs = 8 * timeoutMs

const config: MeshConfig = {
  version: 1,
  name: 'late',
  mode: 'route',
  hold: { timeout: `${timeoutMs}ms` },
  clusters: { default: 'east', allow: ['east'] },
  routes: [{ name: 'all', when: { topic: '*' }, cluster: 'east' }],
}

describe('a client that sends its body late, to a real Envoy', () => {
  let envoyPath: string
  let envoy: RunningEnvoy
  let client: Client
  let broker: FakeBroker
  before(async function () {
    envoyPath = await requireEnvoy(this)
  })
  afterEach(async () => {
    await client.close()
    await envoy.stop()
    await broker.stop()
  })

  async function start(flag: 'with' | 'without'): Promise<void> {
    broker = await FakeBroker.start('east')
    const bootstrap = generateEnvoy(config, { clusters: { east: broker.address }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' })
    const text = JSON.stringify(bootstrap)
    const without = text.replace('"allow_on_headers_stop_iteration":true,', '')
    assert.notEqual(without, text)
    envoy = await startEnvoy(JSON.parse(flag === 'with' ? text : without), { envoy: envoyPath, workers: 1 })
    client = await Client.connect(envoy.listeners.get('feathermq') ?? '')
  }
  const suspicions = async () => (await readFilterMetrics(envoy.adminUrl)).flagMissing

  it('is waited for, however long it takes, and its call is routed by what comes', async () => {
    await start('with')
    const call = client.open('SendMessage')
    await pass(longMs)
    assert.equal(await suspicions(), 0)
    assert.equal(call.stream.closed, false)
    call.stream.end(requests.send({ topic: 'payments' }))
    const end = await within(call.ended, 'the end of the call')
    assert.equal(end.status, 0, end.message)
    assert.equal(broker.calls.length, 1)
    assert.doesNotMatch(envoy.log(), /allow_on_headers_stop_iteration/)
  })

  it('is waited for byte by byte too', async () => {
    await start('with')
    const request = requests.send({ topic: 'payments' })
    const call = client.open('SendMessage')
    await pass(longMs / 2)
    await call.write(request.subarray(0, 3))
    await pass(longMs / 2)
    assert.equal(await suspicions(), 0)
    call.stream.end(request.subarray(3))
    assert.equal((await within(call.ended, 'the end of the call')).status, 0)
  })

  it('is no proof that the flag is missing where it is missing: only a body that Envoy keeps back is', async () => {
    await start('without')
    const call = client.open('SendMessage')
    await pass(longMs)
    assert.equal(await suspicions(), 0)
    assert.equal(call.stream.closed, false)
    await call.write(requests.send({ topic: 'payments' }).subarray(0, 4))
    const end = await within(call.ended, 'the refusal, once there is something to be kept back')
    assert.equal(end.status, 14)
    assert.match(end.message, /^mesh: hold\/flag: /)
    assert.equal(await suspicions(), 1)
    assert.equal(broker.calls.length, 0)
  })
})
