import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { groupAction } from '../admin/group-actions.ts'
import type { RawClient, RawMessage } from '../testing/raw-client.ts'
import { type BrokerLife, BrokerWorld } from './test-kit/broker-world.ts'

const told = (messages: readonly RawMessage[]): readonly (readonly [body: string, attempt: number])[] =>
  messages.map(({ body, deliveryAttempt }) => [body, deliveryAttempt] as const)

async function act(life: BrokerLife, path: string, body: object = {}): Promise<unknown> {
  const answer = await groupAction(life.broker.context, 'POST', `/api/groups/${path}`, body)
  assert.equal(answer?.status, 200, JSON.stringify(answer?.body))
  // What changes within a turn of the event loop is in a file before the next one.
  await new Promise((resolve) => setImmediate(resolve))
  return answer?.body
}

for (const [ended, end] of [
  ['was stopped', (life: BrokerLife) => life.stop()],
  ['was killed', (life: BrokerLife) => life.crash('kill')],
] as const) {
  describe(`a group of a broker that ${ended} and is started again`, () => {
    let world: BrokerWorld
    let life: BrokerLife
    let client: RawClient
    beforeEach(async () => {
      world = new BrokerWorld()
      await begin()
    })
    afterEach(() => world.close())

    async function begin(): Promise<void> {
      life = await world.start({
        topics: { orders: { queues: 1 }, alerts: { queues: 3, types: ['PRIORITY'] } },
        groups: { billing: { maxAttempts: 2 } },
      })
      client = life.client('tester')
    }
    async function again(): Promise<void> {
      await end(life)
      await begin()
    }
    async function send(...bodies: readonly string[]): Promise<void> {
      for (const body of bodies) assert.equal(await client.send('orders', body), 'OK')
    }
    const receive = (topic = 'orders', group = 'billing'): Promise<RawMessage[]> => client.receive(topic, group)

    it('is still paused', async () => {
      await send('a')
      await act(life, 'billing/pause')
      await again()
      assert.deepEqual(await receive(), [])
      await act(life, 'billing/resume')
      assert.deepEqual(told(await receive()), [['a', 1]])
    })

    it('goes on where it was sent, and nothing of before comes back', async () => {
      await send('a', 'b', 'c')
      const before = await receive()
      await act(life, 'billing/reset', { topic: 'orders', offsets: { 0: 1 } })
      await again()
      assert.equal(await client.ack('orders', 'billing', before[0]), 'INVALID_RECEIPT_HANDLE')
      assert.deepEqual(told(await receive()), [
        ['b', 1],
        ['c', 1],
      ])
      await world.clock.advance('11s')
      assert.deepEqual(told(await receive()), [
        ['b', 2],
        ['c', 2],
      ])
    })

    it('goes on at a time that is looked up on the disk', async () => {
      await send('a', 'b')
      await world.clock.advance('1m')
      const time = new Date(world.clock.now()).toISOString()
      await send('c', 'd')
      await again()
      assert.deepEqual(await act(life, 'billing/reset', { topic: 'orders', to: time }), { group: 'billing', topic: 'orders', offsets: [2] })
      assert.deepEqual(told(await receive()), [
        ['c', 1],
        ['d', 1],
      ])
    })

    it('begins in a topic at the time that it was given', async () => {
      await send('a')
      await world.clock.advance('1m')
      life.broker.context.registry.putGroup('late', { start: { at: world.clock.now() } }, 'admin')
      await send('b')
      await again()
      assert.deepEqual(told(await receive('orders', 'late')), [['b', 1]])
    })

    it('sends back those dead letters that were not sent back, and knows what went wrong', async () => {
      await send('a', 'b', 'c')
      for (const message of await receive()) assert.equal(await client.deadLetter('orders', 'billing', message), 'OK')
      assert.deepEqual(await act(life, 'billing/redrive', { max: 1 }), { group: 'billing', moved: 1, left: 2, stopped: undefined })
      await again()
      assert.deepEqual(await act(life, 'billing/redrive'), { group: 'billing', moved: 2, left: 0, stopped: undefined })
      const back = await receive()
      assert.deepEqual(
        back.map(({ body }) => body),
        ['a', 'b', 'c'],
      )
      assert.deepEqual((await act(life, 'billing/redrive')) as object, { group: 'billing', moved: 0, left: 0, stopped: undefined })
    })

    it('still knows what a consumer said last', async () => {
      await send('a')
      const [message] = await receive()
      await client.change('orders', 'billing', message as RawMessage, '10s', 'no such account')
      await again()
      await world.clock.advance('11s')
      await receive()
      await world.clock.advance('11s')
      const [letter] = await receive('%DLQ%billing', 'undertaker')
      assert.equal(letter?.message.userProperties.get('FEATHERMQ_DLQ_ERROR'), 'no such account')
      assert.equal(letter?.message.userProperties.get('FEATHERMQ_DLQ_REASON'), 'attempts')
    })

    it('gets the highest priority first', async () => {
      for (const priority of [0, 2, 1, 2]) assert.equal(await client.send('alerts', `${priority}`, { priority }), 'OK')
      await again()
      assert.deepEqual(
        (await receive('alerts')).map(({ body, message }) => [body, message.systemProperties?.priority, message.systemProperties?.messageType]),
        [
          ['2', 2, 'PRIORITY'],
          ['2', 2, 'PRIORITY'],
          ['1', 1, 'PRIORITY'],
          ['0', 0, 'PRIORITY'],
        ],
      )
    })
  })
}
