import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { FrameReader } from '../../http2/frame-reader.ts'
import { flag, frameType, LARGEST_MAX_FRAME, PREFACE } from '../../http2/protocol.ts'
import { BlockReader, type Frame, frame, headers, message, ping, settingsAck, settingsFrame } from '../../http2/test-kit/frames.ts'
import { Inbox } from '../../testing/conformance/harness.ts'

/** A request that has come in. */
export interface RawCall {
  readonly id: number
  readonly fields: Readonly<Record<string, string>>
}

/** A connection of a {@link RawServer}: it says what the test says, and nothing else. */
export class RawConnection {
  readonly socket: Socket
  readonly frames: Inbox<Frame> = new Inbox()
  readonly calls: Inbox<RawCall> = new Inbox()
  readonly pings: Inbox<Frame> = new Inbox()
  readonly closed: Promise<void>
  readonly #blocks = new BlockReader()

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => {})
    let head = 0
    const reader = new FrameReader({ onFrame: (...parts) => this.#onFrame(...parts) }, LARGEST_MAX_FRAME)
    socket.on('data', (chunk: Buffer) => {
      const skipped = Math.min(PREFACE.length - head, chunk.length)
      head += skipped
      reader.push(chunk.subarray(skipped))
    })
  }

  #onFrame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    const received = { type, flags, id, payload: Buffer.from(bytes.subarray(start, end)) }
    if (type === frameType.headers) this.calls.put({ id, fields: this.#blocks.read(received) })
    if (type === frameType.ping && (flags & flag.ack) === 0) this.pings.put(received)
    this.frames.put(received)
    return true
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** Says its settings, as a server does before anything else. */
  greet(settings: readonly (readonly [id: number, value: number])[] = []): void {
    this.send(settingsFrame(settings), settingsAck())
  }

  /** Ends a call with OK and one message. */
  answer(id: number, body = 'answer'): void {
    this.send(
      headers(id, [
        [':status', '200'],
        ['content-type', 'application/grpc'],
      ]),
      frame(frameType.data, 0, id, message(Buffer.from(body))),
      headers(id, [['grpc-status', '0']], { end: true }),
    )
  }

  pong({ payload }: Frame): void {
    this.send(ping(flag.ack, payload))
  }

  /** Messages of a call that have come whole, one frame each. */
  bodyOf(id: number): string {
    const parts = this.frames.all.filter((one) => one.type === frameType.data && one.id === id).map(({ payload }) => payload)
    return Buffer.concat(parts).subarray(5).toString()
  }
}

/** A port that accepts connections, for what no well-behaved server does. */
export class RawServer {
  readonly connections: Inbox<RawConnection> = new Inbox()
  readonly #server: Server
  readonly #onConnection: (connection: RawConnection) => void

  private constructor(onConnection: (connection: RawConnection) => void) {
    this.#onConnection = onConnection
    this.#server = createServer({ noDelay: true }, (socket) => {
      const connection = new RawConnection(socket)
      this.#onConnection(connection)
      this.connections.put(connection)
    })
  }

  /** @param onConnection what is done about every connection, at once. */
  static async listen(onConnection: (connection: RawConnection) => void = () => {}, port = 0): Promise<RawServer> {
    const server = new RawServer(onConnection)
    server.#server.listen(port, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  async close(): Promise<void> {
    for (const { socket } of this.connections.all) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
