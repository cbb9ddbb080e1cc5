import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Inbox } from './harness.ts'

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, continuation: 9 } as const
export const END_STREAM = 0x1
const ACK = 0x1
const END_HEADERS = 0x4
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** An HTTP/2 client that sends exactly the frames it is told to, for what no well-behaved client does (RFC 9113). */
export class RawHttp2 {
  readonly socket: Socket
  readonly frames: Inbox<Frame> = new Inbox()
  readonly closed: Promise<unknown>
  #received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    this.closed = once(socket, 'close')
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#parse(chunk))
  }

  /** Connects and has the settings of both sides acknowledged. */
  static async open(host: string, port: number): Promise<RawHttp2> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    const raw = new RawHttp2(socket)
    socket.write(PREFACE)
    raw.frame(frameType.settings, 0, 0)
    await raw.find((frame) => frame.type === frameType.settings && (frame.flags & ACK) === 0)
    raw.frame(frameType.settings, ACK, 0)
    return raw
  }

  frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): void {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.byteLength, 0, 3)
    head.writeUInt8(type, 3)
    head.writeUInt8(flags, 4)
    head.writeUInt32BE(stream, 5)
    this.socket.write(Buffer.concat([head, payload]))
  }

  /** The head of a gRPC call. */
  call(stream: number, path: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
    const all: [string, string | Uint8Array][] = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ...Object.entries(headers),
    ]
    this.frame(frameType.headers, END_HEADERS, stream, Buffer.concat(all.map(([name, value]) => literal(name, value))))
  }

  /** A message in its gRPC frame. */
  message(stream: number, message: Uint8Array, flags = 0): void {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(message.byteLength, 1)
    this.frame(frameType.data, flags, stream, Buffer.concat([head, message]))
  }

  reset(stream: number, code: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(code)
    this.frame(frameType.reset, 0, stream, payload)
  }

  /** Resolves when the server has answered a PING, and so has read all that was sent before. */
  async barrier(): Promise<void> {
    this.frame(frameType.ping, 0, 0, Buffer.from('barrier!'))
    await this.find((frame) => frame.type === frameType.ping && (frame.flags & ACK) !== 0)
  }

  async find(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = await this.frames.next()
      if (wanted(frame)) return frame
    }
  }

  close(): void {
    this.socket.destroy()
  }

  #parse(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.byteLength >= 9) {
      const end = 9 + this.#received.readUIntBE(0, 3)
      if (this.#received.byteLength < end) return
      const [type, flags, stream] = [this.#received.readUInt8(3), this.#received.readUInt8(4), this.#received.readUInt32BE(5)]
      this.frames.put({ type, flags, stream, payload: this.#received.subarray(9, end) })
      this.#received = this.#received.subarray(end)
    }
  }
}

/** Literal header field without indexing, new name, no Huffman (RFC 7541, 6.2.2). Lengths below 127. */
function literal(name: string, value: string | Uint8Array): Buffer {
  const octets = Buffer.from(value)
  return Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(octets.byteLength), octets])
}
