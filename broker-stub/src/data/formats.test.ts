import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { end } from '../handlers/test-kit/kept.ts'
import type { RawMessage } from '../testing/raw-client.ts'
import { BrokerWorld } from './test-kit/broker-world.ts'
import { type FormatFixture, place } from './test-kit/format-fixture.ts'

const OK = 20_000
const formats = new URL('test-kit/formats/', import.meta.url)

const seen = (messages: readonly RawMessage[]): readonly (readonly [body: string, attempt: number])[] =>
  messages.map(({ body, deliveryAttempt }) => [body, deliveryAttempt] as const).sort()

for (const name of readdirSync(formats).sort()) {
  const fixture = JSON.parse(readFileSync(new URL(name, formats), 'utf8')) as FormatFixture
  for (const ended of ['stopped', 'killed'] as const) {
    describe(`a data directory of ${name.replace('.json', '')}, whose broker was ${ended}`, () => {
      let world: BrokerWorld
      beforeEach(async () => {
        world = new BrokerWorld()
        await place(world.disk.files, fixture.directories[ended])
      })
      afterEach(async () => {
        await world.close()
        assert.deepEqual(world.disk.misuses, [])
      })

      it('is opened with all that there is in it, and goes on', async () => {
        // It was written long ago, whenever this runs.
        await world.clock.advance('400d')
        const life = await world.start({ retention: { time: '36500d' } })
        const { registry, delivery } = life.broker.context
        assert.deepEqual(
          registry.topics().map(({ name: topic, queues, types }) => [topic, queues, types.length]),
          [
            ['orders', 2, 4],
            ['alerts', 3, 1],
            ['sequence', 4, 4],
            ['%DLQ%billing', 1, 1],
          ],
        )
        assert.deepEqual(
          registry.groups().map(({ name: group, ordered, paused, maxAttempts }) => [group, ordered, paused, maxAttempts]),
          [
            ['billing', false, false, 5],
            ['ledger', true, false, 17],
            ['idle', false, true, 17],
          ],
        )
        const client = life.client()
        // Nobody asks for it any more, so that it is given up within the hour.
        const { transactionId } = fixture.handles[ended]
        assert.equal((await end(client, { topic: 'orders', messageId: 'half', transactionId }, 'COMMIT')).code, OK)
        // All leases are over, and the delayed message is due.
        await world.clock.advance('2h')
        assert.deepEqual(seen(await client.receive('orders', 'billing', { max: 32, invisible: '10m' })), [
          ['delayed', 1],
          ['half', 1],
          ['held', 2],
          ['open', 2],
        ])
        assert.deepEqual(seen(await client.receive('%DLQ%billing', 'auditors')), [['given up', 1]])
        assert.deepEqual(
          (await client.receive('alerts', 'billing')).map(({ body }) => body),
          ['priority 2', 'priority 0'],
        )
        const run = await client.receive('sequence', 'ledger', { max: 32 })
        assert.deepEqual(
          run.filter(({ body }) => body.startsWith('a')).map(({ body }) => body),
          ['a1', 'a2'],
        )
        assert.equal(run.filter(({ deliveryAttempt }) => deliveryAttempt === 2).length, 1)
        assert.equal(await client.send('orders', 'after'), 'OK')
        assert.deepEqual(seen(await client.receive('orders', 'billing')), [['after', 1]])
        assert.equal(delivery.topicStats('orders')?.delayed, 0)
        assert.deepEqual(life.errors, [])
      })
    })
  }
}
