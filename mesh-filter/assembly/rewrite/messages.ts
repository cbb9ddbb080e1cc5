// Changing a message that is sent or received: properties are put before all its fields, which protobuf allows in any order, so
// that nothing behind them has to be moved.
import * as field from '../gen/fields'
import { Bytes, sameBytes } from '../abi/text'
import { NOT_FIT, NOT_FULL, NOT_KEPT, REWRITTEN_LANES, REWRITTEN_TRACE, note } from './counts'
import { Lanes, concernsTopic, isInLane } from './lanes'
import { RECEIVED_MESSAGE } from './nodes'
import { closeLength, openLength, write, writeTag, writeVarint } from './output'
import { LANE, Rewriting, TRACE_PARENT, TRACE_STATE, valueAt, valueLength } from './rewriting'
import { CARRIER_PROPERTIES, CARRIER_TRACE_CONTEXT, PARENT, STATE, Trace, hasContext, isTraceParent } from './trace'
import { FIELD_FOUND, contentAt, contentLength, fieldEnd, fieldNumber, fieldWire, nextField } from './walk'

/** A stock broker takes no more (server.md has it as 128), so a message that is full would be refused for what we add. */
const MOST_PROPERTIES: u32 = 128

const KEY: u32 = 1
const VALUE: u32 = 2

// What a look at all fields of a message has found.
let properties: u32 = 0
let topicAt: usize = 0
let topicLength: usize = 0
let parentAt: usize = 0
let parentLength: usize = 0
let hasState: bool = false
let hasLane: bool = false
let contextAt: usize = 0
let contextLength: usize = 0
let hasSystem: bool = false

// What is to be written into the message's system properties.
let newContextAt: usize = 0
let newContextLength: usize = 0

/** A message whose fields up to `end` can be read; false otherwise. */
function survey(at: usize, end: usize, lanes: Lanes | null): bool {
  properties = 0
  topicLength = 0
  parentLength = 0
  contextLength = 0
  hasState = false
  hasLane = false
  hasSystem = false
  while (at < end) {
    if (nextField(at, end) != FIELD_FOUND) return false
    const next = fieldEnd
    if (fieldWire == 2) {
      const number = fieldNumber
      const content = contentAt
      if (number == field.MESSAGE_USER_PROPERTIES) {
        properties++
        if (!lookAtProperty(content, next, lanes)) return false
      } else if (number == field.MESSAGE_TOPIC) {
        if (!lookInside(content, next, field.RESOURCE_NAME)) return false
        if (insideLength != 0) {
          topicAt = insideAt
          topicLength = insideLength
        }
      } else if (number == field.MESSAGE_SYSTEM_PROPERTIES) {
        hasSystem = true
        if (!lookInside(content, next, field.SYSTEM_PROPERTIES_TRACE_CONTEXT)) return false
        if (insideLength != 0) {
          contextAt = insideAt
          contextLength = insideLength
        }
      }
    }
    at = next
  }
  return true
}

let insideAt: usize = 0
let insideLength: usize = 0

/** The last string in field `number` of a message. */
export function lookInside(at: usize, end: usize, number: u32): bool {
  insideLength = 0
  while (at < end) {
    if (nextField(at, end) != FIELD_FOUND) return false
    if (fieldNumber == number && fieldWire == 2) {
      insideAt = contentAt
      insideLength = contentLength()
    }
    at = fieldEnd
  }
  return true
}

// @ts-ignore: decorator
@inline
export function foundInsideAt(): usize {
  return insideAt
}

// @ts-ignore: decorator
@inline
export function foundInsideLength(): usize {
  return insideLength
}

function lookAtProperty(at: usize, end: usize, lanes: Lanes | null): bool {
  if (!lookInside(at, end, KEY)) return false
  const key = insideAt
  const length = insideLength
  if (sameBytes(key, length, STATE.at, STATE.length)) hasState = true
  else if (sameBytes(key, length, PARENT.at, PARENT.length)) {
    if (!lookInside(at, end, VALUE)) return false
    parentAt = insideAt
    parentLength = insideLength
  } else if (lanes !== null && sameBytes(key, length, lanes.property.at, lanes.property.length)) hasLane = true
  return true
}

function writeProperty(key: Bytes, at: usize, length: usize): void {
  writeTag(field.MESSAGE_USER_PROPERTIES)
  const start = openLength()
  writeTag(KEY)
  writeVarint(<u32>key.length)
  write(key.at, key.length)
  writeTag(VALUE)
  writeVarint(<u32>length)
  write(at, length)
  closeLength(start)
}

