import { strict as assert } from 'node:assert'
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, it } from 'mocha'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'

const hello = { topic: 'orders', body: 'hello' }
const undo: (() => void)[] = []

type Seen = [event: string, context: Record<string, unknown>]

/** What subscribers of a tracing channel see, in order. */
function listen(name: string): Seen[] {
  const seen: Seen[] = []
  const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
  const subscribers = Object.fromEntries(events.map((event) => [event, (context: unknown) => seen.push([event, context as Record<string, unknown>])]))
  const channel = tracingChannel(name)
  channel.subscribe(subscribers as never)
  undo.push(() => void channel.unsubscribe(subscribers as never))
  return seen
}

function listenTo(name: string): Record<string, unknown>[] {
  const seen: Record<string, unknown>[] = []
  const subscriber = (message: unknown) => void seen.push(message as Record<string, unknown>)
  subscribe(name, subscriber)
  undo.push(() => void unsubscribe(name, subscriber))
  return seen
}

const names = (seen: readonly Seen[]) => seen.map(([event]) => event)

describe('diagnostics channels', () => {
  afterEach(() => {
    for (const each of undo.splice(0)) each()
  })

  it('tell of each send, once it begins and once it has ended, in one object', async () => {
    await using test = await bench()
    const seen = listen('feathermq:send')
    const producer = test.mq.producer()
    const sending = producer.send({ ...hello, messageGroup: 'g' })
    assert.deepEqual(names(seen), ['start', 'end'])
    const { messageId } = await sending
    assert.deepEqual(names(seen), ['start', 'end', 'asyncStart', 'asyncEnd'])
    const context = seen[0]?.[1]
    assert.ok(seen.every(([, each]) => each === context))
    assert.deepEqual(context, {
      clientId: producer.clientId,
      topic: 'orders',
      messageId,
      kind: 'FIFO',
      messageGroup: 'g',
      bytes: 5,
      attempts: 1,
      endpoint: test.server.address,
    })
  })

  it('tell of a send that failed, and of each attempt that is repeated', async () => {
    await using test = await bench()
    const seen = listen('feathermq:send')
    const retries = listenTo('feathermq:retry')
    test.server.onSend = () => ({ status: { code: test.server.sends.all.length < 2 ? 'TOO_MANY_REQUESTS' : 'FORBIDDEN' }, entries: [] })
    const sending = failure(test.mq.producer().send(hello))
    await test.clock.advance(1_000)
    const error = await sending
    assert.deepEqual(names(seen), ['start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    assert.equal(seen[0]?.[1]['error'], error)
    assert.deepEqual(
      retries.map(({ attempt, topic, messageId, error: failed }) => [attempt, topic, messageId, (failed as { code: string }).code]),
      [[1, 'orders', seen[0]?.[1]['messageId'], 'TOO_MANY_REQUESTS']],
    )
  })

  it('tell of handlers, in whose context a store may be bound', async () => {
    await using test = await bench()
    const seen = listen('feathermq:process')
    const storage = new AsyncLocalStorage<string>()
    const channel = tracingChannel<string, { messages: readonly { messageId: string }[] }>('feathermq:process')
    channel.start.bindStore(storage, ({ messages }) => messages.map(({ messageId }) => messageId).join())
    undo.push(() => void channel.start.unbindStore(storage))
    const stores: (string | undefined)[] = []
    const { consumer } = run(test, async (message) => {
      await turns(1)
      stores.push(storage.getStore())
      if (message.messageId === 'b') throw new Error('boom')
    })
    await test.server.deliver(delivered({ id: 'a' }))
    await test.server.acks.next()
    await test.server.deliver(delivered({ id: 'b' }))
    await test.server.changes.next()
    assert.deepEqual(stores, ['a', 'b'])
    assert.deepEqual(names(seen), ['start', 'end', 'asyncStart', 'asyncEnd', 'start', 'end', 'error', 'asyncStart', 'asyncEnd'])
    assert.deepEqual([seen[0]?.[1]['group'], seen[0]?.[1]['clientId']], ['billing', consumer.clientId])
    assert.match(String(seen.at(-1)?.[1]['error']), /boom/)
  })

  it('tell of receives and of what messages end with', async () => {
    await using test = await bench()
    const receives = listen('feathermq:receive')
    const settles = listen('feathermq:settle')
    const consumer = test.mq.simpleConsumer({ group: 'audit', subscribe: { orders: '*' } })
    const receiving = consumer.receive()
    await test.server.deliver(delivered({ id: 'a' }), delivered({ id: 'b' }), delivered({ id: 'c' }))
    const [a, b, c] = await receiving
    await Promise.all([a?.ack(), b?.nack('1s'), c?.deadLetter('broken')])
    const { clientId } = consumer
    assert.deepEqual(
      receives.filter(([event]) => event === 'asyncEnd').map(([, { messages, topic, group }]) => [messages, topic, group]),
      [[3, 'orders', 'audit']],
    )
    const ends = settles.filter(([event]) => event === 'start').map(([, context]) => context)
    assert.deepEqual(
      ends.map(({ operation, messageId }) => [operation, messageId]),
      [
        ['ack', 'a'],
        ['nack', 'b'],
        ['forward_to_dlq', 'c'],
      ],
    )
    assert.deepEqual([ends[0]?.['clientId'], ends[0]?.['group'], ends[0]?.['topic']], [clientId, 'audit', 'orders'])
  })

  it('tell what a server says of metrics of its own kind', async () => {
    await using test = await bench()
    const seen = listenTo('feathermq:server-metrics')
    const usual = test.server.onSettings
    test.server.onSettings = (settings, stream) => {
      const answer = usual(settings, stream)
      if (answer?.command?.case !== 'settings') return answer
      const metric = { on: true, endpoints: { scheme: 'IPv4' as const, addresses: [{ host: '127.0.0.1', port: 9 }] } }
      return { ...answer, command: { case: 'settings', value: { ...answer.command.value, metric } } }
    }
    const producer = test.mq.producer()
    await producer.send(hello)
    assert.deepEqual(seen, [{ clientId: producer.clientId, endpoint: test.server.address, on: true, exportTo: ['127.0.0.1:9'] }])
  })

  it('tell of connections that come and go', async () => {
    await using test = await bench()
    const seen = listenTo('feathermq:connection')
    const producer = test.mq.producer()
    await producer.send(hello)
    test.server.streams.all[0]?.end()
    await test.clock.advance(2_000)
    assert.deepEqual(
      seen.map(({ state, endpoint, clientId }) => [state, endpoint, clientId]),
      ['up', 'down', 'up'].map((state) => [state, test.server.address, producer.clientId]),
    )
  })
})
