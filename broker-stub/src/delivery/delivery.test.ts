import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { tagFilter } from '../filter/tag-filter.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { stored } from '../log/test-kit/stored.ts'
import { TopicsAndGroups } from '../registry/registry.ts'
import type { Group, Topic } from '../registry/types.ts'
import { TimingWheel } from '../schedule/timing-wheel.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { fixedClock } from '../testing/test-kit/fixed-clock.ts'
import { Delivery as Engine } from './delivery.ts'
import type { DeliveryLimits } from './limits.ts'
import type { Delivery, ReceiveOutcome, ReceiveRequest } from './types.ts'

const plainReceive: ReceiveRequest = {
  clientId: 'c',
  max: 32,
  filter: tagFilter('*'),
  invisible: 10_000,
  autoRenew: false,
  wait: 0,
  attemptId: undefined,
}

function begin(engine: Engine, topic: Topic, group: Group, request: Partial<ReceiveRequest> = {}) {
  let cancel = (): void => {}
  const outcome = new Promise<ReceiveOutcome>((resolve) => {
    const pending = engine.receive(topic, group, { ...plainReceive, ...request }, resolve)
    cancel = () => pending.cancel()
  })
  return { outcome, cancel }
}

const taken = (outcome: ReceiveOutcome): readonly Delivery[] => (outcome.kind === 'messages' ? outcome.deliveries : [])

/** One topic, `orders`, with one queue, and one group, `billing`, over the engine alone. */
function setUp(options: { ordered?: boolean; limits?: Partial<DeliveryLimits> } = {}) {
  const clock = fixedClock()
  const registry = new TopicsAndGroups({ clock, autoCreate: false })
  const topic = registry.createTopic('orders', { queues: 1 }, 'config')
  const group = registry.putGroup('billing', { ordered: options.ordered ?? false }, 'config')
  const wheel = new TimingWheel(clock)
  const engine = new Engine({
    clock,
    wheel,
    store: new MemoryStore({ clock, wheel }),
    registry,
    brokerName: 'b',
    bootEpoch: 1,
    limits: options.limits,
  })
  const start = (request: Partial<ReceiveRequest> = {}) => begin(engine, topic, group, request)
  return {
    clock,
    engine,
    start,
    send: (messageId: string, fields: Partial<StoredMessage> = {}) => engine.append(stored({ topic: 'orders', messageId, ...fields })),
    receive: async (request: Partial<ReceiveRequest> = {}) => taken(await start(request).outcome),
    ack: (delivery: Delivery | undefined) => engine.acknowledge('orders', 'billing', delivery?.handle ?? ''),
    change: (delivery: Delivery | undefined, ms: number) => engine.changeInvisible('orders', 'billing', delivery?.handle ?? '', ms),
    stats: () => engine.subscriptionStats()[0],
  }
}

const ids = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ message }) => message.messageId)

