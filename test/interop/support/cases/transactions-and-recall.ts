import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { OfficialError } from '../../../support/official/wire.ts'
import { bytes, type OfficialStage, text } from '../official-stage.ts'

/** What official clients do with transactions and recall. */
export function transactionsAndRecall({ broker, producer, simple }: OfficialStage): void {
  describe('with transactions', () => {
    it('shows a message when it is committed, and none that is rolled back', async () => {
      const { endpoints } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await simple({ endpoints, group: 'billing', topic: 'orders' })
      await from.send({ topic: 'orders', body: bytes('dropped'), transaction: 'rollback' })
      const { messageId } = await from.send({ topic: 'orders', body: bytes('kept'), tag: 'paid', keys: ['o-1'], transaction: 'commit' })
      const [message, ...others] = await to.receive(16, 30_000)
      assert.ok(message !== undefined)
      assert.deepEqual([text(message.body), message.messageId, message.tag, message.keys, others.length], ['kept', messageId, 'paid', ['o-1'], 0])
      await to.ack(message)
    })

    it('answers when it is asked about one that nobody ended', async () => {
      const { endpoints, clock, broker: served } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await simple({ endpoints, group: 'billing', topic: 'orders' })
      for (const answer of ['rollback', 'commit']) {
        await from.send({ topic: 'orders', body: bytes(answer), properties: { answer }, transaction: 'check' })
      }
      await clock.advance('7s')
      const [message, ...others] = await to.receive(16, 30_000)
      assert.ok(message !== undefined)
      assert.deepEqual([text(message.body), others.length], ['commit', 0])
      await to.ack(message)
      assert.equal(served.context.transactions.stats.checks, 2)
    })
  })

  describe('with recall', () => {
    it('takes a delayed message back before its time, and is told that it is too late behind it', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await simple({ endpoints, group: 'billing', topic: 'orders' })
      const deliverAt = Math.ceil(clock.now() / 1_000) * 1_000 + 60_000
      const taken = await from.send({ topic: 'orders', body: bytes('taken back'), deliverAt })
      const left = await from.send({ topic: 'orders', body: bytes('left'), deliverAt })
      for (let time = 0; time < 2; time++) assert.equal(await from.recall('orders', taken.recallHandle ?? ''), taken.messageId)
      await clock.advance('62s')
      const messages = await to.receive(16, 30_000)
      assert.deepEqual(
        messages.map(({ body }) => text(body)),
        ['left'],
      )
      await assert.rejects(
        from.recall('orders', left.recallHandle ?? ''),
        (error: unknown) => error instanceof OfficialError && /too late|40000/.test(String(error)),
      )
    })
  })
}
