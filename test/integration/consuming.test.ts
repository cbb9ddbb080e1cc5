import assert from 'node:assert/strict'
import { type ConsumerEvent, RetryAfter } from '@feathermq/sdk'
import { it } from 'mocha'
import { events, overEachTransport } from '../support/stage.ts'

overEachTransport((stage) => {
  it('of a batch only the messages that failed come again', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer()
    for (const body of ['a', 'b', 'c', 'd']) await producer.send({ topic: 'orders', body })
    const handled = events<string>()
    const failed = events<string>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.runBatch((messages, context) => {
      for (const message of messages) {
        if (message.text() < 'c' || message.attempt > 1) {
          handled.push(`${message.text()}${message.attempt}`)
          continue
        }
        context.fail(message, new RetryAfter('20s'))
        failed.push(message.text())
      }
    })
    assert.deepEqual([...(await failed.take(2))].sort(), ['c', 'd'])
    await broker.clock.advance('30s')
    assert.deepEqual([...(await handled.take(4))].sort(), ['a1', 'b1', 'c2', 'd2'])
    await mq.close()
    await running
    assert.deepEqual(handled.waiting, [])
    const { received, failed: tries, lost } = consumer.stats()
    assert.deepEqual([received, tries, lost], [6, 2, 0])
  })

  it('a backlog is worked off completely, each message once, and the numbers say so', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer()
    const bodies = Array.from({ length: 400 }, (_, index) => `m${index}`)
    await Promise.all(bodies.map((body) => producer.send({ topic: 'orders', body })))
    const done = events<string>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' }, maxCachedMessages: 256 })
    const running = consumer.run((message) => done.push(message.text()), { concurrency: 32 })
    assert.deepEqual([...(await done.take(400))].sort(), [...bodies].sort())
    await consumer.close()
    await running
    assert.deepEqual(done.waiting, [])
    const { handled, lost, inFlight, cachedMessages } = consumer.stats()
    assert.deepEqual([handled, lost, inFlight, cachedMessages], [400, 0, 0, 0])
    const other = stage.client(broker).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    await broker.clock.advance('5m')
    assert.deepEqual(await other.receive({ wait: 0 }), [], 'an ack was lost')
  })

  it('in batches, too, messages of one message group are handled in order, also those that failed', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer()
    for (let index = 0; index < 5; index += 1) {
      for (const messageGroup of ['x', 'y', 'z']) await producer.send({ topic: 'orders', body: `${messageGroup}${index}`, messageGroup })
    }
    const done = events<string>()
    const failed = events<string>()
    const consumer = mq.consumer({ group: 'ledger', subscribe: { orders: '*' }, ordered: true })
    const running = consumer.runBatch(
      (messages, context) => {
        assert.equal(new Set(messages.map(({ messageGroup }) => messageGroup)).size, messages.length)
        for (const message of messages) {
          if (message.text() === 'y2' && message.attempt === 1) {
            context.fail(message, new RetryAfter('5s'))
            failed.push('y2')
          } else done.push(message.text())
        }
      },
      { linger: 0, concurrency: 2 },
    )
    await failed.next()
    await broker.clock.advance('10s')
    const all = await done.take(15)
    for (const group of ['x', 'y', 'z']) {
      assert.deepEqual(
        all.filter((body) => body.startsWith(group)),
        [0, 1, 2, 3, 4].map((index) => `${group}${index}`),
      )
    }
    await mq.close()
    await running
  })

  it('a paused consumer leaves the messages to the others of its group, and takes part again when it is resumed', async () => {
    const broker = await stage.broker()
    const [one, two] = [stage.client(broker), stage.client(broker)]
    const producer = one.producer()
    const got = events<string>()
    const paused = one.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const first = paused.run((message) => got.push(`one ${message.text()}`))
    await producer.send({ topic: 'orders', body: 'a' })
    assert.equal(await got.next(), 'one a')
    paused.pause()
    await producer.send({ topic: 'orders', body: 'b' })
    const other = two.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const second = other.run((message) => got.push(`two ${message.text()}`))
    assert.equal(await got.next(), 'two b')
    await other.close()
    await second
    paused.resume()
    await producer.send({ topic: 'orders', body: 'c' })
    assert.equal(await got.next(), 'one c')
    await paused.close()
    await first
  })

  it('topics come and go while a consumer runs', async () => {
    const broker = await stage.broker({ topics: { orders: {}, payments: {} } })
    const mq = stage.client(broker)
    const producer = mq.producer()
    const got = events<string>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.run((message) => got.push(`${message.topic} ${message.text()}`))
    await producer.send({ topic: 'orders', body: 'a' })
    assert.equal(await got.next(), 'orders a')
    await consumer.subscribe({ payments: 'paid' })
    await producer.send({ topic: 'payments', body: 'b', tag: 'refunded' })
    await producer.send({ topic: 'payments', body: 'c', tag: 'paid' })
    assert.equal(await got.next(), 'payments c')
    consumer.unsubscribe('orders')
    await producer.send({ topic: 'orders', body: 'd' })
    await producer.send({ topic: 'payments', body: 'e', tag: 'paid' })
    assert.equal(await got.next(), 'payments e')
    await consumer.close()
    await running
    assert.deepEqual(got.waiting, [])
    const simple = stage.client(broker).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    assert.deepEqual(
      (await simple.receive({ wait: '5s' })).map((message) => message.text()),
      ['d'],
      'the message of the topic that left is there for others',
    )
  })

  it('a simple consumer keeps what it works on for as long as it asked, and no longer', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer().send({ topic: 'orders', body: 'x' })
    const simple = mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const [message] = await simple.receive({ wait: '5s', invisible: '60s', autoExtend: '2m' })
    assert.equal(message?.attempt, 1)
    const other = stage.client(broker).simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    // In small steps: an extension takes a round trip, and leases are not to end meanwhile.
    for (let past = 10; past < 120; past += 10) {
      await broker.clock.advance('10s')
      assert.deepEqual(await other.receive({ wait: 0 }), [], `after ${past} s`)
    }
    await broker.clock.advance('20s')
    const [again] = await other.receive({ wait: '5s' })
    assert.equal(again?.attempt, 2)
    await assert.rejects(message.ack(), { code: 'LEASE_LOST' })
  })

  it('events tell the life of a consumer, from its start to its report', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer().send({ topic: 'orders', body: 'x' })
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const told: ConsumerEvent[] = []
    const reading = (async () => {
      for await (const event of consumer.events()) told.push(event)
    })()
    const handled = events<void>()
    const running = consumer.run(() => handled.push())
    await handled.next()
    const report = await consumer.close()
    await running
    await reading
    const names = told.map((event) => (event.type === 'state' ? event.state.name : event.type))
    assert.deepEqual([...new Set(names)], ['idle', 'starting', 'running', 'stopping', 'closed'])
    assert.deepEqual(told.at(-1), { type: 'state', state: { name: 'closed', report } })
  })
})
