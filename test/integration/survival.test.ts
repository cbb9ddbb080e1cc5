import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { RawClient, startBroker } from '@feathermq/broker/testing'
import { encodeSendMessageRequest, headerNames, messagingService } from '@feathermq/protocol'
import { describe, it } from 'mocha'
import { overEachTransport } from '../support/stage.ts'

const settings = {
  clientType: 'PUSH_CONSUMER',
  pubSub: { case: 'subscription', value: { group: { name: 'billing' }, subscriptions: [] } },
} as const

overEachTransport((stage) => {
  it('a consumer that is killed while it holds messages: they come back once, when its lease or its grace is over, and not before', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const witness = broker.rawClient()
    for (const body of ['leased', 'renewed 1', 'renewed 2']) await witness.send('orders', body)

    const line = stage.transport.createChannel({ address: broker.endpoints })
    const doomed = new RawClient(line, 'doomed')
    await doomed.telemetry(settings)
    const [leased] = await doomed.receive('orders', 'billing', { max: 1, invisible: '30s' })
    const renewed = await doomed.receive('orders', 'billing', { max: 2, autoRenew: true })
    assert.deepEqual([leased?.body, ...renewed.map(({ body }) => body)], ['leased', 'renewed 1', 'renewed 2'])
    line.close()
    await broker.clock.advance(0)

    const look = async () =>
      (await witness.receive('orders', 'billing', { invisible: '12h' })).map(({ body, deliveryAttempt }) => [body, deliveryAttempt])
    await broker.clock.advance('10990ms')
    assert.deepEqual(await look(), [], 'ten seconds to come back, one second for the message')
    await broker.clock.advance('20ms')
    assert.deepEqual(await look(), [
      ['renewed 1', 2],
      ['renewed 2', 2],
    ])
    await broker.clock.advance('18970ms')
    assert.deepEqual(await look(), [], 'the other lease runs for thirty seconds')
    await broker.clock.advance('30ms')
    assert.deepEqual(await look(), [['leased', 2]])
    await broker.clock.advance('11h')
    assert.deepEqual(await look(), [], 'once')
  })

  it('a thousand receives that wait: others are served, and each is answered at its end', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const client = broker.rawClient()
    const polls: Promise<readonly unknown[]>[] = []
    for (let group = 0; group < 10; group++) {
      const idle = broker.rawClient()
      for (let n = 0; n < 100; n++) polls.push(idle.receive(`idle-${n % 10}`, `group-${group}`, { wait: '20s' }))
      while (broker.broker.context.delivery.waiting < polls.length) await client.call(messagingService.queryRoute, new Uint8Array(0), () => undefined)
    }

    for (let n = 0; n < 50; n++) {
      const waiting = client.receive('orders', 'billing', { wait: '20s', max: 1 })
      await client.send('orders', `m${n}`)
      const [message] = await waiting
      assert.equal(message?.body, `m${n}`)
      assert.equal(await client.ack('orders', 'billing', message), 'OK')
    }
    assert.equal(broker.broker.context.delivery.waiting, 1_000)

    await broker.clock.advance('20s')
    assert.deepEqual((await Promise.all(polls)).flat(), [])
    assert.equal(broker.broker.context.delivery.waiting, 0)
  }).timeout(20_000)

  it('a receive that is cancelled at the moment of delivery: the message is there again, and its attempt counts only if it went out', async () => {
    const broker = await stage.broker({ clock: 'frozen' })
    const producer = broker.rawClient()
    const witness = broker.rawClient()
    let seen = 0
    let returned = 0
    for (let turns = 0; turns < 40; turns++) {
      const body = `m${turns}`
      const abort = new AbortController()
      const doomed = broker.rawClient(`doomed-${turns}`)
      const receive = doomed.receive('orders', 'billing', { wait: '20s', invisible: '10s', signal: abort.signal }).catch(() => undefined)
      while (broker.broker.context.delivery.waiting === 0) await witness.call(messagingService.queryRoute, new Uint8Array(0), () => undefined)
      // The cancellation comes a few turns of the event loop after the send: before, at and after the delivery.
      const sent = producer.send('orders', body)
      for (let turn = 0; turn < turns / 2; turn++) await new Promise((resolve) => setImmediate(resolve))
      abort.abort()
      assert.equal(await sent, 'OK')
      const [got] = (await receive) ?? []
      if (got !== undefined) {
        seen++
        assert.deepEqual([got.body, got.deliveryAttempt], [body, 1])
        assert.equal(await witness.ack('orders', 'billing', got), 'OK')
        continue
      }
      returned++
      await broker.clock.advance(0)
      let [again] = await witness.receive('orders', 'billing', { invisible: '10s' })
      if (again === undefined) {
        // The whole answer had gone out before the cancellation came: the lease has to run out.
        await broker.clock.advance('10010ms')
        ;[again] = await witness.receive('orders', 'billing', { invisible: '10s' })
        assert.equal(again?.deliveryAttempt, 2)
      } else assert.equal(again.deliveryAttempt, 1)
      assert.equal(again?.body, body)
      assert.equal(await witness.ack('orders', 'billing', again), 'OK')
    }
    assert.ok(seen > 0 && returned > 0, `${seen} seen, ${returned} returned: the cancellation never came at both sides of the delivery`)
    await broker.clock.advance('1h')
    assert.deepEqual(await witness.receive('orders', 'billing'), [])
  }).timeout(20_000)
})

