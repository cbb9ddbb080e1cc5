import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import type { RawMessage } from '../testing/raw-client.ts'
import { type BrokerLife, BrokerWorld, DATA } from './test-kit/broker-world.ts'

/** What of a delivery a client sees. */
const seen = (messages: readonly RawMessage[]): readonly (readonly [body: string, attempt: number])[] =>
  messages.map(({ body, deliveryAttempt }) => [body, deliveryAttempt] as const).sort()

const bodies = (messages: readonly RawMessage[]): string[] => messages.map(({ body }) => body)

/** What changes within a turn of the event loop is in a file before the next one. */
const written = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const ends = [
  ['was stopped', (life: BrokerLife) => life.stop()],
  ['was killed', (life: BrokerLife) => life.crash('kill')],
] as const

for (const [ended, end] of ends) {
  describe(`a broker that ${ended} and is started again on its data directory`, () => {
    let world: BrokerWorld
    beforeEach(() => {
      world = new BrokerWorld()
    })
    afterEach(async () => {
      await world.close()
      assert.deepEqual(world.disk.misuses, [])
      assert.equal(world.disk.openFiles, 0)
    })

    it('has its topics and groups with all their settings, and takes no others from its options', async () => {
      const first = await world.start({ topics: { orders: { queues: 7, types: ['FIFO'] } } })
      const { registry } = first.broker.context
      registry.createTopic('gone', {}, 'admin')
      registry.removeTopic('gone')
      registry.putGroup('billing', { ordered: true, maxAttempts: 3, retry: { kind: 'exponential', initial: 1, max: 9, multiplier: 2 } }, 'admin')
      registry.putGroup('audit', { start: { at: 1_700_000_000_000 }, paused: true }, 'admin')
      registry.putGroup('gone', {}, 'admin')
      registry.removeGroup('gone')
      await written()
      const before = [registry.topics(), registry.groups(), registry.nextTopic]
      await end(first)

      const second = await world.start({ topics: { orders: { queues: 2 } } })
      const now = second.broker.context.registry
      assert.deepEqual([now.topics(), now.groups(), now.nextTopic], before)
      assert.equal(now.topic('orders')?.queues, 7)
      assert.deepEqual(second.errors, [])
    })

    it('says nothing of how often it was started, and needs no more files for that', async () => {
      for (let life = 0; life < 40; life++) {
        const broker = await world.start()
        assert.equal(await broker.client().send('orders', `life ${life}`), 'OK')
        await end(broker)
        assert.deepEqual(broker.errors, [])
      }
      const journals = world.disk.paths.filter((path) => path.startsWith(`${DATA}/state/`) && path.endsWith('.journal'))
      assert.ok(journals.length < 34, journals.join())
    })

    it('gives the id of a topic to no other, also when the topic is gone', async () => {
      const first = await world.start()
      const ids = new Set<number>()
      const client = first.client()
      for (const name of ['a', 'b', 'c']) assert.equal(await client.send(name, 'x'), 'OK')
      for (const { id } of first.broker.context.registry.topics()) ids.add(id)
      first.broker.context.registry.removeTopic('c')
      first.broker.context.delivery.removeTopic('c')
      await written()
      await end(first)

      const second = await world.start()
      assert.equal(await second.client().send('c', 'new'), 'OK')
      const again = second.broker.context.registry.topic('c')
      assert.ok(again !== undefined && !ids.has(again.id), `${again?.id} was used: ${[...ids]}`)
      assert.deepEqual(bodies(await second.client().receive('c', 'billing')), ['new'], 'nothing of the topic of before')
    })

    it('goes on where each group was: what was acknowledged does not come again, what was not does', async () => {
      const first = await world.start()
      const client = first.client()
      for (let n = 0; n < 40; n++) assert.equal(await client.send('orders', `m${n}`), 'OK')
      const done = await client.receive('orders', 'billing', { max: 10 })
      for (const message of done) assert.equal(await client.ack('orders', 'billing', message), 'OK')
      const other = await client.receive('orders', 'audit', { max: 1 })
      assert.equal(await client.ack('orders', 'audit', other[0]), 'OK')
      await end(first)

      const second = await world.start()
      const later = second.client()
      const rest = await later.receive('orders', 'billing', { max: 32 })
      assert.deepEqual([...bodies(done), ...bodies(rest)].sort(), Array.from({ length: 40 }, (_, n) => `m${n}`).sort())
      assert.ok(rest.every(({ deliveryAttempt }) => deliveryAttempt === 1))
      const all = [...(await later.receive('orders', 'audit', { max: 32 })), ...(await later.receive('orders', 'audit', { max: 32 }))]
      assert.equal(all.length, 39)
      assert.ok(!bodies(all).includes(other[0]?.body ?? ''))
    })

    it('keeps what is in flight from others to the end of its lease, and no longer; its attempts count on', async () => {
      const first = await world.start()
      const client = first.client()
      for (const body of ['short', 'long']) assert.equal(await client.send('orders', body), 'OK')
      const [one] = await client.receive('orders', 'billing', { max: 1, invisible: '20s' })
      const [two] = await client.receive('orders', 'billing', { max: 1, invisible: '60s' })
      await world.clock.advance('5s')
      await end(first)

      const second = await world.start()
      const later = second.client()
      await world.clock.advance('14990ms')
      assert.deepEqual(await later.receive('orders', 'billing'), [])
      await world.clock.advance('20ms')
      assert.deepEqual(seen(await later.receive('orders', 'billing', { invisible: '1h' })), [[one?.body, 2]])
      await world.clock.advance('39970ms')
      assert.deepEqual(await later.receive('orders', 'billing'), [])
      await world.clock.advance('30ms')
      assert.deepEqual(seen(await later.receive('orders', 'billing', { invisible: '1h' })), [[two?.body, 2]])
    })

    it('takes handles that it gave before for all that they were good for, and those that were dead for dead', async () => {
      const first = await world.start()
      const client = first.client()
      for (let n = 0; n < 5; n++) assert.equal(await client.send('orders', `m${n}`), 'OK')
      const held = await client.receive('orders', 'billing', { max: 5, invisible: '60s' })
      const [toAck, toChange, toBury, changed, acked] = held as [RawMessage, RawMessage, RawMessage, RawMessage, RawMessage]
      const { receiptHandle } = await client.change('orders', 'billing', changed, '60s')
      assert.equal(await client.ack('orders', 'billing', acked), 'OK')
      await end(first)

      const second = await world.start()
      const later = second.client('another')
      assert.equal(await later.ack('orders', 'billing', toAck), 'OK')
      assert.equal((await later.change('orders', 'billing', toChange, '90s')).code, 'OK')
      assert.equal(await later.deadLetter('orders', 'billing', toBury), 'OK')
      assert.equal(await later.ack('orders', 'billing', changed), 'INVALID_RECEIPT_HANDLE', 'a superseded generation')
      assert.equal(await later.ack('orders', 'billing', { ...changed, receiptHandle }), 'OK')
      assert.equal(await later.ack('orders', 'billing', acked), 'OK', 'acknowledged twice within its lease')
      assert.equal((await later.change('orders', 'billing', acked, '60s')).code, 'INVALID_RECEIPT_HANDLE')
      await world.clock.advance('61s')
      assert.equal(await later.ack('orders', 'billing', toChange), 'INVALID_RECEIPT_HANDLE')
      assert.deepEqual(await later.receive('orders', 'billing'), [])
      await world.clock.advance('30s')
      assert.deepEqual(seen(await later.receive('orders', 'billing')), [[toChange.body, 2]])
      assert.deepEqual(bodies(await later.receive('%DLQ%billing', 'undertaker')), [toBury.body])
    })

    it('refuses handles of another data directory, though all but the secret is the same', async () => {
      const handleOn = async (data: string): Promise<RawMessage> => {
        const life = await world.start({ data })
        const client = life.client()
        assert.equal(await client.send('orders', 'm'), 'OK')
        const [message] = await client.receive('orders', 'billing', { invisible: '1h' })
        await end(life)
        return message as RawMessage
      }
      const one = await handleOn(DATA)
      const other = await handleOn('/other')
      assert.deepEqual(one.receiptHandle.split(' ').slice(0, 9), other.receiptHandle.split(' ').slice(0, 9))
      const life = await world.start()
      assert.equal(await life.client().ack('orders', 'billing', other), 'INVALID_RECEIPT_HANDLE')
      assert.equal(await life.client().ack('orders', 'billing', one), 'OK')
    })

    it('takes no handle for another delivery in the same slot', async () => {
      const first = await world.start()
      const client = first.client()
      const handles: RawMessage[] = []
      for (let n = 0; n < 3; n++) {
        assert.equal(await client.send('orders', `m${n}`), 'OK')
        const [message] = await client.receive('orders', 'billing', { invisible: '10s' })
        handles.push(message as RawMessage)
        assert.equal(await client.ack('orders', 'billing', message), 'OK')
      }
      await world.clock.advance('11s')
      await end(first)
      const second = await world.start()
      const later = second.client()
      assert.equal(await later.send('orders', 'live'), 'OK')
      const [live] = await later.receive('orders', 'billing', { invisible: '1h' })
      for (const dead of handles) assert.equal(await later.ack('orders', 'billing', dead), 'INVALID_RECEIPT_HANDLE')
      assert.equal(await later.ack('orders', 'billing', live), 'OK')
    })

    it('brings back after ten seconds what it renewed for clients that do not come back, and keeps it for those that do', async () => {
      const first = await world.start()
      const client = first.client('producer')
      for (const body of ['a', 'b']) assert.equal(await client.send('orders', body), 'OK')
      const [gone] = await first.client('gone').receive('orders', 'billing', { max: 1, autoRenew: true })
      const [back] = await first.client('back').receive('orders', 'billing', { max: 1, autoRenew: true })
      await end(first)

      const second = await world.start()
      const witness = second.client('witness')
      await world.clock.advance('9s')
      const returned = second.client('back')
      assert.deepEqual(await returned.receive('orders', 'billing'), [])
      await world.clock.advance('1990ms')
      assert.deepEqual(await witness.receive('orders', 'billing'), [], 'ten seconds to come back, one second for the message')
      await world.clock.advance('20ms')
      assert.deepEqual(seen(await witness.receive('orders', 'billing', { invisible: '1h' })), [[gone?.body, 2]])
      await world.clock.advance('25s')
      assert.equal(await returned.ack('orders', 'billing', back), 'OK', 'its calls are its sign of life')
    })

    it('gives the messages of one message group one after the other, as if nothing had happened', async () => {
      const first = await world.start({ groups: { billing: { ordered: true } } })
      const client = first.client()
      for (const messageGroup of ['x', 'y']) {
        for (let n = 0; n < 4; n++) assert.equal(await client.send('orders', `${messageGroup}${n}`, { messageGroup }), 'OK')
      }
      const held: RawMessage[] = []
      for (let n = 0; n < 2; n++) held.push(...(await client.receive('orders', 'billing', { max: 1, invisible: '30s' })))
      assert.deepEqual(bodies(held).sort(), ['x0', 'y0'])
      assert.deepEqual(await client.receive('orders', 'billing', { max: 32 }), [], 'all others are parked')
      assert.equal(first.broker.context.delivery.subscriptionStats()[0]?.parked, 6)
      await end(first)

      const second = await world.start()
      const later = second.client()
      assert.equal(second.broker.context.delivery.subscriptionStats()[0]?.parked, 6)
      assert.deepEqual(await later.receive('orders', 'billing', { max: 32 }), [])
      const x = held.find(({ body }) => body === 'x0')
      assert.equal(await later.ack('orders', 'billing', x), 'OK')
      assert.deepEqual(bodies(await later.receive('orders', 'billing', { max: 2, invisible: '1h' })), ['x1', 'x2'])
      await world.clock.advance('30010ms')
      const y = await later.receive('orders', 'billing', { max: 32, invisible: '1h' })
      assert.deepEqual(bodies(y), ['y0', 'y1', 'y2', 'y3'])
      assert.deepEqual(
        y.map(({ deliveryAttempt }) => deliveryAttempt),
        [2, 1, 1, 1],
      )
    })

    it('answers a receive that asks again by its attempt id with what it was given before', async () => {
      const first = await world.start({ groups: { billing: { ordered: true } } })
      const client = first.client()
      for (let n = 0; n < 3; n++) assert.equal(await client.send('orders', `x${n}`, { messageGroup: 'x' }), 'OK')
      const given = await client.receive('orders', 'billing', { max: 2, attemptId: 'one', invisible: '60s' })
      await end(first)
      const second = await world.start()
      const again = await second.client().receive('orders', 'billing', { max: 2, attemptId: 'one', invisible: '60s' })
      assert.deepEqual(
        again.map(({ body, receiptHandle, deliveryAttempt }) => [body, receiptHandle, deliveryAttempt]),
        given.map(({ body, receiptHandle, deliveryAttempt }) => [body, receiptHandle, deliveryAttempt]),
      )
    })

    it('gives an answer once more in the order of its queue, whichever places its messages have in the books', async () => {
      const first = await world.start({ topics: { orders: { queues: 1, types: ['FIFO'] } }, groups: { billing: { ordered: true } } })
      const client = first.client()
      const send = async (body: string, messageGroup = 'x') => assert.equal(await client.send('orders', body, { messageGroup }), 'OK')
      for (const body of ['a', 'b', 'c', 'd']) await send(body, body)
      // Places that become free are taken again in the order in which they became it.
      const [one, two, three, four] = await client.receive('orders', 'billing', { max: 4 })
      for (const message of [two, four, one, three]) assert.equal(await client.ack('orders', 'billing', message), 'OK')
      for (const body of ['e', 'f', 'g', 'h']) await send(body)
      assert.deepEqual(bodies(await client.receive('orders', 'billing', { max: 4, attemptId: 'one', invisible: '60s' })), ['e', 'f', 'g', 'h'])
      await end(first)
      const second = await world.start()
      const again = await second.client().receive('orders', 'billing', { max: 4, attemptId: 'one', invisible: '60s' })
      assert.deepEqual(bodies(again), ['e', 'f', 'g', 'h'])
    })

    it('has in its dead-letter topic what was given up, with its origin, and gives up what had its last attempt', async () => {
      const first = await world.start({ groups: { billing: { maxAttempts: 2 } } })
      const client = first.client()
      for (const body of ['forwarded', 'expires']) assert.equal(await client.send('orders', body), 'OK')
      const [one, two] = await client.receive('orders', 'billing', { max: 2, invisible: '10s' })
      const [forwarded, expires] = one?.body === 'forwarded' ? [one, two] : [two, one]
      assert.equal(await client.deadLetter('orders', 'billing', forwarded as RawMessage), 'OK')
      await world.clock.advance('11s')
      assert.deepEqual(seen(await client.receive('orders', 'billing', { invisible: '10s' })), [['expires', 2]])
      await end(first)

      // Its last lease runs out while nobody is there.
      await world.clock.advance('1h')
      const second = await world.start()
      const later = second.client()
      await world.clock.advance('2s')
      assert.deepEqual(await later.receive('orders', 'billing'), [])
      const dead = await later.receive('%DLQ%billing', 'undertaker')
      assert.deepEqual(bodies(dead).sort(), ['expires', 'forwarded'])
      for (const { message, body } of dead) {
        assert.equal(message.systemProperties?.deadLetterQueue?.topic, 'orders')
        assert.equal(message.systemProperties?.deadLetterQueue?.messageId, (body === 'expires' ? expires : forwarded)?.messageId)
      }
    })

    it('counts its starts in new handles, so that none is given twice', async () => {
      const epochs: string[] = []
      for (let start = 0; start < 3; start++) {
        const life = await world.start()
        assert.equal(await life.client().send('orders', 'm'), 'OK')
        const [message] = await life.client().receive('orders', 'billing', { max: 1 })
        epochs.push(message?.receiptHandle.split(' ')[1] ?? '')
        await end(life)
      }
      assert.deepEqual(epochs, ['1', '2', '3'])
    })
  })
}

