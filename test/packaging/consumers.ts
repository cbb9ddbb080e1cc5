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
