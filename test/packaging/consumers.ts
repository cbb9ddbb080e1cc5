/** What a newcomer writes first, in JavaScript: no build, no flags. It must end by itself. */
export const sendAndReceive = `
import { FeatherMQ } from '@feathermq/sdk'
import { startBroker } from '@feathermq/broker/testing'

const broker = await startBroker()
const mq = new FeatherMQ({ endpoints: broker.endpoints })
const producer = mq.producer({ topics: ['orders'] })
await producer.send({ topic: 'orders', body: 'hello', tag: 'created', keys: ['o-1'] })

const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
for await (const message of consumer.messages()) {
  console.log(message.topic, message.text(), 'attempt', message.attempt)
  await message.ack()
  break
}
await mq.close()
await broker.close()
`

/** Touches the public types of each package; it is compiled, not run. */
export const consumerOfTypes = `
import { FeatherMQ, PermanentError } from '@feathermq/sdk'
import { startBroker } from '@feathermq/broker/testing'
import { decodeMessage, encodeMessage, type Message } from '@feathermq/protocol'
import { grpcJsTransport, type Transport } from '@feathermq/transport'
import * as broker from '@feathermq/broker'
import * as mesh from '@feathermq/mesh-filter'
import * as host from '@feathermq/mesh-filter/host'

export const transport: Transport = grpcJsTransport()
export const message: Message = decodeMessage(encodeMessage({ topic: { name: 'orders' } }))
export const everything: readonly object[] = [broker, mesh, host]

export async function main(): Promise<void> {
  await using server = await startBroker()
  await using mq = new FeatherMQ({ endpoints: server.endpoints })
  const receipt = await mq.producer({ topics: ['orders'] }).send({ topic: 'orders', body: new Uint8Array(3), messageGroup: 'customer-7' })
  const id: string = receipt.messageId
  const consumer = mq.consumer({ group: 'billing', subscribe: { orders: 'created || paid' } })
  await consumer.run(
    async (received, context) => {
      const signal: AbortSignal = context.signal
      signal.throwIfAborted()
      if (received.messageId === id) throw new PermanentError('seen')
    },
    { concurrency: 16 },
  )
}
`

/** The same in CommonJS, which gets the ES modules by require(). */
export const sendAndReceiveInCommonJs = `
const { FeatherMQ } = require('@feathermq/sdk')
const { startBroker } = require('@feathermq/broker/testing')

async function main() {
${sendAndReceive.replaceAll(/^import .*\n/gm, '')}
}
main()
`

/** A service with OpenTelemetry as its documentation says; it prints what spans and metrics it had. */
export const tracedProgram = `
import { NodeSDK } from '@opentelemetry/sdk-node'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ } from '@feathermq/sdk'

const spans = []
const processor = {
  onStart() {},
  onEnd(span) {
    const { spanId: id, traceId } = span.spanContext()
    spans.push({ name: span.name, id, traceId, parent: span.parentSpanContext?.spanId })
  },
  async forceFlush() {},
  async shutdown() {},
}
// From beside the SDK, as its own reader of metrics.
const require = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/sdk-node'))
const { AggregationTemporality, InMemoryMetricExporter, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics')
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000, exportTimeoutMillis: 10_000 })
const sdk = new NodeSDK({ spanProcessors: [processor], metricReaders: [reader], autoDetectResources: false })
sdk.start()

const broker = await startBroker()
const mq = new FeatherMQ({ endpoints: broker.endpoints })
await mq.producer().send({ topic: 'orders', body: 'hello' })
const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
await consumer.run(() => void consumer.close())
await mq.close()
await broker.close()
await reader.forceFlush()
const metrics = {}
for (const { scopeMetrics } of exporter.getMetrics()) {
  for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    metrics[descriptor.name] = dataPoints.map(({ value }) => (typeof value === 'object' ? value.count : value)).reduce((a, b) => a + b, 0)
  }
}
await sdk.shutdown()

const versionOf = (name) => JSON.parse(readFileSync(require.resolve(name).replace(/(sdk-metrics).*/, '$1/package.json'), 'utf8')).version
console.log(JSON.stringify({ sdk: versionOf('@opentelemetry/sdk-metrics'), spans, metrics }))
`
