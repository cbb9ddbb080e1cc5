import { systemClock } from '../clock.ts'
import type { CallOptions, ClientCall, ClientCallHandler, HeaderReader, MessageBytes, Method, RpcStatus } from '../contract.ts'
import { checkHeader, noHeaders } from '../headers.ts'
import type { ClientConnection } from '../http2/client-connection.ts'
import type { ErrorCode } from '../http2/protocol.ts'
import type { FieldSink, Fields, Stream, StreamHandler } from '../http2/stream.ts'
import { byteLengthOf } from '../message-bytes.ts'
import { reportLater } from '../report-later.ts'
import { runApart } from '../run-apart.ts'
import { clampTimeout, formatGrpcTimeout } from '../timeout.ts'
import type { Awaiting, Deadlines } from './deadlines.ts'
import { FieldList } from './field-list.ts'
import { encodingOf, MessageReader, type MessageSink } from './message-reader.ts'
import type { Enrolled } from './roll.ts'
import { readStatus, statusOfHttp, statusOfReset } from './status.ts'

/** What is kept of a call so that it can be made again when the server did not look at it, bytes. */
const REMEMBERED = 64 * 1024
/** A call that was refused so often is not made again. */
const MOST_REFUSALS = 3
/** With so many bytes before the connection stands, a writer is told to wait. */
const HIGH_WATER = 64 * 1024

export interface CallOwner {
  readonly maxReceiveMessageBytes: number
  readonly deadlines: Deadlines
  readonly authority: string
  readonly scheme: string
  /** The call is over; nothing of it may be kept. */
  onCallEnd(call: Http2ClientCall): void
  /** The server has not looked at the call: it may be made again. */
  onRefused(call: Http2ClientCall): void
}

/**
 *   pending ──▶ open ──▶ ended
 *      ▲──refused──┘
 */
type CallState = { readonly name: 'pending' } | { readonly name: 'open'; readonly stream: Stream } | { readonly name: 'ended' }

/** A call at the client's end of a stream. */
export class Http2ClientCall implements ClientCall, StreamHandler, MessageSink, Awaiting, Enrolled {
  place = -1
  readonly options: CallOptions
  readonly #owner: CallOwner
  readonly #method: Method
  readonly #handler: ClientCallHandler
  readonly #reader: MessageReader
  readonly #timeout: number | undefined
  /** Monotonic ms. */
  readonly #deadlineAt: number
  readonly #deadline: number
  #state: CallState = { name: 'pending' }
  /** What was sent, while the call may have to be made again; undefined once it is too much or the server has answered. */
  #sent: MessageBytes[] | undefined = []
  #sentBytes = 0
  #halfClosed = false
  #refusals = 0
  /** The writer was told to wait, and not yet to go on. */
  #choked = false
  /** What the response's head said, when it is no gRPC. */
  #httpStatus = 200
  #contentType: string | undefined
  /** The end has come, and waits for messages that were not taken. */
  #ending: { readonly status: RpcStatus; readonly trailers: HeaderReader } | undefined

  constructor(owner: CallOwner, method: Method, handler: ClientCallHandler, options: CallOptions) {
    for (const [name, value] of options.headers ?? []) checkHeader(name, value)
    this.options = options
    this.#owner = owner
    this.#method = method
    this.#handler = handler
    this.#reader = new MessageReader(this, owner.maxReceiveMessageBytes, 'response')
    this.#timeout = clampTimeout(options.timeout)
    this.#deadlineAt = this.#timeout === undefined ? 0 : systemClock.monotonic() + this.#timeout
    this.#deadline = this.#timeout === undefined || this.#timeout === 0 ? -1 : owner.deadlines.add(this, this.#timeout)
  }

  /** It started without any time; nobody needs to carry it. */
  get expired(): boolean {
    return this.#timeout === 0
  }

  get over(): boolean {
    return this.#state.name === 'ended'
  }

