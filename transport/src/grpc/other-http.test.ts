import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { describe, it } from 'mocha'
import type { ConnectionEvent, ServerTls } from '../contract.ts'
import { testAuthority } from '../testing/certificates.ts'
import { bytes, Caller, echo, echoMethod, OK } from '../testing/conformance/harness.ts'
import { refuseHttp1 } from './plain-http.ts'
import { http2Transport } from './transport.ts'

const tls: ServerTls = testAuthority().issue('127.0.0.1')
const SENTENCE = 'This is HTTP/1. This port speaks gRPC: POST with content-type application/grpc, over HTTP/2.\n'

interface Bench {
  readonly port: number
  readonly events: ConnectionEvent[]
  /** A call of gRPC: the server goes on serving. */
  serves(): Promise<void>
}

async function withServer(material: ServerTls | undefined, body: (bench: Bench) => Promise<void>): Promise<void> {
  const transport = http2Transport()
  const events: ConnectionEvent[] = []
  const server = transport.createServer({ tls: material, onConnectionEvent: (event) => events.push(event) })
  server.handle(echoMethod, echo)
  const { port } = await server.listen('127.0.0.1', 0)
  const serves = async (): Promise<void> => {
    const channel = transport.createChannel({ address: `127.0.0.1:${port}`, tls: material && { insecureSkipVerify: true } })
    const caller = new Caller()
    const call = channel.start(echoMethod, caller)
    call.send(bytes('x'))
    call.halfClose()
    assert.deepEqual(await caller.status(), OK)
    channel.close()
  }
  try {
    await body({ port, events, serves })
  } finally {
    await server.close()
  }
}

/** All that the server says. */
async function heard(socket: Socket): Promise<string> {
  socket.setEncoding('latin1')
  return await text(socket)
}

