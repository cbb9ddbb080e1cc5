// Answers the filter gives itself. The text names the section of the configuration and the reason, so that whoever reads
// the client's error finds the rule. Envoy turns them into trailers-only gRPC replies: status + grpc-message.
//   opaque/*        PERMISSION_DENIED (7)   trying again will not make the call readable
//   hold/exhausted  RESOURCE_EXHAUSTED (8)  the names stand behind more bytes than may be held
//   hold/flag       UNAVAILABLE (14)        the proxy is misconfigured, another one may not be
import { GRPC_PERMISSION_DENIED, GRPC_RESOURCE_EXHAUSTED, GRPC_UNAVAILABLE } from '../abi/constants'
import { sendLocalResponse } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, putBytes, putNumber } from '../abi/text'
import { COUNTER_DENIED_FLAG, count, countDenied, opaqueName } from '../metrics/counters'
import { OPAQUE_EXHAUSTED, OPAQUE_NAME } from '../protocol/scanner'
import { PHASE_DENIED, Stream } from './stream'

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
const HTTP_FORBIDDEN: u32 = 403
const HTTP_TOO_LARGE: u32 = 413
const HTTP_UNAVAILABLE: u32 = 503

function answer(stream: Stream, httpStatus: u32, details: Bytes, grpcStatus: u32): void {
  stream.phase = PHASE_DENIED
  sendLocalResponse(httpStatus, details, line, lineLength(), grpcStatus)
}

export function denyOpaque(stream: Stream, reason: u32): void {
  countDenied(reason)
  beginLine()
  if (reason == OPAQUE_EXHAUSTED) {
    putBytes(MESH_EXHAUSTED)
    putNumber(stream.settings.holdMaxBytes)
    putBytes(EXHAUSTED_TAIL)
    answer(stream, HTTP_TOO_LARGE, DETAILS_EXHAUSTED, GRPC_RESOURCE_EXHAUSTED)
    return
  }
  putBytes(MESH_OPAQUE)
  putBytes(opaqueName(reason))
  putBytes(reason == OPAQUE_NAME ? NAME_TAIL : OPAQUE_TAIL)
  answer(stream, HTTP_FORBIDDEN, DETAILS_OPAQUE, GRPC_PERMISSION_DENIED)
}

export function denyWithoutFlag(stream: Stream): void {
  count(COUNTER_DENIED_FLAG)
  beginLine()
  putBytes(MESH_FLAG)
  answer(stream, HTTP_UNAVAILABLE, DETAILS_FLAG, GRPC_UNAVAILABLE)
}
