import type { MessageBytes } from '../contract.ts'
import type { Output } from './output.ts'
import { flag, frameType, INITIAL_WINDOW, LARGEST_WINDOW } from './protocol.ts'
import { PREFIX, type Stream } from './stream.ts'

/** With so many bytes before the socket, DATA waits: what a peer does not read stays with whoever sends it. */
const PRESSURE = 512 * 1024

/**
 * Sends DATA within what the peer's windows allow (RFC 9113, 5.2). What does not go at once waits in its stream; streams that wait take turns, one frame
 * each, so that a large message holds up nobody.
 */
export class Sender {
  readonly #output: Output
  /** The connection's window. */
  window: number = INITIAL_WINDOW
  maxFrame: number
  #line: Stream[] = []
  #pumping = false

  constructor(output: Output, maxFrame: number) {
    this.#output = output
    this.maxFrame = maxFrame
  }

  /** Whether so many bytes may go in one frame, now. */
  fits(stream: Stream, count: number): boolean {
    return this.#line.length === 0 && count <= this.maxFrame && count <= this.window && count <= stream.sendWindow && this.#output.pressure < PRESSURE
  }

  /** One message in one frame, without detours. {@link fits} has to be true. */
  writeMessage(stream: Stream, message: MessageBytes, length: number): void {
    const total = length + PREFIX
    this.window -= total
    stream.sendWindow -= total
    const output = this.#output
    output.frame(total, frameType.data, 0, stream.id)
    output.uint8(0)
    output.uint32(length)
    if (message instanceof Uint8Array) output.payload(message, 0, message.length)
    else for (const part of message) output.payload(part, 0, part.length)
  }

  /** END_STREAM: set on the stream's last frame while that is the last thing that was written, else on an empty one. */
  writeEnd(stream: Stream): void {
    if (!this.#output.amend(frameType.data, flag.endStream, stream.id)) this.#output.frame(0, frameType.data, flag.endStream, stream.id)
  }

  enlist(stream: Stream): void {
    if (!stream.listed && stream.queued > 0 && stream.sendWindow > 0) {
      stream.listed = true
      this.#line.push(stream)
    }
    this.pump()
  }

  /** @returns false when the window becomes larger than a window may be (RFC 9113, 6.9.1). */
  widen(increment: number): boolean {
    this.window += increment
    if (this.window > LARGEST_WINDOW) return false
    this.pump()
    return true
  }

  /** Sends until a window is used up, the socket has enough, or nothing waits. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#line.length > 0 && this.window > 0 && this.#output.pressure < PRESSURE) {
      const stream = this.#line.shift() as Stream
      const count = Math.min(stream.queued, stream.sendWindow, this.window, this.maxFrame)
      if (count <= 0) {
        stream.listed = false
        continue
      }
      this.#writeFrame(stream, count)
      if (stream.queued > 0 && stream.sendWindow > 0) this.#line.push(stream)
      else stream.listed = false
      stream.progressed()
    }
    this.#pumping = false
  }

  #writeFrame(stream: Stream, count: number): void {
    this.window -= count
    stream.sendWindow -= count
    const output = this.#output
    output.frame(count, frameType.data, 0, stream.id)
    stream.takeBytes(count, (bytes, start, end) => output.payload(bytes, start, end))
  }
}
