import assert from 'node:assert/strict'
import type { Histograms } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin } from '@feathermq/mesh-filter/host'
import { encodeReceiveMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { call, callHeaders, cut, loadFilter, startFilter, startPlugin, told, twoClusters } from './support/filter.ts'

const startMs = 1_700_000_000_000
const seconds = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 })

async function recording(histograms: Histograms, clock: () => number = () => startMs) {
  return await startFilter({ metrics: { histograms } }, { clock })
}

/** What a consumer gets of a topic. */
function receive(plugin: Plugin, topic: string, ...pieces: readonly Uint8Array[]): void {
  const stream = call(plugin, 'ReceiveMessage', requests.receive(topic, 'g'))
  stream.response({ headers: [[':status', '200']] })
  for (const piece of pieces) stream.responseBody(piece)
  stream.responseTrailers([['grpc-status', '0']])
  stream.end()
}

interface Stamps {
  readonly born?: number
  readonly stored?: number
  readonly due?: number
  readonly attempt?: number
}
const received = ({ born, stored, due, attempt }: Stamps) =>
  frame(
    encodeReceiveMessageResponse({
      content: {
        case: 'message',
        value: {
          topic: { name: 'orders' },
          userProperties: new Map([['a', 'b']]),
          systemProperties: {
            messageId: '01',
            ...(born === undefined ? {} : { bornTimestamp: seconds(born) }),
            ...(stored === undefined ? {} : { storeTimestamp: seconds(stored) }),
            ...(due === undefined ? {} : { deliveryTimestamp: seconds(due) }),
            ...(attempt === undefined ? {} : { deliveryAttempt: attempt }),
          },
          body: Buffer.alloc(700),
        },
      },
    }),
  )
const status = frame(encodeReceiveMessageResponse({ content: { case: 'status', value: { code: 'OK', message: 'ok' } } }))

describe('histograms', () => {
  it('record how long calls take, in ms, from their headers to their end, however they end', async () => {
    let now = startMs
    const { host, plugin } = await recording({ names: ['latency'], by: ['op', 'topic', 'group'] }, () => now)
    const lasting = (ms: number, end: (stream: FilterStream) => void) => {
      const stream = plugin.request({ headers: callHeaders('ReceiveMessage') })
      stream.body(requests.receive('orders', 'billing'), true)
      now += ms
      end(stream)
    }
    lasting(7, (stream) => {
      stream.response({ headers: [[':status', '200']] })
      stream.responseBody(status)
      stream.responseTrailers([['grpc-status', '0']])
      stream.end()
    })
    lasting(3000, (stream) => stream.reset())
    call(plugin, 'Heartbeat', requests.heartbeat('billing')).end()
    assert.deepEqual(host.metrics.histogram('fmq.latency.op.receive.topic.orders.group.billing.end'), [7, 3000])
    assert.deepEqual(host.metrics.histogram('fmq.latency.op.heartbeat.topic.-.group.billing.end'), [0])
    assert.deepEqual(host.faults, [])
  })

  it('record how large sends are, by the length of their gRPC message', async () => {
    const { host, plugin } = await recording({ names: ['body-size'] })
    const request = requests.send({ topic: 'orders', body: Buffer.alloc(5000) })
    for (const place of [3, 5, 100]) {
      const stream = plugin.request({ headers: callHeaders('SendMessage') })
      for (const [index, piece] of cut(request, place).entries()) stream.body(piece, index === 1)
      stream.reset()
    }
    plugin.request({ headers: callHeaders('SendMessage'), endStream: true }).reset()
    receive(plugin, 'orders', status)
    const length = request.length - 5
    assert.deepEqual(host.metrics.histogram('fmq.body-size.op.-.topic.orders.group.-.end'), [length, length, length])
    assert.equal(host.metrics.histogram('fmq.body-size.op.-.topic.-.group.-.end').length, 0)
  })

  it('record how long messages have waited since they could be delivered, and how often they were, wherever the answer is cut', async () => {
    const { host, plugin } = await recording({ names: ['delivery-latency', 'redelivery'], by: ['topic'] })
    const answer = Buffer.concat([
      received({ born: startMs - 900, stored: startMs - 800, attempt: 1 }),
      received({ born: startMs - 500, attempt: 3 }),
      received({ born: startMs - 9000, stored: startMs - 8000, due: startMs - 20, attempt: 2 }),
      received({ stored: startMs + 50, attempt: 1 }),
      received({}),
      status,
      received({ stored: startMs - 1, attempt: 16 }),
    ])
    receive(plugin, 'orders', answer)
    receive(plugin, 'orders', ...cut(answer, ...answer.keys()))
    const latencies = [800, 500, 20, 0, 1]
    const redeliveries = [0, 2, 1, 0, 15]
    assert.deepEqual(host.metrics.histogram('fmq.delivery-latency.op.-.topic.orders.group.-.end'), [...latencies, ...latencies])
    assert.deepEqual(host.metrics.histogram('fmq.redelivery.op.-.topic.orders.group.-.end'), [...redeliveries, ...redeliveries])
    assert.equal(told(host).counter('fmq.calls.op.receive.topic.orders.group.g.code.20000.end'), 2, 'the code is known all the same')
    assert.deepEqual(host.faults, [])
  })

  it('admit names for their own labels, also where the counters have none of them', async () => {
    const { host, plugin } = await startFilter({ metrics: { labels: ['op'], histograms: { names: ['latency'], by: ['topic'] } } })
    call(plugin, 'ReceiveMessage', requests.receive('orders', 'g')).end()
    assert.equal(host.metrics.histogram('fmq.latency.op.-.topic.orders.group.-.end').length, 1)
    assert.equal(told(host).counter('fmq.calls.op.receive.topic.-.group.-.code.-.end'), 1)
  })
})

