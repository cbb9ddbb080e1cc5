import { strict as assert } from 'node:assert'
import { encodeAckMessageRequest } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { field, startInMemory } from './test-kit/calls.ts'
import { acknowledge, acknowledgeBytes, deadHandles, leased } from './test-kit/settling.ts'

const DEAD = /receipt handle is expired, superseded, or not of this topic and group/

describe('AckMessage', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory()
    client = broker.rawClient('consumer')
  })
  after(() => broker.close())

  const fresh = () => `topic-${++topics}`

  it('settles a delivery, so that it never comes again, and answers the entry as it was asked', async () => {
    const topic = fresh()
    const { messageId, receiptHandle } = await leased(client, topic, 'billing')
    const { code, text, entries } = await acknowledge(client, topic, 'billing', [{ messageId, receiptHandle }])
    assert.deepEqual({ code, text }, { code: 20_000, text: 'OK' })
    assert.deepEqual(entries, [{ messageId, receiptHandle, status: { code: 'OK', message: 'OK' } }])
    await broker.clock.advance('1h')
    assert.deepEqual(await client.receive(topic, 'billing'), [])
  })

  it('settles it for its own group alone', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing')
    await acknowledge(client, topic, 'billing', [{ receiptHandle }])
    assert.equal((await client.receive(topic, 'audit')).length, 1)
  })

  it('goes by the handle alone, whoever sends it and whatever id is next to it', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing')
    const { codes, entries } = await acknowledge(broker.rawClient('another'), topic, 'billing', [{ messageId: 'another id', receiptHandle }])
    assert.deepEqual(codes, [20_000])
    assert.equal(entries[0]?.messageId, 'another id')
  })

  it('answers each entry for itself, in order, and 30000 over all when they differ', async () => {
    const topic = fresh()
    for (let sent = 0; sent < 3; sent++) await client.send(topic, String(sent))
    const live = await client.receive(topic, 'billing')
    const handles = [live[0], undefined, live[1], undefined, live[2]].map((message) => message?.receiptHandle ?? 'garbage')
    const { code, text, codes, entries } = await acknowledge(
      client,
      topic,
      'billing',
      handles.map((receiptHandle, index) => ({ messageId: String(index), receiptHandle })),
    )
    assert.deepEqual({ code, text }, { code: 30_000, text: 'MULTIPLE_RESULTS' })
    assert.deepEqual(codes, [20_000, 40_013, 20_000, 40_013, 20_000])
    assert.deepEqual(
      entries.map(({ messageId, receiptHandle }) => [messageId, receiptHandle]),
      handles.map((handle, index) => [String(index), handle]),
    )
    assert.match(entries[1]?.status?.message ?? '', DEAD)
  })

  it('answers over all what is common to all entries', async () => {
    const topic = fresh()
    await client.send(topic, 'a')
    const dead = await acknowledge(client, topic, 'billing', [{ receiptHandle: 'garbage' }, { receiptHandle: '' }])
    assert.deepEqual([dead.code, dead.codes], [40_013, [40_013, 40_013]])
    assert.match(dead.text, DEAD)
  })

  it('takes more entries than a receive hands out', async () => {
    const topic = fresh()
    const handles: string[] = []
    for (let sent = 0; sent < 100; sent++) await client.send(topic, String(sent))
    for (let turn = 0; turn < 4; turn++) handles.push(...(await client.receive(topic, 'billing')).map(({ receiptHandle }) => receiptHandle))
    const { code, codes } = await acknowledge(
      client,
      topic,
      'billing',
      handles.map((receiptHandle) => ({ receiptHandle })),
    )
    assert.equal(code, 20_000)
    assert.equal(codes.length, 100)
    await broker.clock.advance('11s')
    assert.deepEqual(await client.receive(topic, 'billing'), [])
  })

  it('is OK again and again while the lease would have run, also within one request, and stale after', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing', { invisible: '10s' })
    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }, { receiptHandle }])).codes, [20_000, 20_000])
    await broker.clock.advance('9900ms')
    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [20_000])
    await broker.clock.advance('200ms')
    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [40_013])
  })

  it('answers 40013 once the invisible duration has passed, and leaves the new delivery alone', async () => {
    const topic = fresh()
    const first = await leased(client, topic, 'billing', { invisible: '10s' })
    await broker.clock.advance('10s')
    const late = await acknowledge(client, topic, 'billing', [first])
    assert.deepEqual([late.code, late.codes], [40_013, [40_013]])
    const [second] = await client.receive(topic, 'billing', { invisible: '10s' })
    assert.equal(second?.deliveryAttempt, 2)
    assert.deepEqual((await acknowledge(client, topic, 'billing', [first])).codes, [40_013])
    assert.deepEqual((await acknowledge(client, topic, 'billing', [second])).codes, [20_000])
  })

  it('lets a message that was acknowledged out of order in an ordered group return with the one before it', async () => {
    await using ordering = await startInMemory({ groups: { billing: { ordered: true } } })
    const consumer = ordering.rawClient()
    for (const body of ['a', 'b']) await consumer.send('orders', body, { messageGroup: 'g' })
    const [first, second] = await consumer.receive('orders', 'billing')
    assert.ok(first !== undefined && second !== undefined)
    assert.deepEqual((await acknowledge(consumer, 'orders', 'billing', [second])).codes, [20_000])
    await ordering.clock.advance('10s')
    const again = await consumer.receive('orders', 'billing')
    assert.deepEqual(
      again.map(({ body, deliveryAttempt }) => [body, deliveryAttempt]),
      [
        ['a', 2],
        ['b', 2],
      ],
    )
  })

  describe('answers 40013 and touches nothing for a handle that is', () => {
    it('malformed, altered or foreign', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      for (const [what, handle] of await deadHandles(receiptHandle)) {
        const { codes } = await acknowledge(client, topic, 'billing', [{ receiptHandle: handle }])
        assert.deepEqual(codes, [40_013], what)
      }
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [20_000])
    })

    it('of another group', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      await client.receive(topic, 'audit')
      assert.deepEqual((await acknowledge(client, topic, 'audit', [{ receiptHandle }])).codes, [40_013])
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [20_000])
    })

    it('of another topic', async () => {
      const [topic, other] = [fresh(), fresh()]
      const { receiptHandle } = await leased(client, topic, 'billing')
      await leased(client, other, 'billing')
      assert.deepEqual((await acknowledge(client, other, 'billing', [{ receiptHandle }])).codes, [40_013])
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [20_000])
    })

    it('of a topic and group that do not exist, without making them', async () => {
      const { receiptHandle } = await leased(client, fresh(), 'billing')
      assert.deepEqual((await acknowledge(client, 'never-made', 'nobody', [{ receiptHandle }])).codes, [40_013])
      assert.equal(broker.broker.context.registry.topic('never-made'), undefined)
      assert.equal(broker.broker.context.registry.group('nobody'), undefined)
    })

    it('superseded by a change of the lease', async () => {
      const topic = fresh()
      const message = await leased(client, topic, 'billing')
      const { receiptHandle } = await client.change(topic, 'billing', message, '30s')
      assert.deepEqual((await acknowledge(client, topic, 'billing', [message])).codes, [40_013])
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [20_000])
    })
  })

  describe('refuses as a whole', () => {
    const entries = [{ messageId: 'id', receiptHandle: 'handle' }]
    const rows: readonly (readonly [what: string, code: number, request: Uint8Array])[] = [
      ['no entries', 40_000, encodeAckMessageRequest({ topic: { name: 't' }, group: { name: 'g' } })],
      ['no topic', 40_002, encodeAckMessageRequest({ group: { name: 'g' }, entries })],
      ['a topic that is not legal', 40_002, encodeAckMessageRequest({ topic: { name: 'a b' }, group: { name: 'g' }, entries })],
      ['no group', 40_003, encodeAckMessageRequest({ topic: { name: 't' }, entries })],
      ['a group that is not legal', 40_003, encodeAckMessageRequest({ topic: { name: 't' }, group: { name: 'a b' }, entries })],
      ['text that is no UTF-8', 40_016, field(0x1a, field(0x12, Uint8Array.of(0xff)))],
    ]
    for (const [what, code, request] of rows) {
      it(`${what}: ${code}`, async () => {
        const answer = await acknowledgeBytes(client, request)
        assert.equal(answer.code, code, answer.text)
        assert.deepEqual(answer.entries, [])
      })
    }

    it('what is no protobuf, with gRPC INTERNAL', async () => {
      await assert.rejects(acknowledgeBytes(client, Buffer.from('not protobuf')), { code: 'INTERNAL' })
    })
  })
})
