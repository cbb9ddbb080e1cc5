// Reads facts out of a gRPC stream as it passes, whatever its chunks and the order of its fields: it can stop after any
// byte and go on at the next one. What schema.ts does not name is skipped by moving the position, without being fetched.
//
// Singular fields that occur twice follow protobuf: the last string wins, messages are merged. Once a decision was taken
// on a fact (`final`), a second occurrence of it makes the call ambiguous, since the broker may see it differently.
//
// With `readsAll`, reading stops at the end of each item (a message of a batch, an entry of an acknowledgement, a topic of a client's
// settings), so that each is judged with its own facts; runScan goes on with the next.
import { answerAt, answerLength, getBuffer } from '../abi/host'
import { BROKER_BIT, Facts, GROUP, GROUP_BIT, PROPERTY, SHAPE_BIT, bitOf, clearName, setFactLength } from './facts'
import { beginItem, beginSettings, markProperty } from './items'
import {
  LEVELS,
  NO_CODE,
  OPAQUE_AMBIGUOUS,
  OPAQUE_COMPRESSED,
  OPAQUE_FRAME,
  OPAQUE_MALFORMED,
  STATE_BAD,
  STATE_DONE,
  STATE_FRAME,
  STATE_HANDLE,
  STATE_LENGTH,
  STATE_SKIP,
  STATE_STRING,
  STATE_TAG,
  STATE_VARINT,
  STRANGE_CODE,
  Scan,
  endCell,
  fail,
  finish,
  nodeCell,
} from './scan'
import {
  FIELDS,
  NODE_DELIVERED,
  NODE_DELIVERIES,
  NODE_DUE,
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
import { beginHandle, beginString, endHandle, endString, takeHandle, takeString } from './values'

/** How much is fetched at once. The names of almost every call stand in its first 200 bytes. */
const WINDOW: u64 = 512
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
    if (state == STATE_TAG && scan.shift == 0) {
      if (here == load<u64>(endCell(scan, scan.depth))) {
        leave(scan, facts)
        if (scan.itemEnded != 0) break
        continue
      }
      const taken = takeField(scan, facts, next, stop, here)
      if (taken != 0) {
        next += taken
        continue
      }
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
    if (state == STATE_FRAME && scan.shift == 0 && stop - next >= 5 && load<u8>(next) == 0) {
      next += 5
      beginFrame(scan, facts, bswap<u32>(load<u32>(next - 4)), here + 5)
      continue
    }
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
  if (++scan.shift == 5) beginFrame(scan, facts, <u32>scan.accumulator, after)
}

function beginFrame(scan: Scan, facts: Facts, length: u32, after: u64): void {
  store<u64>(endCell(scan, 0), after + <u64>length)
  if (after == 5) scan.frameLength = length
  else if (<u32>load<u8>(nodeCell(scan, 0)) == NODE_TELEMETRY) beginSettings(scan, facts)
  beginField(scan)
}

function beginField(scan: Scan): void {
  scan.state = STATE_TAG
  scan.accumulator = 0
  scan.shift = 0
}

/**
 * The beginning of a field at once, as almost all are written: a tag of one byte, and behind it the length or the number. Answers how many bytes
 * that was; 0 when it is none of these, is not all there or not as it should be, and is to be read byte by byte.
 */
function takeField(scan: Scan, facts: Facts, at: usize, stop: usize, here: u64): usize {
  if (stop - at < 2) return 0
  const tag = <u32>load<u8>(at)
  const isNumber = (tag & 7) == 0
  if (tag < 8 || tag > 127 || (!isNumber && (tag & 7) != 2)) return 0
  let next = at + 1
  let byte = load<u8>(next++)
  let value = <u64>(byte & 127)
  for (let shift: u64 = 7; byte > 127; shift += 7) {
    if (next == stop || shift > 28) return 0
    byte = load<u8>(next++)
    value |= <u64>(byte & 127) << shift
  }
  const size = next - at
  const left = load<u64>(endCell(scan, scan.depth)) - here
  if (<u64>size > left) return 0
  scan.step = <u32>stepOf(load<u8>(nodeCell(scan, scan.depth)), tag >> 3)
  if (isNumber) takeNumber(scan, value)
  else if (scan.step == STEP_SKIP && value <= left - <u64>size && value <= <u64>(stop - next)) return size + <usize>value
  else takeLength(scan, facts, value, here + <u64>size)
  return size
}

function takeNumber(scan: Scan, value: u64): void {
  if (scan.step == STEP_CODE) scan.code = <i32>value >= 0 ? <i32>value : STRANGE_CODE
  else if (scan.step == STEP_SECONDS) scan.dueSeconds = <i64>value
  else if (scan.step == STEP_NANOS) scan.dueNanos = <u32>value
  else if (scan.step == STEP_ATTEMPT) scan.attempt = <i32>value
}

function takeVarintByte(scan: Scan, facts: Facts, byte: u8, after: u64): void {
  if (after > load<u64>(endCell(scan, scan.depth)) || scan.shift > 63) {
    fail(scan, OPAQUE_MALFORMED)
    return
  }
  let value = <u64>byte
  if (byte > 127 || scan.shift != 0) {
    scan.accumulator |= <u64>(byte & 127) << <u64>scan.shift
    scan.shift += 7
    if (byte > 127) return
    value = scan.accumulator
    scan.accumulator = 0
    scan.shift = 0
  }
  const state = scan.state
  scan.state = STATE_TAG
  if (state == STATE_TAG) takeTag(scan, value, after)
  else if (state == STATE_LENGTH) takeLength(scan, facts, value, after)
  else takeNumber(scan, value)
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
    if (isConsidered(scan, bitOf(step - STEP_STRING))) beginString(scan, facts, step - STEP_STRING, length)
  } else descend(scan, facts, step)
}

/** Another member of a oneof: what was read from its sibling does not count. */
function forgetGroup(facts: Facts): void {
  clearName(facts, GROUP)
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
