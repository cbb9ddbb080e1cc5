import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { BadSectors } from '../files/test-kit/bad-sectors.ts'
import { withBadSectors } from '../files/test-kit/bad-sectors.ts'
import { append, contentsOf, entryAt, ORDERS, sized, turns } from './test-kit/appending.ts'
import { DurableWorld, MIB, openedOf } from './test-kit/durable-world.ts'
import { Reading } from './test-kit/reading.ts'

const SEGMENT = '00000000000000000000.log'

/** A sector, of which disks nowadays have 4 KiB, in the middle of a message there. */
function within(position: number): BadSectors {
  const from = Math.ceil(position / 4096 + 0.1) * 4096
  return { path: SEGMENT, from, to: from + 4096 }
}

/** Waits for what is tried again once a second. */
async function afterSeconds<T>(world: DurableWorld, seconds: number, promise: Promise<T>): Promise<T | 'not yet'> {
  let settled: T | 'not yet' = 'not yet'
  void promise.then((value) => {
    settled = value
  })
  for (let second = 0; ; second++) {
    await turns(10)
    if (settled !== 'not yet' || second === seconds) return settled
    await world.clock.advance(1_000)
  }
}

describe('a durable store on a disk with a bad sector', () => {
  it('passes over the message in it after ten seconds, tells of it, and gives those around it at once', async () => {
    const world = new DurableWorld()
    const bad: BadSectors[] = []
    const { store, events } = await world.open([], { files: withBadSectors(world.disk.files, bad) })
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 5; i++) await append(orders, sized(`m${i}`, 12_000))
    const { position } = await entryAt(orders, 2)
    bad.push(within(position))

    const first = await entryAt(orders, 0)
    assert.notEqual(await afterSeconds(world, 0, orders.fetch(first)), 'not yet', 'it shares a block with the bad sector, and no more')
    const entry = await entryAt(orders, 2)
    const read = orders.fetch(entry)
    assert.equal(await afterSeconds(world, 8, read), 'not yet')
    assert.equal(await afterSeconds(world, 2, read), 'gone')
    assert.deepEqual(await contentsOf(orders), ['0:m0', '1:m1', '3:m3', '4:m4'])
    assert.deepEqual([events.filter(({ kind }) => kind === 'damaged').length, store.stats.damaged], [1, 1])
    await store.close()
  })

  it('waits as long as the disk gives nothing at all: then it is not the message that is lost', async () => {
    const world = new DurableWorld()
    const bad: BadSectors[] = []
    const { store } = await world.open([], { files: withBadSectors(world.disk.files, bad) })
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 3; i++) await append(orders, sized(`m${i}`))
    bad.push({ path: SEGMENT, from: 0, to: 64 * MIB })
    const contents = contentsOf(orders)
    assert.equal(await afterSeconds(world, 60, contents), 'not yet')
    bad.length = 0
    assert.deepEqual(await afterSeconds(world, 2, contents), ['0:m0', '1:m1', '2:m2'])
    assert.equal(store.stats.damaged, 0)
    await store.close()
  })

  it('opens all the same after a kill, without what is in it', async () => {
    const world = new DurableWorld()
    const bad: BadSectors[] = []
    const { store } = await world.open()
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 5; i++) await append(orders, sized(`m${i}`, 12_000))
    const { position } = await entryAt(orders, 2)
    world.disk.crash('kill')
    bad.push(within(position))
    const { store: next, events } = await world.open([ORDERS], { files: withBadSectors(world.disk.files, bad) })
    const again = new Reading(next, ORDERS)
    assert.deepEqual(await contentsOf(again), ['0:m0', '1:m1', '3:m3', '4:m4'])
    assert.ok(openedOf(events).skipped > 12_000)
    await append(again, sized('m5'))
    await next.close()
  })
})
