// The functions that Envoy calls (Proxy-Wasm ABI 0.2.1), each handed on to where its matter lives. A context that the filter
// does not know, for whatever reason, passes untouched: nothing here may trap.
import './abi/unpack'
import { ACTION_CONTINUE, BUFFER_PLUGIN_CONFIGURATION, LOG_ERROR } from './abi/constants'
import { arenaAlloc, resetArena } from './abi/arena'
import { answerAt, answerLength, getBuffer, logText } from './abi/host'
import { compileSettings } from './config/compile'
import { Problems } from './config/problems'
import { COUNTER_CONFIG_LOADS, count, countCall, openCounters } from './metrics/counters'
import { openHistograms } from './metrics/histograms'
import { openRuleCounters } from './metrics/rules'
import { openLimits } from './policy/limits'
import { openEndpoints } from './rewrite/endpoints'
import { watchHeld } from './stream/flag'
import { recordCall } from './stream/recording'
import { closeRequest, onRequestBody, onRequestHeaders, onRequestTrailers } from './stream/request'
import { onResponseBody, onResponseHeaders, onResponseTrailers } from './stream/response'
import { configureRoot, createRoot, deleteRoot, findRoot } from './stream/root'
import { Stream, createStream, deleteStream, findStream } from './stream/stream'
import { setTicks, tellNow, tellSoon } from './stream/ticks'
import { isUpstream, onUpstreamHeaders } from './stream/upstream'

export { abortWithLog } from './abi/host'

export function proxy_abi_version_0_2_1(): void {}

/** Envoy looks for `malloc` first, the specification names the other: both are the same. */
export function malloc(size: usize): usize {
  return arenaAlloc(size)
}

export function proxy_on_memory_allocate(size: usize): usize {
  return arenaAlloc(size)
}

export function proxy_on_vm_start(context: u32, configurationSize: u32): u32 {
  return 1
}

export function proxy_on_context_create(context: u32, parent: u32): void {
  if (parent == 0) {
    createRoot(context)
    return
  }
  const root = findRoot(parent)
  if (root === null) return
  const settings = root.settings
  if (settings !== null) createStream(context, root, settings)
}

export function proxy_on_configure(context: u32, configurationSize: u32): u32 {
  resetArena()
  const accepted = configure(context, configurationSize)
  // The JSON tree and the texts of problems; nothing managed is in use any more at this point.
  __collect()
  return accepted
}

function configure(context: u32, size: u32): u32 {
  const root = findRoot(context)
  if (root === null) return 0
  const problems = new Problems()
  const fetched = getBuffer(BUFFER_PLUGIN_CONFIGURATION, 0, size)
  const settings = compileSettings(answerAt(), fetched ? answerLength() : 0, problems)
  if (settings === null) {
    for (let i = 0; i < problems.lines.length; i++) logText(LOG_ERROR, 'feathermq-mesh: configuration refused: ' + problems.lines[i])
    if (problems.more > 0) logText(LOG_ERROR, 'feathermq-mesh: configuration refused: and ' + problems.more.toString() + ' more')
    return 0
  }
  settings.upstream = isUpstream() ? 1 : 0
  configureRoot(root, settings)
  openCounters()
  if (settings.histograms != 0) openHistograms()
  openRuleCounters()
  openLimits(settings)
  if (settings.endpoints != 0) openEndpoints()
  count(COUNTER_CONFIG_LOADS)
  tellNow(root)
  return 1
}

export function proxy_on_tick(context: u32): void {
  resetArena()
  const root = findRoot(context)
  if (root === null) return
  tellNow(root)
  watchHeld(root)
  setTicks(root)
}

export function proxy_on_request_headers(context: u32, headerCount: u32, end: u32): u32 {
  resetArena()
  const stream = findStream(context)
  if (stream === null) return ACTION_CONTINUE
  return stream.settings.upstream != 0 ? onUpstreamHeaders(stream, end != 0) : onRequestHeaders(stream, end != 0)
}

export function proxy_on_request_body(context: u32, size: u32, end: u32): u32 {
  resetArena()
  const stream = findStream(context)
  return stream === null ? ACTION_CONTINUE : onRequestBody(stream, size, end != 0)
}

export function proxy_on_request_trailers(context: u32, trailerCount: u32): u32 {
  resetArena()
  const stream = findStream(context)
  return stream === null ? ACTION_CONTINUE : onRequestTrailers(stream)
}

export function proxy_on_response_headers(context: u32, headerCount: u32, end: u32): u32 {
  resetArena()
  const stream = findStream(context)
  return stream === null ? ACTION_CONTINUE : onResponseHeaders(stream, end != 0)
}

export function proxy_on_response_body(context: u32, size: u32, end: u32): u32 {
  resetArena()
  const stream = findStream(context)
  return stream === null ? ACTION_CONTINUE : onResponseBody(stream, size, end != 0)
}

export function proxy_on_response_trailers(context: u32, trailerCount: u32): u32 {
  resetArena()
  const stream = findStream(context)
  return stream === null ? ACTION_CONTINUE : onResponseTrailers(stream)
}

/** The end of a call, or of a plugin's configuration. */
export function proxy_on_delete(context: u32): void {
  resetArena()
  const stream = findStream(context)
  if (stream !== null) {
    endCall(stream)
    deleteStream(stream)
    return
  }
  const root = findRoot(context)
  if (root === null) return
  tellNow(root)
  deleteRoot(root)
}

/** All that will ever be known of it is known. */
function endCall(stream: Stream): void {
  closeRequest(stream)
  if (stream.settings.upstream != 0) return
  countCall(stream.settings, stream.op, stream.topic, stream.group, stream.code)
  tellSoon(stream.root)
  recordCall(stream)
}