describe('a client of HTTP/1', () => {
  it('is told in its own words what the port speaks', async () => {
    await withServer(undefined, async ({ port, events, serves }) => {
      for (const [method, body] of [
        ['GET', SENTENCE],
        ['POST', SENTENCE],
        ['PUT', SENTENCE],
        ['PATCH', SENTENCE],
        ['OPTIONS', SENTENCE],
        ['HEAD', ''],
      ]) {
        const sent = request({ host: '127.0.0.1', port, method, path: '/healthz', agent: false })
        sent.end()
        const [response] = (await once(sent, 'response')) as [IncomingMessage]
        assert.deepEqual([response.statusCode, response.httpVersion], [505, '1.1'])
        assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8')
        assert.equal(response.headers['content-length'], String(SENTENCE.length))
        assert.equal(await text(response), body)
      }
      assert.deepEqual(
        [...new Set(events.map(({ name, code, reason }) => `${name} ${code} ${reason}`))],
        ['connection-refused PROTOCOL_ERROR this is HTTP/1, not HTTP/2'],
      )
      await serves()
    })
  })

  it('hears it even while it still sends', async () => {
    await withServer(undefined, async ({ port, serves }) => {
      const sent = request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers: { 'content-length': 1024 * 1024 } })
      sent.write(Buffer.alloc(512 * 1024))
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      assert.equal(response.statusCode, 505)
      assert.equal(await text(response), SENTENCE)
      sent.destroy()
      await serves()
    })
  })

  it('hears nothing but that: no frame comes before', async () => {
    await withServer(undefined, async ({ port }) => {
      const socket = connect({ host: '127.0.0.1', port })
      await once(socket, 'connect')
      const all = heard(socket)
      await new Promise((resolve) => socket.write('G', resolve))
      assert.match(await all, /^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/)
    })
  })

  it('is told so over TLS as well, when it has agreed on no protocol', async () => {
    await withServer(tls, async ({ port, serves }) => {
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      assert.ok((await heard(socket)).endsWith(SENTENCE))
      await serves()
    })
  })

  it('is told that the port takes TLS alone', async () => {
    await withServer(tls, async ({ port, events, serves }) => {
      const sent = request({ host: '127.0.0.1', port, agent: false })
      sent.end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      assert.equal(response.statusCode, 400)
      assert.match(await text(response), /^This is plaintext, and the port takes TLS alone\. /)
      assert.deepEqual(
        events.map(({ code }) => code),
        ['TLS_FAILED'],
      )
      await serves()
    })
  })

  it('is told what it can read where the port takes both', async () => {
    await withServer({ ...tls, alsoPlaintext: true }, async ({ port, serves }) => {
      const sent = request({ host: '127.0.0.1', port, agent: false })
      sent.end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      assert.equal(response.statusCode, 505)
      await serves()
    })
  })

  it('is known by a method and a space, or what has come of it; other speeches are not answered so', () => {
    for (const speech of ['GET / HTTP/1.1\r\n', 'CONNECT x:1', 'POST ', 'P', 'G', 'GET', 'DELETE']) {
      assert.notEqual(refuseHttp1(Buffer.from(speech)), undefined, speech)
    }
    for (const speech of [
      'get / HTTP/1.1',
      'GET\r\n',
      'G\0',
      '',
      ' GET',
      'SSH-2.0-x',
      '\x16\x03\x01',
      'INVALID CONNECTION PREFACE\r\n',
      'PRI * HTTP/1.1',
    ]) {
      assert.equal(refuseHttp1(Buffer.from(speech, 'latin1')), undefined, speech)
    }
  })

  it('is not mistaken for one of HTTP/2 that begins slowly, nor the other way round', async () => {
    await withServer(undefined, async ({ port }) => {
      const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
      for (const cut of [1, 2, 3, 4, 5, 23]) {
        const socket = connect({ host: '127.0.0.1', port, noDelay: true })
        await once(socket, 'connect')
        await new Promise((resolve) => socket.write(preface.slice(0, cut), resolve))
        await new Promise(setImmediate)
        socket.write(Buffer.concat([Buffer.from(preface.slice(cut)), Buffer.from('000000040000000000', 'hex')]))
        const [first] = (await once(socket, 'data')) as [Buffer]
        assert.equal(first[3], 4, 'the server answers with its SETTINGS')
        socket.destroy()
        const other = connect({ host: '127.0.0.1', port, noDelay: true })
        await once(other, 'connect')
        await new Promise((resolve) => other.write(preface.slice(0, Math.min(cut, 3)), resolve))
        await new Promise(setImmediate)
        const all = heard(other)
        // Of what has come the first letter alone may be that of a method of HTTP/1.
        other.write('UT / HTTP/1.1\r\n\r\n')
        if (cut === 1) assert.match(await all, /^HTTP\/1\.1 505 /)
        else assert.doesNotMatch(await all, /^HTTP/)
      }
    })
  })
})

describe('a request of HTTP/2 that is no gRPC', () => {
  it('gets 415 and a sentence that is long enough to be shown by those who hide short ones', async () => {
    await withServer(undefined, async ({ port, serves }) => {
      const session = connectHttp2(`http://127.0.0.1:${port}`)
      for (const [method, contentType, sentence] of [
        ['GET', undefined, /^The method GET is not POST\. This port speaks gRPC/],
        ['POST', 'application/json', /^The content-type "application\/json" is not application\/grpc\. This port speaks gRPC/],
        ['HEAD', undefined, /^$/],
      ] as const) {
        const stream = session.request({
          ':method': method,
          ':path': echoMethod.path,
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        })
        stream.end(method === 'POST' ? '{"a":1}' : undefined)
        const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
        const body = await text(stream)
        assert.deepEqual([headers[':status'], headers['content-type']], [415, 'text/plain; charset=utf-8'])
        assert.match(body, sentence)
        // Browsers and some proxies put a page of their own in place of a short one.
        assert.ok(method === 'HEAD' || body.length >= 64, body)
        if (method !== 'HEAD') assert.equal(Number(headers['content-length']), body.length)
      }
      session.close()
      await serves()
    })
  })
})
