import assert from 'node:assert/strict'
import { type Message, sql } from '@feathermq/sdk'
import { it } from 'mocha'
import { essence, events, overEachTransport } from '../support/stage.ts'

overEachTransport((stage) => {
  it('a message arrives as it was sent, and once it is acknowledged it is gone', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const sent = { topic: 'orders', body: new Uint8Array([0, 255, 1]), tag: 'created', keys: ['o-1', 'o-2'], properties: { tenant: 'äöü', n: '1' } }
    const receipt = await mq.producer({ topics: ['orders'] }).send(sent)

    const simple = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const [message, ...more] = await simple.receive({ max: 16, wait: '5s', invisible: '30s' })
    assert.ok(message !== undefined && more.length === 0)
    assert.deepEqual(
      { topic: message.topic, body: message.body, tag: message.tag, keys: message.keys, properties: { ...message.properties } },
      { ...sent, body: message.body },
    )
    assert.deepEqual([...message.body], [...sent.body])
    assert.equal(message.messageId, receipt.messageId)
    assert.equal(message.attempt, 1)
    await message.ack()

    await broker.clock.advance('1h')
    assert.deepEqual(await simple.receive({ max: 16, wait: 0, invisible: '30s' }), [])
  })

  it('the loop of the front page takes one message, acknowledges it and ends', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer({ topics: ['orders'] }).send({ topic: 'orders', body: 'hello' })
    const seen: string[] = []
    for await (const message of mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).messages()) {
      seen.push(message.text())
      await message.ack()
      break
    }
    assert.deepEqual(seen, ['hello'])
  })

  it('a body of 4 MiB arrives whole', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const body = new Uint8Array(4 * 1024 * 1024).map((_, index) => index * 31)
    await mq.producer().send({ topic: 'orders', body })
    const [message] = await mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } }).receive({ max: 1, wait: '5s', invisible: '30s' })
    assert.ok(message !== undefined)
    assert.ok(Buffer.from(body).equals(message.body))
    await message.ack()
  })

  it('tags choose what a group gets; another group gets everything', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ topics: ['orders'] })
    for (const tag of ['created', 'paid', 'lost']) await producer.send({ topic: 'orders', body: tag, tag })
    const chosen = mq.simpleConsumer({ group: 'billing', subscribe: { orders: 'created || paid' } })
    const all = mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const drain = async (consumer: typeof chosen) => {
      const bodies: string[] = []
      for (;;) {
        const messages = await consumer.receive({ max: 32, wait: 0, invisible: '30s' })
        if (messages.length === 0) return bodies.sort()
        for (const message of messages) {
          bodies.push(message.text())
          await message.ack()
        }
      }
    }
    assert.deepEqual(await drain(chosen), ['created', 'paid'])
    assert.deepEqual(await drain(all), ['created', 'lost', 'paid'])
  })

  it('SQL over properties, tag and keys chooses what a group gets, pulled or handled', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ topics: ['orders'] })
    const subscribe = { orders: sql("amount > 100 AND TAGS = 'paid' AND (region IS NULL OR region IN ('eu', 'uk')) AND KEYS CONTAINS 'o-'") }
    const send = (body: string, tag: string, properties: Record<string, string>) =>
      producer.send({ topic: 'orders', body, tag, keys: [`o-${body}`], properties })
    await send('small', 'paid', { amount: '99.5' })
    await send('unpaid', 'created', { amount: '1000' })
    await send('far', 'paid', { amount: '1000', region: 'us' })
    await send('near', 'paid', { amount: '100.5', region: 'eu' })
    await send('anywhere', 'paid', { amount: '1e3' })
    await send('untold', 'paid', {})

    const pulled = await mq.simpleConsumer({ group: 'audit', subscribe }).receive({ max: 32, wait: '5s', invisible: '30s' })
    assert.deepEqual(pulled.map((message) => message.text()).sort(), ['anywhere', 'near'])
    await Promise.all(pulled.map((message) => message.ack()))
    const seen: string[] = []
    for await (const message of mq.consumer({ group: 'billing', subscribe }).messages()) {
      seen.push(message.text())
      await message.ack()
      if (seen.length === 2) break
    }
    assert.deepEqual(seen.sort(), ['anywhere', 'near'])
  })

  it('a SQL filter that is wrong ends a run and a receive with the place where it is', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const subscribe = { orders: sql('amount >\n  AND paid') }
    const wrong = { code: 'ILLEGAL_FILTER_EXPRESSION', message: /the SQL filter is wrong at line 2, column 3: expected .* after ">", found "AND"/ }
    await assert.rejects(
      mq.consumer({ group: 'billing', subscribe }).run(() => {}),
      wrong,
    )
    await assert.rejects(mq.simpleConsumer({ group: 'audit', subscribe }).receive({ max: 1, wait: 0, invisible: '30s' }), wrong)
  })

  it('messages of one message group are handled in the order sent, one at a time, whatever the concurrency', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer({ topics: ['orders'] })
    const groups = ['a', 'b', 'c']
    await Promise.all(
      groups.map(async (messageGroup) => {
        for (let index = 0; index < 20; index += 1) await producer.send({ topic: 'orders', body: `${messageGroup}${index}`, messageGroup })
      }),
    )
    const handled = events<string>()
    const working = new Set<string>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' }, ordered: true })
    const running = consumer.run(
      async (message) => {
        const group = message.messageGroup ?? ''
        assert.ok(!working.has(group), `two messages of group ${group} at once`)
        working.add(group)
        // Lets other handlers come in between, if anything lets them.
        await new Promise((resolve) => setImmediate(resolve))
        working.delete(group)
        handled.push(message.text())
      },
      { concurrency: 16 },
    )
    const order = await handled.take(60)
    for (const group of groups) {
      assert.deepEqual(
        order.filter((body) => body.startsWith(group)),
        Array.from({ length: 20 }, (_, index) => `${group}${index}`),
      )
    }
    await mq.close()
    await running
    assert.deepEqual(handled.waiting, [])
  })

  it('messages of a higher priority arrive before those that were sent earlier, and 0 is a priority', async () => {
    const broker = await stage.broker({ topics: { jobs: { types: ['PRIORITY'] } } })
    const mq = stage.client(broker)
    const producer = mq.producer()
    for (const priority of [0, 2, 1, 3]) await producer.send({ topic: 'jobs', body: `priority ${priority}`, priority })
    await assert.rejects(producer.send({ topic: 'jobs', body: 'none' }), /MESSAGE_PROPERTY_CONFLICT_WITH_TYPE|takes PRIORITY/)
    const messages = await mq.simpleConsumer({ group: 'workers', subscribe: { jobs: '*' } }).receive({ max: 8 })
    assert.deepEqual(
      messages.map(essence),
      [3, 2, 1, 0].map((priority) => ({ body: `priority ${priority}`, attempt: 1 })),
    )
  })

  it('a delayed message arrives when its time has come, and not before', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const mq = stage.client(broker)
    await mq.producer({ topics: ['reminders'] }).send({ topic: 'reminders', body: 'wake up', deliverAfter: '12h' })
    const consumer = mq.simpleConsumer({ group: 'alarm', subscribe: { reminders: '*' } })
    const receive = () => consumer.receive({ max: 1, wait: 0, invisible: '30s' })

    assert.deepEqual(await receive(), [])
    await broker.clock.advance(12 * 3_600_000 - 20)
    assert.deepEqual(await receive(), [])
    await broker.clock.advance(40)
    const [message] = await receive()
    assert.ok(message !== undefined)
    assert.deepEqual(essence(message), { body: 'wake up', attempt: 1 })
    await message.ack()
  })

  it('a consumer that waits for a delayed message gets it as soon as the clock is moved there', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const got = events<Message>()
    const consumer = mq.consumer({ group: 'alarm', subscribe: { reminders: '*' } })
    const running = consumer.run(async (message) => got.push(message))
    await mq.producer().send({ topic: 'reminders', body: 'wake up', deliverAfter: '12h' })
    assert.deepEqual(got.waiting, [])
    await broker.clock.advance('12h')
    assert.deepEqual(essence(await got.next()), { body: 'wake up', attempt: 1 })
    await mq.close()
    await running
  })
})
