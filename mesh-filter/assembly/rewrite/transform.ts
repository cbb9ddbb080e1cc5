// A message as it came in, and as it goes on: copied field by field into the output, where rules may change some. The path to a
// changed field is encoded anew, everything else keeps its bytes.
import * as field from '../gen/fields'
import { EndpointRules, writeEndpoints, writeEndpointsBack } from './endpoints'
import { Lanes, concernsTopic, writeFilter, writeGroup, writeGroupBack } from './lanes'
import { beginEndTransaction, beginMessage, endMessage, foundInsideAt, foundInsideLength, lookInside, writeSystemProperties } from './messages'
import {
  BROKER,
  BROKER_BACK,
  LEAF_ENDPOINTS_BACK,
  LEAF_FILTER,
  LEAF_GROUP_NAME,
  LEAF_GROUP_NAME_BACK,
  LEAF_REQUESTED,
  LEAF_SYSTEM_PROPERTIES,
  LEAVES,
  RECEIVED_MESSAGE,
  REQUEST_END_TRANSACTION,
  REQUEST_RECEIVE,
  SENT_MESSAGE,
  SUBSCRIPTION_ENTRY,
  childOf,
} from './nodes'
import { closeLength, cutOutput, openLength, outputLength, write, writeTag } from './output'
import { REQUESTED, Rewriting, setValue } from './rewriting'
import { FIELD_FOUND, contentAt, fieldEnd, fieldNumber, fieldWire, nextField } from './walk'

export const UNCHANGED: u32 = 0
export const CHANGED: u32 = 1
export const UNREADABLE: u32 = 2

// Names that the fields beside the one in question have.
let brokerAt: usize = 0
let brokerLength: usize = 0
let topicAt: usize = 0
let topicLength: usize = 0

/** Writes the message of kind `node` that stands from `at` to `end`. */
export function transform(node: u32, rewriting: Rewriting, at: usize, end: usize): u32 {
  const begun = outputLength()
  if (!begin(node, rewriting, at, end)) return UNREADABLE
  let changed = outputLength() != begun
  let seesFilter = false
  while (at < end) {
    if (nextField(at, end) != FIELD_FOUND) return UNREADABLE
    const start = at
    const number = fieldNumber
    const content = contentAt
    at = fieldEnd
    const child = fieldWire == 2 ? childOf(node, number) : 0
    if (child == LEAF_FILTER) seesFilter = true
    if (child != 0) {
      const mark = outputLength()
      writeTag(number)
      const place = openLength()
      const outcome = child < LEAVES ? transform(child, rewriting, content, at) : replace(child, rewriting, content, at)
      if (outcome == UNREADABLE) return UNREADABLE
      if (outcome == CHANGED) {
        closeLength(place)
        changed = true
        continue
      }
      cutOutput(mark)
    }
    write(start, at - start)
  }
  const before = outputLength()
  if (node == SENT_MESSAGE || node == RECEIVED_MESSAGE) endMessage()
  else if (!seesFilter && (node == REQUEST_RECEIVE || node == SUBSCRIPTION_ENTRY)) addFilter(node, rewriting)
  if (outputLength() != before) changed = true
  return changed ? CHANGED : UNCHANGED
}

/** What has to be known, or written, before the fields of a message. */
function begin(node: u32, rewriting: Rewriting, at: usize, end: usize): bool {
  if (node == SENT_MESSAGE || node == RECEIVED_MESSAGE) return beginMessage(node, rewriting, at, end)
  if (node == REQUEST_END_TRANSACTION) return beginEndTransaction(rewriting, at, end)
  if (node == BROKER || node == BROKER_BACK) {
    if (!lookInside(at, end, field.BROKER_NAME)) return false
    brokerAt = foundInsideAt()
    brokerLength = foundInsideLength()
  } else if (node == REQUEST_RECEIVE) {
    if (!lookInside(at, end, field.RECEIVE_MESSAGE_REQUEST_MESSAGE_QUEUE)) return false
    if (!lookDown(field.MESSAGE_QUEUE_TOPIC)) return false
  } else if (node == SUBSCRIPTION_ENTRY) {
    if (!lookInside(at, end, field.SUBSCRIPTION_ENTRY_TOPIC)) return false
    if (!lookDown(field.RESOURCE_NAME)) return false
  }
  return true
}

/** On in what was found: to the topic's name, over the queue if that is where it stands. */
function lookDown(number: u32): bool {
  if (foundInsideLength() != 0 && !lookInside(foundInsideAt(), foundInsideAt() + foundInsideLength(), number)) return false
  if (number == field.MESSAGE_QUEUE_TOPIC && foundInsideLength() != 0) {
    if (!lookInside(foundInsideAt(), foundInsideAt() + foundInsideLength(), field.RESOURCE_NAME)) return false
  }
  topicAt = foundInsideAt()
  topicLength = foundInsideLength()
  return true
}

function lanesOf(rewriting: Rewriting): Lanes | null {
  return changetype<Lanes | null>(rewriting.settings.lanes)
}

/** Writes the content of a field that a rule changes. */
function replace(leaf: u32, rewriting: Rewriting, at: usize, end: usize): u32 {
  const length = end - at
  if (leaf == LEAF_SYSTEM_PROPERTIES) return writeSystemProperties(at, length) ? CHANGED : UNCHANGED
  if (leaf == LEAF_REQUESTED) {
    setValue(rewriting, REQUESTED, at, length)
    return UNCHANGED
  }
  const lanes = lanesOf(rewriting)
  if (leaf == LEAF_GROUP_NAME) return lanes !== null && writeGroup(lanes, rewriting, at, length) ? CHANGED : UNCHANGED
  if (leaf == LEAF_GROUP_NAME_BACK) return lanes !== null && writeGroupBack(lanes, rewriting, at, length) ? CHANGED : UNCHANGED
  if (leaf == LEAF_FILTER) {
    if (lanes === null || !concernsTopic(lanes, topicAt, topicLength)) return UNCHANGED
    return writeFilter(lanes, rewriting, at, end) ? CHANGED : UNREADABLE
  }
  const settings = rewriting.settings
  if (settings.endpoints == 0) return UNCHANGED
  const rules = changetype<EndpointRules>(settings.endpoints)
  const isDone =
    leaf == LEAF_ENDPOINTS_BACK
      ? writeEndpointsBack(rules, rewriting, brokerAt, brokerLength, at, length)
      : writeEndpoints(rules, rewriting, brokerAt, brokerLength, at, length)
  return isDone ? CHANGED : UNCHANGED
}

/** A consumer that asks for everything gets what is its lane's. */
function addFilter(node: u32, rewriting: Rewriting): void {
  const lanes = lanesOf(rewriting)
  if (lanes === null || !concernsTopic(lanes, topicAt, topicLength)) return
  const mark = outputLength()
  writeTag(node == REQUEST_RECEIVE ? field.RECEIVE_MESSAGE_REQUEST_FILTER_EXPRESSION : field.SUBSCRIPTION_ENTRY_EXPRESSION)
  const place = openLength()
  if (writeFilter(lanes, rewriting, 0, 0)) closeLength(place)
  else cutOutput(mark)
}

/** Endpoints of settings are of no broker. */
export function forgetBroker(): void {
  brokerLength = 0
}
