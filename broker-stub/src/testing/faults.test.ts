import assert from 'node:assert/strict'
import { http2Transport, inMemoryTransport, RpcError } from '@feathermq/transport'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { type FaultOptions, type RawClient, startBroker, type TestBroker } from './index.ts'

const unavailable = (error: unknown): boolean => error instanceof RpcError && error.code === 'UNAVAILABLE'

for (const [name, transport] of [
  ['in memory', () => inMemoryTransport({ poison: true })],
  ['over HTTP/2', () => http2Transport()],
] as const) {
  describe(`faults of a test's broker, ${name}`, () => {
    let broker: TestBroker
    let client: RawClient
    beforeEach(async () => {
      broker = await startBroker({ transport: transport(), clock: 'frozen' })
      client = broker.rawClient()
    })
    afterEach(() => broker.close())

    /** Bodies that are there for a group. */
    const bodies = async (group = 'billing'): Promise<string[]> => (await client.receive('orders', group)).map(({ body }) => body)

    it('let a call wait by the clock of the broker, and then have its effect', async () => {
      const fault = broker.faults.add({ rpc: 'SendMessage', latency: '3s', times: 1 })
      let answered = false
      const sent = client.send('orders', 'late').finally(() => {
        answered = true
      })
      await fault.reached
      await client.send('orders', 'in time')
      await broker.clock.advance('2999ms')
      assert.deepEqual(await bodies(), ['in time'])
      assert.equal(answered, false)
      await broker.clock.advance('1ms')
      assert.equal(await sent, 'OK')
      assert.deepEqual(await bodies(), ['late'])
    })

    it('forget a call that its client gives up before the latency is over', async () => {
      const fault = broker.faults.add({ rpc: 'ReceiveMessage', latency: '3s', times: 1 })
      await client.send('orders', 'a')
      const leaving = new AbortController()
      const received = client.receive('orders', 'billing', { signal: leaving.signal })
      await fault.reached
      leaving.abort()
      await assert.rejects(received, /CANCELLED/)
      // Over a network the broker hears of it in order: once this is answered, it has.
      await client.send('other', 'b')
      await broker.clock.advance('3s')
      const [message] = await client.receive('orders', 'billing')
      assert.equal(message?.deliveryAttempt, 1)
    })

    it('refuse a call by a status, without an effect', async () => {
      broker.faults.add({ rpc: 'SendMessage', status: 'TOO_MANY_REQUESTS', times: 1 })
      assert.equal(await client.send('orders', 'a'), 'TOO_MANY_REQUESTS')
      assert.equal(await client.send('orders', 'b'), 'OK')
      assert.deepEqual(await bodies(), ['b'])
      broker.faults.add({ rpc: 'ReceiveMessage', status: { code: 'FORBIDDEN', message: 'not you' } })
      await assert.rejects(bodies(), /FORBIDDEN: not you/)
    })

    it('fail a call by a status of gRPC, without an effect', async () => {
      broker.faults.add({ rpc: 'SendMessage', rpcStatus: { code: 'RESOURCE_EXHAUSTED', message: 'no more' }, times: 1 })
      await assert.rejects(client.send('orders', 'a'), (error) => error instanceof RpcError && error.code === 'RESOURCE_EXHAUSTED')
      broker.faults.add({ rpc: 'ReceiveMessage', rpcStatus: 'INTERNAL', times: 1 })
      await assert.rejects(bodies(), /INTERNAL/)
      assert.deepEqual(await bodies(), [])
    })

    it('break the connection before a call has an effect', async () => {
      broker.faults.add({ rpc: 'SendMessage', dropStream: 'before', times: 1 })
      await assert.rejects(client.send('orders', 'a'), unavailable)
      assert.deepEqual(await bodies(), [])
    })

    it('break the connection after a call had its effect: a lost acknowledgement', async () => {
      await client.send('orders', 'a')
      const [message] = await client.receive('orders', 'billing')
      broker.faults.add({ rpc: 'AckMessage', dropStream: 'after', times: 1 })
      await assert.rejects(client.ack('orders', 'billing', message), unavailable)
      await broker.clock.advance('1h')
      assert.deepEqual(await bodies(), [])
    })

    it('lose the messages of a receive, which come again when their invisible duration ends', async () => {
      await client.send('orders', 'a')
      broker.faults.add({ rpc: 'ReceiveMessage', dropStream: 'after', times: 1 })
      await assert.rejects(client.receive('orders', 'billing', { invisible: '30s' }), /UNAVAILABLE/)
      await broker.clock.advance('29s')
      assert.deepEqual(await bodies(), [])
      await broker.clock.advance('1s')
      const [again] = await client.receive('orders', 'billing')
      assert.equal(again?.deliveryAttempt, 2)
    })

    it('lose a reply: the call has its effect and is never answered', async () => {
      await client.send('orders', 'a')
      const fault = broker.faults.add({ rpc: 'ReceiveMessage', loseReply: true, times: 1 })
      const leaving = new AbortController()
      const received = client.receive('orders', 'billing', { invisible: '30s', signal: leaving.signal })
      await fault.reached
      assert.deepEqual(await bodies(), [])
      leaving.abort()
      await assert.rejects(received, /CANCELLED/)
      await client.send('other', 'b')
      // Who loses a reply does not give back what was in it.
      assert.deepEqual(await bodies(), [])
      await broker.clock.advance('30s')
      assert.deepEqual(await bodies(), ['a'])
    })

    it('end a telemetry stream, which is as good as losing the client', async () => {
      const consumer = broker.rawClient('consumer')
      const settings = { clientType: 'PUSH_CONSUMER', pubSub: { case: 'subscription', value: { group: { name: 'billing' } } } } as const
      broker.faults.add({ rpc: 'Telemetry', group: 'billing', dropStream: 'after', times: 1 })
      await assert.rejects(consumer.telemetry(settings), /UNAVAILABLE/)
      assert.equal(broker.broker.context.clients.get('consumer')?.liveness.name, 'lost')
      broker.faults.add({ rpc: 'Telemetry', group: 'billing', dropStream: 'before', times: 1 })
      await assert.rejects(consumer.telemetry(settings), /UNAVAILABLE/)
      const { answer, close } = await consumer.telemetry(settings)
      assert.equal(answer.command?.case, 'settings')
      close()
    })

    it('lose one answer on a telemetry stream, which goes on', async () => {
      const consumer = broker.rawClient('consumer')
      const settings = { clientType: 'PUSH_CONSUMER', pubSub: { case: 'subscription', value: { group: { name: 'billing' } } } } as const
      const fault = broker.faults.add({ rpc: 'Telemetry', loseReply: true, times: 1 })
      const answered = consumer.telemetry(settings)
      await fault.reached
      broker.broker.context.registry.putGroup('billing', { maxAttempts: 3 }, 'admin')
      const { answer, close } = await answered
      assert.equal(answer.command?.case === 'settings' && answer.command.value.backoffPolicy?.maxAttempts, 3)
      close()
    })

    it('are for the topic, the group and the client that they name, and for no others', async () => {
      await broker.rawClient('good').receive('orders', 'billing')
      broker.faults.add({ rpc: 'SendMessage', topic: 'orders', clientId: 'bad', status: 'FORBIDDEN' })
      broker.faults.add({ rpc: 'ReceiveMessage', group: 'audit', status: 'FORBIDDEN' })
      assert.equal(await broker.rawClient('good').send('orders', 'a'), 'OK')
      assert.equal(await broker.rawClient('bad').send('other', 'a'), 'OK')
      assert.equal(await broker.rawClient('bad').send('orders', 'b'), 'FORBIDDEN')
      assert.deepEqual(await bodies('billing'), ['a'])
      await assert.rejects(bodies('audit'), /FORBIDDEN/)
    })

    it('begin after as many calls as they say, stay for as many as they say, and are gone when they are removed', async () => {
      const codes = async (sends: number): Promise<(string | number)[]> => {
        const found = []
        for (let at = 0; at < sends; at++) found.push(await client.send('orders', 'a'))
        return found
      }
      const fault = broker.faults.add({ rpc: '*', after: 1, times: 2, status: 'INTERNAL_ERROR' })
      assert.deepEqual(await codes(4), ['OK', 'INTERNAL_ERROR', 'INTERNAL_ERROR', 'OK'])
      assert.equal(fault.hits, 2)
      const forever = broker.faults.add({ rpc: 'SendMessage', status: 'INTERNAL_ERROR' })
      const behind = broker.faults.add({ rpc: 'SendMessage', status: 'FORBIDDEN' })
      assert.deepEqual(await codes(1), ['INTERNAL_ERROR'])
      assert.equal(behind.hits, 0)
      forever.remove()
      assert.deepEqual(await codes(1), ['FORBIDDEN'])
      broker.faults.clear()
      assert.deepEqual(await codes(1), ['OK'])
    })
  })
}

