// Replies that Envoy makes itself (http/utility.cc, prepareLocalReply): for a gRPC request a response that consists of trailers
// only, for any other a small page.
import type { Answer } from './context.ts'
import { HeaderMap } from './header-map.ts'

/** An answer that came from the proxy instead of from upstream. */
export interface LocalReply {
  /** What was asked for. A gRPC client sees 200 instead. */
  readonly httpStatus: number
  /** What a gRPC client sees; undefined for other clients. */
  readonly grpcStatus: number | undefined
  /** `%RESPONSE_CODE_DETAILS%` of access logs. */
  readonly details: string
  /** For a gRPC client it stands in `grpc-message`. */
  readonly body: Buffer
  /**
   * - `filters`: through the filter's own response callbacks.
   * - `direct`: past them, because a response had come but was still held.
   * - `reset`: the response had begun, so the client gets a reset and nothing of this.
   */
  readonly way: 'filters' | 'direct' | 'reset'
}

/** Whether Envoy takes a request for gRPC (Grpc::Common::hasGrpcContentType). */
export function isGrpc(headers: HeaderMap | undefined): boolean {
  return /^application\/grpc(?:$|\+)/.test(headers?.get('content-type') ?? '')
}

const grpcStatusByHttp: Readonly<Record<number, number>> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 }
const unknownStatus = 2

/** A `grpc-status` among the headers that the filter adds comes before the one that it names. */
export function grpcStatusOf({ grpcStatus, httpStatus, headers }: Answer): number {
  return Number(headers.get('grpc-status') ?? grpcStatus ?? grpcStatusByHttp[httpStatus] ?? unknownStatus)
}

/** Bytes outside of printable ASCII, and the percent sign itself. */
function percentEncoded(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^ -$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** The response headers, and the body where there is one. */
export function replyMessage(answer: Answer, grpc: boolean): { readonly headers: HeaderMap; readonly body: Buffer | undefined } {
  const { body } = answer
  const headers = new HeaderMap([[':status', grpc ? '200' : String(answer.httpStatus)]])
  for (const [name, value] of answer.headers.toList()) headers.add(name, value)
  if (grpc) {
    headers.set('content-type', 'application/grpc')
    headers.set('grpc-status', String(grpcStatusOf(answer)))
    if (body.length > 0) headers.set('grpc-message', percentEncoded(body))
  } else if (body.length > 0) {
    headers.set('content-length', String(body.length))
    if (headers.get('content-type') === undefined) headers.add('content-type', 'text/plain')
  }
  return { headers, body: grpc || body.length === 0 ? undefined : body }
}
