import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { delivered } from '../testing-internal/fake-server.ts'

describe('consumer.run', () => {
  it('acknowledges what the handler returned from', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const seen: string[] = []
    const running = consumer.run((message) => void seen.push(message.text()))
    await test.server.deliver(delivered({ id: 'a' }))
    const ack = await test.server.acks.next()
    assert.deepEqual(seen, ['a'])
    assert.deepEqual(
      ack.request.entries.map(({ receiptHandle }) => receiptHandle),
      ['handle-a'],
    )
    const closing = consumer.close()
    await running
    assert.deepEqual(await closing, { drained: 0, returned: 0 })
  })
})
