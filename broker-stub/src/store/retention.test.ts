import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { DurableStore, DurableStoreOptions } from './durable-store.ts'
import type { QueueEntry } from './message-store.ts'
import type { Keeper } from './retention.ts'
import { append, contentsOf, entryAt, ORDERS, sized, turns } from './test-kit/appending.ts'
import { DurableWorld, type Life, MIB, openedOf } from './test-kit/durable-world.ts'
import { Reading } from './test-kit/reading.ts'

const HOUR = 3_600_000

/** Remembers entries as delivery does. */
class Holder implements Keeper {
  readonly held = new Map<QueueEntry, { position: number; length: number }>()
  readonly moves: number[] = []
  saves = 0

  hold(entry: QueueEntry): void {
    this.held.set(entry, { position: entry.position, length: entry.length })
  }

  *keep(base: number, end: number): Iterable<QueueEntry> {
    for (const [entry, place] of this.held) if (place.position >= base && place.position < end) yield { ...entry, ...place, storedAt: entry.storedAt }
  }

  moved({ queueId, offset }: QueueEntry, position: number, length: number): void {
    for (const [entry, place] of this.held) if (entry.queueId === queueId && entry.offset === offset) Object.assign(place, { position, length })
    this.moves.push(offset)
  }

  async saved(): Promise<void> {
    this.saves++
  }

  place(entry: QueueEntry): QueueEntry {
    return { ...entry, ...this.held.get(entry) }
  }
}

