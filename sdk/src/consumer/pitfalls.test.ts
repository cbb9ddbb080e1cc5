import { strict as assert } from 'node:assert'
import { gzipSync } from 'node:zlib'
import { http2Transport } from '@feathermq/transport'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { FeatherMQ } from '../client.ts'
import { silentLogger } from '../logger.ts'
import { bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { delivered, FakeServer } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'
import { run } from '../testing-internal/running.ts'
import { RetryAfter } from './retry-after.ts'

/** What consumers of other clients have been seen to get wrong and no other test of this folder covers. */
describe('a consumer', () => {
  it('starts with any number of topics, however settings and routes cross', async () => {
    for (const late of [1, 2, 3]) {
      await using test = await bench()
      let asked = 0
      const usual = test.server.onRoute
      test.server.onRoute = async (request, call) => {
        asked += 1
        if (asked >= late) await turns(5 * asked)
        return await usual(request, call)
      }
      run(test, () => {}, { subscribe: { orders: '*', payments: '*', refunds: '*', returns: '*' } })
      const receives = await test.server.receives.take(4)
      assert.deepEqual(receives.map(({ request }) => request.messageQueue?.topic?.name).sort(), ['orders', 'payments', 'refunds', 'returns'])
      assert.equal(test.clock.monotonic(), Date.UTC(2026, 0, 1), 'nothing had to be waited for')
    }
  })

  it('loses one message, not its batch, to a body that cannot be inflated', async () => {
    for (const ordered of [false, true]) {
      await using test = await bench()
      const { seen } = run(test, () => {}, { ordered })
      const broken = { bodyEncoding: 'GZIP' as const }
      await test.server.deliver(
        delivered({ id: 'a', system: broken, body: gzipSync('fine') }),
        delivered({ id: 'b', system: broken, body: Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3) }),
        delivered({ id: 'c', system: broken, body: 'no gzip at all' }),
        delivered({ id: 'd' }),
      )
      const messages = await seen.take(2)
      assert.deepEqual(messages.map(({ messageId }) => messageId).sort(), ['a', 'd'])
      const { changes, deadLetters } = test.server
      const log = ordered ? deadLetters : changes
      await log.reaches(2)
      assert.deepEqual(log.all.map(({ request }) => request.messageId).sort(), ['b', 'c'])
      assert.equal(seen.all.length, 2)
    }
  })

  it('names its namespace in every call, and shows none of it to the handler', async () => {
    await using test = await bench({ namespace: 'shop' })
    const { consumer, seen } = run(test, async (message, context) => {
      if (message.messageId === 'a') await context.extend('1m')
      if (message.messageId === 'b') throw new RetryAfter('1s')
      if (message.messageId === 'c') await message.deadLetter()
    })
    await test.server.deliver(...['a', 'b', 'c'].map((id) => delivered({ id })))
    await test.server.acks.next()
    await test.clock.advance(10_000)
    await consumer.close()
    const { server } = test
    const group = { resourceNamespace: 'shop', name: 'billing' }
    const topic = { resourceNamespace: 'shop', name: 'orders' }
    for (const { request } of [...server.assignments.all, ...server.acks.all, ...server.changes.all, ...server.deadLetters.all]) {
      assert.deepEqual([request.group, request.topic], [group, topic])
    }
    for (const { request } of [...server.heartbeats.all, ...server.terminations.all]) assert.deepEqual(request.group, group)
    for (const { request } of server.routes.all) assert.deepEqual(request.topic, topic)
    for (const log of [server.acks, server.changes, server.deadLetters, server.heartbeats, server.terminations]) assert.ok(log.all.length > 0)
    assert.equal(seen.all[0]?.topic, 'orders')
  })

  it('leaves nothing behind when it closes: no timer, no stream, no poll', async () => {
    await using test = await bench()
    const { consumer, running } = run(test, () => {
      throw new Error('boom')
    })
    await test.server.deliver(delivered({ group: 'g' }))
    await test.server.changes.next()
    const closing = consumer.close()
    await test.clock.advance(5_000)
    await closing
    await running
    assert.equal(test.clock.armed, 0)
    assert.equal(test.server.polls.length, 0)
  })

  it('leaves nothing behind that keeps the process alive when its start fails, and can be started again', async () => {
    await using test = await bench()
    const usual = test.server.onRoute
    test.server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND' }, messageQueues: [] })
    const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    assert.equal((await failure(consumer.run(() => {}))).code, 'TOPIC_NOT_FOUND')
    assert.equal(test.clock.holding, 0)
    assert.deepEqual(consumer.state, { name: 'idle' })
    test.server.onRoute = usual
    const again = consumer.run(() => {})
    await test.server.receives.next()
    await consumer.close()
    await again
  })

  it('survives a server that resets everything after it was closed', async () => {
    const server = await FakeServer.start(http2Transport())
    const mq = new FeatherMQ({ endpoints: server.address, logger: silentLogger })
    const consumer = mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    const running = consumer.run(() => {})
    await server.receives.next()
    await consumer.close()
    await running
    // A late event without a listener would end the process, and with it this run of tests.
    await server.close()
    await turns()
    await mq.close()
  })

  it('never closes the logger that it was given', async () => {
    const called: string[] = []
    const logger = new Proxy(silentLogger, {
      get: (target, name) => {
        if (typeof name === 'string' && !(name in target)) called.push(name)
        return Reflect.get(target, name)
      },
    })
    await using test = await bench({ logger })
    const { consumer, running } = run(test)
    await test.server.receives.next()
    await consumer.close()
    await running
    assert.deepEqual(called, [])
  })

  it('counts as one consumer however often it is started: a second start changes nothing', async () => {
    await using test = await bench()
    const { consumer } = run(test)
    await test.server.receives.next()
    const armed = test.clock.armed
    for (const start of [consumer.run(() => {}), consumer.runBatch(() => {}), consumer.messages().next()]) {
      assert.equal((await failure(start)).code, 'ALREADY_RUNNING')
    }
    await turns()
    assert.equal(test.clock.armed, armed)
    assert.equal(test.server.streams.all.length, 1)
    assert.equal(test.server.polls.length, 1)
  })
})

