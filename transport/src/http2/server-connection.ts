import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { Connection } from './connection.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { type RequestHead, readRequestHead, readTrailers } from './field-rules.ts'
import { ConnectionError, type ErrorCode, PREFACE, setting } from './protocol.ts'
import { type Fields, Stream, type StreamHandler } from './stream.ts'

export interface ServerConnectionLimits extends ConnectionLimits {
  readonly maxConcurrentStreams: number
  /** Header blocks of all streams that are open, bytes on the wire: what is kept of them is not much more, as entries of the table are shared. */
  readonly maxOpenBlockBytes: number
}

/** What happens on a connection of a server. */
export interface ServerConnectionHandler {
  /** A request has begun; the answer handles the rest of it. Nobody changes `fields`: it may be kept. */
  onRequest(connection: ServerConnection, stream: Stream, head: RequestHead, fields: Fields): StreamHandler
  /** A request whose headers are too many or too long, by themselves or with those of all others. */
  onOversized(stream: Stream, problem: string): StreamHandler
  /** The connection begins otherwise than HTTP/2 does. Undefined where nothing can be said that the client would understand. */
  onForeign?(speech: Buffer): Uint8Array | undefined
  onClosed(connection: ServerConnection, reason: string): void
  /** A stream has ended. */
  onIdle(connection: ServerConnection): void
}

/** So many bytes of the preface are those of no method of HTTP/1. */
const TELLING = 4

const ignored: StreamHandler = { onHeaders() {}, onData() {}, onEnd() {}, onReset() {}, onDrain() {} }

/** A server's end of a connection (RFC 9113, 3.4 and 5.1.1): clients open the odd streams, each larger than the last. */
export class ServerConnection extends Connection {
  protected readonly role = 'server'
  readonly #handler: ServerConnectionHandler
  readonly #limits: ServerConnectionLimits
  /** Bytes of the preface that have come. */
  #greeted = 0
  #openBlockBytes = 0
  /** Largest id of a stream that came after our GOAWAY. */
  #passedOver = 0

  constructor(socket: Duplex, clock: Clock, limits: ServerConnectionLimits, handler: ServerConnectionHandler) {
    super(socket, clock, limits)
    this.#handler = handler
    this.#limits = limits
  }

  /** @param first what was read of the socket already. */
  begin(first?: Buffer): void {
    this.start(first)
  }

  protected override consume(chunk: Buffer, stop: number): void {
    if (this.#greeted === PREFACE.length) super.consume(chunk, stop)
    else this.#readPreface(chunk.subarray(0, stop))
  }

  #readPreface(chunk: Buffer): void {
    const count = Math.min(PREFACE.length - this.#greeted, chunk.length)
    if (PREFACE.compare(chunk, 0, count, this.#greeted, this.#greeted + count) !== 0) {
      this.#foreign(Buffer.concat([PREFACE.subarray(0, this.#greeted), chunk]))
      return
    }
    const recognized = this.#greeted >= TELLING
    this.#greeted += count
    if (!recognized && this.#greeted >= TELLING) this.#sayHello()
    if (count < chunk.length) super.consume(chunk.subarray(count), chunk.length - count)
  }

  /** Not before it is clear that the client speaks HTTP/2: others could not make sense of it. */
  #sayHello(): void {
    const { maxConcurrentStreams, streamWindow, maxHeaderListBytes } = this.#limits
    this.greet([
      [setting.maxConcurrentStreams, maxConcurrentStreams],
      [setting.initialWindowSize, streamWindow],
      [setting.maxHeaderListSize, maxHeaderListBytes],
    ])
  }

  /** @param speech all that has come. @throws {ConnectionError} for what there is no answer to. */
  #foreign(speech: Buffer): void {
    const answer = this.#greeted < TELLING ? this.#handler.onForeign?.(speech) : undefined
    if (answer === undefined) throw new ConnectionError('PROTOCOL_ERROR', 'this is no HTTP/2: the connection does not begin with its preface')
    this.dismiss(answer, 'this is HTTP/1, not HTTP/2')
  }

  protected isIdle(id: number): boolean {
    return id % 2 === 0 || id > Math.max(this.lastPeerStream, this.#passedOver)
  }

  protected override isPassedOver(id: number): boolean {
    return id > this.lastPeerStream
  }

  protected onNewStream(id: number, fields: Fields, end: boolean, tooLarge: boolean, blockBytes: number): void {
    if (id % 2 === 0) throw new ConnectionError('PROTOCOL_ERROR', `a client opened stream ${id}, which is even`)
    if (id <= this.lastPeerStream) {
      this.stray(id, 'HEADERS')
      return
    }
    // After GOAWAY streams with larger ids are passed over (RFC 9113, 6.8); the client makes them again elsewhere.
    if (this.state === 'draining') {
      this.spend('refusal')
      this.#passedOver = Math.max(this.#passedOver, id)
      return
    }
    this.lastPeerStream = id
    if (this.streams.size >= this.#limits.maxConcurrentStreams) {
      this.spend('refusal')
      this.recentlyReset.add(id)
      this.out.rstStream(id, 'REFUSED_STREAM')
      return
    }
    const stream = new Stream(id, this, ignored, this.peer.initialWindowSize, this.#limits.streamWindow)
    this.streams.set(id, stream)
    stream.blockBytes = blockBytes
    this.#openBlockBytes += blockBytes
    const { maxHeaderFields, maxHeaderListBytes, maxOpenBlockBytes } = this.#limits
    if (tooLarge) {
      stream.handler = this.#handler.onOversized(stream, `the headers are more than ${maxHeaderFields} or have more than ${maxHeaderListBytes} bytes`)
    } else if (this.#openBlockBytes > maxOpenBlockBytes) {
      stream.handler = this.#handler.onOversized(stream, `the headers of all calls on this connection have more than ${maxOpenBlockBytes} bytes`)
    } else {
      const head = readRequestHead(fields)
      if (typeof head === 'string') {
        stream.fail('PROTOCOL_ERROR', `a malformed request: ${head}`)
        return
      }
      if (head.contentLength !== -1) {
        if (end && head.contentLength > 0) {
          stream.fail('PROTOCOL_ERROR', 'a malformed request: no body, and content-length says that there is one')
          return
        }
        stream.contentLeft = head.contentLength
      }
      stream.handler = this.#handler.onRequest(this, stream, head, fields)
    }
    if (end && stream.state !== 'closed') stream.receivedEnd()
  }

  protected onStreamHeaders(stream: Stream, fields: Fields, end: boolean, tooLarge: boolean): void {
    const problem = !end ? 'a second header block that does not end the stream' : tooLarge ? 'trailers that are too long' : readTrailers(fields)
    if (problem !== undefined) {
      stream.fail('PROTOCOL_ERROR', problem)
      return
    }
    if (stream.contentLeft > 0) {
      stream.fail('PROTOCOL_ERROR', 'the body is shorter than content-length says')
      return
    }
    stream.receivedTrailers(fields)
  }

  protected onPeerSettings(): void {}

  /** The client will not take streams of ours, of which there are none; what it has open goes on. */
  protected onPeerGoaway(_lastStream: number, _code: ErrorCode): void {}

  protected override onStreamClosed(stream: Stream): void {
    this.#openBlockBytes -= stream.blockBytes
    this.#handler.onIdle(this)
  }

  protected onClosed(reason: string): void {
    this.#handler.onClosed(this, reason)
  }
}
