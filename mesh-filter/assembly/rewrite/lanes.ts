// Lanes: a message carries the lane that it was sent in as a property, a consumer of a lane has a group of its own, and the
// broker's SQL filter gives each group the messages of its lane. Who has no lane, or the base lane's name, is in the base lane.
import { LANE as LANE_FACT, LANE_BIT, setFact } from '../protocol/facts'
import { Stream, factsOf } from '../stream/stream'
import { MAP_REQUEST_HEADERS } from '../abi/constants'
import { answerAt, answerLength, getHeader, getPropertyBytes } from '../abi/host'
import { Bytes, bytesOf, sameBytes } from '../abi/text'
import { PatternList } from '../config/settings'
import { matchesAny } from '../policy/pattern'
import { FIELD_FOUND, contentAt, contentLength, fieldEnd, fieldNumber, fieldValue, fieldWire, nextField } from './walk'
import { NOT_FIT, REWRITTEN_LANES, countOne, note } from './counts'
import { LANE, Rewriting, setValue, valueAt, valueLength } from './rewriting'
import { closeLength, openLength, write, writeByte, writeTag, writeVarint } from './output'

export const FROM_HEADER: u32 = 0
export const FROM_BAGGAGE: u32 = 1
/** `node.metadata` of the Envoy: all that runs beside it is in one lane. */
export const FROM_NODE: u32 = 2

@unmanaged
export class LaneSource {
  kind: u32
  /** Header, or property path. */
  header: Bytes
  /** Key of the baggage. */
  key: Bytes
}

@unmanaged
export class Lanes {
  base: Bytes
  property: Bytes
  /** The suffix of groups, before and behind the lane's name. */
  suffixHead: Bytes
  suffixTail: Bytes
  topics: PatternList | null
  sourceCount: u32
  sources: usize
}

const EQUALS = bytesOf(" = '")
const IS_NULL = bytesOf(' IS NULL OR ')
const QUOTE_CLOSE = bytesOf("')")
const AND = bytesOf(' AND (')
const TAGS = bytesOf(" AND (TAGS IN ('")
const COMMA = bytesOf(",'")
const TAGS_END = bytesOf('))')
const MOST_LANE: usize = 64
const MOST_GROUP: usize = 255

