import type { HeaderReader } from '../contract.ts'
import type { RequestHead } from '../http2/field-rules.ts'
import type { Stream, StreamHandler } from '../http2/stream.ts'

const text = (what: string): Buffer => Buffer.from(`${what}. This port speaks gRPC: POST with content-type application/grpc, over HTTP/2.\n`)

/**
 * What a request gets that is no gRPC (gRPC over HTTP/2, Requests: 415 for another content-type): a status of HTTP and a sentence. Undefined for gRPC.
 */
export function refuseHttp(head: RequestHead, headers: HeaderReader): ((stream: Stream) => StreamHandler) | undefined {
  const contentType = headers.get('content-type') ?? ''
  if (head.method === 'POST' && (contentType === 'application/grpc' || /^application\/grpc[+;]/.test(contentType))) return undefined
  const problem =
    head.method === 'POST'
      ? `The content-type "${contentType.slice(0, 100)}" is not application/grpc`
      : `The method ${head.method.slice(0, 20)} is not POST`
  return (stream) => new PlainAnswer(stream, head.method === 'HEAD' ? undefined : text(problem))
}

/** What a request of HTTP/1 begins with (RFC 9110, 9; RFC 5789). Who begins otherwise may not understand the answer. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT'].map((method) => `${method} `)

/** What a client gets that speaks HTTP/1 (RFC 9110, 15.6.6), a browser or a probe; undefined for other speeches. */
export function refuseHttp1(speech: Buffer, status = '505 HTTP Version Not Supported', what = 'This is HTTP/1'): Buffer | undefined {
  const line = speech.toString('latin1', 0, 30)
  // Or with what has come of it.
  if (line === '' || !methods.some((method) => line.startsWith(method) || method.startsWith(line))) return undefined
  const body = text(what)
  const head = [`HTTP/1.1 ${status}`, 'Content-Type: text/plain; charset=utf-8', `Content-Length: ${body.length}`, 'Connection: close', '', ''].join(
    '\r\n',
  )
  return Buffer.concat([Buffer.from(head), line.startsWith('HEAD ') ? Buffer.alloc(0) : body])
}

/** Answers once the request is whole, and takes no notice of its body. */
class PlainAnswer implements StreamHandler {
  readonly #stream: Stream
  readonly #body: Buffer | undefined

  constructor(stream: Stream, body: Buffer | undefined) {
    this.#stream = stream
    this.#body = body
  }

  onHeaders(): void {}

  onData(_bytes: Buffer, start: number, end: number): void {
    this.#stream.release(end - start)
  }

  onEnd(): void {
    const body = this.#body
    this.#stream.sendHeaders((sink) => {
      sink.field(':status', '415', 'plain')
      sink.field('content-type', 'text/plain; charset=utf-8', 'plain')
      if (body !== undefined) sink.field('content-length', String(body.length), 'plain')
    }, body === undefined)
    if (body === undefined) return
    this.#stream.sendBytes(body)
    this.#stream.end()
  }

  onReset(): void {}

  onDrain(): void {}
}
