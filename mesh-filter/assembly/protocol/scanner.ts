// Reads facts out of a gRPC stream as it passes, whatever its chunks and the order of its fields: it can stop after any
// byte and go on at the next one. What schema.ts does not name is skipped by moving the position, without being fetched.
//
// Singular fields that occur twice follow protobuf: the last string wins, messages are merged. Once a decision was taken
// on a fact (`final`), a second occurrence of it makes the call ambiguous, since the broker may see it differently.
//
// With `readsAll`, reading stops at the end of each item (a message of a batch, an entry of an acknowledgement, a topic of a client's
// settings), so that each is judged with its own facts; runScan goes on with the next.
import { answerAt, answerLength, getBuffer } from '../abi/host'
import { PatternList, Pattern } from '../config/settings'
import { sameBytes } from '../abi/text'
import {
  BROKER,
  BROKER_BIT,
  Facts,
  GROUP,
  GROUP_BIT,
  MESSAGE_GROUP,
  MESSAGE_GROUP_BIT,
  PROPERTY,
  SHAPE_BIT,
  TAG,
  TAG_BIT,
  TOPIC,
  TOPIC_BIT,
  factAt,
  factLength,
  room,
  setFactLength,
} from './facts'
import { isWellFormed } from './names'
import {
  FIELDS,
  NODE_ACK_ENTRY,
  NODE_CLIENT_TOPIC,
  NODE_DELIVERED,
  NODE_DELIVERIES,
  NODE_DUE,
  NODE_HANDLE_CALL,
  NODE_MESSAGE,
  NODE_PROPERTY,
  NODE_PUBLISHING,
  NODE_RESPONSE,
  NODE_SETTINGS,
  NODE_STATUS,
  NODE_SUBSCRIPTION_ENTRY,
  NODE_TELEMETRY,
  STEP_ATTEMPT,
  STEP_BODY,
  STEP_CODE,
  STEP_FORGET_GROUP,
  STEP_HANDLE,
  STEP_KEY,
  STEP_NANOS,
  STEP_SECONDS,
  STEP_SKIP,
  STEP_STRING,
  isItem,
  settledBy,
  stepOf,
} from './schema'

/** Inside of a gRPC frame's five-byte head. */
const STATE_FRAME: u32 = 0
const STATE_TAG: u32 = 1
const STATE_VARINT: u32 = 2
const STATE_LENGTH: u32 = 3
const STATE_SKIP: u32 = 4
const STATE_STRING: u32 = 5
const STATE_HANDLE: u32 = 6
/** Nothing that follows can change what was learnt. */
const STATE_DONE: u32 = 7
const STATE_BAD: u32 = 8

// Why a call cannot be read; the names stand in metrics/counters.ts.
export const OPAQUE_NONE: u32 = 0
export const OPAQUE_COMPRESSED: u32 = 1
export const OPAQUE_FRAME: u32 = 2
export const OPAQUE_MALFORMED: u32 = 3
export const OPAQUE_AMBIGUOUS: u32 = 4
export const OPAQUE_NAME: u32 = 5
export const OPAQUE_TRUNCATED: u32 = 6
export const OPAQUE_EXHAUSTED: u32 = 7
export const OPAQUE_COUNT: u32 = 8

const ALL_SETTLED: u32 = 0xffff
const MESSAGE_FACTS: u32 = TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT | SHAPE_BIT
const NO_CODE: i32 = -1
/** A negative number stood there, which no code is, and which must not pass for one of the numbers below zero that have a meaning here. */
const STRANGE_CODE: i32 = -2

/** Deepest path is TelemetryCommand > Settings > Subscription > Resource. */
const LEVELS: u32 = 6
/** How much is fetched at once. The names of almost every call stand in its first 200 bytes. */
const WINDOW: u64 = 512
/** Position of the broker's name in a receipt handle, and how many words a handle has at least. */
const BROKER_WORD: u32 = 5
const HANDLE_WORDS: u32 = 8

