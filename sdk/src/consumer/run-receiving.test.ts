import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { EventLog } from '../testing-internal/event-log.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

describe('consumer.run, receiving', () => {
  it('receives as a push consumer: settings first, then assignment, then a long poll that the server renews', async () => {
    await using test = await bench({ namespace: 'shop' })
    run(test, () => {}, { subscribe: { orders: 'created||paid' } })
    const receive = await test.server.receives.next()
    const settings = test.server.settings.all[0]
    assert.equal(settings?.clientType, 'PUSH_CONSUMER')
    assert.ok(settings?.pubSub?.case === 'subscription')
    assert.deepEqual(settings.pubSub.value.group, { resourceNamespace: 'shop', name: 'billing' })
    assert.equal(settings.pubSub.value.subscriptions[0]?.expression?.expression, 'created || paid')
    assert.equal(settings.pubSub.value.fifo, undefined)
    const { request } = receive
    assert.deepEqual(request.group, { resourceNamespace: 'shop', name: 'billing' })
    assert.deepEqual(request.filterExpression, { type: 'TAG', expression: 'created || paid' })
    assert.deepEqual([request.autoRenew, request.invisibleDuration, request.batchSize, request.messageQueue?.id], [true, undefined, 32, -1])
    assert.deepEqual(request.longPollingTimeout, { seconds: 20, nanos: 0 })
    assert.equal(receive.remaining, 23_000)
    assert.match(request.attemptId ?? '', /^[0-9a-f-]{36}$/)
  })

  it('runs no more handlers at a time than asked for', async () => {
    await using test = await bench()
    const open = gate()
    let running = 0
    let most = 0
    const { seen } = run(
      test,
      async () => {
        running += 1
        most = Math.max(most, running)
        await open.passed
        running -= 1
      },
      {},
      3,
    )
    await test.server.deliver(...Array.from({ length: 10 }, () => delivered({})))
    await seen.take(3)
    await turns()
    assert.equal(most, 3)
    open.open()
    await seen.take(7)
    assert.equal(most, 3)
  })

  it('keeps no more messages than the cache holds, and receives again in the moment there is room', async () => {
    await using test = await bench()
    const gates = new EventLog<ReturnType<typeof gate>>()
    run(
      test,
      () => {
        const open = gate()
        gates.push(open)
        return open.passed
      },
      { maxCachedMessages: 4 },
    )
    const first = await test.server.deliver(...Array.from({ length: 4 }, () => delivered({})))
    assert.equal(first.request.batchSize, 4)
    await gates.reaches(4)
    await turns()
    assert.equal(test.server.polls.length, 0)
    const before = test.clock.monotonic()
    gates.all[0]?.open()
    const second = await test.server.receives.next()
    assert.equal(second.request.batchSize, 1)
    assert.equal(test.clock.monotonic(), before)
  })

  it('keeps no more bytes than the cache holds', async () => {
    await using test = await bench()
    const open = gate()
    const { seen } = run(test, () => open.passed, { maxCachedBytes: 1_000 })
    await test.server.deliver(delivered({ body: 'x'.repeat(1_000) }))
    await seen.next()
    await turns()
    assert.equal(test.server.polls.length, 0)
    open.open()
    await test.server.receives.next()
  })

  it('keeps an attempt id for a receive that failed or brought nothing, and renews it after messages', async () => {
    await using test = await bench()
    run(test)
    const ids: (string | undefined)[] = []
    const empty = await test.server.receives.next()
    ids.push(empty.request.attemptId)
    await test.clock.advance(5_000)
    empty.end('MESSAGE_NOT_FOUND', 'no new message')
    const failing = await test.server.receives.next()
    ids.push(failing.request.attemptId)
    failing.fail({ code: 'UNAVAILABLE', message: 'reset' })
    await test.clock.advance(1_000)
    const bringing = await test.server.deliver(delivered({}))
    ids.push(bringing.request.attemptId)
    ids.push((await test.server.receives.next()).request.attemptId)
    assert.equal(new Set(ids.slice(0, 3)).size, 1)
    assert.notEqual(ids[3], ids[0])
  })

  it('asks for what a receive that broke off may have been given, and handles nothing twice that came before the break', async () => {
    await using test = await bench()
    const { seen } = run(test)
    const broken = await test.server.receives.next()
    broken.message(delivered({ id: 'a' }))
    broken.fail({ code: 'UNAVAILABLE', message: 'reset' })
    await test.clock.advance(1_000)
    const again = await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    assert.equal(again.request.attemptId, broken.request.attemptId)
    assert.deepEqual(
      (await seen.take(2)).map(({ messageId }) => messageId),
      ['a', 'b'],
    )
    await test.clock.advance(1_000)
    assert.equal(seen.all.length, 2)
    assert.notEqual((await test.server.receives.next()).request.attemptId, broken.request.attemptId)
  })

  it('asks for it also when the queue is assigned again later', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    const cancelled = await test.server.receives.next()
    consumer.pause()
    await turns()
    consumer.resume()
    assert.equal((await test.server.receives.next()).request.attemptId, cancelled.request.attemptId)
  })

  it('waits 20 ms after a throttled receive and 1 s after another failure', async () => {
    await using test = await bench()
    run(test)
    const first = await test.server.receives.next()
    await test.clock.advance(100)
    first.end('TOO_MANY_REQUESTS', 'polling full')
    await test.clock.advance(19)
    assert.equal(test.server.receives.all.length, 1)
    await test.clock.advance(1)
    const second = await test.server.receives.next()
    second.end('INTERNAL_SERVER_ERROR')
    await test.clock.advance(999)
    assert.equal(test.server.receives.all.length, 2)
    await test.clock.advance(1)
    assert.equal(test.server.receives.all.length, 3)
  })

  it('does not hammer a server that answers "no message" without waiting', async () => {
    await using test = await bench()
    run(test)
    const usual = test.server.receives.push.bind(test.server.receives)
    test.server.receives.push = (receive) => {
      usual(receive)
      receive.end('MESSAGE_NOT_FOUND')
    }
    await test.clock.advance(1_000)
    assert.ok(test.server.receives.all.length <= 51, `${test.server.receives.all.length} receives in a second`)
  })

  it('takes a poll that ran into its deadline for an empty one', async () => {
    await using test = await bench()
    run(test)
    await test.server.receives.next()
    await test.clock.advance(23_000)
    await test.server.receives.next()
    assert.equal(test.log.lines.filter(({ level }) => level === 'warn').length, 0)
  })

  it('handles what came before a receive broke off', async () => {
    await using test = await bench()
    const { seen } = run(test)
    const receive = await test.server.receives.next()
    receive.message(delivered({ id: 'a' }))
    receive.fail({ code: 'UNAVAILABLE', message: 'reset' })
    assert.equal((await seen.next()).messageId, 'a')
  })

  it('follows its assignment: a queue that is gone is polled no more, a new one at once', async () => {
    await using test = await bench()
    run(test)
    const first = await test.server.receives.next()
    const queue = test.server.queue('orders', 0)
    test.server.onAssignment = () => ({
      status: { code: 'OK' },
      assignments: [{ messageQueue: { ...queue, id: -1, broker: { ...queue.broker, name: 'broker-b' } } }],
    })
    await test.clock.advance(5_000)
    assert.equal(first.cancelled, true)
    const second = await test.server.receives.next()
    assert.equal(second.request.messageQueue?.broker?.name, 'broker-b')
  })

  it('keeps polling while assignments fail', async () => {
    await using test = await bench()
    run(test)
    const first = await test.server.receives.next()
    test.server.onAssignment = () => ({ status: { code: 'INTERNAL_SERVER_ERROR' }, assignments: [] })
    await test.clock.advance(15_000)
    assert.equal(first.cancelled, false)
    assert.equal(test.log.of('receive-failed').filter(({ level }) => level === 'warn').length, 1)
  })
})
