// The filter's counters. Ids are asked for once per VM and kept: Envoy hands out a new one for every definition of the same
// name and never takes one back.
// Those of each call (fmq.calls, fmq.held) are told to Envoy together, see tally.ts; all others at once.
//   fmq.calls.op.<op>.topic.<topic>.group.<group>.code.<code>.end   `-` = absent or not configured, `~other` = beyond the bound
//   fmq.opaque.<reason>  fmq.denied.<reason>  fmq.held  fmq.flag_missing  fmq.broker_unreadable  fmq.config_loads
import { NO_METRIC, defineCounter, increment } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, put, putBytes, putNumber } from '../abi/text'
import { CODE_BIT, OP_BIT, Settings } from '../config/settings'
import { GROUP_BIT, TOPIC_BIT } from '../protocol/facts'
import { OP_OTHER, opName } from '../protocol/operations'
import { OPAQUE_COUNT } from '../protocol/scan'
import { Tally, advance, newTally } from './tally'
import { OTHER, admit, keyAt, keyLength, newRegistry, openRegistry, setValue, valueOf } from './registry'

const OPAQUE_NAMES: StaticArray<string> = ['none', 'compressed', 'frame', 'malformed', 'ambiguous', 'name', 'truncated', 'exhausted']
const OPAQUE = bytesOf('fmq.opaque.')
const DENIED = bytesOf('fmq.denied.')
const opaqueNames: usize = heap.alloc(OPAQUE_COUNT << 2)
const opaqueIds: usize = heap.alloc(OPAQUE_COUNT << 2)
const deniedIds: usize = heap.alloc(OPAQUE_COUNT << 2)
for (let i: u32 = 0; i < OPAQUE_COUNT; i++) store<usize>(opaqueNames + (<usize>i << 2), changetype<usize>(bytesOf(OPAQUE_NAMES[i])))
memory.fill(opaqueIds, 0xff, OPAQUE_COUNT << 2)
memory.fill(deniedIds, 0xff, OPAQUE_COUNT << 2)

export function opaqueName(reason: u32): Bytes {
  return changetype<Bytes>(load<usize>(opaqueNames + (<usize>reason << 2)))
}

function countReason(ids: usize, prefix: Bytes, reason: u32): void {
  const cell = ids + (<usize>reason << 2)
  if (load<u32>(cell) == NO_METRIC) {
    beginLine()
    putBytes(prefix)
    putBytes(opaqueName(reason))
    store<u32>(cell, defineCounter(line, lineLength()))
  }
  increment(load<u32>(cell))
}

export function countOpaque(reason: u32): void {
  countReason(opaqueIds, OPAQUE, reason)
}

export function countDenied(reason: u32): void {
  countReason(deniedIds, DENIED, reason)
}

export const COUNTER_FLAG_MISSING: u32 = 0
export const COUNTER_DENIED_FLAG: u32 = 1
export const COUNTER_BROKER_UNREADABLE: u32 = 2
export const COUNTER_CONFIG_LOADS: u32 = 3
const PLAIN_COUNT: u32 = 4
const PLAIN_NAMES: StaticArray<string> = ['fmq.flag_missing', 'fmq.denied.flag', 'fmq.broker_unreadable', 'fmq.config_loads']
const plainNames: usize = heap.alloc(PLAIN_COUNT << 2)
const plainIds: usize = heap.alloc(PLAIN_COUNT << 2)
for (let i: u32 = 0; i < PLAIN_COUNT; i++) store<usize>(plainNames + (<usize>i << 2), changetype<usize>(bytesOf(PLAIN_NAMES[i])))
memory.fill(plainIds, 0xff, PLAIN_COUNT << 2)

export function count(counter: u32): void {
  const cell = plainIds + (<usize>counter << 2)
  if (load<u32>(cell) == NO_METRIC) {
    const name = changetype<Bytes>(load<usize>(plainNames + (<usize>counter << 2)))
    store<u32>(cell, defineCounter(name.at, name.length))
  }
  increment(load<u32>(cell))
}

// ---- the counters per call ----

const HELD = bytesOf('fmq.held')
let held: Tally | null = null

export function countHeld(): void {
  let tally = held
  if (tally === null) {
    tally = newTally(defineCounter(HELD.at, HELD.length))
    held = tally
  }
  advance(tally)
}

const topics = newRegistry(bytesOf('fmq.topics'))
const groups = newRegistry(bytesOf('fmq.groups'))
const series = newRegistry(bytesOf('fmq.series'))

