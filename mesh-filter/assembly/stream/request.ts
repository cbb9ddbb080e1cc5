// What becomes of a request: the transitions of Stream.phase.
//   IDLE ──headers──▶ HELD ──facts known──▶ PASSING ──all read──▶ READ
//     │                │└─unreadable, exhausted, no flag──▶ DENIED or REJECTED (or PASSING, by configuration)
//     │                └──a rule is against it──▶ DENIED or REJECTED
//     └─nothing to decide, observe, client call──▶ PASSING or READ
// The facts of a held call come from its first bytes, in Envoy's buffer from offset 0. Once it passes, every callback sees
// its chunk only; reading goes on for the metrics, to judge what is still to come (judging.ts), and to refuse a call that
// contradicts what it was let go for.
import { ACTION_CONTINUE, ACTION_PAUSE, BUFFER_REQUEST_BODY } from '../abi/constants'
import { COUNTER_FLAG_MISSING, count, countHeld } from '../metrics/counters'
import { neededBy } from '../config/settings'
import { decide } from '../policy/pipeline'
import { beginRewriting, rewriteRequest } from '../policy/rewrite'
import { readLane } from '../rewrite/lanes'
import { BODY_FACTS, NO_FACTS } from '../protocol/facts'
import { isClientCall, opName, opOf, requestOf } from '../protocol/operations'
import { NODE_NONE, carriedBy } from '../protocol/schema'
import { OPAQUE_EXHAUSTED, OPAQUE_NAME, OPAQUE_NONE, endScan, scanIsBad, startScan } from '../protocol/scan'
import { runScan } from '../protocol/scanner'
import { denyOpaque, denyWithoutFlag } from './denial'
import { beginWaiting, bodyArrived, stopWaiting } from './flag'
import { readPeer, readRequestHeaders, writeDefaultCluster, writeOpHeader } from './headers'
import { STATE_OP, publish } from './filter-state'
import { finishReading, noteOpaque, noteTopic, readPassing } from './judging'
import { place } from './placement'
import { beginRecording } from './recording'
import { refuseByRule } from './refusal'
import { FLAG_MISSING } from './root'
import { PHASE_DENIED, PHASE_HELD, PHASE_PASSING, PHASE_READ, PHASE_REJECTED, Stream, dropFacts, dropRequestScan, factsOf } from './stream'
import { tellSoon } from './ticks'

export function onRequestHeaders(stream: Stream, end: bool): u32 {
  const settings = stream.settings
  readRequestHeaders(stream)
  readPeer(stream)
  readLane(stream)
  stream.op = opOf(stream.method)
  const name = opName(stream.op)
  publish(settings, STATE_OP, name.at, name.length)
  beginRewriting(stream, end)
  beginRecording(stream)
  const node = requestOf(stream.method)
  const reads = node != NODE_NONE && !end
  if (reads) {
    dropRequestScan(stream)
    const scan = startScan(node, settings.wanted)
    stream.requestScan = scan
    scan.readsAll = (settings.readsAll >> stream.op) & 1
    scan.names = settings.properties
  }
  stream.phase = reads ? PHASE_PASSING : PHASE_READ
  const routed = settings.routing != 0
  if (routed) writeOpHeader(settings, stream.op)
  const needed = neededFacts(stream)
  if (!reads || (routed && needed == NO_FACTS && !isClientCall(stream.op))) {
    // Nothing that could still come would change the decision. A call that ended with its headers must not be held: no
    // further callback would ever let it go.
    return decideByHeaders(stream, reads)
  }
  if (!routed || isClientCall(stream.op)) return ACTION_CONTINUE
  if (stream.root.flag == FLAG_MISSING) {
    count(COUNTER_FLAG_MISSING)
    if (settings.failWithoutFlag != 0) return denyWithoutFlag(stream)
    writeDefaultCluster(settings)
    return ACTION_CONTINUE
  }
  stream.routed = 1
  stream.phase = PHASE_HELD
  stream.requestScan.held = 1
  countHeld()
  tellSoon(stream.root)
  beginWaiting(stream)
  return ACTION_PAUSE
}

function decideByHeaders(stream: Stream, reads: bool): u32 {
  if (!decide(stream)) {
    dropFacts(stream)
    return refuseByRule(stream, true)
  }
  if (stream.settings.routing != 0 && !isClientCall(stream.op)) {
    stream.routed = 1
    place(stream)
  }
  if (!reads) dropFacts(stream)
  return ACTION_CONTINUE
}

