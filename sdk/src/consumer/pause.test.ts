import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { durations, run } from '../testing-internal/running.ts'

describe('a consumer that is paused', () => {
  it('cancels its receives at once, gives back what no handler has begun with, and lets handlers end', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(test, () => open.passed, {}, 1)
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await seen.next()
    const poll = await test.server.receives.next()
    consumer.pause()
    await turns()
    assert.equal(poll.cancelled, true)
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [['b', 0]],
    )
    open.open()
    await test.server.acks.next()
    await test.clock.advance(60_000)
    assert.equal(test.server.polls.length, 0)
    assert.equal(test.log.lines.filter(({ level }) => level === 'warn').length, 0)
  })

  it('receives again at once when it is resumed, and also when it is done twice', async () => {
    await using test = await bench()
    const { consumer, seen } = run(test)
    await test.server.receives.next()
    consumer.pause()
    consumer.pause()
    await turns()
    assert.equal(test.server.polls.length, 0)
    const before = test.clock.monotonic()
    consumer.resume()
    consumer.resume()
    await test.server.deliver(delivered({ id: 'a' }))
    assert.equal((await seen.next()).messageId, 'a')
    assert.equal(test.clock.monotonic(), before)
    await turns()
    assert.equal(test.server.polls.length, 1)
  })

  it('pauses some topics alone', async () => {
    await using test = await bench()
    const { consumer } = run(test, () => {}, { subscribe: { orders: '*', payments: '*' } })
    await test.server.receives.take(2)
    consumer.pause('orders')
    await turns()
    assert.deepEqual(
      test.server.polls.map(({ request }) => request.messageQueue?.topic?.name),
      ['payments'],
    )
    assert.throws(() => consumer.pause('unknown'), { code: 'INVALID_OPTION' })
  })

  it('stays paused over assignments that change, and before and between runs', async () => {
    await using test = await bench()
    const controller = new AbortController()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    consumer.pause()
    const first = consumer.run(() => {}, { signal: controller.signal })
    await test.server.assignments.next()
    const queue = test.server.queue('orders', 0)
    test.server.onAssignment = () => ({
      status: { code: 'OK' },
      assignments: [{ messageQueue: { ...queue, id: -1, broker: { ...queue.broker, name: 'broker-b' } } }],
    })
    await test.clock.advance(10_000)
    assert.equal(test.server.receives.all.length, 0)
    controller.abort()
    await first
    const second = consumer.run(() => {})
    await test.clock.advance(10_000)
    assert.equal(test.server.receives.all.length, 0)
    consumer.resume()
    assert.equal((await test.server.receives.next()).request.messageQueue?.broker?.name, 'broker-b')
    await consumer.close()
    await second
  })

  it('gives back what waits for its next try in an ordered group, and what fails meanwhile, with all that is behind', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(
      test,
      async ({ messageId }) => {
        if (messageId === 'b1') await open.passed
        throw new Error('boom')
      },
      { ordered: true },
    )
    const of = (id: string, group: string) => delivered({ id, group })
    await test.server.deliver(of('a1', 'a'), of('a2', 'a'), of('b1', 'b'), of('b2', 'b'))
    await seen.take(2)
    await turns()
    consumer.pause()
    open.open()
    await turns()
    const changes = test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds])
    assert.deepEqual(changes.sort(), [
      ['a1', 0],
      ['a2', 0],
      ['b1', 1],
      ['b2', 0],
    ])
    await test.clock.advance(60_000)
    assert.equal(seen.all.length, 2)
  })

  it('does not lend room to what it still holds', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(test, () => open.passed, { maxCachedMessages: 4 }, 3)
    await test.server.deliver(delivered({}), delivered({}), delivered({}))
    await seen.take(3)
    for (let times = 0; times < 3; times += 1) {
      consumer.pause()
      consumer.resume()
      await turns()
    }
    assert.deepEqual(
      test.server.polls.map(({ request }) => request.batchSize),
      [1],
    )
    open.open()
    await test.server.acks.next()
    assert.deepEqual(durations(test), [])
  })
})

describe('messages() that are paused', () => {
  it('wait, and come again', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const messages = consumer.messages()
    const next = messages.next()
    await test.server.receives.next()
    consumer.pause()
    await turns()
    consumer.resume()
    await test.server.deliver(delivered({ id: 'a' }))
    assert.equal((await next).value?.messageId, 'a')
    await messages.return?.()
  })
})
