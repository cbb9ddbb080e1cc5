import { strict as assert } from 'node:assert'
import type { ForwardMessageToDeadLetterQueueRequestInit } from '@feathermq/protocol'
import { messagingService, timestampFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory, storedIn } from './test-kit/calls.ts'
import { acknowledge, deadHandles, forward, leased } from './test-kit/settling.ts'

describe('ForwardMessageToDeadLetterQueue', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory({ groups: { ordered: { ordered: true } } })
    client = broker.rawClient('consumer')
  })
  after(() => broker.close())

  const fresh = () => `topic-${++topics}`
  const freshGroup = () => `group-${++topics}`

  const request = (topic: string, group: string, receiptHandle: string): ForwardMessageToDeadLetterQueueRequestInit => ({
    topic: { name: topic },
    group: { name: group },
    receiptHandle,
    messageId: 'id',
    deliveryAttempt: 1,
    maxDeliveryAttempts: 17,
  })

  it('moves the message at once, says where it came from, and settles it for the group', async () => {
    const [topic, group] = [fresh(), freshGroup()]
    const { receiptHandle, messageId } = await leased(client, topic, group)
    assert.deepEqual(await forward(client, request(topic, group, receiptHandle)), { code: 20_000, text: 'OK' })

    const [dead] = await client.receive(`%DLQ%${group}`, 'undertaker')
    assert.equal(dead?.body, 'hello')
    assert.equal(dead.messageId, messageId)
    assert.equal(dead.deliveryAttempt, 1)
    assert.equal(dead.message.topic?.name, `%DLQ%${group}`)
    assert.deepEqual(dead.message.systemProperties?.deadLetterQueue, { topic, messageId })

    await broker.clock.advance('1h')
    assert.deepEqual(await client.receive(topic, group), [])
  })

  it('keeps what the producer wrote but for the message group and the delivery time, which were kept already', async () => {
    const [topic, group] = [fresh(), freshGroup()]
    const userProperties = new Map([['tenant', 'blue']])
    const own = { messageId: 'id', tag: 't', keys: ['a', 'b'], traceContext: 'trace', bornHost: 'shop-7' } as const
    const deliveryTimestamp = timestampFromMs(broker.clock.now() + 1_000)
    await client.send(topic, 'body', { ...own, messageGroup: 'g', deliveryTimestamp, properties: userProperties })
    await broker.clock.advance('1010ms')
    const [message] = await client.receive(topic, group)
    await forward(client, request(topic, group, message?.receiptHandle ?? ''))

    const [dead] = await client.receive(`%DLQ%${group}`, 'undertaker')
    const system = dead?.message.systemProperties
    assert.ok(dead !== undefined && system !== undefined)
    assert.equal(dead.body, 'body')
    const told = new Map([
      ['FEATHERMQ_DLQ_REASON', 'forwarded'],
      ['FEATHERMQ_DLQ_MESSAGE_GROUP', 'g'],
    ])
    assert.deepEqual(dead.message.userProperties, new Map([...userProperties, ...told]))
    assert.deepEqual({ ...system, ...own }, system)
    assert.deepEqual([system.messageType, system.messageGroup, system.deliveryTimestamp], ['NORMAL', undefined, undefined])
    assert.deepEqual(system.bodyDigest, message?.message.systemProperties?.bodyDigest)
  })

  it('takes the message from its own group alone', async () => {
    const [topic, group] = [fresh(), freshGroup()]
    const { receiptHandle } = await leased(client, topic, group)
    await forward(client, request(topic, group, receiptHandle))
    assert.equal((await client.receive(topic, freshGroup())).length, 1)
  })

  it('lets the next message of an ordered message group go on', async () => {
    const topic = fresh()
    for (const body of ['a', 'b']) await client.send(topic, body, { messageGroup: 'g' })
    const [first] = await client.receive(topic, 'ordered', { max: 1 })
    assert.deepEqual(await client.receive(topic, 'ordered'), [])
    await forward(client, request(topic, 'ordered', first?.receiptHandle ?? ''))
    assert.deepEqual(
      (await client.receive(topic, 'ordered')).map(({ body }) => body),
      ['b'],
    )
  })

  it('is OK again while the lease would have run, without a second copy, and stale after', async () => {
    const [topic, group] = [fresh(), freshGroup()]
    const { receiptHandle } = await leased(client, topic, group, { invisible: '10s' })
    for (const _ of [1, 2]) assert.equal((await forward(client, request(topic, group, receiptHandle))).code, 20_000)
    assert.equal(storedIn(broker, `%DLQ%${group}`), 1)
    await broker.clock.advance('10s')
    assert.equal((await forward(client, request(topic, group, receiptHandle))).code, 40_013)
    assert.equal(storedIn(broker, `%DLQ%${group}`), 1)
  })

  it('is OK without a copy for a message that was just acknowledged', async () => {
    const [topic, group] = [fresh(), freshGroup()]
    const message = await leased(client, topic, group)
    await acknowledge(client, topic, group, [message])
    assert.equal((await forward(client, request(topic, group, message.receiptHandle))).code, 20_000)
    assert.equal(storedIn(broker, `%DLQ%${group}`), 0)
  })

  it('happens by itself when the last attempt’s lease ends, not at the receive after it', async () => {
    await using strict = await startInMemory({ groups: { billing: { maxAttempts: 2 } } })
    const consumer = strict.rawClient()
    const { messageId } = await leased(consumer, 'orders', 'billing', { invisible: '10s' })
    await strict.clock.advance('10s')
    assert.equal((await consumer.receive('orders', 'billing', { invisible: '10s' }))[0]?.deliveryAttempt, 2)
    await strict.clock.advance('9980ms')
    assert.equal(storedIn(strict, '%DLQ%billing'), 0)
    await strict.clock.advance('30ms')
    assert.equal(storedIn(strict, '%DLQ%billing'), 1)
    const [dead] = await consumer.receive('%DLQ%billing', 'undertaker')
    assert.deepEqual(dead?.message.systemProperties?.deadLetterQueue, { topic: 'orders', messageId })
    assert.deepEqual(await consumer.receive('orders', 'billing'), [])
  })

  it('sends what the group of the undertaker gives up to that group’s own dead-letter topic, and still says where it came from first', async () => {
    const [topic, group, undertaker] = [fresh(), freshGroup(), freshGroup()]
    const { receiptHandle, messageId } = await leased(client, topic, group)
    await forward(client, request(topic, group, receiptHandle))
    const [dead] = await client.receive(`%DLQ%${group}`, undertaker)
    assert.equal((await forward(client, request(`%DLQ%${group}`, undertaker, dead?.receiptHandle ?? ''))).code, 20_000)
    const [deader] = await client.receive(`%DLQ%${undertaker}`, 'last')
    assert.deepEqual(deader?.message.systemProperties?.deadLetterQueue, { topic, messageId })
  })

  it('answers 42900 and leaves the lease running when there is no memory for the copy', async () => {
    await using small = await startInMemory({ maxMemory: '64KiB' })
    const consumer = small.rawClient()
    await consumer.send('orders', 'x'.repeat(40_000))
    const [message] = await consumer.receive('orders', 'billing')
    assert.ok(message !== undefined)
    const { code, text } = await forward(consumer, request('orders', 'billing', message.receiptHandle))
    assert.equal(code, 42_900)
    assert.match(text, /no memory left for the dead-letter topic/)
    assert.deepEqual((await acknowledge(consumer, 'orders', 'billing', [message])).codes, [20_000])
  })

  describe('answers 40013 and makes no copy for a handle that is', () => {
    it('malformed, altered or foreign', async () => {
      const [topic, group] = [fresh(), freshGroup()]
      const { receiptHandle } = await leased(client, topic, group)
      for (const [what, dead] of await deadHandles(receiptHandle)) {
        assert.equal((await forward(client, request(topic, group, dead))).code, 40_013, what)
      }
      assert.equal(broker.broker.context.registry.topic(`%DLQ%${group}`), undefined)
    })

    it('of another group or topic', async () => {
      const [topic, group, other] = [fresh(), freshGroup(), fresh()]
      const { receiptHandle } = await leased(client, topic, group)
      await leased(client, other, group)
      assert.equal((await forward(client, request(other, group, receiptHandle))).code, 40_013)
      assert.equal((await forward(client, request(topic, 'another', receiptHandle))).code, 40_013)
      assert.equal((await forward(client, request(topic, group, receiptHandle))).code, 20_000)
    })

    it('expired', async () => {
      const [topic, group] = [fresh(), freshGroup()]
      const { receiptHandle } = await leased(client, topic, group, { invisible: '10s' })
      await broker.clock.advance('10s')
      assert.equal((await forward(client, request(topic, group, receiptHandle))).code, 40_013)
      assert.equal((await client.receive(topic, group))[0]?.deliveryAttempt, 2)
    })
  })

  describe('refuses', () => {
    const rows: readonly (readonly [what: string, code: number, rest: Partial<ForwardMessageToDeadLetterQueueRequestInit>])[] = [
      ['no topic', 40_002, { topic: undefined }],
      ['a topic that is not legal', 40_002, { topic: { name: 'a b' } }],
      ['no group', 40_003, { group: undefined }],
      ['a group that is not legal', 40_003, { group: { name: 'a b' } }],
    ]
    for (const [what, code, rest] of rows) {
      it(`${what}: ${code}`, async () => {
        assert.equal((await forward(client, { ...request('t', 'g', 'handle'), ...rest })).code, code)
      })
    }

    it('what is no protobuf, with gRPC INTERNAL', async () => {
      const call = client.call(messagingService.forwardMessageToDeadLetterQueue, Buffer.from('not protobuf'), () => undefined)
      await assert.rejects(call, { code: 'INTERNAL' })
    })
  })
})
