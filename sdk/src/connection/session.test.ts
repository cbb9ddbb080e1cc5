import { strict as assert } from 'node:assert'
import { RpcError } from '@feathermq/transport'
import { describe, it } from 'mocha'
import { type Bench, bench } from '../testing-internal/bench.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer, type Stream } from '../testing-internal/fake-server.ts'
import { turns } from '../testing-internal/manual-clock.ts'

const hello = { topic: 'orders', body: 'hello' }

/** A producer that has sent once, with its telemetry stream. */
async function started(test: Bench): Promise<{ producer: ReturnType<Bench['mq']['producer']>; stream: Stream }> {
  const producer = test.mq.producer()
  await producer.send(hello)
  return { producer, stream: await test.server.streams.next() }
}

describe('the start of a client', () => {
  it('connects to nothing before it is used', async () => {
    await using test = await bench()
    test.mq.producer({ topics: ['orders'] })
    test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } })
    await test.clock.advance(600_000)
    assert.equal(test.server.routes.all.length + test.server.streams.all.length, 0)
    assert.equal(test.clock.armed, 0)
  })

  it('fails after three look-ups when nobody listens, naming the address and what to do', async () => {
    await using test = await bench()
    const mq = test.client({ endpoints: '127.0.0.1:1' })
    const sending = failure(mq.producer().send(hello))
    await test.clock.advance(10_000)
    const error = await sending
    assert.equal(error.code, 'UNREACHABLE')
    assert.match(error.message, /QueryRoute for topic orders failed at 127\.0\.0\.1:1: .*ECONNREFUSED.*Check that the broker runs/)
    await mq.close()
  })

  it('goes on to the next address of the access point when one is down', async () => {
    await using test = await bench()
    const mq = test.client({ endpoints: `127.0.0.1:1;${test.server.address}` })
    const sending = mq.producer().send(hello)
    await test.clock.advance(2_000)
    assert.equal((await sending).endpoint, test.server.address)
    const addresses = test.server.routes.all[0]?.request.endpoints?.addresses.map(({ port }) => port)
    assert.deepEqual(addresses, [1, test.server.port])
    await mq.close()
  })

  it('fails in time when a route is not answered', async () => {
    await using test = await bench()
    test.server.onRoute = () => new Promise(() => {})
    const sending = failure(test.mq.producer().send(hello))
    await test.clock.advance(10_000)
    const error = await sending
    assert.equal(error.code, 'NO_ANSWER')
    assert.equal(test.server.routes.all.length, 3)
  })

  it('fails in time when settings do not come, naming what was waited for and where', async () => {
    await using test = await bench()
    test.server.onSettings = () => undefined
    const sending = failure(test.mq.producer().send(hello))
    await test.clock.advance(6_000)
    const error = await sending
    assert.equal(error.code, 'SETTINGS_TIMEOUT')
    assert.match(error.message, /127\.0\.0\.1:\d+ did not answer the telemetry stream with settings within 6000 ms/)
    await test.clock.advance(60_000)
    assert.equal(test.server.streams.all.length, 1, 'a start that failed leaves nothing behind')
  })

  it('fails at once when the server refuses the settings, with the words of the server', async () => {
    await using test = await bench()
    test.server.onSettings = (_settings, stream) => {
      stream.end({ code: 'INVALID_ARGUMENT', message: 'process client telemetryCommand failed. group not found: billing' })
      return undefined
    }
    const error = await failure(test.mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(() => {}))
    assert.equal(error.code, 'SETTINGS_REFUSED')
    assert.equal(error.group, 'billing')
    assert.match(error.message, /group not found: billing/)
  })

  it('fails at once when a status refuses the settings', async () => {
    await using test = await bench()
    test.server.onSettings = () => ({ status: { code: 'UNAUTHORIZED', message: 'who are you' } })
    assert.equal((await failure(test.mq.producer().send(hello))).code, 'UNAUTHORIZED')
  })

  it('can be tried again after it failed', async () => {
    await using test = await bench()
    const usual = test.server.onSettings
    test.server.onSettings = () => ({ status: { code: 'UNAUTHORIZED' } })
    const producer = test.mq.producer()
    await failure(producer.send(hello))
    test.server.onSettings = usual
    await producer.send(hello)
  })

  it('recognises what is no broker', async () => {
    await using test = await bench()
    test.server.onRoute = () => {
      throw new RpcError('UNIMPLEMENTED', 'Received HTTP status code 404')
    }
    const error = await failure(test.mq.producer().send(hello))
    assert.equal(error.code, 'NOT_A_BROKER')
    assert.match(error.message, /Use the gRPC port/)
  })

  it('recognises TLS where plaintext was meant', async () => {
    await using test = await bench()
    const mq = test.client({ tls: true })
    const error = await failure(mq.producer().send(hello))
    assert.equal(error.code, 'TLS_MISMATCH')
    await mq.close()
  })

  it('calls as HTTP where the server does not know NODE_JS', async () => {
    await using test = await bench()
    test.server.onHeartbeat = (_request, { headers }) => ({
      status:
        headers['x-mq-language'] === 'NODE_JS'
          ? { code: 'INTERNAL_SERVER_ERROR', message: 'No enum constant …LanguageCode.NODE_JS' }
          : { code: 'OK' },
    })
    const { producer } = await started(test)
    await test.clock.advance(1_000)
    assert.deepEqual(
      test.server.heartbeats.all.map(({ headers }) => headers['x-mq-language']),
      ['NODE_JS', 'HTTP'],
    )
    await producer.send(hello)
    assert.equal(test.server.sends.all.at(-1)?.headers['x-mq-language'], 'HTTP')
  })

  it('calls as HTTP where the telemetry stream fails for the language', async () => {
    await using test = await bench()
    const usual = test.server.onSettings
    test.server.onSettings = (settings, stream) => {
      if (stream.headers['x-mq-language'] === 'HTTP') return usual(settings, stream)
      stream.end({ code: 'INTERNAL', message: 'No enum constant org.apache.rocketmq.remoting.protocol.LanguageCode.NODE_JS' })
      return undefined
    }
    await started(test)
    assert.equal(test.server.streams.all.length, 2)
  })
})

