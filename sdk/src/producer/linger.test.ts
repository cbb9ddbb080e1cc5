import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import type { Producer } from './producer.ts'
import type { ProducerOptions } from './producer-options.ts'

const hello = (body: string, rest: object = {}) => ({ topic: 'orders', body, ...rest })

function requests({ server }: Bench): string[] {
  return server.sends.all.map(({ request }) => request.messages.map(({ body }) => Buffer.from(body).toString()).join('+'))
}

/** A producer whose messages linger for 5 ms, and which has found its route. */
async function lingering(test: Bench, options: ProducerOptions = {}): Promise<Producer> {
  const producer = test.mq.producer({ linger: 5, ...options })
  const warming = producer.send(hello('warm'))
  await test.clock.advance(1_000)
  await warming
  test.server.sends.all.length = 0
  return producer
}

describe('linger', () => {
  it('is off unless asked for', async () => {
    await using test = await bench()
    const producer = test.mq.producer()
    await Promise.all(['a', 'b'].map((body) => producer.send(hello(body))))
    assert.deepEqual(requests(test), ['a', 'b'])
  })

  it('lets messages of one topic wait for each other, and each has its own receipt', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const first = producer.send(hello('a'))
    await test.clock.advance(4)
    const others = Promise.all(['b', 'c'].map((body) => producer.send(hello(body))))
    await turns()
    assert.deepEqual(requests(test), [])
    await test.clock.advance(1)
    const receipts = [await first, ...(await others)]
    assert.deepEqual(requests(test), ['a+b+c'])
    assert.deepEqual(
      receipts.map(({ messageId }) => messageId),
      test.server.sends.all[0]?.request.messages.map(({ systemProperties }) => systemProperties?.messageId),
    )
  })

  it('sends at once when a request is full, by number or by bytes', async () => {
    await using test = await bench()
    const few = await lingering(test, { batch: { messages: 2 } })
    await Promise.all(['a', 'b'].map((body) => few.send(hello(body))))
    assert.deepEqual(requests(test), ['a+b'])
    const small = await lingering(test, { batch: { bytes: 1_000 } })
    const sending = Promise.all(['x'.repeat(300), 'y'.repeat(300), 'z'].map((body) => small.send(hello(body))))
    await turns()
    assert.deepEqual(
      requests(test).map((bodies) => bodies.length),
      [300],
      'the second does not fit and sends the first off',
    )
    await test.clock.advance(5)
    await sending
    assert.equal(test.server.sends.all.length, 2)
  })

  it('keeps topics apart, and what has an order, a time or another time limit out of it', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const sending = [
      producer.send(hello('a')),
      producer.send({ topic: 'payments', body: 'p' }),
      producer.send(hello('g', { messageGroup: 'g' })),
      producer.send(hello('d', { deliverAfter: '1s' })),
      producer.send(hello('hasty'), { timeout: 9 }),
    ]
    await turns()
    assert.deepEqual(requests(test).sort(), ['d', 'g', 'hasty'])
    await test.clock.advance(10)
    await Promise.all(sending)
    assert.deepEqual(requests(test).sort(), ['a', 'd', 'g', 'hasty', 'p'])
  })

  it('spoils no message by another one of its request', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const usual = test.server.onSend
    test.server.onSend = (request, call) =>
      request.messages.some(({ userProperties }) => userProperties.has('bad'))
        ? { status: { code: 'ILLEGAL_MESSAGE_PROPERTY_KEY', message: 'because' }, entries: [] }
        : usual(request, call)
    const sending = Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((body) => producer.send(hello(body, body === 'c' ? { properties: { bad: 'x' } } : {}))),
    )
    await test.clock.advance(5)
    assert.deepEqual(
      (await sending).map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual([producer.statistics().sent, producer.statistics().failed], [4, 1])
  })

  it('leaves out who is called off while it waits', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const controller = new AbortController()
    const off = producer.send(hello('off'), { signal: controller.signal })
    const on = producer.send(hello('on'))
    await turns()
    controller.abort(new Error('enough'))
    await assert.rejects(off, /enough/)
    await test.clock.advance(5)
    await on
    assert.deepEqual(requests(test), ['on'])
    assert.equal(producer.statistics().inFlight, 0)
  })

  it('sends nothing when all are called off', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const controller = new AbortController()
    const sending = Promise.allSettled(['a', 'b'].map((body) => producer.send(hello(body), { signal: controller.signal })))
    await turns()
    controller.abort()
    await sending
    await test.clock.advance(5)
    assert.deepEqual(requests(test), [])
    assert.deepEqual([producer.statistics().inFlight, producer.statistics().failed], [0, 2])
  })

  it('cancels a request only when nobody waits for any message of it, and lets go at once who was called off', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    test.server.onSend = () => new Promise(() => {})
    const [one, two] = [new AbortController(), new AbortController()]
    const first = producer.send(hello('a'), { signal: one.signal })
    const second = producer.send(hello('b'), { signal: two.signal })
    await test.clock.advance(5)
    assert.deepEqual(requests(test), ['a+b'])
    one.abort(new Error('one'))
    await assert.rejects(first, /one/)
    await turns()
    assert.equal(test.server.cancels.all.length, 0)
    assert.equal(producer.statistics().inFlight, 2, 'its bytes are still on the way')
    two.abort(new Error('two'))
    await assert.rejects(second, /two/)
    assert.match(await test.server.cancels.next(), /SendMessage/)
    await turns()
    assert.equal(producer.statistics().inFlight, 0)
  })

  it('does not repeat the messages that nobody waits for any more', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    const usual = test.server.onSend
    test.server.onSend = (request, call) =>
      test.server.sends.all.length === 1 ? { status: { code: 'TOO_MANY_REQUESTS' }, entries: [] } : usual(request, call)
    const controller = new AbortController()
    const off = failureOf(producer.send(hello('off'), { signal: controller.signal }))
    const on = producer.send(hello('on'))
    await test.clock.advance(5)
    controller.abort(new Error('enough'))
    await test.clock.advance(10)
    await on
    assert.match(String(await off), /enough/)
    assert.deepEqual(requests(test), ['off+on', 'on'])
  })

  it('ends when the producer closes: what lingers is sent at once', async () => {
    await using test = await bench()
    const producer = await lingering(test, { linger: '1s' })
    const sending = producer.send(hello('a'))
    await turns()
    const closing = producer.close()
    await sending
    await closing
    assert.deepEqual(requests(test), ['a'])
  })

  it('ends when the places are taken: what holds them is sent at once', async () => {
    await using test = await bench()
    const producer = await lingering(test, { linger: '1s', maxInFlight: { messages: 2 }, batch: { messages: 10 } })
    const sending = Promise.all(['a', 'b', 'c'].map((body) => producer.send(hello(body))))
    await turns()
    assert.deepEqual(requests(test), ['a+b'])
    await test.clock.advance(1_000)
    await sending
    assert.deepEqual(requests(test), ['a+b', 'c'])
  })

  it('gives each message of a request that fails for good its error', async () => {
    await using test = await bench()
    const producer = await lingering(test)
    test.server.onSend = () => ({ status: { code: 'FORBIDDEN', message: 'no' }, entries: [] })
    const errors = Promise.all(['a', 'b'].map((body) => failure(producer.send(hello(body)))))
    await test.clock.advance(5)
    assert.deepEqual(
      (await errors).map(({ code }) => code),
      ['FORBIDDEN', 'FORBIDDEN'],
    )
    assert.equal(test.server.sends.all.length, 1)
  })
})

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => error,
  )
}
