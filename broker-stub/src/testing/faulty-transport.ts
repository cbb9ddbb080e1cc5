import { type MessageBytes, type Method, type MethodHandler, RpcError, type RpcStatus, type ServerCall, type Transport } from '@feathermq/transport'
import { status as statusOf } from '../admission/status.ts'
import type { Clock, Timer } from '../clock.ts'
import { type FaultedRpc, shapes } from './faulted-rpc.ts'
import type { CallFault, Faults, PlacedFault } from './faults.ts'

const SERVICE = '/apache.rocketmq.v2.MessagingService/'
const DROPPED: RpcStatus = { code: 'UNAVAILABLE', message: 'the connection broke (a fault that the test asked for)' }

/** A transport whose servers put faults into the calls that they hand over. Only what a test starts goes through it. */
export function faultyTransport(transport: Transport, faults: Faults, clock: Clock): Transport {
  return {
    name: transport.name,
    createChannel: (options) => transport.createChannel(options),
    createServer(options) {
      const server = transport.createServer(options)
      return {
        handle: (method, handler) => server.handle(method, faulty(method, handler, faults, clock)),
        methods: () => server.methods(),
        setTls: (tls) => server.setTls(tls),
        listen: (host, port) => server.listen(host, port),
        onClosing: (listener) => server.onClosing(listener),
        close: (grace) => server.close(grace),
      }
    },
  }
}

function faultedRpc({ path }: Method): FaultedRpc | undefined {
  const name = path.slice(SERVICE.length)
  return path.startsWith(SERVICE) && Object.hasOwn(shapes, name) ? (name as FaultedRpc) : undefined
}

function faulty<State>(method: Method, handler: MethodHandler<State>, faults: Faults, clock: Clock): MethodHandler<State> {
  const rpc = faultedRpc(method)
  return rpc === undefined ? handler : new FaultyHandler(rpc, method.kind === 'bidi', handler, faults, clock)
}

class FaultyHandler<State> implements MethodHandler<State> {
  readonly #rpc: FaultedRpc
  readonly #stream: boolean
  readonly #inner: MethodHandler<State>
  readonly #faults: Faults
  readonly #clock: Clock
  /** Calls whose latency runs. */
  readonly #late = new Map<ServerCall<State>, Timer>()
  /** Calls that the handler sees through a veil: all streams, for they may lose an answer later, and others whose answer goes nowhere. */
  readonly #veiled = new Map<ServerCall<State>, VeiledCall<State>>()

  constructor(rpc: FaultedRpc, stream: boolean, inner: MethodHandler<State>, faults: Faults, clock: Clock) {
    this.#rpc = rpc
    this.#stream = stream
    this.#inner = inner
    this.#faults = faults
    this.#clock = clock
  }

  onStart(call: ServerCall<State>): void {
    this.#inner.onStart?.(this.#stream ? this.#veil(call) : call)
  }

  onMessage(call: ServerCall<State>, bytes: Uint8Array): void {
    const fault = this.#faults.hitting(this.#rpc, bytes, call.headers)
    if (fault === undefined) this.#inner.onMessage(this.#seen(call), bytes)
    else if (fault.latency === 0) this.#strike(fault, call, bytes)
    else {
      const kept = new Uint8Array(bytes)
      const later = (): void => {
        this.#late.delete(call)
        try {
          this.#strike(fault, call, kept)
        } catch (error) {
          call.fail(error)
        }
      }
      this.#late.set(call, this.#clock.setTimer(later, fault.latency))
    }
  }

  onHalfClose(call: ServerCall<State>): void {
    const seen = this.#seen(call)
    this.#forget(call)
    this.#inner.onHalfClose?.(seen)
  }

  onCancel(call: ServerCall<State>): void {
    // What the broker has answered already it has answered, as far as it knows.
    const answered = this.#veiled.get(call)?.ended === true
    const seen = this.#seen(call)
    this.#forget(call)
    if (!answered) this.#inner.onCancel?.(seen)
  }

  onDrain(call: ServerCall<State>): void {
    this.#inner.onDrain?.(this.#seen(call))
  }

