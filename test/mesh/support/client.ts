import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { messagesOf } from '../../support/filter/frames.ts'
import { within } from './deadline.ts'

/** How a call ended. */
export interface CallEnd {
  /** gRPC status; undefined when the stream was reset without one. */
  readonly status: number | undefined
  /** `grpc-message`, decoded. */
  readonly message: string
  readonly headers: IncomingHttpHeaders
  readonly messages: readonly Buffer[]
  /** HTTP/2 error code of the stream, 0 when it ended normally. */
  readonly reset: number
}

/** A call that is going on. */
export class ClientCall {
  readonly stream: ClientHttp2Stream
  readonly ended: Promise<CallEnd>
  #received: Buffer[] = []
  #length = 0
  #waiting: (() => void)[] = []

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream
    let headers: IncomingHttpHeaders = {}
    let trailers: IncomingHttpHeaders = {}
    stream.on('response', (given) => {
      headers = given
    })
    stream.on('trailers', (given) => {
      trailers = given
    })
    stream.on('data', (chunk: Buffer) => {
      this.#received.push(chunk)
      this.#length += chunk.length
      for (const wake of this.#waiting.splice(0)) wake()
    })
    stream.on('error', () => {})
    this.ended = new Promise((resolve) => {
      stream.once('close', () => {
        const status = trailers['grpc-status'] ?? headers['grpc-status']
        const message = String(trailers['grpc-message'] ?? headers['grpc-message'] ?? '')
        resolve({
          status: status === undefined ? undefined : Number(status),
          message: decodeURIComponent(message),
          headers,
          messages: status === '0' ? messagesOf(Buffer.concat(this.#received)) : [],
          reset: stream.rstCode ?? 0,
        })
      })
    })
  }

  /** Writes bytes, and waits until they are handed to the network. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      // A stream that was refused meanwhile swallows what is still written.
      if (this.stream.destroyed || this.stream.closed) resolve()
      else this.stream.write(bytes, () => resolve())
    })
  }

  end(): void {
    this.stream.end()
  }

  /** Response bytes so far, once there are at least `length`. */
  async received(length: number): Promise<Buffer> {
    while (this.#length < length) {
      await within(new Promise<void>((resolve) => this.#waiting.push(resolve)), `${length} bytes of the response`)
    }
    return Buffer.concat(this.#received)
  }
}

/** A gRPC client over one HTTP/2 connection, with hands on every byte. */
export class Client {
  readonly #session: ClientHttp2Session

  private constructor(session: ClientHttp2Session) {
    this.#session = session
    session.on('error', () => {})
  }

  static async connect(address: string): Promise<Client> {
    const session = connect(`http://${address}`, { settings: { initialWindowSize: 1 << 20 } })
    await once(session, 'connect')
    return new Client(session)
  }

  /** Begins a call; its request is whatever is written. */
  open(method: string, headers: OutgoingHttpHeaders = {}): ClientCall {
    const path = method.startsWith('/') ? method : `/apache.rocketmq.v2.MessagingService/${method}`
    const fixed = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', 'x-mq-client-id': 'client-1' }
    return new ClientCall(this.#session.request({ ...fixed, ...headers }))
  }

  /** A call whose request is `bytes`, prefix included, in one piece. */
  async call(method: string, bytes: Uint8Array, headers: OutgoingHttpHeaders = {}): Promise<CallEnd> {
    const call = this.open(method, headers)
    call.stream.end(bytes)
    return await within(call.ended, `the end of ${method}`)
  }

  async close(): Promise<void> {
    // One that Envoy took down has told its end already.
    if (this.#session.destroyed) return
    const closed = once(this.#session, 'close')
    this.#session.destroy()
    await closed
  }
}
