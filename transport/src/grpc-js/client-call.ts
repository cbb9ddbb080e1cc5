import type * as grpc from '@grpc/grpc-js'
import { systemClock, type Timer } from '../clock.ts'
import type { CallOptions, ClientCall, ClientCallHandler, HeaderReader, MessageBytes, Method, RpcStatus } from '../contract.ts'
import { checkHeader, noHeaders } from '../headers.ts'
import { byteLengthOf } from '../message-bytes.ts'
import { reportLater } from '../report-later.ts'
import { rpcCodeName } from '../rpc-error.ts'
import { runApart } from '../run-apart.ts'
import { clampTimeout, formatGrpcTimeout } from '../timeout.ts'
import { bufferOf, HIGH_WATER, LOW_WATER } from './buffers.ts'
import { MetadataReader, metadataOf } from './metadata.ts'

/** What grpc-js appends to the cause of a failed connection when there is nothing to note. */
const EMPTY_NOTE = / Resolution note: $/

/** `grpc.status.CANCELLED`. */
const CANCELLED = 1

type InnerCall = ReturnType<grpc.ChannelInterface['createCall']>

export interface CallOwner {
  /** The call is over; nothing of it may be kept. */
  onCallEnd(call: GrpcClientCall): void
}

type CallState =
  /** Not handed to grpc-js yet, because there is no connection. */
  { readonly name: 'pending' } | { readonly name: 'begun'; readonly inner: InnerCall } | { readonly name: 'ended' }

export class GrpcClientCall implements ClientCall {
  readonly options: CallOptions
  readonly #owner: CallOwner
  readonly #method: Method
  readonly #handler: ClientCallHandler
  readonly #timeout: number | undefined
  /** Monotonic ms; undefined without a timeout. */
  readonly #deadline: number | undefined
  #timer: Timer | undefined
  #state: CallState = { name: 'pending' }
  /** grpc-js keeps one message per call before it overwrites it, so the others wait here. */
  #queue: MessageBytes[] = []
  #queued = 0
  #choked = false
  #writing = false
  #halfClosed = false
  #paused = false
  #reading = false
  #pumping = false

  constructor(owner: CallOwner, method: Method, handler: ClientCallHandler, options: CallOptions) {
    for (const [name, value] of options.headers ?? []) checkHeader(name, value)
    this.#owner = owner
    this.#method = method
    this.#handler = handler
    this.options = options
    this.#timeout = clampTimeout(options.timeout)
    if (this.#timeout === undefined) return
    this.#deadline = systemClock.monotonic() + this.#timeout
    this.#timer = systemClock.setTimer(() => this.timeOut(), this.#timeout)
  }

  /** It started without any time; nobody needs to carry it. */
  get expired(): boolean {
    return this.#timeout === 0
  }

  timeOut(): void {
    this.abandon({ code: 'DEADLINE_EXCEEDED', message: `no answer within ${this.#timeout} ms` })
  }

  get over(): boolean {
    return this.#state.name === 'ended'
  }

  /** Goes to grpc-js. */
  begin(channel: grpc.ChannelInterface): void {
    if (this.#state.name !== 'pending') return
    const metadata = metadataOf(this.options.template?.headers ?? [], this.options.headers ?? [])
    // Deadlines are ours: the timers of grpc-js would hold the process for a background call.
    if (this.#deadline !== undefined) metadata.set('grpc-timeout', formatGrpcTimeout(Math.max(0, this.#deadline - systemClock.monotonic())))
    const inner = channel.createCall(this.#method.path, Number.POSITIVE_INFINITY, null, null, null)
    this.#state = { name: 'begun', inner }
    inner.start(metadata, {
      onReceiveMetadata: (received) => this.#receivedHeaders(received),
      onReceiveMessage: (message: Uint8Array) => this.#received(message),
      onReceiveStatus: (status) => this.#ended(status),
    })
    this.#read()
    if (this.#halfClosed && this.#queue.length === 0) inner.halfClose()
    else this.#write()
  }

  send(message: MessageBytes): boolean {
    if (this.over || this.#halfClosed) return true
    this.#queue.push(message)
    this.#queued += byteLengthOf(message)
    if (this.#queued >= HIGH_WATER) this.#choked = true
    this.#write()
    return !this.#choked
  }

  halfClose(): void {
    if (this.over || this.#halfClosed) return
    this.#halfClosed = true
    if (this.#state.name === 'begun' && this.#queue.length === 0) this.#state.inner.halfClose()
  }

  cancel(): void {
    this.abandon({ code: 'CANCELLED', message: 'the call was cancelled by its caller' })
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#read()
  }

  /** Ends the call from this side. */
  abandon(status: RpcStatus): void {
    const left = this.#state
    if (left.name === 'ended') return
    if (left.name === 'begun') {
      const cancel = (): void => left.inner.cancelWithStatus(CANCELLED, status.message)
      cancel()
      // A call that began in this turn has no stream yet, and grpc-js would open it in spite of the cancellation; this one closes it.
      setImmediate(cancel)
    }
    this.#end(status, noHeaders, (report) => reportLater(status, report))
  }

  #ended(status: grpc.StatusObject): void {
    this.#end({ code: rpcCodeName(status.code), message: status.details.replace(EMPTY_NOTE, '') }, new MetadataReader(status.metadata), runApart)
  }

  #end(status: RpcStatus, trailers: HeaderReader, when: (report: () => void) => void): void {
    if (this.over) return
    this.#state = { name: 'ended' }
    this.#timer?.cancel()
    this.#queue = []
    this.#owner.onCallEnd(this)
    when(() => this.#handler.onEnd(status, trailers))
  }

  #receivedHeaders(metadata: grpc.Metadata): void {
    if (!this.over) runApart(() => this.#handler.onHeaders?.(new MetadataReader(metadata)))
  }

  #received(message: Uint8Array): void {
    this.#reading = false
    if (this.over) return
    runApart(() => this.#handler.onMessage(message))
    this.#read()
  }

  /** Asks for messages in a loop, lest buffered ones nest for each message. */
  #read(): void {
    if (this.#pumping || this.#state.name !== 'begun') return
    this.#pumping = true
    while (this.#state.name === 'begun' && !this.#paused && !this.#reading) {
      this.#reading = true
      this.#state.inner.startRead()
    }
    this.#pumping = false
  }

  #write(): void {
    if (this.#state.name !== 'begun' || this.#writing) return
    const message = this.#queue.shift()
    if (message === undefined) return
    const { inner } = this.#state
    const buffer = bufferOf(message)
    this.#writing = true
    inner.sendMessageWithContext({ callback: () => this.#written(buffer.byteLength) }, buffer)
    if (this.#halfClosed && this.#queue.length === 0) inner.halfClose()
  }

  #written(length: number): void {
    this.#writing = false
    this.#queued -= length
    this.#write()
    if (!this.#choked || this.#queued >= LOW_WATER || this.over) return
    this.#choked = false
    runApart(() => this.#handler.onDrain?.())
  }
}
