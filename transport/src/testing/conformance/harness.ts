import { strict as assert } from 'node:assert'
import type {
  CallOptions,
  Channel,
  ChannelOptions,
  ClientCall,
  ClientCallHandler,
  HeaderReader,
  MessageBytes,
  Method,
  MethodHandler,
  RpcStatus,
  Server,
  ServerCall,
  ServerOptions,
  Transport,
} from '../../contract.ts'

/** The two functions of mocha (or of a runner like it) that the suite needs. */
export interface Runner {
  describe(title: string, body: () => void): unknown
  it(title: string, body: () => Promise<void> | void): unknown
}

export interface Traits {
  /** The transport uses real ports: what strangers send there is tried too. */
  readonly sockets: boolean
}

export interface Bench extends Runner {
  readonly traits: Traits
  createTransport(): Transport
}

export const unaryMethod: Method = { path: '/conformance.Service/Unary', kind: 'unary' }
export const serverStream: Method = { path: '/conformance.Service/ServerStream', kind: 'server-stream' }
export const clientStream: Method = { path: '/conformance.Service/ClientStream', kind: 'client-stream' }
export const bidi: Method = { path: '/conformance.Service/Bidi', kind: 'bidi' }
export const unknownMethod: Method = { path: '/conformance.Service/Unknown', kind: 'unary' }
/** Answers with what it got; every pair serves it, as a barrier: when its answer is there, whatever was sent before has arrived. */
export const echoMethod: Method = { path: '/conformance.Service/Echo', kind: 'unary' }

export const bytes = (text: string): Uint8Array => Buffer.from(text)
export const text = (message: Uint8Array | undefined): string => Buffer.from(message ?? []).toString()
export const OK: RpcStatus = { code: 'OK', message: '' }

/** Collects things as they happen and lets a test wait for the next one. */
export class Inbox<T> {
  readonly all: T[] = []
  #read = 0
  #waiting: (() => void) | undefined

  put(item: T): void {
    this.all.push(item)
    this.#waiting?.()
  }

  /** The next item nobody has taken yet. One reader at a time. */
  async next(): Promise<T> {
    if (this.#read >= this.all.length) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
      this.#waiting = undefined
    }
    const item = this.all[this.#read] as T
    this.#read += 1
    return item
  }

  async take(count: number): Promise<T[]> {
    const items: T[] = []
    while (items.length < count) items.push(await this.next())
    return items
  }
}

/** Writes down what a caller is told, and copies what it only borrows. */
export class Caller implements ClientCallHandler {
  readonly messages: Inbox<Uint8Array> = new Inbox()
  readonly drains: Inbox<true> = new Inbox()
  readonly heads: Inbox<HeaderReader> = new Inbox()
  readonly ends: Inbox<{ readonly status: RpcStatus; readonly trailers: HeaderReader }> = new Inbox()
  /** Names of the callbacks in order. */
  readonly story: string[] = []
  call: ClientCall | undefined
  /** Runs inside the callbacks, after they were written down. */
  during: { onHeaders?: () => void; onMessage?: (message: Uint8Array) => void; onDrain?: () => void } = {}

  onHeaders(headers: HeaderReader): void {
    this.story.push('headers')
    this.heads.put(headers)
    this.during.onHeaders?.()
  }

  onMessage(message: Uint8Array): void {
    this.story.push('message')
    this.messages.put(Uint8Array.from(message))
    this.during.onMessage?.(message)
  }

  onDrain(): void {
    this.story.push('drain')
    this.drains.put(true)
    this.during.onDrain?.()
  }

  onEnd(status: RpcStatus, trailers: HeaderReader): void {
    this.story.push('end')
    this.ends.put({ status, trailers })
  }

  async status(): Promise<RpcStatus> {
    return (await this.end()).status
  }

  async end(): Promise<{ readonly status: RpcStatus; readonly trailers: HeaderReader }> {
    return this.ends.next()
  }
}

type Served = ServerCall<unknown>

/** A handler that writes down what it is told; what it does, a test sets in {@link during}. */
export class Callee implements MethodHandler<unknown> {
  readonly starts: Inbox<Served> = new Inbox()
  readonly messages: Inbox<Uint8Array> = new Inbox()
  readonly halfCloses: Inbox<Served> = new Inbox()
  readonly cancels: Inbox<Served> = new Inbox()
  readonly drains: Inbox<Served> = new Inbox()
  during: {
    onStart?: (call: Served) => void
    onMessage?: (call: Served, message: Uint8Array) => void
    onHalfClose?: (call: Served) => void
    onDrain?: (call: Served) => void
  }

