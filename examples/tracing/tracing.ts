/**
 * Traces of one message, exported over OTLP.
 *
 * FeatherMQ uses the OpenTelemetry API only: start any SDK in your process, and sends and handlers become spans. The context travels in the message, so the
 * handler's span belongs to the trace of the send, in whichever process it runs. Set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to export to a backend of yours
 * (Jaeger: http://127.0.0.1:4318/v1/traces); otherwise a small receiver in this process takes the spans and draws them.
 */
import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ } from '@feathermq/sdk'
import { trace } from '@opentelemetry/api'
import { drawTrace, startTraceReceiver } from '../support/trace-receiver.ts'
import { startTracing } from '../support/tracing.ts'

const receiver = await startTraceReceiver()
const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: backend } = process.env
const stopTracing = startTracing('shop', backend ?? receiver.url)
const tracer = trace.getTracer('shop')

const broker = await startBroker()
const mq = new FeatherMQ({ endpoints: broker.endpoints })
const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
const handled = new Promise<void>((resolve) => {
  void consumer.run(async (message) => {
    // A span that a handler makes is a child of the span of the handling.
    tracer.startActiveSpan('charge the card', (span) => {
      span.setAttribute('order.text', message.text())
      span.end()
    })
    resolve()
  })
})

const producer = mq.producer({ topics: ['orders'] })
const traceId = await tracer.startActiveSpan('POST /orders', async (span) => {
  await producer.send({ topic: 'orders', body: 'one tea, please' })
  span.end()
  return span.spanContext().traceId
})
await handled

await mq.close()
await broker.close()
await stopTracing()
console.log(backend === undefined ? drawTrace(receiver.spans, traceId) : `trace ${traceId} was exported to ${backend}`)
await receiver.close()
