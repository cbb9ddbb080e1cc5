import assert from 'node:assert/strict'
import type { EndpointRule } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  decodeReceiveMessageRequest,
  decodeTelemetryCommand,
  encodeQueryAssignmentRequest,
  encodeQueryAssignmentResponse,
  encodeQueryRouteRequest,
  encodeQueryRouteResponse,
  encodeReceiveMessageRequest,
  encodeTelemetryCommand,
} from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame, messagesOf } from '../support/filter/frames.ts'
import { fieldsOf, rewrite, strangers } from './support/fields.ts'
import { callHeaders, cut, loadFilter, startFilter, startPlugin, twoClusters } from './support/filter.ts'

const at = (host: string, port: number) => ({ scheme: 'IPv4' as const, addresses: [{ host, port }] })
const sidecar = at('127.0.0.1', 10_000)
const broker = (name: string, host: string) => ({ name, id: 0, endpoints: at(host, 8081) })
const queue = (name: string, host: string, id = 0) => ({
  topic: { name: 'orders' },
  id,
  permission: 'READ_WRITE' as const,
  broker: broker(name, host),
  acceptMessageTypes: ['NORMAL' as const],
})

const routeRequest = (topic = 'orders') => frame(encodeQueryRouteRequest({ topic: { name: topic }, endpoints: sidecar }))
const routeResponse = (...queues: readonly ReturnType<typeof queue>[]) =>
  frame(encodeQueryRouteResponse({ status: { code: 'OK', message: 'OK' }, messageQueues: [...queues] }))

/** A unary call, whose answer comes in these pieces. */
function answered(plugin: Plugin, method: string, request: Uint8Array, ...pieces: readonly Uint8Array[]): Buffer {
  const stream = plugin.request({ headers: callHeaders(method) })
  stream.body(request, true)
  assert.equal(stream.localReply, undefined)
  stream.response({
    headers: [
      [':status', '200'],
      ['content-type', 'application/grpc'],
    ],
  })
  for (const piece of pieces) stream.responseBody(piece)
  stream.responseTrailers([['grpc-status', '0']])
  const bytes = stream.client.body()
  stream.end()
  return bytes
}

function addressesOf(response: Buffer): string[] {
  return decodeQueryRouteResponse(response.subarray(5)).messageQueues.map((item) => {
    const { scheme, addresses } = item.broker?.endpoints ?? { scheme: 'none', addresses: [] }
    return `${item.broker?.name} ${scheme} ${addresses.map(({ host, port }) => `${host}:${port}`).join()}`
  })
}

async function started(...endpoints: readonly EndpointRule[]) {
  return await startFilter({ endpoints })
}

