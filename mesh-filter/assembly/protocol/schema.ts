// Which fields of which messages lead to which facts: the whole knowledge of the protocol that the scanner has.
// Messages are nodes; a field of a node leads to another node, is a fact, or is skipped unread (all that is not listed).
import * as field from '../gen/fields'
import { BROKER, BROKER_BIT, GROUP, GROUP_BIT, MESSAGE_GROUP, MESSAGE_GROUP_BIT, NO_FACTS, TAG, TAG_BIT, TOPIC, TOPIC_BIT } from './facts'

export const NODE_NONE: u32 = 0
// Requests, one per shape.
export const NODE_SEND: u32 = 1
export const NODE_RECEIVE: u32 = 2
export const NODE_ACK: u32 = 3
/** ForwardMessageToDeadLetterQueue and ChangeInvisibleDuration: group 1, topic 2, receipt handle 3. */
export const NODE_HANDLE_CALL: u32 = 4
export const NODE_TOPIC_CALL: u32 = 5
export const NODE_ASSIGNMENT: u32 = 6
export const NODE_LITE: u32 = 7
/** Heartbeat and NotifyClientTermination. */
export const NODE_GROUP_CALL: u32 = 8
/** PullMessage, UpdateOffset, GetOffset: group 1, message queue 2. */
export const NODE_GROUP_QUEUE_CALL: u32 = 9
export const NODE_QUERY_OFFSET: u32 = 10
export const NODE_TELEMETRY: u32 = 11
// Inside of requests.
export const NODE_MESSAGE: u32 = 12
export const NODE_SYSTEM_PROPERTIES: u32 = 13
export const NODE_TOPIC_RESOURCE: u32 = 14
export const NODE_GROUP_RESOURCE: u32 = 15
export const NODE_MESSAGE_QUEUE: u32 = 16
export const NODE_BROKER: u32 = 17
export const NODE_ACK_ENTRY: u32 = 18
export const NODE_SETTINGS: u32 = 19
export const NODE_SUBSCRIPTION: u32 = 20
// Responses: every response of the service has its Status in field 1.
export const NODE_RESPONSE: u32 = 21
export const NODE_STATUS: u32 = 22
const NODE_COUNT: usize = 23

export const STEP_SKIP: u8 = 0
// 1 … 63: descend into that node.
/** + fact: a string that is the fact. */
export const STEP_STRING: u8 = 64
/** A receipt handle, whose sixth word is the broker's name. */
export const STEP_HANDLE: u8 = 128
/** A varint that is the response's code. */
export const STEP_CODE: u8 = 129
/** Another member of a oneof: what was read from its sibling does not count. */
export const STEP_FORGET_GROUP: u8 = 130

/** A field number at or above this is never looked up. */
export const FIELDS: u32 = 32

const steps: usize = heap.alloc(NODE_COUNT * FIELDS)
const settles: usize = heap.alloc(NODE_COUNT)

// @ts-ignore: decorator
@inline
export function stepOf(node: u32, number: u32): u8 {
  return number < FIELDS ? load<u8>(steps + <usize>(node * FIELDS + number)) : STEP_SKIP
}

/** What is known for good, be it absent, when a message of this node ends (unless the field comes a second time). */
// @ts-ignore: decorator
@inline
export function settledBy(node: u32): u32 {
  return <u32>load<u8>(settles + <usize>node)
}

/** Repeated fields of which only the first element speaks for the call. */
// @ts-ignore: decorator
@inline
export function firstOnly(node: u32): bool {
  return node == NODE_MESSAGE || node == NODE_ACK_ENTRY
}

function row(node: u32, number: u32, step: u32): void {
  store<u8>(steps + <usize>(node * FIELDS + number), <u8>step)
}

function ends(node: u32, facts: u32): void {
  store<u8>(settles + <usize>node, <u8>facts)
}

memory.fill(steps, STEP_SKIP, NODE_COUNT * FIELDS)
memory.fill(settles, <u8>NO_FACTS, NODE_COUNT)

