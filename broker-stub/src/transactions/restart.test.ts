import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerLife, BrokerWorld } from '../data/test-kit/broker-world.ts'
import { begin, delayed, end, recall } from '../handlers/test-kit/kept.ts'
import type { RawClient } from '../testing/raw-client.ts'

const OK = 20_000
const UNKNOWN = 40_008

const turns = async (count = 50): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until something of the disk is held. */
async function untilHeld(fault: { readonly held: number }): Promise<void> {
  while (fault.held === 0) await turns(1)
}

/** Ids of the messages that a producer was asked about since it was looked last. */
type Asked = () => string[]

async function producer(client: RawClient, ...topics: string[]): Promise<Asked> {
  const ids: string[] = []
  const { next } = await client.telemetry({
    clientType: 'PRODUCER',
    pubSub: { case: 'publishing', value: { topics: topics.map((name) => ({ name })) } },
  })
  const listen = async (): Promise<void> => {
    for (;;) {
      const { command } = await next()
      if (command?.case === 'recoverOrphanedTransactionCommand') ids.push(command.value.message?.systemProperties?.messageId ?? '')
    }
  }
  void listen().catch(() => {})
  return () => ids.splice(0)
}

/** All that a new group finds. */
const all = async (life: BrokerLife, topic = 'orders', group = 'auditors'): Promise<string[]> =>
  (await life.client().receive(topic, group)).map(({ messageId }) => messageId).sort()

const ends = [
  ['was stopped', (life: BrokerLife) => life.stop()],
  ['was killed', (life: BrokerLife) => life.crash('kill')],
  ['lost its power', (life: BrokerLife) => life.crash('power', 'none')],
] as const

for (const [ended, finish] of ends) {
  describe(`a broker that ${ended} and is started again`, () => {
    let world: BrokerWorld
    beforeEach(() => {
      world = new BrokerWorld()
    })
    afterEach(async () => {
      await world.close()
      assert.deepEqual(world.disk.misuses, [])
      assert.equal(world.disk.openFiles, 0)
    })

    it('goes on with the transactions that had not ended, and with no others', async () => {
      const first = await world.start()
      const client = first.client()
      const [a, b, c, d, e] = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((messageId) => begin(client, 'orders', 'x', { messageId })))
      assert.ok(a && b && c && d && e)
      assert.equal((await end(client, a, 'COMMIT')).code, OK)
      assert.equal((await end(client, b, 'ROLLBACK')).code, OK)
      assert.equal((await end(client, e, 'TRANSACTION_RESOLUTION_UNSPECIFIED')).code, OK)
      await finish(first)

      const second = await world.start()
      const later = second.client()
      assert.deepEqual(await all(second), ['a'])
      assert.equal((await end(later, b, 'COMMIT')).code, UNKNOWN)
      assert.equal((await end(later, a, 'ROLLBACK')).code, UNKNOWN)
      assert.equal((await end(later, c, 'COMMIT')).code, OK)
      assert.equal((await end(later, d, 'ROLLBACK')).code, OK)
      assert.equal((await end(later, e, 'COMMIT')).code, OK)
      assert.deepEqual(await all(second, 'orders', 'others'), ['a', 'c', 'e'])
      await finish(second)

      const third = await world.start()
      assert.deepEqual(await all(third, 'orders', 'more'), ['a', 'c', 'e'])
      assert.equal((await end(third.client(), c, 'ROLLBACK')).code, UNKNOWN)
      assert.deepEqual(third.errors, [])
    })

    if (ended !== 'lost its power') {
      it('ends them once more the way they ended, and no other way', async () => {
        let life = await world.start()
        const client = life.client()
        const [a, b] = await Promise.all(['a', 'b'].map((messageId) => begin(client, 'orders', 'x', { messageId })))
        assert.ok(a && b)
        assert.equal((await end(client, a, 'COMMIT')).code, OK)
        assert.equal((await end(client, b, 'ROLLBACK')).code, OK)
        for (let start = 0; start < 2; start++) {
          await finish(life)
          life = await world.start()
          const later = life.client()
          assert.deepEqual([(await end(later, a, 'COMMIT')).code, (await end(later, b, 'ROLLBACK')).code], [OK, OK])
          assert.deepEqual([(await end(later, a, 'ROLLBACK')).code, (await end(later, b, 'COMMIT')).code], [UNKNOWN, UNKNOWN])
        }
        assert.deepEqual(await all(life), ['a'])
        assert.deepEqual(life.errors, [])
      })
    }

    it('counts them, and the delayed ones', async () => {
      const first = await world.start()
      const client = first.client()
      const [a, b] = await Promise.all(['a', 'b', 'c'].map((messageId) => begin(client, 'orders', 'x', { messageId })))
      assert.ok(a && b)
      await delayed(client, 'orders', 'later', world.clock.now() + 60_000)
      await end(client, a, 'COMMIT')
      await end(client, b, 'ROLLBACK')
      const counts = ({ broker: { context } }: BrokerLife): unknown => [
        context.halves(context.registry.topic('orders')?.id ?? 0),
        context.delivery.topicStats('orders')?.delayed,
      ]
      assert.deepEqual(counts(first), [1, 1])
      // They are numbers for people: the last second of them may go with the power.
      await world.clock.advance('2s')
      await finish(first)
      const second = await world.start()
      assert.deepEqual(counts(second), [1, 1])
    })

    it('asks about them when it is time, also when that came while nobody was there', async () => {
      const first = await world.start()
      await begin(first.client(), 'orders', 'x', { messageId: 'a' })
      await world.clock.advance('4s')
      await finish(first)
      const second = await world.start()
      const asked = await producer(second.client('p'), 'orders')
      await world.clock.advance(1_980)
      assert.deepEqual(asked(), [])
      await world.clock.advance(50)
      assert.deepEqual(asked(), ['a'])
      await finish(second)
      await world.clock.advance('2h')
      const third = await world.start()
      const late = await producer(third.client('p'), 'orders')
      await world.clock.advance(50)
      assert.deepEqual(late(), ['a'])
    })

    it('goes on counting how often it asked', async () => {
      const settings = { transactions: { firstCheck: '1s', checkInterval: '2s', maxChecks: 3 } } as const
      let life = await world.start(settings)
      const half = await begin(life.client(), 'orders', 'x', { messageId: 'a' })
      let checks = 0
      for (let start = 0; start < 3; start++) {
        const asked = await producer(life.client('p'), 'orders')
        await world.clock.advance(2_100)
        await turns()
        checks += asked().length
        await finish(life)
        life = await world.start(settings)
      }
      await producer(life.client('p'), 'orders')
      await world.clock.advance(2_100)
      assert.equal(checks, 3)
      assert.equal(life.broker.context.transactions.stats.givenUp, 1)
      assert.equal((await end(life.client(), half, 'COMMIT')).code, UNKNOWN)
    })

    it('takes delayed messages back by the handles that it gave before, and forgets none that were taken back', async () => {
      const first = await world.start()
      const client = first.client()
      const at = world.clock.now() + 7_200_000
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => delayed(client, 'orders', id, at)))
      assert.ok(a && b && c)
      assert.equal((await recall(client, 'orders', a)).code, OK)
      await finish(first)

      const second = await world.start()
      const later = second.client()
      // A number for people: the last second of it may be lost with the power.
      if (ended !== 'lost its power') assert.equal(second.broker.context.delivery.topicStats('orders')?.delayed, 2)
      for (const [handle, messageId] of [
        [a, 'a'],
        [b, 'b'],
        [b, 'b'],
      ] as const) {
        assert.deepEqual(await recall(later, 'orders', handle), { code: OK, text: 'OK', messageId })
      }
      await finish(second)

      const third = await world.start()
      await world.clock.advance('3h')
      assert.deepEqual(await all(third), ['c'])
      for (const handle of [a, b, c]) assert.equal((await recall(third.client(), 'orders', handle)).code, 40_000)
    })
  })
}

