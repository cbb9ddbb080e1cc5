import { strict as assert } from 'node:assert'
import type { HeaderReader, Peer } from '../../contract.ts'
import { type Bench, bidi, bytes, Callee, echo, echoMethod, OK, serverStream, unaryMethod, withPair } from './harness.ts'

type Pair = readonly [name: string, value: string]

const binary = Uint8Array.of(0, 1, 254, 255)
const binaryText = Buffer.from(binary).toString('base64')

export function headerCases(bench: Bench): void {
  const { it } = bench

  it('carries the headers of the template and of the call', async () => {
    const seen: HeaderReader[] = []
    const callee = new Callee({
      onMessage: (call) => {
        seen.push(call.headers)
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const template = pair.channel.template([
        ['x-constant', 'one'],
        ['x-data-bin', binaryText],
      ])
      const own: Pair[] = [
        ['x-own', 'a value, with spaces; and "quotes"'],
        ['x-empty', ''],
      ]
      await pair.ask(unaryMethod, bytes(''), { template, headers: own }).end()
      await pair.ask(unaryMethod, bytes(''), { template }).end()
      const [first, second] = seen
      assert.equal(first?.get('x-constant'), 'one')
      assert.equal(first?.get('x-own'), own[0]?.[1])
      assert.equal(first?.get('x-empty'), '')
      assert.equal(first?.get('x-absent'), undefined)
      assert.deepEqual(Uint8Array.from(first?.binary('x-data-bin') ?? []), binary)
      assert.equal(first?.get('x-data-bin'), binaryText)
      assert.equal(first?.binary('x-absent-bin'), undefined)
      assert.equal(second?.get('x-constant'), 'one')
      assert.equal(second?.get('x-own'), undefined)
    })
  })

  it('lists all headers with their names in lower case', async () => {
    const callee = new Callee({ onMessage: (call) => call.end() })
    await withPair(bench, { unary: callee }, async (pair) => {
      const headers: Pair[] = [
        ['x-one', '1'],
        ['x-two', '2'],
        ['x-three-bin', binaryText],
      ]
      await pair.ask(unaryMethod, bytes(''), { headers }).end()
      const listed = new Map((await callee.starts.next()).headers.entries())
      for (const [name, value] of headers) assert.equal(listed.get(name), value)
      for (const name of listed.keys()) assert.equal(name, name.toLowerCase())
    })
  })

  it('carries trailers with a good and with a bad end', async () => {
    for (const status of [OK, { code: 'ABORTED', message: 'no' } as const]) {
      const callee = new Callee({
        onMessage: (call) => {
          call.setTrailer('x-trailer', 'value')
          call.setTrailer('x-data-bin', binaryText)
          call.send(bytes('answer'))
          call.end(status)
        },
      })
      await withPair(bench, { unary: callee }, async (pair) => {
        const { trailers } = await pair.ask(unaryMethod, bytes('')).end()
        assert.equal(trailers.get('x-trailer'), 'value')
        assert.deepEqual(Uint8Array.from(trailers.binary('x-data-bin') ?? []), binary)
        assert.equal(trailers.get('x-absent'), undefined)
      })
    }
  })

  it('carries trailers where there is no message', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        call.setTrailer('x-trailer', 'value')
        call.end({ code: 'NOT_FOUND', message: '' })
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const caller = pair.ask(unaryMethod, bytes(''))
      const { status, trailers } = await caller.end()
      assert.equal(status.code, 'NOT_FOUND')
      assert.equal(trailers.get('x-trailer'), 'value')
      assert.deepEqual(caller.story, ['end'])
    })
  })

  it('refuses headers and trailers that gRPC cannot carry, where they are given', async () => {
    const wrong: Pair[] = [
      ['X-Upper', 'a'],
      ['x y', 'a'],
      ['', 'a'],
      [':path', '/x'],
      ['x-text', 'über'],
      ['x-text', 'two\r\nlines'],
      ['x-text', ' padded'],
      ['x-data-bin', 'not base64!'],
      ['grpc-timeout', '1S'],
      ['content-type', 'text/plain'],
      ['te', 'trailers'],
      ['user-agent', 'me'],
    ]
    const refused: unknown[] = []
    const callee = new Callee({
      onMessage: (call) => {
        for (const [name, value] of wrong) {
          try {
            call.setTrailer(name, value)
          } catch (error) {
            refused.push(error)
          }
        }
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      for (const header of wrong) {
        assert.throws(() => pair.channel.template([header]), TypeError, header.join(': '))
        assert.throws(() => pair.call(unaryMethod, { headers: [header] }), TypeError, header.join(': '))
      }
      assert.deepEqual(await pair.ask(unaryMethod, bytes('')).status(), OK)
      assert.deepEqual(
        refused.map((error) => error instanceof TypeError),
        wrong.map(() => true),
      )
    })
  })

  it('tells the handler whom it serves, and which calls share a connection', async () => {
    const peers: Peer[] = []
    const callee = new Callee({
      onMessage: (call) => {
        peers.push(call.peer)
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const other = pair.transport.createChannel({ address: `${pair.host}:${pair.port}` })
      await pair.ask(unaryMethod, bytes('')).end()
      await pair.ask(unaryMethod, bytes('')).end()
      await pair.ask(unaryMethod, bytes(''), {}, other).end()
      other.close()
      const [first, second, third] = peers
      assert.equal(first?.encrypted, false)
      assert.ok((first?.address ?? '') !== '')
      assert.equal(first?.connection, second?.connection)
      assert.notEqual(first?.connection, third?.connection)
      if (bench.traits.sockets) assert.match(first?.address ?? '', /^127\.0\.0\.1:\d+$/)
    })
  })

  it('tells the time that is left, and nothing where there is no limit', async () => {
    const callee = new Callee({ onMessage: (call) => call.end() })
    await withPair(bench, { unary: callee }, async (pair) => {
      await pair.ask(unaryMethod, bytes('')).end()
      assert.equal((await callee.starts.next()).remaining, undefined)
      await pair.ask(unaryMethod, bytes(''), { timeout: 60_000 }).end()
      const { remaining } = await callee.starts.next()
      assert.ok(remaining !== undefined && remaining > 30_000 && remaining <= 60_000, `remaining ${remaining}`)
    })
  })

  it('clamps a timeout of 60 years, and does not end its call', async () => {
    const callee = new Callee({ onMessage: (call) => call.send(bytes('still here')) })
    await withPair(bench, { bidi: callee, unary: echo }, async (pair) => {
      const caller = pair.call(bidi, { timeout: 31_535_999 * 60_000 })
      const { remaining } = await callee.starts.next()
      assert.ok(remaining !== undefined && remaining <= 2 ** 31 - 1 && remaining > 2 ** 31 - 60_000, `remaining ${remaining}`)
      await pair.barrier()
      caller.call.send(bytes('hello?'))
      await caller.messages.next()
      caller.call.cancel()
    })
  })

  it('carries headers of the response, before the first message and where there is none', async () => {
    const callee = new Callee({
      onMessage: (call, message) => {
        call.setHeader('x-served-by', 'a')
        call.setHeader('x-raw-bin', Buffer.of(0, 255).toString('base64'))
        if (message.byteLength > 0) call.send(bytes('answer'))
        call.setTrailer('x-late', 'b')
        assert.throws(() => call.setHeader('x y', 'c'), TypeError)
        if (message.byteLength > 0) assert.throws(() => call.setHeader('x-too-late', 'c'), /after the first message/)
        call.end()
      },
    })
    await withPair(bench, { serverStream: callee }, async (pair) => {
      for (const request of ['x', '']) {
        const caller = pair.ask(serverStream, bytes(request))
        const { status, trailers } = await caller.end()
        assert.deepEqual(status, OK)
        const headers = await caller.heads.next()
        assert.equal(headers.get('x-served-by'), 'a')
        assert.deepEqual([...(headers.binary('x-raw-bin') ?? [])], [0, 255])
        assert.equal(headers.get('x-late'), undefined)
        assert.equal(trailers.get('x-late'), 'b')
        assert.deepEqual(caller.story, request === '' ? ['headers', 'end'] : ['headers', 'message', 'end'])
      }
    })
  })

  it('refuses an address that is none, and limits that are none', async () => {
    const transport = bench.createTransport()
    for (const address of ['', 'localhost', ':80', 'host:', 'host:99999', '::1:80', 'http://host:80', 'a b:80']) {
      assert.throws(() => transport.createChannel({ address }), TypeError, address)
    }
    const channel = transport.createChannel({ address: '[::1]:8081' })
    assert.equal(channel.address, '[::1]:8081')
    assert.throws(() => channel.start(echoMethod, { onMessage() {}, onEnd() {} }, { timeout: Number.NaN }), RangeError)
    channel.close()
    for (const value of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => transport.createServer({ maxReceiveMessageBytes: value }), RangeError)
      assert.throws(() => transport.createServer({ maxConcurrentStreams: value }), RangeError)
      assert.throws(() => transport.createChannel({ address: 'a:1', maxReceiveMessageBytes: value }), RangeError)
      assert.throws(() => transport.createChannel({ address: 'a:1', connectTimeout: value }), RangeError)
    }
  })
}
