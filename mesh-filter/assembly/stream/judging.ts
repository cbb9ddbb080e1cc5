// Reading along with a request that is on its way: each further message, entry or topic is judged as it ends, and what turns
// out to be unreadable or against a rule is refused after all, before the broker has all of it.
import { ACTION_CONTINUE, BUFFER_REQUEST_BODY } from '../abi/constants'
import { hashOf } from '../abi/text'
import { neededBy } from '../config/settings'
import { COUNTER_BROKER_UNREADABLE, count, countOpaque, groupLabel, topicLabel } from '../metrics/counters'
import { confirm, decide } from '../policy/pipeline'
import { GROUP, GROUP_BIT, TOPIC, TOPIC_BIT, factAt, factLength } from '../protocol/facts'
import { OP_SEND, OP_TELEMETRY, isClientCall, requestOf } from '../protocol/operations'
import { carriedBy } from '../protocol/schema'
import { OPAQUE_AMBIGUOUS, OPAQUE_NAME, OPAQUE_NONE, endScan, scanIsBad, scanIsOver } from '../protocol/scan'
import { runScan } from '../protocol/scanner'
import { denyOpaque } from './denial'
import { STATE_GROUP, STATE_TOPIC, publish } from './filter-state'
import { refuseByRule } from './refusal'
import { PHASE_PASSING, PHASE_READ, Stream, dropFacts, dropRequestScan, factsOf } from './stream'

/** `held`: the headers are still here, so that a refusal can be native. */
export function readPassing(stream: Stream, base: u64, end: bool, held: bool = false): u32 {
  if (stream.phase != PHASE_PASSING) return ACTION_CONTINUE
  const scan = stream.requestScan
  const facts = factsOf(stream)
  while (true) {
    if (scan.itemEnded == 0) runScan(scan, facts, BUFFER_REQUEST_BODY, base, stream.passed)
    if (scan.itemEnded == 0) break
    scan.itemEnded = 0
    if (isOtherTopic(stream)) return refuseOpaque(stream, OPAQUE_AMBIGUOUS, held)
    if ((facts.bad & stream.settings.wanted) != 0) return refuseOpaque(stream, OPAQUE_NAME, held)
    if (!judgeItem(stream)) {
      finishReading(stream)
      return refuseByRule(stream, held)
    }
  }
  if (end) endScan(scan)
  return afterReading(stream, held)
}

/** A message of another topic in a batch that was sent where the first one's topic goes. Brokers refuse such batches. */
function isOtherTopic(stream: Stream): bool {
  return stream.routed != 0 && stream.op == OP_SEND && stream.topicHash != 0 && topicHash(stream) != stream.topicHash
}

export function noteTopic(stream: Stream): void {
  if (stream.op == OP_SEND && (neededBy(stream.settings, OP_SEND) & TOPIC_BIT) != 0) stream.topicHash = topicHash(stream)
}

/** Never 0. */
function topicHash(stream: Stream): u32 {
  const facts = factsOf(stream)
  return hashOf(factAt(facts, TOPIC), factLength(facts, TOPIC)) | 1
}

function judgeItem(stream: Stream): bool {
  publishFacts(stream)
  if (stream.decided != 0 || stream.op == OP_TELEMETRY) return confirm(stream)
  // The first entry of an acknowledgement may come before its topic: then the call is judged when all is read.
  if (!isKnown(stream)) return true
  return decide(stream) && confirm(stream)
}

/** Whether all is settled that rules may ask for. */
function isKnown(stream: Stream): bool {
  const wanted = stream.settings.wanted & carriedBy(requestOf(stream.method))
  return (stream.requestScan.settled & wanted) == wanted
}

/** Of a passing call: when all is read, its facts are made known; when it cannot be read, it may be refused after all. */
function afterReading(stream: Stream, held: bool): u32 {
  const scan = stream.requestScan
  if (!scanIsOver(scan)) return ACTION_CONTINUE
  let reason = OPAQUE_NONE
  if (scanIsBad(scan)) reason = scan.reason
  else if ((factsOf(stream).bad & stream.settings.wanted) != 0) reason = OPAQUE_NAME
  if (reason != OPAQUE_NONE) return refuseOpaque(stream, reason, held)
  const allowed = stream.decided != 0 || stream.op == OP_TELEMETRY || stream.opaque != OPAQUE_NONE || decide(stream)
  finishReading(stream)
  return allowed ? ACTION_CONTINUE : refuseByRule(stream, held)
}

function refuseOpaque(stream: Stream, reason: u32, held: bool): u32 {
  const isNews = stream.opaque == OPAQUE_NONE
  noteOpaque(stream, reason)
  finishReading(stream)
  const settings = stream.settings
  // Acl also holds for what is never held, and where Envoy lets nothing be held; it must not be had by writing oddly.
  const matters = stream.routed != 0 || (settings.routing != 0 && settings.acl != 0)
  if (!isNews || !matters || settings.denyOpaque == 0) return ACTION_CONTINUE
  return denyOpaque(stream, held, reason)
}

/** A call is opaque once, for its first reason. */
export function noteOpaque(stream: Stream, reason: u32): void {
  if (stream.opaque != OPAQUE_NONE) return
  stream.opaque = reason
  countOpaque(reason)
}

/** The facts that are known for good become filter state and labels, once: those of the first message, with a batch. */
function publishFacts(stream: Stream): void {
  const facts = stream.facts
  if (facts === null || stream.published != 0) return
  stream.published = 1
  const known = stream.requestScan.settled & ~facts.bad
  const topic = factLength(facts, TOPIC)
  if (topic != 0 && (known & TOPIC_BIT) != 0 && !isClientCall(stream.op)) {
    stream.topic = topicLabel(stream.settings, factAt(facts, TOPIC), topic)
    publish(stream.settings, STATE_TOPIC, factAt(facts, TOPIC), topic)
  }
  const group = factLength(facts, GROUP)
  if (group != 0 && (known & GROUP_BIT) != 0) {
    stream.group = groupLabel(stream.settings, factAt(facts, GROUP), group)
    publish(stream.settings, STATE_GROUP, factAt(facts, GROUP), group)
  }
}

/** Nothing more is read of the request; the memory its facts stand in goes back. */
export function finishReading(stream: Stream): void {
  stream.phase = PHASE_READ
  publishFacts(stream)
  if (stream.requestScan.brokerUnreadable != 0) count(COUNTER_BROKER_UNREADABLE)
  dropFacts(stream)
  dropRequestScan(stream)
}