row(NODE_SEND, field.SEND_MESSAGE_REQUEST_MESSAGES, NODE_MESSAGE)
row(NODE_RECEIVE, field.RECEIVE_MESSAGE_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_RECEIVE, field.RECEIVE_MESSAGE_REQUEST_MESSAGE_QUEUE, NODE_MESSAGE_QUEUE)
row(NODE_ACK, field.ACK_MESSAGE_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_ACK, field.ACK_MESSAGE_REQUEST_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_ACK, field.ACK_MESSAGE_REQUEST_ENTRIES, NODE_ACK_ENTRY)
row(NODE_HANDLE_CALL, field.CHANGE_INVISIBLE_DURATION_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_HANDLE_CALL, field.CHANGE_INVISIBLE_DURATION_REQUEST_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_HANDLE_CALL, field.CHANGE_INVISIBLE_DURATION_REQUEST_RECEIPT_HANDLE, STEP_HANDLE)
row(NODE_TOPIC_CALL, field.QUERY_ROUTE_REQUEST_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_ASSIGNMENT, field.QUERY_ASSIGNMENT_REQUEST_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_ASSIGNMENT, field.QUERY_ASSIGNMENT_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_LITE, field.SYNC_LITE_SUBSCRIPTION_REQUEST_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_LITE, field.SYNC_LITE_SUBSCRIPTION_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_GROUP_CALL, field.HEARTBEAT_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_GROUP_QUEUE_CALL, field.PULL_MESSAGE_REQUEST_GROUP, NODE_GROUP_RESOURCE)
row(NODE_GROUP_QUEUE_CALL, field.PULL_MESSAGE_REQUEST_MESSAGE_QUEUE, NODE_MESSAGE_QUEUE)
row(NODE_QUERY_OFFSET, field.QUERY_OFFSET_REQUEST_MESSAGE_QUEUE, NODE_MESSAGE_QUEUE)
row(NODE_TELEMETRY, field.TELEMETRY_COMMAND_SETTINGS, NODE_SETTINGS)
for (let n = field.TELEMETRY_COMMAND_THREAD_STACK_TRACE; n <= field.TELEMETRY_COMMAND_NOTIFY_UNSUBSCRIBE_LITE_COMMAND; n++) {
  row(NODE_TELEMETRY, n, STEP_FORGET_GROUP)
}

row(NODE_MESSAGE, field.MESSAGE_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_MESSAGE, field.MESSAGE_SYSTEM_PROPERTIES, NODE_SYSTEM_PROPERTIES)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_TAG, STEP_STRING + TAG)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_MESSAGE_GROUP, STEP_STRING + MESSAGE_GROUP)
row(NODE_TOPIC_RESOURCE, field.RESOURCE_NAME, STEP_STRING + TOPIC)
row(NODE_GROUP_RESOURCE, field.RESOURCE_NAME, STEP_STRING + GROUP)
row(NODE_MESSAGE_QUEUE, field.MESSAGE_QUEUE_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_MESSAGE_QUEUE, field.MESSAGE_QUEUE_BROKER, NODE_BROKER)
row(NODE_BROKER, field.BROKER_NAME, STEP_STRING + BROKER)
row(NODE_ACK_ENTRY, field.ACK_MESSAGE_ENTRY_RECEIPT_HANDLE, STEP_HANDLE)
row(NODE_SETTINGS, field.SETTINGS_PUBLISHING, STEP_FORGET_GROUP)
row(NODE_SETTINGS, field.SETTINGS_SUBSCRIPTION, NODE_SUBSCRIPTION)
row(NODE_SUBSCRIPTION, field.SUBSCRIPTION_GROUP, NODE_GROUP_RESOURCE)
row(NODE_RESPONSE, 1, NODE_STATUS)
row(NODE_STATUS, field.STATUS_CODE, STEP_CODE)

ends(NODE_MESSAGE, TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT)
ends(NODE_SYSTEM_PROPERTIES, TAG_BIT | MESSAGE_GROUP_BIT)
ends(NODE_TOPIC_RESOURCE, TOPIC_BIT)
ends(NODE_GROUP_RESOURCE, GROUP_BIT)
ends(NODE_MESSAGE_QUEUE, TOPIC_BIT | BROKER_BIT)
ends(NODE_BROKER, BROKER_BIT)
ends(NODE_ACK_ENTRY, BROKER_BIT)

/** The facts which a request of this shape can carry. */
export function carriedBy(node: u32): u32 {
  if (node == NODE_SEND) return TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT
  if (node == NODE_RECEIVE || node == NODE_ACK || node == NODE_HANDLE_CALL || node == NODE_GROUP_QUEUE_CALL) return TOPIC_BIT | GROUP_BIT | BROKER_BIT
  if (node == NODE_TOPIC_CALL) return TOPIC_BIT
  if (node == NODE_ASSIGNMENT || node == NODE_LITE) return TOPIC_BIT | GROUP_BIT
  if (node == NODE_GROUP_CALL || node == NODE_TELEMETRY) return GROUP_BIT
  return node == NODE_QUERY_OFFSET ? TOPIC_BIT | BROKER_BIT : NO_FACTS
}
