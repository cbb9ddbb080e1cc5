import assert from 'node:assert/strict'
import type { FeatherMQ, Message } from '@feathermq/sdk'
import { it } from 'mocha'
import type { RocketmqStage } from './stage.ts'

/** So many messages, which must come, acknowledged. */
async function several(mq: FeatherMQ, group: string, topic: string, count: number): Promise<Message[]> {
  const consumer = mq.simpleConsumer({ group, subscribe: { [topic]: '*' } })
  const messages: Message[] = []
  for (let receives = 0; messages.length < count && receives < 20; receives += 1) {
    for (const message of await consumer.receive({ max: 32, wait: '20s', invisible: '60s' })) {
      messages.push(message)
      await message.ack()
    }
  }
  return messages
}

/** What several messages in one call must come to with a stock server, which stores them but answers with one entry. */
export function sendingCases(stage: RocketmqStage): void {
  it('sends a list in one request, after which each message is there once, under the id of its receipt', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const producer = mq.producer({ topics: [topic] })
    const bodies = Array.from({ length: 20 }, (_, index) => `m${index}`)
    const receipts = await producer.send(bodies.map((body) => ({ topic, body, tag: 'created', keys: [body], properties: { body } })))
    assert.ok(receipts.every(({ attempts, maybeDuplicate }) => attempts === 1 && !maybeDuplicate))
    // One more, to see that nothing comes after the twenty.
    await producer.send({ topic, body: 'last' })
    const got = await several(mq, group, topic, 21)
    assert.deepEqual(
      got
        .filter((message) => message.text() !== 'last')
        .map((message) => [message.text(), message.messageId, message.tag, message.keys, message.properties['body']])
        .sort(),
      bodies.map((body, index) => [body, receipts[index]?.messageId, 'created', [body], body]).sort(),
    )
    assert.equal(got.length, 21)
  })

  it('sends a list of several message groups, each of which keeps its order', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'FIFO' }), await stage.group({ ordered: true }), stage.client()]
    const messages = Array.from({ length: 10 }, (_, index) => index).flatMap((index) =>
      ['ann', 'bob', 'cem'].map((messageGroup) => ({ topic, body: `${messageGroup} ${index}`, messageGroup })),
    )
    await mq.producer().send(messages)
    const got: string[] = []
    for await (const message of mq.consumer({ group, subscribe: { [topic]: '*' }, ordered: true }).messages()) {
      got.push(message.text())
      await message.ack()
      if (got.length === messages.length) break
    }
    for (const customer of ['ann', 'bob', 'cem']) {
      assert.deepEqual(
        got.filter((text) => text.startsWith(customer)),
        Array.from({ length: 10 }, (_, index) => `${customer} ${index}`),
      )
    }
  })

  it('sends a list of delayed messages', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'DELAY' }), await stage.group(), stage.client()]
    const deliverAt = Date.now() + 1_500
    await mq.producer().send(['a', 'b', 'c'].map((body) => ({ topic, body, deliverAt })))
    const got = await several(mq, group, topic, 3)
    assert.ok(Date.now() >= deliverAt)
    assert.deepEqual(got.map((message) => message.text()).sort(), ['a', 'b', 'c'])
  })

  it('sends a list in which one message is bad: that one alone fails', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'DELAY' }), await stage.group(), stage.client()]
    const inTime = { topic, body: 'in time', deliverAfter: '1s' as const }
    await assert.rejects(mq.producer().send([inTime, { ...inTime, deliverAfter: '400d' }]), (error: unknown) => {
      const { code, results } = error as {
        readonly code: string
        readonly results: readonly { readonly ok: boolean; readonly error?: { readonly code: string } }[]
      }
      assert.deepEqual([code, results.map((result) => (result.ok ? 'OK' : result.error?.code))], ['SEND_INCOMPLETE', ['OK', 'ILLEGAL_DELIVERY_TIME']])
      return true
    })
    const [got] = await several(mq, group, topic, 1)
    assert.equal(got?.text(), 'in time')
  })

  it('lets sends of a topic travel together', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const producer = mq.producer({ topics: [topic], linger: '20ms' })
    const bodies = Array.from({ length: 150 }, (_, index) => `m${index}`)
    const receipts = await Promise.all(bodies.map((body) => producer.send({ topic, body })))
    const got = await several(mq, group, topic, 150)
    assert.deepEqual(got.map(({ messageId }) => messageId).sort(), receipts.map(({ messageId }) => messageId).sort())
  })
}