  constructor(during: Callee['during'] = {}) {
    this.during = during
  }

  onStart(call: Served): void {
    this.starts.put(call)
    this.during.onStart?.(call)
  }

  onMessage(call: Served, message: Uint8Array): void {
    this.messages.put(Uint8Array.from(message))
    this.during.onMessage?.(call, message)
  }

  onHalfClose(call: Served): void {
    this.halfCloses.put(call)
    this.during.onHalfClose?.(call)
  }

  onCancel(call: Served): void {
    this.cancels.put(call)
  }

  onDrain(call: Served): void {
    this.drains.put(call)
    this.during.onDrain?.(call)
  }
}

export interface PairOptions {
  readonly server?: ServerOptions
  readonly channel?: Partial<ChannelOptions>
}

/** A server, a channel to it, and what a test does with them. */
export class Pair {
  readonly transport: Transport
  readonly server: Server
  readonly channel: Channel
  readonly host: string
  readonly port: number
  readonly errors: unknown[]

  constructor(transport: Transport, server: Server, channel: Channel, host: string, port: number, errors: unknown[]) {
    this.transport = transport
    this.server = server
    this.channel = channel
    this.host = host
    this.port = port
    this.errors = errors
  }

  call(method: Method, options?: CallOptions, channel: Channel = this.channel): Caller & { readonly call: ClientCall } {
    const caller = new Caller()
    const call = channel.start(method, caller, options)
    return Object.assign(caller, { call })
  }

  /** Makes a call with one request, as for unary and server-stream methods. */
  ask(method: Method, message: MessageBytes, options?: CallOptions, channel: Channel = this.channel): Caller & { readonly call: ClientCall } {
    const caller = this.call(method, options, channel)
    caller.call.send(message)
    caller.call.halfClose()
    return caller
  }

  /** Resolves when what was sent before on this channel has arrived. */
  async barrier(): Promise<void> {
    const caller = this.ask(echoMethod, bytes('barrier'))
    assert.deepEqual(await caller.status(), OK)
  }
}

type Handlers = Readonly<Partial<Record<'unary' | 'serverStream' | 'clientStream' | 'bidi', MethodHandler<unknown>>>>

/** Runs `body` with a pair and takes the pair down, whatever happens. No error may have been reported that `body` did not take out. */
export async function withPair(bench: Bench, handlers: Handlers, body: (pair: Pair) => Promise<void>, options: PairOptions = {}): Promise<void> {
  const transport = bench.createTransport()
  const errors: unknown[] = []
  const server = serve(transport, handlers, { onError: (error) => errors.push(error), ...options.server })
  const { host, port } = await server.listen('127.0.0.1', 0)
  const channel = transport.createChannel({ address: `${host}:${port}`, ...options.channel })
  try {
    await body(new Pair(transport, server, channel, host, port, errors))
    assert.deepEqual(errors, [], 'errors were reported to onError')
  } finally {
    channel.close()
    await server.close()
  }
}

export function serve(transport: Transport, handlers: Handlers, options: ServerOptions = {}): Server {
  const server = transport.createServer(options)
  server.handle(echoMethod, echo)
  const methods = { unary: unaryMethod, serverStream, clientStream, bidi }
  for (const name of ['unary', 'serverStream', 'clientStream', 'bidi'] as const) {
    const handler = handlers[name]
    if (handler !== undefined) server.handle(methods[name], handler)
  }
  return server
}

export const echo: MethodHandler<unknown> = {
  onMessage(call, message) {
    call.send(Uint8Array.from(message))
    call.end()
  },
}

/** Bytes that tell when they were mixed up: each depends on its place and the seed. */
export function pattern(length: number, seed = 0): Uint8Array {
  const filled = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) filled[index] = (index * 31 + seed * 17 + (index >> 8)) & 0xff
  return filled
}
