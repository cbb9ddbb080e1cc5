import { strict as assert } from 'node:assert'
import { SpanStatusCode } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { SendIncompleteError } from './send-incomplete-error.ts'

describe('the spans of a list', () => {
  it('are one for each message, whose context travels in that message, and end as it ended', async () => {
    const exporter = new InMemorySpanExporter()
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    await using test = await bench({ telemetry: { tracerProvider, propagator: new W3CTraceContextPropagator() } })
    const usual = test.server.onSend
    test.server.onSend = async (request, call) => {
      const { entries = [] } = await usual(request, call)
      return {
        status: { code: 'MULTIPLE_RESULTS' },
        entries: entries.map((entry, index) => (index === 1 ? { status: { code: 'FORBIDDEN' } } : entry)),
      }
    }
    const messages = ['a', 'b', 'c'].map((body) => ({ topic: 'orders', body }))
    await assert.rejects(test.mq.producer().send(messages), SendIncompleteError)
    const [sent] = test.server.sends.all
    assert.equal(test.server.sends.all.length, 1)
    assert.equal(sent?.headers['traceparent'], undefined, 'a call of several messages belongs to none of their traces')
    const spans = new Map(exporter.getFinishedSpans().map((span) => [span.spanContext().spanId, span]))
    const codes = sent?.request.messages.map(({ userProperties, systemProperties }) => {
      const traceparent = userProperties.get('traceparent') ?? ''
      assert.equal(systemProperties?.traceContext, traceparent)
      return spans.get(traceparent.split('-')[2] ?? '')?.status.code
    })
    assert.deepEqual([spans.size, codes], [3, [SpanStatusCode.UNSET, SpanStatusCode.ERROR, SpanStatusCode.UNSET]])
  })
})
