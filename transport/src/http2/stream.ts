import type { MessageBytes } from '../contract.ts'
import { copyOf } from '../message-bytes.ts'
import type { MessageRoom } from './message-room.ts'
import type { ErrorCode } from './protocol.ts'
import { ReceiveWindow } from './receive-window.ts'
import type { Sender } from './sender.ts'
import { maySend, nextState, refusalOf, type StreamEvent, type StreamState } from './stream-state.ts'

/** Names and values in turn, one character per octet. */
export type Fields = readonly string[]

/** Who sits on top of a stream. Nothing is called any more once {@link onReset} was, or both sides have ended. */
export interface StreamHandler {
  /** Response headers at a client, more than once when there are interim ones; trailers at either end, with `end`. */
  onHeaders(fields: Fields, end: boolean): void
  /**
   * The bytes are borrowed. Whoever is done with them calls {@link Stream.release}, else the peer has to stop at some point. `last`: the frame has
   * END_STREAM, and {@link onEnd} follows at once, while the bytes are still good.
   */
  onData(bytes: Buffer, start: number, end: number, last: boolean): void
  /** The peer has said all it has to say. Follows trailers as well, also when {@link onHeaders} has broken the stream off. */
  onEnd(): void
  /** The stream was broken off, by the peer, by an error of the peer, or with its connection. */
  onReset(code: ErrorCode, reason: string, byPeer: boolean): void
  /** What was queued has gone out; more is welcome. */
  onDrain(): void
}

/** What a stream asks of its connection. */
export interface StreamOwner {
  readonly sender: Sender
  readonly room: MessageRoom
  writeHeaders(stream: Stream, fields: FieldWriter, end: boolean): void
  writeReset(stream: Stream, code: ErrorCode): void
  writeWindowUpdate(id: number, increment: number): void
  /** Bytes of a stream that are out of the way, as the whole connection's window counts them. */
  release(count: number): void
  closed(stream: Stream): void
  /** A stream was reset for what the peer did. @throws {ConnectionError} when that happens too often. */
  onFault(code: ErrorCode, reason: string): void
}

/** Writes the fields of one header block, when its turn on the wire has come: compression depends on the order. */
export type FieldWriter = (encoder: FieldSink) => void

export type PreparedFields = readonly (readonly [name: string, value: string])[]

export type Indexing = 'index' | 'plain' | 'never'

export interface FieldSink {
  /** `index`: the peer remembers it, and the next time it costs one byte; for what comes again. */
  field(name: string, value: string, indexing: Indexing): void
  /** Fields that are the same from call to call, as if each was given with `index`. What they are on the wire is remembered by the list. */
  fields(prepared: PreparedFields): void
}

/** From here on a writer is told to wait. */
const HIGH_WATER = 64 * 1024
/** Below here it may go on. */
const LOW_WATER = HIGH_WATER / 2
/** A length-prefixed message's prefix (gRPC over HTTP/2, Length-Prefixed-Message). */
export const PREFIX = 5

/** One stream of a connection: its state, both flow-control windows, and what waits to be sent. */
export class Stream {
  readonly id: number
  readonly #owner: StreamOwner
  handler: StreamHandler
  #state: StreamState = 'open'
  readonly #window: ReceiveWindow
  /** Bytes that arrived and were not released. */
  #held = 0
  /** What the peer lets us send; below zero when it made its window smaller meanwhile (RFC 9113, 6.9.2). */
  sendWindow: number
  /** Bytes that wait, as the sender counts them. */
  queued = 0
  #parts: Uint8Array[] | undefined
  /** Offset within the first part. */
  #at = 0
  #choked = false
  /** Set when the end has to wait for what is queued: with trailers, or without. */
  #ending: { readonly trailers: FieldWriter | undefined; readonly stopPeer: boolean } | undefined
  /** Bytes that `content-length` promised and that have not come; -1 when nothing was promised (RFC 9113, 8.1.1). */
  contentLeft = -1
  /** Bytes of the request's header block, at a server. */
  blockBytes = 0
  /** Response headers have gone out. */
  headed = false
  /** Response headers have to come before anything else. */
  awaitsHead = false

