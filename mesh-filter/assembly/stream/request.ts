// What becomes of a request: the transitions of Stream.phase.
//   IDLE ──headers──▶ HELD ──facts known──▶ PASSING ──all read──▶ READ
//     │                │└─unreadable, exhausted, no flag──▶ DENIED or REJECTED (or PASSING, by configuration)
//     └─nothing to decide, observe, client call──▶ PASSING or READ
// The facts of a held call come from its first bytes, in Envoy's buffer from offset 0. Once it passes, every callback sees
// its chunk only; reading goes on for the metrics, and to refuse a call that contradicts what it was let go for.
import { ACTION_CONTINUE, ACTION_PAUSE, BUFFER_REQUEST_BODY } from '../abi/constants'
import { COUNTER_BROKER_UNREADABLE, COUNTER_FLAG_MISSING, COUNTER_HELD, count, countOpaque, groupLabel, topicLabel } from '../metrics/counters'
import { routeOf } from '../policy/routes'
import { neededBy } from '../config/settings'
import { FACT_COUNT, GROUP, NO_FACTS, TOPIC, factAt, factLength } from '../protocol/facts'
import { isClientCall, opName, opOf, requestOf } from '../protocol/operations'
import { NODE_NONE, carriedBy } from '../protocol/schema'
import {
  OPAQUE_EXHAUSTED,
  OPAQUE_NAME,
  OPAQUE_NONE,
  endScan,
  runScan,
  scanIsBad,
  scanIsOver,
  startScan,
} from '../protocol/scanner'
import { denyOpaque, denyWithoutFlag } from './denial'
import { beginWaiting, bodyArrived, stopWaiting } from './flag'
import { readRequestHeaders, writeDecision, writeFactHeaders, writeOpHeader } from './headers'
import { publishGroup, publishOp, publishTopic } from './filter-state'
import { FLAG_MISSING } from './root'
import { PHASE_DENIED, PHASE_HELD, PHASE_PASSING, PHASE_READ, Stream, dropFacts, factsOf, requestScan } from './stream'

export function onRequestHeaders(stream: Stream, end: bool): u32 {
  const settings = stream.settings
  stream.method = readRequestHeaders()
  stream.op = opOf(stream.method)
  publishOp(opName(stream.op))
  const node = requestOf(stream.method)
  const reads = node != NODE_NONE && !end
  if (reads) startScan(requestScan(stream), node, settings.wanted)
  stream.phase = reads ? PHASE_PASSING : PHASE_READ
  if (settings.routing == 0) return ACTION_CONTINUE
  writeOpHeader(settings, stream.op)
  if (isClientCall(stream.op)) return ACTION_CONTINUE

  const needed = neededFacts(stream)
  if (!reads || needed == NO_FACTS) {
    // Nothing that could still come would change the decision. A call that ended with its headers must not be held: no
    // further callback would ever let it go.
    stream.routed = 1
    writeDecision(settings, routeOf(settings, stream.op, null))
    return ACTION_CONTINUE
  }
  if (stream.root.flag == FLAG_MISSING) {
    count(COUNTER_FLAG_MISSING)
    if (settings.failWithoutFlag != 0) {
      return denyWithoutFlag(stream)
    }
    writeDecision(settings, null)
    return ACTION_CONTINUE
  }
  stream.routed = 1
  stream.phase = PHASE_HELD
  count(COUNTER_HELD)
  beginWaiting(stream)
  return ACTION_PAUSE
}

function neededFacts(stream: Stream): u32 {
  return neededBy(stream.settings, stream.op) & carriedBy(requestOf(stream.method))
}

/** `size` bytes are in Envoy's buffer: all so far of a held call, this chunk of a passing one. */
export function onRequestBody(stream: Stream, size: u32, end: bool): u32 {
  if (stream.phase == PHASE_DENIED) return ACTION_PAUSE
  if (stream.phase == PHASE_HELD) {
    bodyArrived(stream)
    return readHeld(stream, size, end)
  }
  if (stream.phase == PHASE_PASSING) {
    const base = stream.passed
    stream.passed += size
    return readPassing(stream, base, end)
  }
  return ACTION_CONTINUE
}

