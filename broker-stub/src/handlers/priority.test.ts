import assert from 'node:assert/strict'
import type { Code } from '@feathermq/protocol'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type RawClient, type RawMessage, startBroker, type TestBroker } from '../testing/index.ts'

describe('a topic for priorities', () => {
  let broker: TestBroker
  let client: RawClient
  beforeEach(async () => {
    broker = await startBroker({
      transport: inMemoryTransport(),
      clock: 'frozen',
      topics: { alerts: { queues: 4, types: ['PRIORITY'] }, mixed: { queues: 4, types: ['NORMAL', 'FIFO', 'PRIORITY'] } },
      groups: { ledger: { ordered: true } },
    })
    client = broker.rawClient('tester')
  })
  afterEach(() => broker.close())

  const send = async (topic: string, ...bodies: readonly (readonly [body: string, priority: number | undefined])[]): Promise<void> => {
    for (const [body, priority] of bodies) assert.equal(await client.send(topic, body, { priority }), 'OK' satisfies Code)
  }
  const told = (messages: readonly RawMessage[]): string[] => messages.map(({ body }) => body)

  it('hands out the highest first, and those of one priority in the order in which they came', async () => {
    await send('alerts', ['low', 0], ['high', 2], ['middle', 1], ['higher', 3], ['high again', 2])
    assert.deepEqual(told(await client.receive('alerts', 'desk')), ['higher', 'high', 'high again', 'middle', 'low'])
  })

  it('hands out one after the other what there is, also when something higher comes meanwhile', async () => {
    await send('alerts', ['low 1', 0], ['low 2', 0], ['middle', 1])
    assert.deepEqual(told(await client.receive('alerts', 'desk', { max: 2 })), ['middle', 'low 1'])
    await send('alerts', ['high', 3])
    assert.deepEqual(told(await client.receive('alerts', 'desk', { max: 2 })), ['high', 'low 2'])
  })

  it('shows priority, type and queue, and has for all beyond its queues the highest', async () => {
    await send('alerts', ['a', 1_000_000], ['b', 3], ['c', 1])
    const seen = (await client.receive('alerts', 'desk')).map(({ body, message: { systemProperties: system } }) => {
      return [body, system?.priority, system?.messageType, system?.queueId]
    })
    assert.deepEqual(seen, [
      ['a', 1_000_000, 'PRIORITY', 3],
      ['b', 3, 'PRIORITY', 3],
      ['c', 1, 'PRIORITY', 1],
    ])
  })

  it('keeps the order of priorities among what comes again', async () => {
    await send('alerts', ['low', 0], ['high', 3])
    assert.equal((await client.receive('alerts', 'desk', { invisible: '10s' })).length, 2)
    await send('alerts', ['middle', 1], ['highest', 3])
    await broker.clock.advance('11s')
    const again = await client.receive('alerts', 'desk')
    assert.deepEqual(
      again.map(({ body, deliveryAttempt }) => [body, deliveryAttempt]),
      [
        ['high', 2],
        ['highest', 1],
        ['middle', 1],
        ['low', 2],
      ],
    )
  })

  it('gives a receive that waits what comes, whatever its priority', async () => {
    const waiting = client.receive('alerts', 'desk', { wait: '20s' })
    await send('alerts', ['low', 0])
    assert.deepEqual(told(await waiting), ['low'])
  })

  it('has for messages without one the lowest, where it takes them', async () => {
    await send('mixed', ['plain', undefined], ['plain again', undefined], ['zero', 0], ['one', 1])
    assert.deepEqual(told(await client.receive('mixed', 'desk')), ['one', 'plain', 'plain again', 'zero'])
  })

  it('gives an ordered group the queues in turn', async () => {
    await send('alerts', ['low', 0], ['high', 3])
    assert.deepEqual(told(await client.receive('alerts', 'ledger', { max: 1 })), ['low'])
  })

  it('hands what is sent back from its dead letters out by priority again', async () => {
    await send('alerts', ['low', 0], ['high', 3])
    for (const message of await client.receive('alerts', 'desk')) await client.deadLetter('alerts', 'desk', message)
    await send('alerts', ['middle', 1])
    assert.equal((await broker.broker.context.delivery.redrive('desk'))?.moved, 2)
    assert.deepEqual(told(await client.receive('alerts', 'desk')), ['high', 'middle', 'low'])
  })

  it('tells producers what it takes', () => {
    const { registry } = broker.broker.context
    assert.deepEqual(registry.topic('alerts')?.types, ['PRIORITY'])
    assert.equal(registry.useTopic('orders')?.types.includes('PRIORITY'), false)
  })
})
