import assert from 'node:assert/strict'
import type { StoredMessage } from '../../log/message-log.ts'
import { plainMessage } from '../../log/plain-message.ts'
import { stored } from '../../log/test-kit/stored.ts'
import type { VirtualClock } from '../../testing/virtual-clock.ts'
import type { MessageStore, QueueEntry, StoredTopic } from '../message-store.ts'
import { Reading } from './reading.ts'

/** `{ describe, it }` of mocha, given so that the package needs no test runner. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => void | Promise<void>): unknown
}

export interface StoreWorld {
  readonly store: MessageStore
  readonly clock: VirtualClock
}

const ORDERS: StoredTopic = { id: 1, name: 'orders', queues: 3 }
const PAYMENTS: StoredTopic = { id: 2, name: 'payments', queues: 1 }

let ids = 0
function order(fields: Partial<StoredMessage> = {}): StoredMessage {
  return stored({ topic: 'orders', messageId: `m${++ids}`, ...fields })
}

/** What {@link MessageStore} says, as tests. @param make A store that is empty. */
export function storeConformance(name: string, make: () => Promise<StoreWorld>, { describe, it }: Runner): void {
  const test = (title: string, body: (world: StoreWorld, orders: Reading) => Promise<void>): void => {
    it(title, async () => {
      const world = await make()
      try {
        await body(world, new Reading(world.store, ORDERS))
      } finally {
        await world.store.close()
      }
    })
  }
  const append = async ({ queues }: Reading, message: StoredMessage): Promise<{ readonly queueId: number; readonly offset: number }> => {
    const answer = queues.append(message)
    assert.ok(answer.kind === 'appended', `the store answered ${answer.kind}`)
    await answer.durable
    return { queueId: answer.queueId, offset: answer.offset }
  }

  describe(`a store of messages: ${name}`, () => {
    test('gives each message back at the queue and offset that its sender was told, with every field', async (_world, orders) => {
      const everything = order({
        tag: 'paid',
        messageGroup: 'g',
        digest: 'ABCDEF0123456789ABCDEF0123456789ABCDEF01',
        bornHost: '10.1.2.3:4567',
        storedAt: 1_700_000_000_123.25,
        deliverAt: 1_600_000_000_000,
        type: 'FIFO',
        deadLetter: { topic: 'früher', messageId: 'id-ü' },
      })
      const withMd5 = order({ digest: 'ABCDEF0123456789ABCDEF0123456789' })
      for (const message of [order(), everything, withMd5, order({ tag: '' }), order({ bytes: Buffer.alloc(100_000, 'x'), bodyEnd: 100_000 })]) {
        const { queueId, offset } = await append(orders, message)
        const entry = (await orders.next(queueId, offset)) as QueueEntry
        assert.deepEqual([entry.queueId, entry.offset], [queueId, offset])
        const found = await orders.fetch(entry)
        assert.ok(found !== 'gone')
        const { bytes, ...fields } = plainMessage(found)
        const { bytes: expected, ...expectedFields } = plainMessage(message)
        assert.deepEqual(fields, expectedFields)
        assert.ok(Buffer.compare(bytes, expected) === 0)
      }
    })

    test('puts messages into the queues in turn, and those of a message group always into the same', async (_world, orders) => {
      const turns: number[] = []
      for (let i = 0; i < 6; i++) turns.push((await append(orders, order())).queueId)
      assert.deepEqual(turns, [0, 1, 2, 0, 1, 2])
      const groups = new Map<string, number>()
      for (let i = 0; i < 30; i++) {
        const messageGroup = `g${i % 6}`
        const { queueId } = await append(orders, order({ messageGroup }))
        assert.equal(groups.get(messageGroup) ?? queueId, queueId)
        groups.set(messageGroup, queueId)
      }
      // As FNV-1a says, so that another store, and a broker that starts again, agree.
      assert.deepEqual([...groups.values()], [1, 0, 0, 2, 2, 1])
    })

    test('counts offsets of each queue from 0, one by one, and tells their range', async ({ store }, orders) => {
      const payments = new Reading(store, PAYMENTS)
      for (let i = 0; i < 7; i++) await append(orders, order())
      for (let i = 0; i < 2; i++) await append(payments, order({ topic: 'payments' }))
      assert.deepEqual(
        [0, 1, 2].map((queueId) => orders.queues.range(queueId)),
        [3, 2, 2].map((max) => ({ min: 0, max })),
      )
      assert.deepEqual(payments.queues.range(0), { min: 0, max: 2 })
      assert.deepEqual(
        (await orders.all(0)).map(({ entry }) => entry.offset),
        [0, 1, 2],
      )
      assert.equal((await orders.next(0, 1))?.offset, 1)
      assert.equal(await orders.next(0, 3), undefined)
      assert.equal(store.stats.messages, 9)
    })

    test('shows a message and tells the listener when it is durable, and not before its sender could know', async (_world, orders) => {
      const { queues } = orders
      const before = orders.changes
      const answers = [order(), order(), order()].map((message) => queues.append(message))
      for (const answer of answers) if (answer.kind === 'appended') await answer.durable
      assert.ok(orders.changes > before)
      assert.equal((await Promise.all([0, 1, 2].map((queueId) => orders.all(queueId)))).flat().length, 3)
      const { messages, bytes } = queues.stored
      assert.equal(messages, 3)
      assert.ok(bytes > 0)
    })

    test('starts a new group at the first message while none was removed, and an old one where it was', async (_world, orders) => {
      for (let i = 0; i < 5; i++) await append(orders, order())
      assert.deepEqual(orders.queues.join(), [0, 0, 0])
      assert.deepEqual(
        orders.queues.rejoin(
          new Map([
            [0, 2],
            [2, 1],
          ]),
        ),
        [2, 0, 1],
      )
    })

    test('gives no message an offset before the cursor of a group, whatever became of the messages there', async (_world, orders) => {
      await append(orders, order())
      orders.queues.rejoin(new Map([[0, 1]]))
      for (let i = 0; i < 2; i++) await append(orders, order())
      assert.deepEqual(await append(orders, order()), { queueId: 0, offset: 1 })
    })

    test('lets a delayed message enter when its time has come, and not before', async ({ clock }, orders) => {
      const { queues } = orders
      const answer = queues.append(order({ messageId: 'later', deliverAt: clock.now() + 5_000, type: 'DELAY' }))
      assert.equal(answer.kind, 'deferred')
      assert.equal(queues.deferred, 1)
      await clock.advance(4_999)
      assert.deepEqual([await orders.next(0, 0), queues.range(0)], [undefined, { min: 0, max: 0 }])
      await clock.advance(1)
      assert.deepEqual(
        (await orders.all(0)).map(({ message }) => message.messageId),
        ['later'],
      )
      assert.equal(queues.deferred, 0)
      assert.equal(queues.append(order({ deliverAt: clock.now() })).kind, 'appended')
    })

    test('has nothing of a topic that was dropped for one that is made anew under its name', async ({ store, clock }, orders) => {
      await append(orders, order())
      orders.queues.append(order({ deliverAt: clock.now() + 1_000 }))
      store.dropTopic('orders')
      const anew = new Reading(store, { ...ORDERS, id: 9 })
      await clock.advance(2_000)
      assert.deepEqual(anew.queues.range(0), { min: 0, max: 0 })
      assert.deepEqual([await anew.all(0), anew.queues.deferred], [[], 0])
      assert.deepEqual(await append(anew, order({ messageId: 'new' })), { queueId: 0, offset: 0 })
      assert.deepEqual(
        (await anew.all(0)).map(({ message }) => message.messageId),
        ['new'],
      )
    })

    test('keeps a message at hand for all who look for it when the listener is told', async (_world, orders) => {
      const offsets: number[] = []
      for (let i = 0; i < 30; i++) offsets.push((await append(orders, order({ messageGroup: 'g0', bytes: Buffer.alloc(20_000, i) }))).offset)
      const entries: QueueEntry[] = []
      for (const offset of offsets) entries.push((await orders.next(1, offset)) as QueueEntry)
      const messages = await Promise.all(entries.map((entry) => orders.fetch(entry)))
      assert.deepEqual(
        messages.map((message) => (message === 'gone' ? message : message.bytes[0])),
        offsets,
      )
    })
  })
}
