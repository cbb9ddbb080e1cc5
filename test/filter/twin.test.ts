import assert from 'node:assert/strict'
import { type Plugin, WasmHost } from '@feathermq/mesh-filter/host'
import { encodeSendMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { routing } from '../bench/filter-chains.ts'
import { sendRequest } from '../bench/filter-load.ts'
import { emptyFilter, sdkTwin } from '../bench/filter-twins/modules.ts'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { callHeaders, cut, loadFilter, startPlugin, told } from './support/filter.ts'

const answer = frame(encodeSendMessageResponse({ status: { code: 'TOPIC_NOT_FOUND', message: 'no' } }))
const topics = ['payments', 'payments-eu', 'orders', 'paymentsX']

/** What becomes of a send whose request comes in pieces. */
function outcome(plugin: Plugin, pieces: readonly Uint8Array[]): object {
  const forged = [
    ['x-fmq-cluster', 'secret'],
    ['x-fmq-tag', 'x'],
  ] as const
  const stream = plugin.request({ headers: callHeaders('SendMessage', forged) })
  const decisions = [stream.lastStep.decision, ...pieces.map((piece, index) => stream.body(piece, index === pieces.length - 1).decision)]
  stream.response({ headers: [[':status', '200']] })
  stream.responseBody(answer)
  stream.responseTrailers([['grpc-status', '0']])
  stream.end()
  const { headers, ended } = stream.upstream
  return {
    decisions,
    headers: headers?.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ended,
    body: stream.upstream.body(),
    state: new Map(stream.filterState),
  }
}

/** Counters of calls, by their names without the first word. */
function counters(host: WasmHost, prefix: string): object {
  const names = ['held', ...topics.map((topic) => `calls.op.send.topic.${topic}.group.-.code.40402.end`)]
  return Object.fromEntries(names.map((name) => [name, told(host).counter(`${prefix}.${name}`)]))
}

describe('the filters that ours is measured beside', () => {
  it('are one that does the same with a send and counts the same, on another SDK', async () => {
    const ours = await loadFilter()
    const twin = await WasmHost.load(await sdkTwin())
    const [our, its] = [startPlugin(ours.startVm(), routing), twin.startVm().startPlugin({ configuration: '' })]
    for (const topic of topics) {
      const bytes = frame(sendRequest(topic))
      for (const pieces of [[bytes], cut(bytes, 3), cut(bytes, 8, 400)]) assert.deepEqual(outcome(its, pieces), outcome(our, pieces), topic)
    }
    assert.deepEqual(counters(twin, 'twin'), counters(ours, 'fmq'))
    assert.deepEqual(Object.values(counters(twin, 'twin')), [12, 3, 3, 3, 3])
    // It passes what is no send, and so does ours.
    const other = its.request({ headers: callHeaders('Telemetry') })
    other.body(requests.settings('g'))
    assert.equal(other.state, 'open')
    assert.deepEqual(
      twin.faults.map(({ call }) => call),
      ['proxy_on_grpc_trailing_metadata'],
      "a name of the SDK's that no host knows",
    )
  }).timeout(600_000)

  it('are one that asks its host for nothing, until it is asked how many calls it has seen', async () => {
    const host = await WasmHost.load(await emptyFilter())
    const vm = host.startVm()
    const plugin = vm.startPlugin({ configuration: '' })
    const before = vm.hostCalls
    for (let index = 0; index < 3; index++) outcome(plugin, [frame(sendRequest('payments'))])
    assert.equal(vm.hostCalls, before)
    assert.equal(host.metrics.counter('empty.calls'), 0)
    plugin.request({ headers: callHeaders('SendMessage'), endStream: true })
    assert.equal(host.metrics.counter('empty.calls'), 3)
    assert.deepEqual(host.faults, [])
  }).timeout(600_000)
})
