import assert from 'node:assert/strict'
import { durationFromMs } from '@feathermq/protocol'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { RecordingLogger } from '../logging/test-kit/recording-logger.ts'
import type { RawClient } from '../testing/raw-client.ts'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory, until } from './test-kit/calls.ts'
import { begin, end } from './test-kit/kept.ts'
import { openTelemetry, producerOf, type TelemetryStream } from './test-kit/telemetry.ts'
import * as requests from './test-kit/validation/requests.ts'

const TICK = 10

describe('a transaction that nobody ends', () => {
  let broker: TestBroker
  let client: RawClient
  let logger: RecordingLogger
  beforeEach(async () => {
    logger = new RecordingLogger()
    broker = await startInMemory({ logger })
    client = broker.rawClient('sender')
  })
  afterEach(() => broker.close())

  async function producer(clientId: string, ...topics: string[]): Promise<TelemetryStream> {
    const stream = await openTelemetry(broker, { clientId })
    await stream.settle(producerOf(...topics))
    return stream
  }

  /** Ids of the messages that a producer was asked about since it was looked last. */
  const asked = (stream: TelemetryStream): (string | undefined)[] =>
    stream.commands.splice(0).map(({ command }) => {
      assert.ok(command?.case === 'recoverOrphanedTransactionCommand')
      return command.value.message?.systemProperties?.messageId
    })
  const stats = () => broker.broker.context.transactions.stats

  it('is asked about after six seconds, to the tick, with the whole message', async () => {
    const stream = await producer('asked', 'orders')
    const half = await begin(client, 'orders', 'hello', { messageId: 'a', tag: 't', keys: ['k'], traceContext: 'trace' })
    await broker.clock.advance(5_999)
    assert.equal(stream.commands.length, 0)
    await broker.clock.advance(1 + TICK)
    const command = stream.commands[0]?.command
    assert.ok(command?.case === 'recoverOrphanedTransactionCommand')
    const { message, transactionId } = command.value
    assert.equal(transactionId, half.transactionId)
    assert.equal(Buffer.from(message?.body ?? []).toString(), 'hello')
    const system = message?.systemProperties
    assert.deepEqual(
      [system?.messageId, system?.tag, system?.keys, system?.traceContext, system?.messageType, system?.bodyDigest],
      ['a', 't', ['k'], 'trace', 'TRANSACTION', { type: 'SHA1', checksum: 'AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D' }],
    )
    assert.deepEqual([message?.topic?.name, message?.userProperties], ['orders', new Map()])
    assert.equal((await end(client, half, 'COMMIT', { source: 'SOURCE_SERVER_CHECK' })).code, 20_000)
    assert.equal((await client.receive('orders', 'billing')).length, 1)
    await broker.clock.advance('1h')
    assert.equal(stream.commands.length, 1)
  })

  for (const seconds of [1, 10, 3_600]) {
    it(`is asked about after the ${seconds} s that its message says, and then every 30 s`, async () => {
      const stream = await producer('asked', 'orders')
      await begin(client, 'orders', 'x', { messageId: 'a', orphanedTransactionRecoveryDuration: durationFromMs(seconds * 1_000) })
      await broker.clock.advance(seconds * 1_000 - 1)
      assert.deepEqual(asked(stream), [])
      for (let check = 0; check < 3; check++) {
        await broker.clock.advance(1 + TICK)
        assert.deepEqual(asked(stream), ['a'])
        await broker.clock.advance(30_000 - 2 * TICK)
        assert.deepEqual(asked(stream), [])
        await broker.clock.advance(TICK)
      }
    })
  }

  it('is asked about 15 times, and then rolled back, counted and written down', async () => {
    const stream = await producer('asked', 'orders')
    const half = await begin(client, 'orders', 'x', { messageId: 'a' })
    await broker.clock.advance('6s')
    for (let check = 0; check < 14; check++) await broker.clock.advance('31s')
    await broker.clock.advance(TICK)
    assert.equal(asked(stream).length, 15)
    assert.equal(stats().givenUp, 0)
    await broker.clock.advance('31s')
    assert.deepEqual([asked(stream), stats().checks, stats().givenUp], [[], 15, 1])
    assert.deepEqual(logger.of('transaction-rolled-back'), [{ topic: 'orders', messageId: 'a', transactionId: half.transactionId, checks: 15 }])
    assert.equal((await end(client, half, 'COMMIT')).code, 40_008)
    assert.equal((await end(client, half, 'ROLLBACK')).code, 20_000)
    await broker.clock.advance('1h')
    assert.deepEqual([asked(stream), await client.receive('orders', 'billing')], [[], []])
  })

  it('is asked about as the settings say', async () => {
    await broker.close()
    broker = await startInMemory({ transactions: { firstCheck: '1s', checkInterval: '2s', maxChecks: 2 }, logger })
    client = broker.rawClient('sender')
    const stream = await producer('asked', 'orders')
    await begin(client, 'orders', 'x')
    for (const [wait, checks] of [
      [1_000, 1],
      [2_000, 1],
      [2_000, 0],
    ] as const) {
      await broker.clock.advance(wait + TICK)
      assert.equal(asked(stream).length, checks)
    }
    assert.equal(stats().givenUp, 1)
  })

  it('is asked about once more after an answer that says nothing', async () => {
    const stream = await producer('asked', 'orders')
    const half = await begin(client, 'orders', 'x', { messageId: 'a' })
    await broker.clock.advance(6_000 + TICK)
    assert.deepEqual(asked(stream), ['a'])
    assert.equal((await end(client, half, 'TRANSACTION_RESOLUTION_UNSPECIFIED', { source: 'SOURCE_SERVER_CHECK' })).code, 20_000)
    await broker.clock.advance(30_000 + TICK)
    assert.deepEqual(asked(stream), ['a'])
  })

  it('is asked of the producers of its topic in turn, whoever sent it', async () => {
    const streams = [await producer('one', 'orders'), await producer('two', 'orders', 'payments'), await producer('three', 'payments')]
    for (let index = 0; index < 4; index++) await begin(client, 'orders', 'x', { messageId: `m${index}` })
    await broker.clock.advance(6_000 + TICK)
    assert.deepEqual(streams.map(asked), [['m0', 'm2'], ['m1', 'm3'], []])
  })

  it('is not asked of a producer that is gone, has said goodbye, or sends to other topics now', async () => {
    const streams = [
      await producer('gone', 'orders'),
      await producer('bye', 'orders'),
      await producer('moved', 'orders'),
      await producer('here', 'orders'),
    ]
    const [gone, , moved, here] = streams as [TelemetryStream, TelemetryStream, TelemetryStream, TelemetryStream]
    gone.cancel()
    await until(() => broker.broker.context.clients.get('gone')?.liveness.name === 'lost', 'it is known to be gone')
    await requests.terminate(broker, {}, { clientId: 'bye' })
    await moved.settle(producerOf('payments'))
    for (let index = 0; index < 4; index++) await begin(client, 'orders', 'x', { messageId: `m${index}` })
    await broker.clock.advance(6_000 + TICK)
    assert.deepEqual(streams.map(asked), [[], [], [], ['m0', 'm1', 'm2', 'm3']])
    assert.equal(here.commands.length, 0)
  })

  it('waits for a producer where there is none, however long, and is asked about as soon as one comes', async () => {
    const half = await begin(client, 'orders', 'x', { messageId: 'a' })
    await begin(client, 'payments', 'x', { messageId: 'b' })
    await broker.clock.advance('48h')
    assert.deepEqual([stats().awaiting, stats().checks], [2, 0])
    const stream = await producer('late', 'orders')
    await broker.clock.advance(TICK)
    assert.deepEqual([asked(stream), stats().awaiting], [['a'], 1])
    assert.equal((await end(client, half, 'COMMIT', { source: 'SOURCE_SERVER_CHECK' })).code, 20_000)
  })

  it('wakes nobody while no producer is there: the clock has one timer an hour', async () => {
    for (let index = 0; index < 100; index++) await begin(client, 'orders', 'x')
    await broker.clock.advance('1m')
    const { wheel } = watch(broker)
    const before = wheel()
    await broker.clock.advance('10h')
    assert.ok(wheel() - before <= 40, `the clock was asked to wake the broker ${wheel() - before} times`)
    assert.equal(stats().awaiting, 100)
  })

  it('is rolled back after three days without any producer', async () => {
    await begin(client, 'orders', 'x', { messageId: 'a' })
    await broker.clock.advance('71h')
    assert.equal(stats().awaiting, 1)
    await broker.clock.advance('2h')
    assert.deepEqual([stats().awaiting, stats().givenUp], [0, 1])
    assert.equal(logger.of('transaction-rolled-back').length, 1)
  })

  it('is not asked about any more when it was ended while it waited', async () => {
    const half = await begin(client, 'orders', 'x')
    await broker.clock.advance('1m')
    assert.equal((await end(client, half, 'ROLLBACK')).code, 20_000)
    assert.equal(stats().awaiting, 0)
    const stream = await producer('late', 'orders')
    await broker.clock.advance('1h')
    assert.deepEqual(asked(stream), [])
  })

  it('is asked about with a few hundred others over some time, each once', async () => {
    for (let index = 0; index < 300; index++) await begin(client, 'orders', 'x', { messageId: `m${index}` })
    await broker.clock.advance('1m')
    const stream = await producer('late', 'orders')
    await broker.clock.advance(TICK)
    const first = asked(stream)
    assert.ok(first.length > 0 && first.length < 300, `${first.length} at once`)
    await broker.clock.advance(10 * TICK)
    const all = [...first, ...asked(stream)]
    assert.deepEqual([all.length, new Set(all).size], [300, 300])
  })
})

/** How often the broker asked its clock to wake it. */
function watch({ clock }: TestBroker): { readonly wheel: () => number } {
  let timers = 0
  const { setTimer } = clock
  Object.assign(clock, {
    setTimer: (...args: Parameters<typeof setTimer>) => {
      timers++
      return setTimer.apply(clock, args)
    },
  })
  return { wheel: () => timers }
}