@unmanaged
export class Scan {
  /** Bytes of the stream that were read or skipped. */
  position: u64
  /** Where the value that is being read or skipped ends. */
  valueEnd: u64
  accumulator: u64
  shift: u32
  state: u32
  depth: u32
  /** What is to be done with the field whose tag was read. */
  step: u32
  reason: u32
  /** Facts somebody asked for: others are skipped. */
  wanted: u32
  settled: u32
  /** Facts a decision was based on. */
  final: u32
  /** Items that began; of a response, Statuses that ended. */
  items: u32
  readsAll: u32
  /** The call waits for its first facts: what repeats itself before they are complete cannot be told apart. */
  held: u32
  /** An item was read to its end; whoever judges it clears this. */
  itemEnded: u32
  /** Of the client's settings in this frame: whether there are any, and how many topics they name. */
  hasSettings: u32
  clientTopics: u32
  code: i32
  word: u32
  wordLength: u32
  wordsBad: u32
  /** A broker name stood there which does not look like one. */
  brokerUnreadable: u32
  /** Of the first gRPC message, its head not counted. */
  frameLength: u32
  // The message that is being read.
  properties: u32
  keys: u32
  /** Bits of `names`. */
  seenProperties: u32
  dueNanos: u32
  bodyLength: u64
  dueSeconds: i64
  /** Of a message that is received. */
  attempt: i32
  /** User properties that somebody asks for. */
  names: PatternList | null
  nodes: u64
  end0: u64
  end1: u64
  end2: u64
  end3: u64
  end4: u64
  end5: u64
}

// @ts-ignore: decorator
@inline
function endCell(scan: Scan, depth: u32): usize {
  return changetype<usize>(scan) + offsetof<Scan>('end0') + (<usize>depth << 3)
}

// @ts-ignore: decorator
@inline
function nodeCell(scan: Scan, depth: u32): usize {
  return changetype<usize>(scan) + offsetof<Scan>('nodes') + <usize>depth
}

export function startScan(scan: Scan, root: u32, wanted: u32): void {
  memory.fill(changetype<usize>(scan), 0, offsetof<Scan>())
  scan.wanted = wanted
  scan.code = NO_CODE
  store<u8>(nodeCell(scan, 0), <u8>root)
}

// @ts-ignore: decorator
@inline
export function scanIsBad(scan: Scan): bool {
  return scan.state == STATE_BAD
}

/** True when no further byte matters, be it because all is known or because the stream cannot be read. */
// @ts-ignore: decorator
@inline
export function scanIsOver(scan: Scan): bool {
  return scan.state >= STATE_DONE
}

/** The stream ended. One without a single byte is a call without facts, one that stops inside its message is cut short. */
export function endScan(scan: Scan): void {
  if (scan.state >= STATE_DONE) return
  if (scan.state == STATE_FRAME && scan.shift == 0) finish(scan)
  else fail(scan, OPAQUE_TRUNCATED)
}

function finish(scan: Scan): void {
  scan.settled = ALL_SETTLED
  scan.state = STATE_DONE
}

function fail(scan: Scan, reason: u32): void {
  scan.state = STATE_BAD
  scan.reason = reason
}

/**
 * Reads on up to `limit`, where the host's buffer begins at stream offset `base`. The whole of a held stream stands in its
 * buffer (base 0); of a passing stream only the current chunk.
 */
export function runScan(scan: Scan, facts: Facts, buffer: u32, base: u64, limit: u64): void {
  while (scan.state < STATE_DONE && scan.itemEnded == 0) {
    if (scan.state == STATE_SKIP) {
      scan.position = min(scan.valueEnd, limit)
      if (scan.position < scan.valueEnd) return
      scan.state = STATE_TAG
    }
    if (scan.position >= limit) {
      // Ends of messages and empty strings take effect without a further byte.
      consume(scan, facts, 0, 0)
      return
    }
    const length = min(limit - scan.position, WINDOW)
    if (!getBuffer(buffer, <u32>(scan.position - base), <u32>length)) return
    const got = min<u64>(<u64>answerLength(), length)
    if (got == 0) return
    consume(scan, facts, answerAt(), <usize>got)
  }
}