describe('the telemetry stream', () => {
  it('is opened again for ever after it was lost, settings first', async () => {
    await using test = await bench()
    const { stream } = await started(test)
    stream.end({ code: 'UNAVAILABLE', message: 'restarting' })
    await test.clock.advance(2_000)
    const second = await test.server.streams.next()
    assert.equal(second.commands.all[0]?.command?.case, 'settings')
    test.server.onSettings = (_settings, next) => {
      next.end({ code: 'UNAVAILABLE', message: 'still restarting' })
      return undefined
    }
    second.end()
    await test.clock.advance(600_000)
    const tries = test.server.streams.all.length
    assert.ok(tries > 100, `${tries} tries in ten minutes: never further apart than 6.25 s`)
    assert.ok(tries < 500, `${tries} tries in ten minutes: no hammering`)
  })

  it('warns when it is lost and goes on sending meanwhile', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    stream.end({ code: 'UNAVAILABLE', message: 'restarting' })
    await turns()
    assert.equal(test.log.of('telemetry-lost').length, 1)
    await producer.send(hello)
  })

  it('sends its settings again every five minutes, and when a topic is new', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    await test.clock.advance(300_000)
    assert.equal(stream.commands.all.length, 2)
    await producer.send({ ...hello, topic: 'payments' })
    await turns()
    const last = stream.commands.all.at(-1)?.command
    const topics = last?.case === 'settings' && last.value.pubSub?.case === 'publishing' ? last.value.pubSub.value.topics : []
    assert.deepEqual(
      topics.map(({ name }) => name),
      ['orders', 'payments'],
    )
  })

  it('takes settings at any time', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    stream.send({ command: { case: 'settings', value: { pubSub: { case: 'publishing', value: { maxBodySize: 4, validateMessageType: true } } } } })
    await turns()
    assert.equal((await failure(producer.send(hello))).code, 'MESSAGE_BODY_TOO_LARGE')
  })

  it('answers a request for a stack trace with what a process of one thread can tell', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    stream.send({ command: { case: 'printThreadStackTraceCommand', value: { nonce: 'n1' } } })
    await stream.commands.reaches(2)
    const answer = stream.commands.all[1]
    assert.equal(answer?.status?.code, 'OK')
    assert.ok(answer?.command?.case === 'threadStackTrace')
    assert.equal(answer.command.value.nonce, 'n1')
    const text = answer.command.value.threadStackTrace ?? ''
    assert.match(text, new RegExp(`client ${producer.clientId}, producer`))
    assert.match(text, new RegExp(`telemetry to ${test.server.address}: live`))
    assert.match(text, /sends under way: 0, waiting: 0/)
    assert.match(text, /event loop busy [\d.]+ % of its time/)
    assert.match(text, /memory [\d.]+ MiB: heap/)
    assert.match(text, /keeping the process alive: /)
  })

  it('answers that it cannot verify a message, in the field for that', async () => {
    await using test = await bench()
    const { stream } = await started(test)
    stream.send({ command: { case: 'verifyMessageCommand', value: { nonce: 'n2', message: {} } } })
    await stream.commands.reaches(2)
    const answer = stream.commands.all[1]
    assert.equal(answer?.status?.code, 'NOT_IMPLEMENTED')
    assert.deepEqual(answer?.command, { case: 'verifyMessageResult', value: { nonce: 'n2' } })
  })

  it('makes the connection anew when the server asks', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    stream.send({ command: { case: 'reconnectEndpointsCommand', value: { nonce: 'n3' } } })
    await test.server.streams.next()
    await producer.send(hello)
  })

  it('survives commands that it cannot follow', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    stream.send({ command: { case: 'recoverOrphanedTransactionCommand', value: { transactionId: 't' } } })
    stream.send({ command: { case: 'notifyUnsubscribeLiteCommand', value: { liteTopic: 'x' } } })
    stream.send({})
    await turns()
    await producer.send(hello)
    const [, refusal, ...more] = stream.commands.all
    // The command about lite topics has no answer of its own.
    assert.deepEqual([refusal?.status?.code, refusal?.command, more], ['NOT_IMPLEMENTED', undefined, []])
    assert.equal(test.server.streams.all.length, 1)
    assert.equal(test.log.of('command-ignored').length, 2)
  })
})

