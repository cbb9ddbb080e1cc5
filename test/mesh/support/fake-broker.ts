import { once } from 'node:events'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { encodeQueryRouteResponse } from '@feathermq/protocol'
import { frame } from '../../support/filter/frames.ts'
import { within } from './deadline.ts'

/** A call as a broker sees it, byte by byte. */
export class ReceivedCall {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly stream: ServerHttp2Stream
  readonly session: ServerHttp2Session | undefined
  /** Resolves when the client has said that its request is complete. */
  readonly complete: Promise<void>
  /** Resolves when the call is over, be it by a reset. */
  readonly closed: Promise<void>
  isComplete = false
  #chunks: Buffer[] = []
  #length = 0
  #waiting: { readonly length: number; readonly resolve: () => void }[] = []

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.stream = stream
    this.session = stream.session as ServerHttp2Session | undefined
    this.headers = headers
    this.method = headers[':path']?.split('/').at(-1) ?? ''
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#length += chunk.length
      this.#waiting = this.#waiting.filter(({ length, resolve }) => {
        if (length > this.#length) return true
        resolve()
        return false
      })
    })
    this.complete = new Promise((resolve) => {
      stream.once('end', () => {
        // Node ends the readable side of a reset stream too.
        if (stream.aborted || stream.destroyed) return
        this.isComplete = true
        resolve()
      })
    })
    this.closed = new Promise((resolve) => {
      stream.once('close', resolve)
    })
  }

  get length(): number {
    return this.#length
  }

  /** What came so far, prefixes included. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** Resolves when at least `length` bytes came. */
  async received(length: number): Promise<void> {
    if (this.#length >= length) return
    await within(new Promise<void>((resolve) => this.#waiting.push({ length, resolve })), `${length} bytes of ${this.method}`)
  }

  /** Header `x-fmq-<name>`, or undefined. */
  fact(name: string): string | undefined {
    const value = this.headers[`x-fmq-${name}`]
    return typeof value === 'string' ? value : undefined
  }
}

/** What a broker does with a call; called when its headers are there. */
export type Answer = (call: ReceivedCall) => void | Promise<void>

/** Answers with one message as soon as the request is complete. */
export function unary(message: Uint8Array): Answer {
  return async ({ complete, stream }) => {
    await complete
    respond(stream)
    stream.end(frame(message))
  }
}

/** Begins a response that ends in trailers with gRPC status 0 when the stream is ended. */
export function respond(stream: ServerHttp2Stream): void {
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
}

/** Every response of the service has its status in field 1, so this one does for all unary calls. */
export const ok: Uint8Array = encodeQueryRouteResponse({ status: { code: 'OK', message: 'OK' } })

/** An HTTP/2 server that keeps every call, and answers OK unless told otherwise. */
export class FakeBroker {
  readonly name: string
  readonly calls: ReceivedCall[] = []
  /** HTTP/2 connections that were made to it. */
  connections = 0
  answer: Answer = unary(ok)
  #server: Http2Server
  /** Sockets as they were accepted: one may have no session yet, or never get one. */
  #sockets = new Set<Socket>()
  #waiting: { readonly count: number; readonly resolve: () => void }[] = []

  private constructor(name: string, server: Http2Server) {
    this.name = name
    this.#server = server
    server.on('session', (session) => {
      this.connections++
      session.on('error', () => {})
    })
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('stream', (stream, headers) => {
      const call = new ReceivedCall(stream, headers)
      this.calls.push(call)
      this.#waiting = this.#waiting.filter(({ count, resolve }) => {
        if (count > this.calls.length) return true
        resolve()
        return false
      })
      void this.answer(call)
    })
  }

  static async start(name: string, tls?: { readonly cert: string; readonly key: string }): Promise<FakeBroker> {
    const settings = { settings: { maxConcurrentStreams: 1000, initialWindowSize: 1 << 20 } }
    const server = tls === undefined ? createServer(settings) : createSecureServer({ ...settings, ...tls })
    const broker = new FakeBroker(name, server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return broker
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Forgets the calls so far, and answers OK again. */
  reset(): void {
    this.calls.length = 0
    this.answer = unary(ok)
  }

  /** The call number `index`, as soon as its headers are there. */
  async call(index = 0): Promise<ReceivedCall> {
    if (this.calls.length <= index) {
      await within(new Promise<void>((resolve) => this.#waiting.push({ count: index + 1, resolve })), `call ${index + 1} at broker ${this.name}`)
    }
    const call = this.calls[index]
    if (call === undefined) throw new Error(`unreachable: broker ${this.name} has ${this.calls.length} calls`)
    return call
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
