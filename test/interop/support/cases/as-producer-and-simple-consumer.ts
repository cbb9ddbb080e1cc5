import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { OfficialError } from '../../../support/official/wire.ts'
import { bytes, type OfficialStage, text } from '../official-stage.ts'

export function asProducerAndSimpleConsumer({ traits, broker, producer, simple }: OfficialStage): void {
  // Long enough for what is there to be answered. The Python client waits a second, since it counts in seconds.
  const wait = 100

  describe('as producer and simple consumer', () => {
    it('carries tag, keys, properties and body unchanged', async () => {
      const { endpoints } = await broker()
      const from = await producer(endpoints, 'orders')
      const sent = { topic: 'orders', body: bytes('hällo'), tag: 'created', keys: ['o-1', 'o-2'], properties: { tenant: 'ä', empty_not: '1' } }
      const receipt = await from.send(sent)
      const to = await simple({ endpoints, group: 'billing', topic: 'orders', filter: 'created || paid' })
      const [message, ...more] = await to.receive(16, 30_000)
      assert.ok(message !== undefined && more.length === 0)
      assert.deepEqual(
        { topic: message.topic, body: text(message.body), tag: message.tag, keys: message.keys, properties: message.properties },
        { ...sent, body: 'hällo' },
      )
      assert.equal(message.messageId, receipt.messageId)
      // The Node client reads CRC32 digests in decimal, so each message would be corrupt; without any digest it throws.
      assert.equal(message.corrupted, false)
      assert.equal(message.attempt, 1)
      await to.ack(message)
      await Promise.all([from.shutdown(), to.shutdown()])
    })

    it('loses nothing and gets nothing twice: 300 messages, 50 sends in flight, two consumers', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const consumers = [
        await simple({ endpoints, group: 'billing', topic: 'orders', wait }),
        await simple({ endpoints, group: 'billing', topic: 'orders', wait }),
      ]
      const sent: string[] = []
      const sending = Array.from({ length: 50 }, async (_, lane) => {
        for (let index = 0; index < 6; index += 1) sent.push((await from.send({ topic: 'orders', body: bytes(`${lane}-${index}`) })).messageId)
      })
      const received: string[] = []
      const receiving = consumers.map(async (consumer) => {
        while (received.length < 300) {
          const messages = await consumer.receive(32, 60_000)
          received.push(...messages.map(({ messageId }) => messageId))
          await Promise.all(messages.map((message) => consumer.ack(message)))
        }
      })
      await Promise.all([...sending, ...receiving])
      assert.deepEqual([...received].sort(), [...sent].sort())
      await clock.advance('10m')
      for (const consumer of consumers) assert.deepEqual(await consumer.receive(32, 60_000), [], 'an acknowledged message came back')
    })

    it('gets the messages of each message group in the order sent', async () => {
      // The Node client sends to queue 0 only: it takes the id of a queue for the id of a broker, of which 0 is the master.
      const { endpoints } = await broker({ groups: { billing: { ordered: true } } })
      const from = await producer(endpoints, 'orders')
      const groups = ['a', 'b', 'c']
      await Promise.all(
        groups.map(async (messageGroup) => {
          for (let index = 0; index < 10; index += 1) await from.send({ topic: 'orders', body: bytes(`${messageGroup}${index}`), messageGroup })
        }),
      )
      const to = await simple({ endpoints, group: 'billing', topic: 'orders' })
      const order: string[] = []
      while (order.length < 30) {
        const messages = await to.receive(8, 30_000)
        assert.ok(messages.length > 0, `only ${order.length} of 30 messages came`)
        for (const message of messages) {
          assert.ok(text(message.body).startsWith(message.messageGroup))
          order.push(text(message.body))
          await to.ack(message)
        }
      }
      for (const group of groups) {
        assert.deepEqual(
          order.filter((body) => body.startsWith(group)),
          Array.from({ length: 10 }, (_, index) => `${group}${index}`),
        )
      }
    })

    it('gets a delayed message when its time has come, never before', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'reminders')
      const to = await simple({ endpoints, group: 'alarm', topic: 'reminders', wait })
      // A whole second: the Python client sends no fractions.
      const deliverAt = Math.ceil(clock.now() / 1_000) * 1_000 + 3_600_000
      await from.send({ topic: 'reminders', body: bytes('wake up'), deliverAt })
      assert.deepEqual(await to.receive(1, 30_000), [])
      await clock.advance('59m')
      assert.deepEqual(await to.receive(1, 30_000), [])
      await clock.advance('62s')
      const [message] = await to.receive(1, 30_000)
      assert.ok(message !== undefined)
      assert.ok(clock.now() >= deliverAt)
      assert.equal(text(message.body), 'wake up')
      assert.equal(message.deliverAt, deliverAt)
      await to.ack(message)
    })

    it('sees a message again when its lease ran out, with a new handle, and the old one is refused', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await simple({ endpoints, group: 'billing', topic: 'orders', wait })
      await from.send({ topic: 'orders', body: bytes('x') })
      const [first] = await to.receive(1, 30_000)
      assert.ok(first !== undefined)
      await clock.advance('31s')
      const [second] = await to.receive(1, 30_000)
      assert.ok(second !== undefined)
      assert.equal(second.messageId, first.messageId)
      assert.equal(second.attempt, 2)
      await assert.rejects(to.ack(first), (error: unknown) => error instanceof OfficialError && error.code === 40_013)
      await to.ack(second)
    })

    it('changes how long a message is invisible', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await simple({ endpoints, group: 'billing', topic: 'orders', wait })
      await from.send({ topic: 'orders', body: bytes('x') })
      const [first] = await to.receive(1, 30_000)
      assert.ok(first !== undefined)
      const handle = await to.changeInvisible(first, 120_000)
      assert.notEqual(handle, first.receiptHandle)
      await clock.advance('100s')
      assert.deepEqual(await to.receive(1, 30_000), [])
      await to.ack({ ...first, receiptHandle: handle })
      await clock.advance('10m')
      assert.deepEqual(await to.receive(1, 30_000), [])
    })

    it('is told what is wrong by the code of the protocol', async () => {
      const { endpoints, clock } = await broker({ autoCreate: false, topics: { orders: { types: ['NORMAL', 'DELAY'] } }, maxDelay: '1h' })
      const misspelt = async () => (await producer(endpoints, 'odrers')).send({ topic: 'odrers', body: bytes('x') })
      await assert.rejects(traits.unknownTopic === 'start' ? producer(endpoints, 'odrers') : misspelt(), /odrers/)
      const from = await producer(endpoints, 'orders')
      // Few mistakes get past the clients' own checks.
      await assert.rejects(
        from.send({ topic: 'orders', body: bytes('x'), deliverAt: clock.now() + 7_200_000 }),
        (error: unknown) => error instanceof OfficialError && error.code === 40_012,
      )
      await from.send({ topic: 'orders', body: bytes('x') })
    })
  })
}
