import { strict as assert } from 'node:assert'
import {
  decodeQueryAssignmentResponse,
  decodeQueryRouteResponse,
  encodeQueryAssignmentRequest,
  encodeQueryRouteRequest,
  headerNames,
  messagingService,
} from '@feathermq/protocol'
import { after, before, describe, it } from 'mocha'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory, until } from './test-kit/calls.ts'
import { beat, sayGoodbye } from './test-kit/lives.ts'
import { acknowledge, forward, leased } from './test-kit/settling.ts'
import { consumerOf, openTelemetry, producerOf, type TelemetryStream } from './test-kit/telemetry.ts'

describe('the life of a client', () => {
  let broker: TestBroker
  let names = 0
  before(async () => {
    broker = await startInMemory()
  })
  after(() => broker.close())

  const fresh = (what: string) => `${what}-${++names}`
  const livenessOf = (clientId: string) => broker.broker.context.clients.get(clientId)?.liveness.name

  /** A client whose Telemetry is open and whose settings are known. */
  async function connect(clientId = fresh('client'), group = 'billing'): Promise<{ readonly clientId: string; readonly stream: TelemetryStream }> {
    const stream = await openTelemetry(broker, { clientId })
    await stream.settle(consumerOf('orders', group))
    return { clientId, stream }
  }

  async function disconnect(clientId: string, stream: TelemetryStream): Promise<void> {
    stream.cancel()
    await until(() => livenessOf(clientId) === 'lost', 'the stream is lost')
  }

  describe('Heartbeat', () => {
    it('answers OK to consumers and producers whose settings are known', async () => {
      const { clientId, stream } = await connect()
      assert.deepEqual(await beat(broker, clientId, { group: { name: 'billing' }, clientType: 'PUSH_CONSUMER' }), { code: 20_000, text: 'OK' })
      await stream.settle(producerOf('orders'))
      assert.equal((await beat(broker, clientId, { clientType: 'PRODUCER' })).code, 20_000)
    })

    it('takes clients of any language', async () => {
      const { clientId } = await connect()
      for (const language of ['KLINGON', 'NODE_JS', '']) {
        assert.equal((await beat(broker, clientId, {}, [[headerNames.language, language]])).code, 20_000)
      }
    })
  })

  describe('NotifyClientTermination', () => {
    it('answers OK once, with or without a group, and 40015 from then on', async () => {
      for (const request of [{}, { group: { name: 'billing' } }]) {
        const { clientId, stream } = await connect()
        assert.deepEqual(await sayGoodbye(broker, clientId, request), { code: 20_000, text: 'OK' })
        assert.equal((await sayGoodbye(broker, clientId, request)).code, 40_015)
        assert.equal((await beat(broker, clientId)).code, 40_015)
        stream.cancel()
      }
    })
  })

  for (const [name, call] of [
    ['Heartbeat', beat],
    ['NotifyClientTermination', sayGoodbye],
  ] as const) {
    describe(`${name} refuses`, () => {
      it('a client that never sent settings: 40015', async () => {
        const { code, text } = await call(broker, 'nobody')
        assert.equal(code, 40_015)
        assert.match(text, /no settings of client nobody: send them on Telemetry/)
      })

      it('a client whose Telemetry is open but said nothing yet: 40015', async () => {
        const clientId = fresh('client')
        await openTelemetry(broker, { clientId })
        assert.equal((await call(broker, clientId)).code, 40_015)
      })

      it('a group that is not legal: 40003', async () => {
        const { clientId } = await connect()
        assert.equal((await call(broker, clientId, { group: { name: 'a b' } })).code, 40_003)
        assert.equal((await call(broker, clientId, { group: { name: '' } })).code, 40_003)
        assert.equal((await beat(broker, clientId)).code, 20_000)
      })

      it('a caller without an id: 40017', async () => {
        assert.equal((await call(broker, '')).code, 40_017)
      })
    })
  }

  it('a client that never sent settings is served with everything but these two', async () => {
    const [topic, group] = [fresh('topic'), fresh('group')]
    const client = broker.rawClient(fresh('bare'))
    const names = { topic: { name: topic }, group: { name: group } }
    const route = await client.call(messagingService.queryRoute, encodeQueryRouteRequest(names), decodeQueryRouteResponse)
    const assignment = await client.call(messagingService.queryAssignment, encodeQueryAssignmentRequest(names), decodeQueryAssignmentResponse)
    assert.deepEqual([route.status?.code, assignment.status?.code], ['OK', 'OK'])
    for (const _ of [1, 2]) assert.equal(await client.send(topic, 'a'), 'OK')
    const [first, second] = await client.receive(topic, group)
    assert.ok(first !== undefined && second !== undefined)
    assert.equal(await client.ack(topic, group, first), 'OK')
    const { code, receiptHandle } = await client.change(topic, group, second, '30s')
    assert.equal(code, 'OK')
    assert.equal((await forward(client, { ...names, receiptHandle })).code, 20_000)
  })

  describe('a lease that the broker renews', () => {
    let watcher: RawClient
    before(() => {
      watcher = broker.rawClient('watcher')
    })

    /** A client with one message, whose lease the broker renews for it. */
    async function holding(clientId: string) {
      const [topic, group] = [fresh('topic'), fresh('group')]
      const client = broker.rawClient(clientId)
      const message = await leased(client, topic, group, { autoRenew: true })
      const acked = async () => (await acknowledge(watcher, topic, group, [message])).codes[0]
      /** Attempts of what another consumer of the group gets now. */
      const back = async () => (await watcher.receive(topic, group)).map(({ deliveryAttempt }) => deliveryAttempt)
      return { client, topic, group, message, back, acked }
    }

    /** Checks that the message is away now and for `ms` from now, and is back one tick later as its second attempt. */
    async function comesBackAfter(ms: number, { back }: { back(): Promise<number[]> }): Promise<void> {
      await broker.clock.advance(ms - 20)
      assert.deepEqual(await back(), [], `it was back before ${ms} ms`)
      await broker.clock.advance(40)
      assert.deepEqual(await back(), [2], `it was not back after ${ms} ms`)
    }

    it('holds with the first handle for as long as Telemetry is open', async () => {
      const { clientId, stream } = await connect()
      const held = await holding(clientId)
      await broker.clock.advance('2h')
      assert.deepEqual(await held.back(), [])
      assert.equal(await held.acked(), 20_000)
      stream.cancel()
    })

    it('ends after 3 h at the latest', async () => {
      const { clientId, stream } = await connect()
      await comesBackAfter(3 * 3_600_000, await holding(clientId))
      stream.cancel()
    })

    it('ends 1 s after Telemetry was lost for 10 s without a call', async () => {
      const { clientId, stream } = await connect()
      const held = await holding(clientId)
      await broker.clock.advance('1h')
      await disconnect(clientId, stream)
      await comesBackAfter(11_000, held)
      assert.equal(await held.acked(), 40_013)
    })

    it('holds when Telemetry is back within 10 s', async () => {
      const { clientId, stream } = await connect()
      const held = await holding(clientId)
      await disconnect(clientId, stream)
      await broker.clock.advance('9900ms')
      const again = await connect(clientId)
      await broker.clock.advance('2h')
      assert.deepEqual(await held.back(), [])
      assert.equal(await held.acked(), 20_000)
      again.stream.cancel()
    })

    it('holds when a call comes within 10 s of the loss, and then for as long as calls keep coming within 30 s of each other', async () => {
      const { clientId, stream } = await connect()
      const held = await holding(clientId)
      await disconnect(clientId, stream)
      await broker.clock.advance('9900ms')
      assert.equal((await beat(broker, clientId)).code, 20_000)
      for (let calls = 0; calls < 20; calls++) {
        await broker.clock.advance('29s')
        assert.equal((await beat(broker, clientId)).code, 20_000)
      }
      assert.deepEqual(await held.back(), [])
      await comesBackAfter(31_000, held)
    })

    it('ends 1 s after a client without Telemetry was silent for 30 s', async () => {
      const held = await holding(fresh('quiet'))
      await comesBackAfter(31_000, held)
    })

    it('holds while a client without Telemetry makes calls of any kind, also failing ones', async () => {
      const held = await holding(fresh('busy'))
      for (let calls = 0; calls < 10; calls++) {
        await broker.clock.advance('25s')
        await held.client.send('a b', 'not legal')
      }
      assert.deepEqual(await held.back(), [])
      assert.equal(await held.acked(), 20_000)
    })

    it('ends 1 s after the client said goodbye, also while its Telemetry is still open', async () => {
      for (const leave of [true, false]) {
        const { clientId, stream } = await connect()
        const held = await holding(clientId)
        assert.equal((await sayGoodbye(broker, clientId)).code, 20_000)
        if (leave) stream.cancel()
        await comesBackAfter(1_000, held)
        stream.cancel()
      }
    })

    it('is not brought back once its message was acknowledged', async () => {
      const { clientId, stream } = await connect()
      const held = await holding(clientId)
      assert.equal(await held.acked(), 20_000)
      await sayGoodbye(broker, clientId)
      stream.cancel()
      await broker.clock.advance('4h')
      assert.deepEqual(await held.back(), [])
    })

    it('of another client is not touched', async () => {
      const leaving = await connect()
      const staying = await connect()
      const held = await holding(staying.clientId)
      await sayGoodbye(broker, leaving.clientId)
      leaving.stream.cancel()
      await broker.clock.advance('1m')
      assert.deepEqual(await held.back(), [])
      staying.stream.cancel()
    })

    it('is the only kind that ends with its client: others run out in their time', async () => {
      const { clientId, stream } = await connect()
      const [topic, group] = [fresh('topic'), fresh('group')]
      await leased(broker.rawClient(clientId), topic, group, { invisible: '1m' })
      await sayGoodbye(broker, clientId)
      stream.cancel()
      const back = async () => (await watcher.receive(topic, group)).map(({ deliveryAttempt }) => deliveryAttempt)
      await comesBackAfter(60_000, { back })
    })

    it('keeps to the broker’s own bounds', async () => {
      await using hasty = await startInMemory({ limits: { renewCeiling: 60_000, renewedInvisible: 5_000, lostClientReturn: 3_000 } })
      const [first, second] = [hasty.rawClient('first'), hasty.rawClient('second')]
      const { message } = await leased(first, 'orders', 'billing', { autoRenew: true })
      assert.deepEqual(message.systemProperties?.invisibleDuration, { seconds: 5, nanos: 0 })
      await hasty.clock.advance('32900ms')
      assert.deepEqual(await second.receive('orders', 'billing', { autoRenew: true }), [])
      await hasty.clock.advance('200ms')
      assert.equal((await second.receive('orders', 'billing', { autoRenew: true }))[0]?.deliveryAttempt, 2)
    })
  })
})
