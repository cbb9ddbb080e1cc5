import { strict as assert } from 'node:assert'
import { decodeQueryRouteResponse, durationFromMs, encodeQueryRouteRequest, messagingService, timestampFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient, RawMessage } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { answerOf, post, startInMemory, stream, untilWaiting } from './test-kit/calls.ts'
import { begin, delayed, end, recall } from './test-kit/kept.ts'
import { acknowledge, change, leased } from './test-kit/settling.ts'
import { consumerOf, openTelemetry, producerOf } from './test-kit/telemetry.ts'
import { keeping, looking, settling } from './test-kit/validation/names.ts'
import * as requests from './test-kit/validation/requests.ts'

/** A tick of the broker's clock: what is due is done at most so late. */
const TICK = 10

const told = (messages: readonly RawMessage[]): readonly (readonly [body: string, attempt: number])[] =>
  messages.map(({ body, deliveryAttempt }) => [body, deliveryAttempt])

/** What a stock server 5.5.0 was seen to do wrong (docs/differences.md says what), and what this broker does instead. */
describe('where a stock server was seen to err', () => {
  let broker: TestBroker
  let client: RawClient
  let names = 0
  before(async () => {
    broker = await startInMemory({ groups: { ordered: { ordered: true } } })
    client = broker.rawClient('client')
  })
  after(() => broker.close())

  const fresh = (what = 'topic'): string => `${what}-${++names}`

  /** A new topic of one queue with these messages, each of the message group that its first letter names. */
  async function queueOf(...bodies: readonly string[]): Promise<string> {
    const topic = fresh()
    broker.broker.context.registry.createTopic(topic, { queues: 1 }, 'admin')
    for (const body of bodies) assert.equal(await client.send(topic, body, { messageGroup: body.charAt(0) }), 'OK')
    return topic
  }

  const lengthen = (topic: string, receiptHandle: string, ms: number) =>
    change(client, { topic: { name: topic }, group: { name: 'billing' }, receiptHandle, invisibleDuration: durationFromMs(ms) })

  describe('receipt handles', () => {
    it('a lease that is changed after the acknowledgement does not bring the message back', async () => {
      const topic = fresh()
      const message = await leased(client, topic, 'billing')
      assert.equal(await client.ack(topic, 'billing', message), 'OK')
      for (const ms of [0, 1_000, 60_000]) assert.equal((await lengthen(topic, message.receiptHandle, ms)).code, 40_013)
      await broker.clock.advance('12h')
      assert.deepEqual(told(await client.receive(topic, 'billing')), [])
    })

    it('nor does it bring back one that was acknowledged behind another of its message group', async () => {
      const topic = await queueOf('a1', 'a2')
      const [first, second] = await client.receive(topic, 'ordered')
      assert.ok(first !== undefined && second !== undefined)
      assert.equal(await client.ack(topic, 'ordered', second), 'OK')
      assert.equal((await client.change(topic, 'ordered', second, 0)).code, 'INVALID_RECEIPT_HANDLE')
      assert.equal(await client.ack(topic, 'ordered', first), 'OK')
      await broker.clock.advance('12h')
      assert.deepEqual(told(await client.receive(topic, 'ordered')), [])
    })

    it('a handle that changed the lease once changes it no second time, and the message comes once', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      assert.equal((await lengthen(topic, receiptHandle, 1_000)).code, 20_000)
      assert.equal((await lengthen(topic, receiptHandle, 1_000)).code, 40_013)
      await broker.clock.advance(1_000 + TICK)
      assert.deepEqual(told(await client.receive(topic, 'billing')), [['hello', 2]])
      assert.deepEqual(told(await client.receive(topic, 'billing')), [])
    })

    it('an acknowledgement is either refused or has effect: the superseded handle is refused, the new one settles', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      const { handle } = await lengthen(topic, receiptHandle, 1_000)
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle }])).codes, [40_013])
      assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle: handle }])).codes, [20_000])
      await broker.clock.advance('12h')
      assert.deepEqual(told(await client.receive(topic, 'billing')), [])
    })

    it('the handles of a first answer settle also after the answer was asked for again', async () => {
      const topic = await queueOf('a1', 'a2')
      const first = await client.receive(topic, 'ordered', { attemptId: 'attempt' })
      const again = await client.receive(topic, 'ordered', { attemptId: 'attempt' })
      assert.deepEqual(told(again), told(first))
      assert.deepEqual((await acknowledge(client, topic, 'ordered', first)).codes, [20_000, 20_000])
      await broker.clock.advance('12h')
      assert.deepEqual(told(await client.receive(topic, 'ordered')), [])
    })

    it('an answer that got lost is given again to who asks under its attempt id, without order as well, and to nobody else', async () => {
      const topic = await queueOf('m1', 'm2')
      const lost = await client.receive(topic, 'billing', { attemptId: 'attempt', autoRenew: true })
      assert.equal(lost.length, 2)
      assert.deepEqual(told(await client.receive(topic, 'billing', { attemptId: 'another' })), [])
      const again = await client.receive(topic, 'billing', { attemptId: 'attempt', autoRenew: true })
      assert.deepEqual(told(again), told(lost))
      assert.deepEqual((await acknowledge(client, topic, 'billing', again)).codes, [20_000, 20_000])
      await broker.clock.advance('12h')
      assert.deepEqual(told(await client.receive(topic, 'billing', { attemptId: 'attempt' })), [])
    })
  })

  describe('answers', () => {
    /** Requests with each of the two names left out or there, and with nothing at all said of settings or a deadline. */
    for (const { rpc, ask } of [...looking, ...settling, ...keeping]) {
      it(`${rpc} is never a failure of the server's own, whatever is left out`, async () => {
        for (const topic of [undefined, {}, { name: 'orders' }]) {
          for (const group of [undefined, {}, { name: fresh('group') }]) {
            const { code, text } = await ask(broker, { topic, group }, { clientId: fresh('nobody') })
            assert.ok(typeof code === 'number' && code < 50_000, `${code}: ${text}`)
          }
        }
      })
    }

    it('an empty request of any kind is one that is wrong, not one that breaks the server', async () => {
      const options = { clientId: fresh('nobody') }
      const answers = [
        await requests.queryRoute(broker, {}, options),
        await requests.queryAssignment(broker, {}, options),
        await requests.send(broker, [], options),
        await requests.send(broker, [{}], options),
        await requests.receive(broker, {}, options),
        await requests.ack(broker, {}, [], options),
        await requests.ack(broker, {}, [{}], options),
        await requests.change(broker, {}, options),
        await requests.forward(broker, {}, options),
        await requests.endTransaction(broker, {}, options),
        await requests.recallMessage(broker, {}, options),
        await requests.heartbeat(broker, {}, options),
        await requests.terminate(broker, {}, options),
      ]
      for (const { code, text } of answers) assert.ok(typeof code === 'number' && code >= 40_000 && code < 50_000, `${code}: ${text}`)
    })

    it('a topic and a group that nobody knew are served at once, without settings', async () => {
      const [topic, group] = [fresh(), fresh('group')]
      const receiving = stream(broker, {
        messageQueue: { topic: { name: topic } },
        group: { name: group },
        autoRenew: true,
        longPollingTimeout: durationFromMs(20_000),
      })
      await untilWaiting(broker, 1)
      await client.send(topic, 'first')
      assert.deepEqual((await receiving).order, ['status', 'message', 'deliveryTimestamp'])
    })

    it('the settings of a consumer whose group nobody knew are answered', async () => {
      const telemetry = await openTelemetry(broker, { clientId: fresh('client') })
      assert.equal(answerOf((await telemetry.settle(consumerOf(fresh(), fresh('group')))).status).code, 20_000)
      telemetry.cancel()
    })

    it('each of several messages in one send has its own entry, with the id that its sender gave it', async () => {
      const topic = { name: fresh() }
      const sent = await post(
        client,
        ['one', 'two', 'three'].map((messageId) => ({ topic, body: Buffer.from(messageId), systemProperties: { messageId } })),
      )
      assert.deepEqual(
        sent.entries.map(({ messageId, transactionId }) => [messageId, transactionId]),
        [
          ['one', 'one'],
          ['two', 'two'],
          ['three', 'three'],
        ],
      )
    })
  })

  describe('order', () => {
    it('one message that nobody acknowledges holds back its message group, and nothing else in its queue', async () => {
      const topic = await queueOf('a1', 'b1', 'a2', 'c1')
      assert.deepEqual(told(await client.receive(topic, 'ordered', { max: 1 })), [['a1', 1]])
      assert.deepEqual(told(await client.receive(topic, 'ordered')).toSorted(), [
        ['b1', 1],
        ['c1', 1],
      ])
    })

    it('one message that nobody acknowledges holds back nothing at all in a group without order', async () => {
      const topic = await queueOf('a1', 'a2', 'a3')
      assert.deepEqual(told(await client.receive(topic, 'billing', { max: 1, invisible: '12h' })), [['a1', 1]])
      for (const body of ['a2', 'a3']) {
        const [message] = await client.receive(topic, 'billing', { max: 1 })
        assert.equal(message?.body, body)
        assert.equal(await client.ack(topic, 'billing', message), 'OK')
      }
      assert.equal(await client.send(topic, 'a4', { messageGroup: 'a' }), 'OK')
      assert.deepEqual(told(await client.receive(topic, 'billing')), [['a4', 1]])
    })

    it('the first message of a run that is given back for 2 s comes after 2 s, not when the lease of the others ends', async () => {
      const topic = await queueOf('a1', 'a2')
      const [first] = await client.receive(topic, 'ordered', { invisible: '12s' })
      assert.ok(first !== undefined)
      await client.change(topic, 'ordered', first, '2s')
      await broker.clock.advance(2_000 + TICK)
      assert.deepEqual(told(await client.receive(topic, 'ordered'))[0], ['a1', 2])
    })
  })

  describe('time', () => {
    /** Waits for the topic's message with a long poll: how long it took, ms. */
    async function until(topic: string, group: string, ms: number): Promise<number> {
      const started = broker.clock.monotonic()
      let took: number | undefined
      const receiving = client.receive(topic, group, { wait: '20s' }).then((messages) => {
        took = broker.clock.monotonic() - started
        return messages
      })
      await untilWaiting(broker, 1)
      await broker.clock.advance(ms - 1)
      assert.equal(took, undefined, 'it came too early')
      await broker.clock.advance(1 + TICK)
      assert.equal((await receiving).length, 1)
      return took ?? Number.POSITIVE_INFINITY
    }

    for (const ms of [10_000, 10_001, 12_345]) {
      it(`a message whose lease of ${ms} ms ends comes again within a tick, not seconds later`, async () => {
        const topic = fresh()
        await leased(client, topic, 'billing', { invisible: ms })
        assert.ok((await until(topic, 'billing', ms)) <= ms + TICK)
      })
    }

    for (const ms of [1, 1_000, 1_500]) {
      it(`a message that is given back for ${ms} ms comes again within a tick, not seconds later`, async () => {
        const topic = fresh()
        const { receiptHandle } = await leased(client, topic, 'billing')
        await lengthen(topic, receiptHandle, ms)
        assert.ok((await until(topic, 'billing', ms)) <= ms + TICK)
      })
    }

    for (const ms of [1_000, 1_250, 9_999]) {
      it(`a message that is delayed by ${ms} ms comes within a tick, and says the time that its sender set`, async () => {
        const topic = fresh()
        const at = broker.clock.now() + ms
        await client.send(topic, 'later', { deliveryTimestamp: timestampFromMs(at) })
        await broker.clock.advance(ms - 1)
        assert.deepEqual(told(await client.receive(topic, 'billing')), [])
        await broker.clock.advance(1 + TICK)
        const [message] = await client.receive(topic, 'billing')
        assert.deepEqual(message?.message.systemProperties?.deliveryTimestamp, timestampFromMs(at))
      })
    }
  })

  describe('transactions', () => {
    const committed = async (topic: string): Promise<string[]> => (await client.receive(topic, 'billing')).map(({ body }) => body)

    it('an end that says nothing leaves a transaction as it is, and it can be committed', async () => {
      const half = await begin(client, fresh(), 'hello')
      assert.equal((await end(client, half, 'TRANSACTION_RESOLUTION_UNSPECIFIED')).code, 20_000)
      assert.equal((await end(client, half, 'COMMIT')).code, 20_000)
      assert.deepEqual(await committed(half.topic), ['hello'])
    })

    it('one that is ended twice in the same way is right twice, and one that nobody knows is named so', async () => {
      const half = await begin(client, fresh(), 'hello')
      for (let time = 0; time < 2; time++) assert.equal((await end(client, half, 'COMMIT')).code, 20_000)
      assert.deepEqual(await committed(half.topic), ['hello'])
      assert.equal((await end(client, { ...half, transactionId: 'unknown' }, 'COMMIT')).code, 40_008)
    })

    it('several may begin with one send', async () => {
      const topic = fresh()
      const message = (messageId: string) => ({
        topic: { name: topic },
        body: Buffer.from(messageId),
        systemProperties: { messageId, messageType: 'TRANSACTION' as const },
      })
      assert.deepEqual((await post(client, [message('a'), message('b')])).codes, [20_000, 20_000])
    })

    it('a committed message has no user properties of the server', async () => {
      const half = await begin(client, fresh(), 'hello', { messageGroup: 'g', orphanedTransactionRecoveryDuration: durationFromMs(10_000) })
      await broker.clock.advance('1m')
      assert.equal((await end(client, half, 'COMMIT')).code, 20_000)
      assert.deepEqual((await client.receive(half.topic, 'billing'))[0]?.message.userProperties, new Map())
    })

    for (const seconds of [6, 10, 25]) {
      it(`an orphan of ${seconds} s is asked about after ${seconds} s, not at a tick of 30`, async () => {
        const topic = fresh()
        const telemetry = await openTelemetry(broker, { clientId: fresh('producer') })
        await telemetry.settle(producerOf(topic))
        const half = await begin(
          client,
          topic,
          'hello',
          seconds === 6 ? {} : { orphanedTransactionRecoveryDuration: durationFromMs(seconds * 1_000) },
        )
        await broker.clock.advance(seconds * 1_000 - 1)
        assert.equal(telemetry.commands.length, 0)
        await broker.clock.advance(1 + TICK)
        assert.equal(telemetry.commands.length, 1)
        assert.equal((await end(client, half, 'ROLLBACK')).code, 20_000)
        telemetry.cancel()
      })
    }

    it('half messages of producers that are gone cost nothing: of a thousand no timer goes off but one an hour', async () => {
      await using alone = await startInMemory()
      const sender = alone.rawClient('sender')
      for (let index = 0; index < 1_000; index++) await begin(sender, 'orders', 'x')
      await alone.clock.advance('1m')
      let timers = 0
      const setTimer = alone.clock.setTimer.bind(alone.clock)
      alone.clock.setTimer = (callback, delay, hold) => {
        timers++
        return setTimer(callback, delay, hold)
      }
      await alone.clock.advance('10h')
      assert.ok(timers <= 40, `${timers} timers in ten hours`)
    })
  })

  describe('recall', () => {
    it('is served, once and again, and is wrong and no failure of the server with a handle that is none', async () => {
      const topic = fresh()
      const handle = await delayed(client, topic, 'later', broker.clock.now() + 60_000)
      for (let time = 0; time < 2; time++) assert.equal((await recall(client, topic, handle)).code, 20_000)
      for (const wrong of ['', 'garbage']) assert.equal((await recall(client, topic, wrong)).code, 40_000)
      await broker.clock.advance('2m')
      assert.deepEqual(told(await client.receive(topic, 'billing')), [])
    })
  })

  describe('dead letters', () => {
    it('go when the last lease ends, with nobody asking, and say where they came from', async () => {
      const [topic, group] = [fresh(), fresh('group')]
      broker.broker.context.registry.putGroup(group, { maxAttempts: 2 }, 'admin')
      const properties = new Map([['tenant', 'blue']])
      assert.equal(await client.send(topic, 'poison', { messageId: 'p-1', tag: 't', keys: ['k'], properties }), 'OK')
      for (const attempt of [1, 2]) {
        assert.deepEqual(told(await client.receive(topic, group)), [['poison', attempt]])
        await broker.clock.advance(10_000 + TICK)
      }
      const [dead] = await client.receive(`%DLQ%${group}`, 'undertaker')
      const system = dead?.message.systemProperties
      assert.deepEqual(system?.deadLetterQueue, { topic, messageId: 'p-1' })
      assert.deepEqual([dead?.body, dead?.messageId, dead?.deliveryAttempt], ['poison', 'p-1', 1])
      assert.deepEqual([system?.messageType, system?.tag, system?.keys], ['NORMAL', 't', ['k']])
      assert.deepEqual(dead?.message.userProperties, new Map([...properties, ['FEATHERMQ_DLQ_REASON', 'attempts']]))
      assert.deepEqual(told(await client.receive(topic, group)), [])
    })

    it('have a topic, and messages that come again have none of their own', async () => {
      const [topic, group] = [fresh(), fresh('group')]
      const message = await leased(client, topic, group)
      await client.change(topic, group, message, 0)
      await broker.clock.advance(TICK)
      await client.deadLetter(topic, group, (await client.receive(topic, group))[0] ?? assert.fail())
      const codeOf = async (name: string) => {
        const request = encodeQueryRouteRequest({ topic: { name } })
        return answerOf((await client.call(messagingService.queryRoute, request, decodeQueryRouteResponse)).status).code
      }
      assert.equal(await codeOf(`%DLQ%${group}`), 20_000)
      for (const name of [`%RETRY%${group}_${topic}`, `%RETRY%${group}`]) assert.equal(await codeOf(name), 40_402)
    })
  })

  it('a delivered message has the user properties that its sender gave it, and no others', async () => {
    const topic = fresh()
    const properties = new Map([
      ['tenant', 'blue'],
      ['__SHARDINGKEY', 'mine'],
    ])
    await client.send(topic, 'hello', { traceContext: 'trace', messageGroup: 'g', keys: ['k'], tag: 't', properties })
    const [message] = await client.receive(topic, 'billing')
    assert.deepEqual(message?.message.userProperties, properties)
    assert.equal(message?.message.systemProperties?.messageGroup, 'g')
  })
})
