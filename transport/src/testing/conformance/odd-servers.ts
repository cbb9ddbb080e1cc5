import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net'
import type { ChannelOptions, RpcStatus } from '../../contract.ts'
import { type Bench, bytes, Caller, echoMethod, OK, serverStream, text } from './harness.ts'

const HOST = '127.0.0.1'

/** What a client of ours meets when the address is wrong or the server is broken. Nothing of it may be thrown. */
export function oddServerCases(bench: Bench): void {
  const { it } = bench

  it('gives up a connection that gets no answer after its connect timeout', async () => {
    const held: Socket[] = []
    await withPort(
      (socket) => {
        held.push(socket)
      },
      async (address) => {
        const status = await ask(bench, { address, connectTimeout: 50 })
        assert.equal(status.code, 'UNAVAILABLE')
        assert.match(status.message, /50 ms/)
      },
    )
    assert.ok(held.length >= 1)
  })

  it('tries again after a connect timeout, until the server answers', async () => {
    let seen = 0
    const http2 = createHttp2Server()
    http2.on('stream', answerOk)
    await withPort(
      (socket) => {
        seen += 1
        if (seen > 1) http2.emit('connection', socket)
      },
      async (address) => {
        assert.deepEqual(await ask(bench, { address, connectTimeout: 50 }, true), OK)
      },
    )
    assert.equal(seen, 2)
  })

  for (const [title, speech] of [
    ['hangs up', ''],
    ['speaks HTTP/1', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'],
    ['speaks something unknown', '\x15\x03\x01\x00\x02\x02\x0a-ERR unknown command\r\n'],
  ] as const) {
    it(`ends calls with UNAVAILABLE at a server that ${title}`, async () => {
      await withPort(
        (socket) => {
          socket.once('data', () => socket.end(speech))
        },
        async (address) => {
          assert.equal((await ask(bench, { address, connectTimeout: 1_000 })).code, 'UNAVAILABLE')
        },
      )
    })
  }

  it('ends calls with UNAVAILABLE when the connection breaks, before, during and after the answer began', async () => {
    for (const stage of ['request', 'headers', 'message'] as const) {
      await withHttp2(
        (stream) => {
          if (stage !== 'request') stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
          const cut = (): void => void setImmediate(() => stream.session?.destroy())
          if (stage === 'message') stream.write(framed(bytes('part')), cut)
          else cut()
        },
        async (address) => {
          const status = await ask(bench, { address })
          assert.equal(status.code, 'UNAVAILABLE', stage)
        },
      )
    }
  })

  it('ends calls with UNAVAILABLE when the connection is reset', async () => {
    const http2 = createHttp2Server()
    let socket: Socket | undefined
    http2.on('stream', () => socket?.resetAndDestroy())
    await withPort(
      (accepted) => {
        socket = accepted
        http2.emit('connection', accepted)
      },
      async (address) => {
        for (let round = 0; round < 3; round += 1) assert.equal((await ask(bench, { address })).code, 'UNAVAILABLE')
      },
    )
  })

  it('pings a connection that is silent while a call waits', async () => {
    let pinged = (): void => {}
    const ping = new Promise<void>((resolve) => {
      pinged = resolve
    })
    await withHttp2(
      () => {},
      async (address) => {
        const channel = bench.createTransport().createChannel({ address, keepalive: 30 })
        const caller = new Caller()
        channel.start(serverStream, caller)
        await ping
        channel.close()
        await caller.status()
      },
      (session) => session.on('ping', () => pinged()),
    )
  })

  it('maps what HTTP answers to a status, as gRPC says', async () => {
    const codes: [number, RpcStatus['code']][] = [
      [400, 'INTERNAL'],
      [401, 'UNAUTHENTICATED'],
      [403, 'PERMISSION_DENIED'],
      [404, 'UNIMPLEMENTED'],
      [429, 'UNAVAILABLE'],
      [502, 'UNAVAILABLE'],
      [503, 'UNAVAILABLE'],
      [504, 'UNAVAILABLE'],
      [418, 'UNKNOWN'],
    ]
    let httpStatus = 0
    await withHttp2(
      (stream) => {
        stream.respond({ ':status': httpStatus, 'content-type': 'text/html' })
        stream.end('<html>no gRPC here</html>')
      },
      async (address) => {
        for (const [http, code] of codes) {
          httpStatus = http
          assert.equal((await ask(bench, { address })).code, code, `HTTP ${http}`)
        }
      },
    )
  })

  it('ends a call with UNKNOWN for a status number nobody defined, and not with OK without one', async () => {
    let trailers: Record<string, string> = {}
    await withHttp2(
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers(trailers))
        stream.end(framed(bytes('answer')))
      },
      async (address) => {
        trailers = { 'grpc-status': '99', 'grpc-message': 'from%20the%20future' }
        assert.deepEqual(await ask(bench, { address }), { code: 'UNKNOWN', message: 'from the future' })
        trailers = { 'x-something': 'else' }
        assert.notEqual((await ask(bench, { address })).code, 'OK')
      },
    )
  })

  it('reads a status text that is not percent-encoded properly', async () => {
    await withHttp2(
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '10', 'grpc-message': '100% %zz' }, { endStream: true })
      },
      async (address) => {
        assert.deepEqual(await ask(bench, { address }), { code: 'ABORTED', message: '100% %zz' })
      },
    )
  })

  it('takes the messages that came before a reset, and then its end', async () => {
    await withHttp2(
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.write(framed(bytes('one')), () => setImmediate(() => stream.close(2)))
      },
      async (address) => {
        const channel = bench.createTransport().createChannel({ address })
        const caller = new Caller()
        const call = channel.start(serverStream, caller)
        call.halfClose()
        assert.equal(text(await caller.messages.next()), 'one')
        assert.equal((await caller.status()).code, 'INTERNAL')
        channel.close()
      },
    )
  })

  it('moves to a new connection when the server sends GOAWAY', async () => {
    let connections = 0
    await withHttp2(
      (stream) => {
        const { session } = stream
        stream.on('close', () => session?.goaway(0))
        answerOk(stream)
      },
      async (address) => {
        const channel = bench.createTransport().createChannel({ address })
        for (let round = 0; round < 5; round += 1) {
          const caller = new Caller()
          const call = channel.start(echoMethod, caller, { waitForReady: true })
          call.send(bytes('x'))
          call.halfClose()
          const { code } = await caller.status()
          // The call may have left before the GOAWAY arrived.
          assert.ok(code === 'OK' || code === 'UNAVAILABLE', code)
        }
        channel.close()
      },
      () => {
        connections += 1
      },
    )
    assert.ok(connections > 1)
  })
}