/** Letters, digits, dashes, underscores: the lane becomes part of a group's name and of an SQL text. */
function isLane(at: usize, length: usize): bool {
  if (length == 0 || length > MOST_LANE) return false
  for (let i: usize = 0; i < length; i++) {
    const c = load<u8>(at + i)
    if (!((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 45 || c == 95)) return false
  }
  return true
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == 32 || byte == 9
}

/** W3C Baggage: `key = value ; property, key=value`. Address and length of the value in `found`. */
let foundAt: usize = 0
let foundLength: usize = 0
function findInBaggage(at: usize, length: usize, key: Bytes): bool {
  const end = at + length
  while (at < end) {
    let stop = at
    while (stop < end && load<u8>(stop) != 44) stop++
    let equals = at
    while (equals < stop && load<u8>(equals) != 61) equals++
    let valueEnd = equals
    while (valueEnd < stop && load<u8>(valueEnd) != 59) valueEnd++
    let keyAt = at
    let keyEnd = equals
    while (keyAt < keyEnd && isBlank(load<u8>(keyAt))) keyAt++
    while (keyEnd > keyAt && isBlank(load<u8>(keyEnd - 1))) keyEnd--
    if (equals < stop && sameBytes(keyAt, keyEnd - keyAt, key.at, key.length)) {
      let valueAt = equals + 1
      while (valueAt < valueEnd && isBlank(load<u8>(valueAt))) valueAt++
      while (valueEnd > valueAt && isBlank(load<u8>(valueEnd - 1))) valueEnd--
      foundAt = valueAt
      foundLength = valueEnd - valueAt
      return true
    }
    at = stop + 1
  }
  return false
}

/** Finds the lane of a call: the first source that names one. Kept in `rewriting`; empty in the base lane. */
export function findLane(lanes: Lanes, rewriting: Rewriting): void {
  if (!seekLane(lanes)) return
  if (!sameBytes(foundAt, foundLength, lanes.base.at, lanes.base.length)) setValue(rewriting, LANE, foundAt, foundLength)
}

/** The lane becomes a fact, for rules and the header x-fmq-lane. */
export function readLane(stream: Stream): void {
  const settings = stream.settings
  if (settings.lanes == 0 || (settings.wanted & LANE_BIT) == 0) return
  if (seekLane(changetype<Lanes>(settings.lanes))) setFact(factsOf(stream), LANE_FACT, foundAt, foundLength)
}

/** True with the first source that names a lane, in foundAt and foundLength. */
function seekLane(lanes: Lanes): bool {
  for (let i: u32 = 0; i < lanes.sourceCount; i++) {
    const source = changetype<LaneSource>(lanes.sources + <usize>i * offsetof<LaneSource>())
    if (source.kind == FROM_NODE) {
      if (!getPropertyBytes(source.header)) continue
    } else if (!getHeader(MAP_REQUEST_HEADERS, source.header)) continue
    foundAt = answerAt()
    foundLength = answerLength()
    if (source.kind == FROM_BAGGAGE && !findInBaggage(answerAt(), answerLength(), source.key)) continue
    if (foundLength == 0) continue
    if (!isLane(foundAt, foundLength)) {
      countOne(NOT_FIT)
      continue
    }
    return true
  }
  return false
}

// @ts-ignore: decorator
@inline
export function isInLane(rewriting: Rewriting): bool {
  return valueLength(rewriting, LANE) != 0
}

export function concernsTopic(lanes: Lanes, at: usize, length: usize): bool {
  const topics = lanes.topics
  return topics === null || (length != 0 && matchesAny(topics, at, length))
}

/** Writes the name of the group in its lane. False when it is none or becomes too long. */
export function writeGroup(lanes: Lanes, rewriting: Rewriting, at: usize, length: usize): bool {
  const lane = valueLength(rewriting, LANE)
  if (length == 0 || lane == 0) return false
  if (length + lanes.suffixHead.length + lane + lanes.suffixTail.length > MOST_GROUP) {
    note(NOT_FIT)
    return false
  }
  write(at, length)
  write(lanes.suffixHead.at, lanes.suffixHead.length)
  write(valueAt(rewriting, LANE), lane)
  write(lanes.suffixTail.at, lanes.suffixTail.length)
  note(REWRITTEN_LANES)
  return true
}

/** Writes the group as its client knows it. False when it has not got the suffix. */
export function writeGroupBack(lanes: Lanes, rewriting: Rewriting, at: usize, length: usize): bool {
  const lane = valueLength(rewriting, LANE)
  const suffix = lanes.suffixHead.length + lane + lanes.suffixTail.length
  if (lane == 0 || length <= suffix) return false
  let next = at + length - suffix
  if (memory.compare(next, lanes.suffixHead.at, lanes.suffixHead.length) != 0) return false
  next += lanes.suffixHead.length
  if (memory.compare(next, valueAt(rewriting, LANE), lane) != 0) return false
  if (memory.compare(next + lane, lanes.suffixTail.at, lanes.suffixTail.length) != 0) return false
  write(at, length - suffix)
  note(REWRITTEN_LANES)
  return true
}

function writeText(text: Bytes): void {
  write(text.at, text.length)
}

/** The condition that a message belongs to the lane of the call. */
function writeCondition(lanes: Lanes, rewriting: Rewriting): void {
  if (isInLane(rewriting)) {
    writeText(lanes.property)
    writeText(EQUALS)
    write(valueAt(rewriting, LANE), valueLength(rewriting, LANE))
    writeByte(39)
    return
  }
  writeByte(40)
  writeText(lanes.property)
  writeText(IS_NULL)
  writeText(lanes.property)
  writeText(EQUALS)
  writeText(lanes.base)
  writeText(QUOTE_CLOSE)
}

const EXPRESSION_TYPE: u32 = 1
const EXPRESSION_TEXT: u32 = 2
const TYPE_SQL: u64 = 2

/**
 * Writes the content of a FilterExpression (an empty one stands for none) that lets through what the given one does, of the
 * call's lane. False when the given one cannot be read.
 */
export function writeFilter(lanes: Lanes, rewriting: Rewriting, at: usize, end: usize): bool {
  let type: u64 = 0
  let textAt: usize = 0
  let textLength: usize = 0
  while (at < end) {
    if (nextField(at, end) != FIELD_FOUND) return false
    if (fieldNumber == EXPRESSION_TYPE && fieldWire == 0) type = fieldValue
    else if (fieldNumber == EXPRESSION_TEXT && fieldWire == 2) {
      textAt = contentAt
      textLength = contentLength()
    }
    at = fieldEnd
  }
  writeByte(<u8>(EXPRESSION_TYPE << 3))
  writeVarint(<u32>TYPE_SQL)
  writeTag(EXPRESSION_TEXT)
  const text = openLength()
  writeCondition(lanes, rewriting)
  if (type == TYPE_SQL) {
    writeText(AND)
    write(textAt, textLength)
    writeByte(41)
  } else writeTags(textAt, textLength)
  closeLength(text)
  note(REWRITTEN_LANES)
  return true
}

/** `a || b` becomes ` AND (TAGS IN ('a','b'))`; `*` and an empty one become nothing. */
function writeTags(at: usize, length: usize): void {
  const end = at + length
  let count = 0
  while (at < end) {
    let stop = at
    while (stop < end && !(load<u8>(stop) == 124 && stop + 1 < end && load<u8>(stop + 1) == 124)) stop++
    let from = at
    let to = stop
    while (from < to && isBlank(load<u8>(from))) from++
    while (to > from && isBlank(load<u8>(to - 1))) to--
    at = stop + 2
    if (to == from) continue
    if (count == 0 && to - from == 1 && load<u8>(from) == 42) return
    writeText(count++ == 0 ? TAGS : COMMA)
    for (; from < to; from++) {
      const byte = load<u8>(from)
      if (byte == 39) writeByte(39)
      writeByte(byte)
    }
    writeByte(39)
  }
  if (count > 0) writeText(TAGS_END)
}
