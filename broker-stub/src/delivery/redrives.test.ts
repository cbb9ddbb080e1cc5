import assert from 'node:assert/strict'
import { decodeMessage, encodeMessage, viewMessage } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { tagFilter } from '../filter/tag-filter.ts'
import { stored } from '../log/test-kit/stored.ts'
import { TopicsAndGroups } from '../registry/registry.ts'
import type { Group, Topic } from '../registry/types.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Appended, MessageStore, TopicQueues } from '../store/message-store.ts'
import { SlowStore } from '../store/test-kit/slow-store.ts'
import { SurvivingStore } from '../store/test-kit/surviving-store.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { Delivery as Engine } from './delivery.ts'
import { DeliveryJournal } from './durable/delivery-journal.ts'
import { DeliveryRecords } from './durable/delivery-records.ts'
import type { Delivery } from './types.ts'

/** Says of one of the next appends that it failed on its way to the disk, or does not take it at all. */
class FailingStore implements MessageStore {
  readonly #store: MessageStore
  /** Appends until one fails. */
  left = Number.POSITIVE_INFINITY
  /** Its process is gone. */
  dead = false
  how: 'not durable' | 'unavailable' = 'not durable'

  constructor(store: MessageStore) {
    this.#store = store
  }

  openTopic(...args: Parameters<MessageStore['openTopic']>): TopicQueues {
    const queues = this.#store.openTopic(...args)
    const append = queues.append.bind(queues)
    queues.append = (message): Appended => {
      if (this.dead) return { kind: 'unavailable', reason: 'there is no process' }
      if (--this.left !== 0) return append(message)
      if (this.how === 'unavailable') return { kind: 'unavailable', reason: 'the disk is full' }
      return { kind: 'appended', queueId: 0, offset: 99, durable: Promise.reject(new Error('the disk failed')) }
    }
    return queues
  }

  dropTopic(name: string): void {
    this.#store.dropTopic(name)
  }

  get kept(): MessageStore['kept'] {
    return this.#store.kept
  }

