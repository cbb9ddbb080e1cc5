import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ } from '@feathermq/sdk'

// A broker in this process. Against `npx @feathermq/broker`, or a RocketMQ 5 cluster, only the endpoints differ.
const broker = await startBroker()
const mq = new FeatherMQ({ endpoints: broker.endpoints })

const producer = mq.producer({ topics: ['orders'] })
const receipt = await producer.send({ topic: 'orders', body: 'one tea, please', tag: 'created', keys: ['o-1'] })
console.log(`sent     ${receipt.messageId}`)

const consumer = mq.consumer({ group: 'billing', subscribe: { orders: 'created' } })
for await (const message of consumer.messages()) {
  console.log(`handled  ${message.messageId}: "${message.text()}", attempt ${message.attempt}`)
  await message.ack()
  break
}

await mq.close()
await broker.close()
