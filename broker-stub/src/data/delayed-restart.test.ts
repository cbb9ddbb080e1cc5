import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { begin, delayed, end, recall } from '../handlers/test-kit/kept.ts'
import { type BrokerLife, BrokerWorld } from './test-kit/broker-world.ts'

const LATE = 40_000

const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** All that a new group finds. */
const all = async (life: BrokerLife, group: string): Promise<string[]> =>
  (await life.client().receive('orders', group)).map(({ body }) => body).sort()

describe('a message of a durable broker that was kept before it entered its queue', () => {
  it('becomes a dead letter like any other, whether it was delayed or of a transaction', async () => {
    const world = new BrokerWorld()
    try {
      const life = await world.start({ groups: { billing: { maxAttempts: 1 } } })
      const client = life.client()
      await delayed(client, 'orders', 'delayed', world.clock.now() + 1_000)
      await end(client, await begin(client, 'orders', 'committed', { messageId: 'committed' }), 'COMMIT')
      await world.clock.advance('2s')
      await turns()
      const messages = await client.receive('orders', 'billing')
      const [first, second] = messages
      assert.ok(first !== undefined && second !== undefined)
      assert.equal(await client.deadLetter('orders', 'billing', first), 'OK')
      await world.clock.advance('20s')
      await turns()
      assert.deepEqual((await client.receive('%DLQ%billing', 'auditors')).map(({ messageId }) => messageId).sort(), ['committed', 'delayed'])
    } finally {
      await world.close()
    }
  })
})

describe('a delayed message that has entered its queue, when that is not noted yet where it was kept', () => {
  let world: BrokerWorld
  beforeEach(() => {
    // A seed whose disk loses what it failed to sync.
    world = new BrokerWorld({ seed: 2 })
  })
  afterEach(async () => {
    await world.close()
    assert.deepEqual(world.disk.misuses, [])
  })

  for (const [ended, finish] of [
    ['is killed', (life: BrokerLife) => life.crash('kill')],
    ['loses its power', (life: BrokerLife) => life.crash('power', 'none')],
  ] as const) {
    it(`enters it no second time after its broker ${ended}, however often`, async () => {
      let life = await world.start()
      const client = life.client()
      const at = world.clock.now() + 5_000
      const handle = await delayed(client, 'orders', 'first', at)
      await delayed(client, 'orders', 'second', at)
      // Keeps the file of that hour from going with its last message.
      await delayed(client, 'orders', 'later', at + 60_000)
      const noting = world.disk.fault({ path: '.marks', operation: ['create', 'write', 'sync'] }, { hold: true })
      await world.clock.advance(5_100)
      await turns()
      assert.deepEqual(await all(life, 'before'), ['first', 'second'])
      assert.ok(noting.held > 0, 'nothing was to be noted')
      for (let time = 0; time < 3; time++) {
        await finish(life)
        world.disk.heal()
        life = await world.start()
        await world.clock.advance(2_000)
        await turns()
        assert.deepEqual(await all(life, `group-${time}`), ['first', 'second'])
        assert.equal((await recall(life.client(), 'orders', handle)).code, LATE)
      }
      await world.clock.advance(60_000)
      await turns()
      assert.deepEqual(await all(life, 'last'), ['first', 'later', 'second'])
      assert.deepEqual(life.errors, [])
    })
  }

  it('enters it no second time when the segment that it entered was filled meanwhile, of which an index file would tell less', async () => {
    const first = await world.start()
    const client = first.client()
    await delayed(client, 'orders', 'first', world.clock.now() + 5_000)
    await delayed(client, 'orders', 'later', world.clock.now() + 600_000)
    world.disk.fault({ path: '.marks', operation: ['create', 'write', 'sync'] }, { hold: true })
    await world.clock.advance(5_100)
    await turns()
    for (let n = 0; n < 5; n++) assert.equal(await client.send('fill', 'x'.repeat(4_000_000)), 'OK')
    await turns()
    assert.ok(world.disk.paths.filter((path) => path.endsWith('.log')).length > 1, 'the segment was not filled')
    first.crash('power', 'none')
    world.disk.heal()
    const second = await world.start()
    await world.clock.advance(2_000)
    await turns()
    assert.deepEqual(await all(second, 'auditors'), ['first'])
  })

  /** What an earlier life left in the log is put into an index file when the first message comes, which begins a segment. */
  const lifeThatIndexes = async (): Promise<BrokerLife> => {
    const life = await world.start()
    assert.equal(await life.client().send('orders', 'plain'), 'OK')
    await turns()
    return life
  }

  const marks = { path: '.marks', operation: 'sync' } as const
  for (const { moment, others, troubled } of [
    { moment: 'its mark was written and not synced', others: ['later'], troubled: () => world.disk.fault(marks, { hold: true }) },
    { moment: 'its mark was written and a sync of it had failed', others: ['later'], troubled: () => world.disk.fault(marks, { fail: 'EIO' }) },
    {
      moment: 'the file that it was the last of was removed, and might come back',
      others: [],
      troubled: () => world.disk.fault({ path: '/timed', operation: 'syncFolder' }, { hold: true }),
    },
  ]) {
    it(`enters it no second time when its broker was killed when ${moment}, and the next one loses its power`, async () => {
      const zero = await lifeThatIndexes()
      await delayed(zero.client(), 'orders', 'first', world.clock.now() + 700)
      for (const text of others) await delayed(zero.client(), 'orders', text, world.clock.now() + 600_000)
      // Files of an earlier life go with their last message.
      await zero.stop()
      const first = await lifeThatIndexes()
      const trouble = troubled()
      await world.clock.advance(1_800)
      await turns()
      assert.deepEqual(await all(first, 'before'), ['first', 'plain', 'plain'])
      assert.ok(trouble.hits > 0, 'the disk was in no trouble')
      first.crash('kill')
      world.disk.heal()
      const second = await lifeThatIndexes()
      second.crash('power', 'none')
      const third = await lifeThatIndexes()
      await world.clock.advance(700_000)
      await turns()
      assert.deepEqual(await all(third, 'auditors'), ['first', ...others, 'plain', 'plain', 'plain', 'plain'])
    })
  }

  it('enters it no second time after its broker was told to stop while the log was being written', async () => {
    const first = await world.start()
    await delayed(first.client(), 'orders', 'first', world.clock.now() + 5_000)
    await delayed(first.client(), 'orders', 'later', world.clock.now() + 60_000)
    const writing = world.disk.fault({ path: '/log/', operation: 'sync' }, { hold: true })
    await world.clock.advance(5_100)
    while (writing.held === 0) await turns(1)
    const stopped = first.stop()
    await turns()
    writing.cancel()
    await stopped
    const second = await world.start()
    await world.clock.advance(2_000)
    await turns()
    assert.deepEqual(await all(second, 'auditors'), ['first'])
  })
})