/** Before the first request of a configuration. */
export function openCounters(): void {
  openRegistry(topics)
  openRegistry(groups)
  openRegistry(series)
}

/** No topic, or nobody wants it as a label. */
export const LABEL_NONE: u32 = 0xfffffffe
// Codes of a call: 0 and up are RocketMQ's, these two ranges are not.
export const CODE_NONE: i32 = -1
export const CODE_GRPC: i32 = -100

export function topicLabel(settings: Settings, at: usize, length: u32): u32 {
  if (length == 0 || (settings.admitted & TOPIC_BIT) == 0) return LABEL_NONE
  return admit(topics, at, length, settings.topics)
}

export function groupLabel(settings: Settings, at: usize, length: u32): u32 {
  if (length == 0 || (settings.admitted & GROUP_BIT) == 0) return LABEL_NONE
  return admit(groups, at, length, settings.groups)
}

const P_CALLS = bytesOf('fmq.calls')
const P_OP = bytesOf('.op.')
const P_TOPIC = bytesOf('.topic.')
const P_GROUP = bytesOf('.group.')
const P_CODE = bytesOf('.code.')
const P_END = bytesOf('.end')
const T_OTHER = bytesOf('~other')
const T_NONE = bytesOf('-')
const T_NO_CODE = bytesOf('none')
const T_GRPC = bytesOf('grpc-')

/** Key of a series: operation, topic, group and code by number. `OP_OTHER + 1` stands for an operation that is no label. */
const tuple: usize = memory.data(16)
export const OP_UNLABELLED: u32 = OP_OTHER + 1
const CODE_UNLABELLED: i32 = -2
let overflow: Tally | null = null

/** One more call. `code` is RocketMQ's, CODE_NONE, or CODE_GRPC minus a gRPC status. */
export function countCall(settings: Settings, op: u32, topic: u32, group: u32, code: i32): void {
  store<u32>(tuple, (settings.labels & OP_BIT) != 0 ? op : OP_UNLABELLED)
  store<u32>(tuple, (settings.labels & TOPIC_BIT) != 0 ? topic : LABEL_NONE, 4)
  store<u32>(tuple, (settings.labels & GROUP_BIT) != 0 ? group : LABEL_NONE, 8)
  store<i32>(tuple, (settings.labels & CODE_BIT) != 0 ? code : CODE_UNLABELLED, 12)
  // One of the series is kept for all that does not fit.
  const index = admit(series, tuple, 16, settings.series - 1)
  if (index == OTHER) {
    let tally = overflow
    if (tally === null) {
      tally = define(OTHER, OTHER, OTHER, CODE_UNLABELLED)
      overflow = tally
    }
    advance(tally)
    return
  }
  if (valueOf(series, index) == OTHER) {
    const tally = define(load<u32>(tuple), load<u32>(tuple, 4), load<u32>(tuple, 8), load<i32>(tuple, 12))
    setValue(series, index, changetype<u32>(tally))
  }
  advance(changetype<Tally>(valueOf(series, index)))
}

function putName(label: u32, isTopic: bool): void {
  if (label == LABEL_NONE) putBytes(T_NONE)
  else if (label == OTHER) putBytes(T_OTHER)
  else if (isTopic) put(keyAt(topics, label), keyLength(topics, label))
  else put(keyAt(groups, label), keyLength(groups, label))
}

/** Appends `.op.<op>.topic.<topic>.group.<group>` to the scratch line. */
export function putLabels(op: u32, topic: u32, group: u32): void {
  putBytes(P_OP)
  putBytes(op == OTHER ? T_OTHER : op == OP_UNLABELLED ? T_NONE : opName(op))
  putBytes(P_TOPIC)
  putName(topic, true)
  putBytes(P_GROUP)
  putName(group, false)
}

function define(op: u32, topic: u32, group: u32, code: i32): Tally {
  beginLine()
  putBytes(P_CALLS)
  putLabels(op, topic, group)
  putBytes(P_CODE)
  if (op == OTHER) putBytes(T_OTHER)
  else if (code == CODE_UNLABELLED) putBytes(T_NONE)
  else putCode(code)
  putBytes(P_END)
  return newTally(defineCounter(line, lineLength()))
}

/** Appends a code to the scratch line: `20000`, `grpc-14` or `none`. */
export function putCode(code: i32): void {
  if (code >= 0) putNumber(code)
  else if (code <= CODE_GRPC) {
    putBytes(T_GRPC)
    putNumber(CODE_GRPC - code)
  } else putBytes(T_NO_CODE)
}
