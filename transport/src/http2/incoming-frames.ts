import { FrameReader, type FrameSink } from './frame-reader.ts'
import { HeaderBlock } from './header-block.ts'
import { ConnectionError, type ErrorCode, errorName, flag, frameType } from './protocol.ts'
import { SETTING_BYTES } from './settings.ts'

/** What frames mean, once they are well formed by themselves. False from {@link isClosed} on nothing more is told. */
export interface FrameHandler {
  readonly isClosed: boolean
  /** `counted`: the payload with its padding, as flow control counts it. */
  onDataFrame(id: number, bytes: Buffer, start: number, end: number, counted: number, ended: boolean): void
  onHeaderBlock(id: number, ended: boolean, bytes: Buffer, start: number, end: number): void
  /** `problem`: what is wrong with it, and with which code the stream is to be refused. */
  onPriority(id: number, problem: { readonly code: ErrorCode; readonly reason: string } | undefined): void
  onRstStream(id: number, code: ErrorCode): void
  /** Six bytes for each setting. */
  onSettings(bytes: Buffer, start: number, end: number): void
  onSettingsAck(): void
  onPing(bytes: Buffer, start: number, end: number): void
  onPingAck(bytes: Buffer, start: number, end: number): void
  onGoaway(lastStream: number, code: ErrorCode, debug: string): void
  onWindowUpdate(id: number, increment: number): void
  onUnknownFrame(): void
}

/** How much of a GOAWAY's debug data is looked at. */
const DEBUG_BYTES = 256

/** Reads frames of one connection and refuses what is malformed in itself: sizes, padding, streams, order (RFC 9113, 4 and 6). */
export class IncomingFrames implements FrameSink {
  readonly #handler: FrameHandler
  readonly #reader: FrameReader
  readonly #maxHeaderBytes: number
  #headers: HeaderBlock | undefined
  #greeted = false
  #completed = 0

  /** @param maxFrame our SETTINGS_MAX_FRAME_SIZE. @param maxHeaderBytes longest header block. */
  constructor(handler: FrameHandler, maxFrame: number, maxHeaderBytes: number) {
    this.#handler = handler
    this.#reader = new FrameReader(this, maxFrame)
    this.#maxHeaderBytes = maxHeaderBytes
  }

  /** @throws {ConnectionError} */
  push(chunk: Buffer, stop: number = chunk.length): void {
    this.#reader.push(chunk, stop)
  }

  /** The peer has said its settings. */
  get greeted(): boolean {
    return this.#greeted
  }

  /** What the peer has begun and not ended. */
  get unfinished(): 'a frame' | 'a header block' | undefined {
    if (this.#headers !== undefined) return 'a header block'
    return this.#reader.pending ? 'a frame' : undefined
  }

  /** How many things have become whole: frames, and header blocks as one thing each. */
  get completed(): number {
    return this.#completed
  }

  /** Bytes kept of what is not whole. */
  get kept(): number {
    return this.#reader.kept + (this.#headers?.bytes.length ?? 0)
  }

  /** Keeps nothing any more: nothing else will be read. */
  close(): void {
    this.#headers = undefined
    this.#reader.close()
  }

  onFrame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.#headers !== undefined && (type !== frameType.continuation || id !== this.#headers.stream)) {
      throw new ConnectionError('PROTOCOL_ERROR', 'a header block was interrupted by another frame')
    }
    if (!this.#greeted) {
      if (type !== frameType.settings || (flags & flag.ack) !== 0) throw new ConnectionError('PROTOCOL_ERROR', 'the first frame is no SETTINGS')
      this.#greeted = true
    }
    const handler = this.#handler
    switch (type) {
      case frameType.data:
        this.#data(flags, id, bytes, start, end)
        break
      case frameType.headers:
        this.#headersFrame(flags, id, bytes, start, end)
        break
      case frameType.priority:
        this.#priority(id, bytes, start, end)
        break
      case frameType.rstStream:
        onStream('RST_STREAM', id)
        sized('RST_STREAM', end - start, 4)
        handler.onRstStream(id, errorName(bytes.readUInt32BE(start)))
        break
      case frameType.settings:
        this.#settings(flags, id, bytes, start, end)
        break
      case frameType.pushPromise:
        throw new ConnectionError('PROTOCOL_ERROR', 'PUSH_PROMISE, which nobody here may send')
      case frameType.ping:
        onConnection('PING', id)
        sized('PING', end - start, 8)
        if ((flags & flag.ack) !== 0) handler.onPingAck(bytes, start, end)
        else handler.onPing(bytes, start, end)
        break
      case frameType.goaway:
        onConnection('GOAWAY', id)
        if (end - start < 8) throw new ConnectionError('FRAME_SIZE_ERROR', `GOAWAY of ${end - start} bytes`)
        handler.onGoaway(
          bytes.readUInt32BE(start) & 0x7fff_ffff,
          errorName(bytes.readUInt32BE(start + 4)),
          bytes.toString('latin1', start + 8, Math.min(end, start + 8 + DEBUG_BYTES)),
        )
        break
      case frameType.windowUpdate:
        sized('WINDOW_UPDATE', end - start, 4)
        handler.onWindowUpdate(id, bytes.readUInt32BE(start) & 0x7fff_ffff)
        break
      case frameType.continuation:
        this.#continuation(flags, bytes, start, end)
        break
      default:
        // Frames of a type that nobody knows are ignored (RFC 9113, 5.5).
        handler.onUnknownFrame()
    }
    if (this.#headers === undefined) this.#completed += 1
    return !handler.isClosed
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    onStream('DATA', id)
    const stop = unpadded(flags, bytes, start, end, 0)
    const from = (flags & flag.padded) === 0 ? start : start + 1
    this.#handler.onDataFrame(id, bytes, from, stop, end - start, (flags & flag.endStream) !== 0)
  }