/** Resolves when the peer has closed the connection, or said GOAWAY (RFC 9113, 6.8), after which it reads nothing more. */
function turnedAway(socket: Socket): Promise<void> {
  let received = Buffer.alloc(0)
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3)) if (received[at + 3] === 7) resolve()
    })
  })
}

describe('on a socket', () => {
  /** A gRPC message in its frame. */
  const framed = (message: Uint8Array): Buffer => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(message.length, 1)
    return Buffer.concat([head, message])
  }
  const request = (body: string): Buffer =>
    framed(encodeSendMessageRequest({ messages: [{ topic: { name: 'orders' }, body: Buffer.from(body), systemProperties: { messageId: body } }] }))

  it('a producer that disconnects in the middle of its call: the message is stored wholly or not at all', async () => {
    await using broker = await startBroker({ clock: 'frozen' })
    const client = broker.rawClient()
    const stored = () => broker.broker.context.delivery.topicStats('orders')?.stored ?? 0
    await client.send('orders', 'before')

    const open = () => {
      const session = connectHttp2(`http://${broker.endpoints}`)
      session.on('error', () => {})
      const stream = session.request({
        ':method': 'POST',
        ':path': messagingService.sendMessage.path,
        'content-type': 'application/grpc',
        te: 'trailers',
        [headerNames.clientId]: 'doomed',
      })
      stream.on('error', () => {})
      return { session, stream }
    }
    const whole = request('half')
    for (const cut of [0, 3, 5, 20, whole.length - 1, whole.length]) {
      const { session, stream } = open()
      if (cut > 0) await new Promise((resolve) => stream.write(whole.subarray(0, cut), resolve))
      // All of the message may have come, but without the end of the stream the call never happened.
      session.destroy()
      await once(session, 'close')
    }
    // A round trip on a connection of its own is behind whatever the broker had to do for the others.
    await client.send('orders', 'after')
    assert.equal(stored(), 2)

    const { session, stream } = open()
    stream.end(request('whole'))
    await once(stream, 'response')
    session.destroy()
    assert.equal(stored(), 3)
    const messages = await client.receive('orders', 'billing')
    assert.deepEqual(messages.map(({ body }) => body).sort(), ['after', 'before', 'whole'])
  })

  it('garbage on its port: it is turned away, and nobody else notices', async () => {
    const faults: unknown[] = []
    await using broker = await startBroker({ clock: 'frozen', onError: (error) => faults.push(error) })
    const [host = '', port = ''] = broker.endpoints.split(':')
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    const emptySettings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
    const garbage: readonly (readonly [what: string, bytes: Buffer])[] = [
      ['noise', randomBytes(4096)],
      ['zeros', Buffer.alloc(4096)],
      ['HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\nhost: broker\r\n\r\n')],
      ['noise after the preface', Buffer.concat([preface, randomBytes(4096)])],
      ['a frame of 16 MiB announced', Buffer.concat([preface, emptySettings, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])])],
      ['DATA for a stream that is not open', Buffer.concat([preface, emptySettings, Buffer.from([0, 0, 4, 0, 1, 0, 0, 0, 7, 1, 2, 3, 4])])],
      ['headers that are no HPACK', Buffer.concat([preface, emptySettings, Buffer.from([0, 0, 4, 1, 5, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff])])],
      ['half a preface', preface.subarray(0, 10)],
    ]
    const client = broker.rawClient()
    const waiting = client.receive('orders', 'billing', { wait: '20s', max: 1 })
    const strangers = garbage.map(([, bytes]) => {
      const socket = connect(Number(port), host)
      socket.on('error', () => {})
      socket.write(bytes)
      return socket
    })
    const tls = connectTls({ host, port: Number(port), rejectUnauthorized: false })
    // All but the one whose preface may still become whole.
    await Promise.all([...strangers.slice(0, -1), tls].map(turnedAway))

    assert.equal(await client.send('orders', 'm'), 'OK')
    const [message] = await waiting
    assert.equal(message?.body, 'm')
    assert.equal(await client.ack('orders', 'billing', message), 'OK')
    for (const socket of strangers) socket.destroy()
    assert.deepEqual(faults, [])
  })
})