describe('a broker whose machine loses its power', () => {
  let world: BrokerWorld
  beforeEach(() => {
    world = new BrokerWorld()
  })
  afterEach(() => world.close())

  it('has every message that was acknowledged, in a topic that was made for the first of them a moment before', async () => {
    const first = await world.start()
    assert.equal(await first.client().send('brand-new', 'm', { messageGroup: 'x' }), 'OK')
    const topic = first.broker.context.registry.topic('brand-new')
    // Nothing that was not synced is left.
    first.crash('power', 'none')
    const second = await world.start()
    assert.deepEqual(second.broker.context.registry.topic('brand-new'), topic)
    assert.deepEqual(bodies(await second.client().receive('brand-new', 'billing')), ['m'])
  })

  it('gives the id of a topic whose record was lost, but not its messages, to no other', async () => {
    const first = await world.start()
    const client = first.client()
    assert.equal(await client.send('a', 'm'), 'OK')
    // It reaches the log and no further: the state is not synced before the power goes.
    const state = world.disk.fault({ operation: 'sync', path: '/state/' }, { hold: true })
    const lost = client.send('b', 'm').catch(() => 'lost')
    for (let turn = 0; turn < 100; turn++) await written()
    assert.equal(state.held > 0, true)
    const id = first.broker.context.registry.topic('b')?.id ?? 0
    first.crash('power', 'none')
    assert.equal(await lost, 'lost')
    state.cancel()

    const second = await world.start()
    assert.equal(second.broker.context.registry.topic('b'), undefined)
    assert.equal(await second.client().send('c', 'fresh'), 'OK')
    assert.ok((second.broker.context.registry.topic('c')?.id ?? 0) > id)
    assert.deepEqual(bodies(await second.client().receive('c', 'billing')), ['fresh'])
  })

  it('may give a message once more of which it forgot that it was handed out, and takes no handle of that time for a newer delivery', async () => {
    const first = await world.start()
    const client = first.client()
    assert.equal(await client.send('orders', 'm'), 'OK')
    await world.clock.advance('2s')
    const [before] = await client.receive('orders', 'billing', { invisible: '1h' })
    first.crash('power', 'none')
    const second = await world.start()
    const [again] = await second.client().receive('orders', 'billing', { invisible: '1h' })
    assert.deepEqual([again?.body, again?.deliveryAttempt], ['m', 1])
    assert.equal(await second.client().ack('orders', 'billing', before), 'INVALID_RECEIPT_HANDLE')
    assert.equal(await second.client().ack('orders', 'billing', again), 'OK')
  })
})
