import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { checkDigest } from '@feathermq/protocol'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { end } from '../handlers/test-kit/kept.ts'
import type { RawMessage } from '../testing/raw-client.ts'
import { dumpData, repairData, verifyData } from './inspection.ts'
import { type BrokerLife, BrokerWorld, DATA } from './test-kit/broker-world.ts'
import { type FormatFixture, place } from './test-kit/format-fixture.ts'

/** Written when digests were MD5s. */
const old = JSON.parse(readFileSync(new URL('test-kit/formats/format-1.json', import.meta.url), 'utf8')) as FormatFixture

/** Body and kind of digest of each, by its body. Each digest is right. */
function digests(messages: readonly RawMessage[]): readonly (readonly [string, unknown])[] {
  return messages
    .map(({ body, message }) => {
      const digest = message.systemProperties?.bodyDigest
      assert.equal(checkDigest(message.body, digest), 'intact', `the digest of "${body}" does not fit it`)
      return [body, digest?.type] as const
    })
    .sort()
}

describe('messages that were stored with an MD5 as their digest', () => {
  for (const ended of ['stopped', 'killed'] as const) {
    describe(`by a broker that was ${ended}`, () => {
      let world: BrokerWorld
      beforeEach(async () => {
        world = new BrokerWorld()
        await place(world.disk.files, old.directories[ended])
        await world.clock.advance('400d')
      })
      afterEach(() => world.close())

      /** Also after months it throws nothing away. */
      const start = () => world.start({ retention: { time: '36500d' } })
      const segments = (): readonly (readonly [string, number])[] =>
        world.disk.paths
          .filter((path) => path.endsWith('.log'))
          .map((path) => [path, Buffer.from(world.disk.peek(path) ?? []).readUInt32LE(8)] as const)
      const receive = (life: BrokerLife) => life.client().receive('orders', 'billing', { max: 32, invisible: '10m' })

      it('keep it, also those that had to wait for their time, beside new ones that have a SHA1, in a segment of their own', async () => {
        const [first] = segments()
        assert.equal(first?.[1], 1)
        let life = await start()
        assert.equal(await life.client().send('orders', 'new'), 'OK')
        const { transactionId } = old.handles[ended]
        await end(life.client(), { topic: 'orders', messageId: 'half', transactionId }, 'COMMIT')
        const all = [
          ['delayed', 'MD5'],
          ['half', 'MD5'],
          ['held', 'MD5'],
          ['new', 'SHA1'],
          ['open', 'MD5'],
        ]
        for (const how of ['stop', 'kill', 'power'] as const) {
          await world.clock.advance('2h')
          assert.deepEqual(digests(await receive(life)), all)
          if (how === 'stop') await life.stop()
          else life.crash(how)
          life = await start()
        }
        assert.deepEqual(
          segments().map(([, version]) => version),
          [
            1,
            ...segments()
              .slice(1)
              .map(() => 2),
          ],
        )
        assert.ok(segments().length > 1)
      })

      it('are not for an older version any more, which is told so, once new ones may wait beside them for their time', async () => {
        const version = () => Buffer.from(world.disk.peek(`${DATA}/timed/format`) ?? []).readUInt32LE(8)
        assert.equal(version(), 1)
        await start()
        assert.equal(version(), 2)
      })

      it('are verified, printed and left in place by a repair, beside new ones', async () => {
        const life = await start()
        assert.equal(await life.client().send('orders', 'new'), 'OK')
        await life.stop()
        const inspection = { files: world.disk.files, folder: DATA, clock: world.clock }
        const bodies = async (): Promise<string[]> => {
          const found: string[] = []
          const findings = await dumpData({ ...inspection, topic: 'orders', body: true }, ({ body }) => {
            found.push(Buffer.from(body ?? '', 'base64').toString())
          })
          assert.deepEqual(findings, [])
          return found.sort()
        }
        const before = await bodies()
        assert.ok(before.includes('held') && before.includes('new'))
        const verified = await verifyData(inspection)
        assert.deepEqual([verified.findings, verified.segments], [[], segments().length])
        assert.deepEqual(await repairData(inspection), [])
        assert.deepEqual(await bodies(), before)
      })

      it('keep it where they are moved, because they are still needed when their segment is old enough to go', async () => {
        const [first] = segments()
        const life = await world.start({ retention: { time: '72h' } })
        await world.clock.advance('2h')
        assert.deepEqual(segments().includes(first ?? assert.fail()), false)
        assert.deepEqual(digests(await receive(life)), [
          ['delayed', 'MD5'],
          ['held', 'MD5'],
          ['open', 'MD5'],
        ])
      })
    })
  }
})
