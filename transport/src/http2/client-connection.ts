import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import { Connection } from './connection.ts'
import type { ConnectionLimits } from './connection-limits.ts'
import { type ResponseHead, readResponseHead, readTrailers } from './field-rules.ts'
import { type ErrorCode, LAST_STREAM_ID, PREFACE, setting } from './protocol.ts'
import { type Fields, type FieldWriter, Stream, type StreamHandler } from './stream.ts'

export interface ClientConnectionHandler {
  /** The server has said its settings: calls may start, up to its limit. Also when it changes them. */
  onSettings(): void
  /** No new streams from now on: the server said GOAWAY, or the ids are used up. */
  onDraining(): void
  /** A stream has ended: there may be room for another. */
  onRoom(): void
  onClosed(reason: string): void
}

/** A client's end of a connection (RFC 9113, 3.4 and 5.1.1): it opens the odd streams. */
export class ClientConnection extends Connection {
  protected readonly role = 'client'
  readonly #handler: ClientConnectionHandler
  #next = 1
  #closing = false
  /** Fields that were fine last, as a head with what was read of it, and as trailers: responses that say the same have the same list. */
  #headFields: Fields | undefined
  #head: ResponseHead | undefined
  #trailers: Fields | undefined

  constructor(socket: Duplex, clock: Clock, limits: ConnectionLimits, handler: ClientConnectionHandler) {
    super(socket, clock, limits)
    this.#handler = handler
  }

  begin(): void {
    this.output.copy(PREFACE, 0, PREFACE.length)
    this.greet([
      [setting.enablePush, 0],
      [setting.initialWindowSize, this.limits.streamWindow],
      [setting.maxHeaderListSize, this.limits.maxHeaderListBytes],
    ])
    this.start()
  }

  /** May a stream be opened now? */
  get hasRoom(): boolean {
    return this.state === 'open' && this.#next <= LAST_STREAM_ID && this.streams.size < this.peer.maxConcurrentStreams
  }

  /** Opens a stream; {@link hasRoom} has to be true. */
  open(handler: StreamHandler, fields: FieldWriter): Stream {
    const id = this.#next
    this.#next += 2
    const stream = new Stream(id, this, handler, this.peer.initialWindowSize, this.limits.streamWindow)
    stream.awaitsHead = true
    this.streams.set(id, stream)
    stream.sendHeaders(fields)
    if (this.#next > LAST_STREAM_ID) this.#stopOpening()
    return stream
  }

  protected isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#next
  }

  protected onNewStream(id: number): void {
    this.stray(id, 'HEADERS')
  }

  protected onStreamHeaders(stream: Stream, fields: Fields, end: boolean, tooLarge: boolean): void {
    if (tooLarge) {
      stream.fail('ENHANCE_YOUR_CALM', `headers of more than ${this.limits.maxHeaderListBytes} bytes`)
      return
    }
    if (!stream.awaitsHead) {
      const short = stream.contentLeft > 0 ? 'the body is shorter than content-length says' : undefined
      const malformed = fields === this.#trailers ? undefined : readTrailers(fields)
      const problem = end ? (malformed ?? short) : 'a second header block that does not end the stream'
      if (problem !== undefined) {
        stream.fail('PROTOCOL_ERROR', problem)
        return
      }
      this.#trailers = fields
    } else {
      const head = fields === this.#headFields && this.#head !== undefined ? this.#head : readResponseHead(fields)
      if (typeof head === 'string') {
        stream.fail('PROTOCOL_ERROR', head)
        return
      }
      this.#headFields = fields
      this.#head = head
      // Interim responses come before the real one (RFC 9113, 8.1).
      if (head.status >= 100 && head.status < 200) {
        if (end) stream.fail('PROTOCOL_ERROR', 'an interim response that ends the stream')
        else this.spend('interim')
        return
      }
      if (end && head.contentLength > 0) {
        stream.fail('PROTOCOL_ERROR', 'no body, and content-length says that there is one')
        return
      }
      stream.contentLeft = head.contentLength
      stream.awaitsHead = false
    }
    if (end) stream.receivedTrailers(fields)
    else stream.handler.onHeaders(fields, false)
  }

  protected onPeerSettings(): void {
    this.#handler.onSettings()
  }

  protected onPeerGoaway(lastStream: number, code: ErrorCode, debug: string): void {
    // What is beyond was not looked at and may be made again (RFC 9113, 6.8).
    for (const stream of this.streams.values()) {
      if (stream.id > lastStream)
        stream.abandon('REFUSED_STREAM', `the server said GOAWAY before it looked at the call (${code}${debug === '' ? '' : `: ${debug}`})`)
    }
    this.#stopOpening()
  }

  #stopOpening(): void {
    if (this.#closing) return
    this.#closing = true
    this.becomeDraining()
    this.#handler.onDraining()
    if (this.streams.size === 0) this.close('the server is going away')
  }

  protected override onStreamClosed(): void {
    if (this.#closing && this.streams.size === 0) this.close('the server is going away')
    else this.#handler.onRoom()
  }

  protected onClosed(reason: string): void {
    this.#handler.onClosed(reason)
  }
}
