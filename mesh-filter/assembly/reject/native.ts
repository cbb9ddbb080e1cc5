// Answers of RocketMQ's own kind for calls that the filter refuses. A local reply of Envoy cannot carry one: on a gRPC call its
// body ends up in grpc-message. So a refused call is sent, under `x-fmq-reject`, to a listener inside of Envoy that answers
// anything, and what comes back is exchanged here: one message with the Status that a broker would have sent, and trailers.
// Clients then see FORBIDDEN or TOO_MANY_REQUESTS and back off, where they would take a gRPC status for a broken endpoint.
import { BUFFER_RESPONSE_BODY, MAP_REQUEST_HEADERS, MAP_RESPONSE_HEADERS, MAP_RESPONSE_TRAILERS } from '../abi/constants'
import { addHeader, removeHeader, replaceBuffer, setHeader } from '../abi/host'
import { beginLine, bytesOf, line, lineLength, putNumber } from '../abi/text'
import { publishCode } from '../stream/filter-state'
import { removeCluster } from '../stream/headers'
import { Stream, dropReply } from '../stream/stream'
import { frameOf, takeReply } from './reply'

const REJECT = bytesOf('x-fmq-reject')
const CONTENT_TYPE = bytesOf('content-type')
const CONTENT_LENGTH = bytesOf('content-length')
const GRPC_STATUS = bytesOf('grpc-status')
/** Envoy decides by the request's type what it makes of answers on the way: this one is no gRPC until it is back here. */
const NO_GRPC = bytesOf('application/octet-stream')
const GRPC = bytesOf('application/grpc')
const ZERO = bytesOf('0')

/**
 * Makes a call whose headers have not left yet one that ends at the reject listener, and keeps the answer ready. The text is the
 * scratch line, which is used up. The caller then lets the call go.
 */
export function replyNatively(stream: Stream, code: u32): void {
  stream.reply = takeReply(code, line, lineLength())
  // A client's: where a call is refused, nothing takes its place.
  removeCluster()
  beginLine()
  putNumber(code)
  setHeader(MAP_REQUEST_HEADERS, REJECT, line, lineLength())
  setHeader(MAP_REQUEST_HEADERS, CONTENT_TYPE, NO_GRPC.at, NO_GRPC.length)
  stream.code = <i32>code
  publishCode(stream.settings, <i32>code)
}

/** True when the answer to come is to be exchanged. One without a body is Envoy's own: it has not reached that listener. */
export function replyHeaders(stream: Stream, end: bool): bool {
  if (stream.reply === null) return false
  if (end) {
    dropReply(stream)
    return false
  }
  setHeader(MAP_RESPONSE_HEADERS, CONTENT_TYPE, GRPC.at, GRPC.length)
  removeHeader(MAP_RESPONSE_HEADERS, CONTENT_LENGTH.at, CONTENT_LENGTH.length)
  return true
}

export function replyBody(stream: Stream, size: u32, end: bool): bool {
  const reply = stream.reply
  if (reply === null) return false
  if (end) {
    replaceBuffer(BUFFER_RESPONSE_BODY, size, frameOf(reply), reply.length)
    addHeader(MAP_RESPONSE_TRAILERS, GRPC_STATUS, ZERO.at, ZERO.length)
    dropReply(stream)
  } else replaceBuffer(BUFFER_RESPONSE_BODY, size, 0, 0)
  return true
}
