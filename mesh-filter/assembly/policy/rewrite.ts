// Changing what passes: lanes, endpoints, trace context. The last step of the pipeline; every function here is called at one place
// of stream/request.ts or stream/response.ts, and may change the buffer that Envoy shows at that moment.
import { ACTION_CONTINUE, MAP_REQUEST_HEADERS, MAP_RESPONSE_HEADERS } from '../abi/constants'
import { removeHeader } from '../abi/host'
import { bytesOf } from '../abi/text'
import {
  OP_ACK,
  OP_ASSIGNMENT,
  OP_DEAD_LETTER,
  OP_END_TRANSACTION,
  OP_HEARTBEAT,
  OP_INVISIBLE,
  OP_LITE,
  OP_OFFSET,
  OP_PULL,
  OP_RECEIVE,
  OP_ROUTE,
  OP_SEND,
  OP_TELEMETRY,
  OP_TERMINATE,
  isClientCall,
  requestOf,
} from '../protocol/operations'
import { NODE_QUERY_OFFSET } from '../protocol/schema'
import { EndpointRules } from '../rewrite/endpoints'
import { rewriteRequestBody, rewriteResponseBody } from '../rewrite/frames'
import { Lanes, findLane, isInLane } from '../rewrite/lanes'
import {
  REQUEST_ASSIGNMENT,
  REQUEST_END_TRANSACTION,
  REQUEST_LITE,
  REQUEST_OF_GROUP,
  REQUEST_OF_QUEUE,
  REQUEST_RECEIVE,
  REQUEST_ROUTE,
  REQUEST_SEND,
  REQUEST_TELEMETRY,
  RESPONSE_ASSIGNMENT,
  RESPONSE_RECEIVE,
  RESPONSE_ROUTE,
  RESPONSE_TELEMETRY,
  REWRITE_NOTHING,
} from '../rewrite/nodes'
import { Rewriting, giveRewritingBack, takeRewriting } from '../rewrite/rewriting'
import { Trace, findContext } from '../rewrite/trace'
import { Stream } from '../stream/stream'

const CONTENT_LENGTH = bytesOf('content-length')

function requestNode(stream: Stream, lane: bool, endpoints: bool): u32 {
  const op = stream.op
  if (op == OP_RECEIVE) return REQUEST_RECEIVE
  if (op == OP_PULL || op == OP_OFFSET) return requestOf(stream.method) == NODE_QUERY_OFFSET ? REWRITE_NOTHING : REQUEST_OF_QUEUE
  if (op == OP_ASSIGNMENT) return REQUEST_ASSIGNMENT
  if (op == OP_TELEMETRY) return REQUEST_TELEMETRY
  if (op == OP_ROUTE) return endpoints ? REQUEST_ROUTE : REWRITE_NOTHING
  if (!lane) return REWRITE_NOTHING
  if (op == OP_LITE) return REQUEST_LITE
  const isOfGroup = op == OP_ACK || op == OP_INVISIBLE || op == OP_DEAD_LETTER || op == OP_HEARTBEAT || op == OP_TERMINATE
  return isOfGroup ? REQUEST_OF_GROUP : REWRITE_NOTHING
}

function responseNode(stream: Stream, lane: bool, endpoints: bool, completes: bool): u32 {
  const op = stream.op
  if (op == OP_TELEMETRY) return endpoints || lane ? RESPONSE_TELEMETRY : REWRITE_NOTHING
  if (endpoints && op == OP_ROUTE) return RESPONSE_ROUTE
  if (endpoints && op == OP_ASSIGNMENT) return RESPONSE_ASSIGNMENT
  return completes && op == OP_RECEIVE ? RESPONSE_RECEIVE : REWRITE_NOTHING
}

