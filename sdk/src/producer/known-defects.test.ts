import { strict as assert } from 'node:assert'
import { type Code, codeNames } from '@feathermq/protocol'
import { RpcError, type Transport } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { silentLogger } from '../logger.ts'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

/** What went wrong for users of other clients while they sent, by behaviour; rocketmq-client-nodejs 1.0.8 unless another is named. */

const hello = { topic: 'orders', body: 'hello' }

describe('a producer never', () => {
  it('waits for settings that came before it began to wait, whatever the number of its topics', async () => {
    await using test = await bench()
    const known = test.server.onRoute
    test.server.onRoute = async (request, call) => {
      await turns(request.topic?.name === 'b' ? 20 : 1)
      return await known(request, call)
    }
    const producer = test.mq.producer({ topics: ['a', 'b', 'c'] })
    await Promise.all(['a', 'b', 'c'].map((topic) => producer.send({ topic, body: 'x' })))
    assert.equal(test.server.sends.all.length, 3)
  })

  it('waits without end for settings that do not come', async () => {
    await using test = await bench()
    test.server.onSettings = () => undefined
    const sending = failure(test.mq.producer().send(hello))
    await test.clock.advance(20_000)
    assert.equal((await sending).code, 'SETTINGS_TIMEOUT')
  })

  it('sends its first message by defaults before the settings of the server are there', async () => {
    await using test = await bench()
    const answer = test.server.onSettings
    let late: (() => void) | undefined
    test.server.onSettings = (settings, stream) => {
      late = () => stream.send(answer(settings, stream) ?? {})
      return undefined
    }
    const sending = test.mq.producer().send(hello)
    await test.server.settings.next()
    await turns()
    assert.equal(test.server.sends.all.length, 0)
    late?.()
    await sending
  })

  it('takes the id of a queue for that of its broker, and fails where queue 0 is read-only', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue, index) => (index === 0 ? { ...queue, permission: 'READ' as const } : queue)),
    })
    const producer = test.mq.producer()
    for (let count = 0; count < 6; count += 1) await producer.send(hello)
    const ids = test.server.sends.all.map(({ request }) => request.messages[0]?.systemProperties?.queueId)
    assert.deepEqual([...new Set(ids)].sort(), [1, 2, 3])
  })

  it('goes on with the queues of an old route', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    for (let count = 0; count < 4; count += 1) await producer.send(hello)
    await using other = await FakeServer.start(test.transport)
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: [other.queue('orders', 9)] })
    await test.clock.advance(40_000)
    const before = test.server.sends.all.length
    for (let count = 0; count < 4; count += 1) await producer.send(hello)
    assert.deepEqual([test.server.sends.all.length, other.sends.all.length], [before, 4])
    const closing = producer.close()
    await test.clock.advance(5_000)
    await closing
  })

  it('opens another connection at each refresh of its route', async () => {
    await using test = await bench()
    let channels = 0
    const counting: Transport = {
      name: test.transport.name,
      createServer: (options) => test.transport.createServer(options),
      createChannel: (options) => {
        channels += 1
        return test.transport.createChannel(options)
      },
    }
    const mq = test.client({ transport: counting })
    const producer = mq.producer()
    await producer.send(hello)
    let refreshed = 0
    const known = test.server.onRoute
    test.server.onRoute = (request, call) => {
      refreshed += 1
      return known(request, call)
    }
    await test.clock.advance(200_000)
    await producer.send(hello)
    assert.ok(refreshed >= 5, `${refreshed} refreshes`)
    assert.deepEqual([channels, test.server.streams.all.length], [1, 1])
    await mq.close()
  })

  it('throws inside the stream for settings without a back-off, or with one of the other kind', async () => {
    for (const backoffPolicy of [undefined, {}, { maxAttempts: 3, strategy: { case: 'customizedBackoff' as const, value: { next: [] } } }]) {
      await using test = await bench()
      test.server.onSettings = (settings) => ({ command: { case: 'settings', value: { ...settings, backoffPolicy } } })
      await test.mq.producer().send(hello)
      assert.equal(test.server.sends.all.length, 1)
    }
  })

  it('forgets the fractions of a second of the back-off, so that a throttled send comes back at once', async () => {
    await using test = await bench()
    const times: number[] = []
    test.server.onSettings = (settings) => {
      const next = [{ nanos: 250_000_000 }, { seconds: 1, nanos: 500_000_000 }]
      const backoffPolicy = { maxAttempts: 3, strategy: { case: 'customizedBackoff' as const, value: { next } } }
      return { command: { case: 'settings', value: { ...settings, backoffPolicy } } }
    }
    test.server.onSend = () => {
      times.push(test.clock.monotonic())
      return { status: { code: 'TOO_MANY_REQUESTS', message: '' }, entries: [] }
    }
    const sending = failure(test.mq.producer().send(hello))
    await test.clock.advance(10_000)
    await sending
    assert.deepEqual(
      times.map((time) => time - (times[0] ?? 0)),
      [0, 250, 1_750],
    )
  })

  it('calls a code of the protocol "unsupported" that it could name', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ maxAttempts: 1 })
    const fine: readonly Code[] = ['CODE_UNSPECIFIED', 'OK', 'MULTIPLE_RESULTS']
    for (const [code, number] of codeNames) {
      if (fine.includes(code)) continue
      test.server.onSend = () => ({ status: { code, message: 'because' }, entries: [] })
      const error = await failure(producer.send(hello))
      assert.deepEqual([error.code, error.status?.code], [code, number])
    }
  })

  it('repeats what the server refused (as Java does)', async () => {
    await using test = await bench()
    const producer = test.mq.producer({ maxAttempts: 5 })
    const refusals = codeNames.filter(([code, number]) => number >= 40_000 && number < 50_000 && !/TIMEOUT|TOO_MANY|UNRECOGNIZED/.test(code))
    for (const [code] of refusals) {
      test.server.onSend = () => ({ status: { code, message: 'because' }, entries: [] })
      await failure(producer.send(hello))
    }
    assert.equal(test.server.sends.all.length, refusals.length)
    assert.equal(producer.statistics().retried, 0)
  })

  it('hides from who reads an error which request it was', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'FORBIDDEN', message: 'no' }, entries: [] })
    const error = await failure(test.mq.producer().send(hello))
    assert.equal(error.requestId, test.server.sends.all[0]?.headers['x-mq-request-id'])
  })

  it('makes a message of a transaction twice, so that the id it tells is not the one that it sent', async () => {
    await using test = await bench()
    test.server.onSend = ({ messages: [message] }) => ({
      status: { code: 'OK' },
      entries: [{ status: { code: 'OK' }, messageId: message?.systemProperties?.messageId, transactionId: 'tx-1', offset: 0n }],
    })
    const { messageId } = await test.mq.producer().transaction(hello, async () => 'commit')
    const sent = test.server.sends.all.map(({ request }) => request.messages[0]?.systemProperties?.messageId)
    assert.deepEqual([sent, test.server.ends.all.map(({ request }) => request.messageId)], [[messageId], [messageId]])
  })

  it('takes priority 0 for none', async () => {
    await using test = await bench()
    test.server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: test.server.queues('orders').map((queue) => ({ ...queue, acceptMessageTypes: ['PRIORITY' as const] })),
    })
    await test.mq.producer().send({ ...hello, priority: 0 })
    const { messageType, priority } = test.server.sends.all[0]?.request.messages[0]?.systemProperties ?? {}
    assert.deepEqual([messageType, priority], ['PRIORITY', 0])
  })

  it('asks for Buffers and Maps', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    for (const body of ['text', new Uint8Array([116, 101]), Buffer.from('te')]) await producer.send({ topic: 'orders', body, properties: { a: '1' } })
    assert.equal(test.server.sends.all.length, 3)
  })

  it('hangs at its close for a send that never ends', async () => {
    await using test = await bench()
    test.server.onSend = () => new Promise(() => {})
    const producer = test.mq.producer({ timeout: '1h', maxAttempts: 100 })
    producer.send(hello).catch(() => {})
    await test.server.sends.next()
    let closed = false
    const closing = producer.close({ drain: '2s' }).then(() => {
      closed = true
    })
    await test.clock.advance(6_000)
    assert.equal(closed, true)
    await closing
  })

  it('fails at its close, or leaves anything behind, when the server is gone', async () => {
    await using test = await bench({ logger: silentLogger })
    const other = await FakeServer.start(test.transport)
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: [other.queue('orders', 0)] })
    const mq = test.client()
    const producer = mq.producer()
    await producer.send(hello)
    await other.close()
    await turns()
    const closing = mq.close({ drain: 0, abort: 0 })
    await test.clock.advance(10_000)
    await closing
    await producer.close()
    assert.equal(test.clock.armed, 0, 'a timer is left')
  })

  it('falls over a server that resets its streams after the close', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    await producer.send(hello)
    const [stream] = test.server.streams.all
    await producer.close()
    stream?.end({ code: 'UNAVAILABLE', message: 'reset' })
    await test.clock.advance(60_000)
    assert.equal(test.server.streams.all.length, 1, 'it reopened a stream after its close')
  })

  it('closes the logger that it was given, or complains at its close', async () => {
    const lines: string[] = []
    const note = (_: object, message: string) => void lines.push(message)
    const logger = { debug: () => {}, info: note, warn: note, error: note, close: () => assert.fail('closed') }
    await using test = await bench({ logger })
    await test.mq.producer().send(hello)
    await test.mq.close()
    assert.deepEqual(lines, [])
  })

  it('stores a message twice in silence: the id stays, and the receipt or the error says so', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    test.server.onSend = (request, call) => {
      if (test.server.sends.all.length > 1) return usual(request, call)
      throw new RpcError('UNAVAILABLE', 'the connection was reset')
    }
    const sending = test.mq.producer().send(hello)
    await test.clock.advance(1_000)
    assert.deepEqual([(await sending).attempts, (await sending).maybeDuplicate], [2, true])
    assert.equal(new Set(test.server.sends.all.map(({ request }) => request.messages[0]?.systemProperties?.messageId)).size, 1)

    test.server.sends.all.length = 0
    const careful = failure(test.mq.producer({ retryMaybeStored: false }).send(hello))
    await test.clock.advance(1_000)
    assert.deepEqual([(await careful).code, (await careful).maybeStored], ['UNREACHABLE', true])
    assert.equal(test.server.sends.all.length, 1)
  })
})
