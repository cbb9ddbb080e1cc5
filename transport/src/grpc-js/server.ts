import type { EventEmitter } from 'node:events'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import type * as Grpc from '@grpc/grpc-js'
import { localPath } from '../channel-options.ts'
import { systemClock, type Timer } from '../clock.ts'
import { ClosingListeners } from '../closing-listeners.ts'
import type { Method, MethodHandler, Server, ServerOptions, ServerTls } from '../contract.ts'
import { Registry } from '../registry.ts'
import { type ErrorReport, type ServerLimits, serverLimits } from '../server-options.ts'
import { formatGrpcTimeout, parseGrpcTimeout } from '../timeout.ts'
import { checkServerTls, plaintextServer } from '../tls-material.ts'
import { bufferOf } from './buffers.ts'
import { loadGrpc } from './load.ts'
import { type CallRegistry, GrpcServerCall } from './server-call.ts'

/** A connection that has not sent as much as HTTP/2's preface (24 bytes) by then is closed, ms. */
const PREFACE_TIMEOUT = 20_000
const PREFACE_BYTES = 24
/** Silence after which a connection is pinged, ms: a client that vanished must not hold its long polls for ever. */
const KEEPALIVE = 120_000
const KEEPALIVE_TIMEOUT = 30_000
/** How long a cancelled call's last words may take before its connection is cut, ms. */
const CUT_AFTER = 250

type ServerState =
  | { readonly name: 'new' }
  | { readonly name: 'listening' }
  | { readonly name: 'closing'; readonly closed: Promise<void>; cancelOpenCalls: () => void }

export class GrpcServer implements Server, CallRegistry {
  readonly encrypted: boolean
  host = ''
  readonly onError: ErrorReport
  readonly #limits: ServerLimits
  readonly #registry = new Registry()
  readonly #closingListeners = new ClosingListeners()
  readonly #grpc: Grpc.Server
  readonly #listener: NetServer
  #injector: Grpc.ConnectionInjector
  readonly #sockets = new Set<Socket>()
  readonly #calls = new Set<GrpcServerCall>()
  #state: ServerState = { name: 'new' }

