import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { createServer as createHttp1 } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { grpcJsTransport } from '@feathermq/transport'
import { testAuthority } from '@feathermq/transport/testing'
import { describe, it } from 'mocha'
import { FeatherMQ } from '../client.ts'
import type { FeatherMQError } from '../errors.ts'
import { silentLogger } from '../logger.ts'
import type { FeatherMQOptions } from '../options.ts'
import { failure } from '../testing-internal/expect.ts'
import { FakeServer } from '../testing-internal/fake-server.ts'

const authority = testAuthority()

/** What a client says that sends to this port. */
async function sayOf(port: number, options: FeatherMQOptions = {}): Promise<FeatherMQError> {
  await using mq = new FeatherMQ({ endpoints: `127.0.0.1:${port}`, logger: silentLogger, ...options })
  return await failure(mq.producer().send({ topic: 'orders', body: 'x' }))
}

async function withServer(server: Server, check: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  try {
    await check((server.address() as AddressInfo).port)
  } finally {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

describe('a client at the wrong door, over sockets', () => {
  it('tells an HTTP/1.1 server', async () => {
    await withServer(
      createHttp1((_request, response) => response.writeHead(404).end()),
      async (port) => {
        const error = await sayOf(port)
        assert.deepEqual([error.code, error.retryable], ['NOT_A_BROKER', false])
        assert.match(error.message, /gRPC port/)
      },
    )
  })

  it('tells an HTTP/2 server that is no gRPC server', async () => {
    const server = createHttp2()
    server.on('stream', (stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/html' })
      stream.end('<h1>not here</h1>')
    })
    await withServer(server, async (port) => assert.equal((await sayOf(port)).code, 'NOT_A_BROKER'))
  })

  it('tells a server of some other protocol', async () => {
    const server = createTcp((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('220 mail.example.com ESMTP\r\n'))
    })
    await withServer(server, async (port) => assert.equal((await sayOf(port)).code, 'NOT_A_BROKER'))
  })

  it('tells a TLS port from a plaintext one, and the other way round', async () => {
    const secure = await FakeServer.start(grpcJsTransport(), 0, authority.issue('localhost', '127.0.0.1'))
    const plain = await FakeServer.start(grpcJsTransport())
    const mismatch = await sayOf(secure.port)
    assert.equal(mismatch.code, 'TLS_MISMATCH')
    assert.match(mismatch.message, /speaks TLS, but the client is set to plaintext/)
    assert.equal((await sayOf(plain.port, { tls: true })).code, 'TLS_MISMATCH')
    await secure.close()
    await plain.close()
  })

  it('trusts a private certificate authority when told, and only then', async () => {
    const server = await FakeServer.start(grpcJsTransport(), 0, authority.issue('mq.internal'))
    const untrusted = await sayOf(server.port, { tls: true })
    assert.equal(untrusted.code, 'TLS_UNTRUSTED')
    assert.match(untrusted.message, /tls\.ca/)
    assert.equal((await sayOf(server.port, { tls: { ca: authority.ca } })).code, 'TLS_UNTRUSTED')
    await using mq = new FeatherMQ({
      endpoints: `https://127.0.0.1:${server.port}`,
      tls: { ca: authority.ca, serverName: 'mq.internal' },
      logger: silentLogger,
    })
    await mq.producer().send({ topic: 'orders', body: 'x' })
    await mq.close()
    await server.close()
  })

  it('shows its own certificate where the server asks for one', async () => {
    const server = await FakeServer.start(grpcJsTransport(), 0, { ...authority.issue('127.0.0.1'), clientCa: authority.ca })
    assert.equal((await sayOf(server.port, { tls: { ca: authority.ca } })).code, 'TLS_UNTRUSTED')
    const own = authority.issue('client')
    await using mq = new FeatherMQ({ endpoints: server.address, tls: { ca: authority.ca, ...own }, logger: silentLogger })
    await mq.producer().send({ topic: 'orders', body: 'x' })
    await mq.close()
    await server.close()
  })

  it('names the address where nobody listens', async () => {
    const server = createTcp()
    let free = 0
    await withServer(server, async (port) => {
      free = port
    })
    const error = await sayOf(free)
    assert.deepEqual([error.code, error.retryable, error.endpoint], ['UNREACHABLE', true, `127.0.0.1:${free}`])
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('gives up an address that accepts and says nothing, in time', async () => {
    const server = createTcp((socket) => {
      socket.on('error', () => {})
      socket.resume()
    })
    await withServer(server, async (port) => {
      const error = await sayOf(port, { requestTimeout: 200 })
      assert.ok(['UNREACHABLE', 'NO_ANSWER'].includes(error.code), error.code)
      assert.match(error.message, /did not complete a connection within 180 ms|in time/)
    })
  })
})
