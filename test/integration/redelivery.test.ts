import assert from 'node:assert/strict'
import { PermanentError } from '@feathermq/sdk'
import { it } from 'mocha'
import { cable, essence, events, overEachTransport } from '../support/stage.ts'

overEachTransport((stage) => {
  it('a handler that throws sees the message again, later, with the next attempt', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const attempts = events<number>()
    const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(async (message, context) => {
      assert.equal(context.attempt, message.attempt)
      attempts.push(message.attempt)
      if (message.attempt < 3) throw new Error('not yet')
    })
    await mq.producer().send({ topic: 'orders', body: 'x' })
    assert.equal(await attempts.next(), 1)
    // The group's back-off asks for at least a second; the clock gives it.
    await broker.clock.advance('1h')
    assert.equal(await attempts.next(), 2)
    await broker.clock.advance('1h')
    assert.equal(await attempts.next(), 3)
    await broker.clock.advance('6h')
    assert.deepEqual(attempts.waiting, [])
    await mq.close()
    await running
  })

  it('after the last attempt the message is in the dead-letter topic, with its origin', async () => {
    const broker = await stage.broker({ groups: { billing: { maxAttempts: 2 } } })
    const mq = stage.client(broker)
    const receipt = await mq.producer().send({ topic: 'orders', body: 'poison', tag: 'created', keys: ['o-1'] })
    const simple = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    for (const attempt of [1, 2]) {
      const [message] = await simple.receive({ max: 1, wait: '5s', invisible: '10s' })
      assert.equal(message?.attempt, attempt)
      await broker.clock.advance('11s')
    }
    assert.deepEqual(await simple.receive({ max: 1, wait: 0, invisible: '10s' }), [])

    const undertaker = mq.simpleConsumer({ group: 'undertaker', subscribe: { '%DLQ%billing': '*' } })
    const [dead] = await undertaker.receive({ max: 1, wait: '5s', invisible: '10s' })
    assert.ok(dead !== undefined)
    assert.deepEqual([dead.text(), dead.tag, dead.keys], ['poison', 'created', ['o-1']])
    assert.deepEqual(dead.origin, { topic: 'orders', messageId: receipt.messageId })
    await dead.ack()
  })

  it('deadLetter() and PermanentError send a message to the dead-letter topic at once', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    const producer = mq.producer()
    const undertaker = mq.simpleConsumer({ group: 'undertaker', subscribe: { '%DLQ%billing': '*' } })
    const bury = async () => {
      const [dead] = await undertaker.receive({ max: 1, wait: '5s', invisible: '10s' })
      await dead?.ack()
      return dead?.text()
    }

    await producer.send({ topic: 'orders', body: 'by hand' })
    const simple = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const [message] = await simple.receive({ max: 1, wait: '5s', invisible: '10s' })
    await message?.deadLetter('no such customer')
    assert.equal(await bury(), 'by hand')

    const attempts = events<number>()
    const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(async (message) => {
      attempts.push(message.attempt)
      throw new PermanentError('no such customer')
    })
    await producer.send({ topic: 'orders', body: 'by throwing' })
    assert.equal(await attempts.next(), 1)
    assert.equal(await bury(), 'by throwing')
    await broker.clock.advance('12h')
    assert.deepEqual(attempts.waiting, [])
    await mq.close()
    await running
  })

  it('what a killed consumer held comes back once, with the next attempt', async () => {
    const broker = await stage.broker()
    const line = cable(stage.transport)
    const doomed = stage.client(broker, { transport: line })
    const mq = stage.client(broker)
    const held = events<string>()
    const stuck = doomed.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(async (message, context) => {
      held.push(message.text())
      // Works on it for ever.
      await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
    })
    stuck.catch(() => {})
    await mq.producer().send({ topic: 'orders', body: 'x' })
    assert.equal(await held.next(), 'x')

    // Its lease is renewed for as long as it lives: an hour later nobody else has got the message.
    const other = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    await broker.clock.advance('1h')
    assert.deepEqual(await other.receive({ max: 1, wait: 0, invisible: '30s' }), [])

    line.cut()
    const back = other.receive({ max: 16, wait: '60s', invisible: '30s' })
    await broker.clock.advance('12s')
    const [message, ...more] = await back
    assert.ok(message !== undefined && more.length === 0)
    assert.deepEqual(essence(message), { body: 'x', attempt: 2 })
    await message.ack()
    await broker.clock.advance('12h')
    assert.deepEqual(await other.receive({ max: 16, wait: 0, invisible: '30s' }), [])
  })

  it('a message whose simple consumer lets the lease run out comes back, and its old handle is worth nothing', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer().send({ topic: 'orders', body: 'x' })
    const simple = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const [first] = await simple.receive({ max: 1, wait: '5s', invisible: '30s' })
    assert.equal(first?.attempt, 1)
    await first?.extend('60s')
    await broker.clock.advance('31s')
    assert.deepEqual(await simple.receive({ max: 1, wait: 0, invisible: '30s' }), [], 'the lease was extended')
    await broker.clock.advance('30s')
    const [second] = await simple.receive({ max: 1, wait: '5s', invisible: '30s' })
    assert.equal(second?.attempt, 2)
    await assert.rejects(async () => first?.ack(), { code: 'LEASE_LOST' })
    await second?.ack()
  })

  it('a nack with a delay decides when the message comes back', async () => {
    const broker = await stage.broker()
    const mq = stage.client(broker)
    await mq.producer().send({ topic: 'orders', body: 'x' })
    const simple = mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const [first] = await simple.receive({ max: 1, wait: '5s', invisible: '10m' })
    await first?.nack('40s')
    await broker.clock.advance('39s')
    assert.deepEqual(await simple.receive({ max: 1, wait: 0, invisible: '30s' }), [])
    await broker.clock.advance('2s')
    const [second] = await simple.receive({ max: 1, wait: '5s', invisible: '30s' })
    assert.deepEqual(second === undefined ? undefined : essence(second), { body: 'x', attempt: 2 })
    await second?.ack()
  })
})
