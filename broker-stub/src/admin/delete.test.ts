import assert from 'node:assert/strict'
import { inMemoryTransport } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type RawClient, type RawSend, startBroker, type TestBroker } from '../testing/index.ts'
import { adminApi } from './api.ts'

const BODY = 'x'.repeat(1_000)

describe('deleting', () => {
  let broker: TestBroker
  let client: RawClient
  beforeEach(async () => {
    broker = await startBroker({
      transport: inMemoryTransport(),
      clock: 'frozen',
      maxMemory: '64KiB',
      groups: { ledger: { ordered: true } },
    })
    client = broker.rawClient()
  })
  afterEach(() => broker.close())

  async function fill(topic: string, options: RawSend = {}): Promise<number> {
    let sent = 0
    while ((await client.send(topic, BODY, options)) === 'OK') sent++
    return sent
  }
  const remove = (path: string) => assert.equal(adminApi(broker.broker.context, 'DELETE', path, undefined).status, 200)

  const states: readonly (readonly [state: string, options: () => RawSend, prepare: () => Promise<unknown>, after: () => Promise<unknown>])[] = [
    ['that nobody reads', () => ({}), async () => {}, async () => {}],
    [
      'whose messages are delayed',
      () => ({ messageType: 'DELAY', deliveryTimestamp: { seconds: Math.floor(broker.clock.now() / 1_000) + 60, nanos: 0 } }),
      async () => {},
      async () => {},
    ],
    [
      'that a group reads, with messages in flight',
      () => ({}),
      () => client.receive('old', 'billing'),
      () => client.receive('old', 'billing', { max: 10 }),
    ],
  ]
  for (const [state, options, prepare, afterwards] of states) {
    it(`a topic ${state} makes room for others`, async () => {
      await prepare()
      const sent = await fill('old', options())
      assert.ok(sent > 20)
      await afterwards()
      assert.equal(await client.send('new', BODY), 'TOO_MANY_REQUESTS')
      remove('/api/topics/old')
      assert.ok((await fill('new')) >= sent)
    })
  }

  it('the last group of a topic makes room for others: what it had in flight, parked and not yet seen', async () => {
    await client.receive('old', 'ledger')
    const sent = await fill('old', { messageType: 'FIFO', messageGroup: 'one' })
    await client.receive('old', 'ledger', { max: 3 })
    // Passes the rest of the message group, which is locked.
    await client.receive('old', 'ledger', { max: 1 })
    const stats = broker.broker.context.delivery.subscriptionStats()[0]
    assert.equal(stats?.inFlight, 3)
    assert.equal(stats.parked, sent - 3)
    assert.equal(await client.send('new', BODY), 'TOO_MANY_REQUESTS')
    remove('/api/groups/ledger')
    assert.ok((await fill('new')) >= sent)
  })

  it('one of two groups leaves what the other one needs', async () => {
    await client.receive('old', 'billing')
    await client.receive('old', 'ledger')
    const sent = await fill('old')
    await client.receive('old', 'billing', { max: 10 })
    remove('/api/groups/billing')
    assert.equal(await client.send('new', BODY), 'TOO_MANY_REQUESTS')
    let got = 0
    for (let batch = await client.receive('old', 'ledger'); batch.length > 0; batch = await client.receive('old', 'ledger')) {
      got += batch.length
      for (const message of batch) await client.ack('old', 'ledger', message)
    }
    assert.equal(got, sent)
    assert.ok((await fill('new')) >= sent)
  })

  it('leaves the receipt handles of others as they are', async () => {
    for (const topic of ['first', 'second']) await client.send(topic, 'a')
    await client.receive('first', 'billing')
    const [message] = await client.receive('second', 'billing')
    remove('/api/topics/first')
    await client.send('third', 'a')
    const [other] = await client.receive('third', 'billing')
    assert.equal(await client.ack('second', 'billing', message), 'OK')
    assert.equal(await client.ack('third', 'billing', other), 'OK')
  })
})
