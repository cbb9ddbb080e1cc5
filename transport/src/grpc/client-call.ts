import type { CallOptions, ClientCall, ClientCallHandler, HeaderReader, MessageBytes, Method, RpcStatus } from '../contract.ts'
import { checkHeader, noHeaders } from '../headers.ts'
import type { ClientConnection } from '../http2/client-connection.ts'
import type { ErrorCode } from '../http2/protocol.ts'
import type { FieldSink, Fields, PreparedFields, Stream, StreamHandler } from '../http2/stream.ts'
import { byteLengthOf } from '../message-bytes.ts'
import { reportLater } from '../report-later.ts'
import { runApart, throwApart } from '../run-apart.ts'
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
  /** What all calls of a path begin with, to the server that the call which begins just now goes to. */
  headOf(path: string): PreparedFields
  /** The call is over; nothing of it may be kept. */
  onCallEnd(call: Http2ClientCall): void
  /** And its handler has been told, or will be: it holds the process no more. */
  onCallTold(call: Http2ClientCall): void
  /** The server has not looked at the call: it may be made again. */
  onRefused(call: Http2ClientCall): void
}

/**
 *   pending ──▶ open ──▶ ended
 *      ▲──refused──┘
 */
type CallState = { readonly name: 'pending' } | { readonly name: 'open'; readonly stream: Stream } | { readonly name: 'ended' }

/** What the calls of a path begin with (gRPC over HTTP/2, Requests). */
export function requestHead(scheme: string, path: string, authority: string): PreparedFields {
  return [
    [':method', 'POST'],
    [':scheme', scheme],
    [':path', path],
    [':authority', authority],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ['user-agent', 'feathermq-transport'],
    ['grpc-accept-encoding', 'identity,gzip'],
  ]
}

/** Nobody puts anything in. */
const NOTHING: MessageBytes[] = []
const PENDING: CallState = { name: 'pending' }
const ENDED: CallState = { name: 'ended' }

