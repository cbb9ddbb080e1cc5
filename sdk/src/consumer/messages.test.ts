import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const options = { group: 'billing', subscribe: { orders: '*' } }

describe('consumer.messages', () => {
  it('gives the messages one by one, to be settled by their own methods', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer(options)
    const delivering = test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }), delivered({ id: 'c' }))
    const seen: string[] = []
    for await (const message of consumer.messages()) {
      seen.push(message.messageId)
      if (message.messageId === 'b') await message.nack('30s')
      else await message.ack()
      if (message.messageId === 'c') break
    }
    await delivering
    assert.deepEqual(seen, ['a', 'b', 'c'])
    assert.deepEqual(
      test.server.acks.all.flatMap(({ request }) => request.entries.map(({ messageId }) => messageId)),
      ['a', 'c'],
    )
    assert.equal(test.server.changes.all[0]?.request.invisibleDuration?.seconds, 30)
  })

  it('does not connect before the first message is asked for', async () => {
    await using test = await bench()
    test.mq.consumer(options).messages()
    await turns()
    assert.equal(test.server.routes.all.length, 0)
    assert.equal(test.clock.holding, 0)
  })

  it('gives back what was not settled when the loop is left, and stops polling at once', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer(options)
    const delivering = test.server.deliver(delivered({ id: 'taken' }), delivered({ id: 'waiting' }))
    for await (const message of consumer.messages()) {
      assert.equal(message.messageId, 'taken')
      await test.server.receives.reaches(2)
      break
    }
    await delivering
    assert.deepEqual(test.server.changes.all.map(({ request }) => [request.messageId, request.invisibleDuration?.seconds]).sort(), [
      ['taken', 1],
      ['waiting', 0],
    ])
    assert.equal(test.server.polls.length, 0)
    assert.equal(test.server.terminations.all.length, 0)
  })

  it('can be entered again after it was left', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer(options)
    for (const id of ['a', 'b']) {
      const delivering = test.server.deliver(delivered({ id }))
      for await (const message of consumer.messages()) {
        assert.equal(message.messageId, id)
        await message.ack()
        break
      }
      await delivering
      await test.server.cancels.next()
    }
    assert.equal(test.server.acks.all.length, 2)
    assert.equal(test.server.streams.all.length, 1)
  })

  it('ends the loop when the consumer closes, and settles what the loop still holds', async () => {
    await using test = await bench()
    const consumer = test.mq.consumer(options)
    const iterator = consumer.messages()
    const first = iterator.next()
    await test.server.deliver(delivered({ id: 'a' }))
    assert.equal((await first).value?.messageId, 'a')
    const waiting = iterator.next()
    await turns()
    const report = await consumer.close()
    assert.deepEqual(await waiting, { done: true, value: undefined })
    assert.deepEqual(await iterator.next(), { done: true, value: undefined })
    assert.deepEqual(report, { drained: 0, returned: 1 })
  })

  it('ends the loop when its signal aborts', async () => {
    await using test = await bench()
    const controller = new AbortController()
    const iterator = test.mq.consumer(options).messages({ signal: controller.signal })
    const waiting = iterator.next()
    await test.server.receives.next()
    controller.abort()
    assert.deepEqual(await waiting, { done: true, value: undefined })
    await turns()
    assert.equal(test.server.polls.length, 0)
  })

  it('throws out of the loop what ends it, once', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer(options).messages()
    const waiting = failure(iterator.next())
    const receive = await test.server.receives.next()
    receive.end('ILLEGAL_FILTER_EXPRESSION')
    assert.equal((await waiting).code, 'ILLEGAL_FILTER_EXPRESSION')
    assert.deepEqual(await iterator.next(), { done: true, value: undefined })
  })

  it('throws out of the loop what prevents the start', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND' }, messageQueues: [] })
    assert.equal((await failure(test.mq.consumer(options).messages().next())).code, 'TOPIC_NOT_FOUND')
  })

  it('holds the process between the first message asked for and the end of the loop', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer(options).messages()
    const waiting = iterator.next()
    await test.server.deliver(delivered({}))
    await waiting
    assert.equal(test.clock.holding, 1)
    await iterator.return?.()
    assert.equal(test.clock.holding, 0)
  })

  it('says so when the loop waits because nothing is ever settled', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer({ ...options, maxCachedMessages: 2 }).messages()
    const first = iterator.next()
    await test.server.deliver(delivered({}), delivered({}))
    await first
    await iterator.next()
    const third = iterator.next()
    await turns()
    assert.equal(test.log.of('messages-unsettled').length, 1)
    await iterator.return?.()
    assert.equal((await third).done, true)
  })

  it('gives one message of a message group at a time to an ordered consumer, the next when that is settled', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer({ ...options, ordered: true }).messages()
    const first = iterator.next()
    await test.server.deliver(delivered({ id: 'a1', group: 'a' }), delivered({ id: 'a2', group: 'a' }), delivered({ id: 'b1', group: 'b' }))
    const a1 = (await first).value
    assert.equal(a1?.messageId, 'a1')
    assert.equal((await iterator.next()).value?.messageId, 'b1')
    const third = iterator.next()
    await turns()
    await a1?.ack()
    assert.equal((await third).value?.messageId, 'a2')
  })

  it('refuses to settle a message in two ways, and gives the same promise for the same way', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer(options).messages()
    const first = iterator.next()
    await test.server.deliver(delivered({ id: 'a' }))
    const message = (await first).value
    const ack = message?.ack()
    assert.equal(message?.ack(), ack)
    await ack
    for (const other of [message?.nack(), message?.deadLetter(), message?.extend('1m')]) {
      assert.equal((await failure(other ?? Promise.resolve())).code, 'MESSAGE_SETTLED')
    }
    await message?.ack()
    assert.equal(test.server.acks.all.length, 1)
  })

  it('rejects an ack of a lost lease, and no unhandled rejection comes of one that nobody waits for', async () => {
    await using test = await bench()
    test.server.onAck = () => ({ status: { code: 'INVALID_RECEIPT_HANDLE', message: 'receipt handle is expired' }, entries: [] })
    const iterator = test.mq.consumer(options).messages()
    const first = iterator.next()
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    const a = (await first).value
    const b = (await iterator.next()).value
    void b?.ack()
    const error = await failure(a?.ack() ?? Promise.resolve())
    assert.equal(error.code, 'LEASE_LOST')
    await turns()
    assert.equal(test.log.of('settle-failed').length, 2)
  })

  it('refuses a delay that is none', async () => {
    await using test = await bench()
    const iterator = test.mq.consumer(options).messages()
    const first = iterator.next()
    await test.server.deliver(delivered({}))
    const message = (await first).value
    assert.equal((await failure(message?.nack('13h') ?? Promise.resolve())).code, 'INVALID_OPTION')
    assert.equal((await failure(message?.extend('soon' as '1s') ?? Promise.resolve())).code, 'INVALID_OPTION')
    await message?.ack()
  })
})
