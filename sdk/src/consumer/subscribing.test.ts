import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered, FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'
import { sql } from './sql.ts'

/** The subscriptions of the last settings that the server got. */
function told({ server }: Bench): string[] {
  const settings = server.settings.all.at(-1)
  assert.ok(settings?.pubSub?.case === 'subscription')
  return settings.pubSub.value.subscriptions.map(({ topic, expression }) => `${topic?.name}: ${expression?.expression}`)
}

const polled = ({ server }: Bench) =>
  server.polls.map(({ request }) => `${request.messageQueue?.topic?.name}: ${request.filterExpression?.expression}`)

describe('subscriptions of a running consumer', () => {
  it('grow: the server is told, and the new topic is received from at once', async () => {
    await using test = await bench()
    const { consumer, seen } = run(test)
    await test.server.receives.next()
    const before = test.clock.monotonic()
    await consumer.subscribe({ payments: 'paid || refunded' })
    await turns()
    assert.equal(test.clock.monotonic(), before)
    assert.deepEqual(told(test), ['orders: *', 'payments: paid || refunded'])
    assert.deepEqual(polled(test), ['orders: *', 'payments: paid || refunded'])
    await test.server.deliver(delivered({ id: 'p', topic: 'payments' }))
    assert.equal((await seen.next()).topic, 'payments')
  })

  it('shrink: the server is told, the receives of the topic are cancelled, and what is not begun goes back', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(test, () => open.passed, { subscribe: { orders: '*', payments: '*' } }, 1)
    const [one, other] = await test.server.receives.take(2)
    const [orders, payments] = one?.request.messageQueue?.topic?.name === 'orders' ? [one, other] : [other, one]
    orders?.message(delivered({ id: 'a' }))
    orders?.message(delivered({ id: 'b' }))
    orders?.end()
    await seen.next()
    consumer.unsubscribe('orders')
    await turns()
    assert.deepEqual(told(test), ['payments: *'])
    assert.deepEqual(polled(test), ['payments: *'])
    assert.equal(payments?.cancelled, false)
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [['b', 0]],
    )
    open.open()
    await test.server.acks.next()
    const asked = test.server.assignments.all.length
    await test.clock.advance(10_000)
    const later = test.server.assignments.all.slice(asked).map(({ request }) => request.topic?.name)
    assert.ok(later.length > 0 && later.every((topic) => topic === 'payments'), `asked for ${later.join(', ')}`)
    assert.equal(seen.all.length, 1)
  })

  it('change their filter: receives begin anew with it, and nothing is handled that the old one let through', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(test, () => open.passed, { subscribe: { orders: 'created' } }, 1)
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await seen.next()
    await turns()
    await consumer.subscribe({ orders: sql('amount > 100') })
    await turns()
    assert.deepEqual(told(test), ['orders: amount > 100'])
    assert.deepEqual(polled(test), ['orders: amount > 100'])
    assert.equal(test.server.changes.all[0]?.request.messageId, 'b')
    open.open()
  })

  it('are left as they were by a topic that cannot be had', async () => {
    await using test = await bench()
    const usual = test.server.onRoute
    test.server.onRoute = (request, call) =>
      request.topic?.name === 'nowhere' ? { status: { code: 'TOPIC_NOT_FOUND' }, messageQueues: [] } : usual(request, call)
    const { consumer } = run(test)
    await test.server.receives.next()
    assert.equal((await failure(consumer.subscribe({ nowhere: '*' }))).code, 'TOPIC_NOT_FOUND')
    assert.deepEqual(told(test), ['orders: *'])
    assert.deepEqual(polled(test), ['orders: *'])
    assert.equal((await failure(consumer.subscribe({ payments: '' }))).code, 'INVALID_OPTION')
  })

  it('say nothing to the server when they stay the same', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    const poll = await test.server.receives.next()
    const before = test.server.settings.all.length
    await consumer.subscribe({ orders: '*' })
    consumer.unsubscribe('unknown')
    await turns()
    assert.equal(test.server.settings.all.length, before)
    assert.equal(poll.cancelled, false)
  })

  it('are never none', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    assert.throws(() => consumer.unsubscribe('orders'), { code: 'INVALID_OPTION' })
  })

  it('can be changed before it runs, and not after it was closed', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    await consumer.subscribe({ payments: '*' })
    consumer.unsubscribe('orders')
    assert.equal(test.server.routes.all.length, 0, 'nothing connects before it is used')
    const running = consumer.run(() => {})
    await test.server.receives.next()
    assert.deepEqual(told(test), ['payments: *'])
    assert.deepEqual(polled(test), ['payments: *'])
    await consumer.close()
    await running
    assert.equal((await failure(consumer.subscribe({ orders: '*' }))).code, 'CLIENT_CLOSED')
    assert.throws(() => consumer.unsubscribe('payments'), { code: 'CLIENT_CLOSED' })
  })

  it('let go of an endpoint that only a topic that left led to', async () => {
    await using test = await bench()
    await using second = await FakeServer.start(test.transport)
    test.server.onRoute = (request) => {
      const topic = request.topic?.name ?? ''
      return { status: { code: 'OK' }, messageQueues: [test.server.queue(topic, 0, topic === 'payments' ? second.address : test.server.address)] }
    }
    const open = gate()
    const { consumer, seen } = run(test, () => open.passed)
    await test.server.receives.next()
    await consumer.subscribe({ payments: '*' })
    assert.equal(second.streams.all.length, 1)
    assert.equal(second.settings.all.at(-1)?.pubSub?.case, 'subscription')
    await turns()
    const told = second.settings.all.at(-1)?.pubSub
    assert.ok(told?.case === 'subscription' && told.value.subscriptions.length === 2, 'it was told of the topic that led to it')
    const queue = second.queue('payments', 0)
    test.server.onAssignment = (request) => ({
      status: { code: 'OK' },
      assignments: [{ messageQueue: request.topic?.name === 'payments' ? queue : test.server.queue('orders', 0) }],
    })
    await test.clock.advance(5_000)
    await second.deliver(delivered({ id: 'p', topic: 'payments' }))
    await seen.next()
    consumer.unsubscribe('payments')
    await turns()
    assert.equal(second.halfCloses.all.length, 0, 'a handler still works for it, whose lease the server renews while the stream lives')
    open.open()
    await second.acks.next()
    await turns()
    assert.equal(second.halfCloses.all.length, 1)
  })
})
