import type { RpcCode, RpcStatus } from '../contract.ts'
import type { ErrorCode } from '../http2/protocol.ts'
import type { FieldSink, PreparedFields } from '../http2/stream.ts'
import { rpcCodeName, rpcCodeNumber } from '../rpc-error.ts'

/** What a reset means to a call (gRPC over HTTP/2, Errors). */
const byReset: Readonly<Partial<Record<ErrorCode, RpcCode>>> = {
  REFUSED_STREAM: 'UNAVAILABLE',
  CANCEL: 'CANCELLED',
  ENHANCE_YOUR_CALM: 'RESOURCE_EXHAUSTED',
  INADEQUATE_SECURITY: 'PERMISSION_DENIED',
}

export function statusOfReset(code: ErrorCode, reason: string): RpcStatus {
  return { code: byReset[code] ?? 'INTERNAL', message: `${reason} (${code})` }
}

/** What a response without `grpc-status` means (gRPC, HTTP to gRPC status code mapping). */
export function statusOfHttp(status: number): RpcCode {
  switch (status) {
    case 400:
      return 'INTERNAL'
    case 401:
      return 'UNAUTHENTICATED'
    case 403:
      return 'PERMISSION_DENIED'
    case 404:
      return 'UNIMPLEMENTED'
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE'
    default:
      return 'UNKNOWN'
  }
}

/** Percent-encoded UTF-8, printable ASCII as it is (gRPC over HTTP/2, Status-Message). */
export function encodeMessage(message: string): string {
  if (/^[ -$&-~]*$/.test(message) && message === message.trim()) return message
  let encoded = ''
  for (const octet of Buffer.from(message)) {
    // Spaces at the ends would be lost on the way.
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x25
    encoded += plain || (octet === 0x20 && encoded !== '') ? String.fromCharCode(octet) : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded.endsWith(' ') ? `${encoded.slice(0, -1)}%20` : encoded
}

/** What {@link encodeMessage} reads back; a percent sign that begins nothing stands for itself. */
export function decodeMessage(encoded: string): string {
  if (!encoded.includes('%')) return encoded
  const octets: number[] = []
  for (let at = 0; at < encoded.length; at += 1) {
    const hex = /^%([0-9a-fA-F]{2})/.exec(encoded.slice(at, at + 3))?.[1]
    octets.push(hex === undefined ? encoded.charCodeAt(at) : Number.parseInt(hex, 16))
    if (hex !== undefined) at += 2
  }
  return Buffer.from(octets).toString('utf8')
}

const okStatus: PreparedFields = [['grpc-status', '0']]
/** That of all calls that went well, which callers see. */
const OK: RpcStatus = Object.freeze({ code: 'OK', message: '' })

/** Trailers that end a call. */
export function writeStatus(sink: FieldSink, status: RpcStatus, trailers: readonly (readonly [name: string, value: string])[]): void {
  if (status.code === 'OK') sink.fields(okStatus)
  else sink.field('grpc-status', String(rpcCodeNumber(status.code)), 'index')
  if (status.message !== '') sink.field('grpc-message', encodeMessage(status.message), 'plain')
  for (const [name, value] of trailers) sink.field(name, value, 'plain')
}

/** The status in trailers; undefined without `grpc-status`. */
export function readStatus(code: string | undefined, message: string | undefined): RpcStatus | undefined {
  if (code === undefined) return undefined
  if (code === '0' && message === undefined) return OK
  return { code: /^\d{1,2}$/.test(code) ? rpcCodeName(Number(code)) : 'UNKNOWN', message: decodeMessage(message ?? '') }
}