describe('a broker that ends between the two writes of a commit', () => {
  let world: BrokerWorld
  beforeEach(() => {
    world = new BrokerWorld()
  })
  afterEach(async () => {
    await world.close()
    assert.deepEqual(world.disk.misuses, [])
  })

  for (const kind of ['kill', 'power'] as const) {
    for (const resolution of ['COMMIT', 'ROLLBACK'] as const) {
      it(`(${kind}) has the message once, whatever is said later, here ${resolution}, and asks nobody about it`, async () => {
        const first = await world.start()
        const half = await begin(first.client(), 'orders', 'x', { messageId: 'a' })
        const ends = world.disk.fault({ operation: ['write', 'writeNow', 'sync', 'create'], path: '/timed/' }, { hold: true })
        assert.equal((await end(first.client(), half, 'COMMIT')).code, OK)
        await untilHeld(ends)
        first.crash(kind, 'none')
        ends.cancel()

        const second = await world.start()
        const asked = await producer(second.client('p'), 'orders')
        assert.deepEqual(await all(second), ['a'])
        assert.equal((await end(second.client(), half, resolution)).code, kind === 'kill' && resolution === 'COMMIT' ? OK : UNKNOWN)
        await world.clock.advance('10m')
        assert.deepEqual(asked(), [])
        assert.deepEqual(await all(second, 'orders', 'others'), ['a'])
        await second.stop()

        const third = await world.start()
        assert.deepEqual(await all(third, 'orders', 'more'), ['a'])
        // How it ended is known like all else of the state: a loss of power may take the last second of it.
        assert.equal((await end(third.client(), half, 'COMMIT')).code, kind === 'kill' ? OK : UNKNOWN)
      })
    }

    it(`(${kind}) knows of it also when it is never ended again, and many times over`, async () => {
      let life = await world.start()
      const half = await begin(life.client(), 'orders', 'x', { messageId: 'a' })
      assert.ok(half.transactionId !== '')
      const ends = world.disk.fault({ operation: ['write', 'writeNow', 'sync', 'create'], path: '/timed/' }, { hold: true })
      assert.equal((await end(life.client(), half, 'COMMIT')).code, OK)
      for (let start = 0; start < 3; start++) {
        await untilHeld(ends)
        life.crash(kind, 'none')
        life = await world.start()
        await world.clock.advance('10s')
      }
      ends.cancel()
      const asked = await producer(life.client('p'), 'orders')
      await world.clock.advance('10m')
      assert.deepEqual([asked(), await all(life)], [[], ['a']])
    })
  }

  it('goes on with it when the message was not in the log yet', async () => {
    const first = await world.start()
    const half = await begin(first.client(), 'orders', 'x', { messageId: 'a' })
    const log = world.disk.fault({ operation: ['write', 'writeNow', 'sync'], path: '/log/' }, { hold: true })
    const lost = end(first.client(), half, 'COMMIT').then(
      ({ code }) => code,
      () => 'lost',
    )
    await untilHeld(log)
    first.crash('power', 'none')
    assert.equal(await lost, 'lost')
    log.cancel()
    const second = await world.start()
    assert.deepEqual(await all(second), [])
    assert.equal((await end(second.client(), half, 'COMMIT')).code, OK)
    assert.deepEqual(await all(second, 'orders', 'others'), ['a'])
  })

  it('waits with the end of a clean stop for what is being committed', async () => {
    const first = await world.start()
    const half = await begin(first.client(), 'orders', 'x', { messageId: 'a' })
    const committing = end(first.client(), half, 'COMMIT').catch(() => {})
    await first.stop()
    await committing
    const second = await world.start()
    const committed = await all(second)
    assert.deepEqual(await end(second.client(), half, 'COMMIT').then(({ code }) => code), committed.length === 1 ? UNKNOWN : OK)
    assert.deepEqual(await all(second, 'orders', 'others'), ['a'])
  })
})

