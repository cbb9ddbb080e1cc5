import { type Clock, systemClock } from '../clock.ts'
import { ClosingListeners } from '../closing-listeners.ts'
import type { ConnectionEvent, Method, MethodHandler, Peer, RpcStatus, Server, ServerOptions, ServerTls } from '../contract.ts'
import type { RequestHead } from '../http2/field-rules.ts'
import { defaultBudgets } from '../http2/flood-guard.ts'
import { ServerConnection, type ServerConnectionHandler, type ServerConnectionLimits } from '../http2/server-connection.ts'
import type { Fields, Stream, StreamHandler } from '../http2/stream.ts'
import { lendingSocket } from '../listener/lending-socket.ts'
import { type Arrival, Listener, type ListenerHandler } from '../listener/listener.ts'
import { Registry } from '../registry.ts'
import { type ErrorReport, type ServerLimits, serverLimits } from '../server-options.ts'
import { parseGrpcTimeout } from '../timeout.ts'
import { ConnectionLife, KEEPALIVE_TIMEOUT, type LifeHandler } from './connection-life.ts'
import { Deadlines } from './deadlines.ts'
import { FieldList } from './field-list.ts'
import { encodingOf } from './message-reader.ts'
import { refuseHttp, refuseHttp1 } from './plain-http.ts'
import { Roll } from './roll.ts'
import { type CallRegistry, Http2ServerCall, writeResponseHead } from './server-call.ts'
import { writeStatus } from './status.ts'

/** Longer messages get what they need as soon as their length is known. */
const STREAM_WINDOW = 128 * 1024
const CONNECTION_WINDOW = 16 * 1024 * 1024

type ServerState =
  | { readonly name: 'new' }
  | { readonly name: 'listening' }
  | { readonly name: 'closing'; readonly closed: Promise<void>; readonly cancelOpenCalls: () => void }

const unknownPeer: Peer = { address: '', encrypted: false, connection: '' }
const ignored: StreamHandler = { onHeaders() {}, onData() {}, onEnd() {}, onReset() {}, onDrain() {} }

export interface Held {
  readonly connections: number
  readonly streams: number
  readonly calls: number
  /** For peers, put together or in streams. */
  readonly waitingBytes: number
  /** Of frames, header blocks and messages that are not whole, or that wait for the end of their stream. */
  readonly keptBytes: number
}

/** A gRPC server on connections of our own (gRPC over HTTP/2). */
export class Http2Server implements Server, ServerConnectionHandler, CallRegistry, LifeHandler {
  readonly onError: ErrorReport
  readonly maxReceiveMessageBytes: number
  readonly deadlines: Deadlines
  readonly #clock: Clock
  readonly #random: () => number
  readonly #tell: (event: ConnectionEvent) => void
  readonly #limits: ServerConnectionLimits
  readonly #lifeLimits: ServerLimits
  readonly #registry = new Registry()
  readonly #closingListeners = new ClosingListeners()
  readonly #listener: Listener
  readonly #connections = new Map<ServerConnection, ConnectionLife>()
  readonly #calls = new Roll<Http2ServerCall>()
  #connectionNumber = 0
  #idle: (() => void) | undefined
  #state: ServerState = { name: 'new' }

