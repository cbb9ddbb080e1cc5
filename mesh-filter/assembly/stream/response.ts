// What the broker really answered: RocketMQ's code stands in the Status of the first response message, under an HTTP 200
// and mostly a gRPC status of 0. Nothing of a response is held or changed.
import { BUFFER_RESPONSE_BODY, MAP_RESPONSE_HEADERS, MAP_RESPONSE_TRAILERS } from '../abi/constants'
import { answerAt, answerLength, getHeader } from '../abi/host'
import { bytesOf } from '../abi/text'
import { CODE_GRPC, CODE_NONE } from '../metrics/counters'
import { NO_FACTS, giveFactsBack, takeFacts } from '../protocol/facts'
import { METHOD_OTHER } from '../protocol/operations'
import { NODE_RESPONSE } from '../protocol/schema'
import { runScan, scanIsOver, startScan } from '../protocol/scanner'
import { replyBody, replyHeaders } from '../reject/native'
import { publishCode } from './filter-state'
import { Stream, responseScan } from './stream'

const GRPC_STATUS = bytesOf('grpc-status')

export function onResponseHeaders(stream: Stream, end: bool): void {
  if (replyHeaders(stream, end)) return
  if (end) readGrpcStatus(stream, MAP_RESPONSE_HEADERS)
  else if (stream.method != METHOD_OTHER) {
    startScan(responseScan(stream), NODE_RESPONSE, NO_FACTS)
    stream.responseReading = 1
  }
}

export function onResponseBody(stream: Stream, size: u32, end: bool): void {
  if (replyBody(stream, size, end)) return
  if (stream.responseReading == 0) return
  const base = stream.responsePassed
  stream.responsePassed += size
  const scan = responseScan(stream)
  // A response has no facts; the scanner wants a place for them all the same.
  const nowhere = takeFacts()
  runScan(scan, nowhere, BUFFER_RESPONSE_BODY, base, stream.responsePassed)
  giveFactsBack(nowhere)
  if (!scanIsOver(scan)) return
  stream.responseReading = 0
  if (scan.code >= 0) setCode(stream, scan.code)
}

export function onResponseTrailers(stream: Stream): void {
  if (stream.code == CODE_NONE) readGrpcStatus(stream, MAP_RESPONSE_TRAILERS)
}

/** gRPC's own status counts only where RocketMQ said nothing: an OK without a message is no code. */
function readGrpcStatus(stream: Stream, map: u32): void {
  if (!getHeader(map, GRPC_STATUS)) return
  const length = answerLength()
  if (length == 0 || length > 3) return
  let status: i32 = 0
  for (let i: usize = 0; i < length; i++) {
    const digit = <i32>load<u8>(answerAt() + i) - 48
    if (digit < 0 || digit > 9) return
    status = status * 10 + digit
  }
  if (status != 0) setCode(stream, CODE_GRPC - status)
}

function setCode(stream: Stream, code: i32): void {
  stream.code = code
  publishCode(code)
}
