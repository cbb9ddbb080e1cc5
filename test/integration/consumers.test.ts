import assert from 'node:assert/strict'
import { it } from 'mocha'
import { events, overEachTransport } from '../support/stage.ts'

overEachTransport((stage) => {
  it('two consumers of one group share a topic, message by message, without owning queues', async () => {
    // One queue, two consumers: if queues were bound to consumers, one of both would get nothing.
    const broker = await stage.broker({ topics: { orders: { queues: 1 } } })
    const clients = [stage.client(broker), stage.client(broker)]
    const producer = stage.client(broker).producer({ topics: ['orders'] })
    const got = events<readonly [consumer: number, body: string]>()
    const gates = [events<void>(), events<void>()]
    const runs = clients.map((mq, index) =>
      mq.consumer({ group: 'billing', subscribe: { orders: '*' }, maxCachedMessages: 1 }).run(
        async (message) => {
          got.push([index, message.text()])
          await gates[index]?.next()
        },
        { concurrency: 1 },
      ),
    )
    await Promise.all([producer.send({ topic: 'orders', body: 'm0' }), producer.send({ topic: 'orders', body: 'm1' })])
    const first = await got.take(2)
    assert.deepEqual(first.map(([index]) => index).sort(), [0, 1])

    for (let index = 2; index < 40; index += 1) await producer.send({ topic: 'orders', body: `m${index}` })
    for (const gate of gates) for (let index = 0; index < 40; index += 1) gate.push()
    const all = [...first, ...(await got.take(38))]
    assert.deepEqual(new Set(all.map(([, body]) => body)).size, 40)
    await Promise.all(clients.map((mq) => mq.close()))
    await Promise.all(runs)
    assert.deepEqual(got.waiting, [])
  })

  it('a slow consumer holds up only the messages that it holds', async () => {
    const broker = await stage.broker({ topics: { orders: { queues: 1 } } })
    const [slow, fast] = [stage.client(broker), stage.client(broker)]
    const producer = stage.client(broker).producer({ topics: ['orders'] })
    const stuck = events<string>()
    const release = events<void>()
    const slowRun = slow.consumer({ group: 'billing', subscribe: { orders: '*' }, maxCachedMessages: 2 }).run(
      async (message) => {
        stuck.push(message.text())
        await release.next()
      },
      { concurrency: 1 },
    )
    await producer.send({ topic: 'orders', body: 'first' })
    assert.equal(await stuck.next(), 'first')

    const done = events<string>()
    const fastRun = fast.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(async (message) => done.push(message.text()))
    const sent = Array.from({ length: 60 }, (_, index) => `m${index}`)
    for (const body of sent) await producer.send({ topic: 'orders', body })
    // The slow one holds one more that it fetched ahead; all others pass it, although they are in the same queue.
    const passed = await done.take(sent.length - 1)
    release.push()
    const held = await stuck.next()
    release.push()
    await Promise.all([slow.close(), fast.close()])
    await Promise.all([slowRun, fastRun])
    assert.deepEqual([...passed, held, ...done.waiting].sort(), [...sent].sort())
    assert.deepEqual(stuck.waiting, [])
  })

  it('closing waits for the handlers, settles what they did, and reports; what was not begun is there at once for others', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = stage.client(broker).producer({ topics: ['orders'] })
    for (let index = 0; index < 8; index += 1) await producer.send({ topic: 'orders', body: `m${index}` })
    const begun = events<string>()
    const release = events<void>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.run(
      async (message) => {
        begun.push(message.text())
        await release.next()
      },
      { concurrency: 2 },
    )
    const held = await begun.take(2)
    const closing = consumer.close()
    release.push()
    release.push()
    const report = await closing
    await running
    assert.deepEqual(begun.waiting, [], 'a handler was begun after close()')
    assert.ok(report !== undefined)

    const other = stage.client(broker).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const left: string[] = []
    while (left.length < 6) {
      const messages = await other.receive({ max: 16, wait: '5s', invisible: '30s' })
      assert.ok(messages.length > 0, `${left.length} of 6 messages came back`)
      for (const message of messages) {
        left.push(message.text())
        await message.ack()
      }
    }
    assert.deepEqual([...held, ...left].sort(), ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'])
    await broker.clock.advance('12h')
    assert.deepEqual(await other.receive({ max: 16, wait: 0, invisible: '30s' }), [])
  })

  it('a handler that does not end in time is aborted, and its message goes to others', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer().send({ topic: 'orders', body: 'x' })
    const begun = events<AbortSignal>()
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.run(async (_message, context) => {
      begun.push(context.signal)
      await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
      throw context.signal.reason
    })
    const signal = await begun.next()
    await consumer.close({ drain: 1 })
    await running
    assert.ok(signal.aborted)
    const other = stage.client(broker).simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const back = other.receive({ max: 1, wait: '60s', invisible: '30s' })
    await broker.clock.advance('15s')
    assert.equal((await back)[0]?.text(), 'x')
  })
})
