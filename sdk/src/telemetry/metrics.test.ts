import { strict as assert } from 'node:assert'
import { metrics } from '@opentelemetry/api'
import { type DataPoint, DataPointType, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { describe, it } from 'mocha'
import type { FeatherMQOptions } from '../options.ts'
import { bench } from '../testing-internal/bench.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const hello = { topic: 'orders', body: 'hello' }

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}

  /** All that was measured: by metric, a line for each set of attributes with its sum, or number and sum of a histogram. */
  async lines(name: string): Promise<[attributes: Record<string, unknown>, value: number | [count: number, sum: number]][]> {
    const { resourceMetrics } = await this.collect()
    const [scope] = resourceMetrics.scopeMetrics
    const metric = scope?.metrics.find(({ descriptor }) => descriptor.name === name)
    if (metric === undefined) return []
    if (metric.dataPointType === DataPointType.HISTOGRAM) {
      return (metric.dataPoints as DataPoint<Histogram>[]).map(({ attributes, value }) => [{ ...attributes }, [value.count, value.sum ?? 0]])
    }
    return (metric.dataPoints as DataPoint<number>[]).map(({ attributes, value }) => [{ ...attributes }, value])
  }

  async names(): Promise<string[]> {
    const { resourceMetrics } = await this.collect()
    return resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => `${descriptor.name} ${descriptor.unit}`)).sort()
  }
}

async function measured(telemetry: FeatherMQOptions['telemetry'] = {}) {
  const reader = new Reader()
  const meterProvider = new MeterProvider({ readers: [reader] })
  const test = await bench({ telemetry: { meterProvider, ...telemetry } })
  return {
    test,
    reader,
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await meterProvider.shutdown()
    },
  }
}

const base = { 'messaging.system.name': 'rocketmq', 'messaging.destination.name': 'orders' }
const inGroup = { ...base, 'messaging.consumer.group.name': 'billing' }

