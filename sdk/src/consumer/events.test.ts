import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { PermanentError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { gate } from '../testing-internal/expect.ts'
import { delivered, FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'
import type { ConsumerEvent } from './consumer-events.ts'
import { EventFeed } from './event-feed.ts'
import type { TopicStats } from './tally.ts'

/** Collects what a consumer tells. */
function collect(events: AsyncIterable<ConsumerEvent>) {
  const all: ConsumerEvent[] = []
  const over = (async () => {
    for await (const event of events) all.push(event)
  })()
  return { all, over }
}

describe('the events of a consumer', () => {
  it('tell its states from the first to the last, and then end', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const { all, over } = collect(consumer.events())
    const running = consumer.run(() => {})
    await test.server.receives.next()
    assert.deepEqual(consumer.state, { name: 'running', paused: [], disconnected: [] })
    consumer.pause('orders')
    consumer.resume()
    await consumer.close()
    await running
    await over
    assert.deepEqual(
      all.map((event) => event.type === 'state' && event.state),
      [
        { name: 'idle' },
        { name: 'starting' },
        { name: 'running', paused: [], disconnected: [] },
        { name: 'running', paused: ['orders'], disconnected: [] },
        { name: 'running', paused: [], disconnected: [] },
        { name: 'stopping' },
        { name: 'stopping' },
        { name: 'closed', report: { drained: 0, returned: 0 } },
      ],
    )
    assert.deepEqual(consumer.state, { name: 'closed', report: { drained: 0, returned: 0 } })
    const late = collect(consumer.events())
    await late.over
    assert.deepEqual(late.all, [{ type: 'state', state: consumer.state }])
  })

  it('tell that its server is away, and that it is back', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    await test.server.receives.next()
    const { all } = collect(consumer.events())
    const { address, port } = test.server
    await test.server.close()
    await turns()
    assert.deepEqual(consumer.state, { name: 'running', paused: [], disconnected: [address] })
    const again = await FakeServer.start(test.transport, port)
    await test.clock.advance(10_000)
    assert.deepEqual(consumer.state, { name: 'running', paused: [], disconnected: [] })
    again.polls[0]?.message(delivered({ id: 'a' }))
    again.polls[0]?.end()
    await turns()
    const kinds = all.map((event) => (event.type === 'state' && event.state.name === 'running' ? event.state.disconnected.length : event.type))
    assert.deepEqual(kinds.slice(0, 2), [0, 1])
    assert.ok(kinds.includes('receive-failed') && kinds.includes('receiving-again'), kinds.join(', '))
    const closing = consumer.close()
    await test.clock.advance(5_000)
    await closing
    await again.close()
  })

  it('tell what goes wrong with messages', async () => {
    await using test = await bench()
    const { consumer } = run(test, ({ messageId }) => {
      if (messageId === 'a') throw new Error('boom')
      if (messageId === 'b') throw new PermanentError('never')
    })
    test.server.onAck = (request) => ({
      status: { code: 'INVALID_RECEIPT_HANDLE' },
      entries: request.entries.map((entry) => ({ ...entry, status: { code: 'INVALID_RECEIPT_HANDLE' } })),
    })
    const { all } = collect(consumer.events())
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }), delivered({ id: 'c' }))
    await test.server.acks.next()
    await turns()
    const told = all.flatMap((event) => ('messageId' in event ? [[event.type, event.messageId]] : []))
    assert.deepEqual(told, [
      ['handler-failed', 'a'],
      ['dead-letter', 'b'],
      ['handler-failed', 'b'],
      ['settle-failed', 'c'],
    ])
  })

  it('end by a signal and by leaving the loop', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const controller = new AbortController()
    const { all, over } = collect(consumer.events({ signal: controller.signal }))
    await turns()
    controller.abort()
    await over
    for await (const event of consumer.events()) {
      all.push(event)
      break
    }
    consumer.pause()
    assert.equal(all.length, 2)
    assert.throws(() => consumer.events({ signal: {} as never }), { code: 'INVALID_OPTION' })
  })
})

