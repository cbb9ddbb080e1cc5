import { strict as assert } from 'node:assert'
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, it } from 'mocha'
import type { FeatherMQOptions } from '../options.ts'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const hello = { topic: 'orders', body: 'hello' }
const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const parented = new Map([['traceparent', `00-${remote.traceId}-${remote.spanId}-01`]])

async function traced(telemetry: FeatherMQOptions['telemetry'] = {}) {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const test = await bench({ telemetry: { tracerProvider, propagator: new W3CTraceContextPropagator(), ...telemetry } })
  const spans = () => exporter.getFinishedSpans()
  return {
    test,
    spans,
    span: (name: string) => spans().find((span) => span.name === name) ?? assert.fail(`no span ${name} among ${spans().map((span) => span.name)}`),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      context.disable()
    },
  }
}

const id = (span: ReadableSpan) => span.spanContext().spanId

describe('the span of an ack, nack or forwarding', () => {
  it('belongs to the span of the handler that settles', async () => {
    await using t = await traced()
    run(t.test, (message) => message.ack())
    await t.test.server.deliver(delivered({ id: 'a', properties: parented }))
    await t.test.server.acks.next()
    await turns()
    const [ack, process] = [t.span('ack orders'), t.span('process orders')]
    assert.deepEqual([ack.kind, ack.parentSpanContext?.spanId], [SpanKind.CLIENT, id(process)])
    assert.equal(ack.links[0]?.context.spanId, remote.spanId)
    assert.deepEqual(
      [ack.attributes['messaging.operation.type'], ack.attributes['messaging.message.id'], ack.attributes['messaging.consumer.group.name']],
      ['settle', 'a', 'billing'],
    )
  })

  it('stands alone, linked to whoever made the message, once the handler has ended', async () => {
    await using t = await traced()
    run(t.test, () => Promise.reject(new Error('boom')))
    await t.test.server.deliver(delivered({ properties: parented }))
    await t.test.server.changes.next()
    await turns()
    const nack = t.span('nack orders')
    assert.deepEqual([nack.parentSpanContext, nack.links[0]?.context.spanId], [undefined, remote.spanId])
  })

  it('fails as the settling does, and is left out where that is asked for', async () => {
    await using t = await traced()
    t.test.server.onDeadLetter = () => ({ status: { code: 'INVALID_RECEIPT_HANDLE' } })
    run(t.test, (message) => failure(message.deadLetter('broken')).then(() => {}))
    await t.test.server.deliver(delivered({}))
    await t.test.server.deadLetters.next()
    await turns()
    const span = t.span('forward_to_dlq orders')
    assert.deepEqual([span.status.code, span.attributes['error.type']], [SpanStatusCode.ERROR, 'LEASE_LOST'])

    await using quiet = await traced({ traceSettle: false })
    run(quiet.test)
    await quiet.test.server.deliver(delivered({}))
    await quiet.test.server.acks.next()
    await turns()
    assert.deepEqual(
      quiet.spans().map(({ name }) => name),
      ['process orders'],
    )
  })
})

const headerOf = (span: ReadableSpan) => `00-${span.spanContext().traceId}-${id(span)}-01`

describe('the request that settles', () => {
  it('carries the context of its span: of an ack, a nack and a forwarding', async () => {
    await using t = await traced()
    const { server } = t.test
    run(t.test, (message) => (message.text() === 'ack' ? message.ack() : message.text() === 'nack' ? message.nack('5s') : message.deadLetter('bad')))
    for (const body of ['ack', 'nack', 'dead']) await server.deliver(delivered({ body: Buffer.from(body) }))
    const [acked, changed, dead] = [await server.acks.next(), await server.changes.next(), await server.deadLetters.next()]
    await turns()
    assert.equal(acked.headers['traceparent'], headerOf(t.span('ack orders')))
    assert.equal(changed.headers['traceparent'], headerOf(t.span('nack orders')))
    assert.equal(dead.headers['traceparent'], headerOf(t.span('forward_to_dlq orders')))
  })

  it('carries none for acks of several spans that travel together, nor while nothing is traced', async () => {
    await using t = await traced()
    const consumer = t.test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receiving = consumer.receive()
    await t.test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await Promise.all((await receiving).map((message) => message.ack()))
    const { request, headers } = await t.test.server.acks.next()
    assert.deepEqual([request.entries.length, headers['traceparent']], [2, undefined])

    await using quiet = await traced({ tracing: false })
    run(quiet.test)
    await quiet.test.server.deliver(delivered({}))
    assert.equal((await quiet.test.server.acks.next()).headers['traceparent'], undefined)
  })
})

