import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { PermanentError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { EventLog } from '../testing-internal/event-log.ts'
import { failure, gate } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import type { BatchContext, BatchHandler } from './batch-pool.ts'
import type { ConsumerOptions, RunBatchOptions } from './consumer-options.ts'
import { RetryAfter } from './retry-after.ts'

/** Runs a consumer of group `billing` and topic `orders` by batches. */
function runBatch(test: Bench, handler: BatchHandler, options: RunBatchOptions = {}, more: Partial<ConsumerOptions> = {}) {
  const seen = new EventLog<string[]>()
  const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' }, ...more })
  const running = consumer.runBatch((messages, context) => {
    seen.push(messages.map(({ messageId }) => messageId))
    return handler(messages, context)
  }, options)
  running.catch(() => {})
  return { consumer, running, seen }
}

const acked = ({ server }: Bench) => server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId))

function messages(...ids: string[]) {
  return ids.map((id) => delivered({ id }))
}

describe('consumer.runBatch', () => {
  it('hands over what came, after the time to linger, and acknowledges all of it in one request', async () => {
    await using test = await bench()
    const { seen } = runBatch(test, () => {}, { linger: '50ms' })
    await test.server.deliver(...messages('a', 'b', 'c'))
    await test.clock.advance(49)
    assert.deepEqual(seen.all, [])
    await test.clock.advance(1)
    assert.deepEqual(seen.all, [['a', 'b', 'c']])
    assert.deepEqual(acked(test), ['a', 'b', 'c'])
    assert.equal(test.server.acks.all.length, 1)
  })

  it('does not wait when a batch is full, by messages or by bytes', async () => {
    await using test = await bench()
    const { seen, consumer } = runBatch(test, () => {}, { max: 2, linger: '1m' })
    await test.server.deliver(...messages('a', 'b', 'c'))
    await seen.reaches(1)
    assert.deepEqual(seen.all, [['a', 'b']])
    await consumer.close()

    const other = runBatch(test, () => {}, { maxBytes: 1_000, linger: '1m' })
    await test.server.deliver(delivered({ id: 'd', body: 'x'.repeat(400) }), delivered({ id: 'e', body: 'x'.repeat(600) }))
    await other.seen.reaches(1)
    assert.deepEqual(other.seen.all, [['d']], 'both together are larger than a batch may be')
    await test.server.deliver(delivered({ id: 'f', body: 'x'.repeat(5_000) }))
    await other.seen.reaches(2)
    assert.deepEqual(other.seen.all, [['d'], ['e']])
    await other.seen.reaches(3)
    assert.deepEqual(other.seen.all[2], ['f'], 'one that is larger than a batch is one by itself')
  })

  it('runs no more batches at a time than asked for, and gathers the next meanwhile', async () => {
    await using test = await bench()
    const gates = new EventLog<ReturnType<typeof gate>>()
    const { seen } = runBatch(
      test,
      () => {
        const open = gate()
        gates.push(open)
        return open.passed
      },
      { max: 2, linger: 0 },
    )
    await test.server.deliver(...messages('a', 'b', 'c', 'd'))
    await seen.reaches(1)
    await turns()
    assert.deepEqual(seen.all, [['a', 'b']])
    const [first] = gates.all
    first?.open()
    await seen.reaches(2)
    assert.deepEqual(seen.all[1], ['c', 'd'])
    gates.all[1]?.open()
  })

  it('settles each message by itself: those marked as failed by their errors, the others are done', async () => {
    await using test = await bench()
    runBatch(test, (batch, context) => {
      const byId = new Map(batch.map((message) => [message.messageId, message]))
      const of = (id: string) => byId.get(id) as Message
      context.fail(of('b'), new Error('boom'))
      context.fail(of('c'), new RetryAfter('7s'))
      context.fail(of('d'), new PermanentError('never'))
    })
    await test.server.deliver(...messages('a', 'b', 'c', 'd', 'e'))
    await test.clock.advance(50)
    assert.deepEqual(acked(test), ['a', 'e'])
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['b', 1],
        ['c', 7],
      ],
    )
    assert.deepEqual(
      test.server.deadLetters.all.map(({ request }) => request.messageId),
      ['d'],
    )
    assert.equal(test.log.of('handler-failed').length, 3)
  })

  it('fails what is neither settled nor marked when the handler throws', async () => {
    await using test = await bench()
    runBatch(test, async (batch, context) => {
      await batch[0]?.ack()
      context.fail(batch[1] as Message, new RetryAfter('9s'))
      throw new Error('boom')
    })
    await test.server.deliver(...messages('a', 'b', 'c'))
    await test.clock.advance(50)
    assert.deepEqual(acked(test), ['a'])
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['b', 9],
        ['c', 1],
      ],
    )
  })

  it('shows that a handler threw also when it had settled everything', async () => {
    await using test = await bench()
    runBatch(test, async (batch) => {
      for (const message of batch) await message.ack()
      throw new Error('boom')
    })
    await test.server.deliver(...messages('a', 'b'))
    await test.clock.advance(50)
    assert.match(test.log.of('handler-failed')[0]?.message ?? '', /the handler had settled it by ack: boom/)
  })

  it('gives an ordered group one message of each message group in a batch, and the next one only after the ack of the one before', async () => {
    await using test = await bench()
    const { seen } = runBatch(test, () => {}, { linger: 0 }, { ordered: true })
    const of = (id: string, group: string) => delivered({ id, group })
    await test.server.deliver(of('a1', 'a'), of('a2', 'a'), of('b1', 'b'), of('b2', 'b'), of('b3', 'b'))
    await test.clock.advance(10)
    assert.deepEqual(seen.all, [['a1', 'b1'], ['a2', 'b2'], ['b3']])
  })

  it('tries a failed message of an ordered group again here, in a later batch, with the rest of its group behind it', async () => {
    await using test = await bench()
    let tries = 0
    const { seen } = runBatch(
      test,
      (batch, context) => {
        for (const message of batch) {
          if (message.messageId !== 'a1') continue
          tries += 1
          if (tries === 1) context.fail(message, new RetryAfter('3s'))
        }
      },
      { linger: 0 },
      { ordered: true },
    )
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }), delivered({ id: 'b1', group: 'b' }))
    await test.clock.advance(2_999)
    assert.deepEqual(seen.all, [['a1', 'b1']])
    await test.clock.advance(10)
    assert.deepEqual(seen.all, [['a1', 'b1'], ['a1'], ['a2']])
    assert.deepEqual(acked(test), ['b1', 'a1', 'a2'])
  })

  it('refuses to mark a message of another batch, and one that the cache could never hold', async () => {
    await using test = await bench()
    const refused = gate()
    const { consumer } = runBatch(
      test,
      (batch, context) => {
        if (batch.length > 0) assert.throws(() => context.fail({} as Message, new Error('x')), { code: 'INVALID_OPTION' })
        refused.open()
      },
      { linger: 0 },
      { maxCachedMessages: 8 },
    )
    await test.server.deliver(...messages('a'))
    await test.clock.advance(1)
    await refused.passed
    await consumer.close()
    for (const wrong of [{ max: 9 }, { max: 0 }, { linger: 'x' }, { maxBytes: 0 }, { concurrency: 0 }, { size: 1 }]) {
      const another = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' }, maxCachedMessages: 8 })
      assert.equal((await failure(another.runBatch(() => {}, wrong as never))).code, 'INVALID_OPTION')
    }
  })

  it('extends all of its open messages, and aborts its signal when the leases of all are lost', async () => {
    await using test = await bench()
    const contexts = new EventLog<BatchContext>()
    const open = gate()
    runBatch(
      test,
      async (batch, context) => {
        await batch[0]?.ack()
        await context.extend('20s')
        contexts.push(context)
        await open.passed
      },
      { linger: 0 },
    )
    await test.server.deliver(...messages('a', 'b', 'c'))
    await test.clock.advance(0)
    const { signal } = await contexts.next()
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => request.messageId),
      ['b', 'c'],
    )
    await test.clock.advance(19_999)
    assert.equal(signal.aborted, false)
    await test.clock.advance(1)
    assert.equal(signal.reason.code, 'LEASE_LOST')
    open.open()
  })

  it('closes: what is gathered goes back, batches that run may finish, then they are aborted', async () => {
    await using test = await bench()
    const reasons: unknown[] = []
    const { consumer, seen, running } = runBatch(
      test,
      async (batch, { signal }) => {
        await batch[0]?.ack()
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason.code)
            reject(signal.reason)
          })
        })
      },
      { max: 2, linger: 0 },
    )
    await test.server.deliver(...messages('a', 'b', 'c'))
    await seen.reaches(1)
    const closing = consumer.close({ drain: '5s' })
    await test.clock.advance(5_000)
    assert.deepEqual(await closing, { drained: 1, returned: 2 })
    await running
    assert.deepEqual(reasons, ['CLIENT_CLOSED'])
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]),
      [
        ['c', 0],
        ['b', 0],
      ],
    )
    assert.equal(test.log.of('handler-failed').length, 0)
  })
})
