import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeNotifyClientTerminationResponse, encodeNotifyClientTerminationRequest, messagingService } from '@feathermq/protocol'
import { grpcJsTransport, http2Transport, inMemoryTransport } from '@feathermq/transport'
import { testAuthority } from '@feathermq/transport/testing'
import { after, afterEach, before, describe, it } from 'mocha'
import { type Broker, createBroker, type EmbeddedOptions } from './broker.ts'
import { OptionError } from './options.ts'
import { RawClient, startBroker } from './testing/index.ts'

const free = { port: 0, httpPort: 0 }
const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))

const isOptionError = (message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof OptionError, String(error))
  if (typeof message === 'string') assert.equal(error.message, message)
  else assert.match(error.message, message)
  return true
}

describe('a broker', () => {
  const brokers: Broker[] = []
  function make(options: EmbeddedOptions = {}): Broker {
    const broker = createBroker({ ...free, ...options })
    brokers.push(broker)
    return broker
  }
  afterEach(async () => {
    for (const broker of brokers.splice(0)) await broker.stop()
  })

  describe('starts', () => {
    it('once, however often it is asked to', async () => {
      const broker = make()
      const [first, second] = await Promise.all([broker.start(), broker.start()])
      assert.match(first.grpc, /^127\.0\.0\.1:\d+$/)
      assert.match(first.http, /^127\.0\.0\.1:\d+$/)
      for (const again of [second, await broker.start(), broker.addresses]) assert.deepEqual(again, first)
      assert.equal((await fetch(`http://${first.http}/healthz`)).status, 200)
    })

    it('on IPv6, with brackets around the address', async () => {
      const { grpc, http } = await make({ host: '::1' }).start()
      assert.match(grpc, /^\[::1\]:\d+$/)
      assert.equal((await fetch(`http://${http}/healthz`)).status, 200)
      const channel = grpcJsTransport().createChannel({ address: grpc })
      assert.equal(await new RawClient(channel, 'client').send('orders', 'a'), 'OK')
      channel.close()
    })

    it('with the topics and groups of its options, and with no others where it may make none', async () => {
      const broker = await startBroker({
        transport: inMemoryTransport(),
        autoCreate: false,
        topics: { orders: { queues: 2 } },
        groups: { billing: { ordered: true } },
      })
      const { registry } = broker.broker.context
      assert.deepEqual(
        registry.topics().map(({ name, queues, origin }) => [name, queues, origin]),
        [['orders', 2, 'config']],
      )
      assert.deepEqual(
        registry.groups().map(({ name, ordered, origin }) => [name, ordered, origin]),
        [['billing', true, 'config']],
      )
      const client = broker.rawClient()
      assert.equal(await client.send('orders', 'a'), 'OK')
      assert.equal(await client.send('others', 'a'), 'TOPIC_NOT_FOUND')
      await assert.rejects(client.receive('orders', 'audit'), /CONSUMER_GROUP_NOT_FOUND/)
      await broker.close()
    })

    it('taking no message that is due later than it was told', async () => {
      const broker = await startBroker({ transport: inMemoryTransport(), clock: 'frozen', maxDelay: '1m' })
      const delayed = (seconds: number) => ({
        messageType: 'DELAY' as const,
        deliveryTimestamp: { seconds: Math.floor(broker.clock.now() / 1_000) + seconds, nanos: 0 },
      })
      assert.equal(await broker.rawClient().send('orders', 'a', delayed(60)), 'OK')
      assert.equal(await broker.rawClient().send('orders', 'a', delayed(62)), 'ILLEGAL_DELIVERY_TIME')
      await broker.close()
    })

    it('has no addresses before', () => {
      assert.throws(() => make().addresses, /^Error: the broker is not started$/)
    })
  })

  describe('is not made', () => {
    const wrong: readonly (readonly [options: object, message: string])[] = [
      [{ colour: 'red' }, 'options: colour: unknown key'],
      [{ port: Number.NaN }, 'options: port: must be a port, 0 to 65535'],
      [{ topics: { 'a b': {} } }, 'options: topics: the topic "a b" has characters other than ^[%|a-zA-Z0-9_-]+$'],
      [{ topics: { '%DLQ%a': {} } }, 'options: topics: the topic "%DLQ%a" has a "%", which only topics that the broker makes itself may have'],
      [{ groups: { TOOLS_CONSUMER: {} } }, 'options: groups: the consumer group "TOOLS_CONSUMER" is a system group'],
    ]
    for (const [options, message] of wrong) {
      it(`with ${JSON.stringify(options)}`, () => {
        assert.throws(() => createBroker(options), isOptionError(message))
      })
    }
  })

  describe('where a port is taken', () => {
    let taken: number
    const other = createServer()
    before(async () => {
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      taken = portOf(JSON.stringify(other.address()).replace(/.*"port":(\d+).*/, ':$1'))
    })
    after(() => new Promise((resolve) => other.close(resolve)))

    it('says which, and which flag moves it', async () => {
      const says = (what: string, flag: string) =>
        `cannot open the ${what} port 127.0.0.1:${taken}: something else listens there; choose another port with ${flag}, or ${flag} 0 for a free one`
      await assert.rejects(make({ port: taken }).start(), isOptionError(says('gRPC', '--port')))
      await assert.rejects(make({ httpPort: taken }).start(), isOptionError(says('HTTP', '--http-port')))
    })

    it('gives back the other port, and can be stopped', async () => {
      const first = make()
      const { grpc } = await first.start()
      await first.stop()
      const failing = make({ port: portOf(grpc), httpPort: taken })
      await assert.rejects(failing.start(), OptionError)
      const next = make({ port: portOf(grpc) })
      assert.deepEqual((await next.start()).grpc, grpc)
      await failing.stop()
    })

    it('says what is wrong with an address', async () => {
      const here = 'this machine has no such address; choose another with --host'
      await assert.rejects(make({ host: '192.0.2.1' }).start(), isOptionError(`cannot open the gRPC port 192.0.2.1:0: ${here}`))
    })
  })

  describe('stops', () => {
    it('once, however often it is asked to, and gives back its ports', async () => {
      const broker = make()
      const { grpc, http } = await broker.start()
      assert.equal(broker.stop(), broker.stop())
      await broker.stop()
      const next = make({ port: portOf(grpc), httpPort: portOf(http) })
      assert.deepEqual(await next.start(), { grpc, http })
    })

    it('before it was started, for good', async () => {
      const broker = make()
      await broker.stop()
      await assert.rejects(broker.start(), /^Error: the broker was stopped; make another one$/)
    })

    it('while it starts', async () => {
      const broker = make()
      const starting = broker.start()
      await broker.stop()
      const { grpc, http } = await starting
      await assert.rejects(fetch(`http://${http}/healthz`))
      const next = make({ port: portOf(grpc), httpPort: portOf(http) })
      await next.start()
    })

    it('answering every receive that waits', async () => {
      const broker = await startBroker({ clock: 'frozen' })
      const client = broker.rawClient()
      const waiting = ['orders', 'orders', 'others'].map((topic) => client.receiveRaw(topic, 'billing', { wait: '15s' }))
      await client.receive('last', 'billing')
      assert.equal(broker.broker.context.delivery.waiting, 3)
      await broker.broker.stop()
      for (const [first, ...rest] of await Promise.all(waiting)) {
        assert.equal(first?.content?.case === 'status' ? first.content.value.code : undefined, 'MESSAGE_NOT_FOUND')
        assert.equal(rest.length, 1)
      }
      assert.equal(broker.broker.context.delivery.waiting, 0)
      await broker.close()
    })

    it('ending the streams of those who are connected', async () => {
      const broker = await startBroker({ transport: inMemoryTransport() })
      const stream = await broker.rawClient().telemetry({ clientType: 'PRODUCER', pubSub: { case: 'publishing', value: {} } })
      const ended = assert.rejects(stream.next(), /^Error: OK: $/)
      await broker.broker.stop()
      await ended
      await broker.close()
    })

    it('ending the stream of who said goodbye and left it open, instead of waiting for it', async () => {
      const broker = await startBroker({ transport: inMemoryTransport() })
      const client = broker.rawClient()
      const stream = await client.telemetry({ clientType: 'PRODUCER', pubSub: { case: 'publishing', value: {} } })
      const request = encodeNotifyClientTerminationRequest({})
      const { status } = await client.call(messagingService.notifyClientTermination, request, decodeNotifyClientTerminationResponse)
      assert.equal(status?.code, 'OK')
      // A stream that is still open when the grace of a stop is over ends with CANCELLED or UNAVAILABLE.
      const ended = assert.rejects(stream.next(), /^Error: OK: $/)
      await broker.broker.stop()
      await ended
      await broker.close()
    })
  })

  describe('with a certificate', () => {
    let folder: string
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'feathermq-tls-'))
    })
    after(() => rmSync(folder, { recursive: true }))

    function file(name: string, text: string): string {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }

    it('speaks TLS to those who trust it, and to nobody else', async () => {
      const authority = testAuthority()
      const { certificate, key } = authority.issue('127.0.0.1')
      const { grpc } = await make({ tls: { cert: file('cert.pem', certificate), key: file('key.pem', key) } }).start()
      const transport = grpcJsTransport()
      const trusting = transport.createChannel({ address: grpc, tls: { ca: authority.ca } })
      assert.equal(await new RawClient(trusting, 'a').send('orders', 'a'), 'OK')
      for (const tls of [undefined, { ca: testAuthority('stranger').ca }]) {
        const channel = transport.createChannel({ address: grpc, tls })
        await assert.rejects(new RawClient(channel, 'b').send('orders', 'a'), /UNAVAILABLE/)
        channel.close()
      }
      trusting.close()
    })

    it('of its own takes TLS from those who were given it and plaintext from the others, on one port', async () => {
      const broker = make({ tls: { selfSigned: true } })
      const { grpc } = await broker.start()
      const ca = broker.certificate ?? ''
      for (const transport of [http2Transport(), grpcJsTransport()]) {
        for (const tls of [{ ca }, { ca, serverName: 'localhost' }, { insecureSkipVerify: true }, undefined]) {
          const channel = transport.createChannel({ address: grpc, tls })
          assert.equal(await new RawClient(channel, 'a').send('orders', 'a'), 'OK')
          channel.close()
        }
        const stranger = transport.createChannel({ address: grpc, tls: {} })
        await assert.rejects(new RawClient(stranger, 'b').send('orders', 'a'), /UNAVAILABLE: .*self-signed certificate/)
        stranger.close()
      }
      broker.reloadTls()
      assert.equal(broker.certificate, ca)
    })

    it('of its own is for every name by which clients can know the broker', () => {
      const names = (options: EmbeddedOptions): string =>
        new X509Certificate(make({ tls: { selfSigned: true }, ...options }).certificate ?? '').subjectAltName ?? ''
      for (const name of ['DNS:localhost', 'IP Address:127.0.0.1', 'IP Address:0:0:0:0:0:0:0:1']) assert.ok(names({}).includes(name), name)
      assert.ok(names({ advertise: 'broker.example:8081' }).includes('DNS:broker.example'))
      assert.ok(names({ advertise: '[2001:db8::1]:8081' }).includes('IP Address:2001:DB8:0:0:0:0:0:1'))
      const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
      for (const host of ['0.0.0.0', '::']) {
        for (const { address, family } of own) if (family === 'IPv4') assert.ok(names({ host }).includes(`IP Address:${address}`), address)
        assert.ok(!names({ host }).includes('IP Address:0.0.0.0'))
      }
      assert.ok(!names({ host: '127.0.0.1' }).includes('undefined'))
    })

    it('of its own can be the only way in', async () => {
      const broker = make({ tls: { selfSigned: true, alsoPlaintext: false } })
      const { grpc } = await broker.start()
      const channel = http2Transport().createChannel({ address: grpc })
      await assert.rejects(new RawClient(channel, 'a').send('orders', 'a'), /UNAVAILABLE/)
      channel.close()
    })

    it('of files shows the renewed one when it is told to, and keeps the old one when that cannot be used', async () => {
      const [before, after] = [testAuthority(), testAuthority('another authority')]
      const write = ({ certificate, key }: { certificate: string; key: string }) => ({
        cert: file('renewed.pem', certificate),
        key: file('renewed-key.pem', key),
      })
      const broker = make({ tls: write(before.issue('127.0.0.1')) })
      assert.equal(broker.certificate, undefined)
      const { grpc } = await broker.start()
      const sends = async (ca: string): Promise<string> => {
        const channel = http2Transport().createChannel({ address: grpc, tls: { ca } })
        const outcome = await new RawClient(channel, 'a').send('orders', 'a').catch((error: unknown) => String((error as { code?: unknown }).code))
        channel.close()
        return String(outcome)
      }
      assert.deepEqual([await sends(before.ca), await sends(after.ca)], ['OK', 'UNAVAILABLE'])
      const { cert } = write(after.issue('127.0.0.1'))
      broker.reloadTls()
      assert.deepEqual([await sends(before.ca), await sends(after.ca)], ['UNAVAILABLE', 'OK'])
      writeFileSync(cert, 'garbage')
      assert.throws(() => broker.reloadTls(), isOptionError(/renewed\.pem and .* are no certificate with its key$/))
      rmSync(cert)
      assert.throws(() => broker.reloadTls(), isOptionError(/renewed\.pem cannot be read/))
      assert.equal(await sends(after.ca), 'OK')
      make().reloadTls()
    })

    it('is not made when a file is not there, or is something else', () => {
      const { certificate, key } = testAuthority().issue('127.0.0.1')
      const cert = file('good.pem', certificate)
      const good = file('good-key.pem', key)
      const none = join(folder, 'none.pem')
      for (const tls of [
        { cert: none, key: good },
        { cert, key: none },
      ]) {
        assert.throws(() => createBroker({ tls }), isOptionError(/^the PEM file .*none\.pem cannot be read: ENOENT/))
      }
      const others = file('others-key.pem', testAuthority().issue('127.0.0.1').key)
      const garbage = file('garbage.pem', 'garbage')
      for (const tls of [
        { cert, key: others },
        { cert: garbage, key: good },
        { cert: good, key: cert },
      ]) {
        assert.throws(() => createBroker({ tls }), isOptionError(`the PEM files ${tls.cert} and ${tls.key} are no certificate with its key`))
      }
    })
  })
})
