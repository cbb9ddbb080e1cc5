// From the path of a gRPC call to its operation and the shape of its request.
import { Bytes, bytesOf, sameBytes, startsWith } from '../abi/text'
import {
  NODE_ACK,
  NODE_ASSIGNMENT,
  NODE_GROUP_CALL,
  NODE_GROUP_QUEUE_CALL,
  NODE_HANDLE_CALL,
  NODE_LITE,
  NODE_NONE,
  NODE_QUERY_OFFSET,
  NODE_RECEIVE,
  NODE_SEND,
  NODE_TELEMETRY,
  NODE_TOPIC_CALL,
} from './schema'

export const OP_ROUTE: u32 = 0
export const OP_ASSIGNMENT: u32 = 1
export const OP_SEND: u32 = 2
export const OP_RECEIVE: u32 = 3
export const OP_ACK: u32 = 4
export const OP_INVISIBLE: u32 = 5
export const OP_DEAD_LETTER: u32 = 6
export const OP_END_TRANSACTION: u32 = 7
export const OP_RECALL: u32 = 8
export const OP_LITE: u32 = 9
export const OP_TELEMETRY: u32 = 10
export const OP_HEARTBEAT: u32 = 11
export const OP_TERMINATE: u32 = 12
export const OP_PULL: u32 = 13
export const OP_OFFSET: u32 = 14
export const OP_OTHER: u32 = 15
export const OP_COUNT: u32 = 16

/** The names in configuration, headers and metrics, by number. */
export const OP_NAMES: StaticArray<string> = [
  'route',
  'assignment',
  'send',
  'receive',
  'ack',
  'invisible',
  'dead-letter',
  'end-transaction',
  'recall',
  'lite',
  'telemetry',
  'heartbeat',
  'terminate',
  'pull',
  'offset',
  'other',
]

const names: usize = heap.alloc(OP_COUNT << 2)
for (let op: u32 = 0; op < OP_COUNT; op++) store<usize>(names + (<usize>op << 2), changetype<usize>(bytesOf(OP_NAMES[op])))

export function opName(op: u32): Bytes {
  return changetype<Bytes>(load<usize>(names + (<usize>op << 2)))
}

const SERVICE = bytesOf('/apache.rocketmq.v2.MessagingService/')

@unmanaged
class Method {
  name: Bytes
  op: u32
  request: u32
}

const METHOD_COUNT: u32 = 17
const methods: usize = heap.alloc(METHOD_COUNT * offsetof<Method>())
let filled: u32 = 0

// @ts-ignore: decorator
@inline
function methodAt(index: u32): Method {
  return changetype<Method>(methods + <usize>index * offsetof<Method>())
}

function row(name: string, op: u32, request: u32): void {
  const method = methodAt(filled++)
  method.name = bytesOf(name)
  method.op = op
  method.request = request
}

// The most frequent ones first: the lookup is linear.
row('SendMessage', OP_SEND, NODE_SEND)
row('ReceiveMessage', OP_RECEIVE, NODE_RECEIVE)
row('AckMessage', OP_ACK, NODE_ACK)
row('ChangeInvisibleDuration', OP_INVISIBLE, NODE_HANDLE_CALL)
row('Heartbeat', OP_HEARTBEAT, NODE_GROUP_CALL)
row('QueryRoute', OP_ROUTE, NODE_TOPIC_CALL)
row('QueryAssignment', OP_ASSIGNMENT, NODE_ASSIGNMENT)
row('Telemetry', OP_TELEMETRY, NODE_TELEMETRY)
row('ForwardMessageToDeadLetterQueue', OP_DEAD_LETTER, NODE_HANDLE_CALL)
row('EndTransaction', OP_END_TRANSACTION, NODE_TOPIC_CALL)
row('RecallMessage', OP_RECALL, NODE_TOPIC_CALL)
row('SyncLiteSubscription', OP_LITE, NODE_LITE)
row('NotifyClientTermination', OP_TERMINATE, NODE_GROUP_CALL)
row('PullMessage', OP_PULL, NODE_GROUP_QUEUE_CALL)
row('UpdateOffset', OP_OFFSET, NODE_GROUP_QUEUE_CALL)
row('GetOffset', OP_OFFSET, NODE_GROUP_QUEUE_CALL)
row('QueryOffset', OP_OFFSET, NODE_QUERY_OFFSET)

/** Index of the called method, or METHOD_OTHER. */
export const METHOD_OTHER: u32 = 0xffffffff

export function methodOf(path: usize, length: usize): u32 {
  if (!startsWith(path, length, SERVICE)) return METHOD_OTHER
  const name = path + SERVICE.length
  const nameLength = length - SERVICE.length
  for (let i: u32 = 0; i < METHOD_COUNT; i++) {
    const method = methodAt(i)
    if (sameBytes(name, nameLength, method.name.at, method.name.length)) return i
  }
  return METHOD_OTHER
}

export function opOf(method: u32): u32 {
  return method < METHOD_COUNT ? methodAt(method).op : OP_OTHER
}

export function requestOf(method: u32): u32 {
  return method < METHOD_COUNT ? methodAt(method).request : NODE_NONE
}

/** Calls of the client as a whole, which have no one topic: never held, routed by path (`clientCalls`). */
export function isClientCall(op: u32): bool {
  return op == OP_TELEMETRY || op == OP_HEARTBEAT || op == OP_TERMINATE
}
