import type { Output } from './output.ts'
import { type ErrorCode, errorNumber, flag, frameType } from './protocol.ts'
import { SETTING_BYTES } from './settings.ts'

/** How much of a reason goes into GOAWAY. */
const DEBUG_BYTES = 200

/** Writes every kind of frame but DATA, which {@link ./sender.ts} does (RFC 9113, 6). */
export class FrameWriter {
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
  }

  /** A block that is longer than a frame goes on in CONTINUATION frames (RFC 9113, 6.10). */
  headers(id: number, block: Uint8Array, length: number, end: boolean, maxFrame: number): void {
    const output = this.#output
    const first = Math.min(length, maxFrame)
    output.frame(first, frameType.headers, (end ? flag.endStream : 0) | (first === length ? flag.endHeaders : 0), id)
    output.copy(block, 0, first)
    for (let at = first; at < length; at += maxFrame) {
      const stop = Math.min(length, at + maxFrame)
      output.frame(stop - at, frameType.continuation, stop === length ? flag.endHeaders : 0, id)
      output.copy(block, at, stop)
    }
  }

  rstStream(id: number, code: ErrorCode): void {
    this.#output.frame(4, frameType.rstStream, 0, id)
    this.#output.uint32(errorNumber(code))
  }

  settings(settings: readonly (readonly [id: number, value: number])[]): void {
    this.#output.frame(settings.length * SETTING_BYTES, frameType.settings, 0, 0)
    for (const [id, value] of settings) {
      this.#output.uint16(id)
      this.#output.uint32(value)
    }
  }

  settingsAck(): void {
    this.#output.frame(0, frameType.settings, flag.ack, 0)
  }

  ping(number: number): void {
    this.#output.frame(8, frameType.ping, 0, 0)
    this.#output.uint32(0)
    this.#output.uint32(number)
  }

  pingAck(bytes: Uint8Array, start: number, end: number): void {
    this.#output.frame(8, frameType.ping, flag.ack, 0)
    this.#output.copy(bytes, start, end)
  }

  goaway(lastStream: number, code: ErrorCode, debug: string): void {
    const text = Buffer.from(debug.slice(0, DEBUG_BYTES), 'latin1')
    this.#output.frame(8 + text.length, frameType.goaway, 0, 0)
    this.#output.uint32(lastStream)
    this.#output.uint32(errorNumber(code))
    this.#output.copy(text, 0, text.length)
  }

  windowUpdate(id: number, increment: number): void {
    this.#output.frame(4, frameType.windowUpdate, 0, id)
    this.#output.uint32(increment)
  }
}