function answerOk(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(framed(bytes('answer')))
}

async function ask(bench: Bench, options: ChannelOptions, waitForReady = false): Promise<RpcStatus> {
  const channel = bench.createTransport().createChannel(options)
  const caller = new Caller()
  const call = channel.start(echoMethod, caller, { waitForReady })
  call.send(bytes('x'))
  call.halfClose()
  const status = await caller.status()
  channel.close()
  assert.equal(caller.story.filter((name) => name === 'end').length, 1)
  return status
}

function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, message.byteLength >> 8, message.byteLength & 0xff), message])
}

async function withHttp2(
  onStream: (stream: ServerHttp2Stream) => void,
  body: (address: string) => Promise<void>,
  onSession: (session: ServerHttp2Session) => void = () => {},
): Promise<void> {
  const http2 = createHttp2Server()
  http2.on('session', (session) => {
    onSession(session)
    session.on('error', () => {})
  })
  http2.on('stream', (stream) => {
    stream.on('error', () => {})
    stream.resume()
    onStream(stream)
  })
  await withPort((socket) => void http2.emit('connection', socket), body)
}

async function withPort(onSocket: (socket: Socket) => void, body: (address: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  const server: NetServer = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  try {
    await body(`${HOST}:${(server.address() as AddressInfo).port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}