describe('the addresses that clients are given', () => {
  it('in a route become that of the rule for their broker, wherever the answer is cut; the first rule counts', async () => {
    const { host, plugin } = await started(
      { broker: 'a-*', to: 'mesh.internal:7000' },
      { broker: ['b', 'a-1'], to: '10.9.8.7:65535' },
      { broker: 'six', to: '[2001:db8::1]:1' },
    )
    const response = routeResponse(
      queue('a-1', '10.0.0.1'),
      queue('a-2', '10.0.0.2'),
      queue('b', '10.0.0.3'),
      queue('six', '10.0.0.4'),
      queue('c', '10.0.0.5'),
    )
    const changed = answered(plugin, 'QueryRoute', routeRequest(), response)
    assert.deepEqual(addressesOf(changed), [
      'a-1 DOMAIN_NAME mesh.internal:7000',
      'a-2 DOMAIN_NAME mesh.internal:7000',
      'b IPv4 10.9.8.7:65535',
      'six IPv6 2001:db8::1:1',
      'c IPv4 10.0.0.5:8081',
    ])
    for (let place = 1; place < response.length; place += 2) {
      assert.ok(answered(plugin, 'QueryRoute', routeRequest(), ...cut(response, place)).equals(changed), `cut at ${place}`)
    }
    assert.ok(answered(plugin, 'QueryRoute', routeRequest(), ...cut(response, ...response.keys())).equals(changed))
    assert.equal(host.metrics.counter('fmq.rewritten.endpoints'), Math.ceil((response.length - 1) / 2) + 2)
    assert.deepEqual(host.faults, [])
  })

  it('in a route keep every byte around them, also of fields that nobody knows', async () => {
    const { plugin } = await started({ to: 'x:1' })
    const sound = encodeQueryRouteResponse({ status: { code: 'OK', message: 'OK' }, messageQueues: [queue('a', '10.0.0.1')] })
    const odd = rewrite(
      rewrite(
        rewrite(sound, [2, 4], (fields) => [...strangers, ...fields]),
        [2],
        (fields) => [...fields, ...strangers],
      ),
      [],
      (fields) => [...strangers, ...fields],
    )
    const changed = answered(plugin, 'QueryRoute', routeRequest(), frame(odd)).subarray(5)
    assert.deepEqual(addressesOf(frame(changed)), ['a DOMAIN_NAME x:1'])
    const kept = (bytes: Buffer, path: readonly number[]): Uint8Array[] => {
      let content: Uint8Array = bytes
      for (const number of path) content = fieldsOf(content).find((field) => field.number === number)?.content ?? assert.fail()
      return fieldsOf(content)
        .filter(({ number }) => number > 10)
        .map((field) => field.bytes)
    }
    for (const path of [[], [2], [2, 4]]) assert.deepEqual(kept(changed, path), kept(odd, path), path.join())
  })

  it('stay when no rule is for them, and so does every byte of the answer', async () => {
    const { host, plugin } = await started({ broker: 'other', to: 'x:1' }, { when: { cluster: 'west' }, to: 'y:1' })
    const response = routeResponse(queue('a', '10.0.0.1'))
    for (let place = 1; place < response.length; place++) {
      assert.ok(answered(plugin, 'QueryRoute', routeRequest(), ...cut(response, place)).equals(response))
    }
    assert.equal(host.metrics.counter('fmq.rewritten.endpoints'), 0)
    assert.deepEqual(host.faults, [])
  })

  it('may depend on the cluster that the call went to', async () => {
    const { plugin } = await started({ when: { cluster: 'west' }, to: 'west:1' }, { when: { cluster: 'ea*' }, broker: 'a', to: 'east:1' })
    const response = routeResponse(queue('a', '10.0.0.1'), queue('b', '10.0.0.2'))
    assert.deepEqual(addressesOf(answered(plugin, 'QueryRoute', routeRequest('payments'), response)), [
      'a DOMAIN_NAME west:1',
      'b DOMAIN_NAME west:1',
    ])
    assert.deepEqual(addressesOf(answered(plugin, 'QueryRoute', routeRequest(), response)), ['a DOMAIN_NAME east:1', 'b IPv4 10.0.0.2:8081'])
  })

  it('may be those that the client has asked for', async () => {
    const { plugin } = await started({ to: 'requested' })
    const response = routeResponse(queue('a', '10.0.0.1'), queue('b', '10.0.0.2'))
    assert.deepEqual(addressesOf(answered(plugin, 'QueryRoute', routeRequest(), response)), ['a IPv4 127.0.0.1:10000', 'b IPv4 127.0.0.1:10000'])
    const silent = frame(encodeQueryRouteRequest({ topic: { name: 'orders' } }))
    assert.ok(answered(plugin, 'QueryRoute', silent, response).equals(response))
  })

  it('in an assignment become the same', async () => {
    const { plugin } = await started({ broker: 'a', to: 'requested' })
    const request = frame(encodeQueryAssignmentRequest({ topic: { name: 'orders' }, group: { name: 'g' }, endpoints: sidecar }))
    const response = frame(
      encodeQueryAssignmentResponse({ status: { code: 'OK', message: '' }, assignments: [{ messageQueue: queue('a', '10.0.0.1') }] }),
    )
    const changed = answered(plugin, 'QueryAssignment', request, ...cut(response, 20, 40))
    assert.deepEqual(decodeQueryAssignmentResponse(changed.subarray(5)).assignments[0]?.messageQueue?.broker?.endpoints, sidecar)
  })

  it('of a broker are put back into the requests that carry them, on whatever worker they come', async () => {
    const host = await loadFilter()
    const endpoints = [{ broker: 'a', to: 'requested' }]
    const plugins = [0, 1].map(() => startPlugin(host.startVm(), { ...twoClusters, endpoints }))
    const [first, second] = plugins
    assert.ok(first && second)
    const receive = frame(
      encodeReceiveMessageRequest({ group: { name: 'g' }, messageQueue: { ...queue('a', ''), broker: { ...broker('a', ''), endpoints: sidecar } } }),
    )
    const upstream = (plugin: Plugin, ...pieces: readonly Uint8Array[]) => {
      const stream = plugin.request({ headers: callHeaders('ReceiveMessage') })
      for (const [index, piece] of pieces.entries()) stream.body(piece, index === pieces.length - 1)
      const bytes = stream.upstream.body()
      stream.reset()
      return bytes
    }
    assert.ok(upstream(second, receive).equals(receive), 'nobody knows better yet')
    answered(first, 'QueryRoute', routeRequest(), routeResponse(queue('a', '10.0.0.1')))
    const read = (bytes: Buffer) => decodeReceiveMessageRequest(bytes.subarray(5)).messageQueue?.broker?.endpoints
    for (let place = 1; place < receive.length; place++) assert.deepEqual(read(upstream(second, ...cut(receive, place))), at('10.0.0.1', 8081))
    answered(first, 'QueryRoute', routeRequest(), routeResponse(queue('a', '10.0.0.99')))
    assert.deepEqual(read(upstream(second, receive)), at('10.0.0.99', 8081), 'it has moved')
    assert.deepEqual(host.faults, [])
  })

  it('are remembered of a bounded number of brokers', async () => {
    const { host, plugin } = await started({ to: 'x:1' })
    for (let index = 0; index < 300; index++) answered(plugin, 'QueryRoute', routeRequest(), routeResponse(queue(`broker-${index}`, '10.0.0.1')))
    assert.equal(host.sharedKeys().filter((key) => key.startsWith('fmq.broker.')).length, 256)
    assert.deepEqual(host.faults, [])
  })
})

