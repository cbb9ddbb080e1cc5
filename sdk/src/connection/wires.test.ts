import { strict as assert } from 'node:assert'
import { networkInterfaces } from 'node:os'
import { http2Transport, selfSignedCertificate } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { FeatherMQ } from '../client.ts'
import { silentLogger } from '../logger.ts'
import type { FeatherMQOptions } from '../options.ts'
import { delivered, FakeServer } from '../testing-internal/fake-server.ts'
import { Link } from '../testing-internal/link.ts'
import { ManualClock, turns } from '../testing-internal/manual-clock.ts'

/** A client, a link and a server, on sockets; what the client does at intervals follows a clock that stands still. */
async function wired(options: FeatherMQOptions = {}) {
  const clock = new ManualClock()
  const server = await FakeServer.start(http2Transport())
  const link = await Link.open(server.port)
  const queues = (topic: string) => Array.from({ length: 8 }, (_, id) => server.queue(topic, id, link.address))
  server.onRoute = ({ topic }) => ({ status: { code: 'OK' }, messageQueues: queues(topic?.name ?? '') })
  server.onAssignment = ({ topic }) => ({ status: { code: 'OK' }, assignments: queues(topic?.name ?? '').map((messageQueue) => ({ messageQueue })) })
  const mq = new FeatherMQ(
    { endpoints: link.address, logger: silentLogger, requestTimeout: '250ms', ...options },
    { upkeep: clock, random: () => 0.5 },
  )
  return {
    clock,
    server,
    link,
    mq,
    /** Lets time pass until it is so. */
    async until(so: () => boolean) {
      while (!so()) await clock.advance(500)
    },
    async [Symbol.asyncDispose]() {
      const closing = mq.close({ drain: 0, abort: 0 })
      let closed = false
      void closing.then(() => {
        closed = true
      })
      while (!closed) await clock.advance(500)
      await link.close()
      await server.close()
    },
  }
}

describe('a client on a wire', () => {
  it('that goes dead without a word makes its connection anew, sends and receives again, and lets go of the dead one', async () => {
    await using test = await wired()
    const producer = test.mq.producer({ maxAttempts: 1 })
    await producer.send({ topic: 'orders', body: 'x' })
    const got: string[] = []
    const running = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run((message) => void got.push(message.text()))
    running.catch(() => {})
    await test.server.receives.take(8)
    assert.equal(test.link.open, 1, 'one connection for producer, consumer and eight queues')

    test.link.strand()
    await test.until(() => test.link.connected > 1)
    const polls = test.server.receives.all.length
    await test.until(() => test.server.receives.all.length >= polls + 1)
    let sent = false
    producer.send({ topic: 'orders', body: 'y' }).then(
      () => {
        sent = true
      },
      () => {},
    )
    await test.until(() => sent)
    const open = test.server.polls.filter(({ cancelled }) => !cancelled).at(-1)
    open?.message(delivered({ body: 'z' }))
    open?.end()
    await test.until(() => got.includes('z'))
    await test.until(() => test.link.open === 1)
  })

  it('that is cut again and again keeps one connection, and neither timers nor streams of those before', async () => {
    await using test = await wired()
    const producer = test.mq.producer()
    await producer.send({ topic: 'orders', body: 'x' })
    const running = test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(() => {})
    running.catch(() => {})
    await test.server.receives.take(8)
    const armed: number[] = []
    for (let count = 1; count <= 10; count += 1) {
      const streams = test.server.streams.all.length
      test.link.cut()
      await test.until(() => test.server.streams.all.length >= streams + 2 && test.server.polls.filter(({ cancelled }) => !cancelled).length === 8)
      armed.push(test.clock.armed)
      assert.equal(test.link.open, 1)
    }
    assert.equal(armed.at(-1), armed[0], `timers: ${armed.join(' ')}`)
  })

  it('is one TLS connection for a consumer of eight queues, over any number of route refreshes', async () => {
    const { certificate, key } = selfSignedCertificate({ hosts: ['127.0.0.1'], now: Date.now() })
    const server = await FakeServer.start(http2Transport(), 0, { certificate, key })
    const link = await Link.open(server.port)
    server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: Array.from({ length: 8 }, (_, id) => server.queue('orders', id, link.address)) })
    server.onAssignment = () => ({
      status: { code: 'OK' },
      assignments: Array.from({ length: 8 }, (_, id) => ({ messageQueue: server.queue('orders', id, link.address) })),
    })
    const clock = new ManualClock()
    const mq = new FeatherMQ({ endpoints: link.address, tls: { ca: certificate }, logger: silentLogger }, { upkeep: clock })
    const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(() => {})
    await server.receives.take(8)
    const looked = server.routes.all.length
    while (server.routes.all.length < looked + 4) await clock.advance(5_000)
    await turns()
    assert.deepEqual([link.connected, link.open], [1, 1])
    await mq.close()
    await running
    await link.close()
    await server.close()
  })

  it('reaches a server by its IPv6 address', async function () {
    const loopback = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
    if (!loopback) this.skip()
    const server = await FakeServer.start(http2Transport(), 0, undefined, '::1')
    const addresses = [{ host: '::1', port: server.port }]
    server.onRoute = () => ({
      status: { code: 'OK' },
      messageQueues: [{ ...server.queue('orders', 0), broker: { name: 'broker-a', id: 0, endpoints: { scheme: 'IPv6', addresses } } }],
    })
    for (const endpoints of [`[::1]:${server.port}`, `http://[::1]:${server.port}`]) {
      const mq = new FeatherMQ({ endpoints, logger: silentLogger })
      const { endpoint } = await mq.producer().send({ topic: 'orders', body: 'x' })
      assert.equal(endpoint, `[::1]:${server.port}`)
      await mq.close()
    }
    await server.close()
  })
})