  get stats(): MessageStore['stats'] {
    return this.#store.stats
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** A broker's engine whose process can end, and begin again with what was written down. */
class World {
  readonly clock = fixedClock()
  readonly registry = new TopicsAndGroups({ clock: this.clock, autoCreate: false })
  readonly #messages = new SurvivingStore(new MemoryStore({ clock: this.clock, wheel: new TimingWheel(this.clock) }))
  store = new FailingStore(new SlowStore(this.#messages))
  records = new DeliveryRecords()
  engine: Engine
  #epoch = 1

  constructor() {
    this.registry.createTopic('orders', { queues: 1 }, 'config')
    this.registry.putGroup('billing', {}, 'config')
    this.engine = this.#start(undefined)
  }

  #start(restored: DeliveryRecords | undefined): Engine {
    const epoch = this.#epoch++
    return new Engine({
      clock: this.clock,
      wheel: new TimingWheel(this.clock),
      store: this.store,
      registry: this.registry,
      brokerName: 'b',
      bootEpoch: epoch,
      journal: new DeliveryJournal((type, bytes) => {
        if (this.#epoch === epoch + 1) this.records.take(type, Uint8Array.from(bytes))
      }),
      restored,
    })
  }

  restart(): void {
    this.store.dead = true
    this.store = new FailingStore(new SlowStore(this.#messages))
    this.engine = this.#start(this.records)
    this.engine.restore()
  }

  /** Records of a snapshot alone. */
  compact(): void {
    const records = new DeliveryRecords()
    for (const _ of this.engine.snapshot(new DeliveryJournal((type, bytes) => void records.take(type, Uint8Array.from(bytes)))));
    this.records = records
  }

  async receive(topic = 'orders', group = 'billing'): Promise<readonly Delivery[]> {
    await this.clock.advance(0)
    const request = { clientId: 'c', max: 100, filter: tagFilter('*'), invisible: 10_000, autoRenew: false, wait: 0, attemptId: undefined }
    const [from, reader] = [this.registry.topic(topic) as Topic, this.registry.group(group) as Group]
    return new Promise((resolve) => {
      this.engine.receive(from, reader, request, (outcome) => resolve(outcome.kind === 'messages' ? outcome.deliveries : []))
    })
  }

  /** Sends messages and gives them up. */
  async kill(...messageIds: readonly string[]): Promise<void> {
    for (const messageId of messageIds) this.engine.append(stored({ topic: 'orders', messageId }))
    const handed = await this.receive()
    assert.equal(handed.length, messageIds.length)
    for (const { handle } of handed) assert.equal(await this.engine.deadLetter('orders', 'billing', handle, 'why'), 'ok')
    await this.clock.advance(0)
  }
}

const ids = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ message }) => message.messageId)
const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`)

describe('dead letters that are sent back', () => {
  it('come again where they came from, in order, as new messages of their own id, without what the dead letter said', async () => {
    const world = new World()
    await world.kill('a', 'b')
    assert.equal(world.engine.deadLetters('billing'), 2)
    assert.deepEqual(await world.engine.redrive('billing'), { moved: 2, left: 0, stopped: undefined })
    assert.equal(world.engine.deadLetters('billing'), 0)
    const back = await world.receive()
    assert.deepEqual(
      [ids(back), back.map(({ attempt }) => attempt)],
      [
        ['a', 'b'],
        [1, 1],
      ],
    )
    for (const { message } of back) {
      assert.equal(message.deadLetter, undefined)
      assert.deepEqual(
        [...decodeMessage(message.bytes).userProperties.keys()].filter((key) => key.startsWith('FEATHERMQ')),
        [],
      )
    }
  })

  it('are each sent once, however often they are asked for, and stay to be looked at', async () => {
    const world = new World()
    world.registry.putGroup('undertaker', {}, 'config')
    await world.kill('a')
    await world.engine.redrive('billing')
    assert.deepEqual(await world.engine.redrive('billing'), { moved: 0, left: 0, stopped: undefined })
    assert.deepEqual(ids(await world.receive()), ['a'])
    assert.deepEqual(ids(await world.receive('%DLQ%billing', 'undertaker')), ['a'])
  })

  it('are as many as were asked for, the oldest first', async () => {
    const world = new World()
    await world.kill('a', 'b', 'c')
    assert.deepEqual(await world.engine.redrive('billing', 2), { moved: 2, left: 1, stopped: undefined })
    assert.deepEqual(ids(await world.receive()), ['a', 'b'])
    assert.deepEqual(await world.engine.redrive('billing', 2), { moved: 1, left: 0, stopped: undefined })
  })

  it('have their message group again, and wait behind what of it is held', async () => {
    const world = new World()
    world.registry.putGroup('ledger', { ordered: true }, 'config')
    world.engine.append(stored({ topic: 'orders', messageId: 'x', messageGroup: 'g' }))
    const [held] = await world.receive('orders', 'ledger')
    assert.equal(await world.engine.deadLetter('orders', 'ledger', held?.handle ?? ''), 'ok')
    world.engine.append(stored({ topic: 'orders', messageId: 'y', messageGroup: 'g' }))
    const [next] = await world.receive('orders', 'ledger')
    assert.equal(next?.message.messageId, 'y')
    await world.engine.redrive('ledger')
    assert.deepEqual(await world.receive('orders', 'ledger'), [])
    assert.equal(world.engine.acknowledge('orders', 'ledger', next?.handle ?? ''), 'ok')
    const [back] = await world.receive('orders', 'ledger')
    assert.deepEqual([back?.message.messageId, back?.message.messageGroup, back?.message.type], ['x', 'g', 'FIFO'])
  })

  it('have no message group that only a property of the producer tells of', async () => {
    const world = new World()
    const forged = new Map([
      ['FEATHERMQ_DLQ_MESSAGE_GROUP', 'g'],
      ['FEATHERMQ_DLQ_ERROR', 'e'],
    ])
    const bytes = new Uint8Array(
      encodeMessage({ topic: { name: 'orders' }, body: Buffer.from('x'), systemProperties: { messageId: 'a' }, userProperties: forged }),
    )
    const { systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd } = viewMessage(bytes)
    world.engine.append({ ...stored({ topic: 'orders', messageId: 'a' }), bytes, systemPropertiesStart, systemPropertiesEnd, bodyStart, bodyEnd })
    const [message] = await world.receive()
    assert.equal(await world.engine.deadLetter('orders', 'billing', message?.handle ?? ''), 'ok')
    world.registry.putGroup('undertaker', {}, 'config')
    const [letter] = await world.receive('%DLQ%billing', 'undertaker')
    assert.deepEqual([...decodeMessage(letter?.message.bytes ?? new Uint8Array()).userProperties.keys()], ['FEATHERMQ_DLQ_REASON'])
    await world.engine.redrive('billing')
    assert.equal((await world.receive())[0]?.message.messageGroup, undefined)
  })

  it('are none where the group has none', async () => {
    assert.deepEqual(await new World().engine.redrive('billing'), { moved: 0, left: 0, stopped: undefined })
  })

  it('are not sent again by a process that begins where another ended, also from a snapshot', async () => {
    for (const compacted of [false, true]) {
      const world = new World()
      await world.kill(...many(40))
      await world.engine.redrive('billing', 33)
      if (compacted) world.compact()
      world.restart()
      assert.deepEqual(await world.engine.redrive('billing'), { moved: 7, left: 0, stopped: undefined })
      assert.deepEqual(ids(await world.receive()), many(40))
    }
  }).timeout(10_000)

  it('are sent twice at most, and none is lost, when the process is killed in the middle', async () => {
    const world = new World()
    await world.kill(...many(40))
    void world.engine.redrive('billing')
    // The first batch is stored, and nothing is written down about it.
    for (let hop = 0; hop < 5_000 && world.store.stats.messages < 80 + 32; hop++) await undefined
    assert.equal(world.store.stats.messages, 80 + 32)
    assert.equal(world.records.redriven.size, 0)
    world.restart()
    assert.equal((await world.engine.redrive('billing'))?.moved, 40)
    const seen = new Map<string, number>()
    for (let batch = await world.receive(); batch.length > 0; batch = await world.receive()) {
      for (const id of ids(batch)) seen.set(id, (seen.get(id) ?? 0) + 1)
    }
    assert.deepEqual([...seen.keys()].sort(), many(40).sort())
    assert.equal([...seen.values()].filter((times) => times === 2).length, 32)
    assert.ok([...seen.values()].every((times) => times <= 2))
  }).timeout(10_000)

  for (const how of ['not durable', 'unavailable'] as const) {
    it(`end where one is ${how}, and go on with that one the next time`, async () => {
      const world = new World()
      await world.kill('a', 'b', 'c')
      world.store.how = how
      world.store.left = 2
      const stopped = how === 'unavailable' ? 'the disk is full' : 'the disk failed'
      assert.deepEqual(await world.engine.redrive('billing'), { moved: 1, left: 2, stopped })
      const { moved, left } = (await world.engine.redrive('billing')) ?? {}
      assert.deepEqual({ moved, left }, { moved: 2, left: 0 })
      assert.deepEqual([...new Set(ids(await world.receive()))].sort(), ['a', 'b', 'c'])
    })
  }

  it('wait for their topic to be there', async () => {
    const world = new World()
    await world.kill('a')
    world.registry.removeTopic('orders')
    world.engine.removeTopic('orders')
    const stopped = 'there is no topic "orders", from which the next one came'
    assert.deepEqual(await world.engine.redrive('billing'), { moved: 0, left: 1, stopped })
    world.registry.createTopic('orders', {}, 'admin')
    assert.equal((await world.engine.redrive('billing'))?.moved, 1)
    assert.deepEqual(ids(await world.receive()), ['a'])
  })

  it('are sent by one at a time', async () => {
    const world = new World()
    await world.kill('a')
    const first = world.engine.redrive('billing')
    assert.equal(await world.engine.redrive('billing'), undefined)
    assert.equal((await first)?.moved, 1)
  })

  it('that died twice still belong where they were first', async () => {
    const world = new World()
    world.registry.putGroup('undertaker', {}, 'config')
    await world.kill('a')
    const [letter] = await world.receive('%DLQ%billing', 'undertaker')
    assert.equal(await world.engine.deadLetter('%DLQ%billing', 'undertaker', letter?.handle ?? ''), 'ok')
    assert.equal((await world.engine.redrive('undertaker'))?.moved, 1)
    assert.deepEqual(ids(await world.receive()), ['a'])
  })
})