  #strike({ options }: PlacedFault<CallFault>, call: ServerCall<State>, bytes: Uint8Array): void {
    if (options.status !== undefined) {
      const { code, message = undefined } = typeof options.status === 'string' ? { code: options.status } : options.status
      for (const answer of shapes[this.#rpc].refuse(statusOf(code, message ?? `${code} (a fault that the test asked for)`))) call.send(answer)
      this.#end(call)
    } else if (options.rpcStatus !== undefined) {
      const { code, message = undefined } = typeof options.rpcStatus === 'string' ? { code: options.rpcStatus } : options.rpcStatus
      this.#end(call, { code, message: message ?? 'a fault that the test asked for' })
    } else if (options.dropStream === 'before') this.#end(call, DROPPED)
    else if (options.dropStream === 'after') {
      const veiled = this.#veil(call)
      veiled.hide(DROPPED)
      this.#inner.onMessage(veiled, bytes)
      if (this.#stream) this.#end(call, DROPPED)
    } else if (options.loseReply === true) {
      const veiled = this.#veil(call)
      veiled.hide(undefined)
      this.#inner.onMessage(veiled, bytes)
      // Of a stream one answer is lost; the stream goes on.
      if (this.#stream) veiled.show()
    } else this.#inner.onMessage(this.#seen(call), bytes)
  }

  #veil(call: ServerCall<State>): VeiledCall<State> {
    const known = this.#veiled.get(call)
    if (known !== undefined) return known
    const veiled = new VeiledCall(call, () => this.#veiled.delete(call))
    this.#veiled.set(call, veiled)
    return veiled
  }

  #seen(call: ServerCall<State>): ServerCall<State> {
    return this.#veiled.get(call) ?? call
  }

  #end(call: ServerCall<State>, status?: RpcStatus): void {
    const seen = this.#seen(call)
    this.#forget(call)
    call.end(status)
    // A stream that ends is the end of a client's life: the broker has to hear of it.
    if (this.#stream) this.#inner.onCancel?.(seen)
  }

  #forget(call: ServerCall<State>): void {
    this.#late.get(call)?.cancel()
    this.#late.delete(call)
    this.#veiled.delete(call)
  }
}

/** A call whose handler answers as ever, while nothing of it need arrive. */
class VeiledCall<State> implements ServerCall<State> {
  readonly method: Method
  readonly headers: ServerCall<State>['headers']
  readonly peer: ServerCall<State>['peer']
  readonly remaining: number | undefined
  readonly #call: ServerCall<State>
  readonly #onEnd: () => void
  #hidden: { readonly end: RpcStatus | undefined } | undefined
  /** The handler ended it while it was hidden. */
  ended = false

  /** @param onEnd The call is over. */
  constructor(call: ServerCall<State>, onEnd: () => void) {
    this.method = call.method
    this.headers = call.headers
    this.peer = call.peer
    this.remaining = call.remaining
    this.#call = call
    this.#onEnd = onEnd
  }

  /** @param end How the call ends for the client when it ends for the handler; undefined: not at all. */
  hide(end: RpcStatus | undefined): void {
    this.#hidden = { end }
  }

  show(): void {
    this.#hidden = undefined
  }

  get cancelled(): boolean {
    return this.#call.cancelled
  }

  get state(): State | undefined {
    return this.#call.state
  }

  set state(state: State | undefined) {
    this.#call.state = state
  }

  send(message: MessageBytes): boolean {
    return this.#hidden === undefined ? this.#call.send(message) : true
  }

  sendLent(message: MessageBytes): boolean {
    return this.#hidden === undefined ? this.#call.sendLent(message) : true
  }

  setHeader(name: string, value: string): void {
    if (this.#hidden === undefined) this.#call.setHeader(name, value)
  }

  setTrailer(name: string, value: string): void {
    if (this.#hidden === undefined) this.#call.setTrailer(name, value)
  }

  end(status?: RpcStatus): void {
    if (this.#hidden !== undefined) this.ended = true
    if (this.#hidden !== undefined && this.#hidden.end === undefined) return
    this.#call.end(this.#hidden?.end ?? status)
    this.#onEnd()
  }

  fail(error: unknown): void {
    // A fault of the broker's own must not be hidden by one of the test's.
    if (this.#hidden !== undefined && error instanceof RpcError) this.end()
    else {
      this.#call.fail(error)
      this.#onEnd()
    }
  }

  pause(): void {
    this.#call.pause()
  }

  resume(): void {
    this.#call.resume()
  }
}
