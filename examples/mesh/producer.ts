import { FeatherMQ } from '@feathermq/sdk'
import { startTracing } from '../support/tracing.ts'

// The producer service. It knows one address, that of its sidecar, and nothing of brokers or clusters.
const [endpoints = '127.0.0.1:10000', tracesUrl = ''] = process.argv.slice(2)
const stopTracing = startTracing('shop', tracesUrl)
const mq = new FeatherMQ({ endpoints })
const producer = mq.producer({ topics: ['orders', 'orders-eu', 'payments', 'payments-refunds'] })

/** What the demo is told of each message, so that it can compare with what arrives. */
export interface Sent {
  readonly topic: string
  readonly kind: 'normal' | 'fifo' | 'delayed'
  readonly messageId: string
  readonly body: string
  readonly messageGroup: string | undefined
  /** Wall time before which the message must not arrive, ms. */
  readonly notBefore: number
}
const sent: Sent[] = []

for (let n = 1; n <= 5; n++) {
  const body = `order ${n}`
  const { messageId } = await producer.send({ topic: 'orders', body, tag: 'created', keys: [`o-${n}`] })
  sent.push({ topic: 'orders', kind: 'normal', messageId, body, messageGroup: undefined, notBefore: 0 })
}
for (let n = 1; n <= 3; n++) {
  const body = `order ${n} from Europe`
  const { messageId } = await producer.send({ topic: 'orders-eu', body, tag: 'created' })
  sent.push({ topic: 'orders-eu', kind: 'normal', messageId, body, messageGroup: undefined, notBefore: 0 })
}
// Messages of one message group are handled one after the other, in the order of sending; different groups do not wait for each other.
for (let n = 1; n <= 3; n++) {
  for (const messageGroup of ['customer-7', 'customer-9']) {
    const body = `payment ${n} of ${messageGroup}`
    const { messageId } = await producer.send({ topic: 'payments', body, messageGroup })
    sent.push({ topic: 'payments', kind: 'fifo', messageId, body, messageGroup, notBefore: 0 })
  }
}
for (let n = 1; n <= 2; n++) {
  const body = `refund ${n}`
  const deliverAt = new Date(Date.now() + 2000)
  const { messageId } = await producer.send({ topic: 'payments-refunds', body, deliverAt })
  sent.push({ topic: 'payments-refunds', kind: 'delayed', messageId, body, messageGroup: undefined, notBefore: deliverAt.getTime() })
}

await mq.close()
await stopTracing()
process.send?.({ type: 'sent', sent })
process.disconnect?.()
