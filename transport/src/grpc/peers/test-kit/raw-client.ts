import { once } from 'node:events'
import * as http2 from 'node:http2'
import type { CallOptions, ClientCall, ClientCallHandler, MessageBytes, Method, RpcStatus } from '../../../contract.ts'
import { rpcCodes } from '../../../rpc-error.ts'
import type { ClientEnd } from './ends.ts'
import { grouped, RawHeaders } from './fields.ts'
import { framed, Unframing } from './framing.ts'

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM } = http2.constants

/** What a session of Node's is told about itself and us. */
export interface RawOptions {
  readonly settings: http2.Settings
  /** Pads frames with random lengths (RFC 9113, 6.1) as far as nghttp2 does. */
  readonly padded: boolean
  /** The window of the whole connection, bytes; Node's 64 KiB when undefined. */
  readonly connectionWindow: number | undefined
}

export const paddingOf = (padded: boolean): number => (padded ? http2.constants.PADDING_STRATEGY_MAX : http2.constants.PADDING_STRATEGY_NONE)

/** More than anybody here needs: Node would take 128 headers, and give up a session that holds 10 MB. */
export const generous = { maxHeaderListPairs: 2_000, maxSessionMemory: 1_000 } as const

/**
 * Breaks a stream off, outside of the callbacks of its session: within them Node 20 forgets a CANCEL, sends empty frames for ever where there was more to
 * send, or takes the process down where there were to be trailers.
 */
export function closeLater(stream: http2.Http2Stream, code: number): void {
  setImmediate(() => {
    if (!stream.closed) stream.close(code)
  })
}

/** A gRPC client on `node:http2`, which knows of gRPC only what a call needs. */
export class RawClient implements ClientEnd {
  readonly session: http2.ClientHttp2Session

  constructor(address: string, options: RawOptions, ca?: string) {
    this.session = http2.connect(address, {
      settings: options.settings,
      paddingStrategy: paddingOf(options.padded),
      ...generous,
      ...(ca === undefined ? {} : { ca }),
    } as http2.SecureClientSessionOptions)
    this.session.on('error', () => {})
    const { connectionWindow } = options
    if (connectionWindow !== undefined) this.session.once('connect', () => this.session.setLocalWindowSize(connectionWindow))
  }

  /** The server's limit of streams is to be known before the first call: Node does not wait for it. */
  async ready(): Promise<void> {
    await once(this.session, 'remoteSettings')
  }

  start(method: Method, handler: ClientCallHandler, options: CallOptions): ClientCall {
    const stream = this.session.request({
      ':method': 'POST',
      ':path': method.path,
      te: 'trailers',
      'content-type': 'application/grpc',
      ...grouped(options.headers ?? []),
    })
    return new RawClientCall(stream, handler)
  }

  close(): void {
    // Closing in peace would wait for streams of which Node does not know that they have closed.
    this.session.destroy()
  }
}

class RawClientCall implements ClientCall {
  readonly #stream: http2.ClientHttp2Stream
  readonly #handler: ClientCallHandler
  readonly #unframing: Unframing
  #trailers: RawHeaders | undefined
  #cancelled = false
  #bodyEnded = false
  #closed = false
  #told = false
  #pausedByCaller = false

  constructor(stream: http2.ClientHttp2Stream, handler: ClientCallHandler) {
    this.#stream = stream
    this.#handler = handler
    this.#unframing = new Unframing((message) => {
      if (!this.#cancelled) handler.onMessage(message)
    })
    stream.on('error', () => {})
    stream.on('drain', () => {
      if (!this.#cancelled) handler.onDrain?.()
    })
    stream.on('response', (_headers: unknown, flags: number, raw: string[]) => {
      if (this.#cancelled) return
      if ((flags & NGHTTP2_FLAG_END_STREAM) !== 0) this.#trailers = new RawHeaders(raw)
      else handler.onHeaders?.(new RawHeaders(raw))
      if (!this.#pausedByCaller) this.resume()
    })
    // Node hands out data that comes with the headers before it tells of them.
    this.#unframing.pause()
    stream.on('trailers', (_headers: unknown, _flags: number, raw: string[]) => {
      this.#trailers = new RawHeaders(raw)
      this.#check()
    })
    stream.on('data', (chunk: Buffer) => this.#unframing.push(chunk))
    stream.on('end', () => {
      this.#bodyEnded = true
      this.#check()
    })
    stream.on('close', () => {
      this.#closed = true
      this.#check()
    })
  }

  send(message: MessageBytes): boolean {
    if (this.#stream.writableEnded || this.#stream.destroyed) return true
    let more = true
    for (const bytes of framed(message)) more = this.#stream.write(bytes)
    return more
  }

  halfClose(): void {
    this.#stream.end()
  }

  cancel(): void {
    if (this.#told) return
    this.#cancelled = true
    this.#told = true
    closeLater(this.#stream, NGHTTP2_CANCEL)
    // Node does not always tell that such a stream has closed.
    queueMicrotask(() => this.#handler.onEnd({ code: 'CANCELLED', message: 'cancelled here' }, new RawHeaders([])))
  }

  pause(): void {
    this.#pausedByCaller = true
    this.#unframing.pause()
    this.#stream.pause()
  }

  resume(): void {
    this.#pausedByCaller = false
    this.#unframing.resume()
    if (this.#unframing.paused) return
    this.#stream.resume()
    this.#check()
  }

  #check(): void {
    // Node does not always tell that a stream has closed to which there was more to write.
    const complete = this.#bodyEnded && this.#trailers !== undefined
    if (this.#told || this.#unframing.waits || (!complete && !this.#closed)) return
    this.#told = true
    this.#handler.onEnd(this.#status(), this.#trailers ?? new RawHeaders([]))
  }

  #status(): RpcStatus {
    const code = this.#trailers?.get('grpc-status')
    if (code === undefined || !this.#bodyEnded || this.#unframing.left > 0) {
      return { code: 'UNKNOWN', message: `broken: RST_STREAM ${this.#stream.rstCode}, status ${code}, ${this.#unframing.left} bytes left` }
    }
    return { code: rpcCodes[Number(code)] ?? 'UNKNOWN', message: decodeURIComponent(this.#trailers?.get('grpc-message') ?? '') }
  }
}
