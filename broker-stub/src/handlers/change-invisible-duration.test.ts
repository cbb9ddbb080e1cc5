import { strict as assert } from 'node:assert'
import type { ChangeInvisibleDurationRequestInit } from '@feathermq/protocol'
import { durationFromMs, messagingService } from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory } from './test-kit/calls.ts'
import { acknowledge, change, deadHandles, forward, leased } from './test-kit/settling.ts'

describe('ChangeInvisibleDuration', () => {
  let broker: TestBroker
  let client: RawClient
  let topics = 0
  before(async () => {
    broker = await startInMemory()
    client = broker.rawClient('consumer')
  })
  after(() => broker.close())

  const fresh = () => `topic-${++topics}`

  const request = (topic: string, receiptHandle: string, ms: number): ChangeInvisibleDurationRequestInit => ({
    topic: { name: topic },
    group: { name: 'billing' },
    receiptHandle,
    messageId: 'id',
    invisibleDuration: durationFromMs(ms),
  })

  const attempts = async (topic: string) => (await client.receive(topic, 'billing')).map(({ deliveryAttempt }) => deliveryAttempt)

  it('answers a new handle, which is live, and kills the old one for every use', async () => {
    const topic = fresh()
    const { receiptHandle: old } = await leased(client, topic, 'billing')
    const { code, text, handle } = await change(client, request(topic, old, 30_000))
    assert.deepEqual({ code, text }, { code: 20_000, text: 'OK' })
    assert.equal(handle.split(' ').length, 10)
    assert.notEqual(handle, old)

    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle: old }])).codes, [40_013])
    assert.equal((await change(client, request(topic, old, 30_000))).code, 40_013)
    assert.equal((await forward(client, request(topic, old, 0))).code, 40_013)
    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle: handle }])).codes, [20_000])
  })

  it('kills each handle by the next change', async () => {
    const topic = fresh()
    const handles = [(await leased(client, topic, 'billing')).receiptHandle]
    for (let turn = 0; turn < 5; turn++) handles.push((await change(client, request(topic, handles.at(-1) ?? '', 60_000))).handle)
    assert.equal(new Set(handles).size, 6)
    const live = handles.pop()
    const entries = [...handles, live].map((receiptHandle) => ({ receiptHandle }))
    assert.deepEqual((await acknowledge(client, topic, 'billing', entries)).codes, [...Array(5).fill(40_013), 20_000])
  })

  for (const [name, ms] of [
    ['extends', 60_000],
    ['shortens', 2_000],
  ] as const) {
    it(`${name} the lease, counted from the change; then the message comes with its next attempt`, async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing', { invisible: '10s' })
      await broker.clock.advance('5s')
      await change(client, request(topic, receiptHandle, ms))
      await broker.clock.advance(ms - 20)
      assert.deepEqual(await attempts(topic), [])
      await broker.clock.advance(30)
      assert.deepEqual(await attempts(topic), [2])
    })
  }

  it('gives the message back at once for a duration of 0, or none', async () => {
    for (const invisibleDuration of [durationFromMs(0), undefined]) {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      const { code } = await change(client, { ...request(topic, receiptHandle, 0), invisibleDuration })
      assert.equal(code, 20_000)
      await broker.clock.advance('10ms')
      assert.deepEqual(await attempts(topic), [2])
    }
  })

  it('takes 12 h, and keeps the message for so long', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing')
    const { code, handle } = await change(client, request(topic, receiptHandle, 43_200_000))
    assert.equal(code, 20_000)
    await broker.clock.advance('43199s')
    assert.deepEqual((await acknowledge(client, topic, 'billing', [{ receiptHandle: handle }])).codes, [20_000])
  })

  it('does not count the attempt of a message that is only suspended', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing')
    await change(client, { ...request(topic, receiptHandle, 1_000), suspend: true })
    await broker.clock.advance('1010ms')
    assert.deepEqual(await attempts(topic), [1])
  })

  it('is how a push consumer, whose lease the broker renews, gives a message back after a while', async () => {
    const topic = fresh()
    const { receiptHandle } = await leased(client, topic, 'billing', { autoRenew: true })
    await change(client, request(topic, receiptHandle, 5_000))
    await broker.clock.advance('4980ms')
    assert.deepEqual(await attempts(topic), [])
    await broker.clock.advance('30ms')
    assert.deepEqual(await attempts(topic), [2])
  })

  describe('answers 40013, no handle, and touches nothing', () => {
    it('for a handle that is malformed, altered or foreign', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing')
      for (const [what, dead] of await deadHandles(receiptHandle)) {
        const { code, handle } = await change(client, request(topic, dead, 30_000))
        assert.deepEqual([code, handle], [40_013, ''], what)
      }
      assert.equal((await change(client, request(topic, receiptHandle, 30_000))).code, 20_000)
    })

    it('for one of another group or topic', async () => {
      const [topic, other] = [fresh(), fresh()]
      const { receiptHandle } = await leased(client, topic, 'billing')
      await leased(client, other, 'billing')
      await client.receive(topic, 'audit')
      assert.equal((await change(client, request(other, receiptHandle, 30_000))).code, 40_013)
      assert.equal((await change(client, { ...request(topic, receiptHandle, 30_000), group: { name: 'audit' } })).code, 40_013)
      assert.equal((await change(client, request(topic, receiptHandle, 30_000))).code, 20_000)
    })

    it('after the lease has ended', async () => {
      const topic = fresh()
      const { receiptHandle } = await leased(client, topic, 'billing', { invisible: '10s' })
      await broker.clock.advance('10s')
      assert.equal((await change(client, request(topic, receiptHandle, 30_000))).code, 40_013)
      assert.deepEqual(await attempts(topic), [2])
    })

    it('after the message was acknowledged', async () => {
      const topic = fresh()
      const message = await leased(client, topic, 'billing')
      await acknowledge(client, topic, 'billing', [message])
      assert.equal((await change(client, request(topic, message.receiptHandle, 0))).code, 40_013)
      await broker.clock.advance('1h')
      assert.deepEqual(await attempts(topic), [])
    })
  })

  describe('refuses, and leaves the lease as it was:', () => {
    const rows: readonly (readonly [what: string, code: number, change: Partial<ChangeInvisibleDurationRequestInit>])[] = [
      ['a negative duration', 40_011, { invisibleDuration: durationFromMs(-1) }],
      ['a duration above 12 h', 40_011, { invisibleDuration: durationFromMs(43_200_001) }],
      ['no topic', 40_002, { topic: undefined }],
      ['a topic that is not legal', 40_002, { topic: { name: 'a b' } }],
      ['no group', 40_003, { group: undefined }],
      ['a group that is not legal', 40_003, { group: { name: 'CID_RMQ_SYS_x' } }],
    ]
    for (const [what, expected, rest] of rows) {
      it(`${what}: ${expected}`, async () => {
        const topic = fresh()
        const message = await leased(client, topic, 'billing')
        const { code, handle } = await change(client, { ...request(topic, message.receiptHandle, 1_000), ...rest })
        assert.deepEqual([code, handle], [expected, ''])
        await broker.clock.advance('9s')
        assert.deepEqual((await acknowledge(client, topic, 'billing', [message])).codes, [20_000])
      })
    }

    it('what is no protobuf, with gRPC INTERNAL', async () => {
      const call = client.call(messagingService.changeInvisibleDuration, Buffer.from('not protobuf'), () => undefined)
      await assert.rejects(call, { code: 'INTERNAL' })
    })
  })
})