/** A call at the client's end of a stream. */
export class Http2ClientCall implements ClientCall, StreamHandler, MessageSink, Awaiting, Enrolled {
  place = -1
  readonly options: CallOptions
  readonly #owner: CallOwner
  readonly #method: Method
  readonly #handler: ClientCallHandler
  readonly #reader: MessageReader
  readonly #timeout: number | undefined
  /** On the clock of the deadlines. */
  readonly #deadlineAt: number
  readonly #deadline: number
  #state: CallState = PENDING
  /** What was sent, while the call may have to be made again; undefined once it is too much or the server has answered. */
  #sent: MessageBytes[] | undefined = NOTHING
  #sentBytes = 0
  /** It has waited: not all of its time is left. */
  late = false
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
    if (options.headers !== undefined) for (const [name, value] of options.headers) checkHeader(name, value)
    this.options = options
    this.#owner = owner
    this.#method = method
    this.#handler = handler
    this.#reader = new MessageReader(this, owner.maxReceiveMessageBytes, 'response')
    this.#timeout = clampTimeout(options.timeout)
    this.#deadlineAt = this.#timeout === undefined ? 0 : owner.deadlines.now + this.#timeout
    this.#deadline = this.#timeout === undefined || this.#timeout === 0 ? -1 : owner.deadlines.add(this, this.#deadlineAt)
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
    for (const message of this.#sent ?? NOTHING) more = stream.sendMessage(message, byteLengthOf(message))
    if (this.#halfClosed) stream.end()
    // Who was told to wait before there was this stream goes on now, unless the stream has too much as well and will tell.
    if (this.#choked && more) queueMicrotask(() => this.onDrain())
  }

  #writeHead(sink: FieldSink): void {
    const { template, headers } = this.options
    sink.fields(this.#owner.headOf(this.#method.path))
    if (this.#timeout !== undefined) {
      const left = this.late ? Math.max(0, this.#deadlineAt - this.#owner.deadlines.now) : this.#timeout
      sink.field('grpc-timeout', formatGrpcTimeout(left), 'plain')
    }
    if (template !== undefined) sink.fields(template.headers)
    if (headers !== undefined) for (const [name, value] of headers) sink.field(name, value, 'plain')
  }

  send(message: MessageBytes): boolean {
    if (this.over || this.#halfClosed) return true
    const length = byteLengthOf(message)
    if (this.#sent !== undefined) {
      this.#sentBytes += length
      if (this.#sent === NOTHING) this.#sent = [message]
      else this.#sent.push(message)
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
    this.#end(status, noHeaders, true)
    if (left.name === 'open') left.stream.reset('CANCEL')
  }

  /** @param later the caller is told once whoever causes this is done. */
  #end(status: RpcStatus, trailers: HeaderReader, later = false): void {
    if (this.over) return
    this.#state = ENDED
    this.#reader.close()
    if (this.#deadline !== -1) this.#owner.deadlines.cancel(this, this.#deadline)
    this.#sent = undefined
    this.#owner.onCallEnd(this)
    if (later) reportLater(status, () => this.#handler.onEnd(status, trailers))
    else {
      try {
        this.#handler.onEnd(status, trailers)
      } catch (error) {
        throwApart(error)
      }
    }
    this.#owner.onCallTold(this)
  }

  // ── the stream ──

  onHeaders(fields: Fields, end: boolean): void {
    if (this.over) return
    this.#sent = undefined
    const first = fields[0] === ':status'
    const kept = new FieldList(fields, first ? 2 : 0)
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
    if (this.#handler.onHeaders !== undefined) runApart(() => this.#handler.onHeaders?.(kept))
  }

  #notGrpc(): RpcStatus | undefined {
    if (this.#httpStatus !== 200) return { code: statusOfHttp(this.#httpStatus), message: `the server answered with HTTP status ${this.#httpStatus}` }
    const type = this.#contentType ?? ''
    if (type === 'application/grpc' || /^application\/grpc[+;]/.test(type)) return undefined
    return { code: 'UNKNOWN', message: `the server answered with content-type ${JSON.stringify(this.#contentType ?? '')}, which is no gRPC` }
  }

  #fail(status: RpcStatus): void {
    const left = this.#state
    this.#end(status, noHeaders)
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
    if (this.over) return
    try {
      this.#handler.onMessage(message)
    } catch (error) {
      throwApart(error)
    }
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
    if (this.#reader.holds) this.#ending = { status, trailers }
    else this.#conclude(status, trailers)
  }

  #checkEnd(): void {
    if (this.#ending !== undefined && !this.#reader.holds) this.#conclude(this.#ending.status, this.#ending.trailers)
  }

  #conclude(status: RpcStatus, trailers: HeaderReader): void {
    const left = this.#state
    if (status.code === 'OK' && !this.#reader.empty) this.#end({ code: 'INTERNAL', message: 'the response ends inside of a message' }, trailers)
    else this.#end(status, trailers)
    // The server has ended the call: what we would still send, nobody wants.
    if (left.name === 'open') left.stream.reset('NO_ERROR')
  }

  onReset(code: ErrorCode, reason: string, byPeer: boolean): void {
    if (this.#state.name !== 'open') return
    if (code === 'REFUSED_STREAM' && this.#sent !== undefined && this.#refusals < MOST_REFUSALS) {
      this.#refusals += 1
      this.late = true
      this.#state = PENDING
      this.#owner.onRefused(this)
      return
    }
    if (this.#ending !== undefined) {
      // It was complete; only the reader has not taken all of it.
      return
    }
    // Our timer is coarser than the server's: a call that the server cancelled because its time was over has run out of time.
    if (byPeer && code === 'CANCEL' && this.#timeout !== undefined && this.#owner.deadlines.now >= this.#deadlineAt) {
      this.#end({ code: 'DEADLINE_EXCEEDED', message: `no answer within ${this.#timeout} ms` }, noHeaders)
      return
    }
    const status: RpcStatus = byPeer || code !== 'CANCEL' ? statusOfReset(code, reason) : { code: 'UNAVAILABLE', message: reason }
    this.#end(status, noHeaders)
  }

  onDrain(): void {
    this.#choked = false
    if (!this.over && !this.#halfClosed) runApart(() => this.#handler.onDrain?.())
  }
}
