import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { startBroker } from '@feathermq/broker/testing'
import { FeatherMQ, silentLogger } from '@feathermq/sdk'
import { afterEach, describe, it } from 'mocha'
import {
  OfficialError,
  officialProducer,
  officialPushConsumer,
  officialSimpleConsumer,
  type PushOptions,
  type SimpleOptions,
} from '../support/official/clients.ts'
import { events } from '../support/stage.ts'

type Broker = Awaited<ReturnType<typeof startBroker>>
type BrokerOptions = NonNullable<Parameters<typeof startBroker>[0]>

const version: string = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('rocketmq-client-nodejs/package.json'), 'utf8')).version
const text = (body: Uint8Array) => Buffer.from(body).toString('utf8')
const bytes = (body: string) => Buffer.from(body, 'utf8')

describe(`the official Node client ${version}, unmodified`, function () {
  // Each client is a process that loads half a second long, and its push consumer asks for queues a second after its start.
  this.timeout(60_000)

  const open: { kill(): Promise<void> }[] = []
  const closing: (() => Promise<unknown>)[] = []
  afterEach('end all clients and brokers', async () => {
    await Promise.all(open.splice(0).map((client) => client.kill()))
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function broker(options: BrokerOptions = {}): Promise<Broker> {
    const started = await startBroker(options)
    closing.push(() => started.close())
    return started
  }
  async function kept<Client extends { kill(): Promise<void> }>(starting: Promise<Client>): Promise<Client> {
    const client = await starting
    open.push(client)
    return client
  }
  const producer = (endpoints: string, topic: string) => kept(officialProducer({ endpoints, topic }))
  const simple = (options: SimpleOptions) => kept(officialSimpleConsumer(options))
  const push = (options: PushOptions) => kept(officialPushConsumer(options))
  function ours({ endpoints, clock }: Broker): FeatherMQ {
    const mq = new FeatherMQ({ endpoints, clock, logger: silentLogger })
    closing.push(() => mq.close())
    return mq
  }

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
      // CRC32 digests it reads in decimal, so each message would be corrupt; without any digest it throws.
      assert.equal(message.corrupted, false)
      assert.equal(message.attempt, 1)
      await to.ack(message)
      await Promise.all([from.shutdown(), to.shutdown()])
    })

    it('loses nothing and gets nothing twice: 300 messages, 50 sends in flight, two consumers', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const consumers = [
        await simple({ endpoints, group: 'billing', topic: 'orders', wait: 1_000 }),
        await simple({ endpoints, group: 'billing', topic: 'orders', wait: 1_000 }),
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
      // It sends to queue 0 only: it takes the id of a queue for the id of a broker, of which 0 is the master.
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
      const to = await simple({ endpoints, group: 'alarm', topic: 'reminders', wait: 1_000 })
      const deliverAt = clock.now() + 3_600_000
      await from.send({ topic: 'reminders', body: bytes('wake up'), deliverAt })
      assert.deepEqual(await to.receive(1, 30_000), [])
      await clock.advance('59m')
      assert.deepEqual(await to.receive(1, 30_000), [])
      await clock.advance('61s')
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
      const to = await simple({ endpoints, group: 'billing', topic: 'orders', wait: 1_000 })
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
      const to = await simple({ endpoints, group: 'billing', topic: 'orders', wait: 1_000 })
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
      const { endpoints } = await broker({ autoCreate: false, topics: { orders: {} } })
      await assert.rejects(producer(endpoints, 'odrers'), /odrers/)
      const from = await producer(endpoints, 'orders')
      await assert.rejects(
        from.send({ topic: 'orders', body: bytes('x'), tag: 'a|b' }),
        (error: unknown) => error instanceof OfficialError && error.code === 40_004,
      )
      await from.send({ topic: 'orders', body: bytes('x') })
    })
  })

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
      // Its shutdown waits for the open long poll, up to 20 s; the clock ends the poll.
      await to.shutdown(() => clock.advance('30s'))
      assert.equal(to.unread, 0)
    })

    it('gets a message again after its listener failed, with the next attempt', async () => {
      const { endpoints } = await broker()
      const from = await producer(endpoints, 'orders')
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      await from.send({ topic: 'orders', body: bytes('x') })
      // It takes the seconds of the back-off for milliseconds, and asks for none at all where the policy is a list: the message is back at once.
      for (const attempt of [1, 2, 3]) {
        const { message, answer } = await to.next()
        assert.equal(message.attempt, attempt)
        answer(attempt === 3)
      }
    })

    it('finds a message that failed too often in the dead-letter topic', async () => {
      const { endpoints } = await broker({ groups: { billing: { maxAttempts: 3 } } })
      const from = await producer(endpoints, 'orders')
      const to = await push({ endpoints, group: 'billing', topic: 'orders' })
      const { messageId } = await from.send({ topic: 'orders', body: bytes('poison'), tag: 'created', keys: ['o-1'] })
      for (const attempt of [1, 2, 3]) {
        const { message, answer } = await to.next()
        assert.equal(message.attempt, attempt)
        answer(false)
      }
      const undertaker = await simple({ endpoints, group: 'undertaker', topic: '%DLQ%billing' })
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

    it('that is killed gives its messages back once, to another consumer', async () => {
      const { endpoints, clock } = await broker()
      const from = await producer(endpoints, 'orders')
      const doomed = await push({ endpoints, group: 'billing', topic: 'orders' })
      await from.send({ topic: 'orders', body: bytes('x') })
      const { message } = await doomed.next()
      await doomed.kill()
      const other = await simple({ endpoints, group: 'billing', topic: 'orders', wait: 20_000 })
      const back = other.receive(16, 30_000)
      await clock.advance('70s')
      const again = await back
      assert.deepEqual(
        again.map(({ messageId, attempt }) => [messageId, attempt]),
        [[message.messageId, 2]],
      )
      for (const each of again) await other.ack(each)
    })
  })

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
      // 4 MiB is the most that a body may have. Its own consumer cannot take it: it leaves gRPC's limit for received messages at 4 MiB in all.
      const large = await from.send({ topic: 'orders', body: new Uint8Array(4 * 1024 * 1024).fill(7) })
      assert.deepEqual(await got.next(), { id: large.messageId, size: 4 * 1024 * 1024, tag: undefined, group: undefined })
      await mq.close()
      await running
    })

    it('our messages reach its simple consumer and its push consumer', async () => {
      const started = await broker()
      const sender = ours(started).producer({ topics: ['orders'] })
      const body = new Uint8Array(4 * 1024 * 1024 - 65_536).map((_, index) => index * 31)
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
})
