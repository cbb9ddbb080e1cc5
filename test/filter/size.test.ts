import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { filterFile, type MeshConfig } from '@feathermq/mesh-filter'
import { describe, it } from 'mocha'
import { requests } from '../support/filter/requests.ts'
import { callHeaders, loadFilter, startPlugin } from './support/filter.ts'
import { completeConfig } from './support/odd-configs.ts'

const mostBytes = 64 * 1024
const calls = 20_000
const warmUp = 2_000

describe('the release filter', () => {
  it(`has at most ${mostBytes} bytes, all sections included`, async () => {
    await loadFilter()
    const { length } = readFileSync(filterFile)
    assert.ok(length <= mostBytes, `${length} bytes`)
  })

  it('allocates nothing for a call, with every section of the configuration on', async () => {
    const host = await loadFilter({ properties: { 'connection.uri_san_peer_certificate': 'spiffe://prod/ns/lab/b' } })
    const vm = host.startVm()
    const plugin = startPlugin(vm, JSON.parse(JSON.stringify(completeConfig)) as MeshConfig)
    const kinds = [
      ['SendMessage', requests.send({ topic: 'orders-eu', tag: 'created' }, { topic: 'orders-eu', tag: 'unknown' })],
      ['SendMessage', requests.send({ topic: 'payments', messageGroup: 'gold-1', body: Buffer.alloc(5000) })],
      ['ReceiveMessage', requests.receive('payments', 'lab', 'west-a')],
      ['AckMessage', requests.ack('orders', 'g', '0 1700000000000 30000 0 0 east-broker-a 2 33 44')],
      ['QueryRoute', requests.route('orders')],
      ['Heartbeat', requests.heartbeat('g')],
      ['Telemetry', requests.settings('g')],
    ] as const
    const run = (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        const [method, bytes] = kinds[index % kinds.length] ?? assert.fail()
        const stream = plugin.request({ headers: callHeaders(method, [['x-mq-client-id', `client-${index % 50}`]]) })
        if (stream.state !== 'answered') stream.body(bytes.subarray(0, 30))
        if (stream.state !== 'answered') stream.body(bytes.subarray(30), true)
        if (stream.state === 'open' && stream.upstream.headers !== undefined) {
          stream.response({ headers: [[':status', '200']] })
          stream.responseBody(Buffer.from([0, 0, 0, 0, 0]), true)
        }
        stream.end()
      }
    }
    run(0, warmUp)
    const { memoryBytes, memoryGrowths } = vm
    run(warmUp, warmUp + calls)
    assert.equal(vm.memoryBytes, memoryBytes)
    assert.equal(vm.memoryGrowths, memoryGrowths)
    assert.equal(vm.contexts, 1)
    assert.equal(vm.failure, undefined)
    assert.deepEqual(host.faults, [])
  }).timeout(60_000)
})
