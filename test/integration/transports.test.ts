import assert from 'node:assert/strict'
import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { transportNames } from '@feathermq/transport'
import { describe, it } from 'mocha'

describe('transports by name', () => {
  for (const served of transportNames) {
    for (const used of transportNames) {
      it(`a client on ${used} and a broker on ${served} understand each other`, async () => {
        await using broker = await startBroker({ transport: served })
        const mq = new FeatherMQ({ endpoints: broker.endpoints, transport: used, clock: broker.clock, logger: silentLogger })
        try {
          await mq.producer().send({ topic: 'orders', body: 'hello', messageGroup: 'g' })
          for await (const message of mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).messages()) {
            assert.deepEqual([message.text(), message.attempt, message.messageGroup], ['hello', 1, 'g'])
            await message.ack()
            break
          }
        } finally {
          await mq.close()
        }
      })
    }
  }

  it('are http2 where nothing is said', async () => {
    await using broker = await startBroker()
    assert.equal(broker.transport.name, 'http2')
  })
})
