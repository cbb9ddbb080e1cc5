import assert from 'node:assert/strict'
import { startBroker } from '@feathermq/broker/testing'
import { parseAuthorization } from '@feathermq/protocol'
import { FeatherMQ, FeatherMQError, silentLogger } from '@feathermq/sdk'
import { grpcJsTransport, inMemoryTransport, type Transport } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { events, overEachTransport } from '../support/stage.ts'

/** A transport that notes the headers of the calls made through it. */
function listening(transport: Transport, heard: (path: string, headers: ReadonlyMap<string, string>) => void): Transport {
  return {
    name: transport.name,
    createServer: (options) => transport.createServer(options),
    createChannel(options) {
      const channel = transport.createChannel(options)
      return {
        get address() {
          return channel.address
        },
        get state() {
          return channel.state
        },
        template: (headers) => channel.template(headers),
        start(method, handler, callOptions = {}) {
          heard(method.path, new Map([...(callOptions.template?.headers ?? []), ...(callOptions.headers ?? [])]))
          return channel.start(method, handler, callOptions)
        },
        onState: (listener) => channel.onState(listener),
        close: () => channel.close(),
      }
    },
  }
}

overEachTransport((stage) => {
  it('an unknown topic is a clear error with a way out', async () => {
    const broker = await stage.broker({ autoCreate: false })
    const mq = stage.client(broker)
    await assert.rejects(mq.producer().send({ topic: 'odrers', body: 'x' }), (error: unknown) => {
      assert.ok(error instanceof FeatherMQError)
      assert.equal(error.code, 'TOPIC_NOT_FOUND')
      assert.equal(error.status?.code, 40402)
      assert.equal(error.topic, 'odrers')
      assert.equal(error.retryable, false)
      assert.match(error.message, /odrers/)
      assert.ok(error.hint !== undefined && error.hint.length > 10, 'no hint')
      assert.equal(error.endpoint, broker.endpoints)
      return true
    })
    const consumer = mq.consumer({ group: 'billing', subscribe: { odrers: '*' } })
    await assert.rejects(
      consumer.run(async () => {}),
      (error: unknown) => error instanceof FeatherMQError && error.code === 'TOPIC_NOT_FOUND' && error.message.includes('odrers'),
    )
  })

  it('calls are signed with the credentials, and only then', async () => {
    const broker = await stage.broker()
    const heard: { path: string; headers: ReadonlyMap<string, string> }[] = []
    const transport = listening(stage.transport, (path, headers) => heard.push({ path, headers }))
    const signed = stage.client(broker, { transport, credentials: { accessKey: 'key-1', secretKey: 'secret-1' } })
    await signed.producer().send({ topic: 'orders', body: 'x' })
    assert.ok(heard.some(({ path }) => path.endsWith('/SendMessage')) && heard.some(({ path }) => path.endsWith('/Telemetry')))
    for (const { path, headers } of heard) {
      const text = headers.get('authorization')
      assert.ok(text !== undefined, `${path} is not signed`)
      assert.equal(parseAuthorization(text)?.accessKey, 'key-1')
      assert.match(headers.get('x-mq-date-time') ?? '', /^\d{8}T\d{6}Z$/)
      assert.ok(![...headers.values()].some((value) => value.includes('secret-1')))
    }
    heard.length = 0
    await stage.client(broker, { transport }).producer().send({ topic: 'orders', body: 'x' })
    assert.ok(heard.length > 0)
    assert.ok(heard.every(({ headers }) => !headers.has('authorization')))
  })

  it('a client that has nothing to do with a broker yet connects to none', async () => {
    const mq = stage.client({ endpoints: '127.0.0.1:1', clock: (await stage.broker()).clock })
    mq.producer({ topics: ['orders'] })
    mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    await mq.close()
  })
})

describe('a broker that goes and comes back at the same address', () => {
  for (const [name, transport] of [
    ['in-memory', inMemoryTransport()],
    ['grpc-js', grpcJsTransport()],
  ] as const) {
    it(`is found again by producers and running consumers, over ${name}`, async () => {
      const first = await startBroker({ transport })
      const port = Number(first.endpoints.split(':').at(-1))
      const mq = new FeatherMQ({ endpoints: first.endpoints, transport, logger: silentLogger })
      const got = events<string>()
      const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(async (message) => got.push(message.text()))
      const producer = mq.producer({ topics: ['orders'], maxAttempts: 20 })
      await producer.send({ topic: 'orders', body: 'before' })
      assert.equal(await got.next(), 'before')
      await first.close()

      const second = await startBroker({ transport, port })
      try {
        await producer.send({ topic: 'orders', body: 'after' })
        assert.equal(await got.next(), 'after')
        await mq.close()
        await running
      } finally {
        await mq.close()
        await second.close()
      }
    })
  }
})
