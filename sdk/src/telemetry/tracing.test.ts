import { strict as assert } from 'node:assert'
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, type TextMapPropagator, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, it } from 'mocha'
import type { FeatherMQOptions } from '../options.ts'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const hello = { topic: 'orders', body: 'hello' }
const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = `00-${remote.traceId}-${remote.spanId}-01`

interface Traced extends AsyncDisposable {
  readonly test: Bench
  spans(): ReadableSpan[]
  span(name: string): ReadableSpan
}

/** A bench whose client traces into memory, with everything registered for as long as the test runs. */
async function traced(
  telemetry: FeatherMQOptions['telemetry'] = {},
  propagator: TextMapPropagator = new W3CTraceContextPropagator(),
): Promise<Traced> {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const manager = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(manager)
  const test = await bench({ telemetry: { tracerProvider, propagator, ...telemetry } })
  const spans = () => exporter.getFinishedSpans()
  return {
    test,
    spans,
    span: (name) => spans().find((span) => span.name === name) ?? assert.fail(`no span ${name} among ${spans().map((span) => span.name)}`),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      context.disable()
    },
  }
}

describe('tracing', () => {
  it('makes a producer span per send and writes its context into properties and trace_context', async () => {
    await using t = await traced({}, new W3CTraceContextPropagator())
    const producer = t.test.mq.producer()
    const receipt = await producer.send({ ...hello, tag: 'created', keys: ['o-1'], messageGroup: 'g' })
    const span = t.span('send orders')
    assert.equal(span.kind, SpanKind.PRODUCER)
    assert.equal(span.instrumentationScope.name, '@feathermq/sdk')
    assert.equal(span.instrumentationScope.schemaUrl, 'https://opentelemetry.io/schemas/1.45.0')
    assert.deepEqual(span.attributes, {
      'messaging.system.name': 'rocketmq',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'orders',
      'messaging.client.id': producer.clientId,
      'messaging.message.id': receipt.messageId,
      'rocketmq.namespace': '',
      'rocketmq.message.type': 'fifo',
      'rocketmq.message.tag': 'created',
      'rocketmq.message.group': 'g',
      'rocketmq.message.keys': ['o-1'],
      'server.address': '127.0.0.1',
      'server.port': t.test.server.port,
      'feathermq.attempts': 1,
    })
    const { traceId, spanId } = span.spanContext()
    const sent = t.test.server.sends.all[0]
    const message = sent?.request.messages[0]
    assert.equal(message?.userProperties.get('traceparent'), `00-${traceId}-${spanId}-01`)
    assert.equal(message?.systemProperties?.traceContext, `00-${traceId}-${spanId}-01`)
    assert.equal(sent?.headers['traceparent'], `00-${traceId}-${spanId}-01`)
  })

  it('makes the send a child of the span around it', async () => {
    await using t = await traced()
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...remote, traceFlags: 1 })
    await context.with(parent, () => t.test.mq.producer().send(hello))
    const span = t.span('send orders')
    assert.equal(span.spanContext().traceId, remote.traceId)
    assert.equal(span.parentSpanContext?.spanId, remote.spanId)
  })

  it('records retries as events and only the last error as failure', async () => {
    await using t = await traced()
    t.test.server.onSend = () => ({ status: { code: t.test.server.sends.all.length < 3 ? 'TOO_MANY_REQUESTS' : 'MESSAGE_CORRUPTED' }, entries: [] })
    const sending = failure(t.test.mq.producer().send(hello))
    await t.test.clock.advance(1_000)
    await sending
    const span = t.span('send orders')
    assert.equal(span.events.filter(({ name }) => name === 'rocketmq.send.retry').length, 2)
    assert.equal(span.status.code, SpanStatusCode.ERROR)
    assert.equal(span.attributes['error.type'], 'MESSAGE_CORRUPTED')
    assert.equal(t.spans().length, 1)
  })

  it('keeps a context that the message brings along, and links to it', async () => {
    await using t = await traced()
    await t.test.mq.producer().send({ ...hello, properties: { traceparent } })
    const span = t.span('send orders')
    assert.equal(span.kind, SpanKind.CLIENT)
    assert.equal(span.links[0]?.context.spanId, remote.spanId)
    const message = t.test.server.sends.all[0]?.request.messages[0]
    assert.equal(message?.userProperties.get('traceparent'), traceparent)
    assert.equal(message?.systemProperties?.traceContext, traceparent)
  })

  it('never fails a send for its trace: baggage goes first, then all', async () => {
    const propagator = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] })
    await using t = await traced({}, propagator)
    const baggage = propagation.createBaggage({ lane: { value: 'x'.repeat(1_000) } })
    const producer = t.test.mq.producer()
    await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), async () => {
      await producer.send(hello)
      await producer.send({ ...hello, properties: { p: 'x'.repeat(16_000) } })
      await producer.send({ ...hello, properties: { p: 'x'.repeat(16_380) } })
    })
    const carried = t.test.server.sends.all.map(({ request }) => [...(request.messages[0]?.userProperties.keys() ?? [])].filter((key) => key !== 'p'))
    assert.deepEqual(carried, [['traceparent', 'baggage'], ['traceparent'], []])
    assert.equal(t.test.log.of('trace-context-dropped').length, 2)
  })

  it('makes a process span per handled message: child of the sending span and linked to it, active in the handler', async () => {
    await using t = await traced()
    let active: string | undefined
    const { consumer } = run(t.test, async () => {
      await turns(1)
      active = trace.getActiveSpan()?.spanContext().spanId
    })
    await t.test.server.deliver(
      delivered({ id: 'a', attempt: 2, properties: new Map([['traceparent', traceparent]]), system: { tag: 'paid', keys: ['k'] } }),
    )
    await t.test.server.acks.next()
    const span = t.span('process orders')
    assert.equal(span.kind, SpanKind.CONSUMER)
    assert.equal(span.parentSpanContext?.spanId, remote.spanId)
    assert.equal(span.links[0]?.context.spanId, remote.spanId)
    assert.equal(active, span.spanContext().spanId)
    assert.deepEqual(span.attributes, {
      'messaging.system.name': 'rocketmq',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
      'messaging.client.id': consumer.clientId,
      'messaging.consumer.group.name': 'billing',
      'messaging.message.id': 'a',
      'rocketmq.namespace': '',
      'rocketmq.consumption_model': 'clustering',
      'rocketmq.message.tag': 'paid',
      'rocketmq.message.keys': ['k'],
      'feathermq.delivery_attempt': 2,
    })
  })

  it('reads the context from trace_context where no property carries one', async () => {
    await using t = await traced()
    run(t.test)
    await t.test.server.deliver(delivered({ system: { traceContext: traceparent } }))
    await t.test.server.acks.next()
    assert.equal(t.span('process orders').parentSpanContext?.spanId, remote.spanId)
  })

  it('puts the process span under the span around run, or nowhere, where that is asked for', async () => {
    const around = { traceId: remote.traceId, spanId: '00000000000000aa', traceFlags: 1 }
    for (const processParent of ['ambient', 'root'] as const) {
      await using t = await traced({ processParent })
      context.with(trace.setSpanContext(ROOT_CONTEXT, around), () => run(t.test))
      await t.test.server.deliver(delivered({ properties: new Map([['traceparent', traceparent]]) }))
      await t.test.server.acks.next()
      const span = t.span('process orders')
      assert.equal(span.parentSpanContext?.spanId, processParent === 'ambient' ? around.spanId : undefined)
      assert.equal(span.links[0]?.context.spanId, remote.spanId)
    }
  })

  it('runs the handler in the context of run where it makes no span, not in that of the call that brought the message', async () => {
    await using t = await traced({ tracing: false })
    const around = { traceId: remote.traceId, spanId: '00000000000000aa', traceFlags: 1 }
    const suppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const seen: unknown[] = []
    context.with(trace.setSpanContext(ROOT_CONTEXT, around), () =>
      run(t.test, () => void seen.push(trace.getActiveSpan()?.spanContext().spanId, context.active().getValue(suppressed))),
    )
    await t.test.server.deliver(delivered({}))
    await t.test.server.acks.next()
    assert.deepEqual(seen, [around.spanId, undefined])
  })

  it('marks the span of a handler that failed', async () => {
    await using t = await traced()
    run(t.test, () => Promise.reject(new Error('boom')))
    await t.test.server.deliver(delivered({}))
    await t.test.server.changes.next()
    const span = t.span('process orders')
    assert.deepEqual([span.status.code, span.status.message, span.attributes['error.type']], [SpanStatusCode.ERROR, 'boom', 'CONSUME_FAILURE'])
  })

  it('makes one span for a batch, linked to every message, in the context of runBatch, and marks it when the handler failed', async () => {
    await using t = await traced()
    let active: string | undefined
    const consumer = t.test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.runBatch(
      () => {
        active = trace.getSpan(context.active())?.spanContext().spanId
        throw new Error('boom')
      },
      { max: 2 },
    )
    const parented = new Map([['traceparent', traceparent]])
    await t.test.server.deliver(delivered({ properties: parented }), delivered({}))
    await t.test.server.changes.reaches(2)
    const span = t.span('process orders')
    assert.equal(span.kind, SpanKind.CONSUMER)
    assert.equal(span.parentSpanContext, undefined)
    assert.deepEqual(
      span.links.map((link) => link.context.spanId),
      [remote.spanId],
    )
    assert.equal(span.attributes['messaging.batch.message_count'], 2)
    assert.equal(span.attributes['messaging.consumer.group.name'], 'billing')
    assert.equal(span.attributes['error.type'], 'CONSUME_FAILURE')
    assert.equal(span.status.code, SpanStatusCode.ERROR)
    assert.equal(active, span.spanContext().spanId)
    await consumer.close()
    await running
  })

  it('leaves keys out where they are not to be captured', async () => {
    await using t = await traced({ captureKeys: false })
    run(t.test)
    await t.test.mq.producer().send({ ...hello, keys: ['secret'] })
    await t.test.server.deliver(delivered({ system: { keys: ['secret'] } }))
    await t.test.server.acks.next()
    for (const span of t.spans()) assert.equal(span.attributes['rocketmq.message.keys'], undefined)
    assert.equal(t.spans().length, 2)
  })

  it('writes, makes and runs nothing while no provider is registered or tracing is off', async () => {
    for (const telemetry of [{}, { tracing: false }]) {
      await using test = await bench({ telemetry })
      let active: unknown = 'not run'
      run(test, () => {
        active = trace.getActiveSpan()
      })
      await test.mq.producer().send(hello)
      const sent = test.server.sends.all[0]
      assert.equal(sent?.request.messages[0]?.userProperties.size, 0)
      assert.equal(sent?.request.messages[0]?.systemProperties?.traceContext, undefined)
      assert.equal(sent?.headers['traceparent'], undefined)
      await test.server.deliver(delivered({}))
      await test.server.acks.next()
      assert.equal(active, undefined)
    }
  })

  it('begins when a provider is registered, however late', async () => {
    await using test = await bench({ telemetry: { propagator: new W3CTraceContextPropagator() } })
    const producer = test.mq.producer()
    await producer.send(hello)
    const exporter = new InMemorySpanExporter()
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
    try {
      await producer.send(hello)
      assert.equal(exporter.getFinishedSpans().length, 1)
    } finally {
      trace.disable()
    }
  })

  it('keeps calls in the background out of the traces of the application', async () => {
    await using t = await traced()
    const { transport } = t.test
    const suppressedCalls = new Map<string, boolean>()
    const key = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const watching = {
      ...transport,
      createChannel: (options: Parameters<typeof transport.createChannel>[0]) => {
        const channel = transport.createChannel(options)
        const start = channel.start.bind(channel)
        channel.start = (method, handler, callOptions) => {
          suppressedCalls.set(method.path.split('/')[2] ?? '', context.active().getValue(key) === true)
          return start(method, handler, callOptions)
        }
        return channel
      },
    }
    const mq = t.test.client({ transport: watching })
    await mq.producer().send(hello)
    const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(() => {})
    await t.test.server.receives.next()
    await t.test.clock.advance(1_000)
    for (const name of ['QueryRoute', 'Telemetry', 'Heartbeat', 'QueryAssignment', 'ReceiveMessage'])
      assert.equal(suppressedCalls.get(name), true, name)
    assert.equal(suppressedCalls.get('SendMessage'), false)
    await mq.close()
    await running
  })
})
