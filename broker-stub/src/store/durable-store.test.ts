import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { FormatError } from '../files/format.ts'
import type { StoredMessage } from '../log/message-log.ts'
import type { StoredTopic } from './message-store.ts'
import { append, contents, contentsOf, entryAt, ORDERS, sized, turns } from './test-kit/appending.ts'
import { storeConformance } from './test-kit/conformance.ts'
import { DurableWorld, MIB, openedOf } from './test-kit/durable-world.ts'
import { Reading } from './test-kit/reading.ts'

storeConformance(
  'on disk',
  async () => {
    const world = new DurableWorld()
    return { store: (await world.open()).store, clock: world.clock }
  },
  { describe, it },
)

const PAYMENTS: StoredTopic = { id: 2, name: 'payments', queues: 2 }

describe('a durable store', () => {
  it('shows nothing before it is on disk, and tells of all that was written together once', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    const orders = new Reading(store, ORDERS)
    const syncs = world.disk.fault({ operation: 'sync', path: '.log' }, { hold: true })
    const answers = Array.from({ length: 50 }, (_, i) => orders.queues.append(sized(`m${i}`)))
    await turns()
    assert.equal(syncs.held, 1)
    assert.deepEqual([orders.queues.next(0, 0), orders.queues.range(0), orders.changes], [undefined, { min: 0, max: 0 }, 0])
    syncs.cancel()
    await Promise.all(answers.map((answer) => (answer.kind === 'appended' ? answer.durable : undefined)))
    assert.deepEqual([orders.queues.range(0).max, orders.changes, world.disk.counts.sync > 0], [50, 1, true])
    assert.equal(new Set(answers.map((answer) => answer.kind === 'appended' && answer.durable)).size, 1, 'one promise for all')
    await store.close()
  })

  it('has a copy of what it was given when it returns, of small and of large messages', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([ORDERS])
    assert.ok(store.copies)
    const orders = new Reading(store, ORDERS)
    const messages = [sized('small', 100), sized('large', 100_000)]
    const expected = messages.map(({ bytes }) => Buffer.from(bytes))
    const answers = messages.map((message) => orders.queues.append(message))
    for (const { bytes } of messages) bytes.fill(0xff)
    await Promise.all(answers.map((answer) => (answer.kind === 'appended' ? answer.durable : undefined)))
    const read = (await orders.all(0)).map(({ message }) => message.bytes)
    assert.ok(read.every((bytes, at) => expected[at]?.equals(bytes)) && read.length === 2)
    await store.close()
  })

  it('leaves alone what one reader still holds while others read on, and give back what they have read', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([ORDERS])
    const readers = Array.from({ length: 2 }, () => new Reading(store, ORDERS))
    const [reader, other] = readers as [Reading, Reading]
    for (let i = 0; i < 300; i++) await append(reader, sized(`m${i}`, 10_000))
    const held: { readonly id: string; readonly message: StoredMessage }[] = []
    for (let entry = await reader.next(0, 0); entry !== undefined; entry = await reader.next(0, entry.offset + 1)) {
      const id = `m${entry.offset}`
      for (const each of [other, reader]) {
        const message = await each.fetch(entry)
        assert.ok(message !== 'gone')
        assert.deepEqual([message.messageId, message.bytes.length], [id, 10_000])
        if (each === reader && entry.offset % 37 === 0) held.push({ id, message })
        else message.release?.()
      }
    }
    assert.equal(held.length, 9)
    for (const { id, message } of held) assert.ok(message.messageId === id && Buffer.compare(message.bytes, sized(id, 10_000).bytes) === 0, id)
    await store.close()
  })

  it('walks nothing after a clean stop, also in the middle of a segment and when nothing was stored in between', async () => {
    const world = new DurableWorld()
    const expected: string[] = []
    for (let life = 0; life < 5; life++) {
      const { store, events } = await world.open([ORDERS])
      assert.equal(openedOf(events).walked, 0)
      const orders = new Reading(store, ORDERS)
      assert.deepEqual(await contentsOf(orders), expected)
      // The third one only looks.
      for (let i = 0; i < 3 && life !== 2; i++) {
        const { offset } = await append(orders, sized(`m${life}.${i}`, MIB))
        expected.push(`${offset}:m${life}.${i}`)
      }
      await store.close()
    }
    assert.deepEqual([expected.length, expected.at(-1)], [12, '11:m4.2'])
    assert.equal(world.names('.log').length, 2)
    assert.equal(world.disk.openFiles, 0)
  })

  it('walks what no index file knows after a kill, and tells how much it was', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([ORDERS])
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 17; i++) {
      await append(orders, sized(`m${i}`, MIB))
      await turns()
    }
    assert.deepEqual([world.names('.log').length, world.names('.idx').length], [3, 2], 'full segments are indexed while the next is filled')
    world.disk.crash('kill')
    const { store: next, events } = await world.open([ORDERS])
    assert.equal(openedOf(events).walked, 3)
    const again = new Reading(next, ORDERS)
    assert.deepEqual(
      await contentsOf(again),
      Array.from({ length: 17 }, (_, i) => `${i}:m${i}`),
    )
    assert.deepEqual(await append(again, sized('on')), { queueId: 0, offset: 17 })
    await next.close()
    assert.deepEqual(world.disk.misuses, [])
  })

  it('walks what came into a segment after a clean stop in the middle of it, also when the segments behind it are indexed or not', async () => {
    for (const more of [1, 9, 17]) {
      const world = new DurableWorld()
      const { store } = await world.open([ORDERS])
      await append(new Reading(store, ORDERS), sized('m0', MIB))
      await store.close()
      const { store: next } = await world.open([ORDERS])
      // What is not indexed is to be walked.
      world.disk.fault({ operation: 'create', path: '.idx' }, { fail: 'EIO' })
      for (let i = 1; i <= more; i++) await append(new Reading(next, ORDERS), sized(`m${i}`, MIB))
      await turns(10)
      world.disk.crash('kill')
      world.disk.heal()
      const { store: last, events } = await world.open([ORDERS])
      assert.equal(openedOf(events).walked, more)
      assert.equal((await contents(last)).length, more + 1)
      await last.close()
    }
  })

  it('makes index files again that are missing or damaged, wherever in a segment they begin', async () => {
    for (const harm of ['remove', 'damage'] as const) {
      const world = new DurableWorld()
      const expected: string[] = []
      for (let life = 0; life < 3; life++) {
        const { store } = await world.open([ORDERS])
        const orders = new Reading(store, ORDERS)
        for (let i = 0; i < 2; i++) expected.push(`${(await append(orders, sized(`m${life}.${i}`))).offset}:m${life}.${i}`)
        await store.close()
      }
      const paths = world.disk.paths.filter((path) => path.endsWith('.idx'))
      assert.equal(paths.length, 3)
      const middle = paths.sort()[1] as string
      if (harm === 'remove') await world.disk.files.remove(middle)
      else world.disk.poke(middle, Buffer.alloc(64, 7), 40)
      const { store, events } = await world.open([ORDERS])
      assert.deepEqual(await contents(store), expected)
      assert.ok(openedOf(events).walked > 0)
      await store.close()
      const { store: healed, events: after } = await world.open([ORDERS])
      assert.deepEqual([openedOf(after).walked, await contents(healed)], [0, expected])
      await healed.close()
    }
  })

  it('drops what there is of topics that are no more when it opens, from index files and from what it walks', async () => {
    for (const stop of ['clean', 'kill'] as const) {
      const world = new DurableWorld()
      const { store } = await world.open()
      for (let i = 0; i < 4; i++) {
        await append(new Reading(store, ORDERS), sized(`m${i}`))
        await append(new Reading(store, PAYMENTS), sized(`p${i}`, 100, { topic: 'payments' }))
      }
      if (stop === 'clean') await store.close()
      else world.disk.crash('kill')
      const { store: next, events } = await world.open([ORDERS])
      assert.equal(openedOf(events).droppedTopics, 1)
      assert.equal(next.stats.messages, 4)
      assert.deepEqual(await contents(next), ['0:m0', '1:m1', '2:m2', '3:m3'])
      assert.deepEqual(new Reading(next, PAYMENTS).queues.range(0), { min: 0, max: 0 })
      await next.close()
    }
  })

  it('does not believe an entry of which the log has another message', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    await append(orders, sized('m0'))
    const entry = await entryAt(orders, 0)
    assert.equal(await orders.fetch({ ...entry, offset: 1 }), 'gone')
    assert.deepEqual(events.filter(({ kind }) => kind === 'misplaced').length, 1)
    assert.equal(await orders.fetch({ ...entry, position: entry.position + 10_000_000 }), 'gone')
    await store.close()
  })

  it('takes no delayed message without a place for those', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([], { timed: undefined })
    const { queues } = new Reading(store, ORDERS)
    assert.deepEqual(queues.append(sized('m', 10, { deliverAt: world.clock.now() + 1 })), {
      kind: 'unavailable',
      reason: 'there is no place for delayed messages',
    })
    assert.equal(queues.deferred, 0)
    await store.close()
  })

  it('counts the retention of a delayed message from when its time came', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    const orders = new Reading(store, ORDERS)
    const sent = world.clock.now()
    orders.queues.append(sized('late', 10, { deliverAt: sent + 5_000, storedAt: sent }))
    await world.clock.advance(5_000)
    const [read] = await orders.all(0)
    assert.deepEqual([read?.message.messageId, read?.message.storedAt, read?.entry.storedAt], ['late', sent + 5_000, sent + 5_000])
    await store.close()
  })

  it('refuses a folder of a newer version, and closes what it opened', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    await append(new Reading(store, ORDERS), sized('m0'))
    await store.close()
    const log = world.disk.paths.find((path) => path.endsWith('.log')) as string
    world.disk.poke(log, Uint8Array.of(99), 8)
    world.disk.poke(log, Uint8Array.of(99), 2048 + 8)
    await assert.rejects(world.open([ORDERS]), (error) => error instanceof FormatError && error.kind === 'newer')
    assert.equal(world.disk.openFiles, 0)
  })

  it('says what it holds', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([], { memory: {}, retention: { size: 100 * MIB } })
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 3; i++) await append(orders, sized(`m${i}`, 1000))
    const { messages, bytes, maxBytes, segments, waiting, cached, damaged } = store.stats
    assert.deepEqual(
      { messages, bytes, maxBytes, segments, waiting, damaged },
      {
        messages: 3,
        bytes: 8 * MIB,
        maxBytes: 100 * MIB,
        segments: 1,
        waiting: 0,
        damaged: 0,
      },
    )
    assert.ok(cached > 3000)
    orders.queues.append(sized('waits', 5000))
    assert.ok(store.stats.waiting > 5000)
    await store.close()
  })
})