describe('the series of a process', () => {
  it('stay at their bounds over 100,000 topics, four workers and twenty configurations', async () => {
    const host = await loadFilter({ clock: () => startMs })
    const bounds = { topics: 50, groups: 20, series: 300 }
    const histograms = { by: ['topic', 'op', 'group'] as const, series: 40 }
    const vms = Array.from({ length: 4 }, () => host.startVm())
    let plugins: Plugin[] = []
    const calls = 100_000
    const updates = 20
    for (let index = 0; index < calls; index++) {
      if (index % (calls / updates) === 0) {
        const old = plugins
        const rule = index / (calls / updates)
        // A rule of another name each time, which is counted too.
        const limits = [{ name: `l${rule}`, when: { topic: 'topic-7' }, messages: { rate: 1, burst: 1 }, shadow: true }]
        plugins = vms.map((vm) => startPlugin(vm, { ...twoClusters, limits, metrics: { ...bounds, histograms } }))
        for (const plugin of old) plugin.close()
      }
      const plugin = plugins[index % 4] ?? assert.fail()
      const stream = call(plugin, 'ReceiveMessage', requests.receive(`topic-${index}`, `group-${index % 1000}`))
      stream.reset()
    }
    const named = [...told(host).counters().keys()]
    const series = named.filter((name) => name.startsWith('fmq.calls.'))
    assert.ok(series.length <= bounds.series, `${series.length}`)
    assert.equal(
      [...told(host).counters()].filter(([name]) => name.startsWith('fmq.calls.')).reduce((sum, [, value]) => sum + value, 0),
      calls,
    )
    assert.ok(new Set(series.map((name) => /\.topic\.([^.]+)/.exec(name)?.[1])).size <= bounds.topics + 2)
    // What is left beside the counters of calls: histograms, rules, and the plain ones.
    assert.ok(host.metrics.defined <= bounds.series + histograms.series + updates + 20, `${host.metrics.defined} metrics`)
    assert.ok(host.metrics.defined > bounds.topics)
    assert.deepEqual(host.faults, [])
    for (const vm of vms) assert.ok(vm.memoryBytes < 4 * 1_048_576, `${vm.memoryBytes} bytes`)
  }).timeout(60_000)
})
