import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { StoredMessage } from '../log/message-log.ts'
import type { QueueEntry } from './message-store.ts'
import { append, contentsOf, entryAt, ORDERS, sized, turns } from './test-kit/appending.ts'
import { DurableWorld, openedOf } from './test-kit/durable-world.ts'
import { Reading } from './test-kit/reading.ts'

const HOUR = 3_600_000
const retention = { time: HOUR }

/** Removing takes some turns, and may make room for the next. */
const settled = (): Promise<void> => turns(60)

describe('a durable store to which nothing comes any more', () => {
  it('removes what is too old, though the segment that holds it was never full', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open([], { retention })
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 3; i++) await append(orders, sized(`m${i}`, 100, { storedAt: world.clock.now() }))
    await world.clock.advance(HOUR - 1_000)
    await settled()
    assert.equal((await contentsOf(orders)).length, 3)
    await world.clock.advance(2_000)
    await settled()
    assert.deepEqual([await contentsOf(orders), orders.queues.range(0)], [[], { min: 3, max: 3 }])
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'removed').map((event) => (event.kind === 'removed' ? event.base : undefined)),
      [0],
    )
    assert.equal(world.names('.log').length, 1)
    // It goes on behind that, and does so after any end.
    await append(orders, sized('m3', 100, { storedAt: world.clock.now() }))
    assert.deepEqual(await contentsOf(orders), ['3:m3'])
    let last = store
    for (const end of [() => last.close(), () => world.disk.crash('kill'), () => world.disk.crash('power', 'none')]) {
      await end()
      ;({ store: last } = await world.open([ORDERS], { retention }))
      const again = new Reading(last, ORDERS)
      assert.deepEqual([await contentsOf(again), again.queues.range(0)], [['3:m3'], { min: 3, max: 4 }])
    }
    await last.close()
    assert.deepEqual(world.disk.misuses, [])
    assert.equal(world.disk.openFiles, 0)
  })

  it('has an empty segment then, which it leaves alone, and which no end of the process harms', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([], { retention })
    await append(new Reading(store, ORDERS), sized('m0', 100, { storedAt: world.clock.now() }))
    await world.clock.advance(2 * HOUR)
    await settled()
    const [left] = world.names('.log')
    await world.clock.advance(1_000 * HOUR)
    await settled()
    assert.deepEqual(world.names('.log'), [left])
    let last = store
    let offset = 1
    for (const end of [() => last.close(), () => world.disk.crash('kill'), () => world.disk.crash('power', 'none'), () => last.close()]) {
      await end()
      const { store: next, events } = await world.open([ORDERS], { retention })
      last = next
      const orders = new Reading(next, ORDERS)
      assert.deepEqual([orders.queues.range(0), openedOf(events).skipped], [{ min: offset, max: offset }, 0])
      await append(orders, sized('more', 100, { storedAt: world.clock.now() }))
      assert.deepEqual(await contentsOf(orders), [`${offset++}:more`])
      await world.clock.advance(2 * HOUR)
      await settled()
      assert.deepEqual(await contentsOf(orders), [])
    }
    await last.close()
  })

  it('keeps what is still needed, and moves it once per time of retention, not again and again', async () => {
    const world = new DurableWorld()
    let needed: QueueEntry | undefined
    let moves = 0
    const { store } = await world.open([], {
      retention,
      keeper: {
        keep: (base, end) => (needed !== undefined && needed.position >= base && needed.position < end ? [needed] : []),
        moved(entry, position, length) {
          needed = { ...entry, position, length }
          moves++
        },
      },
    })
    const orders = new Reading(store, ORDERS)
    await append(orders, sized('m0', 100, { storedAt: world.clock.now() }))
    needed = await entryAt(orders, 0)
    for (let hour = 1; hour <= 4; hour++) {
      await world.clock.advance(HOUR + 70_000)
      await settled()
      assert.equal(moves, hour)
    }
    assert.equal(((await orders.fetch(needed)) as StoredMessage).messageId, 'm0')
    await store.close()
  })

  it('arms one timer, for when the oldest is too old, and none where nothing ever is', async () => {
    for (const [time, armed] of [
      [HOUR, 1],
      [Number.POSITIVE_INFINITY, 0],
    ] as const) {
      const world = new DurableWorld()
      const timers: number[] = []
      const { setTimer } = world.clock
      const clock = {
        now: () => world.clock.now(),
        monotonic: () => world.clock.monotonic(),
        setTimer(run: () => void, delay: number) {
          timers.push(delay)
          return setTimer.call(world.clock, run, delay)
        },
      }
      const { store } = await world.open([], { retention: { time }, clock })
      const orders = new Reading(store, ORDERS)
      for (let i = 0; i < 100; i++) await append(orders, sized(`m${i}`, 100, { storedAt: world.clock.now() }))
      assert.equal(timers.length, armed)
      assert.ok(timers.every((delay) => delay >= HOUR))
      await store.close()
    }
  })
})
