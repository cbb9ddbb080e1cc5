import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { bytes, type OfficialStage, text } from '../official-stage.ts'

export function asPushConsumer({ traits, broker, producer, simple, push }: OfficialStage): void {
  // Some clients count a retry's wait in whole seconds, or misread it: all of them ask for next to none here.
  const retry = ['20ms'] as const

  describe('as push consumer', () => {
    it('gets each message once and acknowledges it', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      const sent = new Set<string>()
      for (let index = 0; index < 40; index += 1) sent.add((await from.send({ topic: 'orders', body: bytes(`m${index}`) })).messageId)
      for (let index = 0; index < 40; index += 1) {
        const { message, answer } = await to.next()
        assert.ok(sent.delete(message.messageId), 'a message came twice, or was never sent')
        answer(true)
      }
      // Where its shutdown waits for the open long poll, the clock ends the poll.
      await to.shutdown(() => clock.advance('30s'))
      assert.equal(to.unread, 0)
      const after = await simple({ endpoints, group: 'billing', topic: 'orders', wait: 100 })
      await clock.advance('1h')
      assert.deepEqual(await after.receive(32, 30_000), [], 'a message was not acknowledged')
    })

    it('gets a message again after its listener failed, with the next attempt', async () => {
      const { endpoints } = await broker({ groups: { billing: { retry } } })
      const from = await producer(endpoints, 'orders')
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      await from.send({ topic: 'orders', body: bytes('x') })
      for (const attempt of [1, 2, 3]) {
        const { message, answer } = await to.next()
        assert.equal(message.attempt, attempt)
        answer(attempt === 3)
      }
    })

    it('finds a message that failed too often in the dead-letter topic', async () => {
      const { endpoints } = await broker({ groups: { billing: { maxAttempts: 3, retry } } })
      // It is there before the first dead letter.
      const undertaker = await simple({ endpoints, group: 'undertaker', topic: '%DLQ%billing', wait: 20_000 })
      const from = await producer(endpoints, 'orders')
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      const { messageId } = await from.send({ topic: 'orders', body: bytes('poison'), tag: 'created', keys: ['o-1'] })
      for (const attempt of [1, 2, 3]) {
        const { message, answer } = await to.next()
        assert.equal(message.attempt, attempt)
        answer(false)
      }
      const [dead] = await undertaker.receive(1, 30_000)
      assert.ok(dead !== undefined)
      assert.deepEqual([text(dead.body), dead.tag, dead.keys, dead.messageId], ['poison', 'created', ['o-1'], messageId])
      await undertaker.ack(dead)
      assert.equal(to.unread, 0)
    })

    it('handles one message group in order, the next message only after the last was acknowledged', async () => {
      const { endpoints } = await broker({ groups: { billing: { ordered: true } } })
      const from = await producer(endpoints, 'orders')
      for (let index = 0; index < 12; index += 1) await from.send({ topic: 'orders', body: bytes(`m${index}`), messageGroup: 'customer-7' })
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      for (let index = 0; index < 12; index += 1) {
        const { message, answer } = await to.next()
        assert.equal(text(message.body), `m${index}`)
        assert.equal(to.unread, 0, 'two messages of one group at once')
        answer(true)
      }
    })

    const { orderedAttempts } = traits
    if (orderedAttempts !== undefined) {
      it('retries an ordered message before the next of its group', async () => {
        const { endpoints } = await broker({ groups: { billing: { ordered: true, retry } } })
        const from = await producer(endpoints, 'orders')
        for (const body of ['first', 'second']) await from.send({ topic: 'orders', body: bytes(body), messageGroup: 'customer-7' })
        const to = await push({ endpoints, group: 'billing', topic: 'orders' })
        for (const [index, attempt] of orderedAttempts.entries()) {
          const { message, answer } = await to.next()
          assert.deepEqual([text(message.body), message.attempt], ['first', attempt])
          answer(index === orderedAttempts.length - 1)
        }
        const { message, answer } = await to.next()
        assert.deepEqual([text(message.body), message.attempt], ['second', 1])
        answer(true)
      })
    }

    it('gives up an ordered message that failed too often: it is in the dead-letter topic, and the next of its group comes', async () => {
      const { endpoints } = await broker({ groups: { billing: { ordered: true, maxAttempts: 2, retry } } })
      const from = await producer(endpoints, 'orders')
      for (const body of ['first', 'second']) await from.send({ topic: 'orders', body: bytes(body), messageGroup: 'customer-7' })
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      let failures = 0
      let arrival = await to.next()
      for (; text(arrival.message.body) === 'first'; arrival = await to.next()) {
        arrival.answer(false)
        failures += 1
      }
      assert.equal(failures, orderedAttempts === undefined ? 1 : 2)
      assert.equal(text(arrival.message.body), 'second')
      arrival.answer(true)
      const undertaker = await simple({ endpoints, group: 'undertaker', topic: '%DLQ%billing' })
      const dead = await undertaker.receive(16, 30_000)
      assert.deepEqual(
        dead.map(({ body }) => text(body)),
        ['first'],
      )
    })

    it('that is killed gives its messages back once, to another consumer', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const doomed = await push({ endpoints, group: 'billing', topic: 'orders', alone: true })
      await from.send({ topic: 'orders', body: bytes('x') })
      const { message } = await doomed.next()
      await doomed.kill()
      const other = await simple({ endpoints, group: 'billing', topic: 'orders', wait: 20_000 })
      // Ten seconds for the client to come back, one more until what it held returns.
      await clock.advance('12s')
      const again = await other.receive(16, 30_000)
      assert.deepEqual(
        again.map(({ messageId, attempt }) => [messageId, attempt]),
        [[message.messageId, 2]],
      )
      for (const each of again) await other.ack(each)
    })
  })
}