/** Writes what comes before the fields of the message. False when it cannot be read. */
export function beginMessage(node: u32, rewriting: Rewriting, at: usize, end: usize): bool {
  newContextLength = 0
  const settings = rewriting.settings
  const lanes = changetype<Lanes | null>(settings.lanes)
  if (!survey(at, end, lanes)) return false
  const trace = changetype<Trace | null>(settings.trace)
  if (node == RECEIVED_MESSAGE) {
    if (trace !== null) completeCarriers(trace)
    return true
  }
  if (trace !== null && hasContext(rewriting)) addContext(trace, rewriting)
  if (lanes !== null && isInLane(rewriting) && !hasLane && concernsTopic(lanes, topicAt, topicLength)) {
    if (properties >= MOST_PROPERTIES) note(NOT_FULL)
    else {
      properties++
      writeProperty(lanes.property, valueAt(rewriting, LANE), valueLength(rewriting, LANE))
      note(REWRITTEN_LANES)
    }
  }
  return true
}

function addContext(trace: Trace, rewriting: Rewriting): void {
  if (parentLength != 0 || contextLength != 0) {
    note(NOT_KEPT)
    return
  }
  const withProperties = (trace.carriers & CARRIER_PROPERTIES) != 0
  const withState = withProperties && !hasState && valueLength(rewriting, TRACE_STATE) != 0
  if (withProperties && properties >= MOST_PROPERTIES) {
    note(NOT_FULL)
    return
  }
  if (withProperties) {
    properties++
    writeProperty(PARENT, valueAt(rewriting, TRACE_PARENT), valueLength(rewriting, TRACE_PARENT))
  }
  if (withState && properties < MOST_PROPERTIES) {
    properties++
    writeProperty(STATE, valueAt(rewriting, TRACE_STATE), valueLength(rewriting, TRACE_STATE))
  }
  if ((trace.carriers & CARRIER_TRACE_CONTEXT) != 0) {
    newContextAt = valueAt(rewriting, TRACE_PARENT)
    newContextLength = valueLength(rewriting, TRACE_PARENT)
  }
  note(REWRITTEN_TRACE)
}

function completeCarriers(trace: Trace): void {
  if ((parentLength != 0) == (contextLength != 0)) return
  const at = parentLength != 0 ? parentAt : contextAt
  const length = parentLength != 0 ? parentLength : contextLength
  if (!isTraceParent(at, length)) {
    note(NOT_FIT)
    return
  }
  if (parentLength != 0) {
    if ((trace.carriers & CARRIER_TRACE_CONTEXT) == 0) return
    newContextAt = at
    newContextLength = length
  } else {
    if ((trace.carriers & CARRIER_PROPERTIES) == 0) return
    writeProperty(PARENT, at, length)
  }
  note(REWRITTEN_TRACE)
}

function writeContext(number: u32): void {
  writeTag(number)
  writeVarint(<u32>newContextLength)
  write(newContextAt, newContextLength)
}

/** Writes the content of system properties that get a context. False when they stay. */
export function writeSystemProperties(at: usize, length: usize): bool {
  if (newContextLength == 0) return false
  writeContext(field.SYSTEM_PROPERTIES_TRACE_CONTEXT)
  write(at, length)
  newContextLength = 0
  return true
}

/** Writes what comes behind the fields that were read. */
export function endMessage(): void {
  if (newContextLength == 0) return
  writeTag(field.MESSAGE_SYSTEM_PROPERTIES)
  const start = openLength()
  writeContext(field.SYSTEM_PROPERTIES_TRACE_CONTEXT)
  closeLength(start)
  newContextLength = 0
}

/** Writes the context of an EndTransactionRequest that has none. */
export function beginEndTransaction(rewriting: Rewriting, at: usize, end: usize): bool {
  if (!lookInside(at, end, field.END_TRANSACTION_REQUEST_TRACE_CONTEXT)) return false
  const settings = rewriting.settings
  const trace = changetype<Trace | null>(settings.trace)
  if (trace === null || (trace.carriers & CARRIER_TRACE_CONTEXT) == 0 || !hasContext(rewriting)) return true
  if (insideLength != 0) {
    note(NOT_KEPT)
    return true
  }
  newContextAt = valueAt(rewriting, TRACE_PARENT)
  newContextLength = valueLength(rewriting, TRACE_PARENT)
  writeContext(field.END_TRANSACTION_REQUEST_TRACE_CONTEXT)
  newContextLength = 0
  note(REWRITTEN_TRACE)
  return true
}
