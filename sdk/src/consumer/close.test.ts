import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FeatherMQError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

describe('closing a consumer', () => {
  it('cancels an idle long poll at once instead of waiting for its end', async () => {
    await using test = await bench()
    const { consumer, running } = run(test)
    const receive = await test.server.receives.next()
    const before = test.clock.monotonic()
    assert.deepEqual(await consumer.close(), { drained: 0, returned: 0 })
    await running
    assert.equal(test.clock.monotonic(), before)
    assert.equal(receive.cancelled, true)
    assert.equal(test.server.terminations.all[0]?.request.group?.name, 'billing')
    assert.equal(test.server.halfCloses.all.length, 1)
  })

  it('lets handlers finish, gives back what none has begun with, and reports both', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, running, seen } = run(test, () => open.passed, {}, 2)
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }), delivered({ id: 'c' }), delivered({ id: 'd' }))
    await seen.take(2)
    const closing = consumer.close()
    await turns()
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['c', 0],
        ['d', 0],
      ],
    )
    open.open()
    assert.deepEqual(await closing, { drained: 2, returned: 2 })
    await running
    assert.deepEqual(test.server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId)).sort(), ['a', 'b'])
    assert.equal(seen.all.length, 2)
  })

  it('aborts handlers when the time to drain is over, and gives back what they leave', async () => {
    await using test = await bench()
    const reasons: unknown[] = []
    const { consumer, seen } = run(test, (_message, { signal }) => {
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason)
          reject(signal.reason)
        })
      })
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await seen.next()
    const closing = consumer.close({ drain: '5s', abort: '1s' })
    await test.clock.advance(4_999)
    assert.equal(reasons.length, 0)
    await test.clock.advance(1)
    const [reason] = reasons
    assert.ok(reason instanceof FeatherMQError && reason.code === 'CLIENT_CLOSED')
    assert.deepEqual(await closing, { drained: 0, returned: 1 })
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => request.invisibleDuration?.seconds),
      [0],
    )
    assert.equal(test.log.of('handler-failed').length, 0)
  })

  it('ends in time though a handler never settles', async () => {
    await using test = await bench()
    const { consumer, running, seen } = run(test, () => new Promise(() => {}))
    await test.server.deliver(delivered({ id: 'a' }))
    await seen.next()
    const before = test.clock.monotonic()
    const closing = consumer.close()
    await test.clock.advance(12_000)
    assert.deepEqual(await closing, { drained: 0, returned: 1 })
    await running
    assert.ok(test.clock.monotonic() - before <= 12_000)
  })

  it('ends in time though acks keep failing', async () => {
    await using test = await bench()
    test.server.onAck = () => ({ status: { code: 'INTERNAL_SERVER_ERROR' }, entries: [] })
    const { consumer, running } = run(test)
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
    const closing = consumer.close()
    await test.clock.advance(4_000)
    assert.deepEqual(await closing, { drained: 0, returned: 0 })
    await running
    assert.equal(test.log.of('settle-failed').length, 1)
  })

  it('waits for acks under way', async () => {
    await using test = await bench()
    const usual = test.server.onAck
    const open = gate()
    test.server.onAck = async (request, call) => {
      await open.passed
      return await usual(request, call)
    }
    const { consumer } = run(test)
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
    let closed = false
    const closing = consumer.close().then((report) => {
      closed = true
      return report
    })
    await turns()
    assert.equal(closed, false)
    open.open()
    assert.deepEqual(await closing, { drained: 0, returned: 0 })
  })

  it('does not let acks wait for a request that is stuck', async () => {
    await using test = await bench()
    const usual = test.server.onAck
    const open = gate()
    test.server.onAck = async (request, call) => {
      if (test.server.acks.all.length === 1) await open.passed
      return await usual(request, call)
    }
    const { consumer, seen } = run(test)
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
    await test.server.deliver(delivered({ id: 'b' }))
    await seen.reaches(2)
    await turns()
    assert.equal(test.server.acks.all.length, 1)
    const closing = consumer.close()
    await turns()
    assert.deepEqual(test.server.acks.all[1]?.request.entries[0]?.messageId, 'b')
    open.open()
    await closing
  })

  it('ends in time though the server is gone', async () => {
    await using test = await bench()
    const { consumer, running } = run(test)
    await test.server.receives.next()
    await test.server.close()
    await turns()
    const closing = consumer.close()
    await test.clock.advance(4_000)
    await closing
    await running
    assert.equal(test.clock.holding, 0)
  })

  it('is idempotent, and everything after it is refused', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    await test.server.receives.next()
    const first = consumer.close()
    assert.equal(consumer.close(), first)
    await first
    await consumer[Symbol.asyncDispose]()
    assert.equal((await failure(consumer.run(() => {}))).code, 'CLIENT_CLOSED')
    assert.equal((await failure(consumer.messages().next())).code, 'CLIENT_CLOSED')
  })

  it('is possible before anything ran and while it starts', async () => {
    await using test = await bench()
    const idle = test.mq.consumer({ group: 'idle', subscribe: { orders: '*' } })
    assert.deepEqual(await idle.close(), { drained: 0, returned: 0 })

    test.server.onSettings = () => undefined
    const { consumer, running } = run(test)
    await test.server.settings.next()
    const closing = consumer.close()
    await test.clock.advance(2_000)
    await closing
    await running
  })

  it('can be undone when the signal of the run did it', async () => {
    await using test = await bench()
    const controller = new AbortController()
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const first = consumer.run(() => {}, { signal: controller.signal })
    await test.server.receives.next()
    controller.abort()
    await first
    const second = consumer.run(() => {})
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
    await consumer.close()
    await second
  })

  it('nacks by the policy what fails while it drains', async () => {
    await using test = await bench()
    const open = gate()
    const { consumer, seen } = run(
      test,
      async () => {
        await open.passed
        throw new Error('boom')
      },
      { ordered: true },
    )
    await test.server.deliver(delivered({ id: 'a', group: 'g', attempt: 2 }))
    await seen.next()
    const closing = consumer.close()
    open.open()
    assert.deepEqual(await closing, { drained: 1, returned: 0 })
    assert.equal(test.server.changes.all[0]?.request.invisibleDuration?.seconds, 5)
    assert.equal(test.log.of('handler-failed').length, 1)
  })
})

describe('closing a client', () => {
  it('lets a handler that drains still send', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const open = gate()
    const { running, seen } = run(test, async () => {
      await open.passed
      await producer.send({ topic: 'done', body: 'x' })
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await seen.next()
    const closing = test.mq.close()
    await turns()
    open.open()
    assert.deepEqual(await closing, { drained: 1, returned: 0 })
    await running
    assert.equal(test.server.sends.all.length, 1)
    assert.equal(test.mq.close(), test.mq.close())
    assert.throws(() => test.mq.producer(), { code: 'CLIENT_CLOSED' })
  })

  it('says nothing on a clean end', async () => {
    await using test = await bench()
    await test.mq.producer().send({ topic: 'orders', body: 'x' })
    const { running } = run(test)
    await test.server.receives.next()
    await test.mq.close()
    await running
    assert.deepEqual(
      test.log.lines.filter(({ level }) => level === 'warn' || level === 'error'),
      [],
    )
  })
})
