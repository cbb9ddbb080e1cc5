import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { events } from '../../../support/stage.ts'
import { bytes, type OfficialStage } from '../official-stage.ts'

export function besideOurSdk({ traits, broker, ours, producer, simple, push }: OfficialStage): void {
  describe('beside our SDK', () => {
    it('its messages reach our consumer, large ones too', async () => {
      const started = await broker()
      const from = await producer(started.endpoints, 'orders')
      const got = events<{ id: string; size: number; tag: string | undefined; group: string | undefined }>()
      const mq = ours(started)
      const running = mq
        .consumer({ group: 'billing', subscribe: { orders: '*' } })
        .run(async ({ messageId, body, tag, messageGroup }) => got.push({ id: messageId, size: body.length, tag, group: messageGroup }))
      const small = await from.send({ topic: 'orders', body: bytes('x'), tag: 'created' })
      assert.deepEqual(await got.next(), { id: small.messageId, size: 1, tag: 'created', group: undefined })
      const ordered = await from.send({ topic: 'orders', body: bytes('y'), messageGroup: 'customer-7' })
      assert.deepEqual(await got.next(), { id: ordered.messageId, size: 1, tag: undefined, group: 'customer-7' })
      // The most that a body may have.
      const large = await from.send({ topic: 'orders', body: new Uint8Array(4 * 1024 * 1024).fill(7) })
      assert.deepEqual(await got.next(), { id: large.messageId, size: 4 * 1024 * 1024, tag: undefined, group: undefined })
      await mq.close()
      await running
    })

    it('our messages reach its simple consumer and its push consumer', async () => {
      const started = await broker()
      const sender = ours(started).producer({ topics: ['orders'] })
      const body = new Uint8Array(traits.largestReceived).map((_, index) => index * 31)
      const receipt = await sender.send({ topic: 'orders', body, tag: 'created', keys: ['o-1'], properties: { tenant: 'ä' } })
      const to = await simple({ endpoints: started.endpoints, group: 'billing', topic: 'orders' })
      const [message] = await to.receive(1, 30_000)
      assert.ok(message !== undefined)
      assert.deepEqual(
        [message.messageId, message.tag, message.keys, message.properties['tenant'], message.corrupted],
        [receipt.messageId, 'created', ['o-1'], 'ä', false],
      )
      assert.ok(Buffer.from(body).equals(message.body))
      await to.ack(message)

      const pushed = await push({ endpoints: started.endpoints, group: 'audit', topic: 'orders' })
      const { message: same, answer } = await pushed.next()
      assert.equal(same.messageId, receipt.messageId)
      answer(true)
    })

    it('shares a consumer group with it, each message going to one of both', async () => {
      const started = await broker()
      const from = await producer(started.endpoints, 'orders')
      const got = events<string>()
      const mq = ours(started)
      const running = mq
        .consumer({ group: 'billing', subscribe: { orders: '*' } })
        .run(async ({ messageId }) => got.push(messageId), { concurrency: 1 })
      const to = await push({ endpoints: started.endpoints, group: 'billing', topic: 'orders' })
      const theirs = (async () => {
        for (;;) {
          const { message, answer } = await to.next()
          answer(true)
          got.push(message.messageId)
        }
      })()
      theirs.catch(() => {})
      const sent: string[] = []
      for (let index = 0; index < 60; index += 1) sent.push((await from.send({ topic: 'orders', body: bytes(`m${index}`) })).messageId)
      const received = await got.take(60)
      assert.deepEqual([...received].sort(), [...sent].sort())
      await mq.close()
      await running
    })
  })
}
