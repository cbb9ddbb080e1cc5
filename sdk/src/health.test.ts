import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { overall, type PartHealth, statusOf } from './health.ts'
import { bench } from './testing-internal/bench.ts'
import { failure } from './testing-internal/expect.ts'
import { delivered } from './testing-internal/fake-server.ts'
import { turns } from './testing-internal/manual-clock.ts'
import { run } from './testing-internal/running.ts'

const server = (connected: boolean) => ({ endpoint: 'a:1', connected, avoided: false })
const part = (status: PartHealth['status']): PartHealth => ({ clientId: 'c', status, servers: [] })

describe('the health of a part', () => {
  it('is that of its servers, while it is not closed', () => {
    const statuses = [[], [true], [true, true], [true, false], [false, false]].map((servers) => statusOf(servers.map(server), false))
    assert.deepEqual(statuses, ['idle', 'up', 'up', 'degraded', 'down'])
    assert.equal(statusOf([server(true)], true), 'closed')
  })
})

describe('the health of a client', () => {
  it('is that of its parts where they agree; those without servers do not count', () => {
    const whole = (...statuses: PartHealth['status'][]) => overall(statuses.map(part), false)
    assert.deepEqual([whole(), whole('idle'), whole('up', 'idle', 'closed'), whole('down', 'down')], ['idle', 'idle', 'up', 'down'])
    assert.deepEqual([whole('up', 'down'), whole('up', 'degraded'), overall([part('up')], true)], ['degraded', 'degraded', 'closed'])
  })

  it('tells of producers and consumers, their servers and their numbers', async () => {
    await using test = await bench()
    assert.deepEqual(test.mq.health(), { status: 'idle', producers: [], consumers: [], simpleConsumers: [] })
    const producer = test.mq.producer()
    assert.equal(producer.health().status, 'idle')
    await producer.send({ topic: 'orders', body: 'x' })
    const { consumer } = run(test)
    await test.server.receives.next()
    const { status, producers, consumers } = test.mq.health()
    const servers = [{ endpoint: test.server.address, connected: true, avoided: false }]
    assert.equal(status, 'up')
    assert.deepEqual(
      producers.map(({ clientId, status: own, servers: of, statistics }) => [clientId, own, of, statistics.sent]),
      [[producer.clientId, 'up', servers, 1]],
    )
    assert.deepEqual(
      consumers.map(({ clientId, group, status: own, servers: of, state, stats }) => [clientId, group, own, of, state.name, stats.received]),
      [[consumer.clientId, 'billing', 'up', servers, 'running', 0]],
    )
  })

  it('goes down with its server and up again with it', async () => {
    await using test = await bench()
    await test.mq.producer().send({ topic: 'orders', body: 'x' })
    test.server.streams.all[0]?.end()
    await turns()
    assert.equal(test.mq.health().status, 'down')
    await test.clock.advance(2_000)
    assert.equal(test.mq.health().status, 'up')
  })

  it('names a server that sends keep away from', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'INTERNAL_SERVER_ERROR' }, entries: [] })
    const producer = test.mq.producer({ maxAttempts: 1 })
    await failure(producer.send({ topic: 'orders', body: 'x' }))
    assert.deepEqual(producer.health().servers, [{ endpoint: test.server.address, connected: true, avoided: true }])
  })

  it('is closed once that has begun', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const closing = test.mq.close()
    assert.equal(test.mq.health().status, 'closed')
    await test.clock.advance(5_000)
    await closing
    assert.equal(producer.health().status, 'closed')
  })
})

describe('the numbers of a simple consumer', () => {
  it('count what came and what became of it', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receiving = consumer.receive()
    await test.server.deliver(...['a', 'b', 'c', 'd', 'e'].map((id) => delivered({ id })))
    const [a, b, c, d] = await receiving
    await Promise.all([a?.ack(), b?.nack('1s'), c?.deadLetter()])
    test.server.onAck = () => ({ status: { code: 'INVALID_RECEIPT_HANDLE' }, entries: [] })
    await failure(d?.ack() ?? Promise.resolve())
    const { received, handled, failed, deadLettered, lost, inFlight, cachedMessages } = consumer.stats()
    assert.deepEqual(
      { received, handled, failed, deadLettered, lost, inFlight, cachedMessages },
      {
        received: 5,
        handled: 1,
        failed: 2,
        deadLettered: 1,
        lost: 1,
        inFlight: 1,
        cachedMessages: 0,
      },
    )
    assert.deepEqual(consumer.health().stats, consumer.stats())
  })
})

describe('the numbers of a producer', () => {
  it('count transactions, checks and recalls', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ topics: ['orders'], checkTransaction: async () => 'unknown' })
    await producer.transaction({ topic: 'orders', body: 'x' }, async () => 'commit')
    await producer.transaction({ topic: 'orders', body: 'x' }, async () => 'rollback')
    await producer.recall({ topic: 'orders', recallHandle: 'h' })
    const command = { case: 'recoverOrphanedTransactionCommand', value: { transactionId: 't', message: delivered({ id: 'm' }) } } as const
    test.server.streams.all[0]?.send({ command })
    await turns()
    const { committed, rolledBack, checked, recalled } = producer.statistics()
    assert.deepEqual({ committed, rolledBack, checked, recalled }, { committed: 1, rolledBack: 1, checked: 1, recalled: 1 })
  })
})