describe('delivery', () => {
  it('never has more in flight than the cap, also within a message group that became free', async () => {
    const { send, receive, ack, stats } = setUp({ ordered: true, limits: { inFlight: 3 } })
    for (let n = 0; n < 6; n++) send(`x${n}`, { messageGroup: 'x' })
    send('y0', { messageGroup: 'y' })
    const [first] = await receive({ max: 1 })
    const [other] = await receive({ max: 1 })
    assert.deepEqual([first?.message.messageId, other?.message.messageId], ['x0', 'y0'])
    ack(first)
    assert.deepEqual(ids(await receive()), ['x1', 'x2'])
    assert.equal(stats()?.inFlight, 3)
  })

  it('hands on to a waiting receive as soon as the cap leaves room, by whatever way it does', async () => {
    for (const ordered of [false, true]) {
      const { engine, send, start, receive, ack, change } = setUp({ ordered, limits: { inFlight: 1 } })
      const ways: ((delivery: Delivery | undefined) => void)[] = [
        (delivery) => assert.equal(ack(delivery), 'ok'),
        (delivery) => assert.equal(engine.deadLetter('orders', 'billing', delivery?.handle ?? ''), 'ok'),
      ]
      for (const [at, free] of ways.entries()) {
        send(`a${at}`, { messageGroup: `g${at}` })
        send(`b${at}`, { messageGroup: `h${at}` })
        const [held] = await receive({ max: 1 })
        const waiting = start({ max: 1, wait: 20_000 })
        free(held)
        const deliveries = taken(await waiting.outcome)
        assert.deepEqual(ids(deliveries), [`b${at}`])
        ack(deliveries[0])
      }
      // Given back by a client whose lease the broker renews: no longer in flight.
      send('c', { messageGroup: 'k' })
      send('d', { messageGroup: 'l' })
      const [renewed] = await receive({ max: 1, autoRenew: true })
      const waiting = start({ max: 1, wait: 20_000 })
      assert.equal(change(renewed, 5_000).kind, 'changed')
      assert.deepEqual(ids(taken(await waiting.outcome)), ['d'])
    }
  })

  it('replays a lease that was extended, under its new handle', async () => {
    const { send, receive, change } = setUp({ ordered: true })
    send('m', { messageGroup: 'x' })
    const [first] = await receive({ attemptId: 'r' })
    const changed = change(first, 30_000)
    assert.ok(changed.kind === 'changed')
    const [again] = await receive({ attemptId: 'r' })
    assert.deepEqual([again?.handle, again?.attempt], [changed.handle, 1])
  })

  it('does not replay what lapsed behind an unsettled message: its handle is dead', async () => {
    const { clock, send, receive, change } = setUp({ ordered: true })
    send('m1', { messageGroup: 'x' })
    send('m2', { messageGroup: 'x' })
    const [first] = await receive({ attemptId: 'r', invisible: 10_000 })
    change(first, 60_000)
    await clock.advance('11s')
    assert.deepEqual(ids(await receive({ attemptId: 'r' })), ['m1'])
  })

  it('parks no more messages than it may; then the cursor waits, and goes on when there is room', async () => {
    const { send, receive, ack, stats } = setUp({ ordered: true, limits: { parked: 2 } })
    for (let n = 0; n < 5; n++) send(`x${n}`, { messageGroup: 'x' })
    send('y0', { messageGroup: 'y' })
    const [first] = await receive({ max: 1 })
    assert.deepEqual(await receive(), [], 'y0 stands behind what cannot be parked')
    assert.equal(stats()?.parked, 2)
    ack(first)
    assert.deepEqual(ids(await receive({ max: 2 })), ['x1', 'x2'])
    assert.deepEqual(ids(await receive()), ['y0'])
    assert.equal(stats()?.parked, 2)
  })

  it('consumes for the group what none of its waiting receives wants, and keeps what one of them wants but cannot take', async () => {
    const { send, receive, start } = setUp()
    for (const [at, tag] of ['a', 'b', 'a', 'c'].entries()) send(`m${at}`, { tag })
    const slow = start({ filter: tagFilter('b'), max: 1, wait: 20_000 })
    const fast = start({ filter: tagFilter('a'), max: 1, wait: 20_000 })
    assert.deepEqual(ids(taken(await slow.outcome)), ['m1'])
    assert.deepEqual(ids(taken(await fast.outcome)), ['m0'])
    assert.deepEqual(ids(await receive({ filter: tagFilter('*') })), ['m2', 'm3'])
    send('last', { tag: 'z' })
    assert.deepEqual(await receive({ filter: tagFilter('a') }), [])
    assert.deepEqual(await receive({ filter: tagFilter('*') }), [], 'filtered out once, gone for the group')
  })

  it('serves receives in the order in which they came', async () => {
    const { send, start } = setUp()
    const waiting = Array.from({ length: 4 }, () => start({ max: 1, wait: 20_000 }))
    for (let n = 0; n < 4; n++) send(`m${n}`)
    for (const [n, { outcome }] of waiting.entries()) {
      assert.deepEqual(ids(taken(await outcome)), [`m${n}`])
    }
  })

  it('refuses a receive beyond the cap of those that wait, and goes on when one has left', async () => {
    const { start, send } = setUp({ limits: { waiters: 2 } })
    const [first] = [start({ wait: 20_000 }), start({ wait: 20_000, max: 1 })]
    const refused = await start({ wait: 20_000 }).outcome
    assert.ok(refused.kind === 'refused' && refused.reason === 'too many receives wait on orders in billing')
    first?.cancel()
    const later = start({ wait: 20_000, max: 1 })
    send('m1')
    send('m2')
    assert.equal((await later.outcome).kind, 'messages')
  })

  it('a group that is new reads from the beginning, and from the last message once the log dropped some', async () => {
    const clock = fixedClock()
    const registry = new TopicsAndGroups({ clock, autoCreate: false })
    const topic = registry.createTopic('orders', { queues: 1 }, 'config')
    const size = stored({ topic: 'orders', messageId: 'm0' }).bytes.length + 512
    const wheel = new TimingWheel(clock)
    const engine = new Engine({ clock, wheel, store: new MemoryStore({ clock, wheel }, size * 3), registry, brokerName: 'b', bootEpoch: 1 })
    const receive = async (name: string): Promise<readonly Delivery[]> => {
      const group = registry.putGroup(name, {}, 'config')
      return taken(await begin(engine, topic, group).outcome)
    }
    for (let n = 0; n < 3; n++) engine.append(stored({ topic: 'orders', messageId: `m${n}` }))
    assert.equal(engine.append(stored({ topic: 'orders', messageId: 'm3' })).kind, 'full')
    const all = await receive('early')
    assert.deepEqual(ids(all), ['m0', 'm1', 'm2'])
    for (const { handle } of all) engine.acknowledge('orders', 'early', handle)
    assert.equal(engine.append(stored({ topic: 'orders', messageId: 'm3' })).kind, 'stored')
    assert.deepEqual(ids(await receive('late')), ['m3'])
  })
})
