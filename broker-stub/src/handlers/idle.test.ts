import { strict as assert } from 'node:assert'
import { durationFromMs } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import type { TestBroker } from '../testing/start-broker.ts'
import { startInMemory, stream, untilWaiting } from './test-kit/calls.ts'
import { consumerOf, openTelemetry, producerOf } from './test-kit/telemetry.ts'

/** What a broker asks of its clock. */
interface Watch {
  /** Timers that are armed. */
  readonly armed: number
  /** Timers that went off. */
  readonly fired: number
}

/** Watches the clock of a broker that was just started. Without a timer, and without a call, nothing of it runs. */
function watch({ clock }: TestBroker): Watch {
  const seen = { armed: 0, fired: 0 }
  const setTimer = clock.setTimer.bind(clock)
  clock.setTimer = (callback, delay, hold) => {
    let pending = true
    const over = (): void => {
      if (pending) seen.armed--
      pending = false
    }
    seen.armed++
    const timer = setTimer(
      () => {
        over()
        seen.fired++
        callback()
      },
      delay,
      hold,
    )
    return {
      cancel() {
        over()
        timer.cancel()
      },
    }
  }
  return seen
}

describe('a broker that has nothing to do', () => {
  it('does nothing: no timer is armed when nobody is there', async () => {
    await using broker = await startInMemory()
    const seen = watch(broker)
    await broker.clock.advance('24h')
    assert.deepEqual(seen, { armed: 0, fired: 0 })
  })

  it('does nothing while clients are connected and quiet, after they sent, received and acknowledged', async () => {
    await using broker = await startInMemory()
    const seen = watch(broker)
    for (let index = 0; index < 20; index++) {
      const client = broker.rawClient(`client-${index}`)
      const telemetry = await openTelemetry(broker, { clientId: client.clientId })
      await telemetry.settle(index % 2 === 0 ? producerOf('orders') : consumerOf('orders', 'billing'))
      await client.send('orders', 'hello')
      const [message] = await client.receive('orders', 'billing', { autoRenew: index % 4 === 1 })
      assert.equal(await client.ack('orders', 'billing', message), 'OK')
    }
    // That what is settled was settled is remembered for as long as the leases would have run.
    await broker.clock.advance('1m')
    assert.equal(seen.armed, 0)
    const { fired } = seen
    await broker.clock.advance('24h')
    assert.deepEqual(seen, { armed: 0, fired })
  })

  it('does nothing for messages that lie there and that nobody asks for', async () => {
    await using broker = await startInMemory()
    const seen = watch(broker)
    const telemetry = await openTelemetry(broker, { clientId: 'producer' })
    await telemetry.settle(producerOf('orders'))
    const client = broker.rawClient('producer')
    for (let sent = 0; sent < 1_000; sent++) await client.send('orders', 'hello')
    assert.deepEqual(seen, { armed: 0, fired: 0 })
  })

  it('arms one timer for a thousand receives that wait, and is woken a few times in all their 20 s', async () => {
    await using broker = await startInMemory()
    const telemetry = await openTelemetry(broker, { clientId: 'stream' })
    await telemetry.settle(consumerOf('orders', 'billing'))
    const seen = watch(broker)
    const receives = Array.from({ length: 1_000 }, () =>
      stream(broker, {
        messageQueue: { topic: { name: 'orders' } },
        group: { name: 'billing' },
        invisibleDuration: durationFromMs(10_000),
        longPollingTimeout: durationFromMs(20_000),
      }),
    )
    await untilWaiting(broker, 1_000)
    assert.equal(seen.armed, 1)
    await broker.clock.advance('20s')
    const answers = await Promise.all(receives)
    assert.deepEqual(new Set(answers.map(({ answer }) => answer.code)), new Set([40_401]))
    // The wheel looks once at each of its levels on the way.
    assert.ok(seen.fired <= 4, `it was woken ${seen.fired} times`)
    assert.equal(seen.armed, 0)
  })

  it('arms one timer for a thousand delayed messages, and is not woken before the first is due but to look at its wheel', async () => {
    await using broker = await startInMemory()
    const seen = watch(broker)
    const telemetry = await openTelemetry(broker, { clientId: 'producer' })
    await telemetry.settle(producerOf('orders'))
    const client = broker.rawClient('producer')
    const deliveryTimestamp = { seconds: Math.ceil(broker.clock.now() / 1_000) + 3_600, nanos: 0 }
    for (let sent = 0; sent < 1_000; sent++) await client.send('orders', 'later', { deliveryTimestamp })
    assert.equal(seen.armed, 1)
    await broker.clock.advance('59m')
    assert.ok(seen.fired <= 4, `it was woken ${seen.fired} times`)
  })
})
