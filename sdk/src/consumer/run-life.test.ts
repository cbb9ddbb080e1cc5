import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FeatherMQError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { EventLog } from '../testing-internal/event-log.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered, FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

describe('consumer.run, its life', () => {
  it('rejects when the server refuses for good', async () => {
    await using test = await bench()
    const { running } = run(test)
    const receive = await test.server.receives.next()
    receive.end('ILLEGAL_FILTER_EXPRESSION', 'no such tag')
    const error = await failure(running)
    assert.deepEqual([error.code, error.topic, error.group], ['ILLEGAL_FILTER_EXPRESSION', 'orders', 'billing'])
  })

  it('rejects when it is not allowed from the start, and waits out the same once it has worked', async () => {
    await using test = await bench()
    const { running, consumer } = run(test)
    const receive = await test.server.receives.next()
    receive.end('UNAUTHORIZED')
    assert.equal((await failure(running)).code, 'UNAUTHORIZED')

    const again = consumer.run(() => {})
    await test.server.deliver(delivered({}))
    await turns()
    const denied = await test.server.receives.next()
    denied.end('UNAUTHORIZED')
    await test.clock.advance(1_000)
    await test.server.receives.next()
    await consumer.close()
    await again
  })

  it('throws when it is running already', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    assert.equal((await failure(consumer.run(() => {}))).code, 'ALREADY_RUNNING')
    await test.server.receives.next()
    assert.equal((await failure(consumer.run(() => {}))).code, 'ALREADY_RUNNING')
    assert.equal((await failure(consumer.messages().next())).code, 'ALREADY_RUNNING')
  })

  it('holds the process while it runs, also while disconnected, and not before or after', async () => {
    await using test = await bench()
    assert.equal(test.clock.holding, 0)
    const { consumer, running } = run(test)
    await test.server.receives.next()
    assert.equal(test.clock.holding, 1)
    await test.server.close()
    await test.clock.advance(60_000)
    assert.ok(test.clock.holding >= 1)
    const closing = consumer.close()
    await test.clock.advance(5_000)
    await closing
    await running
    assert.equal(test.clock.holding, 0)
  })

  it('goes on receiving after the server was away', async () => {
    await using test = await bench()
    const { seen } = run(test)
    await test.server.receives.next()
    const { port } = test.server
    await test.server.close()
    await test.clock.advance(120_000)
    const reborn = await FakeServer.start(test.transport, port)
    await test.clock.advance(10_000)
    await reborn.deliver(delivered({ id: 'after' }))
    assert.equal((await seen.next()).messageId, 'after')
    const closing = test.mq.close()
    await test.clock.advance(5_000)
    await closing
    await reborn.close()
  })

  it('aborts the signal of a handler when its endpoint was out of reach for longer than a lease', async () => {
    await using test = await bench()
    const reasons = new EventLog<unknown>()
    run(test, async (_message, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      await reasons.reaches(1)
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await turns()
    await test.server.close()
    await test.clock.advance(50_000)
    assert.equal(reasons.all.length, 0)
    await test.clock.advance(20_000)
    const [reason] = reasons.all
    assert.ok(reason instanceof FeatherMQError && reason.code === 'LEASE_LOST')
  })

  it('does not lose leases while the server answers, though the stream is away', async () => {
    await using test = await bench()
    let aborted = false
    const open = gate()
    run(test, (_message, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return open.passed
    })
    await test.server.deliver(delivered({}))
    await turns()
    test.server.onSettings = () => undefined
    test.server.streams.all[0]?.end({ code: 'UNAVAILABLE', message: 'x' })
    await test.clock.advance(300_000)
    assert.equal(aborted, false)
    open.open()
  })

  it('aborts the signal of a handler that works longer than servers renew', async () => {
    await using test = await bench()
    const open = gate()
    let signal: AbortSignal | undefined
    run(test, (_message, context) => {
      signal = context.signal
      return open.passed
    })
    await test.server.deliver(delivered({}))
    await turns()
    await test.clock.advance(10_800_000 - 1)
    assert.equal(signal?.aborted, false)
    await test.clock.advance(1)
    assert.equal(signal?.aborted, true)
    open.open()
  })
})
