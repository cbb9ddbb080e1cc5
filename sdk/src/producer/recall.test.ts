import { strict as assert } from 'node:assert'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer } from '../testing-internal/fake-server.ts'

const later = { topic: 'orders', body: 'hello', deliverAfter: '1h' } as const

describe('producer.recall', () => {
  it('takes a delayed message back by its receipt', async () => {
    await using test = await bench({ namespace: 'shop' })
    const producer = test.mq.producer()
    const receipt = await producer.send(later)
    assert.equal(receipt.recallHandle, 'recall-1')
    assert.deepEqual(await producer.recall(receipt), { topic: 'orders', messageId: 'recalled' })
    assert.deepEqual(test.server.recalls.all[0]?.request, { topic: { resourceNamespace: 'shop', name: 'orders' }, recallHandle: 'recall-1' })
  })

  it('takes it back by topic and handle, also from a producer that never sent', async () => {
    await using test = await bench()
    assert.equal((await test.mq.producer().recall({ topic: 'orders', recallHandle: 'h' })).messageId, 'recalled')
  })

  it('asks the server that stored the message, or the one of the client where nothing tells', async () => {
    await using test = await bench()
    await using other = await FakeServer.start(test.transport)
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: [other.queue('orders', 0, other.address), test.server.queue('orders', 1)] })
    const producer = test.mq.producer()
    await producer.recall({ topic: 'orders', recallHandle: 'h', endpoint: other.address })
    await producer.recall({ topic: 'orders', recallHandle: 'h' })
    await producer.recall({ topic: 'orders', recallHandle: 'h', endpoint: 'gone:1' })
    assert.deepEqual([other.recalls.all.length, test.server.recalls.all.length], [1, 2])
    const closing = producer.close()
    await test.clock.advance(5_000)
    await closing
  })

  it('says of a receipt without a handle that only delayed messages have one', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const receipt = await producer.send({ topic: 'orders', body: 'now' })
    const error = await failure(producer.recall(receipt))
    assert.equal(error.code, 'INVALID_OPTION')
    assert.match(error.message, /the message to orders cannot be recalled: its receipt has no recallHandle. Only delayed messages have one/)
    for (const wrong of [undefined, 'handle', { recallHandle: 'h' }, { topic: 'orders', recallHandle: '' }]) {
      assert.equal((await failure(producer.recall(wrong as never))).code, 'INVALID_OPTION')
    }
    assert.equal((await failure(producer.recall(receipt, { wait: 1 } as never))).code, 'INVALID_OPTION')
  })

  it('passes on what the server says, once', async () => {
    await using test = await bench()
    test.server.onRecall = () => ({ status: { code: 'BAD_REQUEST', message: 'it is too late to recall the message: its time has come' } })
    const error = await failure(test.mq.producer().recall({ topic: 'orders', recallHandle: 'h' }))
    assert.deepEqual(
      [error.code, error.topic, error.status?.message],
      ['BAD_REQUEST', 'orders', 'it is too late to recall the message: its time has come'],
    )
    assert.equal(test.server.recalls.all.length, 1)
  })

  it('asks again while there is no answer, within its time', async () => {
    await using test = await bench()
    test.server.onRecall = () => {
      if (test.server.recalls.all.length < 4) throw new RpcError('UNAVAILABLE', 'away')
      return { status: { code: 'OK' }, messageId: 'm' }
    }
    const recalling = test.mq.producer().recall({ topic: 'orders', recallHandle: 'h' })
    await test.clock.advance(5_000)
    assert.equal((await recalling).messageId, 'm')

    test.server.onRecall = () => {
      throw new RpcError('UNAVAILABLE', 'away')
    }
    const late = failure(test.mq.producer().recall({ topic: 'orders', recallHandle: 'h' }, { timeout: '1s' }))
    await test.clock.advance(2_000)
    assert.equal((await late).code, 'UNREACHABLE')
  })

  it('ends when the signal aborts, and is refused by a producer that is closed', async () => {
    await using test = await bench()
    test.server.onRecall = () => new Promise(() => {})
    const producer = test.mq.producer()
    const controller = new AbortController()
    const reason = new Error('enough')
    const recalling = assert.rejects(producer.recall({ topic: 'orders', recallHandle: 'h' }, { signal: controller.signal }), reason)
    await test.server.recalls.next()
    controller.abort(reason)
    await recalling
    const closing = producer.close()
    await test.clock.advance(5_000)
    await closing
    assert.equal((await failure(producer.recall({ topic: 'orders', recallHandle: 'h' }))).code, 'CLIENT_CLOSED')
  })
})
