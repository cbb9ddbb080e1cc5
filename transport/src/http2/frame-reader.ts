import { ConnectionError, FRAME_HEAD } from './protocol.ts'

/** Takes frames as they come. `bytes` is borrowed until the call returns; the payload lies from `start` to `end`. */
export interface FrameSink {
  /** False: the connection is over, what follows is not looked at. */
  onFrame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): boolean
}

/**
 * Cuts a stream of bytes into frames (RFC 9113, 4.1). A frame that lies whole in a chunk is handed out in place; one that does not is put together in a
 * buffer of its own size, which is given up as soon as it is whole, so that an idle connection keeps nothing.
 */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #maxFrame: number
  /** The beginning of a frame: at first its head, then all of it. */
  #partial: Buffer | undefined
  #have = 0

  /** @param maxFrame Longest payload, our SETTINGS_MAX_FRAME_SIZE. */
  constructor(sink: FrameSink, maxFrame: number) {
    this.#sink = sink
    this.#maxFrame = maxFrame
  }

  /** True while a frame has begun and is not complete. */
  get pending(): boolean {
    return this.#have > 0
  }

  /** Bytes set aside for it. */
  get kept(): number {
    return this.#partial?.length ?? 0
  }

  close(): void {
    this.#partial = undefined
    this.#have = 0
  }

  /** Reads `chunk` up to `stop`. @throws {ConnectionError} FRAME_SIZE_ERROR before anything of a frame that is too long is kept. */
  push(chunk: Buffer, stop: number = chunk.length): void {
    let at = this.#partial === undefined ? 0 : this.#complete(this.#partial, chunk, stop)
    while (at !== -1 && stop - at >= FRAME_HEAD) {
      const end = at + FRAME_HEAD + this.#lengthAt(chunk, at)
      if (end > stop) break
      if (!this.#hand(chunk, at, end)) return
      at = end
    }
    if (at !== -1 && at < stop) this.#keep(chunk, at, stop)
  }

  /** Goes on with a frame that began in an earlier chunk; answers where the next one begins, -1 when there is nothing more to read. */
  #complete(partial: Buffer, chunk: Buffer, stop: number): number {
    let bytes = partial
    let at = 0
    if (this.#have < FRAME_HEAD) {
      at = Math.min(FRAME_HEAD - this.#have, stop)
      chunk.copy(bytes, this.#have, 0, at)
      this.#have += at
      if (this.#have < FRAME_HEAD) return -1
      bytes = this.#grown(bytes)
    }
    const more = Math.min(bytes.length - this.#have, stop - at)
    chunk.copy(bytes, this.#have, at, at + more)
    this.#have += more
    if (this.#have < bytes.length) return -1
    this.#partial = undefined
    this.#have = 0
    return this.#hand(bytes, 0, bytes.length) ? at + more : -1
  }

  #keep(chunk: Buffer, at: number, stop: number): void {
    const rest = stop - at
    const size = rest < FRAME_HEAD ? FRAME_HEAD : FRAME_HEAD + this.#lengthAt(chunk, at)
    this.#partial = Buffer.allocUnsafeSlow(size)
    chunk.copy(this.#partial, 0, at, stop)
    this.#have = rest
  }

  #grown(head: Buffer): Buffer {
    const whole = Buffer.allocUnsafeSlow(FRAME_HEAD + this.#lengthAt(head, 0))
    head.copy(whole, 0, 0, FRAME_HEAD)
    this.#partial = whole
    return whole
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
    if (length > this.#maxFrame) throw new ConnectionError('FRAME_SIZE_ERROR', `a frame of ${length} bytes; ${this.#maxFrame} are accepted`)
    return length
  }

  #hand(bytes: Buffer, at: number, end: number): boolean {
    const stream =
      ((bytes[at + 5] as number) & 0x7f) * 2 ** 24 +
      (((bytes[at + 6] as number) << 16) | ((bytes[at + 7] as number) << 8) | (bytes[at + 8] as number))
    return this.#sink.onFrame(bytes[at + 3] as number, bytes[at + 4] as number, stream, bytes, at + FRAME_HEAD, end)
  }
}
