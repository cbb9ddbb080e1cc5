import { strict as assert } from 'node:assert'
import type { ReceiveMessageRequestInit } from '@feathermq/protocol'
import { durationFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { type Streamed, startInMemory, stream, untilWaiting } from './test-kit/calls.ts'
import { acknowledge } from './test-kit/settling.ts'

const messagesOf = ({ responses }: Streamed) =>
  responses.flatMap(({ content }) => {
    if (content?.case !== 'message') return []
    const { body, systemProperties } = content.value
    return [
      {
        body: Buffer.from(body).toString(),
        handle: systemProperties?.receiptHandle,
        attempt: systemProperties?.deliveryAttempt,
        queueId: systemProperties?.queueId,
      },
    ]
  })

const bodies = (streamed: Streamed): string[] => messagesOf(streamed).map(({ body }) => body)

describe('ReceiveMessage of an ordered group', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory({ groups: { ordered: { ordered: true } } })
    client = broker.rawClient('sender')
  })
  after(() => broker.close())

  /** A new topic of one queue with these messages of these message groups. */
  async function filled(...messages: readonly (readonly [body: string, messageGroup: string | undefined])[]): Promise<string> {
    const topic = `topic-${++topics}`
    broker.broker.context.registry.createTopic(topic, { queues: 1 }, 'admin')
    for (const [body, messageGroup] of messages) assert.equal(await client.send(topic, body, { messageGroup }), 'OK')
    return topic
  }

  const receive = (topic: string, rest: ReceiveMessageRequestInit = {}): Promise<Streamed> =>
    stream(broker, {
      group: { name: 'ordered' },
      messageQueue: { topic: { name: topic } },
      batchSize: 32,
      invisibleDuration: durationFromMs(10_000),
      longPollingTimeout: {},
      ...rest,
    })

  it('holds back what follows in the same message group, not what follows in the same queue', async () => {
    const topic = await filled(['a1', 'a'], ['b1', 'b'], ['a2', 'a'], ['free', undefined], ['b2', 'b'])
    assert.deepEqual(bodies(await receive(topic, { batchSize: 1 })), ['a1'])
    const others = messagesOf(await receive(topic))
    assert.deepEqual(
      others.map(({ body }) => body),
      ['b1', 'free', 'b2'],
    )
    assert.deepEqual(new Set(others.map(({ queueId }) => queueId)), new Set([0]))
    assert.equal((await receive(topic)).answer.code, 40_401)
  })

  it('wakes a receive that waits as soon as the message before is acknowledged', async () => {
    const topic = await filled(['a1', 'a'], ['a2', 'a'])
    const [first] = messagesOf(await receive(topic, { batchSize: 1 }))
    const waiting = receive(topic, { longPollingTimeout: durationFromMs(20_000) })
    await untilWaiting(broker, 1)
    assert.equal((await acknowledge(client, topic, 'ordered', [{ receiptHandle: first?.handle }])).code, 20_000)
    assert.deepEqual(bodies(await waiting), ['a2'])
  })

  it('gives the same deliveries with the same handles again to who repeats its attempt id, and to nobody else', async () => {
    const topic = await filled(['a1', 'a'], ['a2', 'a'])
    const first = messagesOf(await receive(topic, { attemptId: 'attempt-1' }))
    const again = messagesOf(await receive(topic, { attemptId: 'attempt-1' }))
    assert.deepEqual(
      first.map(({ body, attempt }) => [body, attempt]),
      [
        ['a1', 1],
        ['a2', 1],
      ],
    )
    assert.deepEqual(again, first)
    for (const attemptId of ['attempt-2', undefined]) assert.equal((await receive(topic, { attemptId })).answer.code, 40_401)
  })
})
