import assert from 'node:assert/strict'
import { durationFromMs, timestampFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { post, startInMemory } from './test-kit/calls.ts'
import { begin, end, type Half } from './test-kit/kept.ts'

const OK = 20_000
const UNKNOWN = 40_008

describe('a transaction', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory({ topics: { 'normal-only': { types: ['NORMAL'] } } })
    client = broker.rawClient('tester')
  })
  after(() => broker.close())

  const fresh = (): string => `orders-${++topics}`
  const seen = async (topic: string): Promise<string[]> => (await client.receive(topic, 'billing')).map(({ body }) => body)
  const half = (topic = fresh()): Promise<Half> => begin(client, topic, 'hello')

  it('is seen by nobody before it is committed, and then once, as its producer sent it', async () => {
    const topic = fresh()
    const begun = await begin(client, topic, 'hello', { messageId: 'mine', tag: 't', keys: ['k'] })
    assert.deepEqual(await seen(topic), [])
    await broker.clock.advance('5s')
    assert.deepEqual(await seen(topic), [])
    const at = broker.clock.now()
    assert.deepEqual(await end(client, begun, 'COMMIT'), { code: OK, text: 'OK' })
    const [message, ...others] = await client.receive(topic, 'billing')
    assert.deepEqual([message?.body, message?.messageId, message?.deliveryAttempt, others.length], ['hello', 'mine', 1, 0])
    const system = message?.message.systemProperties
    assert.deepEqual([system?.messageType, system?.tag, system?.keys], ['TRANSACTION', 't', ['k']])
    assert.deepEqual(system?.storeTimestamp, timestampFromMs(at))
    assert.deepEqual(message?.message.userProperties, new Map())
    assert.equal(await client.ack(topic, 'billing', message), 'OK')
    await broker.clock.advance('12h')
    assert.deepEqual(await seen(topic), [])
  })

  it('is seen by nobody once it is rolled back', async () => {
    const begun = await half()
    assert.equal((await end(client, begun, 'ROLLBACK')).code, OK)
    await broker.clock.advance('12h')
    assert.deepEqual(await seen(begun.topic), [])
  })

  it('wakes a receive that waits when it is committed', async () => {
    const begun = await half()
    const receiving = client.receive(begun.topic, 'billing', { wait: '20s' })
    assert.equal((await end(client, begun, 'COMMIT')).code, OK)
    assert.equal((await receiving).length, 1)
  })

  it('goes on when its end says nothing, or something that nobody knows', async () => {
    const begun = await half()
    for (const resolution of ['TRANSACTION_RESOLUTION_UNSPECIFIED', 7] as const) {
      assert.deepEqual(await end(client, begun, resolution), { code: OK, text: 'OK' })
      assert.deepEqual(await seen(begun.topic), [])
    }
    assert.equal((await end(client, begun, 'COMMIT')).code, OK)
    assert.deepEqual(await seen(begun.topic), ['hello'])
  })

  for (const [first, other] of [
    ['COMMIT', 'ROLLBACK'],
    ['ROLLBACK', 'COMMIT'],
  ] as const) {
    it(`that ended with ${first} ends so once more, and no other way`, async () => {
      const begun = await half()
      assert.equal((await end(client, begun, first)).code, OK)
      assert.equal((await end(client, begun, first)).code, OK)
      assert.equal((await end(client, begun, other)).code, UNKNOWN)
      assert.equal((await end(client, begun, 'TRANSACTION_RESOLUTION_UNSPECIFIED')).code, UNKNOWN)
      assert.deepEqual(await seen(begun.topic), first === 'COMMIT' ? ['hello'] : [])
    })
  }

  it('has one end when several come at once', async () => {
    const begun = await half()
    const answers = await Promise.all((['COMMIT', 'ROLLBACK', 'COMMIT'] as const).map((resolution) => end(client, begun, resolution)))
    assert.deepEqual(
      answers.map(({ code }) => code),
      [OK, UNKNOWN, OK],
    )
    assert.deepEqual(await seen(begun.topic), ['hello'])
  })

  for (const source of ['SOURCE_UNSPECIFIED', 'SOURCE_CLIENT', 'SOURCE_SERVER_CHECK'] as const) {
    it(`is ended by ${source}, early and late`, async () => {
      for (const wait of ['1s', '5m'] as const) {
        const begun = await begin(client, fresh(), 'hello', { orphanedTransactionRecoveryDuration: durationFromMs(1_000) })
        await broker.clock.advance(wait)
        assert.equal((await end(client, begun, 'COMMIT', { source })).code, OK)
        assert.deepEqual(await seen(begun.topic), ['hello'])
      }
    })
  }

  it('is ended by its own id, topic and message alone', async () => {
    const begun = await half()
    const other = await half()
    const wrong: readonly Half[] = [
      { ...begun, transactionId: other.transactionId },
      { ...begun, topic: other.topic },
      { ...begun, topic: 'nobody-made-it' },
      { ...begun, messageId: other.messageId },
      ...['x', `${begun.transactionId}0`, begun.transactionId.slice(0, -1), begun.messageId].map((transactionId) => ({ ...begun, transactionId })),
    ]
    for (const each of wrong) {
      for (const resolution of ['COMMIT', 'ROLLBACK', 'TRANSACTION_RESOLUTION_UNSPECIFIED'] as const) {
        assert.equal((await end(client, each, resolution)).code, UNKNOWN, JSON.stringify(each))
      }
    }
    assert.equal(broker.broker.context.registry.topic('nobody-made-it'), undefined)
    assert.deepEqual([await seen(begun.topic), await seen(other.topic)], [[], []])
    assert.equal((await end(client, begun, 'COMMIT', { messageId: '' })).code, OK)
    assert.deepEqual(await seen(begun.topic), ['hello'])
  })

  it('is none of a delayed message: that cannot be committed before its time', async () => {
    const topic = fresh()
    const systemProperties = { messageId: 'later', deliveryTimestamp: timestampFromMs(broker.clock.now() + 60_000) }
    const { entries } = await post(client, [{ topic: { name: topic }, body: Buffer.from('x'), systemProperties }])
    const id =
      Buffer.from(entries[0]?.recallHandle ?? '', 'base64url')
        .toString()
        .split(' ')
        .at(-2) ?? ''
    assert.equal((await end(client, { topic, messageId: 'later', transactionId: id }, 'COMMIT')).code, UNKNOWN)
    assert.deepEqual(await seen(topic), [])
  })

  it('has an id of its own for each message of a send', async () => {
    const topic = fresh()
    const messages = ['a', 'b'].map((messageId) => ({
      topic: { name: topic },
      body: Buffer.from(messageId),
      systemProperties: { messageId, messageType: 'TRANSACTION' as const },
    }))
    const { entries } = await post(client, messages)
    const [first, second] = entries.map(({ messageId, transactionId }) => ({ topic, messageId, transactionId }))
    assert.ok(first !== undefined && second !== undefined && first.transactionId !== second.transactionId)
    assert.equal((await end(client, first, 'ROLLBACK')).code, OK)
    assert.equal((await end(client, second, 'COMMIT')).code, OK)
    assert.deepEqual(await seen(topic), ['b'])
  })

  it('may have a message group: its messages come in the order in which they were committed', async () => {
    const topic = fresh()
    broker.broker.context.registry.putGroup('ordered', { ordered: true }, 'admin')
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((body) => begin(client, topic, body, { messageGroup: 'g' })))
    for (const each of [c, a, b]) assert.equal(each && (await end(client, each, 'COMMIT')).code, OK)
    assert.deepEqual(
      (await client.receive(topic, 'ordered')).map(({ body }) => body),
      ['c', 'a', 'b'],
    )
  })

  it('is over when its topic is gone', async () => {
    const begun = await half()
    const { registry, delivery } = broker.broker.context
    registry.removeTopic(begun.topic)
    delivery.removeTopic(begun.topic)
    assert.equal((await end(client, begun, 'COMMIT')).code, UNKNOWN)
    const again = await half(begun.topic)
    assert.equal((await end(client, begun, 'COMMIT')).code, UNKNOWN)
    assert.equal((await end(client, again, 'COMMIT')).code, OK)
    assert.deepEqual(await seen(begun.topic), ['hello'])
  })

  it('takes part of the memory of the broker while it goes on, and none once it is rolled back', async () => {
    const small = await startInMemory({ maxMemory: '64KiB' })
    try {
      const sender = small.rawClient('tester')
      for (let index = 0; index < 500; index++) assert.equal((await end(sender, await begin(sender, 'orders', 'x'), 'ROLLBACK')).code, OK)
      await assert.rejects(async () => {
        for (let index = 0; index < 500; index++) await begin(sender, 'orders', 'x')
      }, /42900/)
    } finally {
      await small.close()
    }
  })
})
