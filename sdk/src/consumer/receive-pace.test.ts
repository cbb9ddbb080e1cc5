import { strict as assert } from 'node:assert'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const options = { group: 'audit', subscribe: { orders: '*' } }

/** Answers every receive with this, as soon as it comes; tells when each came, ms after the first. */
function refusing(test: Bench, code: 'INTERNAL_SERVER_ERROR' | 'TOO_MANY_REQUESTS' | 'FORBIDDEN') {
  const times: number[] = []
  const polling: number[] = []
  void (async () => {
    for (;;) {
      const receive = await test.server.receives.next()
      times.push(test.clock.monotonic())
      polling.push(receive.request.longPollingTimeout?.seconds ?? 0)
      receive.end(code, 'away')
    }
  })()
  return { since: () => times.map((time) => time - (times[0] ?? 0)), polling }
}

describe('the pace of simpleConsumer.receive', () => {
  it('asks again with growing pauses within its wait, then rejects with the last failure', async () => {
    await using test = await bench()
    const { since } = refusing(test, 'INTERNAL_SERVER_ERROR')
    const consumer = test.mq.simpleConsumer(options)
    const started = test.clock.monotonic()
    const receiving = failure(consumer.receive({ wait: '10s' })).then((error) => ({ error, took: test.clock.monotonic() - started }))
    await test.clock.advance(20_000)
    const { error, took } = await receiving
    assert.equal(error.code, 'INTERNAL_SERVER_ERROR')
    assert.equal(took, 10_000)
    assert.deepEqual(since(), [0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100, 9_100])
  })

  it('brings what comes once the server is back, in the same call', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer(options)
    const receiving = consumer.receive({ wait: '20s' })
    ;(await test.server.receives.next()).end('TOO_MANY_REQUESTS')
    await test.clock.advance(100)
    await test.server.deliver(delivered({ id: 'a' }))
    assert.deepEqual(
      (await receiving).map(({ messageId }) => messageId),
      ['a'],
    )
  })

  it('asks for no wait that stock servers refuse, however little is left', async () => {
    await using test = await bench()
    const { polling } = refusing(test, 'INTERNAL_SERVER_ERROR')
    const receiving = failure(test.mq.simpleConsumer(options).receive({ wait: '8s' }))
    await test.clock.advance(8_000)
    await receiving
    assert.deepEqual([polling[0], Math.min(...polling)], [8, 5])
  })

  it('holds over calls: a loop of short receives is as slow', async () => {
    await using test = await bench()
    const { since } = refusing(test, 'INTERNAL_SERVER_ERROR')
    const consumer = test.mq.simpleConsumer(options)
    let calls = 0
    const ended = new AbortController()
    const looping = (async () => {
      while (!ended.signal.aborted) {
        calls += 1
        await consumer.receive({ wait: 0, signal: ended.signal }).catch(() => {})
      }
    })()
    await test.clock.advance(10_000)
    assert.deepEqual(since(), [0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100, 9_100])
    assert.equal(calls, 10)
    ended.abort()
    await looping
  })

  it('also where nothing listens at the address', async () => {
    await using test = await bench()
    const consumer = test.client({ endpoints: '127.0.0.1:9' }).simpleConsumer(options)
    let calls = 0
    const ended = new AbortController()
    const looping = (async () => {
      while (!ended.signal.aborted) {
        calls += 1
        await consumer.receive({ wait: 0, signal: ended.signal }).catch(() => {})
      }
    })()
    await test.clock.advance(20_000)
    assert.ok(calls > 2 && calls < 20, `${calls} calls`)
    ended.abort()
    await looping
  })

  it('rejects at once with what no waiting mends', async () => {
    await using test = await bench()
    refusing(test, 'FORBIDDEN')
    assert.equal((await failure(test.mq.simpleConsumer(options).receive())).code, 'FORBIDDEN')
  })

  it('is over at once when the signal aborts or the consumer closes', async () => {
    await using test = await bench()
    refusing(test, 'INTERNAL_SERVER_ERROR')
    const consumer = test.mq.simpleConsumer(options)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = assert.rejects(consumer.receive({ signal: controller.signal }), reason)
    const closed = failure(consumer.receive())
    await turns()
    controller.abort(reason)
    await aborted
    await consumer.close()
    assert.equal((await closed).code, 'CLIENT_CLOSED')
  })

  it('is forgotten with the first receive that works', async () => {
    await using test = await bench()
    const consumer = test.mq.simpleConsumer(options)
    const failing = failure(consumer.receive({ wait: 0 }))
    ;(await test.server.receives.next()).end('INTERNAL_SERVER_ERROR')
    await failing
    const working = consumer.receive()
    await test.clock.advance(100)
    await test.server.deliver(delivered({ id: 'a' }))
    await working
    const next = consumer.receive()
    await turns()
    assert.equal(test.server.polls.length, 1)
    await test.server.deliver(delivered({ id: 'b' }))
    await next
  })
})
