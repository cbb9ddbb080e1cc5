import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { tagFilter } from '../filter/tag-filter.ts'
import { stored } from '../log/test-kit/stored.ts'
import { TopicsAndGroups } from '../registry/registry.ts'
import type { Group, Topic } from '../registry/types.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { SlowStore } from '../store/test-kit/slow-store.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { Delivery as Engine } from './delivery.ts'
import { DeliveryJournal } from './durable/delivery-journal.ts'
import { DeliveryRecords } from './durable/delivery-records.ts'
import type { Delivery, ReceiveOutcome, ReceiveRequest } from './types.ts'

const plain: ReceiveRequest = {
  clientId: 'c',
  max: 32,
  filter: tagFilter('*'),
  invisible: 10_000,
  autoRenew: false,
  wait: 0,
  attemptId: undefined,
}

/** The topic `orders` with two queues over the engine alone; messages have to be read where `slow` says so. */
function setUp({ slow = false, ordered = false }: { readonly slow?: boolean; readonly ordered?: boolean } = {}) {
  const clock = fixedClock()
  const registry = new TopicsAndGroups({ clock, autoCreate: false })
  const topic = registry.createTopic('orders', { queues: 2 }, 'config')
  registry.putGroup('billing', { ordered }, 'config')
  const wheel = new TimingWheel(clock)
  const memory = new MemoryStore({ clock, wheel })
  const records = new DeliveryRecords()
  const engine = new Engine({
    clock,
    wheel,
    store: slow ? new SlowStore(memory) : memory,
    registry,
    brokerName: 'b',
    bootEpoch: 1,
    journal: new DeliveryJournal((type, bytes) => void records.take(type, Uint8Array.from(bytes))),
  })
  registry.onGroupChanged((group) => engine.groupChanged(group))
  const group = (name = 'billing'): Group => registry.group(name) as Group
  const begin = (request: Partial<ReceiveRequest> = {}, name = 'billing'): Promise<readonly Delivery[]> =>
    new Promise((resolve) => {
      engine.receive(topic, group(name), { ...plain, ...request }, (outcome: ReceiveOutcome) => {
        resolve(outcome.kind === 'messages' ? outcome.deliveries : [])
      })
    })
  return {
    clock,
    engine,
    registry,
    records,
    topic: topic as Topic,
    group,
    begin,
    send: (messageId: string, messageGroup?: string) => engine.append(stored({ topic: 'orders', messageId, messageGroup, storedAt: clock.now() })),
    receive: async (request: Partial<ReceiveRequest> = {}, name = 'billing') => ids(await begin(request, name)),
    settings: (settings: Parameters<TopicsAndGroups['putGroup']>[1], name = 'billing') => registry.putGroup(name, settings, 'admin'),
    stats: (name = 'billing') => engine.subscriptionStats().find((stats) => stats.group === name),
  }
}

const ids = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ message }) => message.messageId).sort()

describe('a group that is paused', () => {
  it('is handed nothing: receives wait, or are answered with nothing at once, and get what there is when it goes on', async () => {
    const { begin, receive, send, settings } = setUp()
    settings({ paused: true })
    send('a')
    assert.deepEqual(await receive(), [])
    const waiting = begin({ wait: 20_000 })
    send('b')
    settings({ paused: false })
    assert.deepEqual(ids(await waiting), ['a', 'b'])
  })

  it('answers a receive with nothing at the end of its wait', async () => {
    const { begin, send, settings, clock } = setUp()
    settings({ paused: true })
    send('a')
    const waiting = begin({ wait: 5_000 })
    await clock.advance('5s')
    assert.deepEqual(await waiting, [])
  })

  it('lets leases run: they can be settled, and what is not comes back when it goes on', async () => {
    const { begin, receive, send, settings, clock, engine, stats } = setUp()
    send('a')
    send('b')
    const [first, second] = await begin()
    settings({ paused: true })
    assert.equal(engine.acknowledge('orders', 'billing', first?.handle ?? ''), 'ok')
    await clock.advance('10s')
    assert.equal(stats()?.inFlight, 0)
    assert.deepEqual(await receive(), [])
    settings({ paused: false })
    const again = await begin()
    assert.deepEqual([ids(again), again[0]?.attempt], [[second?.message.messageId], 2])
  })
})

describe('a group that is new begins', () => {
  for (const slow of [false, true]) {
    const where = slow ? 'that have to be read' : 'in memory'

    it(`behind the last message, at the first, or at a time, as it says: messages ${where}`, async () => {
      const { begin, receive, send, settings, clock } = setUp({ slow })
      for (let n = 0; n < 9; n++) {
        send(`m${n}`)
        await clock.advance('1s')
      }
      const at = clock.now() - 4_000
      settings({ start: 'last' }, 'late')
      settings({ start: 'first' }, 'early')
      settings({ start: { at } }, 'since')
      settings({ start: { at: at + 1_000_000 } }, 'future')
      settings({ start: { at: 0 } }, 'ancient')
      const waiting = begin({ wait: 20_000 }, 'late')
      const all = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']
      assert.deepEqual(await receive({}, 'early'), all)
      assert.deepEqual(await receive({}, 'ancient'), all)
      assert.deepEqual(await receive({}, 'since'), ['m5', 'm6', 'm7', 'm8'])
      assert.deepEqual(await receive({}, 'future'), [])
      send('new')
      assert.deepEqual(ids(await waiting), ['new'])
      await clock.advance(0)
      assert.deepEqual(await receive({}, 'future'), ['new'])
    })
  }

  it('where it said when it began, though its settings change later', async () => {
    const { receive, send, settings } = setUp()
    send('old')
    settings({ start: 'last' })
    assert.deepEqual(await receive(), [])
    settings({ start: 'first' })
    send('new')
    assert.deepEqual(await receive(), ['new'])
  })

  it('anew where the process ended before it was known where', async () => {
    const { begin, send, settings, clock, records } = setUp({ slow: true })
    send('a')
    await clock.advance(0)
    settings({ start: { at: clock.now() } })
    void begin()
    await Promise.resolve()
    await Promise.resolve()
    const [known] = records.subscriptions
    assert.equal(known?.restored.cursors.size, 0)
    await clock.advance(0)
    assert.equal(known?.restored.cursors.size, 2)
  })
})

