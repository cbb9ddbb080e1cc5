import * as http2 from 'node:http2'
import { Messages, prefixed } from './messages.ts'
import {
  changingHeaders,
  constantHeaders,
  echoed,
  failed,
  paths,
  problemOf,
  request,
  response,
  STREAM_MESSAGES,
  streamMessage,
  streamRequest,
  TIMEOUT,
} from './payloads.ts'
import type { Done, Variant } from './variant.ts'

const { HTTP2_HEADER_PATH, HTTP2_HEADER_STATUS, NGHTTP2_CANCEL } = http2.constants

/** gRPC by hand on node:http2, with as little around it as is honest: status, deadline at both ends, length of messages. What is below grpc-js. */
export const plainNodeHttp2: Variant = {
  serve({ tls, maxStreams }) {
    const options = {
      maxSessionMemory: 1_000,
      ...(maxStreams === undefined ? {} : { settings: { maxConcurrentStreams: maxStreams }, peerMaxConcurrentStreams: maxStreams }),
    }
    const server = tls === undefined ? http2.createServer(options) : http2.createSecureServer({ ...options, cert: tls.certificate, key: tls.key })
    let open = 0
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {})
      cancelAfter(stream, Number.parseInt(headers['grpc-timeout']?.toString() ?? '', 10))
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.respond({ [HTTP2_HEADER_STATUS]: 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      switch (headers[HTTP2_HEADER_PATH]) {
        case paths.unary:
          answerOnce(stream, () => stream.end(prefixed(response)))
          break
        case paths.serverStream:
          answerOnce(stream, () => {
            for (let index = 0; index < STREAM_MESSAGES; index += 1) stream.write(prefixed(streamMessage))
            stream.end()
          })
          break
        case paths.echo: {
          open += 1
          const messages = new Messages((message) => stream.write(prefixed(message)))
          stream.on('data', (chunk: Buffer) => messages.push(chunk))
          stream.on('end', () => stream.end())
          stream.on('close', () => {
            open -= 1
          })
          break
        }
        default:
          stream.close(NGHTTP2_CANCEL)
      }
    })
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        if (address === null || typeof address === 'string') reject(new Error(`no port: ${address}`))
        else resolve({ port: address.port, openStreams: () => open })
      })
    })
  },

  connect(port, ca) {
    const options = { maxSessionMemory: 1_000, peerMaxConcurrentStreams: 100 }
    const session =
      ca === undefined ? http2.connect(`http://127.0.0.1:${port}`, options) : http2.connect(`https://127.0.0.1:${port}`, { ...options, ca })
    const start = (path: string, timeout: number | undefined): http2.ClientHttp2Stream => {
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        te: 'trailers',
        'content-type': 'application/grpc',
        ...(timeout === undefined ? {} : { 'grpc-timeout': `${timeout}m` }),
        ...Object.fromEntries(constantHeaders),
        ...Object.fromEntries(changingHeaders()),
      })
      if (timeout !== undefined) cancelAfter(stream, timeout)
      return stream
    }
    const count = (stream: http2.ClientHttp2Stream, expected: number, each: Buffer, done: Done): void => {
      let messages = 0
      let bytes = 0
      receive(
        stream,
        (message) => {
          messages += 1
          bytes += message.length
        },
        (error) => done(error ?? problemOf(messages, bytes, expected, each)),
      )
    }
    return {
      unary(done) {
        const stream = start(paths.unary, TIMEOUT)
        count(stream, 1, response, done)
        stream.end(prefixed(request))
      },
      serverStream(done) {
        const stream = start(paths.serverStream, TIMEOUT)
        count(stream, STREAM_MESSAGES, streamMessage, done)
        stream.end(prefixed(streamRequest))
      },
      openStream(onEcho, done) {
        const stream = start(paths.echo, undefined)
        receive(stream, onEcho, done)
        return { send: () => stream.write(prefixed(echoed)), end: () => stream.end() }
      },
    }
  },
}

/** The one request of the call has to be whole before it is answered. */
function answerOnce(stream: http2.ServerHttp2Stream, answer: () => void): void {
  let count = 0
  const messages = new Messages(() => {
    count += 1
  })
  stream.on('data', (chunk: Buffer) => messages.push(chunk))
  stream.on('end', () => (count === 1 ? answer() : stream.close(NGHTTP2_CANCEL)))
}

function receive(stream: http2.ClientHttp2Stream, onMessage: (message: Buffer) => void, done: Done): void {
  const messages = new Messages(onMessage)
  let status: unknown
  let error: Error | undefined
  stream.on('response', (headers) => {
    if (headers[':status'] !== 200) error = failed('HTTP', String(headers[':status']))
  })
  stream.on('data', (chunk: Buffer) => messages.push(chunk))
  stream.on('trailers', (trailers) => {
    status = trailers['grpc-status']
  })
  stream.on('error', (cause) => {
    error = cause
  })
  stream.on('close', () => done(error ?? (status === '0' ? undefined : failed(String(status), ''))))
}

/** Ends the stream when its time is over; not at all without a number. */
function cancelAfter(stream: http2.Http2Stream, ms: number): void {
  if (Number.isNaN(ms)) return
  const timer = setTimeout(() => stream.close(NGHTTP2_CANCEL), ms)
  stream.on('close', () => clearTimeout(timer))
}