describe('the span of a receive', () => {
  it('travels with its request, while what a consumer asks for by itself belongs to no trace', async () => {
    await using t = await traced()
    const receiving = t.test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } }).receive()
    const asked = await t.test.server.receives.next()
    asked.end('MESSAGE_NOT_FOUND')
    await receiving
    assert.equal(asked.headers['traceparent'], headerOf(t.span('receive orders')))
    run(t.test)
    assert.equal((await t.test.server.receives.next()).headers['traceparent'], undefined)
  })

  it('tells its links apart by what the messages are', async () => {
    await using t = await traced()
    const receiving = t.test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } }).receive()
    await t.test.server.deliver(
      delivered({ id: 'a', system: { tag: 'paid', messageId: 'a', receiptHandle: 'handle-a' }, properties: parented }),
      delivered({ id: 'b', properties: parented }),
    )
    await receiving
    assert.deepEqual(
      t.span('receive orders').links.map(({ attributes }) => [attributes?.['messaging.message.id'], attributes?.['rocketmq.message.tag']]),
      [
        ['a', 'paid'],
        ['b', undefined],
      ],
    )
  })

  it('counts what came and links to whoever made it, also when nothing came', async () => {
    await using t = await traced()
    const consumer = t.test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receiving = consumer.receive()
    await t.test.server.deliver(delivered({ properties: parented }), delivered({}))
    await receiving
    const span = t.span('receive orders')
    assert.deepEqual(
      [span.kind, span.attributes['messaging.batch.message_count'], span.links.map((link) => link.context.spanId)],
      [SpanKind.CLIENT, 2, [remote.spanId]],
    )
    const empty = consumer.receive()
    ;(await t.test.server.receives.next()).end('MESSAGE_NOT_FOUND')
    await empty
    assert.deepEqual(
      t.spans().map(({ attributes }) => attributes['messaging.batch.message_count']),
      [2, 0],
    )
  })
})

describe('the spans of a transaction', () => {
  it('are those of the half message and of its end, which links to it', async () => {
    await using t = await traced()
    await t.test.mq.producer().transaction(hello, async () => 'commit')
    const [send, commit] = [t.span('send orders'), t.span('commit orders')]
    assert.equal(send.attributes['rocketmq.message.type'], 'transaction')
    assert.deepEqual([commit.kind, commit.links[0]?.context.spanId], [SpanKind.CLIENT, id(send)])
    const { traceId, spanId } = send.spanContext()
    assert.equal(t.test.server.ends.all[0]?.request.traceContext, `00-${traceId}-${spanId}-01`)
    assert.equal(t.test.server.ends.all[0]?.headers['traceparent'], `00-${commit.spanContext().traceId}-${id(commit)}-01`)
  })

  it('are those of the check, in the trace of whoever sent the message, and of the end that it found', async () => {
    await using t = await traced()
    const producer = t.test.mq.producer({ topics: ['orders'], checkTransaction: async () => 'rollback' })
    await producer.ready()
    const message = delivered({ id: 'm', properties: parented })
    t.test.server.streams.all[0]?.send({ command: { case: 'recoverOrphanedTransactionCommand', value: { transactionId: 't', message } } })
    await t.test.server.ends.next()
    await turns()
    const check = t.span('check orders')
    assert.deepEqual([check.kind, check.parentSpanContext?.spanId, check.links[0]?.context.spanId], [SpanKind.INTERNAL, remote.spanId, remote.spanId])
    assert.equal(t.span('rollback orders').kind, SpanKind.CLIENT)
  })
})

