import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { headerNames } from '@feathermq/protocol'
import { http2Transport, inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { RawClient, startBroker, type TestBroker } from '../testing/index.ts'
import { metricsText } from './metrics.ts'

/** What HTTP/2 begins with (RFC 9113, 3.4). */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
interface Family {
  readonly help: string
  readonly kind: string
  readonly samples: Sample[]
}

/** One `name="value"` of a sample; within the quotes a backslash stands before a backslash, a quote or an n, and nowhere else. */
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const at = LABEL.lastIndex
    const [, name, value] = LABEL.exec(text) ?? []
    assert.ok(name !== undefined && value !== undefined, `no label at ${at} of ${text}`)
    assert.ok(!(name in labels), `the label ${name} twice in ${text}`)
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return labels
}

/** Reads the text exposition format 0.0.4 as its description has it, and nothing beyond: families are not interleaved, each has HELP and TYPE first. */
function parseExposition(text: string): ReadonlyMap<string, Family> {
  assert.ok(text.endsWith('\n'), 'the last line has an end')
  const families = new Map<string, Family>()
  const lines = text.slice(0, -1).split('\n')
  let current: { name: string; family: Family } | undefined
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const [, helped, help] = /^# HELP ([a-z_]+) ([^\\]+)$/.exec(line) ?? []
    if (helped !== undefined && help !== undefined) {
      const [, typed, kind] = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(lines[++at] ?? '') ?? []
      assert.equal(typed, helped, `TYPE follows HELP of ${helped}`)
      assert.ok(!families.has(helped), `${helped} is there once`)
      assert.equal(kind === 'counter', helped.endsWith('_total'), `${helped} is named as what it is`)
      current = { name: helped, family: { help, kind: kind ?? '', samples: [] } }
      families.set(helped, current.family)
      continue
    }
    const [, name, labels, value] = /^([a-z_]+)\{(.*)\} (\S+)$/.exec(line) ?? []
    assert.ok(name !== undefined && labels !== undefined && value !== undefined, `a sample: ${line}`)
    assert.equal(name, current?.name, 'samples stand below their family')
    assert.match(value, /^\d+(\.\d+)?$/)
    const sample = { labels: labelsOf(labels), value: Number(value) }
    const same = current?.family.samples.find((other) => JSON.stringify(other.labels) === JSON.stringify(sample.labels))
    assert.equal(same, undefined, `one sample per series: ${line}`)
    current?.family.samples.push(sample)
  }
  return families
}

const EVERYTHING = [
  ['rocketmq_proxy_up', 'gauge'],
  ['rocketmq_messages_in_total', 'counter'],
  ['rocketmq_throughput_in_total', 'counter'],
  ['rocketmq_messages_out_total', 'counter'],
  ['rocketmq_throughput_out_total', 'counter'],
  ['rocketmq_consumer_ready_messages', 'gauge'],
  ['rocketmq_consumer_inflight_messages', 'gauge'],
  ['rocketmq_consumer_lag_messages', 'gauge'],
  ['rocketmq_consumer_lag_latency', 'gauge'],
  ['rocketmq_send_to_dlq_messages_total', 'counter'],
  ['rocketmq_topic_number', 'gauge'],
  ['rocketmq_consumer_group_number', 'gauge'],
  ['rocketmq_timing_messages', 'gauge'],
  ['rocketmq_storage_size', 'gauge'],
  ['rocketmq_producer_connections', 'gauge'],
  ['rocketmq_consumer_connections', 'gauge'],
  ['feathermq_answers_total', 'counter'],
  ['feathermq_connections_refused_total', 'counter'],
  ['feathermq_redelivered_messages_total', 'counter'],
  ['feathermq_parked_messages', 'gauge'],
  ['feathermq_waiting_receives', 'gauge'],
]

