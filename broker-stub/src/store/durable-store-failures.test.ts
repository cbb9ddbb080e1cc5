import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { append, contentsOf, entryAt, ORDERS, sized, turns } from './test-kit/appending.ts'
import { DurableWorld, MIB, openedOf } from './test-kit/durable-world.ts'
import { Reading } from './test-kit/reading.ts'

describe('a durable store whose disk fails', () => {
  it('fails the senders of a batch that was not synced, shows nobody their messages, and gives their offsets to no others', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    await append(orders, sized('m0'))
    world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, { fail: 'EIO' })
    const failing = ['x1', 'x2'].map((id) => orders.queues.append(sized(id)))
    for (const answer of failing) await assert.rejects(answer.kind === 'appended' ? (answer.durable as Promise<void>) : Promise.resolve(), /EIO/)
    assert.deepEqual(orders.queues.range(0), { min: 0, max: 1 })
    assert.deepEqual(await append(orders, sized('m3')), { queueId: 0, offset: 3 })
    assert.deepEqual(await contentsOf(orders), ['0:m0', '3:m3'])
    assert.deepEqual(orders.queues.stored, { messages: 2, bytes: 200 })
    assert.ok(events.some(({ kind }) => kind === 'failed'))
    for (const stop of ['clean', 'kill'] as const) {
      if (stop === 'clean') await store.close()
      else world.disk.crash('kill')
      const { store: next } = await world.open([ORDERS])
      const again = new Reading(next, ORDERS)
      assert.deepEqual([await contentsOf(again), again.queues.range(0)], [['0:m0', '3:m3'], { min: 0, max: 4 }])
    }
    assert.deepEqual(world.disk.misuses, [])
  })

  it('starts a new group at the first message when all that is missing before it could not be stored', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    const orders = new Reading(store, ORDERS)
    await append(new Reading(store, { id: 2, name: 'payments', queues: 1 }), sized('p0'))
    world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, { fail: 'EIO' })
    await assert.rejects(append(orders, sized('x')))
    for (let i = 1; i < 4; i++) await append(orders, sized(`m${i}`))
    assert.deepEqual([orders.queues.range(0).min, orders.queues.join()], [1, [0]])
    await store.close()
  })

  for (const failing of ['create', 'rename', 'sync'] as const) {
    it(`starts a new group at the first message when the very first segment could not be stored (${failing})`, async () => {
      const world = new DurableWorld()
      let { store } = await world.open()
      let orders = new Reading(store, ORDERS)
      world.disk.fault({ operation: failing, path: 'data/log', times: 1 }, { fail: 'EIO' })
      await assert.rejects(append(orders, sized('x')))
      await world.clock.advance('1s')
      for (let i = 1; i < 4; i++) await append(orders, sized(`m${i}`))
      assert.deepEqual([orders.queues.range(0).min, orders.queues.join()], [1, [0]])
      for (const end of [() => store.close(), () => world.disk.crash('kill'), () => world.disk.crash('power', 'none')]) {
        await end()
        ;({ store } = await world.open([ORDERS]))
        orders = new Reading(store, ORDERS)
        assert.deepEqual(orders.queues.join(), [0])
      }
      await store.close()
    })
  }

  it('answers that it takes nothing while the disk is full, goes on giving what it has, and heals by itself', async () => {
    const world = new DurableWorld()
    world.disk.capacity = 17 * MIB
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    let stored = 0
    let refusal: unknown
    for (let i = 0; i < 40 && refusal === undefined; i++) {
      const answer = orders.queues.append(sized(`m${i}`, MIB))
      if (answer.kind === 'unavailable') refusal = answer.reason
      else if (answer.kind === 'appended')
        await answer.durable?.then(
          () => stored++,
          () => {},
        )
    }
    assert.match(String(refusal), /the disk is full/)
    assert.ok(events.some((event) => event.kind === 'unavailable' && /the disk is full/.test(event.reason)))
    assert.equal((await orders.all(0)).length, stored)
    world.disk.capacity = Number.POSITIVE_INFINITY
    assert.equal(orders.queues.append(sized('soon')).kind, 'unavailable')
    await world.clock.advance(1_000)
    await append(orders, sized('healed'))
    assert.ok(events.some(({ kind }) => kind === 'available'))
    const messages = await contentsOf(orders)
    assert.deepEqual([messages.length, messages.at(-1)?.endsWith(':healed')], [stored + 1, true])
    await store.close()
    const { store: next } = await world.open([ORDERS])
    assert.deepEqual(await contentsOf(new Reading(next, ORDERS)), messages)
    await next.close()
  })

  it('is full while more waits for the disk than may, and takes more when that is written', async () => {
    const world = new DurableWorld()
    const { store } = await world.open([], { memory: { queued: 4 * MIB } })
    const orders = new Reading(store, ORDERS)
    const hold = world.disk.fault({ operation: 'sync', path: '.log' }, { hold: true })
    const kinds = Array.from({ length: 6 }, (_, i) => orders.queues.append(sized(`m${i}`, MIB)).kind)
    assert.deepEqual([kinds.slice(0, 3), kinds.at(-1)], [['appended', 'appended', 'appended'], 'full'])
    await turns()
    hold.cancel()
    await turns()
    const { offset } = await append(orders, sized('more'))
    assert.equal(offset, kinds.filter((kind) => kind === 'appended').length, 'what was refused has no offset')
    await store.close()
  })

  it('tries again what it could not read, once a second, and passes over nothing', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 3; i++) await append(orders, sized(`m${i}`))
    const broken = world.disk.fault({ operation: 'read', path: '.log' }, { fail: 'EIO' })
    const entry = await entryAt(orders, 1)
    let found: unknown
    void orders.fetch(entry).then((message) => {
      found = message
    })
    for (let second = 1; second <= 5; second++) {
      await turns()
      // The block, and then the message alone.
      assert.equal(broken.hits, 2 * second)
      assert.equal(orders.queues.fetch(entry), 'loading')
      await world.clock.advance(1_000)
    }
    assert.deepEqual([found, events.filter(({ kind }) => kind === 'read-failed').length], [undefined, 6])
    broken.cancel()
    await world.clock.advance(1_000)
    await turns()
    assert.equal((found as { messageId: string }).messageId, 'm1')
    await store.close()
  })

  it('waits in the same way for a page of the index that cannot be read', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    await append(new Reading(store, ORDERS), sized('m0'))
    await store.close()
    const { store: next, events } = await world.open([ORDERS])
    const orders = new Reading(next, ORDERS)
    const broken = world.disk.fault({ operation: 'read', path: '.idx' }, { fail: 'EIO' })
    assert.equal(orders.queues.next(0, 0), 'loading')
    await turns()
    assert.deepEqual([orders.queues.next(0, 0), events.filter(({ kind }) => kind === 'read-failed').length], ['loading', 1])
    broken.cancel()
    await world.clock.advance(1_000)
    assert.deepEqual(await contentsOf(orders), ['0:m0'])
    await next.close()
  })

  for (const [harmed, harm] of [
    ['is damaged', (world: DurableWorld) => world.disk.poke(`data/index/${world.names('.idx')[0]}`, Uint8Array.of(1, 2, 3), 8192 + 100)],
    [
      'cannot be read, however often',
      (world: DurableWorld) => {
        const unreadable = world.disk.fault({ operation: 'read', path: world.names('.idx')[0] ?? '' }, { fail: 'EIO' })
        // What is written anew lies elsewhere on the disk.
        const writing = world.disk.fault({ operation: 'create', path: '.idx.tmp', times: 1 }, { hold: true })
        return () => {
          if (writing.held === 0) return
          unreadable.cancel()
          writing.release()
        }
      },
    ],
  ] as const) {
    it(`makes an index file that ${harmed} again from the log, while it runs`, async () => {
      const world = new DurableWorld()
      const { store } = await world.open()
      const before = new Reading(store, ORDERS)
      for (let i = 0; i < 12; i++) await append(before, sized(`m${i}`, MIB))
      await turns()
      await store.close()
      const { store: next, events } = await world.open([ORDERS])
      const meanwhile = harm(world)
      const orders = new Reading(next, ORDERS)
      const contents = contentsOf(orders)
      let done = false
      void contents.then(() => {
        done = true
      })
      for (let second = 0; second < 6 && !done; second++) {
        await turns(20)
        meanwhile?.()
        await turns(20)
        await world.clock.advance(1_000)
      }
      await turns()
      assert.ok(done, 'the queue goes on')
      assert.deepEqual(
        await contents,
        Array.from({ length: 12 }, (_, i) => `${i}:m${i}`),
      )
      assert.equal(events.filter(({ kind }) => kind === 'index-problem').length, 1)
      world.disk.heal()
      await next.close()
      const { store: last, events: opened } = await world.open([ORDERS])
      assert.deepEqual([openedOf(opened).walked, await contentsOf(new Reading(last, ORDERS))], [0, await contents])
      await last.close()
      assert.deepEqual(world.disk.misuses, [])
    })
  }

  it('passes over a damaged message, and tells of it once', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    for (let i = 0; i < 3; i++) await append(orders, sized(`m${i}`))
    world.disk.poke('data/log/00000000000000000000.log', Uint8Array.of(9), (await entryAt(orders, 1)).position + 150)
    assert.deepEqual(
      [await contentsOf(orders), await contentsOf(orders)],
      [
        ['0:m0', '2:m2'],
        ['0:m0', '2:m2'],
      ],
    )
    assert.equal(events.filter(({ kind }) => kind === 'damaged').length, 1)
    assert.equal(store.stats.damaged, 1)
    await store.close()
  })

  it('keeps in memory what it cannot index, and indexes it with the next segment or when it stops', async () => {
    const world = new DurableWorld()
    const { store, events } = await world.open()
    const orders = new Reading(store, ORDERS)
    const broken = world.disk.fault({ operation: 'create', path: '.idx' }, { fail: 'ENOSPC' })
    for (let i = 0; i < 9; i++) await append(orders, sized(`m${i}`, MIB))
    await turns(10)
    assert.deepEqual([world.names('.idx'), events.filter(({ kind }) => kind === 'index-problem').length], [[], 1])
    assert.equal((await orders.all(0)).length, 9)
    broken.cancel()
    for (let i = 9; i < 16; i++) await append(orders, sized(`m${i}`, MIB))
    await turns(10)
    assert.equal(world.names('.idx').length, 2)
    world.disk.fault({ operation: 'create', path: '.idx' }, { fail: 'ENOSPC' })
    await store.close()
    world.disk.heal()
    const { store: next, events: opened } = await world.open([ORDERS])
    assert.equal(openedOf(opened).walked, 2)
    assert.equal((await new Reading(next, ORDERS).all(0)).length, 16)
    await next.close()
  })

  it('gives what it has from a folder that cannot be written, and says why it takes nothing', async () => {
    const world = new DurableWorld()
    const { store } = await world.open()
    await append(new Reading(store, ORDERS), sized('m0'))
    await store.close()
    world.disk.readOnly = true
    const { store: next } = await world.open([ORDERS])
    const orders = new Reading(next, ORDERS)
    assert.deepEqual(await contentsOf(orders), ['0:m0'])
    // The segment that was open, then one that would be new.
    for (const id of ['m1', 'm2']) await assert.rejects(append(orders, sized(id)), /EROFS/)
    const refused = orders.queues.append(sized('m3'))
    assert.ok(refused.kind === 'unavailable' && /EROFS/.test(refused.reason), JSON.stringify(refused))
    assert.deepEqual(await contentsOf(orders), ['0:m0'])
    await next.close()
  })
})
