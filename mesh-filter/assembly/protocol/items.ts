// The parts of a request that are judged each for itself: messages of a batch, entries of an acknowledgement, topics of settings.
import { sameBytes } from '../abi/text'
import { Pattern } from '../config/settings'
import {
  BROKER,
  BROKER_BIT,
  Facts,
  GROUP,
  MESSAGE_GROUP,
  MESSAGE_GROUP_BIT,
  PROPERTY,
  SHAPE_BIT,
  TAG,
  TAG_BIT,
  TOPIC,
  TOPIC_BIT,
  clearName,
  factAt,
  factLength,
  setFactLength,
} from './facts'
import { OPAQUE_AMBIGUOUS, Scan, fail } from './scan'
import { NODE_ACK_ENTRY, NODE_CLIENT_TOPIC, NODE_MESSAGE } from './schema'

const MESSAGE_FACTS: u32 = TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT | SHAPE_BIT

/** False when nobody looks at it. A further item has facts of its own, and may repeat what the first one was decided on. */
export function beginItem(scan: Scan, facts: Facts, node: u32): bool {
  const own = node == NODE_MESSAGE ? MESSAGE_FACTS : node == NODE_ACK_ENTRY ? BROKER_BIT : TOPIC_BIT
  if ((scan.wanted & own) == 0 || (node == NODE_CLIENT_TOPIC && scan.readsAll == 0)) return false
  if (scan.items != 0) {
    if (scan.readsAll == 0) return false
    if (scan.held != 0) {
      fail(scan, OPAQUE_AMBIGUOUS)
      return false
    }
  }
  scan.items++
  if (node == NODE_CLIENT_TOPIC) scan.clientTopics++
  if (scan.items == 1) return true
  scan.final &= ~own
  scan.settled &= ~own
  facts.bad &= ~own
  if (node == NODE_ACK_ENTRY) setFactLength(facts, BROKER, 0)
  else clearName(facts, TOPIC)
  if (node != NODE_MESSAGE) return true
  setFactLength(facts, TAG, 0)
  setFactLength(facts, MESSAGE_GROUP, 0)
  scan.properties = 0
  scan.keys = 0
  scan.seenProperties = 0
  scan.bodyLength = 0
  scan.dueSeconds = 0
  scan.dueNanos = 0
  return true
}

/** Another frame of a Telemetry stream: what it says replaces what the last one said. */
export function beginSettings(scan: Scan, facts: Facts): void {
  scan.hasSettings = 0
  scan.clientTopics = 0
  clearName(facts, GROUP)
  clearName(facts, TOPIC)
  facts.bad = 0
}

export function markProperty(scan: Scan, facts: Facts): void {
  const names = scan.names
  if (names === null) return
  const length = factLength(facts, PROPERTY)
  for (let i: u32 = 0; i < names.count; i++) {
    const name = changetype<Pattern>(names.first + <usize>i * offsetof<Pattern>())
    if (length != 0 && sameBytes(name.at, name.length, factAt(facts, PROPERTY), length)) scan.seenProperties |= 1 << i
  }
}
