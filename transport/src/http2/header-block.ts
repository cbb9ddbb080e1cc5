import { ConnectionError } from './protocol.ts'

/** CONTINUATION frames of one block: more than anyone needs for what {@link HeaderBlock} accepts. */
const MOST_FRAMES = 32

/**
 * A header block that came in several frames, HEADERS and CONTINUATION, which belong together without anything between them (RFC 9113, 4.3 and 6.10).
 * Bounded in bytes and frames: until the block is whole nobody can say what it costs.
 */
export class HeaderBlock {
  readonly stream: number
  /** END_STREAM of the HEADERS frame. */
  readonly endStream: boolean
  readonly #maxBytes: number
  #bytes: Buffer
  #length = 0
  #frames = 0

  constructor(stream: number, endStream: boolean, maxBytes: number) {
    this.stream = stream
    this.endStream = endStream
    this.#maxBytes = maxBytes
    this.#bytes = Buffer.allocUnsafe(0)
  }

  /** @throws {ConnectionError} ENHANCE_YOUR_CALM */
  add(bytes: Buffer, start: number, end: number): void {
    this.#frames += 1
    const length = this.#length + end - start
    if (length > this.#maxBytes || this.#frames > MOST_FRAMES) {
      throw new ConnectionError('ENHANCE_YOUR_CALM', `a header block of more than ${this.#maxBytes} bytes or ${MOST_FRAMES} frames`)
    }
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#maxBytes, Math.max(length, this.#bytes.length * 2)))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    bytes.copy(this.#bytes, this.#length, start, end)
    this.#length = length
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}