  constructor(id: number, owner: StreamOwner, handler: StreamHandler, sendWindow: number, receiveWindow: number) {
    this.id = id
    this.#owner = owner
    this.handler = handler
    this.sendWindow = sendWindow
    this.#window = new ReceiveWindow(receiveWindow)
  }

  get state(): StreamState {
    return this.#state
  }

  // ── out ──

  sendHeaders(fields: FieldWriter, end = false): void {
    if (!maySend(this.#state)) return
    this.#owner.writeHeaders(this, fields, end)
    if (end) this.#happened('send end')
  }

  /** Queues a length-prefixed message. False: wait for {@link StreamHandler.onDrain}. */
  sendMessage(message: MessageBytes, length: number): boolean {
    if (!maySend(this.#state) || this.#ending !== undefined) return true
    const { sender } = this.#owner
    if (this.queued === 0 && sender.fits(this, length + PREFIX)) {
      sender.writeMessage(this, message, length)
      return true
    }
    const prefix = Buffer.allocUnsafe(PREFIX)
    prefix[0] = 0
    prefix.writeUInt32BE(length, 1)
    this.#parts ??= []
    this.#parts.push(prefix)
    if (message instanceof Uint8Array) this.#parts.push(message)
    else this.#parts.push(...message)
    return this.#queue(length + PREFIX)
  }

  /** {@link sendMessage} of bytes that may be written into when it returns. */
  sendLent(message: MessageBytes, length: number): boolean {
    const { sender } = this.#owner
    if (!maySend(this.#state) || this.#ending !== undefined || this.queued > 0 || !sender.fits(this, length + PREFIX)) {
      return this.sendMessage(copyOf(message), length)
    }
    sender.writeLent(this, message, length)
    return true
  }

  /** Queues bytes as they are. */
  sendBytes(bytes: Uint8Array): boolean {
    if (!maySend(this.#state) || this.#ending !== undefined) return true
    this.#parts ??= []
    this.#parts.push(bytes)
    return this.#queue(bytes.length)
  }

  #queue(count: number): boolean {
    this.#owner.sender.enqueue(this, count)
    if (this.queued >= HIGH_WATER) this.#choked = true
    return !this.#choked
  }

  /**
   * Ends our side after what is queued, with trailers if given.
   *
   * @param stopPeer a peer that still sends is told that nobody wants it any more (RFC 9113, 8.1: RST_STREAM with NO_ERROR).
   */
  end(trailers?: FieldWriter, stopPeer = false): void {
    if (!maySend(this.#state) || this.#ending !== undefined) return
    if (this.queued === 0) this.#finish(trailers, stopPeer)
    else this.#ending = { trailers, stopPeer }
  }

  #finish(trailers: FieldWriter | undefined, stopPeer: boolean): void {
    if (trailers !== undefined) this.#owner.writeHeaders(this, trailers, true)
    else this.#owner.sender.writeEnd(this)
    this.#happened('send end')
    if (stopPeer) this.reset('NO_ERROR')
  }

  /** The sender takes the next bytes, which are handed to `write` piece by piece; the frame's head is written already. */
  takeBytes(count: number, write: (bytes: Uint8Array, start: number, end: number) => void): void {
    const parts = this.#parts ?? []
    let left = count
    let taken = 0
    while (left > 0) {
      const part = parts[taken] as Uint8Array
      const end = Math.min(part.length, this.#at + left)
      write(part, this.#at, end)
      left -= end - this.#at
      this.#at = end
      if (end === part.length) {
        taken += 1
        this.#at = 0
      }
    }
    if (taken === parts.length) this.#parts = undefined
    else if (taken > 0) parts.splice(0, taken)
  }

  /** The sender has written something of this stream. */
  progressed(): void {
    const ending = this.#ending
    if (this.queued === 0 && ending !== undefined && maySend(this.#state)) this.#finish(ending.trailers, ending.stopPeer)
    if (!this.#choked || this.queued >= LOW_WATER) return
    this.#choked = false
    if (this.#ending === undefined && maySend(this.#state)) this.handler.onDrain()
  }

  /** Breaks the stream off from our side; the handler is not told. */
  reset(code: ErrorCode): void {
    if (this.#state === 'closed') return
    this.#owner.writeReset(this, code)
    this.#happened('send reset')
  }

  // ── in ──

  /** A DATA frame; `counted`: with its padding. */
  receivedData(bytes: Buffer, start: number, end: number, counted: number, ended: boolean): void {
    this.#held += counted
    const inWindow = this.#window.arrive(counted)
    const refusal = refusalOf(this.#state)
    if (refusal !== undefined) this.fail(refusal, 'DATA after the end of the stream')
    else if (this.awaitsHead) this.fail('PROTOCOL_ERROR', 'DATA before the headers')
    else if (!inWindow) this.fail('FLOW_CONTROL_ERROR', "more DATA than the stream's window")
    else if (!this.#countContent(end - start, ended)) this.fail('PROTOCOL_ERROR', 'the body has another length than content-length says')
    else {
      if (counted > end - start) this.release(counted - (end - start))
      if (end > start) this.handler.onData(bytes, start, end, ended)
      if (ended && refusalOf(this.#state) === undefined) this.receivedEnd()
    }
  }

  /**
   * `count` bytes that arrived are out of the way.
   *
   * @param kept so many of them have only been put elsewhere: the connection gets them back, the stream not yet.
   */
  release(count: number, kept = 0): void {
    const released = Math.min(count, this.#held)
    if (released > 0) {
      this.#held -= released
      this.#owner.release(released)
    }
    if (released > kept) this.#giveBack(this.#window.release(released - kept))
  }

  /** `kept` bytes are out of the way after all, and so many more may come than the window allows. */
  grant(kept: number, more: number): void {
    this.#window.grant(more)
    this.#giveBack(this.#window.release(kept) + more)
  }

  #giveBack(due: number): void {
    if (due > 0 && refusalOf(this.#state) === undefined) this.#owner.writeWindowUpdate(this.id, due)
  }

  /** For messages that are not whole, of all streams of the connection. */
  get room(): MessageRoom {
    return this.#owner.room
  }

  /** Holds the body to `content-length`, where there was one (RFC 9113, 8.1.1). */
  #countContent(count: number, ended: boolean): boolean {
    if (this.contentLeft === -1) return true
    this.contentLeft -= count
    return this.contentLeft >= 0 && (!ended || this.contentLeft === 0)
  }

  /** Trailers, or a head without a body: the end of the peer's side, which counts before anybody is told. */
  receivedTrailers(fields: Fields): void {
    this.#happened('receive end')
    this.handler.onHeaders(fields, true)
    this.handler.onEnd()
  }

  receivedEnd(): void {
    this.#happened('receive end')
    this.handler.onEnd()
  }

  receivedReset(code: ErrorCode): void {
    this.#happened('receive reset')
    this.handler.onReset(code, 'the peer reset the stream', true)
  }

  /** The peer broke a rule that concerns this stream alone. @throws {ConnectionError} when it does so too often. */
  fail(code: ErrorCode, reason: string): void {
    if (this.#state === 'closed') return
    this.reset(code)
    this.handler.onReset(code, reason, false)
    this.#owner.onFault(code, reason)
  }

  /** The connection is gone. */
  abandon(code: ErrorCode, reason: string): void {
    if (this.#state === 'closed') return
    this.#happened('receive reset')
    this.handler.onReset(code, reason, false)
  }

  #happened(event: StreamEvent): void {
    if (this.#state === 'closed') return
    this.#state = nextState(this.#state, event)
    if (this.#state !== 'closed') return
    this.#parts = undefined
    this.#owner.sender.forget(this)
    if (this.#held > 0) this.#owner.release(this.#held)
    this.#held = 0
    this.#owner.closed(this)
  }
}