describe('the addresses in the settings of a client', () => {
  const settings = (host: string, metric?: string) =>
    frame(
      encodeTelemetryCommand({
        command: {
          case: 'settings',
          value: { accessPoint: at(host, 8081), ...(metric === undefined ? {} : { metric: { on: true, endpoints: at(metric, 4317) } }) },
        },
      }),
    )
  const trace = frame(encodeTelemetryCommand({ command: { case: 'printThreadStackTraceCommand', value: { nonce: 'n' } } }))

  function open(plugin: Plugin): FilterStream {
    const stream = plugin.request({ headers: callHeaders('Telemetry') })
    stream.body(settings('127.0.0.1'))
    stream.response({ headers: [[':status', '200']] })
    return stream
  }
  const read = (bytes: Buffer) =>
    messagesOf(bytes).map((content) => {
      const { command } = decodeTelemetryCommand(content)
      if (command?.case !== 'settings') return command?.case
      return [command.value.accessPoint, command.value.metric?.endpoints].map((item) => item?.addresses.map(({ host }) => host).join())
    })

  it('become those of the rule without a broker, frame by frame, and each frame passes as soon as it is there', async () => {
    const { host, plugin } = await started({ broker: 'a', to: 'not-me:1' }, { when: { cluster: 'east' }, to: 'mesh.internal:7000' })
    const stream = open(plugin)
    assert.ok(stream.upstream.body().equals(settings('127.0.0.1')), 'what the client says stays')
    const one = settings('10.0.0.1', '10.0.0.2')
    stream.responseBody(one)
    assert.deepEqual(read(stream.client.body()), [['mesh.internal', 'mesh.internal']])
    stream.responseBody(Buffer.concat([trace, one.subarray(0, 20)]))
    stream.responseBody(one.subarray(20))
    stream.responseBody(trace)
    assert.deepEqual(read(stream.client.body()), [
      ['mesh.internal', 'mesh.internal'],
      'printThreadStackTraceCommand',
      ['mesh.internal', 'mesh.internal'],
      'printThreadStackTraceCommand',
    ])
    stream.reset()
    assert.deepEqual(host.faults, [])
  })

  it('become those that the client has sent in its own', async () => {
    const { plugin } = await started({ to: 'requested' })
    const stream = open(plugin)
    stream.responseBody(settings('10.0.0.1'))
    assert.deepEqual(read(stream.client.body()), [['127.0.0.1', undefined]])
    stream.reset()
  })

  it('wait in no more memory than configured: a frame that is larger passes as it is', async () => {
    const { host, plugin } = await startFilter({ endpoints: [{ to: 'x:1' }], trace: { maxBufferBytes: 1024 } })
    const stream = open(plugin)
    const large = frame(encodeTelemetryCommand({ command: { case: 'threadStackTrace', value: { nonce: 'n', threadStackTrace: 'x'.repeat(5000) } } }))
    for (let from = 0; from < large.length; from += 100) {
      stream.responseBody(large.subarray(from, from + 100))
      assert.ok(from + 100 - stream.client.body().length <= 1024)
    }
    assert.ok(stream.client.body().equals(large))
    stream.responseBody(settings('10.0.0.1'))
    assert.deepEqual(read(stream.client.body().subarray(large.length)), [['x', undefined]])
    assert.equal(host.metrics.counter('fmq.not_rewritten.oversize'), 1)
    stream.reset()
    assert.deepEqual(host.faults, [])
  })
})
