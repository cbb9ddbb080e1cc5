import assert from 'node:assert/strict'
import { filterFile, type MeshConfig } from '@feathermq/mesh-filter'
import { type HeaderList, type Plugin, WasmHost } from '@feathermq/mesh-filter/host'
import { encodeSendMessageResponse } from '@feathermq/protocol'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { floorFilter } from './floor-filter.ts'
import type { Result } from './result.ts'
import { ratios, spread } from './statistics.ts'

const config: MeshConfig = {
  version: 1,
  name: 'bench',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  headers: { facts: ['topic', 'tag'] },
  routes: [
    { name: 'imports', when: { op: 'send', topic: 'orders*', tag: ['import', 'export'] }, cluster: 'west' },
    { name: 'payments', when: { topic: ['payments', 'payments-*'] }, cluster: 'west' },
  ],
}
const headers: HeaderList = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/apache.rocketmq.v2.MessagingService/SendMessage'],
  [':authority', 'broker:8081'],
  ['te', 'trailers'],
  ['content-type', 'application/grpc'],
  ['x-mq-client-id', 'host@1@0@abc'],
  ['x-mq-language', 'NODE_JS'],
]
const request = requests.send({ topic: 'payments', tag: 'created', body: Buffer.alloc(1024, 'x') })
const response = frame(encodeSendMessageResponse({ status: { code: 'OK', message: 'OK' }, entries: [{ messageId: '01A2B3', offset: 7n }] }))

/** A whole call: held, routed, answered, logged. What it has become, to see that all did the same. */
function call(plugin: Plugin) {
  const stream = plugin.request({ headers })
  stream.body(request, true)
  stream.response({ headers: [[':status', '200']] })
  stream.responseBody(response)
  stream.responseTrailers([['grpc-status', '0']])
  stream.end()
  return stream
}

/** CPU time of a call, µs: the host's part, the way into the module and back, and the module's own. */
function measure(plugin: Plugin, count: number): number {
  const before = process.cpuUsage()
  for (let index = 0; index < count; index++) call(plugin)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/**
 * In the host of our tests, against a module that makes the same calls of it and nothing else: here one sees what the filter itself costs, without
 * an Envoy around it.
 */
export async function filterInHost({ rounds, count }: { readonly rounds: number; readonly count: number }): Promise<Result> {
  const start = async (source: Uint8Array | string) => {
    const host = await WasmHost.load(source)
    const plugin = host.startVm().startPlugin({ configuration: config })
    assert.ok(plugin.ok)
    return { host, plugin }
  }
  const [ours, floor] = [await start(filterFile), await start(await floorFilter())]
  assert.deepEqual(call(ours.plugin).upstream.headers, call(floor.plugin).upstream.headers)
  assert.deepEqual(call(ours.plugin).filterState, call(floor.plugin).filterState)
  for (const { plugin } of [ours, floor]) measure(plugin, count)

  const costs: { readonly ours: number[]; readonly floor: number[] } = { ours: [], floor: [] }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const)
    for (const who of order) costs[who].push(measure((who === 'ours' ? ours : floor).plugin, count))
  }
  assert.deepEqual([...ours.host.faults, ...floor.host.faults], [])
  const peer = 'the same host calls without a filter'
  return {
    what: 'SendMessage of 1 KiB through the filter, from its headers to its log',
    unit: 'µs CPU per call in the test host',
    costs: [
      { who: 'FeatherMQ filter', cost: spread(costs.ours) },
      { who: peer, cost: spread(costs.floor) },
    ],
    ratios: [{ peer, ratio: ratios(costs.ours, costs.floor), floor: 0.7 }],
  }
}
