// What the broker really answered: RocketMQ's code stands in the Status of the first response message, under an HTTP 200
// and mostly a gRPC status of 0.
//
// With headers.responseCode the code becomes a header of the response, or a trailer where the response's beginning does not wait for
// it: streams of messages are never held, nor is anything as long as nobody knows whether Envoy lets the filter hold.
import { ACTION_CONTINUE, ACTION_PAUSE, BUFFER_RESPONSE_BODY, MAP_RESPONSE_HEADERS, MAP_RESPONSE_TRAILERS } from '../abi/constants'
import { addHeader, answerAt, answerLength, getHeader, setHeader } from '../abi/host'
import { beginLine, bytesOf, line, lineLength, put, putByte, putBytes } from '../abi/text'
import { CODE_GRPC, CODE_NONE, putCode } from '../metrics/counters'
import { sectionName } from '../metrics/rules'
import { beginResponse, rewriteResponse } from '../policy/rewrite'
import { NO_FACTS, noFacts } from '../protocol/facts'
import { METHOD_OTHER, OP_PULL, OP_RECEIVE, OP_TELEMETRY } from '../protocol/operations'
import { scanIsOver, startScan } from '../protocol/scan'
import { runScan } from '../protocol/scanner'
import { replyBody, replyHeaders } from '../reject/native'
import { publishCode } from './filter-state'
import { recordDelivery, responseShape } from './recording'
import { FLAG_CONFIRMED } from './root'
import { Stream, dropResponseScan } from './stream'

const GRPC_STATUS = bytesOf('grpc-status')
const CODE = bytesOf('x-fmq-code')
const RULE = bytesOf('x-fmq-rule')
/** A code that stands further behind becomes a trailer. */
const MOST_HELD: u64 = 16384

export function onResponseHeaders(stream: Stream, end: bool): u32 {
  const replies = replyHeaders(stream, end)
  writeRule(stream)
  if (replies) {
    writeCode(stream, MAP_RESPONSE_HEADERS)
    return ACTION_CONTINUE
  }
  if (end) {
    readGrpcStatus(stream, MAP_RESPONSE_HEADERS)
    writeCode(stream, MAP_RESPONSE_HEADERS)
    return ACTION_CONTINUE
  }
  if (stream.method == METHOD_OTHER) return ACTION_CONTINUE
  dropResponseScan(stream)
  const scan = startScan(responseShape(stream), NO_FACTS)
  stream.responseScan = scan
  scan.readsAll = 1
  stream.responseReading = 1
  beginResponse(stream)
  if (!holdsForCode(stream)) return ACTION_CONTINUE
  stream.responseHeld = 1
  return ACTION_PAUSE
}

function holdsForCode(stream: Stream): bool {
  if (stream.settings.responseCode == 0 || stream.root.flag != FLAG_CONFIRMED) return false
  return stream.op != OP_RECEIVE && stream.op != OP_PULL && stream.op != OP_TELEMETRY
}

export function onResponseBody(stream: Stream, size: u32, end: bool): u32 {
  if (replyBody(stream, size, end)) return ACTION_CONTINUE
  // What was kept is shown again, before what has come.
  const base = stream.responsePassed - <u64>stream.responseKept
  stream.responsePassed = base + size
  stream.responseKept = 0
  if (stream.responseReading != 0) readCode(stream, base)
  if (stream.responseHeld != 0) {
    if (stream.responseReading != 0 && !end && stream.responsePassed < MOST_HELD) return keepResponse(stream, size)
    stream.responseHeld = 0
    writeCode(stream, MAP_RESPONSE_HEADERS)
  }
  return rewriteResponse(stream, size, end) == ACTION_CONTINUE ? ACTION_CONTINUE : keepResponse(stream, size)
}

function keepResponse(stream: Stream, size: u32): u32 {
  stream.responseKept = size
  return ACTION_PAUSE
}

function readCode(stream: Stream, base: u64): void {
  const scan = stream.responseScan
  while (true) {
    runScan(scan, noFacts, BUFFER_RESPONSE_BODY, base, stream.responsePassed)
    if (scan.itemEnded == 0) break
    scan.itemEnded = 0
    recordDelivery(stream, scan)
  }
  if (scan.code >= 0 && stream.code == CODE_NONE && (scan.items != 0 || scanIsOver(scan))) setCode(stream, scan.code)
  if (!scanIsOver(scan)) return
  stream.responseReading = 0
  dropResponseScan(stream)
}

export function onResponseTrailers(stream: Stream): u32 {
  if (stream.code == CODE_NONE) readGrpcStatus(stream, MAP_RESPONSE_TRAILERS)
  if (stream.responseHeld != 0) {
    // A response without a code waited for it to the end; what was kept is still to be rewritten.
    stream.responseHeld = 0
    writeCode(stream, MAP_RESPONSE_HEADERS)
    const kept = stream.responseKept
    stream.responseKept = 0
    if (kept != 0) rewriteResponse(stream, kept, true)
  }
  writeCode(stream, MAP_RESPONSE_TRAILERS)
  return ACTION_CONTINUE
}

/** Once, wherever the code is known first. */
function writeCode(stream: Stream, map: u32): void {
  if (stream.settings.responseCode == 0 || stream.codeWritten != 0 || stream.code == CODE_NONE) return
  stream.codeWritten = 1
  beginLine()
  putCode(stream.code)
  if (map == MAP_RESPONSE_TRAILERS) addHeader(map, CODE, line, lineLength())
  else setHeader(map, CODE, line, lineLength())
}

function writeRule(stream: Stream): void {
  const rule = stream.rule
  if (rule === null || stream.settings.responseCode == 0) return
  beginLine()
  putBytes(sectionName(rule.section))
  putByte(47)
  put(rule.nameAt, rule.nameLength)
  setHeader(MAP_RESPONSE_HEADERS, RULE, line, lineLength())
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
  publishCode(stream.settings, code)
}
