import type { MessageBytes } from '../contract.ts'
import type { Output } from './output.ts'
import { flag, frameType, INITIAL_MAX_FRAME, INITIAL_WINDOW, LARGEST_WINDOW } from './protocol.ts'
import { PREFIX, type Stream } from './stream.ts'

/** With so many bytes before the socket, DATA waits: what a peer does not read stays with whoever sends it. */
const PRESSURE = 512 * 1024
/** Longer frames are not sent, whatever the peer takes: they would hold up the other streams, and save next to nothing. */
const LARGEST_FRAME = 64 * 1024

/**
 * Sends DATA within what the peer's windows allow (RFC 9113, 5.2). What does not go at once waits in its stream; streams that wait take turns, one frame
 * each, so that a large message holds up nobody.
 */
export class Sender {
  readonly #output: Output
  /** The connection's window. */
  window: number = INITIAL_WINDOW
  #maxFrame: number = INITIAL_MAX_FRAME
  /** Bytes that wait, of all streams. */
  #queued = 0
  /** Streams that could send if the connection could, whose turn it is first. */
  readonly #line = new Set<Stream>()
  #pumping = false

  constructor(output: Output) {
    this.#output = output
  }

  get queued(): number {
    return this.#queued
  }

  /** Streams that wait for nothing but the connection. */
  get inLine(): number {
    return this.#line.size
  }

  /** Takes over the SETTINGS_MAX_FRAME_SIZE of the peer. */
  setMaxFrame(size: number): void {
    this.#maxFrame = Math.min(size, LARGEST_FRAME)
  }

  /** Whether so many bytes may go in one frame, now. */
  fits(stream: Stream, count: number): boolean {
    return this.#line.size === 0 && count <= this.#maxFrame && count <= this.window && count <= stream.sendWindow && this.#output.pressure < PRESSURE
  }

  /** One message in one frame, without detours. {@link fits} has to be true. */
  writeMessage(stream: Stream, message: MessageBytes, length: number): void {
    this.#beginMessage(stream, length)
    const output = this.#output
    if (message instanceof Uint8Array) output.payload(message, 0, message.length)
    else for (const part of message) output.payload(part, 0, part.length)
  }

  /** {@link writeMessage} of bytes that may be written into when it returns. */
  writeLent(stream: Stream, message: MessageBytes, length: number): void {
    this.#beginMessage(stream, length)
    const output = this.#output
    if (message instanceof Uint8Array) output.copy(message, 0, message.length)
    else for (const part of message) output.copy(part, 0, part.length)
  }

  #beginMessage(stream: Stream, length: number): void {
    const total = length + PREFIX
    this.window -= total
    stream.sendWindow -= total
    const output = this.#output
    output.frame(total, frameType.data, 0, stream.id)
    output.uint8(0)
    output.uint32(length)
  }

  /** END_STREAM: set on the stream's last frame while that is the last thing that was written, else on an empty one. */
  writeEnd(stream: Stream): void {
    if (!this.#output.amend(frameType.data, flag.endStream, stream.id)) this.#output.frame(0, frameType.data, flag.endStream, stream.id)
  }

  /** `count` more bytes wait in the stream. */
  enqueue(stream: Stream, count: number): void {
    stream.queued += count
    this.#queued += count
    this.enlist(stream)
    // Whether that is too much is looked at when it is flushed, also if nothing can be.
    this.#output.schedule()
  }

  /** The stream may have got something to send, or room to send it. */
  enlist(stream: Stream): void {
    if (stream.queued > 0 && stream.sendWindow > 0) this.#line.add(stream)
    this.pump()
  }

  /** The stream is over: what it has waits no more. */
  forget(stream: Stream): void {
    // Who has nothing is not in the line.
    if (stream.queued === 0) return
    this.#queued -= stream.queued
    stream.queued = 0
    this.#line.delete(stream)
  }

  /** @returns false when the window becomes larger than a window may be (RFC 9113, 6.9.1). */
  widen(increment: number): boolean {
    this.window += increment
    if (this.window > LARGEST_WINDOW) return false
    this.pump()
    return true
  }

  /** The peer has changed the initial size of windows, which holds for streams that are open, too (RFC 9113, 6.9.2). @returns as {@link widen}. */
  widenAll(streams: Iterable<Stream>, delta: number): boolean {
    if (delta === 0) return true
    for (const stream of streams) {
      stream.sendWindow += delta
      if (stream.sendWindow > LARGEST_WINDOW) return false
      if (stream.queued > 0 && stream.sendWindow > 0) this.#line.add(stream)
    }
    this.pump()
    return true
  }

  /** Sends until a window is used up, the socket has enough, or nothing waits. */
  pump(): void {
    if (this.#pumping || this.#line.size === 0) return
    this.#pumping = true
    for (const stream of this.#line) {
      if (this.window <= 0 || this.#output.pressure >= PRESSURE) break
      // It goes to the end of the line, or leaves it.
      this.#line.delete(stream)
      const count = Math.min(stream.queued, stream.sendWindow, this.window, this.#maxFrame)
      if (count <= 0) continue
      this.#writeFrame(stream, count)
      if (stream.queued > 0 && stream.sendWindow > 0) this.#line.add(stream)
      stream.progressed()
    }
    this.#pumping = false
  }

  #writeFrame(stream: Stream, count: number): void {
    this.window -= count
    stream.sendWindow -= count
    stream.queued -= count
    this.#queued -= count
    const output = this.#output
    output.frame(count, frameType.data, 0, stream.id)
    stream.takeBytes(count, (bytes, start, end) => output.payload(bytes, start, end))
  }
}
