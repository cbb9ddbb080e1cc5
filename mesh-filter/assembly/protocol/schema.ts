// Which fields of which messages lead to which facts: the whole knowledge of the protocol that the scanner has.
// Messages are nodes; a field of a node leads to another node, is a fact, or is skipped unread (all that is not listed).
import * as field from '../gen/fields'
import {
  BROKER,
  BROKER_BIT,
  GROUP,
  GROUP_BIT,
  GROUP_SPACE,
  MESSAGE_GROUP,
  MESSAGE_GROUP_BIT,
  NO_FACTS,
  PROPERTY,
  SHAPE_BIT,
  TAG,
  TAG_BIT,
  TOPIC,
  TOPIC_BIT,
  TOPIC_SPACE,
} from './facts'

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
// More of what stands inside of requests.
/** An entry of user_properties. */
export const NODE_PROPERTY: u32 = 23
export const NODE_DUE: u32 = 24
export const NODE_PUBLISHING: u32 = 25
export const NODE_SUBSCRIPTION_ENTRY: u32 = 26
/** A topic of a client's settings. */
export const NODE_CLIENT_TOPIC: u32 = 27
/** Answers to ReceiveMessage, when more of them than the Status is of interest. */
export const NODE_DELIVERIES: u32 = 28
export const NODE_DELIVERED: u32 = 29
export const NODE_DELIVERED_SYSTEM: u32 = 30
const NODE_COUNT: usize = 31

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

/** The message's body, of which only the length matters. */
export const STEP_BODY: u8 = 131
/** One of the message's keys, of which only the number matters. */
export const STEP_KEY: u8 = 132
/** Varints of the delivery timestamp. */
export const STEP_SECONDS: u8 = 133
export const STEP_NANOS: u8 = 134
/** A varint that says how often the message was delivered. */
export const STEP_ATTEMPT: u8 = 135

/** A field number at or above this is never looked up. */
export const FIELDS: u32 = 32

const steps: usize = heap.alloc(NODE_COUNT * FIELDS)
const settles: usize = heap.alloc(NODE_COUNT << 1)

// @ts-ignore: decorator
@inline
export function stepOf(node: u32, number: u32): u8 {
  return number < FIELDS ? load<u8>(steps + <usize>(node * FIELDS + number)) : STEP_SKIP
}

/** What is known for good, be it absent, when a message of this node ends (unless the field comes a second time). */
// @ts-ignore: decorator
@inline
export function settledBy(node: u32): u32 {
  return <u32>load<u16>(settles + (<usize>node << 1))
}

/** Repeated fields, of which the first element speaks for the call, and each for itself where rules judge them all. */
// @ts-ignore: decorator
@inline
export function isItem(node: u32): bool {
  return node == NODE_MESSAGE || node == NODE_ACK_ENTRY || node == NODE_CLIENT_TOPIC
}

function row(node: u32, number: u32, step: u32): void {
  store<u8>(steps + <usize>(node * FIELDS + number), <u8>step)
}

function ends(node: u32, facts: u32): void {
  store<u16>(settles + (<usize>node << 1), <u16>facts)
}