  #headersFrame(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    onStream('HEADERS', id)
    const priority = (flags & flag.priority) !== 0
    const stop = unpadded(flags, bytes, start, end, priority ? 5 : 0)
    let from = (flags & flag.padded) === 0 ? start : start + 1
    if (priority) {
      if (stop - from < 5) throw new ConnectionError('FRAME_SIZE_ERROR', 'HEADERS without room for their priority')
      if ((bytes.readUInt32BE(from) & 0x7fff_ffff) === id) throw new ConnectionError('PROTOCOL_ERROR', `stream ${id} depends on itself`)
      from += 5
    }
    const ended = (flags & flag.endStream) !== 0
    if ((flags & flag.endHeaders) !== 0) {
      this.#handler.onHeaderBlock(id, ended, bytes, from, stop)
      return
    }
    this.#headers = new HeaderBlock(id, ended, this.#maxHeaderBytes)
    this.#headers.add(bytes, from, stop)
  }

  #continuation(flags: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#headers
    if (block === undefined) throw new ConnectionError('PROTOCOL_ERROR', 'CONTINUATION without HEADERS before it')
    block.add(bytes, start, end)
    if ((flags & flag.endHeaders) === 0) return
    this.#headers = undefined
    this.#handler.onHeaderBlock(block.stream, block.endStream, block.bytes, 0, block.bytes.length)
  }

  #priority(id: number, bytes: Buffer, start: number, end: number): void {
    onStream('PRIORITY', id)
    if (end - start !== 5) this.#handler.onPriority(id, { code: 'FRAME_SIZE_ERROR', reason: `PRIORITY of ${end - start} bytes` })
    else if ((bytes.readUInt32BE(start) & 0x7fff_ffff) === id)
      this.#handler.onPriority(id, { code: 'PROTOCOL_ERROR', reason: `stream ${id} depends on itself` })
    else this.#handler.onPriority(id, undefined)
  }

  #settings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    onConnection('SETTINGS', id)
    if ((flags & flag.ack) !== 0) {
      sized('SETTINGS with ACK', end - start, 0)
      this.#handler.onSettingsAck()
      return
    }
    if ((end - start) % SETTING_BYTES !== 0) throw new ConnectionError('FRAME_SIZE_ERROR', `SETTINGS of ${end - start} bytes`)
    this.#handler.onSettings(bytes, start, end)
  }
}

function onStream(what: string, id: number): void {
  if (id === 0) throw new ConnectionError('PROTOCOL_ERROR', `${what} without a stream`)
}

function onConnection(what: string, id: number): void {
  if (id !== 0) throw new ConnectionError('PROTOCOL_ERROR', `${what} on stream ${id}`)
}

function sized(what: string, length: number, right: number): void {
  if (length !== right) throw new ConnectionError('FRAME_SIZE_ERROR', `${what} of ${length} bytes`)
}

/** Where the payload ends without its padding (RFC 9113, 6.1). */
function unpadded(flags: number, bytes: Buffer, start: number, end: number, head: number): number {
  if ((flags & flag.padded) === 0) return end
  if (end - start < 1 + head) throw new ConnectionError('FRAME_SIZE_ERROR', 'a padded frame without room for its head')
  const stop = end - (bytes[start] as number)
  if (stop < start + 1 + head) throw new ConnectionError('PROTOCOL_ERROR', 'more padding than payload')
  return stop
}
