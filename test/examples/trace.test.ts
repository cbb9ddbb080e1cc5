import assert from 'node:assert/strict'
import { createBroker } from '@feathermq/broker'
import { generateEnvoy, startEnvoy } from '@feathermq/mesh-filter'
import { describe, it } from 'mocha'
import { startService } from '../../examples/mesh/processes.ts'
import type { Sent } from '../../examples/mesh/producer.ts'
import { type Span, startTraceReceiver } from '../../examples/support/trace-receiver.ts'
import { requireEnvoy } from '../mesh/support/envoy.ts'

type Report = { readonly type: string; readonly sent?: readonly Sent[] }

describe('one trace', () => {
  it('holds producer and consumer, over two processes and through the sidecar', async function () {
    this.timeout(300_000)
    const envoyPath = await requireEnvoy(this)
    const broker = createBroker({ port: 0, httpPort: 0 })
    const { grpc } = await broker.start()
    const config = { version: 1, name: 'trace', mode: 'route', clusters: { default: 'only', allow: ['only'] } } as const
    const envoy = await startEnvoy(generateEnvoy(config, { clusters: { only: grpc }, listen: '127.0.0.1:0', admin: '127.0.0.1:0' }), {
      envoy: envoyPath,
    })
    const receiver = await startTraceReceiver()
    const sidecar = envoy.listeners.get('feathermq') ?? ''
    const consumer = startService<Report>('consumer', [sidecar, receiver.url])
    await consumer.next((report): report is Report => report.type === 'running')
    const producer = startService<Report>('producer', [sidecar, receiver.url])
    const { sent = [] } = await producer.next((report): report is Report => report.type === 'sent')
    const spansOf = (messageId: string, kind: string): Span[] =>
      receiver.spans.filter((span) => span.kind === kind && span.attributes.get('messaging.message.id') === messageId)
    const complete = await receiver.until(() => sent.every(({ messageId }) => spansOf(messageId, 'CONSUMER').length > 0), 30_000)
    consumer.send('close')
    await Promise.all([consumer.ended, producer.ended])
    await envoy.stop()
    await broker.stop()
    await receiver.close()

    assert.ok(complete, 'every message was handled, and its span arrived')
    assert.ok(sent.length > 10)
    for (const { messageId, topic, kind } of sent) {
      const [produced, ...twice] = spansOf(messageId, 'PRODUCER')
      assert.deepEqual(twice, [])
      assert.equal(produced?.name, `send ${topic}`)
      assert.equal(produced.service, 'shop')
      for (const consumed of spansOf(messageId, 'CONSUMER')) {
        assert.equal(consumed.name, `process ${topic}`)
        assert.equal(consumed.service, 'warehouse')
        assert.equal(consumed.traceId, produced.traceId, `${kind} message ${messageId}`)
        assert.equal(consumed.parentSpanId, produced.spanId)
      }
    }
    assert.equal(
      new Set(sent.map(({ messageId }) => spansOf(messageId, 'PRODUCER')[0]?.traceId)).size,
      sent.length,
      'each send has a trace of its own',
    )
  })
})