describe('retention', () => {
  const open = async (world: DurableWorld, options: Partial<DurableStoreOptions> = {}): Promise<Life & { orders: Reading }> => {
    const life = await world.open([ORDERS], { retention: {}, ...options })
    return { ...life, orders: new Reading(life.store, ORDERS) }
  }
  const fill = async (world: DurableWorld, orders: Reading, count: number, from = 0): Promise<void> => {
    for (let i = from; i < from + count; i++) await append(orders, sized(`m${i}`, MIB, { storedAt: world.clock.now() }))
    await turns(10)
  }
  const offsets = async (orders: Reading): Promise<number[]> => (await orders.all(0)).map(({ entry }) => entry.offset)
  const removals = (life: Life): number[] => life.events.flatMap((event) => (event.kind === 'removed' ? [event.moved] : []))

  it('removes segments whose messages are all older than 72 hours, oldest first, with their index, and never the last one', async () => {
    const world = new DurableWorld()
    const life = await open(world)
    await fill(world, life.orders, 16)
    await world.clock.advance(72 * HOUR)
    await life.store.retain()
    assert.deepEqual([world.names('.log').length, removals(life)], [3, []])
    await world.clock.advance(1)
    await life.store.retain()
    assert.deepEqual([world.names('.log').length, removals(life)], [1, [0, 0]])
    assert.deepEqual(life.orders.queues.range(0), { min: 14, max: 16 })
    assert.deepEqual(await offsets(life.orders), [14, 15])
    assert.equal(life.store.stats.messages, 2)
    await life.store.close()
    const again = await open(world)
    assert.deepEqual([openedOf(again.events).walked, await offsets(again.orders)], [0, [14, 15]])
    await again.store.close()
  })

  it('looks by itself when a segment is full, and once a minute while messages come, and needs no timer', async () => {
    const world = new DurableWorld()
    const life = await open(world)
    await fill(world, life.orders, 8)
    await world.clock.advance(72 * HOUR + 1)
    assert.equal(removals(life).length, 0, 'nothing comes, nothing goes')
    await fill(world, life.orders, 1, 8)
    assert.deepEqual(removals(life), [0])
    await fill(world, life.orders, 6, 9)
    await world.clock.advance(73 * HOUR)
    await fill(world, life.orders, 1, 15)
    assert.deepEqual(removals(life), [0, 0])
    await life.store.close()
  })

  it('removes what is beyond a size, and a new group starts at the last message then', async () => {
    const world = new DurableWorld()
    const life = await open(world, { retention: { size: 20 * MIB } })
    await fill(world, life.orders, 7)
    assert.deepEqual(life.orders.queues.join(), [0])
    await fill(world, life.orders, 30, 7)
    assert.ok(world.names('.log').length <= 3)
    assert.ok(life.orders.queues.range(0).min > 10)
    assert.deepEqual(life.orders.queues.join(), [36])
    assert.equal((await offsets(life.orders)).at(-1), 36)
    await life.store.close()
  })

  it('keeps what is still needed, at its offset and with every field, and tells where it is before the old place goes', async () => {
    const world = new DurableWorld()
    const keeper = new Holder()
    const life = await open(world, { keeper })
    const { orders, store } = life
    await fill(world, orders, 12)
    const entries = [await entryAt(orders, 2), await entryAt(orders, 5)]
    const before = await Promise.all(entries.map((entry) => orders.fetch(entry)))
    for (const entry of entries) keeper.hold(entry)
    // Another group needs the same message.
    keeper.hold({ ...(entries[1] as QueueEntry) })
    await world.clock.advance(73 * HOUR)
    await store.retain()
    assert.deepEqual([removals(life), keeper.moves, keeper.saves], [[2], [2, 5, 5], 1])
    for (const [index, entry] of entries.entries()) {
      assert.equal(await orders.fetch(entry), 'gone')
      const kept = await orders.fetch(keeper.place(entry))
      const { messageId, bytes } = before[index] as { messageId: string; bytes: Uint8Array }
      assert.ok(kept !== 'gone' && kept.messageId === messageId && Buffer.compare(kept.bytes, bytes) === 0)
    }
    assert.equal(orders.queues.range(0).min, 7, 'who comes anew does not see it')
    await store.close()
  })

  it('keeps it over restarts, also when the segments between are gone, and forgets nothing of how far the queue had come', async () => {
    const world = new DurableWorld()
    const keeper = new Holder()
    const first = await open(world, { keeper })
    await fill(world, first.orders, 7)
    const entry = await entryAt(first.orders, 3)
    keeper.hold(entry)
    let store: DurableStore = first.store
    for (let round = 0; round < 3; round++) {
      await append(new Reading(store, { id: 2, name: 'payments', queues: 1 }), sized('p', MIB, { storedAt: world.clock.now() }))
      await world.clock.advance(73 * HOUR)
      await store.retain()
      if (round === 1) world.disk.crash('kill')
      else await store.close()
      store = (await open(world, { keeper })).store
    }
    const orders = new Reading(store, ORDERS)
    const kept = await orders.fetch(keeper.place(entry))
    assert.ok(kept !== 'gone' && kept.messageId === 'm3')
    assert.equal((await append(orders, sized('next'))).offset, 7)
    await store.close()
  })

  it('leaves a segment alone while what is needed of it cannot be appended, and removes it later', async () => {
    const world = new DurableWorld()
    const keeper = new Holder()
    const life = await open(world, { keeper })
    await fill(world, life.orders, 9)
    keeper.hold(await entryAt(life.orders, 0))
    await world.clock.advance(73 * HOUR)
    const fault = world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, { fail: 'EIO' })
    await life.store.retain()
    assert.deepEqual([fault.hits, removals(life), keeper.moves], [1, [], []])
    await world.clock.advance(2_000)
    await life.store.retain()
    assert.deepEqual([removals(life), keeper.moves], [[1], [0]])
    await life.store.close()
  })

  it('tells of a file that stays, and tries it again', async () => {
    const world = new DurableWorld()
    const life = await open(world)
    await fill(world, life.orders, 9)
    await world.clock.advance(73 * HOUR)
    world.disk.fault({ operation: 'remove', path: '.log', times: 1 }, { fail: 'EIO' })
    await life.store.retain()
    assert.deepEqual(
      life.events.map(({ kind }) => kind).filter((kind) => kind !== 'opened'),
      ['not-removed'],
    )
    assert.equal((await offsets(life.orders)).length, 9)
    await life.store.retain()
    assert.deepEqual([removals(life), await contentsOf(life.orders)], [[0], ['7:m7', '8:m8']])
    await life.store.close()
  })

  it('passes over needed messages that cannot be read', async () => {
    const world = new DurableWorld()
    const keeper = new Holder()
    const life = await open(world, { keeper })
    await fill(world, life.orders, 9)
    const entry = await entryAt(life.orders, 1)
    keeper.hold(entry)
    keeper.hold(await entryAt(life.orders, 2))
    world.disk.poke('data/log/00000000000000000000.log', Uint8Array.of(1, 2, 3), entry.position + 500)
    await world.clock.advance(73 * HOUR)
    await life.store.retain()
    assert.deepEqual([removals(life), keeper.moves], [[1], [2]])
    assert.ok(life.events.some(({ kind }) => kind === 'damaged'))
    await life.store.close()
  })
})
