import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { FeatherMQ } from '../client.ts'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const options = { group: 'audit', subscribe: { orders: '*' } }

async function receiveOne(test: Bench, fields: Parameters<typeof delivered>[0] = {}) {
  const consumer = test.mq.simpleConsumer(options)
  const receiving = consumer.receive()
  await test.server.deliver(delivered({ id: 'a', ...fields }))
  const [message] = await receiving
  assert.ok(message !== undefined)
  return { consumer, message }
}

describe('a simple consumer', () => {
  it('asks for so many messages, waits so long, leases them so long', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer(options)
    const receiving = consumer.receive({ max: 8, wait: '15s', invisible: '2m' })
    const receive = await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }))
    const { request } = receive
    assert.deepEqual(
      [request.batchSize, request.longPollingTimeout?.seconds, request.invisibleDuration?.seconds, request.autoRenew, request.attemptId],
      [8, 15, 120, false, undefined],
    )
    assert.equal(receive.remaining, 18_000)
    assert.deepEqual(
      (await receiving).map(({ messageId }) => messageId),
      ['a', 'b'],
    )
    assert.equal(test.server.settings.all[0]?.clientType, 'SIMPLE_CONSUMER')
  })

  it('resolves with nothing when nothing came', async () => {
    await using test = await bench()
    const receiving = test.mq.simpleConsumer(options).receive()
    const receive = await test.server.receives.next()
    receive.end('MESSAGE_NOT_FOUND')
    assert.deepEqual(await receiving, [])
  })

  it('rejects with the refusal of the server', async () => {
    await using test = await bench()
    const receiving = failure(test.mq.simpleConsumer(options).receive({ invisible: '1s' }))
    const receive = await test.server.receives.next()
    receive.end('ILLEGAL_INVISIBLE_TIME', 'the invisibleTime is too small. min is 10000')
    const error = await receiving
    assert.deepEqual([error.code, error.topic, error.group], ['ILLEGAL_INVISIBLE_TIME', 'orders', 'audit'])
  })

  it('replaces the receipt handle by the new one of each extension', async () => {
    await using test = await bench()
    const { message } = await receiveOne(test)
    await message.extend('1m')
    await message.extend('2m')
    await message.ack()
    assert.deepEqual(
      test.server.changes.all.map(({ request }) => [request.receiptHandle, request.invisibleDuration?.seconds]),
      [
        ['handle-a', 60],
        ['handle-a+', 120],
      ],
    )
    assert.equal(test.server.acks.all[0]?.request.entries[0]?.receiptHandle, 'handle-a++')
  })

  it('nacks after a delay, by default that of the policy, and dead-letters', async () => {
    await using test = await bench()
    const { message } = await receiveOne(test, { attempt: 2 })
    await message.nack()
    const { message: other } = await receiveOne(test, { id: 'b' })
    await other.deadLetter('broken')
    assert.equal(test.server.changes.all[0]?.request.invisibleDuration?.seconds, 5)
    assert.equal(test.server.deadLetters.all[0]?.request.messageId, 'b')
  })

  it('tries an ack again while the lease lives, and gives up with it', async () => {
    await using test = await bench()
    const { message } = await receiveOne(test)
    test.server.onAck = () => ({ status: { code: 'INTERNAL_SERVER_ERROR' }, entries: [] })
    const acking = failure(message.ack())
    await test.clock.advance(60_000)
    assert.equal((await acking).code, 'INTERNAL_SERVER_ERROR')
    assert.ok(test.server.acks.all.length >= 28 && test.server.acks.all.length <= 31, `${test.server.acks.all.length} tries`)
  })

  it('rejects an ack with LEASE_LOST when the server says that the handle is not valid', async () => {
    await using test = await bench()
    const { message } = await receiveOne(test)
    test.server.onAck = (request) => ({
      status: { code: 'INVALID_RECEIPT_HANDLE' },
      entries: request.entries.map((entry) => ({ ...entry, status: { code: 'INVALID_RECEIPT_HANDLE' } })),
    })
    assert.equal((await failure(message.ack())).code, 'LEASE_LOST')
    assert.equal(test.server.acks.all.length, 1)
  })

  it('gives out a message whose body cannot be read, and says so when it is read', async () => {
    await using test = await bench()
    const { message } = await receiveOne(test, { system: { bodyDigest: { type: 'MD5', checksum: 'nonsense' } } })
    assert.equal(message.messageId, 'a')
    for (const read of [() => message.body, () => message.text(), () => message.json()]) assert.throws(read, { code: 'BODY_CORRUPTED' })
    await message.deadLetter()
  })

  it('goes round topics and queues', async () => {
    await using test = await bench()
    test.server.queueCount = 2
    const consumer = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*', payments: 'paid' } })
    const asked: string[] = []
    for (let count = 0; count < 4; count += 1) {
      const receiving = consumer.receive()
      const receive = await test.server.receives.next()
      const { messageQueue, filterExpression } = receive.request
      asked.push(`${messageQueue?.topic?.name} ${messageQueue?.id} ${filterExpression?.expression}`)
      receive.end('MESSAGE_NOT_FOUND')
      await receiving
    }
    assert.deepEqual(asked, ['orders 0 *', 'payments 0 paid', 'orders 1 *', 'payments 1 paid'])
  })

  it('begins that round anywhere, so that many who receive once each do not all ask the first broker', async () => {
    await using test = await bench()
    test.server.queueCount = 4
    const asked: unknown[] = []
    for (const random of [0, 1 / 65_536, 3 / 65_536]) {
      const mq = new FeatherMQ(
        { endpoints: test.server.address, transport: test.transport, clock: test.clock, logger: test.log },
        { upkeep: test.clock, random: () => random },
      )
      const receiving = mq.simpleConsumer(options).receive()
      const receive = await test.server.receives.next()
      asked.push(receive.request.messageQueue?.id)
      receive.end('MESSAGE_NOT_FOUND')
      await receiving
    }
    assert.deepEqual(asked, [0, 1, 3])
  })

  it('cancels a receive at the server when its signal aborts', async () => {
    await using test = await bench()
    const controller = new AbortController()
    const reason = new Error('enough')
    const receiving = test.mq.simpleConsumer(options).receive({ signal: controller.signal })
    const receive = await test.server.receives.next()
    controller.abort(reason)
    await assert.rejects(receiving, (error) => error === reason)
    await turns()
    assert.equal(receive.cancelled, true)
  })

  it('cancels its receives when it closes, and refuses others', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer(options)
    const receiving = failure(consumer.receive())
    const receive = await test.server.receives.next()
    await consumer.close()
    assert.equal((await receiving).code, 'CLIENT_CLOSED')
    assert.equal(receive.cancelled, true)
    assert.equal((await failure(consumer.receive())).code, 'CLIENT_CLOSED')
    assert.equal(test.server.terminations.all[0]?.request.group?.name, 'audit')
  })

  it('hands out what came before a receive broke off', async () => {
    await using test = await bench()
    const receiving = test.mq.simpleConsumer(options).receive()
    const receive = await test.server.receives.next()
    receive.message(delivered({ id: 'a' }))
    receive.fail({ code: 'UNAVAILABLE', message: 'reset' })
    assert.equal((await receiving).length, 1)
  })

  it('checks what it is asked for', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer(options)
    for (const wrong of [{ max: 0 }, { wait: 'x' }, { invisible: '13h' }, { signal: {} }, { batch: 1 }]) {
      assert.equal((await failure(consumer.receive(wrong as never))).code, 'INVALID_OPTION')
    }
  })

  it('changes its subscriptions: the server is told, receives of a topic that left end with what came', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receiving = consumer.receive()
    const receive = await test.server.receives.next()
    receive.message(delivered({ id: 'a' }))
    await turns()
    await consumer.subscribe({ payments: 'paid' })
    consumer.unsubscribe('orders', 'unknown')
    assert.deepEqual(
      (await receiving).map(({ messageId }) => messageId),
      ['a'],
    )
    await turns()
    assert.equal(receive.cancelled, true)
    const told = test.server.settings.all.at(-1)?.pubSub
    assert.ok(told?.case === 'subscription')
    assert.deepEqual(
      told.value.subscriptions.map(({ topic, expression }) => [topic?.name, expression?.expression]),
      [['payments', 'paid']],
    )
    const next = consumer.receive()
    const another = await test.server.receives.next()
    assert.deepEqual([another.request.messageQueue?.topic?.name, another.request.filterExpression?.expression], ['payments', 'paid'])
    another.end('MESSAGE_NOT_FOUND')
    assert.deepEqual(await next, [])
    assert.throws(() => consumer.unsubscribe('payments'), { code: 'INVALID_OPTION' })
    await consumer.close()
    assert.equal((await failure(consumer.subscribe({ orders: '*' }))).code, 'CLIENT_CLOSED')
    assert.throws(() => consumer.unsubscribe('payments'), { code: 'CLIENT_CLOSED' })
  })
})

