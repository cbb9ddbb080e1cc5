import { strict as assert } from 'node:assert'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const hello = { topic: 'orders', body: 'hello' }

interface Pair extends AsyncDisposable {
  readonly test: Bench
  /** The second endpoint of the topic; the first is the bench's own. */
  readonly other: FakeServer
  /** Its sends and heartbeats fail from now on. */
  breakOther(): void
  mendOther(): void
}

async function pair(): Promise<Pair> {
  const test = await bench()
  const other = await FakeServer.start(test.transport)
  test.server.onRoute = () => ({
    status: { code: 'OK' },
    messageQueues: [test.server, other].map((server, index) => {
      const queue = server.queue('orders', 0)
      return { ...queue, broker: { ...queue.broker, name: `broker-${index}` } }
    }),
  })
  const { onSend, onHeartbeat } = other
  const broken = () => {
    throw new RpcError('UNAVAILABLE', 'going away')
  }
  return {
    test,
    other,
    breakOther() {
      other.onSend = broken
      other.onHeartbeat = broken
    },
    mendOther() {
      other.onSend = onSend
      other.onHeartbeat = onHeartbeat
    },
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]()
      await other.close()
    },
  }
}

describe('an endpoint that fails', () => {
  it('is avoided for a growing while, tried by one call each time, and healed by its answer', async () => {
    await using t = await pair()
    const producer = t.test.mq.producer()
    const sendMany = async () => {
      for (let count = 0; count < 6; count += 1) await producer.send(hello)
    }
    t.breakOther()
    await sendMany()
    assert.equal(t.other.sends.all.length, 1)
    await t.test.clock.advance(999)
    await sendMany()
    assert.equal(t.other.sends.all.length, 1, 'tried too early')
    await t.test.clock.advance(1)
    await sendMany()
    assert.equal(t.other.sends.all.length, 2, 'one call tries it')
    await t.test.clock.advance(1_999)
    await sendMany()
    assert.equal(t.other.sends.all.length, 2, 'the while has not grown')
    t.mendOther()
    await t.test.clock.advance(1)
    await sendMany()
    assert.ok(t.other.sends.all.length > 3, `${t.other.sends.all.length} sends`)
    assert.equal(producer.statistics().failed, 0)
  })

  it('is tried by a single one of many sends at once', async () => {
    await using t = await pair()
    const producer = t.test.mq.producer()
    t.breakOther()
    for (let count = 0; count < 4; count += 1) await producer.send(hello)
    await t.test.clock.advance(1_000)
    t.other.onSend = () => new Promise(() => {})
    const sending = Array.from({ length: 20 }, () => producer.send(hello))
    await turns()
    assert.equal(t.other.sends.all.length, 2)
    await t.test.clock.advance(3_000)
    await Promise.all(sending)
  })

  it('is avoided also for a server that answers but cannot do its work, and not for one that refuses or throttles', async () => {
    for (const [code, avoided] of [
      ['MASTER_PERSISTENCE_TIMEOUT', true],
      ['ILLEGAL_TOPIC', false],
      ['TOO_MANY_REQUESTS', false],
    ] as const) {
      await using t = await pair()
      const producer = t.test.mq.producer({ maxAttempts: 1 })
      t.other.onSend = () => ({ status: { code, message: 'because' }, entries: [] })
      await Promise.allSettled(Array.from({ length: 2 }, () => producer.send(hello)))
      await Promise.allSettled(Array.from({ length: 8 }, () => producer.send(hello)))
      assert.equal(t.other.sends.all.length, avoided ? 1 : 5, code)
    }
  })

  it('is used all the same when there is no other', async () => {
    await using test = await bench()
    const usual = test.server.onSend
    test.server.onSend = () => {
      throw new RpcError('UNAVAILABLE', 'going away')
    }
    const producer = test.mq.producer({ maxAttempts: 1 })
    assert.equal((await failure(producer.send(hello))).code, 'UNREACHABLE')
    test.server.onSend = usual
    await producer.send(hello)
  })

  it('is tried by the next send when the one that tried was called off', async () => {
    await using t = await pair()
    const producer = t.test.mq.producer()
    t.breakOther()
    for (let count = 0; count < 4; count += 1) await producer.send(hello)
    await t.test.clock.advance(1_000)
    t.other.onSend = () => new Promise(() => {})
    const controller = new AbortController()
    const sending = Promise.allSettled(Array.from({ length: 2 }, () => producer.send(hello, { signal: controller.signal })))
    await turns()
    controller.abort()
    await sending
    t.mendOther()
    const before = t.other.sends.all.length
    for (let count = 0; count < 4; count += 1) await producer.send(hello)
    assert.ok(t.other.sends.all.length > before)
  })
})
