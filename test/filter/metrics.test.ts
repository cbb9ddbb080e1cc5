import assert from 'node:assert/strict'
import type { MetricLabel } from '@feathermq/mesh-filter'
import type { FilterStream, Plugin, WasmHost } from '@feathermq/mesh-filter/host'
import { encodeQueryRouteResponse, encodeReceiveMessageResponse } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { frame } from '../support/filter/frames.ts'
import { requests } from '../support/filter/requests.ts'
import { delimited, varint } from '../support/filter/wire.ts'
import { call, callHeaders, cut, loadFilter, startFilter, startPlugin, told, twoClusters } from './support/filter.ts'

const callName = /^fmq\.calls\.op\.([^.]+)\.topic\.([^.]+)\.group\.([^.]+)\.code\.([^.]+)\.end$/

/** The counters of calls, as `op topic group code count`. */
function counts(host: WasmHost): string[] {
  const found: string[] = []
  for (const [name, value] of told(host).counters()) {
    if (!name.startsWith('fmq.calls.')) continue
    const [, ...labels] = callName.exec(name) ?? assert.fail(`${name} cannot be split into labels`)
    found.push([...labels, value].join(' '))
  }
  return found.toSorted()
}

function total(host: WasmHost): number {
  return counts(host).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

function receive(plugin: Plugin, topic: string, group: string): void {
  call(plugin, 'ReceiveMessage', requests.receive(topic, group)).end()
}

const ok = [':status', '200'] as const
const status = (code: 'OK' | 'TOPIC_NOT_FOUND') => frame(encodeQueryRouteResponse({ status: { code, message: 'as it is' } }))
/** A response with a Status in field 1 that has these bytes. */
const raw = (...bytes: number[]) => frame(Uint8Array.from(delimited(1, bytes)))

describe('the counter of calls', () => {
  describe('is bounded for the whole process, over two VMs:', () => {
    it('as many topics and groups as configured have labels of their own, the same in both; the others are counted together', async () => {
      const host = await loadFilter()
      const metrics = { topics: 4, groups: 3 }
      const plugins = [startPlugin(host.startVm(), { ...twoClusters, metrics }), startPlugin(host.startVm(), { ...twoClusters, metrics })]
      for (let round = 0; round < 3; round++) {
        for (let index = 0; index < 8; index++) {
          // Names that are new come to either VM, names that the other one knows too.
          const plugin = plugins[(index + round) % 2] ?? assert.fail()
          receive(plugin, `topic-${index}`, `group-${index}`)
        }
      }
      assert.deepEqual(counts(host), [
        'receive topic-0 group-0 none 3',
        'receive topic-1 group-1 none 3',
        'receive topic-2 group-2 none 3',
        'receive topic-3 ~other none 3',
        'receive ~other ~other none 12',
      ])
      assert.deepEqual(host.faults, [])
    })

    it('one of the series is kept for all calls beyond the others', async () => {
      const host = await loadFilter()
      const metrics = { series: 4 }
      const plugins = [startPlugin(host.startVm(), { ...twoClusters, metrics }), startPlugin(host.startVm(), { ...twoClusters, metrics })]
      for (let index = 0; index < 20; index++) receive(plugins[index % 2] ?? assert.fail(), `topic-${index % 10}`, 'g')
      assert.deepEqual(counts(host), [
        'receive topic-0 g none 2',
        'receive topic-1 g none 2',
        'receive topic-2 g none 2',
        '~other ~other ~other ~other 14',
      ])
      assert.deepEqual(host.faults, [])
    })

    it('a VM that was loaded again knows the names that are admitted already', async () => {
      const { host, vm, plugin } = await startFilter({ metrics: { topics: 2 } })
      for (const topic of ['a', 'b', 'c']) receive(plugin, topic, 'g')
      host.tick()
      vm.reload()
      for (const topic of ['c', 'd', 'b', 'a']) receive(plugin, topic, 'g')
      assert.deepEqual(counts(host), ['receive a g none 2', 'receive b g none 2', 'receive ~other g none 3'])
      assert.deepEqual(host.faults, [])
    })

    it('a thousand names of the greatest length that they may have', async () => {
      const { host, plugin } = await startFilter({ metrics: { topics: 1000, series: 10_000 } })
      const name = (index: number) => `${index}-${'x'.repeat(255)}`.slice(0, 255)
      for (let index = 0; index < 1100; index++) receive(plugin, name(index), 'g')
      assert.equal(counts(host).length, 1001)
      assert.ok(counts(host).includes('receive ~other g none 100'))
      assert.ok(counts(host).includes(`receive ${name(999)} g none 1`))
      assert.deepEqual(host.faults, [])
    })
  })

  it('has the labels that are configured, for every set of them, and no name is admitted for a label that nobody wants', async () => {
    const all = ['op', 'topic', 'group', 'code'] as const
    const value: Readonly<Record<MetricLabel, string>> = { op: 'receive', topic: 't', group: 'g', code: '40402' }
    for (let set = 1; set < 16; set++) {
      const labels = all.filter((_, index) => (set & (1 << index)) !== 0)
      const { host, plugin } = await startFilter({ metrics: { labels, topics: 1, groups: 1 } })
      const without = startPlugin(host.startVm(), {
        ...twoClusters,
        name: 'without',
        metrics: { labels: ['code'], topics: 1, groups: 1 },
      })
      receive(without, 'first', 'first')
      const stream = call(plugin, 'ReceiveMessage', requests.receive('t', 'g'))
      stream.response({ headers: [ok] })
      stream.responseBody(status('TOPIC_NOT_FOUND'), true)
      stream.end()
      const line = `${all.map((label) => (labels.includes(label) ? value[label] : '-')).join(' ')} 1`
      assert.ok(counts(host).includes(line), `${labels.join()}: ${counts(host).join(', ')} lacks ${line}`)
      assert.equal(total(host), 2)
      assert.deepEqual(host.faults, [])
    }
  })

  describe('has as code', () => {
    /** Code of a call whose response is played by `play`. */
    async function codeOf(play: (stream: FilterStream) => void, method = 'ReceiveMessage', request = requests.receive('t', 'g')): Promise<string> {
      const { host, plugin } = await startFilter({ metrics: { labels: ['code'] } })
      const stream = call(plugin, method, request)
      play(stream)
      const shown = stream.filterState.get('fmq.code')
      stream.end()
      assert.deepEqual(host.faults, [])
      const [line = '', ...more] = counts(host)
      assert.equal(more.length, 0)
      const [, code] = /^- - - (\S+) 1$/.exec(line) ?? assert.fail(line)
      assert.equal(shown, code === 'none' ? undefined : code, 'the access log says the same')
      return code ?? ''
    }
    const respond = (chunks: readonly Uint8Array[], grpcStatus?: string) => (stream: FilterStream) => {
      stream.response({ headers: [ok] })
      for (const chunk of chunks) stream.responseBody(chunk)
      stream.responseTrailers(grpcStatus === undefined ? [] : [['grpc-status', grpcStatus]])
    }
    const message = frame(encodeReceiveMessageResponse({ content: { case: 'message', value: { topic: { name: 't' }, body: Buffer.alloc(700) } } }))
    const timestamp = frame(encodeReceiveMessageResponse({ content: { case: 'deliveryTimestamp', value: { seconds: 1, nanos: 0 } } }))

    const cases: readonly (readonly [what: string, code: string, play: (stream: FilterStream) => void])[] = [
      ['that of the status of a unary response', '40402', respond([status('TOPIC_NOT_FOUND')], '0')],
      ['20000 of one that went well', '20000', respond([status('OK')], '0')],
      ['that of the first message of a stream', '20000', respond([status('OK'), message, timestamp], '0')],
      [
        'that of a later message of a stream, when the first ones have none',
        '40402',
        respond([timestamp, message, message, status('TOPIC_NOT_FOUND')], '0'),
      ],
      ['the first of two', '20000', respond([status('OK'), status('TOPIC_NOT_FOUND')], '0')],
      ["RocketMQ's, also when gRPC failed after it", '40402', respond([status('TOPIC_NOT_FOUND')], '13')],
      ["gRPC's, of trailers after messages without a status", 'grpc-13', respond([message], '13')],
      ["gRPC's, of trailers without a message", 'grpc-14', respond([], '14')],
      ['none when gRPC says OK and there was no message', 'none', respond([], '0')],
      ['none when the trailers say nothing', 'none', respond([])],
      ['none when gRPC says something that is no number', 'none', respond([], 'x')],
      ["gRPC's, of headers that are all there is", 'grpc-12', (stream) => stream.response({ headers: [ok, ['grpc-status', '12']], endStream: true })],
      [
        'none of headers that are all there is and say OK',
        'none',
        (stream) => stream.response({ headers: [ok, ['grpc-status', '0']], endStream: true }),
      ],
      ['none of a page that is no gRPC', 'none', respond([Buffer.from('<html>')])],
      ['none when the response ends inside its status', 'none', respond([status('OK').subarray(0, 9)], '0')],
      ["gRPC's when the response ends inside its status", 'grpc-1', respond([status('OK').subarray(0, 9)], '1')],
      ['none when the response is compressed', 'none', respond([frame(Buffer.from('gzip'), true)], '0')],
      ["gRPC's when the response is compressed", 'grpc-2', respond([frame(Buffer.from('gzip'), true)], '2')],
      ['0 of a status without a code', '0', respond([raw()], '0')],
      ['a number that no RocketMQ has', '7', respond([raw(0x08, 7)], '0')],
      ['none of a negative number', 'none', respond([raw(0x08, ...Array.from({ length: 9 }, () => 0xff), 1)], '0')],
      [
        'none of a number that would look like a status of gRPC',
        'none',
        respond([raw(0x08, 0x97, ...Array.from({ length: 8 }, () => 0xff), 1)], '0'),
      ],
      ['none without any response', 'none', () => {}],
    ]
    for (const [what, code, play] of cases) {
      it(what, async () => {
        assert.equal(await codeOf(play), code)
      })
    }

    it('the same however the response was cut', async () => {
      const bytes = Buffer.concat([timestamp, status('TOPIC_NOT_FOUND')])
      const { host, plugin } = await startFilter()
      const play = (pieces: readonly Uint8Array[]) => {
        const stream = call(plugin, 'ReceiveMessage', requests.receive('t', 'g'))
        respond(pieces, '0')(stream)
        assert.ok(stream.client.body().equals(bytes))
        stream.end()
      }
      for (let place = 0; place <= bytes.length; place++) play(cut(bytes, place))
      play(cut(bytes, ...bytes.keys()))
      assert.deepEqual(counts(host), [`receive t g 40402 ${bytes.length + 2}`])
      assert.deepEqual(host.faults, [])
    })

    it("gRPC's of a method that the filter does not know, whose messages it does not read", async () => {
      const other = ['/grpc.health.v1.Health/Check', requests.route('t')] as const
      assert.equal(await codeOf(respond([status('OK')], '5'), ...other), 'grpc-5')
      assert.equal(await codeOf(respond([status('OK')], '0'), ...other), 'none')
    })
  })

  it('counts every call once, with what is known of it, whatever way it ends', async () => {
    const { host, plugin } = await startFilter({ hold: { maxBytes: 64 } })
    const bytes = requests.receive('orders', 'billing')
    const open = (method = 'ReceiveMessage', endStream = false) => plugin.request({ headers: callHeaders(method), endStream })
    const ways: readonly (readonly [what: string, expected: string, play: () => FilterStream])[] = [
      ['reset before its headers are followed by anything', 'receive - - none', () => open()],
      [
        'reset inside of the name of its group',
        'receive - - none',
        () => {
          const stream = open()
          stream.body(bytes.subarray(0, 11))
          return stream
        },
      ],
      [
        'reset while it is held, its group read',
        'receive - billing none',
        () => {
          const stream = open()
          stream.body(bytes.subarray(0, 20))
          return stream
        },
      ],
      ['reset after it was let go', 'receive orders billing none', () => call(plugin, 'ReceiveMessage', bytes)],
      [
        'reset after it has got a code',
        'receive orders billing 20000',
        () => {
          const stream = call(plugin, 'ReceiveMessage', bytes)
          stream.response({ headers: [ok] })
          stream.responseBody(status('OK'))
          return stream
        },
      ],
      ['with its headers', 'receive - - none', () => open('ReceiveMessage', true)],
      ['refused because it cannot be read', 'receive - - grpc-7', () => call(plugin, 'ReceiveMessage', Buffer.from([1, 0, 0, 0, 0]))],
      ['refused for a name', 'receive orders - grpc-7', () => call(plugin, 'ReceiveMessage', requests.receive('orders', 'no group'))],
      [
        'refused because its facts come too late',
        'receive - - grpc-8',
        () => call(plugin, 'ReceiveMessage', frame(Uint8Array.from([...delimited(9, Buffer.alloc(100)), ...bytes.subarray(5)]))),
      ],
      [
        'refused after it was let go',
        'receive orders billing grpc-7',
        () => call(plugin, 'ReceiveMessage', ...cut(frame(Uint8Array.from([...bytes.subarray(5), ...bytes.subarray(5)])), bytes.length)),
      ],
      ['of an operation without a topic', 'heartbeat - billing none', () => call(plugin, 'Heartbeat', requests.heartbeat('billing'))],
      ['of no operation', 'other - - none', () => call(plugin, '/x.Y/Z', bytes)],
    ]
    for (const [what, expected, play] of ways) {
      for (const end of ['end', 'reset'] as const) {
        const before = counts(host)
        const stream = play()
        if (stream.state === 'held' && end === 'end') {
          stream.reset()
          continue
        }
        stream[end]()
        const [line = '', ...more] = counts(host).filter((candidate) => !before.includes(candidate))
        assert.match(line, new RegExp(`^${expected} \\d+$`), `a call ${what}, ${end}`)
        assert.equal(more.length, 0)
      }
    }
    assert.equal(total(host), 2 * ways.length)
    assert.deepEqual(host.faults, [])
  })

  it('takes the group of a telemetry stream from the settings of a subscription, and no topic', async () => {
    const { host, plugin } = await startFilter()
    call(plugin, 'Telemetry', requests.settings('billing')).end()
    // Protobuf keeps the last member of a oneof, so the group of settings that were overwritten does not count.
    const settings = requests.settings('gone').subarray(5)
    call(plugin, 'Telemetry', frame(Uint8Array.from([...settings, ...delimited(4, [])]))).end()
    call(plugin, 'Telemetry', frame(Uint8Array.from(delimited(2, [...delimited(5, []), ...varint(8), 1])))).end()
    assert.deepEqual(counts(host), ['telemetry - - none 2', 'telemetry - billing none 1'])
    assert.deepEqual(host.faults, [])
  })
})

describe('the other counters', () => {
  it('count held calls, opaque and refused ones, unreadable brokers and loaded configurations', async () => {
    const { host, vm, plugin } = await startFilter()
    const counter = (name: string) => host.metrics.counter(`fmq.${name}`)
    call(plugin, 'ReceiveMessage', requests.receive('orders', 'billing', 'a broker')).end()
    call(plugin, 'AckMessage', requests.ack('orders', 'billing', 'no handle')).end()
    call(plugin, 'AckMessage', requests.ack('orders', 'billing', '')).end()
    call(plugin, 'AckMessage', requests.ack('orders', 'billing', '1 2 3 4 5 broker 7 8')).end()
    call(plugin, 'Heartbeat', requests.heartbeat('billing')).end()
    call(plugin, 'QueryRoute', requests.route('no topic')).end()
    startPlugin(vm, { ...twoClusters, name: 'again' })
    assert.equal(vm.startPlugin({ configuration: '{}' }).ok, false)
    assert.equal(counter('held'), 5)
    assert.equal(counter('broker_unreadable'), 2)
    assert.equal(counter('opaque.name'), 1)
    assert.equal(counter('denied.name'), 1)
    assert.equal(counter('config_loads'), 2)
    const others = [...told(host).counters().keys()].filter((name) => !name.startsWith('fmq.calls.')).toSorted()
    assert.deepEqual(others, ['fmq.broker_unreadable', 'fmq.config_loads', 'fmq.denied.name', 'fmq.held', 'fmq.opaque.name'])
    assert.deepEqual(host.faults, [])
  })
})