/** Reads `length` bytes at `at`; stops early when the rest of them is to be skipped. */
function consume(scan: Scan, facts: Facts, at: usize, length: usize): void {
  const start = scan.position
  const stop = at + length
  let next = at
  while (true) {
    const here = start + <u64>(next - at)
    const state = scan.state
    if (state == STATE_TAG && scan.shift == 0 && here == load<u64>(endCell(scan, scan.depth))) {
      leave(scan, facts)
      if (scan.itemEnded != 0) break
      continue
    }
    if (state == STATE_STRING || state == STATE_HANDLE) {
      const run = <usize>min<u64>(scan.valueEnd - here, <u64>(stop - next))
      if (state == STATE_STRING) takeString(scan, facts, next, run)
      else takeHandle(scan, facts, next, run)
      next += run
      if (here + <u64>run == scan.valueEnd) {
        if (state == STATE_STRING) endString(scan, facts)
        else endHandle(scan, facts)
        scan.state = STATE_TAG
        continue
      }
      break
    }
    if (state == STATE_SKIP) {
      const left = scan.valueEnd - here
      if (left > <u64>(stop - next)) {
        next = stop
        break
      }
      next += <usize>left
      scan.state = STATE_TAG
      continue
    }
    if (next == stop || state >= STATE_DONE) break
    const byte = load<u8>(next++)
    if (state == STATE_FRAME) takeFrameByte(scan, facts, byte, here + 1)
    else takeVarintByte(scan, facts, byte, here + 1)
  }
  scan.position = start + <u64>(next - at)
}

function takeFrameByte(scan: Scan, facts: Facts, byte: u8, after: u64): void {
  if (scan.shift == 0) {
    if (byte != 0) {
      fail(scan, byte == 1 ? OPAQUE_COMPRESSED : OPAQUE_FRAME)
      return
    }
    scan.accumulator = 0
  } else scan.accumulator = (scan.accumulator << 8) | <u64>byte
  if (++scan.shift < 5) return
  store<u64>(endCell(scan, 0), after + scan.accumulator)
  if (after == 5) scan.frameLength = <u32>scan.accumulator
  else if (<u32>load<u8>(nodeCell(scan, 0)) == NODE_TELEMETRY) beginSettings(scan, facts)
  beginField(scan)
}

function beginField(scan: Scan): void {
  scan.state = STATE_TAG
  scan.accumulator = 0
  scan.shift = 0
}

function takeVarintByte(scan: Scan, facts: Facts, byte: u8, after: u64): void {
  if (after > load<u64>(endCell(scan, scan.depth)) || scan.shift > 63) {
    fail(scan, OPAQUE_MALFORMED)
    return
  }
  scan.accumulator |= <u64>(byte & 127) << <u64>scan.shift
  scan.shift += 7
  if (byte > 127) return
  const value = scan.accumulator
  const state = scan.state
  beginField(scan)
  if (state == STATE_TAG) takeTag(scan, value, after)
  else if (state == STATE_LENGTH) takeLength(scan, facts, value, after)
  else if (scan.step == STEP_CODE) scan.code = <i32>value >= 0 ? <i32>value : STRANGE_CODE
  else if (scan.step == STEP_SECONDS) scan.dueSeconds = <i64>value
  else if (scan.step == STEP_NANOS) scan.dueNanos = <u32>value
  else if (scan.step == STEP_ATTEMPT) scan.attempt = <i32>value
}

function takeTag(scan: Scan, tag: u64, after: u64): void {
  const number = <u32>(tag >> 3)
  const wire = <u32>tag & 7
  if (tag > 0xffffffff || number == 0) {
    fail(scan, OPAQUE_MALFORMED)
    return
  }
  scan.step = number < FIELDS ? <u32>stepOf(load<u8>(nodeCell(scan, scan.depth)), number) : STEP_SKIP
  if (wire == 0) scan.state = STATE_VARINT
  else if (wire == 2) scan.state = STATE_LENGTH
  else if (wire == 1) skip(scan, 8, after)
  else if (wire == 5) skip(scan, 4, after)
  else fail(scan, OPAQUE_MALFORMED)
}