/** With the request's headers, which are not to be had later when the call is not held. `end`: they are all there is of it. */
export function beginRewriting(stream: Stream, end: bool): void {
  const settings = stream.settings
  if (settings.routing == 0 || (settings.lanes == 0 && settings.endpoints == 0 && settings.trace == 0)) return
  const rewriting = takeRewriting(settings)
  const trace = changetype<Trace | null>(settings.trace)
  const traces = trace !== null && trace.upstream == 0
  const hasLanes = settings.lanes != 0
  if (hasLanes) findLane(changetype<Lanes>(settings.lanes), rewriting)
  const lane = isInLane(rewriting)
  const endpoints = settings.endpoints != 0
  if (stream.op == OP_SEND || stream.op == OP_END_TRANSACTION) {
    const context = trace !== null && traces && trace.never == 0 && findContext(rewriting)
    if (stream.op == OP_SEND && (lane || context)) rewriting.requestNode = REQUEST_SEND
    else if (context) rewriting.requestNode = REQUEST_END_TRANSACTION
  } else if (hasLanes || endpoints) rewriting.requestNode = requestNode(stream, lane, endpoints)
  rewriting.responseNode = responseNode(stream, lane, endpoints, traces)
  if (end) rewriting.requestNode = REWRITE_NOTHING
  setCluster(stream, rewriting)
  if (rewriting.requestNode == REWRITE_NOTHING && rewriting.responseNode == REWRITE_NOTHING) {
    giveRewritingBack(rewriting)
    return
  }
  if (rewriting.requestNode != REWRITE_NOTHING) removeHeader(MAP_REQUEST_HEADERS, CONTENT_LENGTH.at, CONTENT_LENGTH.length)
  stream.rewriting = rewriting
}

/** Behind the router: only the context, which is Envoy's there. */
export function beginInjection(stream: Stream): void {
  const trace = changetype<Trace | null>(stream.settings.trace)
  if (trace === null || trace.upstream == 0 || trace.never != 0) return
  if (stream.op != OP_SEND && stream.op != OP_END_TRANSACTION) return
  const rewriting = takeRewriting(stream.settings)
  if (!findContext(rewriting)) {
    giveRewritingBack(rewriting)
    return
  }
  rewriting.requestNode = stream.op == OP_SEND ? REQUEST_SEND : REQUEST_END_TRANSACTION
  removeHeader(MAP_REQUEST_HEADERS, CONTENT_LENGTH.at, CONTENT_LENGTH.length)
  stream.rewriting = rewriting
}

/** Where it goes when nothing else is decided. */
function setCluster(stream: Stream, rewriting: Rewriting): void {
  const settings = stream.settings
  rewriting.clusterAt = settings.clusterAt
  rewriting.clusterLength = settings.clusterLength
  if (settings.endpoints == 0 || !isClientCall(stream.op)) return
  const forClients = changetype<EndpointRules>(settings.endpoints).clientCalls
  if (forClients === null) return
  rewriting.clusterAt = forClients.at
  rewriting.clusterLength = forClients.length
}

/** The call goes to this cluster; the name lives as long as the settings. */
export function noteCluster(stream: Stream, at: usize, length: usize): void {
  const rewriting = stream.rewriting
  if (rewriting === null) return
  rewriting.clusterAt = at
  rewriting.clusterLength = length
}

/**
 * `size` bytes of the request's body stand in the buffer and may go. ACTION_PAUSE: they have to wait for more, and the next callback
 * shows them again.
 */
export function rewriteRequest(stream: Stream, size: u32, end: bool): u32 {
  const rewriting = stream.rewriting
  if (rewriting === null || rewriting.requestNode == REWRITE_NOTHING) return ACTION_CONTINUE
  return rewriteRequestBody(rewriting, size, end)
}

/** With the response's headers, before they go. */
export function beginResponse(stream: Stream): void {
  const rewriting = stream.rewriting
  if (rewriting === null || rewriting.responseNode == REWRITE_NOTHING) return
  removeHeader(MAP_RESPONSE_HEADERS, CONTENT_LENGTH.at, CONTENT_LENGTH.length)
}

/** The same of the response. */
export function rewriteResponse(stream: Stream, size: u32, end: bool): u32 {
  const rewriting = stream.rewriting
  if (rewriting === null || rewriting.responseNode == REWRITE_NOTHING) return ACTION_CONTINUE
  return rewriteResponseBody(rewriting, size, end)
}