  timeOut(): void {
    this.abandon({ code: 'DEADLINE_EXCEEDED', message: `no answer within ${this.#timeout} ms` })
  }

  onDeadline(): void {
    this.timeOut()
  }

  /** Goes to the server. */
  begin(connection: ClientConnection): void {
    if (this.#state.name !== 'pending') return
    const stream = connection.open(this, (sink) => this.#writeHead(sink))
    this.#state = { name: 'open', stream }
    this.#reader.room = stream.room
    let more = true
    for (const message of this.#sent ?? []) more = stream.sendMessage(message, byteLengthOf(message))
    if (this.#halfClosed) stream.end()
    // Who was told to wait before there was this stream goes on now, unless the stream has too much as well and will tell.
    if (this.#choked && more) queueMicrotask(() => this.onDrain())
  }

  #writeHead(sink: FieldSink): void {
    const { authority, scheme } = this.#owner
    sink.field(':method', 'POST', 'index')
    sink.field(':scheme', scheme, 'index')
    sink.field(':path', this.#method.path, 'index')
    sink.field(':authority', authority, 'index')
    sink.field('te', 'trailers', 'index')
    sink.field('content-type', 'application/grpc', 'index')
    sink.field('user-agent', 'feathermq-transport', 'index')
    sink.field('grpc-accept-encoding', 'identity,gzip', 'index')
    if (this.#timeout !== undefined) sink.field('grpc-timeout', formatGrpcTimeout(Math.max(0, this.#deadlineAt - systemClock.monotonic())), 'plain')
    for (const [name, value] of this.options.template?.headers ?? []) sink.field(name, value, 'index')
    for (const [name, value] of this.options.headers ?? []) sink.field(name, value, 'plain')
  }

  send(message: MessageBytes): boolean {
    if (this.over || this.#halfClosed) return true
    const length = byteLengthOf(message)
    if (this.#sent !== undefined) {
      this.#sentBytes += length
      this.#sent.push(message)
    }
    if (this.#state.name === 'open') {
      if (this.#sentBytes > REMEMBERED) this.#sent = undefined
      this.#choked = !this.#state.stream.sendMessage(message, length)
    } else this.#choked = this.#sentBytes >= HIGH_WATER
    return !this.#choked
  }

  halfClose(): void {
    if (this.over || this.#halfClosed) return
    this.#halfClosed = true
    if (this.#state.name === 'open') this.#state.stream.end()
  }

  cancel(): void {
    this.abandon({ code: 'CANCELLED', message: 'the call was cancelled by its caller' })
  }

  pause(): void {
    this.#reader.pause()
  }

  resume(): void {
    if (!this.#reader.paused) return
    const released = this.#reader.resume()
    if (this.#state.name === 'open') this.#state.stream.release(released, this.#reader.deferred())
    this.#checkEnd()
  }

  /** Ends the call from this side; a server that has seen it sees it cancelled. */
  abandon(status: RpcStatus): void {
    const left = this.#state
    if (left.name === 'ended') return
    this.#end(status, noHeaders, (report) => reportLater(status, report))
    if (left.name === 'open') left.stream.reset('CANCEL')
  }

  #end(status: RpcStatus, trailers: HeaderReader, when: (report: () => void) => void): void {
    if (this.over) return
    this.#state = { name: 'ended' }
    this.#reader.close()
    if (this.#deadline !== -1) this.#owner.deadlines.cancel(this, this.#deadline)
    this.#sent = undefined
    this.#owner.onCallEnd(this)
    when(() => this.#handler.onEnd(status, trailers))
  }

  // ── the stream ──

  onHeaders(fields: Fields, end: boolean): void {
    if (this.over) return
    this.#sent = undefined
    const first = fields[0] === ':status'
    const kept = new FieldList([...fields], first ? 2 : 0)
    if (first) {
      this.#httpStatus = Number(fields[1])
      this.#contentType = kept.get('content-type')
    }
    if (end) {
      this.#finish(kept)
      return
    }
    const problem = this.#notGrpc()
    if (problem !== undefined) {
      this.#fail(problem)
      return
    }
    this.#reader.encoding = encodingOf(kept.get('grpc-encoding'))
    runApart(() => this.#handler.onHeaders?.(kept))
  }

  #notGrpc(): RpcStatus | undefined {
    if (this.#httpStatus !== 200) return { code: statusOfHttp(this.#httpStatus), message: `the server answered with HTTP status ${this.#httpStatus}` }
    const type = this.#contentType ?? ''
    if (type === 'application/grpc' || /^application\/grpc[+;]/.test(type)) return undefined
    return { code: 'UNKNOWN', message: `the server answered with content-type ${JSON.stringify(this.#contentType ?? '')}, which is no gRPC` }
  }

  #fail(status: RpcStatus): void {
    const left = this.#state
    this.#end(status, noHeaders, runApart)
    if (left.name === 'open') left.stream.reset('CANCEL')
  }

  onData(bytes: Buffer, start: number, end: number): void {
    if (this.#state.name !== 'open') return
    const { stream } = this.#state
    stream.release(this.#reader.push(bytes, start, end), this.#reader.deferred())
  }

  onRoom(kept: number, more: number): void {
    if (this.#state.name === 'open') this.#state.stream.grant(kept, more)
  }

  onMessage(message: Buffer): void {
    if (!this.over) runApart(() => this.#handler.onMessage(message))
  }

  onBroken(status: RpcStatus): void {
    this.#fail(status)
  }

  /** The end of the stream without trailers, unless they came. */
  onEnd(): void {
    if (this.over || this.#ending !== undefined) return
    this.#finishWith(this.#notGrpc() ?? { code: 'UNKNOWN', message: 'the server ended the call without a status' }, noHeaders)
  }

  #finish(trailers: FieldList): void {
    const status = readStatus(trailers.get('grpc-status'), trailers.get('grpc-message')) ?? this.#notGrpc()
    this.#finishWith(status ?? { code: 'UNKNOWN', message: 'the server ended the call without a status' }, trailers)
  }

  #finishWith(status: RpcStatus, trailers: HeaderReader): void {
    this.#ending = { status, trailers }
    this.#checkEnd()
  }

  #checkEnd(): void {
    if (this.#ending === undefined || this.#reader.holds) return
    const { status, trailers } = this.#ending
    const left = this.#state
    if (status.code === 'OK' && !this.#reader.empty)
      this.#end({ code: 'INTERNAL', message: 'the response ends inside of a message' }, trailers, runApart)
    else this.#end(status, trailers, runApart)
    // The server has ended the call: what we would still send, nobody wants.
    if (left.name === 'open') left.stream.reset('NO_ERROR')
  }

  onReset(code: ErrorCode, reason: string, byPeer: boolean): void {
    if (this.#state.name !== 'open') return
    if (code === 'REFUSED_STREAM' && this.#sent !== undefined && this.#refusals < MOST_REFUSALS) {
      this.#refusals += 1
      this.#state = { name: 'pending' }
      this.#owner.onRefused(this)
      return
    }
    if (this.#ending !== undefined) {
      // It was complete; only the reader has not taken all of it.
      return
    }
    // Our timer is coarser than the server's: a call that the server cancelled because its time was over has run out of time.
    if (byPeer && code === 'CANCEL' && this.#timeout !== undefined && systemClock.monotonic() >= this.#deadlineAt) {
      this.#end({ code: 'DEADLINE_EXCEEDED', message: `no answer within ${this.#timeout} ms` }, noHeaders, runApart)
      return
    }
    const status: RpcStatus = byPeer || code !== 'CANCEL' ? statusOfReset(code, reason) : { code: 'UNAVAILABLE', message: reason }
    this.#end(status, noHeaders, runApart)
  }

  onDrain(): void {
    this.#choked = false
    if (!this.over && !this.#halfClosed) runApart(() => this.#handler.onDrain?.())
  }
}