function skip(scan: Scan, length: u64, after: u64): void {
  scan.valueEnd = after + length
  if (length > load<u64>(endCell(scan, scan.depth)) - after) fail(scan, OPAQUE_MALFORMED)
  else scan.state = STATE_SKIP
}

/** A length-delimited field begins: descend, capture or skip. */
function takeLength(scan: Scan, facts: Facts, length: u64, after: u64): void {
  skip(scan, length, after)
  if (scan.state == STATE_BAD) return
  const step = scan.step
  if (step == STEP_SKIP || step == STEP_CODE || step == STEP_SECONDS || step == STEP_NANOS || step == STEP_ATTEMPT) return
  if (step == STEP_BODY) {
    scan.bodyLength = length
    scan.settled |= SHAPE_BIT
    return
  }
  if (step == STEP_KEY) {
    scan.keys++
    return
  }
  if (step == STEP_FORGET_GROUP) forgetGroup(facts)
  else if (step == STEP_HANDLE) {
    if (isConsidered(scan, BROKER_BIT)) beginHandle(scan, facts)
  } else if (step == STEP_STRING + PROPERTY) beginString(scan, facts, PROPERTY, length)
  else if (step >= STEP_STRING) {
    if (isConsidered(scan, 1 << (step - STEP_STRING))) beginString(scan, facts, step - STEP_STRING, length)
  } else descend(scan, facts, step)
}

/** Another member of a oneof: what was read from its sibling does not count. */
function forgetGroup(facts: Facts): void {
  setFactLength(facts, GROUP, 0)
  facts.bad &= ~GROUP_BIT
}

/** False when nobody asked for these facts, or when they come a second time after they were acted upon. */
function isConsidered(scan: Scan, bits: u32): bool {
  if ((scan.final & bits) != 0) {
    fail(scan, OPAQUE_AMBIGUOUS)
    return false
  }
  return (scan.wanted & bits) != 0
}

function descend(scan: Scan, facts: Facts, node: u32): void {
  if (node == NODE_PROPERTY) {
    scan.properties++
    if (scan.names === null) return
    setFactLength(facts, PROPERTY, 0)
  } else if (node == NODE_PUBLISHING) {
    forgetGroup(facts)
    if (scan.readsAll == 0) return
  } else if (node == NODE_DUE || node == NODE_SUBSCRIPTION_ENTRY) {
    if (scan.readsAll == 0) return
  } else if (node == NODE_DELIVERED) {
    scan.attempt = 0
    scan.dueSeconds = 0
    scan.dueNanos = 0
  } else if (node == NODE_SETTINGS) scan.hasSettings = 1
  else if (isItem(node)) {
    if (!beginItem(scan, facts, node)) return
  }
  const bits = settledBy(node)
  if (bits != 0 && !isConsidered(scan, bits)) return
  if (scan.depth + 1 == LEVELS) return
  scan.depth++
  store<u8>(nodeCell(scan, scan.depth), <u8>node)
  store<u64>(endCell(scan, scan.depth), scan.valueEnd)
  beginField(scan)
}

