import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { headerNames, messagingService } from '@feathermq/protocol'
import { http2Transport, inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { begin, end } from '../handlers/test-kit/kept.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { RawClient, startBroker, type TestBroker } from '../testing/index.ts'
import { Metrics } from './metrics.ts'
import { type Family, parseExposition } from './test-kit/parse-exposition.ts'

const documentation = (): Promise<string> => readFile(new URL('../../../docs/broker-metrics.md', import.meta.url), 'utf8')

/** The table of the documentation: `| name | type | labels | unit | what |`. */
async function documented(): Promise<{ readonly name: string; readonly type: string; readonly labels: readonly string[] }[]> {
  const rows = [...(await documentation()).matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)]
  return rows.map(([, name = '', type = '', labels = '']) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label),
  }))
}

/** What HTTP/2 begins with (RFC 9113, 3.4). */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

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

  it('have every family, with its help, also before anything happened', async () => {
    const families = await scrape()
    assert.deepEqual(new Set(families.keys()), new Set((await documented()).map(({ name }) => name)))
    for (const [name, { help }] of families) assert.match(help, /^[A-Z].*\.$/, name)
  })

  it('have the names, types and labels that the documentation lists', async () => {
    const client = broker.rawClient()
    const streams = [
      await client.telemetry({ clientType: 'PRODUCER', pubSub: { case: 'publishing', value: { topics: [{ name: 'orders' }] } } }),
      await broker.rawClient().telemetry({ clientType: 'PUSH_CONSUMER', pubSub: { case: 'subscription', value: { group: { name: 'billing' } } } }),
    ]
    await client.send('orders', 'a')
    await client.receive('orders', 'billing')
    broker.broker.context.counters.countRefusedConnection('PROTOCOL_ERROR')
    await end(client, await begin(client, 'orders', 'x'), 'COMMIT')
    const families = await scrape()
    for (const { name, type, labels } of await documented()) {
      const { kind, samples = [] } = families.get(name) ?? {}
      assert.equal(kind, type, name)
      assert.ok(samples.length > 0, `there is a sample of ${name}`)
      const own = ['cluster', 'node_type', 'node_id', 'le']
      for (const sample of samples) {
        assert.deepEqual(
          Object.keys(sample.labels).filter((label) => !own.includes(label)),
          labels,
          name,
        )
      }
    }
    for (const stream of streams) stream.close()
  })

  it('are all that the queries of the documentation ask for', async () => {
    const text = await documentation()
    const names = new Set((await documented()).map(({ name }) => name))
    const queries = /```promql\n([\s\S]*?)```/.exec(text)?.[1] ?? ''
    const asked = [...queries.matchAll(/\b(rocketmq|feathermq)_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))
    assert.ok(asked.length > 10)
    for (const name of asked) assert.ok(names.has(name), `${name} of the queries is in the table`)
  })

  it('are OpenMetrics for a scraper that asks for it, with the same figures', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    await client.receive('orders', 'billing')
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1'
    const response = await fetch(`http://${broker.http}/metrics`, { headers: { accept } })
    assert.equal(response.headers.get('content-type'), 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    const plain = (families: ReadonlyMap<string, Family>) =>
      [...families].map(([name, { kind, help, samples }]) => [
        name,
        kind,
        help,
        samples.map(({ labels, value }) => [{ ...labels, le: Number(labels['le']) }, value]),
      ])
    assert.deepEqual(plain(parseExposition(await response.text(), 'openmetrics')), plain(await scrape()))
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
    const store = new MemoryStore({ clock, wheel: new TimingWheel(clock) })
    const families = parseExposition(new Metrics({ ...broker.broker.context, name }, store).text())
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

  it('tell the age of the oldest message that waits, and of the oldest that is not settled', async () => {
    const client = broker.rawClient()
    const ages = async () => [await figure('rocketmq_consumer_queueing_latency', billing), await figure('rocketmq_consumer_lag_latency', billing)]
    await client.receive('orders', 'billing')
    await client.send('orders', 'a')
    await broker.clock.advance('3s')
    await client.send('orders', 'b')
    await broker.clock.advance('2s')
    assert.deepEqual(await ages(), [5_000, 5_000])
    const [first] = await client.receive('orders', 'billing', { max: 1, invisible: '30s' })
    assert.deepEqual(await ages(), [2_000, 5_000])
    const [second] = await client.receive('orders', 'billing', { invisible: '30s' })
    assert.deepEqual(await ages(), [0, 5_000])
    await client.ack('orders', 'billing', first)
    assert.deepEqual(await ages(), [0, 2_000])
    await client.ack('orders', 'billing', second)
    assert.deepEqual(await ages(), [0, 0])
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

  it('count half messages, and how long their transactions took to end which way', async () => {
    const client = broker.rawClient()
    const orders = { topic: 'orders' }
    const halves = []
    for (const body of ['a', 'b', 'c', 'd']) halves.push(await begin(client, 'orders', body))
    const [a, b, c] = halves
    assert.ok(a && b && c)
    assert.equal(await figure('rocketmq_half_messages', orders), 4)
    assert.equal(await figure('rocketmq_timing_messages', orders), 0)
    await broker.clock.advance('4s')
    await end(client, a, 'COMMIT')
    await end(client, a, 'COMMIT')
    await end(client, b, 'ROLLBACK')
    await broker.clock.advance('2m')
    await end(client, c, 'COMMIT')
    assert.equal(await figure('rocketmq_half_messages', orders), 1)
    assert.equal(await figure('rocketmq_commit_messages_total', orders), 2)
    assert.equal(await figure('rocketmq_rollback_messages_total', orders), 1)
    const buckets = (await scrape()).get('rocketmq_finish_message_latency')?.samples ?? []
    assert.deepEqual(
      buckets.filter(({ labels }) => labels['le'] !== undefined).map(({ labels, value }) => [labels['le'], value]),
      [
        ['5000', 2],
        ['60000', 2],
        ['600000', 3],
        ['3600000', 3],
        ['43200000', 3],
        ['86400000', 3],
        ['+Inf', 3],
      ],
    )
  })

  it('count what is rolled back because nobody ended it', async () => {
    const client = broker.rawClient()
    await begin(client, 'orders', 'a')
    await broker.clock.advance('4d')
    assert.equal(await figure('rocketmq_half_messages', { topic: 'orders' }), 0)
    assert.equal(await figure('rocketmq_rollback_messages_total', { topic: 'orders' }), 1)
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

  it('measure calls from the request to the answer, by how they ended', async () => {
    const client = broker.rawClient()
    await client.send('orders', 'a')
    await client.send('not a topic', 'b')
    const ok = { protocol_type: 'grpc', request_code: 'send_message', response_code: 'ok', is_long_polling: 'false', result: 'success' }
    assert.equal(await figure('rocketmq_rpc_latency', { ...ok, le: '1' }), 1)
    assert.equal(await figure('rocketmq_rpc_latency', { ...ok, response_code: 'illegal_topic', le: '+Inf' }), 1)
    await assert.rejects(client.call(messagingService.sendMessage, Buffer.from([0xff]), () => undefined))
    assert.equal(await figure('rocketmq_rpc_latency', { request_code: 'send_message', result: 'process_request_failed', le: '+Inf' }), 1)
  })

  it('tell receives that waited from those that found a message', async () => {
    const client = broker.rawClient()
    const receive = { request_code: 'receive_message', result: 'success' }
    await client.send('orders', 'a')
    await client.receive('orders', 'billing', { wait: '15s' })
    assert.equal(await figure('rocketmq_rpc_latency', { ...receive, response_code: 'ok', is_long_polling: 'false', le: '1' }), 1)
    const waiting = client.receive('orders', 'billing', { wait: '15s' })
    await client.receive('other', 'billing')
    await broker.clock.advance('50ms')
    await client.send('orders', 'b')
    assert.equal((await waiting).length, 1)
    const waited = { ...receive, response_code: 'ok', is_long_polling: 'true' }
    assert.equal(await figure('rocketmq_rpc_latency', { ...waited, le: '10' }), 0)
    assert.equal(await figure('rocketmq_rpc_latency', { ...waited, le: '100' }), 1)
  })

  it('sort messages by their size', async () => {
    const client = broker.rawClient()
    for (const size of [10, 2_000, 5_000]) await client.send('orders', 'x'.repeat(size))
    const of = { topic: 'orders', message_type: 'normal' }
    assert.equal(await figure('rocketmq_message_size', { ...of, le: '1024' }), 1)
    assert.equal(await figure('rocketmq_message_size', { ...of, le: '4096' }), 2)
    assert.equal(await figure('rocketmq_message_size', { ...of, le: '524288' }), 3)
  })

  it('let whatever is beyond the most series of a name share one, which never goes back', async () => {
    const client = broker.rawClient()
    const metrics = new Metrics(broker.broker.context, new MemoryStore({ clock: broker.clock, wheel: new TimingWheel(broker.clock) }), 2)
    const overflow = (name: string): number | undefined => {
      const samples = parseExposition(metrics.text()).get(name)?.samples ?? []
      assert.ok(samples.length <= 3, name)
      return samples.find(({ labels }) => labels['otel_metric_overflow'] === 'true')?.value
    }
    for (const group of ['one', 'two', 'three', 'four']) await client.receive('orders', group)
    await client.send('orders', 'a')
    assert.equal(overflow('rocketmq_messages_out_total'), 0)
    assert.equal(overflow('rocketmq_consumer_ready_messages'), 2)
    await broker.clock.advance('3s')
    assert.equal(overflow('rocketmq_consumer_lag_latency'), 3_000)
    for (const group of ['three', 'four']) await client.receive('orders', group)
    assert.equal(overflow('rocketmq_messages_out_total'), 2)
    for (const path of ['groups/three', 'groups/one']) await fetch(`http://${broker.http}/api/${path}`, { method: 'DELETE' })
    assert.equal(overflow('rocketmq_messages_out_total'), 2)
    await client.receive('orders', 'five')
    metrics.text()
    for (const group of ['four', 'five']) {
      await client.send('orders', 'b')
      await client.receive('orders', group)
    }
    assert.equal(overflow('rocketmq_messages_out_total'), 3)
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
