import { strict as assert } from 'node:assert'
import { type Code, msFromTimestamp, queueOf, type SendMessageResponseInit } from '@feathermq/protocol'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const hello = { topic: 'orders', body: 'hello' }

function status(code: Code): SendMessageResponseInit {
  return { status: { code, message: 'because' }, entries: [] }
}

function queueIds({ server }: Bench): (number | undefined)[] {
  return server.sends.all.map(({ request }) => request.messages[0]?.systemProperties?.queueId)
}

describe('producer.send', () => {
  it('resolves with the receipt once the message is stored', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ topics: ['orders'] })
    const receipt = await producer.send({ ...hello, tag: 'created', keys: ['o-1', 'o-2'], properties: { tenant: 't1' } })
    const message = test.server.sends.all[0]?.request.messages[0]
    const system = message?.systemProperties
    assert.equal(Buffer.from(message?.body ?? []).toString(), 'hello')
    assert.deepEqual(message?.userProperties, new Map([['tenant', 't1']]))
    assert.deepEqual([system?.tag, system?.keys, system?.messageType, system?.bodyEncoding], ['created', ['o-1', 'o-2'], 'NORMAL', 'IDENTITY'])
    assert.equal(system?.bodyDigest, undefined)
    assert.match(system?.messageId ?? '', /^01[0-9A-F]{32}$/)
    assert.deepEqual(receipt, {
      topic: 'orders',
      messageId: system?.messageId,
      offset: 0n,
      endpoint: test.server.address,
      recallHandle: undefined,
      attempts: 1,
      maybeDuplicate: false,
    })
  })

  it('asks for the route, then opens telemetry, then sends; later sends only send', async () => {
    await using test = await bench({ namespace: 'shop' })
    const producer = test.mq.producer()
    await producer.send(hello)
    await producer.send(hello)
    assert.equal(test.server.routes.all.length, 1)
    assert.equal(test.server.streams.all.length, 1)
    const route = test.server.routes.all[0]?.request
    assert.deepEqual(route?.topic, { resourceNamespace: 'shop', name: 'orders' })
    assert.deepEqual(route?.endpoints?.addresses, [{ host: '127.0.0.1', port: test.server.port }])
    const settings = test.server.settings.all[0]
    assert.equal(settings?.clientType, 'PRODUCER')
    assert.equal(settings?.userAgent?.language, 'NODE_JS')
    assert.deepEqual(settings?.pubSub?.case === 'publishing' && settings.pubSub.value.topics, [{ resourceNamespace: 'shop', name: 'orders' }])
  })

  it('carries the headers of the protocol on every call, telemetry included', async () => {
    await using test = await bench({ namespace: 'shop', credentials: { accessKey: 'ak', secretKey: 'sk', sessionToken: 'tok' } })
    const producer = test.mq.producer()
    await producer.send(hello)
    for (const headers of [test.server.sends.all[0]?.headers, test.server.streams.all[0]?.headers, test.server.routes.all[0]?.headers]) {
      assert.equal(headers?.['x-mq-client-id'], producer.clientId)
      assert.equal(headers?.['x-mq-language'], 'NODE_JS')
      assert.equal(headers?.['x-mq-protocol'], 'v2')
      assert.equal(headers?.['x-mq-namespace'], 'shop')
      assert.equal(headers?.['x-mq-session-token'], 'tok')
      assert.match(headers?.['x-mq-request-id'] ?? '', /^[0-9a-f-]{36}$/)
      assert.equal(headers?.['x-mq-date-time'], '20260101T000000Z')
      assert.match(headers?.['authorization'] ?? '', /^MQv2-HMAC-SHA1 Credential=ak, SignedHeaders=x-mq-date-time, Signature=[0-9A-F]{40}$/)
    }
  })

  it('gives every attempt its own request id and the same message id and born time', async () => {
    await using test = await bench()
    test.server.onSend = () => status(test.server.sends.all.length < 3 ? 'INTERNAL_SERVER_ERROR' : 'OK')
    const producer = test.mq.producer()
    const sending = failure(producer.send(hello))
    await test.clock.advance(1_000)
    assert.equal((await sending).code, 'BAD_RESPONSE')
    const sends = test.server.sends.all
    assert.equal(sends.length, 3)
    assert.equal(new Set(sends.map(({ headers }) => headers['x-mq-request-id'])).size, 3)
    assert.equal(new Set(sends.map(({ request }) => request.messages[0]?.systemProperties?.messageId)).size, 1)
    assert.equal(new Set(sends.map(({ request }) => request.messages[0]?.systemProperties?.bornTimestamp?.seconds)).size, 1)
  })

  it('makes a new message id per message', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    const receipts = await Promise.all(Array.from({ length: 50 }, () => producer.send(hello)))
    assert.equal(new Set(receipts.map(({ messageId }) => messageId)).size, 50)
  })

  it('delays by a time or until a time', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    await producer.send({ ...hello, deliverAfter: '10s' })
    await producer.send({ ...hello, deliverAt: new Date(1_800_000_000_123) })
    const [after, at] = test.server.sends.all.map(({ request }) => request.messages[0]?.systemProperties)
    assert.equal(after?.messageType, 'DELAY')
    assert.equal(after?.deliveryTimestamp && msFromTimestamp(after.deliveryTimestamp), test.clock.now() + 10_000)
    assert.equal(at?.deliveryTimestamp && msFromTimestamp(at.deliveryTimestamp), 1_800_000_000_123)
  })

  it('sends a message group to the queue that the official Java client chooses', async () => {
    await using test = await bench()
    test.server.queueCount = 8
    const producer = test.mq.producer()
    const groups = ['customer-7', 'a', 'Ä', 'order-4711', ''].filter((group) => group !== '').flatMap((group) => [group, group])
    for (const messageGroup of groups) await producer.send({ ...hello, messageGroup })
    assert.deepEqual(
      queueIds(test),
      groups.map((group) => queueOf(group, 8)),
    )
    assert.equal(test.server.sends.all[0]?.request.messages[0]?.systemProperties?.messageType, 'FIFO')
  })

  it('goes round all writable queues of a master, whatever their ids', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue, index) => ({
        ...queue,
        permission: index === 0 ? ('READ' as const) : ('READ_WRITE' as const),
        broker: { ...queue.broker, name: `broker-${index}`, id: index === 3 ? 1 : 0 },
      })),
    })
    const producer = test.mq.producer()
    for (let count = 0; count < 6; count += 1) await producer.send(hello)
    assert.deepEqual([...new Set(queueIds(test))].sort(), [1, 2])
    assert.equal(queueIds(test).filter((id) => id === 1).length, 3)
  })

  it('fails with NO_QUEUE when no queue can be written to', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, permission: 'READ' as const })),
    })
    assert.equal((await failure(test.mq.producer().send(hello))).code, 'NO_QUEUE')
  })

  it('does not repeat what the server refused', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    for (const code of ['ILLEGAL_TOPIC', 'MESSAGE_CORRUPTED', 'FORBIDDEN', 'UNAUTHORIZED', 'MESSAGE_BODY_TOO_LARGE', 'NOT_IMPLEMENTED'] as const) {
      const before = test.server.sends.all.length
      test.server.onSend = () => status(code)
      const error = await failure(producer.send(hello))
      assert.equal(error.code, code)
      assert.equal(error.retryable, false)
      assert.deepEqual([error.status?.name, error.status?.message, error.topic, error.endpoint], [code, 'because', 'orders', test.server.address])
      assert.equal(error.requestId, test.server.sends.all.at(-1)?.headers['x-mq-request-id'])
      assert.equal(test.server.sends.all.length, before + 1)
    }
  })

  it('takes the status of the entry for that of the message', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'MULTIPLE_RESULTS' }, entries: [{ status: { code: 'ILLEGAL_MESSAGE_KEY' } }] })
    assert.equal((await failure(test.mq.producer().send(hello))).code, 'ILLEGAL_MESSAGE_KEY')
  })

  it('never repeats a send that was answered OK without a receipt, for the message may be stored', async () => {
    await using test = await bench()
    test.server.onSend = () => status('OK')
    assert.equal((await failure(test.mq.producer().send(hello))).code, 'BAD_RESPONSE')
    assert.equal(test.server.sends.all.length, 1)
  })

  it('names a status code that it does not know by its number', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 49_999 }, entries: [] })
    const error = await failure(test.mq.producer().send(hello))
    assert.equal(error.code, 'CODE_49999')
  })

  it('waits as the server asks when throttled: 10 ms, then 20 ms', async () => {
    await using test = await bench()
    const times: number[] = []
    test.server.onSend = () => {
      times.push(test.clock.monotonic())
      return status('TOO_MANY_REQUESTS')
    }
    const producer = test.mq.producer()
    const sending = failure(producer.send(hello))
    await test.clock.advance(5_000)
    assert.equal((await sending).code, 'TOO_MANY_REQUESTS')
    assert.deepEqual(
      times.map((time) => time - (times[0] ?? 0)),
      [0, 10, 30],
    )
  })

  it('makes no more attempts than asked for', async () => {
    await using test = await bench()
    test.server.onSend = () => status('INTERNAL_SERVER_ERROR')
    const sending = failure(test.mq.producer({ maxAttempts: 5 }).send(hello))
    await test.clock.advance(10_000)
    await sending
    assert.equal(test.server.sends.all.length, 5)
  })

  it('stops waiting for its next attempt when it is aborted', async () => {
    await using test = await bench()
    test.server.onSend = () => status('TOO_MANY_REQUESTS')
    const controller = new AbortController()
    const reason = new Error('enough')
    const sending = test.mq.producer().send(hello, { signal: controller.signal })
    await test.server.sends.next()
    await turns()
    controller.abort(reason)
    await assert.rejects(sending, (error) => error === reason)
  })

  it('cancels the call under way when it is aborted', async () => {
    await using test = await bench()
    test.server.onSend = () => new Promise(() => {})
    const controller = new AbortController()
    const sending = test.mq.producer().send(hello, { signal: controller.signal })
    await test.server.sends.next()
    controller.abort()
    await assert.rejects(sending, { name: 'AbortError' })
    assert.match(await test.server.cancels.next(), /SendMessage/)
  })

  it('ends an attempt that is not answered at its time limit, and names it', async () => {
    await using test = await bench()
    test.server.onSend = () => new Promise(() => {})
    const sending = failure(test.mq.producer({ maxAttempts: 1 }).send(hello, { timeout: '2s' }))
    await test.server.sends.next()
    await test.clock.advance(2_000)
    const error = await sending
    assert.equal(error.code, 'NO_ANSWER')
    assert.match(error.message, /SendMessage for topic orders was not answered in time at 127\.0\.0\.1:\d+/)
  })

  it('goes to another endpoint at once when one fails, avoids it, and comes back after its heartbeat', async () => {
    await using test = await bench()
    await using other = await FakeServer.start(test.transport)
    const route = () => ({
      status: { code: 'OK' as const },
      messageQueues: [test.server, other].map((server, index) => {
        const queue = server.queue('orders', 0)
        return { ...queue, broker: { ...queue.broker, name: `broker-${index}` } }
      }),
    })
    test.server.onRoute = route
    other.onSend = () => {
      throw new RpcError('UNAVAILABLE', 'going away')
    }
    const producer = test.mq.producer()
    for (let count = 0; count < 8; count += 1) await producer.send(hello)
    assert.equal(test.server.sends.all.length, 8)
    assert.equal(other.sends.all.length, 1)

    other.onSend = test.server.onSend
    await test.clock.advance(1_000)
    assert.ok(other.heartbeats.all.length >= 1)
    for (let count = 0; count < 8; count += 1) await producer.send(hello)
    assert.ok(other.sends.all.length > 2, `${other.sends.all.length} sends`)
    await producer.close()
  })

  it('checks the type of the message against what the topic takes before it sends', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['FIFO' as const] })),
    })
    const error = await failure(test.mq.producer().send(hello))
    assert.equal(error.code, 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE')
    assert.match(error.message, /is of type NORMAL \(no messageGroup, no delivery time, no priority\), but the topic takes FIFO/)
    assert.equal(test.server.sends.all.length, 0)
  })

  it('leaves the type to the server where that asks for it', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['FIFO' as const] })),
    })
    test.server.onSettings = (settings) => ({
      command: { case: 'settings', value: { ...settings, pubSub: { case: 'publishing', value: { validateMessageType: false, maxBodySize: 3 } } } },
    })
    const producer = test.mq.producer()
    await producer.send({ topic: 'orders', body: 'hey' })
    assert.equal((await failure(producer.send(hello))).code, 'MESSAGE_BODY_TOO_LARGE')
  })

  it('lives with settings that lack everything', async () => {
    await using test = await bench()
    test.server.onSettings = () => ({ command: { case: 'settings', value: {} } })
    await test.mq.producer().send(hello)
    assert.equal(test.server.sends.all.length, 1)
  })

  it('names the topic that does not exist', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND', message: 'No topic route info' }, messageQueues: [] })
    const error = await failure(test.mq.producer().send({ ...hello, topic: 'nope' }))
    assert.deepEqual([error.code, error.topic, error.retryable], ['TOPIC_NOT_FOUND', 'nope', false])
    assert.match(error.hint ?? '', /create/i)
    assert.equal(test.server.routes.all.length, 1)
  })

  it('does not spoil one topic by another that does not exist, but says so', async () => {
    await using test = await bench()
    const known = test.server.onRoute
    test.server.onRoute = (request, call) =>
      request.topic?.name === 'typo' ? { status: { code: 'TOPIC_NOT_FOUND' }, messageQueues: [] } : known(request, call)
    const producer = test.mq.producer({ topics: ['orders', 'typo'] })
    await producer.send(hello)
    await turns()
    assert.equal(test.log.of('topic-lookup-failed').length, 1)
  })

  it('starts with any number of topics, however early or late the settings come', async () => {
    for (const topics of [
      ['a', 'b'],
      ['a', 'b', 'c', 'd'],
    ]) {
      await using test = await bench()
      const answer = test.server.onSettings
      let late: (() => void) | undefined
      test.server.onSettings = (settings, stream) => {
        late = () => stream.send(answer(settings, stream) ?? {})
        return undefined
      }
      const producer = test.mq.producer({ topics })
      const sending = Promise.all(topics.map((topic) => producer.send({ topic, body: 'x' })))
      await test.server.settings.next()
      await test.clock.advance(1_000)
      late?.()
      await sending
      assert.equal(test.server.sends.all.length, topics.length)
      assert.equal(test.server.streams.all.length, 1)
    }
  })

  it('shares one look-up of a topic among all who ask', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    await Promise.all(Array.from({ length: 20 }, () => producer.send(hello)))
    assert.equal(test.server.routes.all.length, 1)
  })

  it('finishes the sends under way when it closes, and refuses new ones', async () => {
    await using test = await bench()
    let answer: (() => void) | undefined
    const usual = test.server.onSend
    test.server.onSend = (request, call) =>
      new Promise((resolve) => {
        answer = () => resolve(usual(request, call))
      })
    const producer = test.mq.producer()
    const sending = producer.send(hello)
    await test.server.sends.next()
    const closing = producer.close()
    assert.equal((await failure(producer.send(hello))).code, 'CLIENT_CLOSED')
    answer?.()
    await sending
    await closing
    await producer.close()
    assert.equal(test.server.terminations.all.length, 1)
  })
})