describe('a group that is sent elsewhere', () => {
  it('gets everything again from the first message on, as if it had never been handed out; handles of before are dead', async () => {
    const { begin, send, engine, topic, group, stats } = setUp()
    for (let n = 0; n < 4; n++) send(`m${n}`)
    const before = await begin({ max: 3 })
    assert.equal(engine.acknowledge('orders', 'billing', before[0]?.handle ?? ''), 'ok')
    assert.equal(engine.changeInvisible('orders', 'billing', before[1]?.handle ?? '', 60_000).kind, 'changed')
    assert.deepEqual(await engine.reset(topic, group(), 'first'), [0, 0])
    assert.deepEqual([stats()?.inFlight, stats()?.delayed, stats()?.ready], [0, 0, 4])
    const after = await begin()
    assert.deepEqual(
      [ids(after), after.map(({ attempt }) => attempt)],
      [
        ['m0', 'm1', 'm2', 'm3'],
        [1, 1, 1, 1],
      ],
    )
    assert.equal(engine.acknowledge('orders', 'billing', before[2]?.handle ?? ''), 'invalid-handle')
    assert.equal(engine.changeInvisible('orders', 'billing', before[2]?.handle ?? '', 1_000).kind, 'invalid-handle')
    assert.equal(await engine.deadLetter('orders', 'billing', before[2]?.handle ?? ''), 'invalid-handle')
    for (const { handle } of after) assert.equal(engine.acknowledge('orders', 'billing', handle), 'ok')
  })

  it('gets nothing of before behind the last message, neither what was parked nor what was due, and holds no message group', async () => {
    const { begin, receive, send, engine, topic, group, stats, clock } = setUp({ ordered: true })
    for (const id of ['x0', 'x1', 'x2']) send(id, 'x')
    send('y0', 'y')
    await begin({ max: 1 })
    await begin({ max: 1, invisible: 1_000 })
    await begin()
    assert.ok((stats()?.parked ?? 0) > 0)
    await clock.advance('2s')
    await engine.reset(topic, group(), 'last')
    const { ready, inFlight, delayed, parked } = stats() ?? {}
    assert.deepEqual({ ready, inFlight, delayed, parked }, { ready: 0, inFlight: 0, delayed: 0, parked: 0 })
    send('x3', 'x')
    assert.deepEqual(await receive(), ['x3'])
  })

  it('goes on at a time, in every queue, and a receive that waits gets what there is then', async () => {
    for (const slow of [false, true]) {
      const { begin, receive, send, engine, topic, group, clock } = setUp({ slow })
      for (let n = 0; n < 9; n++) {
        send(`m${n}`)
        await clock.advance('1s')
      }
      await receive()
      const waiting = begin({ wait: 20_000 })
      const at = clock.now() - 2_000
      assert.deepEqual(await engine.reset(topic, group(), { at }), [4, 3])
      assert.deepEqual(ids(await waiting), ['m7', 'm8'])
    }
  })

  it('goes on at an offset of each queue that is named, within what there is, and stays where it is in others', async () => {
    const { receive, send, engine, topic, group } = setUp()
    for (let n = 0; n < 4; n++) send(`m${n}`)
    await receive({ max: 4 })
    assert.deepEqual(await engine.reset(topic, group(), { offsets: new Map([[1, 1]]) }), [2, 1])
    assert.deepEqual(await receive(), ['m3'])
    assert.deepEqual(await engine.reset(topic, group(), { offsets: new Map([[0, 99]]) }), [2, 2])
    assert.deepEqual(await receive(), [])
  })

  it('never got there where its topic goes first', async () => {
    const { send, engine, topic, group, clock } = setUp({ slow: true })
    for (let n = 0; n < 9; n++) send(`m${n}`)
    await clock.advance(0)
    const reset = engine.reset(topic, group(), { at: clock.now() })
    engine.removeTopic('orders')
    assert.equal(await reset, undefined)
  })

  it('hands out nothing of the old place while the new one is looked for', async () => {
    const { begin, send, engine, topic, group, clock } = setUp({ slow: true })
    send('old')
    await clock.advance('1s')
    send('new')
    await clock.advance(0)
    const reset = engine.reset(topic, group(), { at: clock.now() })
    const waiting = begin()
    await reset
    assert.deepEqual(ids(await waiting), ['new'])
  })
})