describe('closing a consumer at any moment', () => {
  it('ends in time, twice, and every message that came was acknowledged, given back, or is with a server that is gone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.constantFrom('run', 'runBatch', 'messages'),
        fc.boolean(),
        fc.constantFrom('there', 'gone before', 'gone meanwhile'),
        async (moment, way, ordered, server) => {
          await using test = await bench()
          const consumer = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' }, ordered })
          const handle = async () => await turns(3)
          const working =
            way === 'run'
              ? consumer.run(handle)
              : way === 'runBatch'
                ? consumer.runBatch(handle, { linger: 0, max: 2 })
                : (async () => {
                    for await (const message of consumer.messages()) {
                      await handle()
                      message.ack().catch(() => {})
                    }
                  })()
          let came = 0
          const usual = test.server.receives.push.bind(test.server.receives)
          test.server.receives.push = (receive) => {
            usual(receive)
            if (came >= 12) return
            for (let count = 0; count < 3; count += 1, came += 1) receive.message(delivered({ id: `m${came}`, group: came % 2 === 0 ? 'g' : 'h' }))
            receive.end()
          }
          await turns(moment)
          if (server === 'gone before') await test.server.close()
          const closing = consumer.close({ drain: '2s', abort: '1s' })
          assert.equal(consumer.close(), closing)
          if (server === 'gone meanwhile') await test.server.close()
          const before = test.clock.monotonic()
          let over = false
          void Promise.all([closing, working]).then(() => {
            over = true
          })
          await test.clock.advance(12_000)
          assert.ok(over, 'it does not end')
          assert.ok(test.clock.monotonic() - before <= 12_000)
          // Channels are the client's.
          await test.mq.close()
          assert.equal(test.clock.armed, 0)
          const { received, handled, returned, failed, lost, inFlight, cachedMessages } = consumer.stats()
          assert.equal(handled + returned + failed + lost, received)
          assert.deepEqual([inFlight, cachedMessages], [0, 0])
          if (server === 'there') assert.equal(lost, 0)
        },
      ),
      { numRuns: 60 },
    )
  }).timeout(30_000)
})