memory.fill(steps, STEP_SKIP, NODE_COUNT * FIELDS)
memory.fill(settles, <u8>NO_FACTS, NODE_COUNT << 1)

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
row(NODE_MESSAGE, field.MESSAGE_USER_PROPERTIES, NODE_PROPERTY)
row(NODE_MESSAGE, field.MESSAGE_BODY, STEP_BODY)
row(NODE_PROPERTY, 1, STEP_STRING + PROPERTY)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_KEYS, STEP_KEY)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_DELIVERY_TIMESTAMP, NODE_DUE)
row(NODE_DUE, field.TIMESTAMP_SECONDS, STEP_SECONDS)
row(NODE_DUE, field.TIMESTAMP_NANOS, STEP_NANOS)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_TAG, STEP_STRING + TAG)
row(NODE_SYSTEM_PROPERTIES, field.SYSTEM_PROPERTIES_MESSAGE_GROUP, STEP_STRING + MESSAGE_GROUP)
row(NODE_TOPIC_RESOURCE, field.RESOURCE_RESOURCE_NAMESPACE, STEP_STRING + TOPIC_SPACE)
row(NODE_TOPIC_RESOURCE, field.RESOURCE_NAME, STEP_STRING + TOPIC)
row(NODE_GROUP_RESOURCE, field.RESOURCE_RESOURCE_NAMESPACE, STEP_STRING + GROUP_SPACE)
row(NODE_GROUP_RESOURCE, field.RESOURCE_NAME, STEP_STRING + GROUP)
row(NODE_MESSAGE_QUEUE, field.MESSAGE_QUEUE_TOPIC, NODE_TOPIC_RESOURCE)
row(NODE_MESSAGE_QUEUE, field.MESSAGE_QUEUE_BROKER, NODE_BROKER)
row(NODE_BROKER, field.BROKER_NAME, STEP_STRING + BROKER)
row(NODE_ACK_ENTRY, field.ACK_MESSAGE_ENTRY_RECEIPT_HANDLE, STEP_HANDLE)
row(NODE_SETTINGS, field.SETTINGS_PUBLISHING, NODE_PUBLISHING)
row(NODE_PUBLISHING, field.PUBLISHING_TOPICS, NODE_CLIENT_TOPIC)
row(NODE_SETTINGS, field.SETTINGS_SUBSCRIPTION, NODE_SUBSCRIPTION)
row(NODE_SUBSCRIPTION, field.SUBSCRIPTION_GROUP, NODE_GROUP_RESOURCE)
row(NODE_SUBSCRIPTION, field.SUBSCRIPTION_SUBSCRIPTIONS, NODE_SUBSCRIPTION_ENTRY)
row(NODE_SUBSCRIPTION_ENTRY, field.SUBSCRIPTION_ENTRY_TOPIC, NODE_CLIENT_TOPIC)
row(NODE_CLIENT_TOPIC, field.RESOURCE_RESOURCE_NAMESPACE, STEP_STRING + TOPIC_SPACE)
row(NODE_CLIENT_TOPIC, field.RESOURCE_NAME, STEP_STRING + TOPIC)
row(NODE_RESPONSE, 1, NODE_STATUS)
row(NODE_STATUS, field.STATUS_CODE, STEP_CODE)
row(NODE_DELIVERIES, field.RECEIVE_MESSAGE_RESPONSE_STATUS, NODE_STATUS)
row(NODE_DELIVERIES, field.RECEIVE_MESSAGE_RESPONSE_MESSAGE, NODE_DELIVERED)
row(NODE_DELIVERED, field.MESSAGE_SYSTEM_PROPERTIES, NODE_DELIVERED_SYSTEM)
// When it was born, stored, and due if it was delayed: the last one counts, which all encoders write last.
row(NODE_DELIVERED_SYSTEM, field.SYSTEM_PROPERTIES_BORN_TIMESTAMP, NODE_DUE)
row(NODE_DELIVERED_SYSTEM, field.SYSTEM_PROPERTIES_STORE_TIMESTAMP, NODE_DUE)
row(NODE_DELIVERED_SYSTEM, field.SYSTEM_PROPERTIES_DELIVERY_TIMESTAMP, NODE_DUE)
row(NODE_DELIVERED_SYSTEM, field.SYSTEM_PROPERTIES_DELIVERY_ATTEMPT, STEP_ATTEMPT)

ends(NODE_MESSAGE, TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT | SHAPE_BIT)
ends(NODE_SYSTEM_PROPERTIES, TAG_BIT | MESSAGE_GROUP_BIT)
ends(NODE_TOPIC_RESOURCE, TOPIC_BIT)
ends(NODE_GROUP_RESOURCE, GROUP_BIT)
ends(NODE_MESSAGE_QUEUE, TOPIC_BIT | BROKER_BIT)
ends(NODE_BROKER, BROKER_BIT)
ends(NODE_ACK_ENTRY, BROKER_BIT)

/** The facts which a request of this shape can carry. */
export function carriedBy(node: u32): u32 {
  if (node == NODE_SEND) return TOPIC_BIT | TAG_BIT | MESSAGE_GROUP_BIT | SHAPE_BIT
  if (node == NODE_RECEIVE || node == NODE_ACK || node == NODE_HANDLE_CALL || node == NODE_GROUP_QUEUE_CALL) return TOPIC_BIT | GROUP_BIT | BROKER_BIT
  if (node == NODE_TOPIC_CALL) return TOPIC_BIT
  if (node == NODE_ASSIGNMENT || node == NODE_LITE) return TOPIC_BIT | GROUP_BIT
  if (node == NODE_GROUP_CALL || node == NODE_TELEMETRY) return GROUP_BIT
  return node == NODE_QUERY_OFFSET ? TOPIC_BIT | BROKER_BIT : NO_FACTS
}
