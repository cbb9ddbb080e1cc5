import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { type Bench, bidi, bytes, Callee, clientStream, type Pair, pattern, serverStream, unaryMethod, withPair } from './harness.ts'
import { END_STREAM, frameType, RawHttp2 } from './raw-http2.ts'

/** What reaches a server that no client of ours would send. */
export function strangerCases(bench: Bench): void {
  const { it } = bench

  it('closes connections that do not speak HTTP/2, and goes on serving', async () => {
    const clientHello = Buffer.concat([Buffer.from('16030100c8010000c4', 'hex'), randomBytes(200)])
    const speeches: (string | Uint8Array)[] = [
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello',
      clientHello,
      pattern(100_000),
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n and then something else that is no frame at all',
    ]
    await withPair(bench, {}, async (pair) => {
      for (const speech of speeches) {
        const socket = connect({ host: pair.host, port: pair.port })
        socket.on('error', () => {})
        socket.resume()
        socket.write(speech)
        await once(socket, 'close')
      }
      await pair.barrier()
    })
  })

  it('survives connections that say nothing or break off', async () => {
    await withPair(bench, {}, async (pair) => {
      for (const speech of ['', 'PRI * HT', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0']) {
        const socket = connect({ host: pair.host, port: pair.port })
        await once(socket, 'connect')
        if (speech !== '') socket.write(speech)
        socket.resetAndDestroy()
        await once(socket, 'close')
      }
      const silent = connect({ host: pair.host, port: pair.port })
      await once(silent, 'connect')
      await pair.barrier()
      await pair.server.close(3_600_000)
      silent.resume()
      if (!silent.closed) await once(silent, 'close')
    })
  })

  it('answers 415 to what is not gRPC', async () => {
    await withPair(bench, { unary: new Callee() }, async (pair) => {
      const answer = await ask(pair, { ':path': unaryMethod.path, 'content-type': 'application/json' }, bytes('{}'))
      assert.equal(answer.headers[':status'], 415)
    })
  })

  it('answers UNIMPLEMENTED to paths of any shape', async () => {
    await withPair(bench, {}, async (pair) => {
      for (const path of ['/', '/x', '/a/b/c', '/conformance.Service/echo', '/%00/%0a', `/${'x'.repeat(4_000)}`]) {
        const answer = await ask(pair, { ':path': path }, new Uint8Array(5))
        assert.equal(status(answer), '12', path)
      }
      const raw = await RawHttp2.open(pair.host, pair.port)
      raw.call(1, Uint8Array.of(0x2f, 0xff, 0xfe, 0x80, 0x2f, 0xc3, 0xbc))
      await raw.barrier()
      raw.close()
      await pair.barrier()
    })
  })

  it('enforces the deadline of a call whose client does not', async () => {
    const callee = new Callee()
    await withPair(bench, { serverStream: callee }, async (pair) => {
      const answer = ask(pair, { ':path': serverStream.path, 'grpc-timeout': '30m' }, bytes('\0\0\0\0\0'))
      await callee.cancels.next()
      assert.equal(status(await answer), '4')
    })
  })

  it('reads grpc-timeout in every unit, clamps the longest, and refuses what is none', async () => {
    const callee = new Callee({ onMessage: (call) => call.end() })
    await withPair(bench, { unary: callee }, async (pair) => {
      const far: [string, number][] = [
        ['60000m', 60_000],
        ['60S', 60_000],
        ['60000000u', 60_000],
        ['1M', 60_000],
        ['1H', 3_600_000],
        ['99999999n', 100],
        ['4294968S', 2 ** 31 - 1],
        ['31535999M', 2 ** 31 - 1],
        ['99999999H', 2 ** 31 - 1],
      ]
      for (const [timeout, most] of far) {
        assert.equal(status(await ask(pair, { ':path': unaryMethod.path, 'grpc-timeout': timeout }, new Uint8Array(5))), '0', timeout)
        const { remaining } = await callee.starts.next()
        assert.ok(remaining !== undefined && remaining <= most && remaining > most - 30_000, `${timeout}: ${remaining}`)
      }
      for (const timeout of ['', 'soon', '5', '-5m', 'S', '5x']) {
        assert.notEqual(status(await ask(pair, { ':path': unaryMethod.path, 'grpc-timeout': timeout }, new Uint8Array(5))), '0', timeout)
      }
    })
  })

  it('never calls the handler of a call that ends before END_STREAM', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee, serverStream: callee }, async (pair) => {
      const raw = await RawHttp2.open(pair.host, pair.port)
      let stream = 1
      for (const method of [unaryMethod, serverStream]) {
        for (const code of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_INTERNAL_ERROR]) {
          raw.call(stream, method.path)
          raw.message(stream, bytes('whole'))
          await callee.starts.next()
          raw.reset(stream, code)
          await callee.cancels.next()
          stream += 2
        }
      }
      raw.call(stream, unaryMethod.path)
      raw.message(stream, bytes('whole'))
      await callee.starts.next()
      raw.socket.destroy()
      await callee.cancels.next()
      await pair.barrier()
      assert.equal(callee.messages.all.length, 0)
      assert.equal(callee.halfCloses.all.length, 0)
    })
  })

  it('tells each open call of a connection that breaks', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee, bidi: callee }, async (pair) => {
      const raw = await RawHttp2.open(pair.host, pair.port)
      raw.call(1, bidi.path)
      raw.call(3, unaryMethod.path)
      raw.message(3, bytes('poll'), END_STREAM)
      await callee.messages.next()
      raw.socket.resetAndDestroy()
      for (const call of await callee.cancels.take(2)) assert.equal(call.cancelled, true)
    })
  })

  it('refuses a message by the length it announces, before it comes', async () => {
    await withPair(bench, { unary: new Callee(), clientStream: new Callee() }, async (pair) => {
      for (const { path } of [unaryMethod, clientStream]) {
        const answer = await ask(pair, { ':path': path }, Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3), false)
        assert.equal(status(answer), '8')
      }
    })
  })

  it('takes a message in pieces of any size', async () => {
    const callee = new Callee({
      onMessage: (call) => {
        call.send(bytes('ok'))
        call.end()
      },
    })
    await withPair(bench, { unary: callee }, async (pair) => {
      const raw = await RawHttp2.open(pair.host, pair.port)
      const whole = pattern(300)
      const framed = Buffer.concat([Buffer.of(0, 0, 0, whole.length >> 8, whole.length & 0xff), whole])
      raw.call(1, unaryMethod.path)
      for (let index = 0; index < framed.length; index += 1) raw.frame(frameType.data, 0, 1, framed.subarray(index, index + 1))
      raw.frame(frameType.data, END_STREAM, 1)
      await raw.find((frame) => frame.stream === 1 && (frame.flags & END_STREAM) !== 0)
      assert.deepEqual(callee.messages.all, [whole])
      raw.close()
    })
  })

  it('calls no handler with half a message', async () => {
    const callee = new Callee()
    await withPair(bench, { unary: callee }, async (pair) => {
      for (const part of [bytes('\0'), Uint8Array.of(0, 0, 0, 0, 9, 1, 2, 3)]) {
        assert.notEqual(status(await ask(pair, { ':path': unaryMethod.path }, part)), '0')
      }
      assert.equal(callee.messages.all.length, 0)
    })
  })
}

interface Answer {
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
}

function status(answer: Answer): string {
  return String(answer.trailers['grpc-status'] ?? answer.headers['grpc-status'])
}

/** One request by Node's own HTTP/2 client, the body as it is. */
async function ask(pair: Pair, headers: Record<string, string>, body: Uint8Array, end = true): Promise<Answer> {
  const session = connectHttp2(`http://${pair.host}:${pair.port}`)
  const stream = session.request({ ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers', ...headers })
  try {
    return await new Promise<Answer>((resolve, reject) => {
      let head: IncomingHttpHeaders = {}
      let trailers: IncomingHttpHeaders = {}
      stream.on('response', (received) => {
        head = received
      })
      stream.on('trailers', (received) => {
        trailers = received
      })
      stream.on('error', reject)
      stream.on('end', () => resolve({ headers: head, trailers }))
      stream.resume()
      if (end) stream.end(body)
      else stream.write(body)
    })
  } finally {
    session.destroy()
  }
}
