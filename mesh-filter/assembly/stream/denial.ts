// Answers the filter gives itself. The text names the section of the configuration, the rule and the reason, so that whoever
// reads the client's error finds the rule. While nothing of a call has left, it can be refused as a broker would (native);
// afterwards, and where that is not configured, Envoy makes a trailers-only gRPC reply of it: status + grpc-message (plain).
//                  native                       plain
//   opaque/*       BAD_REQUEST (40000)          PERMISSION_DENIED (7)   trying again will not make the call readable
//   hold/exhausted BAD_REQUEST (40000)          RESOURCE_EXHAUSTED (8)  the names stand behind more bytes than may be held
//   hold/flag      -                            UNAVAILABLE (14)        the proxy is misconfigured, another one may not be
import { ACTION_CONTINUE, ACTION_PAUSE, GRPC_PERMISSION_DENIED, GRPC_RESOURCE_EXHAUSTED, GRPC_UNAVAILABLE } from '../abi/constants'
import { sendLocalResponse } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, putBytes, putNumber } from '../abi/text'
import { COUNTER_DENIED_FLAG, count, countDenied, opaqueName } from '../metrics/counters'
import { METHOD_OTHER } from '../protocol/operations'
import { OPAQUE_EXHAUSTED, OPAQUE_NAME } from '../protocol/scan'
import { replyNatively } from '../reject/native'
import { PHASE_DENIED, PHASE_REJECTED, Stream } from './stream'

const DETAILS_OPAQUE = bytesOf('fmq_opaque')
const DETAILS_EXHAUSTED = bytesOf('fmq_hold_exhausted')
const DETAILS_FLAG = bytesOf('fmq_hold_flag')
const MESH_OPAQUE = bytesOf('mesh: opaque/')
const OPAQUE_TAIL = bytesOf(
  ': the request cannot be read, so no rule can be applied to it; send it uncompressed and well-formed, or set "opaque" to "default"',
)
const NAME_TAIL = bytesOf(': a name in the request has characters or a length that no RocketMQ name may have')
const MESH_EXHAUSTED = bytesOf('mesh: hold/exhausted: the names that the rules need do not stand in the first ')
const EXHAUSTED_TAIL = bytesOf(' bytes of the request; raise "hold.maxBytes" or set "hold.onExhausted" to "default"')
const MESH_FLAG = bytesOf(
  'mesh: hold/flag: this Envoy does not let the filter hold headers; set allow_on_headers_stop_iteration: true in the plugin configuration (Envoy 1.35 or newer)',
)
/** RocketMQ's code for a request that makes no sense. */
const BAD_REQUEST: u32 = 40000
const HTTP_FORBIDDEN: u32 = 403
const HTTP_TOO_LARGE: u32 = 413
const HTTP_UNAVAILABLE: u32 = 503

const UNEXPLAINED = bytesOf('mesh: refused')

/**
 * Refuses a call; the reason is the scratch line. `held`: nothing of the call has left Envoy, its headers can still be changed.
 * `code` is RocketMQ's, for a native answer; the others make a plain one. The answer is what the callback has to return.
 */
export function refuse(stream: Stream, held: bool, code: u32, details: Bytes, httpStatus: u32, grpcStatus: u32): u32 {
  if (stream.settings.explain == 0 && lineLength() != 0) {
    beginLine()
    putBytes(UNEXPLAINED)
  }
  // Of a service that is not RocketMQ's nobody knows what an answer looks like.
  if (held && stream.settings.rejectLength != 0 && stream.method != METHOD_OTHER) {
    stream.phase = PHASE_REJECTED
    replyNatively(stream, code)
    return ACTION_CONTINUE
  }
  stream.phase = PHASE_DENIED
  sendLocalResponse(httpStatus, details, line, lineLength(), grpcStatus)
  return ACTION_PAUSE
}

export function denyOpaque(stream: Stream, held: bool, reason: u32): u32 {
  countDenied(reason)
  beginLine()
  if (reason == OPAQUE_EXHAUSTED) {
    putBytes(MESH_EXHAUSTED)
    putNumber(stream.settings.holdMaxBytes)
    putBytes(EXHAUSTED_TAIL)
    return refuse(stream, held, BAD_REQUEST, DETAILS_EXHAUSTED, HTTP_TOO_LARGE, GRPC_RESOURCE_EXHAUSTED)
  }
  putBytes(MESH_OPAQUE)
  putBytes(opaqueName(reason))
  putBytes(reason == OPAQUE_NAME ? NAME_TAIL : OPAQUE_TAIL)
  return refuse(stream, held, BAD_REQUEST, DETAILS_OPAQUE, HTTP_FORBIDDEN, GRPC_PERMISSION_DENIED)
}

/** Never native: nothing says that Envoy would let the headers be changed, and another proxy may serve the call. */
export function denyWithoutFlag(stream: Stream): u32 {
  count(COUNTER_DENIED_FLAG)
  beginLine()
  putBytes(MESH_FLAG)
  return refuse(stream, false, BAD_REQUEST, DETAILS_FLAG, HTTP_UNAVAILABLE, GRPC_UNAVAILABLE)
}