describe('metrics', () => {
  it('count and time sends, by how they ended', async () => {
    await using t = await measured()
    const { test, reader } = t
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      await test.clock.advance(30)
      return test.server.sends.all.length === 2 ? { status: { code: 'FORBIDDEN' }, entries: [] } : await usual(request, call)
    }
    const producer = test.mq.producer()
    await producer.send(hello)
    assert.equal((await failure(producer.send(hello))).code, 'FORBIDDEN')
    const send = { ...base, 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' }
    const stored = { ...send, 'server.address': '127.0.0.1', 'server.port': test.server.port }
    assert.deepEqual(await reader.lines('messaging.client.sent.messages'), [
      [stored, 1],
      [{ ...send, 'error.type': 'FORBIDDEN' }, 1],
    ])
    assert.deepEqual(await reader.lines('messaging.client.operation.duration'), [
      [stored, [1, 0.03]],
      [{ ...send, 'error.type': 'FORBIDDEN' }, [1, 0.03]],
    ])
    assert.deepEqual(await reader.lines('rocketmq.client.inflight.messages'), [[base, 0]])
  })

  it('count what is under way, repeated and refused for want of capacity', async () => {
    await using t = await measured()
    const { test, reader } = t
    const { passed, open } = gate()
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      if (test.server.sends.all.length < 3) return { status: { code: 'TOO_MANY_REQUESTS' }, entries: [] }
      await passed
      return await usual(request, call)
    }
    const sending = test.mq.producer().send(hello)
    await test.clock.advance(1_000)
    assert.deepEqual(await reader.lines('rocketmq.client.inflight.messages'), [[base, 1]])
    assert.deepEqual(await reader.lines('rocketmq.client.send.retries'), [[base, 2]])
    assert.deepEqual(await reader.lines('rocketmq.client.flow_control.rejections'), [[base, 2]])
    open()
    await sending
  })

  it('count and time what is consumed: its delivery, its wait for a handler, its handling and its end', async () => {
    await using t = await measured()
    const { test, reader } = t
    const { passed, open } = gate()
    run(test, () => passed, {}, 1)
    const stored = { seconds: test.clock.now() / 1_000 - 2 }
    await test.server.deliver(
      delivered({ id: 'a', body: 'four', system: { storeTimestamp: stored } }),
      delivered({ id: 'b', attempt: 2, system: { storeTimestamp: stored } }),
    )
    await test.clock.advance(400)
    const [waiting] = await reader.lines('rocketmq.client.cached.messages')
    assert.deepEqual(waiting, [inGroup, 1])
    assert.ok(Number((await reader.lines('rocketmq.client.cached.size'))[0]?.[1]) > 10)
    open()
    await test.server.acks.next()
    await turns()
    const received = { ...inGroup, 'messaging.operation.name': 'receive', 'messaging.operation.type': 'receive' }
    const process = { ...inGroup, 'messaging.operation.name': 'process', 'messaging.operation.type': 'process' }
    const ack = { ...inGroup, 'messaging.operation.name': 'ack', 'messaging.operation.type': 'settle' }
    assert.deepEqual(await reader.lines('messaging.client.consumed.messages'), [[received, 2]])
    // Of the first delivery only: the second waited for its back-off.
    assert.deepEqual(await reader.lines('rocketmq.client.delivery.latency'), [[inGroup, [1, 2]]])
    assert.deepEqual(await reader.lines('rocketmq.client.await.duration'), [[inGroup, [2, 0.4]]])
    assert.deepEqual(await reader.lines('messaging.process.duration'), [[process, [2, 0.4]]])
    assert.deepEqual(await reader.lines('messaging.client.operation.duration'), [[ack, [2, 0]]])
    assert.deepEqual(await reader.lines('rocketmq.client.cached.messages'), [[inGroup, 0]])
  })

  it('tell a handler that failed from one that did not, and a batch as one', async () => {
    await using t = await measured()
    const { test, reader } = t
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    void consumer.runBatch(
      () => {
        throw new Error('boom')
      },
      { max: 2 },
    )
    await test.server.deliver(delivered({}), delivered({}))
    await test.server.changes.reaches(2)
    await turns()
    const [line, ...more] = await reader.lines('messaging.process.duration')
    assert.deepEqual([line?.[0]['error.type'], line?.[1], more], ['CONSUME_FAILURE', [1, 0], []])
    const [settled] = await reader.lines('messaging.client.operation.duration')
    assert.equal(settled?.[0]['messaging.operation.name'], 'nack')
  })

  it('time the receives of a simple consumer, and count what they bring', async () => {
    await using t = await measured()
    const { test, reader } = t
    const receiving = test.mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } }).receive()
    await turns()
    await test.clock.advance(700)
    await test.server.deliver(delivered({}), delivered({}))
    await receiving
    const received = { ...inGroup, 'messaging.operation.name': 'receive', 'messaging.operation.type': 'receive' }
    assert.deepEqual(await reader.lines('messaging.client.operation.duration'), [[received, [1, 0.7]]])
    assert.deepEqual(await reader.lines('messaging.client.consumed.messages'), [[received, 2]])
  })

  it('time commits, rollbacks and recalls', async () => {
    await using t = await measured()
    const { test, reader } = t
    const producer = test.mq.producer()
    await producer.transaction(hello, async () => 'commit')
    await producer.recall({ topic: 'orders', recallHandle: 'h' })
    const names = (await reader.lines('messaging.client.operation.duration')).map(([attributes]) => attributes['messaging.operation.name'])
    assert.deepEqual(names, ['send', 'commit', 'recall'])
  })

  it('count streams that came back', async () => {
    await using t = await measured()
    const { test, reader } = t
    await test.mq.producer().send(hello)
    test.server.streams.all[0]?.end()
    await test.clock.advance(2_000)
    assert.equal(test.server.streams.all.length, 2)
    assert.deepEqual(await reader.lines('rocketmq.client.reconnects'), [[{ 'messaging.system.name': 'rocketmq' }, 1]])
  })

  it('have the names and units of the documentation', async () => {
    await using t = await measured()
    const { test, reader } = t
    const usual = test.server.onSend
    test.server.onSend = (request, call) =>
      test.server.sends.all.length === 1 ? { status: { code: 'TOO_MANY_REQUESTS' }, entries: [] } : usual(request, call)
    const sending = test.mq.producer().send(hello)
    await test.clock.advance(1_000)
    await sending
    test.server.streams.all[0]?.end()
    await test.clock.advance(2_000)
    run(test)
    await test.server.deliver(delivered({ system: { storeTimestamp: { seconds: 1 } } }))
    await test.server.acks.next()
    assert.deepEqual(await reader.names(), [
      'messaging.client.consumed.messages {message}',
      'messaging.client.operation.duration s',
      'messaging.client.sent.messages {message}',
      'messaging.process.duration s',
      'rocketmq.client.await.duration s',
      'rocketmq.client.cached.messages {message}',
      'rocketmq.client.cached.size By',
      'rocketmq.client.delivery.latency s',
      'rocketmq.client.flow_control.rejections {rejection}',
      'rocketmq.client.inflight.messages {message}',
      'rocketmq.client.reconnects {reconnect}',
      'rocketmq.client.send.retries {attempt}',
    ])
  })

  it('begin when a provider is registered, however late, and are off where that is asked for', async () => {
    await using test = await bench()
    const silent = test.client({ telemetry: { metrics: false } }).producer()
    const producer = test.mq.producer()
    await producer.send(hello)
    const reader = new Reader()
    const provider = new MeterProvider({ readers: [reader] })
    metrics.setGlobalMeterProvider(provider)
    try {
      await producer.send(hello)
      await silent.send(hello)
      assert.deepEqual(
        (await reader.lines('messaging.client.sent.messages')).map(([, value]) => value),
        [1],
      )
    } finally {
      metrics.disable()
      await provider.shutdown()
      const closing = silent.close()
      await test.clock.advance(5_000)
      await closing
    }
  })
})
