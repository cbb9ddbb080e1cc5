import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'

describe('producer.send', () => {
  it('resolves with the receipt once the message is stored', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ topics: ['orders'] })
    const receipt = await producer.send({ topic: 'orders', body: 'hello', tag: 'created', keys: ['o-1'], properties: { tenant: 't1' } })
    const [sent] = test.server.sends.all
    const message = sent?.request.messages[0]
    assert.equal(Buffer.from(message?.body ?? []).toString(), 'hello')
    assert.equal(message?.systemProperties?.tag, 'created')
    assert.deepEqual(receipt, {
      topic: 'orders',
      messageId: message?.systemProperties?.messageId,
      offset: 0n,
      endpoint: test.server.address,
      attempts: 1,
    })
  })
})
