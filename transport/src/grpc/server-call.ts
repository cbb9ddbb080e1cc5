import type { MessageBytes, RpcStatus } from '../contract.ts'
import { type ArrivedCall, HandledCall, isSingle, type Registration } from '../handled-call.ts'
import type { ErrorCode } from '../http2/protocol.ts'
import type { FieldSink, Fields, FieldWriter, PreparedFields, Stream, StreamHandler } from '../http2/stream.ts'
import { byteLengthOf } from '../message-bytes.ts'
import type { ErrorReport } from '../server-options.ts'
import type { Awaiting, Deadlines } from './deadlines.ts'
import { type Encoding, MessageReader, type MessageSink } from './message-reader.ts'
import type { Enrolled } from './roll.ts'
import { writeStatus } from './status.ts'

export interface CallRegistry {
  readonly onError: ErrorReport
  readonly maxReceiveMessageBytes: number
  readonly deadlines: Deadlines
  add(call: Http2ServerCall): void
  delete(call: Http2ServerCall): void
}

const responseHead: PreparedFields = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
  ['grpc-accept-encoding', 'identity,gzip'],
]
const onlyHead: FieldWriter = (sink) => writeResponseHead(sink)
const onlyOk: FieldWriter = (sink) => writeStatus(sink, { code: 'OK', message: '' }, [])

export function writeResponseHead(sink: FieldSink, headers?: readonly (readonly [name: string, value: string])[]): void {
  sink.fields(responseHead)
  if (headers !== undefined) for (const [name, value] of headers) sink.field(name, value, 'plain')
}

const isPlainOk = ({ code, message }: RpcStatus, { length }: readonly unknown[]): boolean => code === 'OK' && message === '' && length === 0

/** A call at the server's end of a stream (gRPC over HTTP/2, Responses). */
export class Http2ServerCall extends HandledCall<unknown> implements StreamHandler, MessageSink, Awaiting, Enrolled {
  place = -1
  readonly #stream: Stream
  readonly #calls: CallRegistry
  readonly #reader: MessageReader
  readonly #single: boolean
  readonly #deadline: number
  /** The client's end has come, and the handler has not heard of it. */
  #ending = false
  /** The frame that is being read is the stream's last: a request within it will be handed over before its bytes go. */
  #last = false

  constructor(stream: Stream, registration: Registration<unknown>, arrived: ArrivedCall, encoding: Encoding, calls: CallRegistry) {
    super(registration, arrived, calls.onError)
    this.#stream = stream
    this.#calls = calls
    this.#single = isSingle(registration.method)
    this.#reader = new MessageReader(this, calls.maxReceiveMessageBytes, 'request')
    this.#reader.encoding = encoding
    this.#reader.room = stream.room
    this.#deadline = arrived.remaining === undefined ? -1 : calls.deadlines.add(this, calls.deadlines.now + arrived.remaining)
    calls.add(this)
  }

  // ── the stream ──

  onHeaders(_trailers: Fields): void {}

  onData(bytes: Buffer, start: number, end: number, last: boolean): void {
    this.#last = last
    this.#release(this.#reader.push(bytes, start, end))
    this.#last = false
  }

  #release(count: number): void {
    this.#stream.release(count, this.#reader.deferred())
  }

  onRoom(kept: number, more: number): void {
    this.#stream.grant(kept, more)
  }

  onEnd(): void {
    this.#ending = true
    this.#checkEnd()
  }

  onReset(_code: ErrorCode): void {
    this.#forget()
    this.lost()
  }

  onDrain(): void {
    this.drained()
  }

  /** The client's end counts once everything before it has been handed over. */
  #checkEnd(): void {
    if (!this.#ending || this.#reader.holds || !this.open) return
    this.#ending = false
    if (this.#reader.empty) {
      this.#reader.settle()
      this.halfClosed()
    } else this.refuse({ code: 'INTERNAL', message: 'the request ends inside of a message' })
  }

  onMessage(message: Buffer, owned: boolean): void {
    if (!this.#single || this.#last) {
      this.received(message)
      return
    }
    // Single requests are kept until the end of the stream shows that there is no second one.
    if (this.#reader.keep(message.length)) this.received(owned ? message : Buffer.from(message))
    else this.refuse({ code: 'RESOURCE_EXHAUSTED', message: 'too many requests at once on one connection wait for the end of their streams' })
  }

  onBroken(status: RpcStatus): void {
    this.refuse(status)
  }

  onDeadline(): void {
    this.refuse({ code: 'DEADLINE_EXCEEDED', message: 'the deadline passed before the call ended' })
  }

  // ── the handler ──

  pause(): void {
    this.#reader.pause()
  }

  resume(): void {
    if (!this.#reader.paused) return
    this.#release(this.#reader.resume())
    this.#checkEnd()
  }

  protected write(message: MessageBytes): boolean {
    this.#head()
    return this.#stream.sendMessage(message, byteLengthOf(message))
  }

  protected override writeLent(message: MessageBytes): boolean {
    this.#head()
    return this.#stream.sendLent(message, byteLengthOf(message))
  }

  #head(): void {
    if (this.#stream.headed) return
    this.#stream.headed = true
    const headers = this.responseHeaders
    this.#stream.sendHeaders(headers === undefined ? onlyHead : (sink) => writeResponseHead(sink, headers))
  }

  protected finish(status: RpcStatus, trailers: readonly (readonly [name: string, value: string])[]): void {
    this.#forget()
    const stream = this.#stream
    if (this.responseHeaders !== undefined) this.#head()
    if (stream.headed) stream.end(isPlainOk(status, trailers) ? onlyOk : (sink) => writeStatus(sink, status, trailers), true)
    else {
      stream.headed = true
      stream.end((sink) => {
        writeResponseHead(sink)
        writeStatus(sink, status, trailers)
      }, true)
    }
  }

  #forget(): void {
    this.#reader.close()
    if (this.#deadline !== -1) this.#calls.deadlines.cancel(this, this.#deadline)
    this.#calls.delete(this)
  }
}
