import assert from 'node:assert/strict'
import { PermanentError } from '@feathermq/sdk'
import { it } from 'mocha'
import { overEachTransport } from '../support/stage.ts'

overEachTransport((stage) => {
  it('an operator sees in the dead letter what the handler threw last', async () => {
    const broker = await stage.broker({ groups: { billing: { maxAttempts: 2, retry: ['0s'] } } })
    const mq = stage.client(broker)
    await mq.producer().send([
      { topic: 'orders', body: 'tried' },
      { topic: 'orders', body: 'given up' },
    ])
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.run((message, { attempt }) => {
      if (message.text() === 'given up') throw new PermanentError('größer als 100 %')
      throw new Error(`attempt ${attempt} failed`)
    })
    const dead = mq.simpleConsumer({ group: 'operators', subscribe: { '%DLQ%billing': '*' } })
    const why = new Map<string, readonly [string | undefined, string | undefined]>()
    while (why.size < 2) {
      for (const message of await dead.receive({ wait: '5s' })) {
        why.set(message.text(), [message.properties['FEATHERMQ_DLQ_REASON'], message.properties['FEATHERMQ_DLQ_ERROR']])
        await message.ack()
      }
    }
    assert.deepEqual(why.get('tried'), ['attempts', 'attempt 2 failed'])
    assert.deepEqual(why.get('given up'), ['forwarded', 'PermanentError: größer als 100 %'])
    await consumer.close()
    await running
  })
})