describe('a running client', () => {
  it('sends heartbeats to every endpoint, the first after one second', async () => {
    await using test = await bench()
    await started(test)
    await test.clock.advance(999)
    assert.equal(test.server.heartbeats.all.length, 0)
    await test.clock.advance(1)
    assert.equal(test.server.heartbeats.all.length, 1)
    await test.clock.advance(30_000)
    assert.equal(test.server.heartbeats.all.length, 4)
    assert.equal(test.server.heartbeats.all[0]?.request.clientType, 'PRODUCER')
  })

  it('tells its settings again to a server that has forgotten it', async () => {
    await using test = await bench()
    const { stream } = await started(test)
    test.server.onHeartbeat = () => ({ status: { code: 'UNRECOGNIZED_CLIENT_TYPE' } })
    await test.clock.advance(1_000)
    assert.equal(stream.commands.all.length, 2)
  })

  it('gives up a connection on which two heartbeats in a row stay unanswered, at most every 30 s', async () => {
    await using test = await bench()
    await started(test)
    test.server.onHeartbeat = () => new Promise(() => {})
    await test.clock.advance(1_000 + 3_000)
    assert.equal(test.server.streams.all.length, 1)
    await test.clock.advance(10_000 + 3_000)
    assert.equal(test.server.streams.all.length, 2)
    await test.clock.advance(25_000)
    assert.equal(test.server.streams.all.length, 2)
  })

  it('follows its routes: new endpoints are used, old ones are let go', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    await using other = await FakeServer.start(test.transport)
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: other.queues('orders') })
    await test.clock.advance(10_000)
    assert.equal(other.streams.all.length, 1)
    assert.equal(test.server.halfCloses.all[0], stream)
    assert.equal((await producer.send(hello)).endpoint, other.address)
    await producer.close()
  })

  it('keeps up the stream of an endpoint that came into a route while nobody answered there', async () => {
    await using test = await bench()
    const { producer } = await started(test)
    await using other = await FakeServer.start(test.transport)
    const usual = other.onSettings
    other.onSettings = () => undefined
    test.server.onRoute = () => ({ status: { code: 'OK' }, messageQueues: [...test.server.queues('orders'), ...other.queues('orders')] })
    await test.clock.advance(20_000)
    other.onSettings = usual
    await test.clock.advance(60_000)
    assert.deepEqual(
      producer.health().servers.map(({ endpoint, connected }) => [endpoint, connected]),
      [
        [test.server.address, true],
        [other.address, true],
      ],
    )
    await producer.close()
  })

  it('keeps one channel and one stream per address over any number of route refreshes', async () => {
    await using test = await bench()
    let channels = 0
    const { transport } = test
    const counting = {
      ...transport,
      createChannel: (options: Parameters<typeof transport.createChannel>[0]) => {
        channels += 1
        return transport.createChannel(options)
      },
    }
    test.server.queueCount = 8
    const mq = test.client({ transport: counting })
    const producer = mq.producer()
    await producer.send(hello)
    const running = mq.consumer({ group: 'billing', subscribe: { orders: '*' } }).run(() => {})
    await test.server.receives.next()
    // Servers shuffle queues and addresses; that is no change.
    const usual = test.server.onRoute
    test.server.onRoute = async (request, call) => {
      const answer = await usual(request, call)
      return { ...answer, messageQueues: [...(answer.messageQueues ?? [])].reverse() }
    }
    await test.clock.advance(300_000)
    assert.ok(test.server.routes.all.length > 15)
    assert.equal(channels, 1)
    assert.equal(test.server.streams.all.length, 2)
    const closing = mq.close()
    await test.clock.advance(5_000)
    await closing
    await running
  })

  it('keeps its route while the server does not answer for it', async () => {
    await using test = await bench()
    const { producer } = await started(test)
    test.server.onRoute = () => ({ status: { code: 'TOPIC_NOT_FOUND' }, messageQueues: [] })
    await test.clock.advance(60_000)
    await producer.send(hello)
  })

  it('survives a server that vanishes, also while it closes, and closes in time', async () => {
    await using test = await bench()
    const { producer } = await started(test)
    await test.server.close()
    await turns()
    const sending = failure(producer.send(hello))
    await test.clock.advance(2_000)
    assert.equal((await sending).code, 'UNREACHABLE')
    const before = test.clock.monotonic()
    const closing = test.mq.close()
    await test.clock.advance(3_000)
    await closing
    assert.ok(test.clock.monotonic() - before <= 3_000)
    await test.clock.advance(600_000)
  })

  it('says goodbye when it closes, and leaves neither timers nor streams', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    await producer.close()
    await turns()
    assert.equal(test.server.terminations.all.length, 1)
    assert.equal(test.server.halfCloses.all[0], stream)
    await test.clock.advance(1_000)
    assert.equal(test.clock.armed, 0)
  })

  it('stays closed: a server that ends the stream late revives nothing', async () => {
    await using test = await bench()
    const { producer, stream } = await started(test)
    await producer.close()
    stream.end({ code: 'UNAVAILABLE', message: 'reset' })
    await test.clock.advance(60_000)
    assert.equal(test.server.streams.all.length, 1)
  })
})