describe('a broker whose disk fails', () => {
  it('says that a transaction goes on when its message could not be stored, and it does', async () => {
    const world = new BrokerWorld()
    try {
      const life = await world.start()
      const client = life.client()
      const half = await begin(client, 'orders', 'x', { messageId: 'a' })
      const failing = world.disk.fault({ operation: 'sync', path: '/log/' }, { fail: 'EIO' })
      assert.equal((await end(client, half, 'COMMIT')).code, 50_401)
      failing.cancel()
      await world.clock.advance('2s')
      assert.deepEqual(await all(life), [])
      assert.equal((await end(client, half, 'COMMIT')).code, OK)
      assert.deepEqual(await all(life, 'orders', 'others'), ['a'])
    } finally {
      await world.close()
    }
  })

  it('answers a commit whose half it cannot end yet, ends it when it can, and asks nobody about it', async () => {
    const world = new BrokerWorld()
    try {
      const life = await world.start()
      const client = life.client()
      const asked = await producer(life.client('p'), 'orders')
      const half = await begin(client, 'orders', 'x', { messageId: 'a' })
      const failing = world.disk.fault({ operation: 'sync', path: '/timed/' }, { fail: 'EIO' })
      assert.equal((await end(client, half, 'COMMIT')).code, OK)
      await world.clock.advance('20s')
      failing.cancel()
      await world.clock.advance('20s')
      assert.deepEqual([asked(), await all(life)], [[], ['a']])
      await life.stop()
      const next = await world.start()
      assert.deepEqual(await all(next, 'orders', 'others'), ['a'])
      assert.equal((await end(next.client(), half, 'ROLLBACK')).code, UNKNOWN)
    } finally {
      await world.close()
    }
  })

  it('says that a recall or a rollback was not written, and that is done when it is said again', async () => {
    const world = new BrokerWorld()
    try {
      const life = await world.start()
      const client = life.client()
      const half = await begin(client, 'orders', 'x')
      const handle = await delayed(client, 'orders', 'later', world.clock.now() + 60_000)
      const failing = world.disk.fault({ operation: 'sync', path: '/timed/' }, { fail: 'EIO' })
      assert.equal((await end(client, half, 'ROLLBACK')).code, 50_401)
      assert.equal((await recall(client, 'orders', handle)).code, 50_401)
      failing.cancel()
      await world.clock.advance('2s')
      assert.equal((await end(client, half, 'ROLLBACK')).code, OK)
      assert.equal((await recall(client, 'orders', handle)).code, OK)
      await world.clock.advance('2m')
      assert.deepEqual(await all(life), [])
    } finally {
      await world.close()
    }
  })
})
