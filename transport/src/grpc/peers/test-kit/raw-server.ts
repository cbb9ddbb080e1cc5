import { once } from 'node:events'
import * as http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { HeaderReader, MessageBytes, Method, RpcStatus } from '../../../contract.ts'
import { rpcCodes } from '../../../rpc-error.ts'
import type { TestCertificate } from '../../../testing/certificates.ts'
import type { Answering, AnsweringHandler, ServerEnd } from './ends.ts'
import { grouped, RawHeaders } from './fields.ts'
import { framed, Unframing } from './framing.ts'
import { closeLater, generous, paddingOf, type RawOptions } from './raw-client.ts'

const { NGHTTP2_NO_ERROR } = http2.constants

/** A gRPC server on `node:http2`, which knows of gRPC only what a call needs. */
export class RawServer implements ServerEnd {
  readonly sessions: Set<http2.ServerHttp2Session> = new Set()
  readonly #server: http2.Http2Server | http2.Http2SecureServer
  readonly #handlers = new Map<string, { readonly method: Method; readonly handler: AnsweringHandler }>()

  constructor(options: RawOptions, tls?: TestCertificate) {
    const common = { settings: options.settings, paddingStrategy: paddingOf(options.padded), ...generous }
    this.#server = tls === undefined ? http2.createServer(common) : http2.createSecureServer({ ...common, cert: tls.certificate, key: tls.key })
    this.#server.on('session', (session: http2.ServerHttp2Session) => {
      this.sessions.add(session)
      session.once('close', () => this.sessions.delete(session))
      session.on('error', () => {})
      if (options.connectionWindow !== undefined) session.setLocalWindowSize(options.connectionWindow)
    })
    this.#server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, _flags: number, raw: string[]) => {
      const found = this.#handlers.get(String(headers[':path']))
      if (found === undefined) stream.respond({ ':status': 404 }, { endStream: true })
      else new RawServerCall(stream, found.method, found.handler, new RawHeaders(raw)).begin()
    })
  }

  handle(method: Method, handler: AnsweringHandler): void {
    this.#handlers.set(method.path, { method, handler })
  }

  async listen(host: string, port: number): Promise<{ readonly port: number }> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    return { port: (this.#server.address() as AddressInfo).port }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.sessions) session.close()
    await closed
  }
}

type Phase = 'open' | 'ended' | 'gone'

class RawServerCall implements Answering {
  readonly method: Method
  readonly headers: HeaderReader
  readonly #stream: http2.ServerHttp2Stream
  readonly #handler: AnsweringHandler
  readonly #unframing: Unframing
  readonly #responseHeaders: [name: string, value: string][] = []
  readonly #trailers: [name: string, value: string][] = []
  #headed = false
  #phase: Phase = 'open'
  #halfClosed = false

  constructor(stream: http2.ServerHttp2Stream, method: Method, handler: AnsweringHandler, headers: HeaderReader) {
    this.method = method
    this.headers = headers
    this.#stream = stream
    this.#handler = handler
    this.#unframing = new Unframing((message) => {
      if (this.#phase === 'open') handler.onMessage(this, message)
    })
  }

  begin(): void {
    const stream = this.#stream
    stream.on('error', () => {})
    stream.on('drain', () => {
      if (this.#phase === 'open') this.#handler.onDrain(this)
    })
    stream.on('data', (chunk: Buffer) => this.#unframing.push(chunk))
    stream.on('end', () => {
      this.#halfClosed = true
      this.#check()
    })
    // Node ends the body of a stream that is reset, and tells only then.
    stream.on('aborted', () => this.#gone())
    stream.on('close', () => this.#gone())
    this.#handler.onStart(this)
  }

  send(message: MessageBytes): boolean {
    if (this.#phase !== 'open' || this.#stream.destroyed) return true
    this.#head()
    let more = true
    for (const bytes of framed(message)) more = this.#stream.write(bytes)
    return more
  }

  setHeader(name: string, value: string): void {
    this.#responseHeaders.push([name, value])
  }

  setTrailer(name: string, value: string): void {
    this.#trailers.push([name, value])
  }

  end({ code, message }: RpcStatus): void {
    if (this.#phase !== 'open' || this.#stream.destroyed) return
    this.#phase = 'ended'
    const last = grouped([
      ['grpc-status', String(rpcCodes.indexOf(code))],
      ...(message === '' ? [] : [['grpc-message', encodeURIComponent(message)] as const]),
      ...this.#trailers,
    ])
    if (!this.#headed && this.#responseHeaders.length === 0) {
      this.#stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', ...last }, { endStream: true })
      return
    }
    this.#head()
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(last))
    this.#stream.end()
  }

  reset(code: number): void {
    this.#phase = 'ended'
    closeLater(this.#stream, code)
  }

  pause(): void {
    this.#unframing.pause()
    this.#stream.pause()
  }

  resume(): void {
    this.#unframing.resume()
    if (this.#unframing.paused) return
    this.#stream.resume()
    this.#check()
  }

  #head(): void {
    if (this.#headed) return
    this.#headed = true
    // Interim responses come before any other (RFC 9113, 8.1); what they say is nobody's business here.
    if (this.#responseHeaders.length % 2 === 1) this.#stream.additionalHeaders({ ':status': 103, link: '</style.css>' })
    this.#stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...grouped(this.#responseHeaders) }, { waitForTrailers: true })
  }

  #check(): void {
    if (!this.#halfClosed || this.#unframing.waits || this.#phase !== 'open' || this.#stream.aborted) return
    this.#halfClosed = false
    if (this.#unframing.left > 0) throw new Error(`the request ends inside of a message, ${this.#unframing.left} bytes of it have come`)
    this.#handler.onHalfClose(this)
  }

  #gone(): void {
    if (this.#phase !== 'open') return
    this.#phase = 'gone'
    if (this.#stream.rstCode === NGHTTP2_NO_ERROR && !this.#stream.destroyed) this.#stream.close()
    this.#handler.onCancel(this)
  }
}
