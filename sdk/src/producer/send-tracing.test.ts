import { strict as assert } from 'node:assert'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, it } from 'mocha'
import type { FeatherMQOptions } from '../options.ts'
import { bench } from '../testing-internal/bench.ts'
import { SendIncompleteError } from './send-incomplete-error.ts'

async function traced(telemetry: FeatherMQOptions['telemetry'] = {}) {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const test = await bench({ telemetry: { tracerProvider, propagator: new W3CTraceContextPropagator(), ...telemetry } })
  return { test, named: (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name) }
}

const list = ['a', 'b', 'c'].map((body) => ({ topic: 'orders', body, keys: [body] }))
const traceparent = (span: ReadableSpan | undefined) => `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`
const linked = (span: ReadableSpan | undefined) => span?.links.map(({ context }) => `00-${context.traceId}-${context.spanId}-01`)

describe('the spans of a list', () => {
  it('are one of the call, linked to one for each message, whose context travels in that message', async () => {
    const { test, named } = await traced()
    await using _ = test
    await test.mq.producer().send(list)
    const created = named('create orders')
    const [send, ...others] = named('send orders')
    const [request, ...more] = test.server.sends.all
    assert.deepEqual([created.length, others.length, more.length], [3, 0, 0])
    assert.deepEqual([send?.kind, send?.attributes['messaging.batch.message_count'], send?.attributes['feathermq.attempts']], [SpanKind.CLIENT, 3, 1])
    assert.deepEqual(linked(send), created.map(traceparent))
    assert.deepEqual(
      request?.request.messages.map(({ userProperties, systemProperties }) => [userProperties.get('traceparent'), systemProperties?.traceContext]),
      created.map((span) => [traceparent(span), traceparent(span)]),
    )
    assert.deepEqual(
      created.map(({ kind, attributes }) => [
        kind,
        attributes['messaging.operation.type'],
        attributes['messaging.message.id'],
        attributes['rocketmq.message.keys'],
      ]),
      request?.request.messages.map(({ systemProperties }) => [SpanKind.PRODUCER, 'create', systemProperties?.messageId, systemProperties?.keys]),
    )
    assert.equal(request?.headers['traceparent'], traceparent(send), 'the request belongs to the call')
  })

  it('leave a message its own context, and link to that', async () => {
    const { test, named } = await traced()
    await using _ = test
    const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await test.mq.producer().send([
      { topic: 'orders', body: 'a', properties: { traceparent: own } },
      { topic: 'orders', body: 'b' },
    ])
    const created = named('create orders')
    assert.equal(created.length, 1)
    assert.deepEqual(linked(named('send orders')[0]), [own, traceparent(created[0])])
    assert.equal(test.server.sends.all[0]?.request.messages[0]?.systemProperties?.traceContext, own)
  })

  it('are the one of the call alone, whose context all messages carry, where that is asked for', async () => {
    const { test, named } = await traced({ createSpans: 'never' })
    await using _ = test
    await test.mq.producer().send(list)
    const [send] = named('send orders')
    assert.deepEqual([named('create orders').length, send?.kind, send?.links.length], [0, SpanKind.PRODUCER, 0])
    const carried = test.server.sends.all[0]?.request.messages.map(({ userProperties }) => userProperties.get('traceparent'))
    assert.deepEqual(carried, [traceparent(send), traceparent(send), traceparent(send)])
  })

  it('say that one of them failed, once, and tell of attempts of the whole request', async () => {
    const { test, named } = await traced()
    await using _ = test
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      if (test.server.sends.all.length === 1) return { status: { code: 'INTERNAL_SERVER_ERROR', message: 'not yet' } }
      const { entries = [] } = await usual(request, call)
      return {
        status: { code: 'MULTIPLE_RESULTS' },
        entries: entries.map((entry, index) => (index === 1 ? { status: { code: 'FORBIDDEN' } } : entry)),
      }
    }
    const sending = assert.rejects(test.mq.producer().send(list), SendIncompleteError)
    await test.clock.advance(10_000)
    await sending
    const [send, ...others] = named('send orders')
    assert.equal(others.length, 0)
    assert.deepEqual([send?.status.code, send?.attributes['error.type']], [SpanStatusCode.ERROR, 'FORBIDDEN'])
    assert.deepEqual(
      send?.events.filter(({ name }) => name === 'rocketmq.send.retry').map(({ attributes }) => attributes?.['attempt']),
      [1],
    )
  })
})
