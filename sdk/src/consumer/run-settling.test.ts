import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { PermanentError } from '../errors.ts'
import { bench } from '../testing-internal/bench.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { durations, run } from '../testing-internal/running.ts'
import type { HandlerContext } from './handler-pool.ts'

describe('consumer.run, settling', () => {
  it('acknowledges what the handler returned from, once', async () => {
    await using test = await bench()
    run(test, (message) => message.ack())
    await test.server.deliver(delivered({ id: 'a' }))
    const ack = await test.server.acks.next()
    await turns()
    assert.deepEqual(ack.request.entries[0]?.receiptHandle, 'handle-a')
    assert.equal(test.server.acks.all.length, 1)
  })

  it('puts the acks of one turn and topic into one request', async () => {
    await using test = await bench()
    run(test)
    await test.server.deliver(...Array.from({ length: 32 }, (_, index) => delivered({ id: `m-${index}` })))
    await turns()
    assert.deepEqual(
      test.server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId)),
      Array.from({ length: 32 }, (_, index) => `m-${index}`),
    )
    assert.ok(test.server.acks.all.length <= 4, `${test.server.acks.all.length} requests`)
  })

  it('honours the result of each ack: a lost lease is final, trouble is tried again each second', async () => {
    await using test = await bench()
    const usual = test.server.onAck
    test.server.onAck = (request) => ({
      status: { code: 'MULTIPLE_RESULTS' },
      entries: request.entries
        .map(({ messageId, receiptHandle }) => ({
          messageId,
          receiptHandle,
          status: {
            code:
              messageId === 'lost'
                ? ('INVALID_RECEIPT_HANDLE' as const)
                : messageId === 'later'
                  ? ('INTERNAL_SERVER_ERROR' as const)
                  : ('OK' as const),
          },
        }))
        .reverse(),
    })
    run(test)
    await test.server.deliver(delivered({ id: 'fine' }), delivered({ id: 'lost' }), delivered({ id: 'later' }))
    await turns()
    test.server.onAck = usual
    await test.clock.advance(3_000)
    const ids = test.server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId))
    assert.deepEqual([ids.filter((id) => id === 'fine').length, ids.filter((id) => id === 'lost').length], [1, 1])
    assert.equal(ids.at(-1), 'later')
    const [line] = test.log.of('settle-failed')
    assert.equal(line?.fields['messageId'], 'lost')
    assert.equal(test.log.of('settle-failed').length, 1)
  })

  it('takes an ack answer that lacks some entries for what its status says', async () => {
    await using test = await bench()
    let times = 0
    test.server.onAck = () => {
      times += 1
      return times === 1 ? { status: { code: 'MULTIPLE_RESULTS' }, entries: [] } : { status: { code: 'OK' }, entries: [] }
    }
    const { consumer } = run(test)
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await test.clock.advance(2_000)
    assert.ok(times >= 2)
    assert.equal(test.log.of('settle-failed').length, 0)
    assert.equal(consumer.group, 'billing')
  })

  it('nacks by the pushed customized policy, in seconds that are seconds', async () => {
    await using test = await bench()
    run(test, () => Promise.reject(new Error('boom')))
    await test.server.deliver(...[1, 2, 3, 4, 9].map((attempt) => delivered({ id: `m${attempt}`, attempt })))
    await test.server.changes.reaches(5)
    assert.deepEqual(durations(test), [1_000, 5_000, 10_000, 30_000, 30_000])
    assert.equal(test.server.deadLetters.all.length, 0)
    assert.equal(test.server.acks.all.length, 0)
  })

  it('nacks by the pushed exponential policy: 5 s, 10 s, 20 s', async () => {
    await using test = await bench()
    test.server.backoffPolicy = {
      maxAttempts: 16,
      strategy: { case: 'exponentialBackoff', value: { initial: { seconds: 5 }, max: { seconds: 7_200 }, multiplier: 2 } },
    }
    run(test, () => {
      throw new Error('boom')
    })
    await test.server.deliver(...[1, 2, 3, 16].map((attempt) => delivered({ attempt })))
    await test.server.changes.reaches(4)
    assert.deepEqual(durations(test), [5_000, 10_000, 20_000, 7_200_000])
  })

  it('uses the policy that was pushed last', async () => {
    await using test = await bench()
    run(test, () => Promise.reject(new Error('boom')))
    const stream = await test.server.streams.next()
    await turns()
    stream.send({
      command: {
        case: 'settings',
        value: { backoffPolicy: { maxAttempts: 4, strategy: { case: 'customizedBackoff', value: { next: [{ nanos: 250_000_000 }] } } } },
      },
    })
    await turns()
    await test.server.deliver(delivered({}))
    await test.server.changes.reaches(1)
    assert.deepEqual(durations(test), [250])
  })

  it('says in one warning which message failed, how often, why, and when it comes back', async () => {
    await using test = await bench()
    const cause = new Error('card declined')
    const { consumer } = run(test, () => Promise.reject(cause))
    await test.server.deliver(delivered({ id: 'a', attempt: 2 }))
    await test.server.changes.next()
    const lines = test.log.lines.filter(({ level }) => level === 'warn')
    assert.equal(lines.length, 1)
    assert.deepEqual(lines[0]?.fields, {
      event: 'handler-failed',
      clientId: consumer.clientId,
      topic: 'orders',
      group: 'billing',
      messageId: 'a',
      attempt: 2,
      maxAttempts: 17,
      next: 'redelivery in 5s, at 2026-01-01T00:00:05.000Z',
      err: cause,
    })
  })

  it('moves a message to the dead-letter topic at once when the handler throws a PermanentError', async () => {
    await using test = await bench()
    run(test, () => Promise.reject(new PermanentError('no such customer')))
    await test.server.deliver(delivered({ id: 'a', attempt: 3 }))
    const { request } = await test.server.deadLetters.next()
    assert.deepEqual(
      [request.messageId, request.receiptHandle, request.deliveryAttempt, request.maxDeliveryAttempts, request.group?.name, request.topic?.name],
      ['a', 'handle-a', 3, 17, 'billing', 'orders'],
    )
    assert.match(String(test.log.of('handler-failed')[0]?.fields['next']), /dead-letter topic/)
    assert.equal(test.server.changes.all.length, 0)
  })

  it('lets the handler settle by itself, and then leaves it at that', async () => {
    await using test = await bench()
    run(test, async (message) => {
      if (message.messageId === 'a') await message.nack('7s')
      else {
        await message.deadLetter('unwanted')
        throw new Error('and it failed')
      }
    })
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    await test.server.deadLetters.next()
    await turns()
    assert.deepEqual(durations(test), [7_000])
    assert.equal(test.server.acks.all.length, 0)
    assert.match(String(test.log.of('handler-failed')[0]?.fields['next']), /settled it by dead-letter/)
    assert.equal(test.log.of('dead-letter')[0]?.fields['reason'], 'unwanted')
  })

  it('tells the handler the attempt and the maximum, and extends a lease with a new receipt handle', async () => {
    await using test = await bench()
    let context: HandlerContext | undefined
    run(test, async (message, given) => {
      context = given
      await given.extend('5m')
      await message.extend('10m')
    })
    await test.server.deliver(delivered({ id: 'a', attempt: 4 }))
    const ack = await test.server.acks.next()
    assert.deepEqual([context?.attempt, context?.maxAttempts], [4, 17])
    assert.deepEqual(durations(test), [300_000, 600_000])
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => request.receiptHandle),
      ['handle-a', 'handle-a+'],
    )
    assert.equal(ack.request.entries[0]?.receiptHandle, 'handle-a++')
  })

  it('receives from several topics, and acknowledges each in its own request', async () => {
    await using test = await bench()
    run(test, () => {}, { subscribe: { orders: '*', payments: 'paid' } })
    const receives = await test.server.receives.take(2)
    for (const receive of receives) {
      receive.message(delivered({ topic: receive.request.messageQueue?.topic?.name ?? '' }))
      receive.end()
    }
    const acks = await test.server.acks.take(2)
    assert.deepEqual(acks.map(({ request }) => request.topic?.name).sort(), ['orders', 'payments'])
    assert.deepEqual(receives.map(({ request }) => request.filterExpression?.expression).sort(), ['*', 'paid'])
  })

  it('never shows the defaults when the policy of the server lacks parts', async () => {
    await using test = await bench()
    test.server.backoffPolicy = { maxAttempts: 0, strategy: { case: 'customizedBackoff', value: { next: [] } } }
    run(test, () => Promise.reject(new Error('boom')))
    await test.server.deliver(delivered({}))
    await test.server.changes.next()
    assert.deepEqual(durations(test), [1_000])
    assert.equal(test.log.of('handler-failed')[0]?.fields['maxAttempts'], 17)
  })
})