function neededFacts(stream: Stream): u32 {
  return neededBy(stream.settings, stream.op) & carriedBy(requestOf(stream.method))
}

/** `size` bytes are in Envoy's buffer: all so far of a held call, this chunk of a passing one. */
export function onRequestBody(stream: Stream, size: u32, end: bool): u32 {
  if (stream.phase == PHASE_DENIED) return ACTION_PAUSE
  if (stream.phase == PHASE_HELD) {
    bodyArrived(stream)
    return readHeld(stream, size, end) == ACTION_PAUSE ? ACTION_PAUSE : letGo(stream, size, end)
  }
  const base = stream.passed - <u64>stream.requestKept
  stream.passed = base + size
  stream.requestKept = 0
  if (stream.phase == PHASE_PASSING && readPassing(stream, base, end) == ACTION_PAUSE) return ACTION_PAUSE
  return letGo(stream, size, end)
}

/** Nothing is against these bytes, but what is rewritten may have to wait for more of its frame. */
function letGo(stream: Stream, size: u32, end: bool): u32 {
  if (stream.phase == PHASE_REJECTED || rewriteRequest(stream, size, end) == ACTION_CONTINUE) return ACTION_CONTINUE
  stream.requestKept = size
  return ACTION_PAUSE
}

/** A request that ends with trailers instead of a last chunk. */
export function onRequestTrailers(stream: Stream): u32 {
  if (stream.phase == PHASE_DENIED) return ACTION_PAUSE
  // What waits in the buffer is shown to nobody any more.
  let kept = stream.requestKept
  let action = ACTION_CONTINUE
  if (stream.phase == PHASE_HELD) {
    kept = <u32>stream.requestScan.position
    action = readHeld(stream, kept, true)
  } else if (stream.phase == PHASE_PASSING) action = readPassing(stream, stream.passed, true)
  stream.requestKept = 0
  if (action == ACTION_CONTINUE && kept != 0 && stream.phase != PHASE_REJECTED) rewriteRequest(stream, kept, true)
  return action
}

function readHeld(stream: Stream, size: u32, end: bool): u32 {
  const settings = stream.settings
  const scan = stream.requestScan
  const facts = factsOf(stream)
  // No further than this even when Envoy hands over more at once: whether a call is exhausted must not depend on its chunks.
  const limit = min(size, settings.holdMaxBytes)
  const needed = neededFacts(stream)
  // An entry of an acknowledgement may end before topic and group are known.
  do {
    scan.itemEnded = 0
    runScan(scan, facts, BUFFER_REQUEST_BODY, 0, limit)
  } while (scan.itemEnded != 0 && (scan.settled & needed) != needed)
  if (end && limit == size && scan.itemEnded == 0) endScan(scan)
  let reason = OPAQUE_NONE
  if (scanIsBad(scan)) reason = scan.reason
  else if ((scan.settled & needed) == needed) {
    if ((facts.bad & needed) != 0) reason = OPAQUE_NAME
  } else if (size > limit) reason = OPAQUE_EXHAUSTED
  else return ACTION_PAUSE

  stream.passed = size
  stream.phase = PHASE_PASSING
  scan.held = 0
  if (reason == OPAQUE_NONE) {
    scan.final = needed & BODY_FACTS
    noteTopic(stream)
    if (!decide(stream)) {
      finishReading(stream)
      return refuseByRule(stream, true)
    }
    place(stream)
    // What stands in the buffer already may be against a rule too, while nothing of it has left.
    return readPassing(stream, 0, end, true)
  }
  noteOpaque(stream, reason)
  if ((reason == OPAQUE_EXHAUSTED ? settings.denyExhausted : settings.denyOpaque) != 0) {
    finishReading(stream)
    return denyOpaque(stream, true, reason)
  }
  writeDefaultCluster(settings)
  if (reason == OPAQUE_NAME) finishReading(stream)
  return readPassing(stream, 0, end)
}

/** The end of the call, however it came: what was read so far is all there will be. */
export function closeRequest(stream: Stream): void {
  stopWaiting(stream)
  if (stream.phase == PHASE_PASSING || stream.phase == PHASE_HELD) finishReading(stream)
  dropFacts(stream)
  dropRequestScan(stream)
}