/** False when nobody looks at it. A further item has facts of its own, and may repeat what the first one was decided on. */
function beginItem(scan: Scan, facts: Facts, node: u32): bool {
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
  else setFactLength(facts, TOPIC, 0)
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
function beginSettings(scan: Scan, facts: Facts): void {
  scan.hasSettings = 0
  scan.clientTopics = 0
  setFactLength(facts, GROUP, 0)
  setFactLength(facts, TOPIC, 0)
  facts.bad = 0
}

function leave(scan: Scan, facts: Facts): void {
  const node = <u32>load<u8>(nodeCell(scan, scan.depth))
  if (scan.depth == 0) {
    if (node == NODE_RESPONSE || node == NODE_DELIVERIES) scan.state = STATE_FRAME
    else if (node == NODE_TELEMETRY && scan.readsAll != 0) {
      scan.state = STATE_FRAME
      // Settings without a topic are judged as a whole.
      if (scan.hasSettings != 0 && scan.clientTopics == 0) scan.itemEnded = 1
    } else finish(scan)
    return
  }
  scan.settled |= settledBy(node)
  scan.depth--
  if (node == NODE_STATUS) {
    if (scan.code == NO_CODE) scan.code = 0
    scan.items++
  }
  if (node == NODE_PROPERTY) markProperty(scan, facts)
  else if ((isItem(node) && scan.readsAll != 0) || node == NODE_DELIVERED) scan.itemEnded = 1
  // Neither a later message of a batch, unless all are judged, nor anything behind a Status is looked at.
  else if ((node == NODE_STATUS && load<u8>(nodeCell(scan, 0)) == NODE_RESPONSE) || node == NODE_MESSAGE) finish(scan)
}

function markProperty(scan: Scan, facts: Facts): void {
  const names = scan.names
  if (names === null) return
  const length = factLength(facts, PROPERTY)
  for (let i: u32 = 0; i < names.count; i++) {
    const name = changetype<Pattern>(names.first + <usize>i * offsetof<Pattern>())
    if (length != 0 && sameBytes(name.at, name.length, factAt(facts, PROPERTY), length)) scan.seenProperties |= 1 << i
  }
}

/** A fact that comes again is open until it is complete: half of its second value is none to act upon. */
// @ts-ignore: decorator
@inline
function unsettle(scan: Scan, fact: u32): void {
  scan.settled &= ~(1 << fact)
}

function beginString(scan: Scan, facts: Facts, fact: u32, length: u64): void {
  // The topics before it were judged without it.
  if (fact == GROUP && scan.clientTopics != 0) {
    fail(scan, OPAQUE_AMBIGUOUS)
    return
  }
  unsettle(scan, fact)
  setFactLength(facts, fact, 0)
  facts.bad &= ~(1 << fact)
  if (length > <u64>room(fact)) judge(scan, facts, fact)
  else scan.state = STATE_STRING
}

function takeString(scan: Scan, facts: Facts, at: usize, length: usize): void {
  const fact = scan.step - STEP_STRING
  const had = factLength(facts, fact)
  memory.copy(factAt(facts, fact) + <usize>had, at, length)
  setFactLength(facts, fact, had + <u32>length)
}

function endString(scan: Scan, facts: Facts): void {
  const fact = scan.step - STEP_STRING
  if (!isWellFormed(fact, factAt(facts, fact), factLength(facts, fact))) judge(scan, facts, fact)
}

/** A value of which no use can be made: a strange broker is no broker, a strange name makes the call opaque. */
function judge(scan: Scan, facts: Facts, fact: u32): void {
  setFactLength(facts, fact, 0)
  if (fact == BROKER) scan.brokerUnreadable = 1
  else if (fact != PROPERTY) facts.bad |= 1 << fact
}

function beginHandle(scan: Scan, facts: Facts): void {
  unsettle(scan, BROKER)
  setFactLength(facts, BROKER, 0)
  scan.word = 0
  scan.wordLength = 0
  scan.wordsBad = 0
  scan.state = STATE_HANDLE
}

function takeHandle(scan: Scan, facts: Facts, at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(at + i)
    if (byte == 32) {
      if (scan.wordLength == 0) scan.wordsBad = 1
      scan.word++
      scan.wordLength = 0
      continue
    }
    if (scan.word == BROKER_WORD) {
      if (scan.wordLength == room(BROKER)) scan.wordsBad = 1
      else {
        store<u8>(factAt(facts, BROKER) + <usize>scan.wordLength, byte)
        setFactLength(facts, BROKER, scan.wordLength + 1)
      }
    }
    if (scan.wordLength < room(BROKER)) scan.wordLength++
  }
}

function endHandle(scan: Scan, facts: Facts): void {
  const isEmpty = scan.word == 0 && scan.wordLength == 0
  const isHandle = scan.wordsBad == 0 && scan.wordLength != 0 && scan.word + 1 >= HANDLE_WORDS
  if (!isEmpty && (!isHandle || !isWellFormed(BROKER, factAt(facts, BROKER), factLength(facts, BROKER)))) judge(scan, facts, BROKER)
  if (load<u8>(nodeCell(scan, scan.depth)) == NODE_HANDLE_CALL) scan.settled |= BROKER_BIT
}