describe('an event feed', () => {
  it('drops the oldest for a reader that is too slow, and says how many', async () => {
    const feed = new EventFeed<{ readonly type: 'tick'; readonly at: number }>()
    const reader = feed.read({ type: 'tick', at: 0 }, undefined)
    for (let at = 1; at <= 1_030; at += 1) feed.emit({ type: 'tick', at })
    feed.end()
    const all = []
    for await (const event of reader) all.push(event)
    assert.deepEqual(all.slice(0, 2), [
      { type: 'missed', count: 7 },
      { type: 'tick', at: 7 },
    ])
    assert.equal(all.length, 1_025)
  })

  it('forgets readers that left, and gives each its own', async () => {
    const feed = new EventFeed<{ readonly type: 'tick'; readonly at: number }>()
    const [one, other] = [feed.read({ type: 'tick', at: 0 }, undefined), feed.read({ type: 'tick', at: 0 }, undefined)]
    feed.emit({ type: 'tick', at: 1 })
    await one.return?.()
    assert.equal(feed.hasReaders, true)
    assert.deepEqual(
      [(await other.next()).value, (await other.next()).value],
      [
        { type: 'tick', at: 0 },
        { type: 'tick', at: 1 },
      ],
    )
    await other[Symbol.asyncDispose]()
    assert.equal(feed.hasReaders, false)
    assert.deepEqual(await one.next(), { done: true, value: undefined })
  })

  it('takes no signal that has aborted already for a reader', async () => {
    const feed = new EventFeed<{ readonly type: 'tick' }>()
    assert.deepEqual(await feed.read({ type: 'tick' }, AbortSignal.abort()).next(), { done: true, value: undefined })
    assert.equal(feed.hasReaders, false)
  })
})

describe('the numbers of a consumer', () => {
  const zero: TopicStats = {
    received: 0,
    handled: 0,
    failed: 0,
    deadLettered: 0,
    returned: 0,
    lost: 0,
    inFlight: 0,
    cachedMessages: 0,
    cachedBytes: 0,
  }

  it('count each message where it is, and what became of it, by topic and in all', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(
      test,
      async (message) => {
        if (message.messageId === 'd') await message.deadLetter('broken')
        if (message.messageId === 'e') throw new Error('boom')
        if (message.messageId === 'n') await message.nack('5s')
        if (message.messageId === 'x') await open.passed
      },
      { subscribe: { orders: '*', payments: '*' } },
      1,
    )
    const { topics, ...sums } = consumer.stats()
    assert.deepEqual([sums, Object.keys(topics)], [{ ...zero, openReceives: 0 }, []])
    const [one, other] = await test.server.receives.take(2)
    const [orders, payments] = one?.request.messageQueue?.topic?.name === 'orders' ? [one, other] : [other, one]
    for (const id of ['a', 'd', 'e', 'n']) orders?.message(delivered({ id }))
    orders?.end()
    await seen.take(4)
    await turns()
    for (const id of ['x', 'y', 'z']) payments?.message(delivered({ id, topic: 'payments' }))
    payments?.end()
    await seen.next()
    await turns()
    const now = consumer.stats()
    assert.deepEqual(now.topics['orders'], { ...zero, received: 4, handled: 1, failed: 3, deadLettered: 1 })
    const bytes = now.cachedBytes
    assert.ok(bytes > 2 * 50 && bytes < 2 * 500, `${bytes} bytes`)
    assert.deepEqual(now.topics['payments'], { ...zero, received: 3, inFlight: 1, cachedMessages: 2, cachedBytes: bytes })
    assert.deepEqual([now.received, now.handled, now.inFlight, now.openReceives], [7, 1, 1, 2])
    const closing = consumer.close()
    open.open()
    await closing
    assert.deepEqual(consumer.stats().topics['payments'], { ...zero, received: 3, handled: 1, returned: 2 })
    assert.equal(consumer.stats().openReceives, 0)
    assert.equal(now.topics['payments']?.inFlight, 1, 'a snapshot stays as it was')
  })

  it('count what is lost, and each try of an ordered group', async () => {
    await using test = await bench()
    let tries = 0
    const { consumer } = run(
      test,
      () => {
        tries += 1
        if (tries < 3) throw new Error('boom')
      },
      { ordered: true },
    )
    test.server.onAck = () => ({ status: { code: 'INVALID_RECEIPT_HANDLE' }, entries: [] })
    await test.server.deliver(delivered({ id: 'a', group: 'g' }), delivered({ id: 'b', group: 'g' }))
    await test.clock.advance(10_000)
    assert.deepEqual(consumer.stats().topics['orders'], { ...zero, received: 2, failed: 2, lost: 1, returned: 1 })
  })
})
