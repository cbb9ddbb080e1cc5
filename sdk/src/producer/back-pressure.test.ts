import { strict as assert } from 'node:assert'
import type { SendMessageResponseInit } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const hello = (body: string) => ({ topic: 'orders', body })

/** A server that answers sends when the test says so. */
function held({ server }: Bench): { next(): void; readonly open: number } {
  const usual = server.onSend
  const open: (() => void)[] = []
  server.onSend = (request, call) =>
    new Promise<SendMessageResponseInit>((resolve) => {
      open.push(() => resolve(usual(request, call)))
    })
  return {
    next: () => open.shift()?.(),
    get open() {
      return open.length
    },
  }
}

function bodies({ server }: Bench): string[] {
  return server.sends.all.flatMap(({ request }) => request.messages.map(({ body }) => Buffer.from(body).toString()))
}

describe('back-pressure', () => {
  it('makes sends beyond maxInFlight wait for their turn, in order', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer({ maxInFlight: { messages: 2 } })
    const sending = Promise.all(['a', 'b', 'c', 'd', 'e'].map((body) => producer.send(hello(body))))
    await turns()
    assert.deepEqual(bodies(test), ['a', 'b'])
    assert.deepEqual(producer.statistics(), {
      sent: 0,
      failed: 0,
      retried: 0,
      inFlight: 2,
      inFlightBytes: 2,
      waiting: 3,
      committed: 0,
      rolledBack: 0,
      checked: 0,
      recalled: 0,
    })
    server.next()
    await turns()
    assert.deepEqual(bodies(test), ['a', 'b', 'c'])
    for (let turn = 0; turn < 4; turn += 1) {
      server.next()
      await turns()
    }
    await sending
    assert.deepEqual(bodies(test), ['a', 'b', 'c', 'd', 'e'])
    assert.deepEqual(producer.statistics(), {
      sent: 5,
      failed: 0,
      retried: 0,
      inFlight: 0,
      inFlightBytes: 0,
      waiting: 0,
      committed: 0,
      rolledBack: 0,
      checked: 0,
      recalled: 0,
    })
  })

  it('counts the bytes of bodies, properties, tags and keys', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer({ maxInFlight: { bytes: 100 } })
    const sending = Promise.all([
      producer.send({ ...hello('x'.repeat(80)), tag: 'tag', keys: ['k1', 'k2'], properties: { ab: 'cd' } }),
      producer.send(hello('y'.repeat(10))),
    ])
    await turns()
    assert.deepEqual([producer.statistics().inFlightBytes, producer.statistics().waiting], [91, 1])
    server.next()
    await turns()
    server.next()
    await sending
  })

  it('ends the wait at the time limit of the send, by a sentence that names the limit', async () => {
    await using test = await bench()
    held(test)
    const producer = test.mq.producer({ maxInFlight: { messages: 1 } })
    producer.send(hello('a')).catch(() => {})
    const waiting = failure(producer.send(hello('b'), { timeout: '2s' }))
    await test.clock.advance(2_000)
    const error = await waiting
    assert.deepEqual([error.code, error.retryable, error.topic, error.maybeStored], ['SEND_TIMEOUT', true, 'orders', false])
    assert.match(error.message, /not sent within 2000 ms: it waited for a place among 1 messages and \d+ bytes in flight \(producer\.maxInFlight\)/)
    assert.deepEqual(bodies(test), ['a'])
  })

  it('ends the wait when the send is called off, and those behind move up', async () => {
    await using test = await bench()
    const server = held(test)
    const producer = test.mq.producer({ maxInFlight: { messages: 1 } })
    const controller = new AbortController()
    const reason = new Error('enough')
    const first = producer.send(hello('a'))
    const second = producer.send(hello('b'), { signal: controller.signal })
    const third = producer.send(hello('c'))
    await turns()
    controller.abort(reason)
    await assert.rejects(second, (error) => error === reason)
    server.next()
    await first
    await turns()
    server.next()
    await third
    assert.deepEqual(bodies(test), ['a', 'c'])
  })

  it('bounds all of a send by its time limit: route, attempts and the pauses between them', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'TOO_MANY_REQUESTS', message: 'slowly' }, entries: [] })
    test.server.onSettings = (settings) => ({
      command: {
        case: 'settings',
        value: { ...settings, backoffPolicy: { maxAttempts: 3, strategy: { case: 'customizedBackoff', value: { next: [{ seconds: 4 }] } } } },
      },
    })
    const producer = test.mq.producer({ maxAttempts: 50 })
    const started = test.clock.monotonic()
    const sending = failure(producer.send(hello('a'), { timeout: '10s' }))
    await test.clock.advance(8_000)
    assert.equal((await sending).code, 'TOO_MANY_REQUESTS', 'the last failure, and no pause that leads nowhere')
    assert.equal(test.server.sends.all.length, 3)
    assert.ok(test.clock.monotonic() - started <= 8_000)

    test.server.onRoute = () => new Promise(() => {})
    const lost = failure(producer.send({ topic: 'unknown', body: 'x' }, { timeout: '1s' }))
    await test.clock.advance(1_000)
    const error = await lost
    assert.equal(error.code, 'SEND_TIMEOUT')
    assert.match(error.message, /it waited for the route of the topic/)
  })

  it('gives an attempt no more time than the send has left', async () => {
    await using test = await bench()
    test.server.onSend = () => new Promise(() => {})
    const producer = test.mq.producer({ maxAttempts: 5 })
    const sending = failure(producer.send(hello('a'), { timeout: '5s' }))
    await test.clock.advance(5_000)
    const error = await sending
    assert.deepEqual([error.code, error.maybeStored], ['NO_ANSWER', true])
    assert.deepEqual(
      test.server.sends.all.map(({ remaining }) => Math.ceil((remaining ?? 0) / 1_000)),
      [3, 2],
    )
  })

  it('lets nothing wait beyond a close: what has no place fails when the drain is over', async () => {
    await using test = await bench()
    held(test)
    const producer = test.mq.producer({ maxInFlight: { messages: 1 } })
    producer.send(hello('a')).catch(() => {})
    const waiting = failure(producer.send(hello('b')))
    await turns()
    const closing = producer.close({ drain: '1s' })
    await test.clock.advance(1_000)
    assert.equal((await waiting).code, 'CLIENT_CLOSED')
    await test.clock.advance(5_000)
    await closing
    assert.deepEqual(bodies(test), ['a'])
  })

  it('tries nothing again after a close', async () => {
    await using test = await bench()
    test.server.onSend = () => ({ status: { code: 'INTERNAL_SERVER_ERROR', message: 'no' }, entries: [] })
    test.server.onSettings = (settings) => ({
      command: {
        case: 'settings',
        value: { ...settings, backoffPolicy: { maxAttempts: 3, strategy: { case: 'customizedBackoff', value: { next: [{ seconds: 20 }] } } } },
      },
    })
    const producer = test.mq.producer({ maxAttempts: 9 })
    const sending = failure(producer.send(hello('a')))
    await turns()
    const closing = producer.close({ drain: '1s' })
    await test.clock.advance(1_000)
    const error = await sending
    assert.deepEqual([error.code, error.maybeStored], ['CLIENT_CLOSED', true])
    await closing
    assert.equal(test.server.sends.all.length, 1)
  })
})
