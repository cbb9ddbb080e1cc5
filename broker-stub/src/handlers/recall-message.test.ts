import assert from 'node:assert/strict'
import { timestampFromMs } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { post, startInMemory } from './test-kit/calls.ts'
import { delayed, recall } from './test-kit/kept.ts'

const TICK = 10
const OK = 20_000
const REFUSED = 40_000

describe('RecallMessage', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory({ topics: { 'normal-only': { types: ['NORMAL'] } } })
    client = broker.rawClient('tester')
  })
  after(() => broker.close())

  const fresh = (): string => `orders-${++topics}`
  const inAn = (ms: number): number => broker.clock.now() + ms
  const bodies = async (topic: string): Promise<string[]> => (await client.receive(topic, 'billing')).map(({ body }) => body)
  const delayedIn = (topic: string): number | undefined => broker.broker.context.delivery.topicStats(topic)?.delayed

  it('takes a delayed message back: it never comes, and the others do', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'a', inAn(60_000))
    await delayed(client, topic, 'b', inAn(60_000))
    assert.deepEqual(await recall(client, topic, handle), { code: OK, text: 'OK', messageId: 'a' })
    assert.equal(delayedIn(topic), 1)
    await broker.clock.advance(60_000 + TICK)
    assert.deepEqual(await bodies(topic), ['b'])
    await broker.clock.advance('12h')
    assert.deepEqual(
      (await client.receive(topic, 'billing')).map(({ body }) => body),
      ['b'],
    )
  })

  it('is right once more, also after the time of the message', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'a', inAn(60_000))
    for (const wait of [0, 0, 60_000 + TICK]) {
      await broker.clock.advance(wait)
      assert.deepEqual(await recall(client, topic, handle), { code: OK, text: 'OK', messageId: 'a' })
    }
    assert.deepEqual(await bodies(topic), [])
  })

  for (const [what, wait, code, left] of [
    ['a millisecond before its time', 59_999, OK, []],
    ['at its time', 60_000, REFUSED, ['a']],
    ['when it has come', 60_000 + TICK, REFUSED, ['a']],
  ] as const) {
    it(`${what} ${code === OK ? 'keeps the message from coming' : 'is too late, and the message comes'}`, async () => {
      const topic = fresh()
      const handle = await delayed(client, topic, 'a', inAn(60_000))
      await broker.clock.advance(wait)
      const answer = await recall(client, topic, handle)
      assert.equal(answer.code, code, answer.text)
      if (code !== OK) assert.match(answer.text, /too late/)
      await broker.clock.advance(60_000 + TICK)
      assert.deepEqual(await bodies(topic), left)
    })
  }

  it('has a handle for each delayed message of a send, and none for what is not delayed or whose time is over', async () => {
    const topic = fresh()
    const at = (ms: number) => ({ deliveryTimestamp: timestampFromMs(inAn(ms)) })
    const { entries } = await post(
      client,
      [at(1_000), {}, at(2_000), at(0), at(-5_000)].map((system, index) => ({
        topic: { name: topic },
        body: Buffer.from('x'),
        systemProperties: { messageId: `${index}`, ...system },
      })),
    )
    assert.deepEqual(
      entries.map(({ recallHandle }) => recallHandle !== ''),
      [true, false, true, false, false],
    )
  })

  it('has handles in the form of a stock server, with two words more', async () => {
    const topic = fresh()
    const at = inAn(1_000)
    const handle = await delayed(client, topic, 'id with spaces, 主题', at)
    const words = Buffer.from(handle, 'base64url').toString().split(' ')
    assert.deepEqual(words.slice(0, 4), ['v1', topic, broker.broker.name, `${at}`])
    assert.equal(words.slice(4, -2).join(' '), 'id with spaces, 主题')
    assert.match(handle, /^[A-Za-z0-9_-]+={0,2}$/)
    assert.equal((await recall(client, topic, handle)).messageId, 'id with spaces, 主题')
  })

  it('is refused with a handle that is altered in any word, and hits no message then', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'mine', inAn(60_000))
    const other = await delayed(client, topic, 'others', inAn(60_000))
    const [words, others] = [handle, other].map((text) => Buffer.from(text, 'base64url').toString().split(' '))
    assert.ok(words !== undefined && others !== undefined)
    const altered = words.flatMap((word, index) =>
      [`${word}x`, others[index] ?? '', ''].filter((by) => by !== word).map((by) => words.with(index, by)),
    )
    altered.push(words.slice(0, 5), [...words, 'x'], [...words.slice(0, 5), ...others.slice(5)])
    for (const each of altered) {
      assert.equal((await recall(client, topic, Buffer.from(each.join(' ')).toString('base64url'))).code, REFUSED, each.join(' '))
    }
    for (const text of ['', ' ', 'garbage', `${handle}=`, `${handle} `, handle.slice(1), Buffer.from('v1 a b 1 c').toString('base64url')]) {
      const { code, messageId } = await recall(client, topic, text)
      assert.deepEqual([code, messageId], [REFUSED, ''], text)
    }
    await broker.clock.advance(60_000 + TICK)
    assert.deepEqual((await bodies(topic)).sort(), ['mine', 'others'])
  })

  it('is refused with the handle of another topic, and where a topic has no delayed messages', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'a', inAn(60_000))
    assert.equal((await recall(client, fresh(), handle)).code, REFUSED)
    assert.equal((await recall(client, 'normal-only', handle)).code, 40_014)
    assert.equal((await recall(client, topic, handle)).code, OK)
  })

  it('is refused by another broker', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'a', inAn(60_000))
    const other = await startInMemory()
    try {
      await delayed(other.rawClient('tester'), topic, 'a', other.clock.now() + 60_000)
      assert.equal((await recall(other.rawClient('tester'), topic, handle)).code, REFUSED)
    } finally {
      await other.close()
    }
  })

  it('hits nothing of a topic that is made anew under its name', async () => {
    const topic = fresh()
    const handle = await delayed(client, topic, 'a', inAn(60_000))
    const { registry, delivery } = broker.broker.context
    registry.removeTopic(topic)
    delivery.removeTopic(topic)
    await delayed(client, topic, 'a', inAn(60_000))
    await recall(client, topic, handle)
    await broker.clock.advance(60_000 + TICK)
    assert.deepEqual(await bodies(topic), ['a'])
  })

  it('gives back the room of what it takes back', async () => {
    const small = await startInMemory({ maxMemory: '64KiB' })
    try {
      const sender = small.rawClient('tester')
      for (let index = 0; index < 500; index++) {
        const handle = await delayed(sender, 'orders', `m${index}`, small.clock.now() + 60_000)
        assert.equal((await recall(sender, 'orders', handle)).code, OK)
      }
    } finally {
      await small.close()
    }
  })
})