  /** @param clock for tests, as is `random`. */
  constructor(options: ServerOptions, clock: Clock = systemClock, random: () => number = Math.random) {
    this.#clock = clock
    this.#random = random
    this.deadlines = new Deadlines(clock)
    const limits: ServerLimits = serverLimits(options)
    this.onError = limits.onError
    this.maxReceiveMessageBytes = limits.maxReceiveMessageBytes
    this.#lifeLimits = limits
    this.#tell = limits.onConnectionEvent
    this.#limits = {
      streamWindow: STREAM_WINDOW,
      connectionWindow: CONNECTION_WINDOW,
      unreservedBytes: 128 * 1024 * 1024,
      reservedBytes: 64 * 1024 * 1024,
      maxConcurrentStreams: limits.maxConcurrentStreams,
      maxHeaderListBytes: 64 * 1024,
      maxHeaderFields: 200,
      maxOpenBlockBytes: 32 * 1024 * 1024,
      maxWaitingBytes: 8 * 1024 * 1024,
      maxQueuedBytes: 256 * 1024 * 1024,
      patience: 20_000,
      readPatience: 60_000,
      budgets: defaultBudgets,
    }
    const handler: ListenerHandler = {
      accept: (arrival) => this.#accept(arrival),
      answerTo: (speech) => refuseHttp1(speech, '400 Bad Request', 'This is plaintext, and the port takes TLS alone'),
      refused: (code, reason, address) => this.#tell({ name: 'connection-refused', code, reason, address }),
    }
    this.#listener = new Listener(options.tls, limits.maxConnections, handler, clock)
  }

  handle<State>(method: Method, handler: MethodHandler<State>): void {
    if (this.#state.name !== 'new') throw new Error(`${method.path}: handlers are registered before listen`)
    this.#registry.add(method, handler)
  }

  setTls(tls: ServerTls): void {
    this.#listener.setTls(tls)
  }

  methods(): readonly Method[] {
    return this.#registry.methods()
  }

  /** What the connections hold at the moment. */
  held(): Held {
    const held = { connections: 0, streams: 0, calls: this.#calls.size, waitingBytes: 0, keptBytes: 0 }
    for (const connection of this.#connections.keys()) {
      held.connections += 1
      held.streams += connection.openStreams
      held.waitingBytes += connection.waitingBytes
      held.keptBytes += connection.keptBytes
    }
    return held
  }

  onClosing(listener: () => void): void {
    this.#closingListeners.add(listener)
  }

  async listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }> {
    if (this.#state.name !== 'new') throw new Error(`the server cannot listen on ${host}:${port}: it is ${this.#state.name}`)
    this.#state = { name: 'listening' }
    try {
      return { host, port: await this.#listener.listen(host, port) }
    } catch (error) {
      this.#state = { name: 'new' }
      throw error
    }
  }

  close(grace = 0): Promise<void> {
    this.#closingListeners.tell()
    if (this.#state.name === 'closing') {
      if (grace <= 0) this.#state.cancelOpenCalls()
      return this.#state.closed
    }
    const cancelOpenCalls = (): void => {
      graceOver.cancel()
      const gone: RpcStatus = { code: 'UNAVAILABLE', message: 'the server is shutting down' }
      for (const call of this.#calls.all()) call.refuse(gone)
      for (const connection of [...this.#connections.keys()]) connection.close('the server is shutting down')
    }
    const graceOver = this.#clock.setTimer(cancelOpenCalls, grace)
    const stopped = this.#listener.close()
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    const closed = Promise.all([stopped, idle]).then(() => {
      graceOver.cancel()
      this.deadlines.close()
    })
    this.#state = { name: 'closing', closed, cancelOpenCalls }
    if (grace <= 0) cancelOpenCalls()
    else for (const life of [...this.#connections.values()]) life.retire('the server is shutting down')
    this.#checkIdle()
    return closed
  }

  add(call: Http2ServerCall): void {
    this.#calls.add(call)
  }

  delete(call: Http2ServerCall): void {
    this.#calls.delete(call)
  }

  #accept({ socket: accepted, address, first, encrypted }: Arrival): void {
    if (this.#state.name !== 'listening') {
      accepted.destroy()
      return
    }
    this.#connectionNumber += 1
    const peer: Peer = { address, encrypted, connection: `${address}#${this.#connectionNumber}` }
    // What TLS has unpacked has a buffer already, and a socket that has been read of goes on as it is.
    const plain = !encrypted && first === undefined
    const socket = plain ? lendingSocket(accepted, (bytes, stop) => connection.read(bytes, stop)) : accepted
    const connection = new ServerConnection(socket, this.#clock, this.#limits, this)
    connection.onEvent = (event) => this.#tell({ ...event, address })
    this.#connections.set(connection, new ConnectionLife(connection, peer, this.#lifeLimits, this, this.#clock, this.#random))
    connection.begin(first)
  }

  onDead({ connection, peer: { address } }: ConnectionLife): void {
    this.#tell({ name: 'connection-refused', code: 'KEEPALIVE_TIMEOUT', reason: `no answer to a PING within ${KEEPALIVE_TIMEOUT} ms`, address })
    connection.socket.destroy()
  }

  onGraceOver({ connection, peer }: ConnectionLife): void {
    for (const call of this.#calls.all()) if (call.peer === peer) call.refuse({ code: 'UNAVAILABLE', message: 'the connection is too old' })
    connection.close('the connection is too old')
  }

  onRequest(connection: ServerConnection, stream: Stream, head: RequestHead, fields: Fields): StreamHandler {
    const kept = new FieldList(fields, head.firstField)
    const refusal = refuseHttp(head, kept)
    if (refusal !== undefined) return refusal(stream)
    const peer = this.#connections.get(connection)?.peer ?? unknownPeer
    const timeout = kept.get('grpc-timeout')
    const remaining = timeout === undefined ? undefined : parseGrpcTimeout(timeout)
    const registration = this.#registry.get(head.path)
    if (registration === undefined) return this.#refuse(stream, { code: 'UNIMPLEMENTED', message: `the server does not know ${head.path}` })
    if (timeout !== undefined && remaining === undefined) return this.#refuse(stream, { code: 'INTERNAL', message: 'grpc-timeout is malformed' })
    const call = new Http2ServerCall(stream, registration, { headers: kept, peer, remaining }, encodingOf(kept.get('grpc-encoding')), this)
    call.arrived()
    return call
  }

  onForeign(speech: Buffer): Uint8Array | undefined {
    return refuseHttp1(speech)
  }

  onOversized(stream: Stream, message: string): StreamHandler {
    return this.#refuse(stream, { code: 'RESOURCE_EXHAUSTED', message })
  }

  onIdle(connection: ServerConnection): void {
    this.#connections.get(connection)?.streamEnded()
  }

  onClosed(connection: ServerConnection): void {
    this.#connections.get(connection)?.end()
    this.#connections.delete(connection)
    this.#checkIdle()
  }

  #checkIdle(): void {
    if (this.#connections.size === 0) this.#idle?.()
  }

  #refuse(stream: Stream, status: RpcStatus): StreamHandler {
    stream.end((sink) => {
      writeResponseHead(sink)
      writeStatus(sink, status, [])
    }, true)
    return ignored
  }
}