describe('metrics', () => {
  let broker: TestBroker
  beforeEach(async () => {
    broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', groups: { ledger: { ordered: true } } })
  })
  afterEach(() => broker.close())

  async function scrape(): Promise<ReadonlyMap<string, Family>> {
    const response = await fetch(`http://${broker.http}/metrics`)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    return parseExposition(await response.text())
  }

  /** The one value of a family under these labels; undefined when there is none. */
  async function figure(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const samples = (await scrape()).get(name)?.samples ?? []
    const found = samples.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    assert.ok(found.length <= 1, `${name} under ${JSON.stringify(labels)} is one series`)
    return found[0]?.value
  }

  const billing = { topic: 'orders', consumer_group: 'billing' }

  it('have every family, with its help and type, also before anything happened', async () => {
    const families = await scrape()
    assert.deepEqual(
      [...families].map(([name, { kind }]) => [name, kind]),
      EVERYTHING,
    )
    for (const [name, { help }] of families) assert.match(help, /^[A-Z].*\.$/, name)
  })

  it('carry the cluster, the kind of node and the name of the broker on every sample', async () => {
    await broker.rawClient().send('orders', 'a')
    for (const [name, { samples }] of await scrape()) {
      for (const { labels } of samples) {
        assert.deepEqual({ ...labels, cluster: 'feathermq', node_type: 'broker', node_id: 'feathermq' }, labels, name)
      }
    }
  })

  it('escape what stands in labels', () => {
    const name = 'a "quoted" \\ back\\slash,\nnew}line='
    const { clock } = broker.broker.context
    const families = parseExposition(metricsText({ ...broker.broker.context, name }, new MemoryStore({ clock, wheel: new TimingWheel(clock) })))
    assert.equal(families.get('rocketmq_proxy_up')?.samples[0]?.labels['node_id'], name)
  })

  it('count what is sent, in messages and bytes, by topic and type', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    const first = (await figure('rocketmq_throughput_in_total')) ?? 0
    await client.send('orders', 'a')
    await client.send('orders', 'x'.repeat(1_000), { messageGroup: 'g', messageType: 'FIFO' })
    assert.equal(await figure('rocketmq_messages_in_total', { topic: 'orders', message_type: 'normal' }), 2)
    assert.equal(await figure('rocketmq_messages_in_total', { topic: 'orders', message_type: 'fifo' }), 1)
    assert.ok(first > 0)
    assert.equal(await figure('rocketmq_throughput_in_total', { message_type: 'normal' }), 2 * first)
    assert.ok(((await figure('rocketmq_throughput_in_total', { message_type: 'fifo' })) ?? 0) > 1_000)
    assert.ok(((await figure('rocketmq_storage_size')) ?? 0) > 1_000 + 2 * first)
    assert.equal(await figure('rocketmq_topic_number'), 1)
  })

  it('follow a message from ready over in flight to settled', async () => {
    const client = broker.rawClient()
    const figures = async () => ({
      ready: await figure('rocketmq_consumer_ready_messages', billing),
      inFlight: await figure('rocketmq_consumer_inflight_messages', billing),
      lag: await figure('rocketmq_consumer_lag_messages', billing),
      out: await figure('rocketmq_messages_out_total', billing),
      again: await figure('feathermq_redelivered_messages_total', billing),
    })
    await client.receive('orders', 'billing')
    assert.equal(await figure('rocketmq_consumer_group_number'), 2)
    for (const body of ['a', 'b', 'c']) await client.send('orders', body)
    assert.deepEqual(await figures(), { ready: 3, inFlight: 0, lag: 3, out: 0, again: 0 })
    const [first, second] = await client.receive('orders', 'billing', { max: 2 })
    assert.deepEqual(await figures(), { ready: 1, inFlight: 2, lag: 3, out: 2, again: 0 })
    await client.ack('orders', 'billing', first)
    assert.deepEqual(await figures(), { ready: 1, inFlight: 1, lag: 2, out: 2, again: 0 })
    await broker.clock.advance('10s')
    assert.deepEqual(await figures(), { ready: 2, inFlight: 0, lag: 2, out: 2, again: 0 })
    const [again] = await client.receive('orders', 'billing', { max: 1 })
    assert.equal(again?.messageId, second?.messageId)
    assert.deepEqual(await figures(), { ready: 1, inFlight: 1, lag: 2, out: 3, again: 1 })
    assert.equal(await figure('rocketmq_throughput_out_total', billing), await figure('rocketmq_throughput_in_total', { topic: 'orders' }))
  })

  it('count a message that was given back as in flight until it comes again', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    const [message] = await client.receive('orders', 'billing', { autoRenew: true })
    assert.ok(message)
    await client.change('orders', 'billing', message, '30s')
    assert.equal(await figure('rocketmq_consumer_inflight_messages', billing), 1)
    await broker.clock.advance('30s')
    assert.equal(await figure('rocketmq_consumer_inflight_messages', billing), 0)
    assert.equal(await figure('rocketmq_consumer_ready_messages', billing), 1)
  })

  it('tell the age of the oldest message that waits', async () => {
    const client = broker.rawClient()
    await client.receive('orders', 'billing')
    await client.send('orders', 'a')
    await broker.clock.advance('3s')
    await client.send('orders', 'b')
    await broker.clock.advance('2s')
    assert.equal(await figure('rocketmq_consumer_lag_latency', billing), 5_000)
    await client.receive('orders', 'billing', { max: 1 })
    assert.equal(await figure('rocketmq_consumer_lag_latency', billing), 2_000)
    await client.receive('orders', 'billing')
    assert.equal(await figure('rocketmq_consumer_lag_latency', billing), 0)
  })

  it('count dead letters, and tell that their topic is not of the users', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    const [message] = await client.receive('orders', 'billing')
    assert.ok(message)
    await client.deadLetter('orders', 'billing', message)
    assert.equal(await figure('rocketmq_send_to_dlq_messages_total', billing), 1)
    assert.equal(await figure('rocketmq_consumer_lag_messages', billing), 0)
    await client.receive('%DLQ%billing', 'rescue')
    assert.equal(await figure('rocketmq_messages_out_total', { topic: '%DLQ%billing', consumer_group: 'rescue', is_system: 'true' }), 1)
    assert.equal(await figure('rocketmq_messages_out_total', { ...billing, is_system: 'false' }), 1)
  })

  it('count messages whose time has not come, until it comes', async () => {
    const at = Math.floor(broker.clock.now() / 1_000) + 60
    await broker.rawClient().send('later', 'a', { messageType: 'DELAY', deliveryTimestamp: { seconds: at, nanos: 0 } })
    assert.equal(await figure('rocketmq_timing_messages', { topic: 'later' }), 1)
    await broker.clock.advance('1m')
    assert.equal(await figure('rocketmq_timing_messages', { topic: 'later' }), 0)
  })

  it('count messages passed because their message group is locked', async () => {
    const client = broker.rawClient()
    const ledger = { topic: 'orders', consumer_group: 'ledger' }
    for (const body of ['a', 'b', 'c']) await client.send('orders', body, { messageGroup: 'one', messageType: 'FIFO' })
    await client.receive('orders', 'ledger', { max: 1 })
    await client.receive('orders', 'ledger', { max: 1 })
    assert.equal(await figure('feathermq_parked_messages', ledger), 2)
    assert.equal(await figure('rocketmq_consumer_lag_messages', ledger), 3)
  })

  it('count receives that wait, until they are answered', async () => {
    const client = broker.rawClient()
    const waiting = client.receive('orders', 'billing', { wait: '15s' })
    // Calls of one connection begin in order: once this one is answered, the other waits.
    await client.receive('other', 'billing')
    assert.equal(await figure('feathermq_waiting_receives', billing), 1)
    assert.equal(await figure('feathermq_waiting_receives', { topic: 'other' }), 0)
    await client.send('orders', 'a')
    assert.equal((await waiting).length, 1)
    assert.equal(await figure('feathermq_waiting_receives', billing), 0)
  })

  it('count answers by RPC and status code', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    await client.send('orders', 'b')
    await client.send('not a topic', 'c')
    await client.receive('orders', 'billing')
    await client.receive('orders', 'billing')
    assert.equal(await figure('feathermq_answers_total', { rpc: 'SendMessage', code: 'OK' }), 2)
    assert.equal(await figure('feathermq_answers_total', { rpc: 'SendMessage', code: 'ILLEGAL_TOPIC' }), 1)
    assert.equal(await figure('feathermq_answers_total', { rpc: 'ReceiveMessage', code: 'OK' }), 1)
    assert.equal(await figure('feathermq_answers_total', { rpc: 'ReceiveMessage', code: 'MESSAGE_NOT_FOUND' }), 1)
  })

  it('count connections that were refused, by code', async () => {
    await using real = await startBroker({ transport: http2Transport() })
    const [, port] = real.endpoints.split(':')
    for (const speech of ['GET / HTTP/1.1\r\n\r\n', `${PREFACE}\0\0\0\x06\0\0\0\0\0`, `${PREFACE}\0\0\0\x04\0\0\0\0\0\0\x40\x01\0\0\0\0\0\x01`]) {
      const stranger = connect(Number(port), '127.0.0.1')
      stranger.on('error', () => {})
      stranger.resume()
      stranger.write(speech, 'latin1')
      await once(stranger, 'close')
    }
    const response = await fetch(`http://${real.http}/metrics`)
    const samples = parseExposition(await response.text()).get('feathermq_connections_refused_total')?.samples ?? []
    assert.deepEqual(samples.map(({ labels, value }) => [labels['code'], value]).sort(), [
      ['FRAME_SIZE_ERROR', 1],
      ['PROTOCOL_ERROR', 2],
    ])
  })

  it('count producers and consumers that live, by what they say of themselves', async () => {
    const strange = 'J"A\\VA'
    const channels = [1, 2, 3].map(() => broker.transport.createChannel({ address: broker.endpoints }))
    const about: readonly (readonly [string, string])[] = [
      [headerNames.language, strange],
      [headerNames.clientVersion, '5.0'],
    ]
    const clients = channels.map(
      (channel, at) =>
        new RawClient(
          {
            ...channel,
            start: (method, handler, options) => channel.start(method, handler, { ...options, headers: [...(options?.headers ?? []), ...about] }),
          },
          `told-${at}`,
        ),
    )
    const streams = await Promise.all(
      clients.map((client, at) =>
        client.telemetry(
          at === 0
            ? { clientType: 'PRODUCER', pubSub: { case: 'publishing', value: { topics: [{ name: 'orders' }] } } }
            : { clientType: 'PUSH_CONSUMER', pubSub: { case: 'subscription', value: { group: { name: 'billing' } } } },
        ),
      ),
    )
    const of = { language: strange, version: '5.0', protocol_type: 'grpc' }
    assert.equal(await figure('rocketmq_producer_connections', of), 1)
    assert.equal(await figure('rocketmq_consumer_connections', { ...of, consumer_group: 'billing', consume_mode: 'push_consumer' }), 2)
    for (const stream of streams) stream.close()
    await broker.clock.advance('10s')
    assert.equal(await figure('rocketmq_producer_connections'), undefined)
    assert.equal(await figure('rocketmq_consumer_connections'), undefined)
    for (const channel of channels) channel.close()
  })
})