describe('the span of a recall', () => {
  it('fails as the recall does', async () => {
    await using t = await traced()
    t.test.server.onRecall = () => ({ status: { code: 'BAD_REQUEST', message: 'too late' } })
    await failure(t.test.mq.producer().recall({ topic: 'orders', recallHandle: 'h' }))
    const span = t.span('recall orders')
    assert.deepEqual([span.kind, span.status.code, span.attributes['error.type']], [SpanKind.CLIENT, SpanStatusCode.ERROR, 'BAD_REQUEST'])
    assert.equal(span.attributes['messaging.operation.type'], undefined)
  })
})

describe('message.process', () => {
  async function received(t: Awaited<ReturnType<typeof traced>>) {
    const receiving = t.test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } }).receive()
    await t.test.server.deliver(delivered({ id: 'a', properties: parented }))
    const [message] = await receiving
    assert.ok(message !== undefined)
    return message
  }

  it('makes a process span, child of the one that sent the message, around the work', async () => {
    await using t = await traced()
    const message = await received(t)
    let active: string | undefined
    const result = await message.process(async () => {
      await turns(1)
      active = trace.getActiveSpan()?.spanContext().spanId
      return 7
    })
    const span = t.span('process orders')
    assert.deepEqual([result, active, span.kind], [7, id(span), SpanKind.CONSUMER])
    assert.deepEqual([span.parentSpanContext?.spanId, span.links[0]?.context.spanId], [remote.spanId, remote.spanId])
    assert.deepEqual([span.attributes['messaging.message.id'], span.attributes['messaging.consumer.group.name']], ['a', 'audit'])
  })

  it('stays within the span of the application where there is one, with a link to the other', async () => {
    await using t = await traced()
    const message = await received(t)
    const around = { traceId: remote.traceId, spanId: '00000000000000aa', traceFlags: 1 }
    await context.with(trace.setSpanContext(ROOT_CONTEXT, around), () => message.process(async () => {}))
    const span = t.span('process orders')
    assert.deepEqual([span.parentSpanContext?.spanId, span.links[0]?.context.spanId], [around.spanId, remote.spanId])
  })

  it('fails as the work does, settles nothing, and is the work alone while nobody listens', async () => {
    await using t = await traced()
    const message = await received(t)
    await assert.rejects(
      message.process(() => Promise.reject(new Error('boom'))),
      /boom/,
    )
    assert.equal(t.span('process orders').attributes['error.type'], 'CONSUME_FAILURE')
    assert.deepEqual([t.test.server.acks.all.length, t.test.server.changes.all.length], [0, 0])

    await using quiet = await traced({ tracing: false })
    const work = Promise.resolve(7)
    assert.equal(
      (await received(quiet)).process(() => work),
      work,
    )
  })
})

describe('the attributes of spans', () => {
  it('have their earlier names as well where that is asked for, and the size of bodies', async () => {
    await using t = await traced({ semconv: 'dup', captureBodySize: true })
    await t.test.mq.producer().send({ ...hello, tag: 'paid', keys: ['k'], messageGroup: 'g' })
    run(t.test)
    await t.test.server.deliver(delivered({}))
    await t.test.server.acks.next()
    const { attributes } = t.span('send orders')
    const earlier = Object.entries(attributes).filter(([name]) => name === 'messaging.system' || name.startsWith('messaging.rocketmq.'))
    assert.deepEqual(Object.fromEntries(earlier), {
      'messaging.system': 'rocketmq',
      'messaging.rocketmq.namespace': '',
      'messaging.rocketmq.message.type': 'fifo',
      'messaging.rocketmq.message.tag': 'paid',
      'messaging.rocketmq.message.keys': ['k'],
      'messaging.rocketmq.message.group': 'g',
    })
    assert.equal(attributes['messaging.message.body.size'], 5)
    assert.equal(t.span('process orders').attributes['messaging.rocketmq.consumption_model'], 'clustering')
  })
})