describe('a fault', () => {
  it('can be there from the start', async () => {
    await using broker = await startBroker({ transport: inMemoryTransport(), faults: [{ rpc: 'SendMessage', status: 'FORBIDDEN' }] })
    assert.equal(await broker.rawClient().send('orders', 'a'), 'FORBIDDEN')
  })

  it('lasts as long as its block', async () => {
    await using broker = await startBroker({ transport: inMemoryTransport() })
    {
      using fault = broker.faults.add({ rpc: 'SendMessage', status: 'FORBIDDEN' })
      assert.equal(await broker.rawClient().send('orders', 'a'), 'FORBIDDEN')
      assert.equal(fault.hits, 1)
    }
    assert.equal(await broker.rawClient().send('orders', 'a'), 'OK')
  })

  it('that never comes, or waits for no time, is a mistake', async () => {
    await using broker = await startBroker({ transport: inMemoryTransport() })
    for (const wrong of [{ times: 0 }, { after: -1 }, { after: Number.NaN }, { latency: 'soon' }]) {
      assert.throws(() => broker.faults.add({ rpc: 'SendMessage', status: 'FORBIDDEN', ...wrong }), RangeError)
    }
  })

  it('is one thing, as the types have it', () => {
    // @ts-expect-error a call that is refused has no reply to lose
    const both: FaultOptions = { rpc: 'SendMessage', status: 'FORBIDDEN', loseReply: true }
    // @ts-expect-error there is no such RPC
    const unknown: FaultOptions = { rpc: 'Send', status: 'FORBIDDEN' }
    assert.notDeepEqual(both, unknown)
  })
})