describe('a simple consumer with autoExtend', () => {
  async function receiveExtended(test: Bench, autoExtend: '2m' | '50s') {
    const consumer = test.mq.simpleConsumer(options)
    const receiving = consumer.receive({ invisible: '30s', autoExtend })
    await test.server.deliver(delivered({ id: 'a' }))
    const [message] = await receiving
    assert.ok(message !== undefined)
    return { consumer, message }
  }

  it('extends leases before they end, for as long as was allowed and no longer', async () => {
    await using test = await bench()
    await receiveExtended(test, '50s')
    const started = test.clock.monotonic()
    const extended: [at: number, by: number][] = []
    const usual = test.server.onChange
    test.server.onChange = (request, call) => {
      extended.push([test.clock.monotonic() - started, request.invisibleDuration?.seconds ?? 0])
      return usual(request, call)
    }
    await test.clock.advance(49_000)
    assert.deepEqual(extended, [[20_000, 30]])
    await test.clock.advance(60_000)
    assert.equal(extended.length, 1)
  })

  it('ends with the message, and with the consumer', async () => {
    await using test = await bench()
    const { message } = await receiveExtended(test, '2m')
    await test.clock.advance(20_000)
    assert.equal(test.server.changes.all.length, 1)
    await message.ack()
    assert.equal(test.server.acks.all[0]?.request.entries[0]?.receiptHandle, 'handle-a+')
    await test.clock.advance(60_000)
    assert.equal(test.server.changes.all.length, 1)

    const { consumer } = await receiveExtended(test, '2m')
    await consumer.close()
    await test.clock.advance(60_000)
    assert.equal(test.server.changes.all.length, 1)
  })

  it('tries an extension again that failed, while the lease lives', async () => {
    await using test = await bench()
    const { message } = await receiveExtended(test, '2m')
    const usual = test.server.onChange
    test.server.onChange = (request, call) =>
      test.server.changes.all.length < 3 ? { status: { code: 'INTERNAL_SERVER_ERROR' } } : usual(request, call)
    await test.clock.advance(40_000)
    assert.ok(test.server.changes.all.length >= 3)
    await message.ack()
  })
})
