import assert from 'node:assert/strict'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type RawClient, type RawMessage, startBroker, type TestBroker } from '../testing/index.ts'
import { adminApi } from './api.ts'

describe('why nothing arrives', () => {
  let broker: TestBroker
  let client: RawClient
  beforeEach(async () => {
    broker = await startBroker({
      transport: inMemoryTransport(),
      clock: 'frozen',
      limits: { inFlight: 3, parked: 2 },
      topics: { orders: { queues: 1 }, ledger: { queues: 1, types: ['FIFO'] } },
      groups: { billing: {}, books: { ordered: true } },
    })
    client = broker.rawClient('tester')
  })
  afterEach(() => broker.close())

  const why = (path: string): readonly string[] => {
    const { status, body } = adminApi(broker.broker.context, 'GET', `/api/${path}`, undefined)
    assert.equal(status, 200)
    return (body as { why: readonly string[] }).why
  }
  const send = async (count: number, topic = 'orders', messageGroup?: string): Promise<void> => {
    for (let n = 0; n < count; n++) assert.equal(await client.send(topic, `${n}`, { messageGroup }), 'OK')
  }
  const consume = (group: string) =>
    client.telemetry({ clientType: 'SIMPLE_CONSUMER', pubSub: { case: 'subscription', value: { group: { name: group }, subscriptions: [] } } })

  it('nobody is connected, and the group has not asked yet', () => {
    assert.deepEqual(why('groups/billing'), [
      'No consumer is connected, and nobody asks for messages.',
      'It has not asked for messages of any topic yet.',
    ])
    assert.deepEqual(why('topics/orders'), ['Nothing was ever sent to it.', 'No group has asked for its messages yet.'])
  })

  it('a consumer is connected, and nothing was ever sent', async () => {
    const stream = await consume('billing')
    const waiting = client.receive('orders', 'billing', { wait: '20s' })
    await broker.clock.advance('1s')
    assert.deepEqual(why('groups/billing'), ['orders: nothing was ever sent to it.'])
    assert.deepEqual(why('topics/orders'), ['Nothing was ever sent to it.'])
    await send(1)
    await waiting
    stream.close()
  })

  it('the group is paused', async () => {
    const stream = await consume('billing')
    await send(1)
    await client.receive('orders', 'billing', { max: 1 })
    broker.broker.context.registry.putGroup('billing', { paused: true }, 'admin')
    assert.equal(why('groups/billing')[0], 'The group is paused: nothing is handed out until "feathermq group resume billing".')
    assert.equal(why('topics/orders')[0], 'billing: the group is paused.')
    stream.close()
  })

  it('all is in flight, or given back until later', async () => {
    const stream = await consume('billing')
    await send(2)
    const [first] = await client.receive('orders', 'billing')
    assert.deepEqual(why('groups/billing'), ['orders: all that is there is in flight: 2 messages, not acknowledged yet.'])
    await client.change('orders', 'billing', first as RawMessage, '1s')
    const renewed = await client.receive('orders', 'billing', { autoRenew: true })
    assert.deepEqual(renewed, [])
    stream.close()
  })

  it('what was given back waits for its next attempt', async () => {
    const stream = await consume('billing')
    await send(1)
    const [message] = await client.receive('orders', 'billing', { autoRenew: true })
    await client.change('orders', 'billing', message as RawMessage, '30s')
    assert.deepEqual(why('groups/billing'), ['orders: 1 message was given back, and waits for the next attempt.'])
    stream.close()
  })

  it('message groups are locked, and caps are reached', async () => {
    const stream = await consume('books')
    await send(3, 'ledger', 'x')
    await client.receive('ledger', 'books', { max: 1 })
    await client.receive('ledger', 'books', { max: 1 })
    assert.deepEqual(why('groups/books'), [
      'ledger: the cap of parked messages is reached (2): queues are not read on until message groups are free.',
      'ledger: 1 message group is locked by what is not settled; 2 parked messages wait behind.',
      'ledger: all that is there is in flight: 1 message, not acknowledged yet.',
    ])
    stream.close()
  })

  it('as much as may be is in flight', async () => {
    const stream = await consume('billing')
    await send(4)
    await client.receive('orders', 'billing')
    assert.deepEqual(why('groups/billing'), [
      'orders: the cap of messages in flight is reached (3): nothing more is handed out until some are settled.',
    ])
    stream.close()
  })

  it('no filter took what was there', async () => {
    const stream = await consume('billing')
    await send(2)
    await client.receive('orders', 'billing', { filter: 'paid' })
    assert.deepEqual(why('groups/billing'), ['orders: 2 messages were passed over since the broker started: no filter of those who asked took them.'])
    stream.close()
  })

  it('messages are not due yet', async () => {
    const stream = await consume('billing')
    await client.receive('orders', 'billing')
    const seconds = Math.floor(broker.clock.now() / 1_000) + 60
    assert.equal(await client.send('orders', 'later', { deliveryTimestamp: { seconds, nanos: 0 } }), 'OK')
    assert.deepEqual(why('groups/billing'), ['orders: 1 message is not due yet.'])
    assert.deepEqual(why('topics/orders'), ['1 message is not due yet.'])
    stream.close()
  })

  it('messages were refused for their type', async () => {
    for (let n = 0; n < 2; n++) assert.equal(await client.send('ledger', 'a'), 'MESSAGE_PROPERTY_CONFLICT_WITH_TYPE')
    assert.deepEqual(why('topics/ledger'), [
      'Nothing was ever sent to it.',
      '2 NORMAL messages were refused: the topic takes FIFO. A topic of the same name with --types NORMAL would take them.',
      'No group has asked for its messages yet.',
    ])
  })

  it('consumers are there and ask for nothing', async () => {
    const stream = await consume('billing')
    await send(3)
    await client.ack('orders', 'billing', (await client.receive('orders', 'billing', { max: 1 }))[0])
    assert.deepEqual(why('groups/billing'), ['orders: 2 messages are ready, and no receive waits: the consumers are busy, or take no more.'])
    stream.close()
  })

  it('all is done', async () => {
    const stream = await consume('billing')
    await send(1)
    await client.ack('orders', 'billing', (await client.receive('orders', 'billing', { max: 1 }))[0])
    assert.deepEqual(why('groups/billing'), ['orders: all that was there is done.'])
    stream.close()
  })

  it('messages are in the dead-letter topic', async () => {
    const stream = await consume('billing')
    await send(1)
    await client.deadLetter('orders', 'billing', (await client.receive('orders', 'billing'))[0] as RawMessage)
    assert.deepEqual(why('groups/billing'), [
      '1 dead letter is in %DLQ%billing: "feathermq group redrive billing" sends them back to where they came from.',
      'orders: all that was there is done.',
    ])
    await broker.broker.context.delivery.redrive('billing')
    assert.equal(why('groups/billing').length, 1)
    stream.close()
  })
})