  constructor(options: ServerOptions) {
    this.#limits = serverLimits(options)
    this.onError = this.#limits.onError
    this.encrypted = options.tls !== undefined
    const credentials = credentialsOf(options.tls)
    const grpc = loadGrpc()
    const take = callTaker(grpc)
    this.#grpc = new grpc.Server({
      'grpc.enable_channelz': 0,
      'grpc.max_concurrent_streams': this.#limits.maxConcurrentStreams,
      'grpc.max_receive_message_length': this.#limits.maxReceiveMessageBytes,
      'grpc.max_send_message_length': -1,
      'grpc.keepalive_time_ms': KEEPALIVE,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT,
      interceptors: [(descriptor, call) => take(descriptor.path, call, this.#registry, this)],
    })
    this.#injector = this.#newInjector(credentials)
    this.#listener = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  handle<State>(method: Method, handler: MethodHandler<State>): void {
    if (this.#state.name !== 'new') throw new Error(`${method.path}: handlers are registered before listen`)
    this.#registry.add(method, handler)
    this.#grpc.register(method.path, neverCalled, bufferOf, asIs, 'bidi')
  }

  setTls(tls: ServerTls): void {
    if (!this.encrypted) throw plaintextServer()
    this.#injector = this.#newInjector(credentialsOf(tls))
  }

  methods(): readonly Method[] {
    return this.#registry.methods()
  }

  onClosing(listener: () => void): void {
    this.#closingListeners.add(listener)
  }

  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    if (this.#state.name !== 'new') return Promise.reject(new Error(`the server cannot listen on ${host}:${port}: it is ${this.#state.name}`))
    this.#state = { name: 'listening' }
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.#state = { name: 'new' }
        reject(error)
      }
      this.#listener.once('error', failed)
      const path = localPath(host)
      this.host = host
      this.#listener.listen(path === undefined ? { host, port } : { path }, () => {
        this.#listener.off('error', failed)
        const bound = this.#listener.address()
        resolve({ host, port: typeof bound === 'object' && bound !== null ? bound.port : 0 })
      })
    })
  }

  close(grace = 0): Promise<void> {
    this.#closingListeners.tell()
    if (this.#state.name === 'closing') {
      if (grace === 0) this.#state.cancelOpenCalls()
      return this.#state.closed
    }
    const listening = this.#state.name === 'listening'
    const closed = this.#shutDown(grace, listening)
    return closed
  }

  add(call: GrpcServerCall): void {
    this.#calls.add(call)
  }

  delete(call: GrpcServerCall): void {
    this.#calls.delete(call)
  }

  #shutDown(grace: number, listening: boolean): Promise<void> {
    let cut: Timer | undefined
    const cancelOpenCalls = (): void => {
      graceOver.cancel()
      for (const call of [...this.#calls]) call.shutDown()
      cut ??= systemClock.setTimer(() => this.#cut(), CUT_AFTER)
    }
    const graceOver = systemClock.setTimer(cancelOpenCalls, grace)
    const stopped = new Promise<void>((resolve) => {
      if (listening) this.#listener.close(() => resolve())
      else resolve()
    })
    // Says GOAWAY to everybody; connections without calls close then. When it is done shows in the sockets.
    this.#grpc.tryShutdown(ignore)
    for (const socket of this.#sockets) if (socket.bytesRead < PREFACE_BYTES) socket.destroy()
    const closed = Promise.all([stopped, this.#disconnected()]).then(() => {
      graceOver.cancel()
      cut?.cancel()
      this.#grpc.forceShutdown()
    })
    this.#state = { name: 'closing', closed, cancelOpenCalls }
    if (grace <= 0) cancelOpenCalls()
    return closed
  }

  async #disconnected(): Promise<void> {
    for (const socket of this.#sockets) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  }

  #cut(): void {
    this.#grpc.forceShutdown()
    for (const socket of this.#sockets) socket.destroy()
  }

  #newInjector(credentials: Grpc.ServerCredentials): Grpc.ConnectionInjector {
    const injector = this.#grpc.createConnectionInjector(credentials)
    mendTimeouts(this.#grpc)
    return injector
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    const preface = systemClock.setTimer(() => {
      if (socket.bytesRead < PREFACE_BYTES) socket.destroy()
    }, PREFACE_TIMEOUT)
    socket.on('error', ignore)
    socket.once('close', () => {
      preface.cancel()
      this.#sockets.delete(socket)
    })
    this.#injector.injectConnection(socket)
  }
}

type Take = (path: string, call: Grpc.ServerInterceptingCallInterface, registry: Registry, calls: CallRegistry) => Grpc.ServerInterceptingCall

/** Leads a call's events past grpc-js's handler to ours. The class needs the one of grpc-js to extend, which is not there before it is loaded. */
function callTaker(grpc: typeof Grpc): Take {
  class TakenCall extends grpc.ServerInterceptingCall {
    readonly #path: string
    readonly #call: Grpc.ServerInterceptingCallInterface
    readonly #registry: Registry
    readonly #calls: CallRegistry

    constructor(path: string, call: Grpc.ServerInterceptingCallInterface, registry: Registry, calls: CallRegistry) {
      super(call)
      this.#path = path
      this.#call = call
      this.#registry = registry
      this.#calls = calls
    }

    override start(): void {
      const registration = this.#registry.get(this.#path)
      if (registration === undefined) throw new Error(`grpc-js accepted ${this.#path}, for which no handler is registered`)
      let handled: GrpcServerCall | undefined
      this.#call.start({
        onReceiveMetadata: (metadata) => {
          handled = new GrpcServerCall(this.#call, registration, metadata, this.#calls)
          handled.arrived()
        },
        onReceiveMessage: (message: Uint8Array) => handled?.received(message),
        onReceiveHalfClose: () => handled?.halfClosed(),
        onCancel: () => handled?.lost(),
      })
    }
  }

  return (path, call, registry, calls) => new TakenCall(path, call, registry, calls)
}

/**
 * grpc-js computes deadlines in 32 bits, so that the 60 years of the Java client's Telemetry wrap around to a time long past and end the call at once;
 * and it takes whatever contains a timeout for one. Its HTTP/2 servers are private; where they can be reached, timeouts are rewritten before it reads them.
 */
function mendTimeouts(server: Grpc.Server): void {
  const held: unknown = Reflect.get(server, 'http2Servers')
  if (!(held instanceof Map)) return
  for (const http2Server of held.keys() as Iterable<EventEmitter>) {
    if (mended.has(http2Server)) continue
    mended.add(http2Server)
    http2Server.prependListener('stream', (_stream: unknown, headers: Record<string, unknown>) => {
      const timeout = headers['grpc-timeout']
      if (typeof timeout !== 'string') return
      const ms = parseGrpcTimeout(timeout)
      if (ms === undefined) headers['grpc-timeout'] = 'malformed'
      else if (ms > LONGEST_SAFE) headers['grpc-timeout'] = formatGrpcTimeout(LONGEST_SAFE)
    })
  }
}

const mended = new WeakSet<EventEmitter>()

/** In whole seconds, which is what fits into 8 digits. */
const LONGEST_SAFE = Math.floor((2 ** 31 - 1) / 1_000) * 1_000

function credentialsOf(tls: ServerTls | undefined): Grpc.ServerCredentials {
  const grpc = loadGrpc()
  if (tls === undefined) return grpc.ServerCredentials.createInsecure()
  checkServerTls(tls)
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) }
  const clientCa = tls.clientCa === undefined ? null : Buffer.from(tls.clientCa)
  return grpc.ServerCredentials.createSsl(clientCa, [pair], clientCa !== null)
}

function asIs(bytes: Buffer): Buffer {
  return bytes
}

function neverCalled(): void {
  throw new Error('grpc-js called a handler that its interceptor should have replaced')
}

/** A broken connection shows in its calls; there is nothing more to do about it. */
function ignore(): void {}
