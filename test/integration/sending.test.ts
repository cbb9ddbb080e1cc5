import assert from 'node:assert/strict'
import { type FeatherMQ, FeatherMQError, SendIncompleteError } from '@feathermq/sdk'
import { it } from 'mocha'
import { overEachTransport } from '../support/stage.ts'

/** Everything that a group has not had yet, acknowledged. */
async function drain(mq: FeatherMQ, topic: string, group: string): Promise<string[]> {
  const consumer = mq.simpleConsumer({ group, subscribe: { [topic]: '*' } })
  const bodies: string[] = []
  for (;;) {
    const messages = await consumer.receive({ max: 32, wait: 0, invisible: '30s' })
    if (messages.length === 0) return bodies
    for (const message of messages) {
      bodies.push(message.text())
      await message.ack()
    }
  }
}

const numbered = (count: number, prefix = 'm') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

overEachTransport((stage) => {
  it('a list of messages arrives whole, each message under the id of its receipt', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ batch: { messages: 30 } })
    const bodies = numbered(100)
    const receipts = await producer.send(bodies.map((body) => ({ topic: 'orders', body, tag: 'created', keys: [body], properties: { n: body } })))
    const ids = new Map<string, string>()
    const consumer = mq.simpleConsumer({ group: 'billing', subscribe: { orders: 'created' } })
    while (ids.size < bodies.length) {
      for (const message of await consumer.receive({ max: 32, wait: '5s', invisible: '30s' })) {
        assert.deepEqual([message.keys, { ...message.properties }], [[message.text()], { n: message.text() }])
        ids.set(message.text(), message.messageId)
        await message.ack()
      }
    }
    assert.deepEqual(
      bodies.map((body) => ids.get(body)),
      receipts.map(({ messageId }) => messageId),
    )
    assert.equal(new Set(receipts.map(({ messageId }) => messageId)).size, bodies.length)
    assert.ok(receipts.every(({ attempts, maybeDuplicate, offset }) => attempts === 1 && !maybeDuplicate && offset !== undefined))
    const { sent, failed, retried, inFlight, inFlightBytes, waiting } = producer.statistics()
    assert.deepEqual([sent, failed, retried, inFlight, inFlightBytes, waiting], [100, 0, 0, 0, 0, 0])
  })

  it('a list may mix message groups, which keep their order, with messages for later and for now', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const mq = stage.client(broker)
    const groups = ['a', 'b'].flatMap((messageGroup) => numbered(10, messageGroup).map((body) => ({ topic: 'orders', body, messageGroup })))
    const later = numbered(2, 'later').map((body) => ({ topic: 'orders', body, deliverAfter: '1h' as const }))
    const now = numbered(5, 'now').map((body) => ({ topic: 'orders', body }))
    await mq.producer().send([...later, ...groups, ...now])
    const first = await drain(mq, 'orders', 'billing')
    assert.deepEqual(first.filter((body) => body.startsWith('now')).sort(), numbered(5, 'now'))
    assert.equal(first.length, 25)
    await broker.clock.advance('1h')
    assert.deepEqual((await drain(mq, 'orders', 'billing')).sort(), numbered(2, 'later'))

    const order: string[] = []
    const ordered = mq.consumer({ group: 'ledger', subscribe: { orders: '*' }, ordered: true })
    for await (const message of ordered.messages()) {
      order.push(message.text())
      await message.ack()
      if (order.length === 27) break
    }
    for (const group of ['a', 'b']) {
      assert.deepEqual(
        order.filter((body) => body.startsWith(group)),
        numbered(10, group),
      )
    }
  })

  it('a message that the broker refuses fails alone, whoever travels with it', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    // Farther away than any broker takes; found out by the broker, not by the client.
    const far = { topic: 'orders', body: 'far', deliverAfter: '400d' as const }
    const error = await mq
      .producer()
      .send([{ topic: 'orders', body: 'a' }, far, { topic: 'orders', body: 'b' }])
      .then(
        () => assert.fail('it succeeded'),
        (reason: unknown) => reason,
      )
    assert.ok(error instanceof SendIncompleteError && error instanceof FeatherMQError)
    assert.deepEqual(
      error.results.map((result) => (result.ok ? 'OK' : result.error.code)),
      ['OK', 'ILLEGAL_DELIVERY_TIME', 'OK'],
    )
    assert.deepEqual((await drain(mq, 'orders', 'billing')).sort(), ['a', 'b'])
  })

  it('sends that linger travel together and arrive all', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ linger: '20ms', batch: { messages: 50 } })
    const bodies = numbered(120)
    const receipts = await Promise.all(bodies.map((body) => producer.send({ topic: 'orders', body })))
    assert.equal(new Set(receipts.map(({ messageId }) => messageId)).size, 120)
    assert.deepEqual((await drain(mq, 'orders', 'billing')).sort(), [...bodies].sort())
  })

  it('a thousand sends at once keep within maxInFlight, and all arrive', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ maxInFlight: { messages: 16, bytes: 4_000 } })
    await producer.send({ topic: 'orders', body: 'first' })
    let most = 0
    const bodies = numbered(1_000)
    await Promise.all(
      bodies.map(async (body) => {
        await producer.send({ topic: 'orders', body })
        most = Math.max(most, producer.statistics().inFlight)
      }),
    )
    assert.ok(most > 1 && most <= 16, `${most} in flight`)
    const { sent, waiting, inFlight } = producer.statistics()
    assert.deepEqual([sent, waiting, inFlight], [1_001, 0, 0])
    assert.equal((await drain(mq, 'orders', 'billing')).length, 1_001)
  })

  it('a type that the topic does not take is refused before anything is sent, by the name of the message', async () => {
    const broker = await stage.broker({ topics: { plain: { types: ['NORMAL'] } } })
    const mq = stage.client(broker)
    const messages = [
      { topic: 'plain', body: 'a' },
      { topic: 'plain', body: 'b', messageGroup: 'g' },
    ]
    await assert.rejects(mq.producer().send(messages), { code: 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE', message: /messages\[1\]: it is of type FIFO/ })
    assert.deepEqual(await drain(mq, 'plain', 'billing'), [])
  })

  it('a send that is called off while the broker is away ends at once', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ maxAttempts: 100 })
    await producer.send({ topic: 'orders', body: 'before' })
    await broker.close()
    const controller = new AbortController()
    const reason = new Error('enough')
    const sending = producer.send({ topic: 'orders', body: 'x' }, { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await assert.rejects(sending, (error) => error === reason)
    assert.equal(producer.statistics().inFlight, 0)
  })
})
