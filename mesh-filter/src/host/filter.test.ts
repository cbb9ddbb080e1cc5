import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import type { MeshConfig } from '../config/model.ts'
import { WasmHost } from './host.ts'
import type { Plugin } from './plugin.ts'
import { releaseFilter } from './testing-internal/release-filter.ts'
import { callHeaders, queryRoute } from './testing-internal/requests.ts'

const config: MeshConfig = {
  version: 1,
  name: 'test',
  mode: 'route',
  clusters: { default: 'east', allow: ['east', 'west'] },
  headers: { facts: ['op', 'topic'] },
  routes: [{ name: 'payments', when: { topic: 'payments*' }, cluster: 'west' }],
}

describe('the release filter in the test host', function () {
  this.timeout(60_000)
  let host: WasmHost
  let plugin: Plugin
  before(async () => {
    host = await WasmHost.load(releaseFilter())
    plugin = host.startVm().startPlugin({ configuration: config })
  })

  it('holds the headers of a call until it has read the topic, and lets it go with its cluster', () => {
    const stream = plugin.request({ headers: callHeaders('QueryRoute', ['x-fmq-cluster', 'forged']) })
    assert.equal(stream.lastStep.decision, 'stop-iteration')
    assert.equal(stream.state, 'held')
    assert.equal(stream.upstream.headers, undefined)

    const bytes = queryRoute('payments-eu')
    const step = stream.body(bytes, true)
    assert.deepEqual(step, { decision: 'continue', headersReleased: true, bytesReleased: bytes.length, endReleased: true, localReply: undefined })
    assert.equal(stream.upstream.header('x-fmq-cluster'), 'west')
    assert.equal(stream.upstream.header('x-fmq-route'), 'payments')
    assert.equal(stream.upstream.header('x-fmq-topic'), 'payments-eu')
    assert.ok(stream.upstream.body().equals(bytes))
    assert.equal(stream.filterState.get('fmq.topic'), 'payments-eu')

    stream.response({ headers: [[':status', '200']] })
    stream.responseTrailers([['grpc-status', '0']])
    stream.end()
    assert.deepEqual(host.faults, [])
    assert.equal(host.metrics.counter('fmq.calls.op.route.topic.payments-eu.group.-.code.none.end'), 1)
  })
})