/** A request that ends with trailers instead of a last chunk. */
export function onRequestTrailers(stream: Stream): u32 {
  if (stream.phase == PHASE_DENIED) return ACTION_PAUSE
  if (stream.phase == PHASE_HELD) return readHeld(stream, <u32>requestScan(stream).position, true)
  if (stream.phase == PHASE_PASSING) return readPassing(stream, stream.passed, true)
  return ACTION_CONTINUE
}

function readHeld(stream: Stream, size: u32, end: bool): u32 {
  const settings = stream.settings
  const scan = requestScan(stream)
  const facts = factsOf(stream)
  // No further than this even when Envoy hands over more at once: whether a call is exhausted must not depend on its chunks.
  const limit = min(size, settings.holdMaxBytes)
  runScan(scan, facts, BUFFER_REQUEST_BODY, 0, limit)
  if (end && limit == size) endScan(scan)
  const needed = neededFacts(stream)
  let reason = OPAQUE_NONE
  if (scanIsBad(scan)) reason = scan.reason
  else if ((scan.settled & needed) == needed) {
    if ((facts.bad & needed) != 0) reason = OPAQUE_NAME
  } else if (size > limit) reason = OPAQUE_EXHAUSTED
  else return ACTION_PAUSE

  stream.passed = size
  stream.phase = PHASE_PASSING
  if (reason == OPAQUE_NONE) {
    scan.final = needed
    writeDecision(settings, routeOf(settings, stream.op, facts))
    writeFactHeaders(settings, facts)
    return readPassing(stream, 0, end)
  }
  noteOpaque(stream, reason)
  if ((reason == OPAQUE_EXHAUSTED ? settings.denyExhausted : settings.denyOpaque) != 0) {
    finishReading(stream)
    return denyOpaque(stream, true, reason)
  }
  writeDecision(settings, null)
  if (reason == OPAQUE_NAME) finishReading(stream)
  return readPassing(stream, 0, end)
}

function readPassing(stream: Stream, base: u64, end: bool): u32 {
  if (stream.phase != PHASE_PASSING) return ACTION_CONTINUE
  const scan = requestScan(stream)
  runScan(scan, factsOf(stream), BUFFER_REQUEST_BODY, base, stream.passed)
  if (end) endScan(scan)
  return afterReading(stream)
}

/** Of a passing call: when all is read, its facts are made known; when it cannot be read, it may be refused after all. */
function afterReading(stream: Stream): u32 {
  const scan = requestScan(stream)
  if (!scanIsOver(scan)) return ACTION_CONTINUE
  let reason = OPAQUE_NONE
  if (scanIsBad(scan)) reason = scan.reason
  else if ((factsOf(stream).bad & stream.settings.wanted) != 0) reason = OPAQUE_NAME
  const isNews = reason != OPAQUE_NONE && stream.opaque == OPAQUE_NONE
  if (reason != OPAQUE_NONE) noteOpaque(stream, reason)
  finishReading(stream)
  if (!isNews || stream.routed == 0 || stream.settings.denyOpaque == 0) return ACTION_CONTINUE
  return denyOpaque(stream, false, reason)
}

/** A call is opaque once, for its first reason. */
function noteOpaque(stream: Stream, reason: u32): void {
  if (stream.opaque != OPAQUE_NONE) return
  stream.opaque = reason
  countOpaque(reason)
}

/** The facts that are known for good become filter state and labels; the memory they stand in goes back. */
export function finishReading(stream: Stream): void {
  const facts = stream.facts
  stream.phase = PHASE_READ
  if (facts === null) return
  const scan = requestScan(stream)
  const known = scan.settled & ~facts.bad
  for (let fact: u32 = 0; fact < FACT_COUNT; fact++) {
    const at = factAt(facts, fact)
    const length = factLength(facts, fact)
    if ((known & (1 << fact)) == 0 || length == 0) continue
    if (fact == TOPIC) {
      stream.topic = topicLabel(stream.settings, at, length)
      publishTopic(at, length)
    } else if (fact == GROUP) {
      stream.group = groupLabel(stream.settings, at, length)
      publishGroup(at, length)
    }
  }
  if (scan.brokerUnreadable != 0) count(COUNTER_BROKER_UNREADABLE)
  dropFacts(stream)
}

/** The end of the call, however it came: what was read so far is all there will be. */
export function closeRequest(stream: Stream): void {
  stopWaiting(stream)
  if (stream.phase == PHASE_PASSING || stream.phase == PHASE_HELD) finishReading(stream)
}
