import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { bench } from './testing-internal/bench.ts'
import { delivered } from './testing-internal/fake-server.ts'
import { turns } from './testing-internal/manual-clock.ts'
import { run } from './testing-internal/running.ts'

const MANY = 30

describe('waits under one signal, however many they are, make Node warn of nothing', () => {
  const warnings: string[] = []
  const note = (warning: Error) => void warnings.push(warning.stack ?? warning.message)
  beforeEach('listen', () => {
    warnings.length = 0
    process.on('warning', note)
  })
  afterEach('no more', () => void process.off('warning', note))

  it('sends with the same signal: on their way, waiting for a place, throttled', async () => {
    await using test = await bench()
    const controller = new AbortController()
    let unanswered = true
    test.server.onSend = () => (unanswered ? new Promise(() => {}) : { status: { code: 'TOO_MANY_REQUESTS', message: '' }, entries: [] })
    for (const maxInFlight of [{ messages: 1 }, { messages: 1_000 }]) {
      const producer = test.mq.producer({ maxInFlight, maxAttempts: 3 })
      for (let count = 0; count < MANY; count += 1) {
        producer.send({ topic: 'orders', body: 'x' }, { signal: controller.signal }).catch(() => {})
        producer.send({ topic: 'orders', body: 'x' }).catch(() => {})
      }
      await turns()
      unanswered = false
    }
    await turns()
    controller.abort()
    await turns()
    assert.deepEqual(warnings, [])
  })

  it('acks that are tried again while the server cannot do them', async () => {
    await using test = await bench()
    test.server.onAck = () => ({ status: { code: 'INTERNAL_SERVER_ERROR', message: 'not now' }, entries: [] })
    const { seen } = run(test, () => {}, {}, MANY)
    await test.server.deliver(...Array.from({ length: MANY }, () => delivered({})))
    await seen.take(MANY)
    await turns()
    assert.ok(test.server.acks.all.length > 0)
    assert.deepEqual(warnings, [])
  })

  it('receives and events of one consumer', async () => {
    await using test = await bench()
    const { signal } = new AbortController()
    const simple = test.mq.simpleConsumer({ group: 'billing', subscribe: { orders: '*' } })
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    for (let count = 0; count < MANY; count += 1) {
      simple.receive({ signal }).catch(() => {})
      void consumer.events({ signal }).next()
    }
    await turns()
    await simple.close()
    assert.deepEqual(warnings, [])
  })
})
