import assert from 'node:assert/strict'
import { type Duration, type FeatherMQ, type Message, PermanentError } from '@feathermq/sdk'
import { it } from 'mocha'
import { events } from '../../support/stage.ts'
import { deadLetters } from './dead-letters.ts'
import type { RocketmqStage } from './stage.ts'

/** One message, which must come. */
async function one(mq: FeatherMQ, group: string, topic: string, invisible: Duration = '60s'): Promise<Message> {
  const [message] = await mq.simpleConsumer({ group, subscribe: { [topic]: '*' } }).receive({ max: 1, wait: '20s', invisible })
  assert.ok(message !== undefined, 'no message within 20 s')
  return message
}

/** What our SDK must do with a stock server. */
export function rocketmqCases(stage: RocketmqStage): void {
  it('sends a message and gets it back with all that it was given', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const body = new Uint8Array([0, 1, 254, 255])
    const sent = await mq.producer().send({ topic, body, tag: 'created', keys: ['o-1', 'o-2'], properties: { 'customer-id': '7', größe: 'XL' } })
    const message = await one(mq, group, topic)
    assert.deepEqual(Buffer.from(message.body), Buffer.from(body))
    assert.deepEqual(
      { id: message.messageId, topic: message.topic, tag: message.tag, keys: message.keys, attempt: message.attempt, offset: message.offset },
      { id: sent.messageId, topic, tag: 'created', keys: ['o-1', 'o-2'], attempt: 1, offset: sent.offset },
    )
    assert.equal(message.properties['customer-id'], '7')
    assert.equal(message.properties['größe'], 'XL')
    await message.ack()
  })

  it('sends and receives a body of 4 MiB', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const body = Buffer.alloc(4 * 1024 * 1024, 'feather')
    await mq.producer().send({ topic, body })
    const message = await one(mq, group, topic)
    assert.ok(body.equals(message.body))
    await message.ack()
  })

  it('handles each of 500 messages that were sent at once exactly once', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const got = events<string>()
    const running = mq.consumer({ group, subscribe: { [topic]: '*' } }).run((message) => got.push(message.text()))
    const producer = mq.producer({ topics: [topic] })
    const bodies = Array.from({ length: 500 }, (_, index) => `m${index}`)
    await Promise.all(bodies.map((body) => producer.send({ topic, body })))
    assert.deepEqual([...(await got.take(500))].sort(), bodies.sort())
    await mq.close()
    await running
    assert.deepEqual(got.waiting, [])
  })

  it('gives a consumer only the tags that it asked for', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const producer = mq.producer({ topics: [topic] })
    for (const tag of ['created', 'deleted', 'paid']) await producer.send({ topic, body: tag, tag })
    const got = events<string>()
    const running = mq.consumer({ group, subscribe: { [topic]: 'created || paid' } }).run((message) => got.push(message.text()))
    assert.deepEqual([...(await got.take(2))].sort(), ['created', 'paid'])
    await mq.close()
    await running
    assert.deepEqual(got.waiting, [])
  })

  it('delivers the messages of each message group in the order in which they were sent, also after one of them failed', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'FIFO' }), await stage.group({ ordered: true }), stage.client()]
    const producer = mq.producer({ topics: [topic] })
    const customers = ['ann', 'bob', 'cem']
    for (let index = 0; index < 20; index += 1) {
      for (const messageGroup of customers) await producer.send({ topic, body: `${messageGroup} ${index}`, messageGroup })
    }
    const got = events<string>()
    let failed = false
    const running = mq.consumer({ group, subscribe: { [topic]: '*' }, ordered: true }).run((message) => {
      if (message.text() === 'bob 3' && !failed) {
        failed = true
        throw new Error('not yet')
      }
      got.push(message.text())
    })
    const all = await got.take(60)
    for (const customer of customers) {
      assert.deepEqual(
        all.filter((text) => text.startsWith(customer)),
        Array.from({ length: 20 }, (_, index) => `${customer} ${index}`),
      )
    }
    await mq.close()
    await running
  })

  it('is told when the group that it wants ordered is not', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'FIFO' }), await stage.group(), stage.client()]
    await assert.rejects(
      mq.consumer({ group, subscribe: { [topic]: '*' }, ordered: true }).run(() => {}),
      { code: 'GROUP_NOT_ORDERED' },
    )
  })

  it('delivers a delayed message when it is due, and not before', async () => {
    const [topic, group, mq] = [await stage.topic({ type: 'DELAY' }), await stage.group(), stage.client()]
    const deliverAt = Date.now() + 1_500
    await mq.producer().send({ topic, body: 'later', deliverAt })
    const message = await one(mq, group, topic)
    assert.ok(Date.now() >= deliverAt)
    assert.equal(message.text(), 'later')
    await message.ack()
  })

  it('gets a message again that a handler threw at, as the next attempt, and not once it has succeeded', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group({ maxRetries: 3 }), stage.client()]
    const attempts = events<readonly [attempt: number, of: number]>()
    const running = mq.consumer({ group, subscribe: { [topic]: '*' } }).run((message, { maxAttempts }) => {
      attempts.push([message.attempt, maxAttempts])
      if (message.attempt === 1) throw new Error('not yet')
    })
    await mq.producer().send({ topic, body: 'x' })
    assert.deepEqual(await attempts.take(2), [
      [1, 4],
      [2, 4],
    ])
    await mq.close()
    await running
    assert.deepEqual(attempts.waiting, [])
  })

  it('a nack and an extension replace what is left of a lease', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    const producer = mq.producer({ topics: [topic] })
    await producer.send({ topic, body: 'nacked' })
    const nacked = await one(mq, group, topic)
    await producer.send({ topic, body: 'extended' })
    const extended = await one(mq, group, topic)
    assert.deepEqual([nacked.text(), extended.text()], ['nacked', 'extended'])
    // Both were leased for a minute; they could not come within the 20 s that `one` waits.
    await Promise.all([nacked.nack('1s'), extended.extend('1s')])
    const again = [await one(mq, group, topic), await one(mq, group, topic)]
    assert.deepEqual(again.map((message) => [message.text(), message.attempt]).sort(), [
      ['extended', 2],
      ['nacked', 2],
    ])
    await Promise.all(again.map((message) => message.ack()))
  })

  // The shortest lease that a stock server gives is 10 s.
  if (process.env['FEATHERMQ_LONG'] === '1') {
    it('gets a message again whose lease ends, but neither one that was acknowledged nor one whose lease was extended', async () => {
      const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
      const producer = mq.producer({ topics: [topic] })
      const leased: Message[] = []
      for (const body of ['done', 'kept', 'left']) {
        await producer.send({ topic, body })
        leased.push(await one(mq, group, topic, '10s'))
      }
      const [done, kept] = leased
      await Promise.all([done?.ack(), kept?.extend('60s')])
      const again = await one(mq, group, topic)
      assert.deepEqual([again.text(), again.attempt], ['left', 2])
      assert.deepEqual(await mq.simpleConsumer({ group, subscribe: { [topic]: '*' } }).receive({ max: 1, wait: '5s', invisible: '60s' }), [])
    })
  }

  it('acknowledges after an extension, by the receipt handle that came with it', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client()]
    await mq.producer().send({ topic, body: 'x' })
    const message = await one(mq, group, topic)
    await message.extend('20s')
    await message.extend('30s')
    await message.ack()
  })

  it('deadLetter() and PermanentError move a message to the dead-letter topic', async () => {
    const [topic, group, undertaker, mq] = [await stage.topic(), await stage.group(), await stage.group(), stage.client()]
    const producer = mq.producer({ topics: [topic] })
    await producer.send({ topic, body: 'by hand', tag: 'created', keys: ['o-1'] })
    await (await one(mq, group, topic)).deadLetter('no such customer')
    const dead = deadLetters(mq, group, undertaker)
    const byHand = await dead.next()
    assert.deepEqual([byHand.text(), byHand.tag, byHand.keys], ['by hand', 'created', ['o-1']])

    const running = mq.consumer({ group, subscribe: { [topic]: '*' } }).run(() => {
      throw new PermanentError('no such customer')
    })
    await producer.send({ topic, body: 'by throwing' })
    assert.equal((await dead.next()).text(), 'by throwing')
    await mq.close()
    await running
  })

  it('moves a message to the dead-letter topic when its attempts are used up', async () => {
    const [topic, group, undertaker, mq] = [await stage.topic(), await stage.group({ maxRetries: 1 }), await stage.group(), stage.client()]
    await mq.producer().send({ topic, body: 'poison' })
    const consumer = mq.simpleConsumer({ group, subscribe: { [topic]: '*' } })
    // A stock server tells some receives only at the end of their wait what came meanwhile, so the shortest that it takes, and as many as it takes.
    const receive = () => consumer.receive({ max: 1, wait: '5s', invisible: '60s' })
    for (const attempt of [1, 2]) {
      let received = await receive()
      while (received.length === 0) received = await receive()
      assert.equal(received[0]?.attempt, attempt)
      await received[0].nack('1s')
    }
    // It moves the message when a receive comes upon it. When the message is back is the server's own affair: one receive may be over before. And who asks
    // for the dead-letter topic too early is told for half a minute that there is none.
    assert.deepEqual(await receive(), [])
    const poison = deadLetters(mq, group, undertaker).next()
    const moved = poison.then(
      () => true,
      () => true,
    )
    while (!(await Promise.race([moved, false]))) assert.deepEqual(await receive(), [])
    assert.equal((await poison).text(), 'poison')
  }).timeout(120_000)

  it('names a topic that does not exist, whoever asks for it', async () => {
    const [group, mq] = [await stage.group(), stage.client()]
    const missing = { code: 'TOPIC_NOT_FOUND', topic: 'no-such-topic' }
    await assert.rejects(mq.producer().send({ topic: 'no-such-topic', body: 'x' }), missing)
    await assert.rejects(mq.simpleConsumer({ group, subscribe: { 'no-such-topic': '*' } }).receive({ wait: '5s' }), missing)
    await assert.rejects(
      mq.consumer({ group, subscribe: { 'no-such-topic': '*' } }).run(() => {}),
      missing,
    )
  })

  it('is told when a message is not of the type that its topic takes', async () => {
    const [topic, mq] = [await stage.topic({ type: 'FIFO' }), stage.client()]
    await assert.rejects(mq.producer().send({ topic, body: 'x' }), { topic, retryable: false })
  })

  it('speaks TLS on the same port', async () => {
    const [topic, group, mq] = [await stage.topic(), await stage.group(), stage.client({ tls: { insecureSkipVerify: true } })]
    await mq.producer().send({ topic, body: 'secret' })
    const message = await one(mq, group, topic)
    assert.equal(message.text(), 'secret')
    await message.ack()
  })
}
