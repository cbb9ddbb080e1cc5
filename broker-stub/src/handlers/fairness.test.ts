import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type BrokerLife, BrokerWorld } from '../data/test-kit/broker-world.ts'
import type { RawClient } from '../testing/raw-client.ts'
import { startBroker } from '../testing/start-broker.ts'

const MIB = 1024 * 1024

describe('a producer that floods the broker', () => {
  let world: BrokerWorld
  let life: BrokerLife
  beforeEach(async () => {
    world = new BrokerWorld()
    life = await world.start()
    // Its topic is there.
    await life.client('early').send('orders', 'x')
  })
  afterEach(() => world.close())

  /** Sends until it is refused. @returns the answers to all of its sends. */
  async function flood(client: RawClient, body: string): Promise<Promise<unknown>[]> {
    const answers: Promise<unknown>[] = []
    let refused = false
    while (!refused) {
      const answer = client.send('orders', body)
      answers.push(answer)
      void answer.then((code) => {
        refused ||= code === 'TOO_MANY_REQUESTS'
      })
      await new Promise((resolve) => setImmediate(resolve))
      assert.ok(answers.length < 1_000, 'it is never refused')
    }
    return answers
  }

  it('is told to wait while others find room, however slow the disk is, and each of those that flood it as well', async () => {
    const slow = world.disk.fault({ operation: 'sync', path: '.log' }, { hold: true })
    const [first, second] = [await flood(life.client('first'), 'x'.repeat(MIB)), await flood(life.client('second'), 'x'.repeat(MIB))]
    assert.ok(first.length > 40 && first.length < 52, `the first one had ${first.length} of 64`)
    assert.ok(second.length > 8 && second.length < 16, `the second one had ${second.length} of 64`)
    const polite = Array.from({ length: 20 }, (_, n) => life.client(`polite-${n}`).send('orders', 'y'.repeat(10_000)))
    let answered = 0
    for (const answer of polite) void answer.then(() => answered++)
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    assert.equal(answered, 0, 'none of them was refused')
    slow.cancel()
    assert.deepEqual(new Set(await Promise.all(polite)), new Set(['OK']))
    // A few were on their way when the first was refused.
    assert.ok((await Promise.all(first)).filter((code) => code === 'OK').length >= first.length - 5)
    assert.equal(await life.client('first').send('orders', 'x'.repeat(MIB)), 'OK', 'it may go on')
  })

  it('may have as much again once its messages are written, also when they could not be', async () => {
    const client = life.client('first')
    for (const effect of [{ hold: true }, { fail: 'EIO' }] as const) {
      const slow = world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, { hold: true })
      const answers = await flood(client, 'x'.repeat(MIB))
      if ('fail' in effect) world.disk.fault({ operation: 'sync', path: '.log', times: 1 }, effect)
      slow.cancel()
      await Promise.all(answers)
      await world.clock.advance('2s')
      assert.ok(answers.length > 40, String(answers.length))
    }
    assert.equal(await client.send('orders', 'x'), 'OK')
  })

  it('does not hold up others: over sockets, a message of another client and topic is there long before the flood is', async () => {
    await using broker = await startBroker()
    const flooder = broker.rawClient('flooder')
    const quiet = broker.rawClient('quiet')
    const waiting = broker.rawClient('other').receive('alerts', 'audit', { max: 1, wait: '10s' })
    await flooder.send('orders', 'first')
    let flooded = 0
    const flood = Array.from({ length: 5_000 }, () =>
      flooder.send('orders', 'x'.repeat(4_000)).then(() => {
        flooded++
      }),
    )
    assert.equal(await quiet.send('alerts', 'fire'), 'OK')
    assert.deepEqual(
      (await waiting).map(({ body }) => body),
      ['fire'],
    )
    const before = flooded
    await Promise.all(flood)
    assert.ok(before < flood.length / 2, `${before} of ${flood.length} of the flood came before`)
  }).timeout(60_000)
})
