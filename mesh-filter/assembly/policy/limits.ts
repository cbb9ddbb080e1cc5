// Limits of messages and bytes: the third step of the pipeline (pipeline.ts has the contract). Which limits apply to a call, and
// charging it in all of them or in none.
import { nowNs } from '../abi/host'
import { Rule, Rules, Settings, ruleAt } from '../config/settings'
import { FACT_COUNT, Facts, TOPIC_BIT, factAt, factLength } from '../protocol/facts'
import { PHASE_READ, Stream } from '../stream/stream'
import { Charge, TAKEN, giveBack, hasRoom, lacksBytes, openCells, take, takenFromOverflow } from './limit-cells'
import { applies, factsFor } from './match'
import { CODE_TOO_MANY_REQUESTS, REASON_BYTES, REASON_MESSAGES, objectTo } from './verdict'

@unmanaged
export class Limit extends Rule {
  /** Facts whose values together name the cell. Absent ones count as empty. */
  per: u32
  messageRate: u32
  /** 0 = bytes are not limited. */
  byteRate: u32
  /** Nanoseconds after which a message is forgotten, 0 = messages are not limited. */
  perMessage: u64
  charge: Charge
}

/** As many as a configuration may have. */
export const MOST_LIMITS: i32 = 64

const NS_PER_SECOND: u64 = 1000000000
const chosen: usize = heap.alloc(<usize>MOST_LIMITS << 2)
const overflows: usize = heap.alloc(<usize>MOST_LIMITS)

// @ts-ignore: decorator
@inline
function limitOf(rules: Rules, index: u32): Limit {
  return changetype<Limit>(changetype<usize>(ruleAt(rules, index)))
}

// @ts-ignore: decorator
@inline
function chosenAt(index: u32): Limit {
  return changetype<Limit>(load<usize>(chosen + (<usize>index << 2)))
}

/** Before the first call of a configuration. */
export function openLimits(settings: Settings): void {
  if (settings.limits == 0) return
  const rules = changetype<Rules>(settings.limits)
  for (let i: u32 = 0; i < rules.count; i++) openCells(limitOf(rules, i).charge)
}

/**
 * Facts to be known before a call of `op` is charged: those that choose the rules and name the cells. Where bytes count the topic
 * stands for the frame's length, which comes before it.
 */
export function factsForLimits(at: usize, op: u32): u32 {
  if (at == 0) return 0
  const rules = changetype<Rules>(at)
  let facts = factsFor(at, op)
  for (let i: u32 = 0; i < rules.count; i++) {
    const limit = limitOf(rules, i)
    if ((limit.when.ops & (1 << op)) != 0) facts |= limit.per | (limit.byteRate != 0 ? TOPIC_BIT : 0)
  }
  return facts
}

/** FNV-1a over the lengths and bytes of the facts; two names that share it share a cell, which makes the limit stricter for both. */
function ownerOf(limit: Limit, facts: Facts | null): u64 {
  let hash: u64 = 0xcbf29ce484222325
  if (facts === null || limit.per == 0) return hash
  for (let fact: u32 = 0; fact < FACT_COUNT; fact++) {
    if ((limit.per & (1 << fact)) == 0) continue
    const at = factAt(facts, fact)
    const length = factLength(facts, fact)
    hash = (hash ^ <u64>length) * 0x100000001b3
    for (let i: u32 = 0; i < length; i++) hash = (hash ^ <u64>load<u8>(at + <usize>i)) * 0x100000001b3
  }
  return hash
}

/** The limits that apply, with what the call costs in each. */
function choose(stream: Stream, shadow: u32, messages: u32, bytes: u64): u32 {
  const rules = changetype<Rules>(stream.settings.limits)
  let count: u32 = 0
  for (let i: u32 = 0; i < rules.count; i++) {
    const limit = limitOf(rules, i)
    if (limit.shadow != shadow || !applies(limit, stream.op, stream.facts)) continue
    const charge = limit.charge
    charge.owner = ownerOf(limit, stream.facts)
    charge.messageCost = limit.perMessage * <u64>messages
    if (limit.byteRate != 0) charge.byteCost = (bytes * NS_PER_SECOND + <u64>limit.byteRate - 1) / <u64>limit.byteRate
    store<usize>(chosen + (<usize>count << 2), changetype<usize>(limit))
    count++
  }
  return count
}

/** Null when all of the chosen limits were charged; else the first that would not have it, and none is charged. */
function chargeChosen(count: u32): Limit | null {
  if (count == 0) return null
  const now = nowNs()
  // Looking first costs a read each and saves taking back, which others would notice.
  if (count > 1) for (let i: u32 = 0; i < count; i++) if (!hasRoom(chosenAt(i).charge, now)) return chosenAt(i)
  for (let i: u32 = 0; i < count; i++) {
    if (take(chosenAt(i).charge, now) == TAKEN) {
      store<u8>(overflows + <usize>i, takenFromOverflow ? 1 : 0)
      continue
    }
    for (let taken: u32 = 0; taken < i; taken++) giveBack(chosenAt(taken).charge, now, nowNs(), load<u8>(overflows + <usize>taken) != 0)
    return chosenAt(i)
  }
  return null
}

function object(stream: Stream, limit: Limit): bool {
  return lacksBytes
    ? objectTo(stream, limit, CODE_TOO_MANY_REQUESTS, REASON_BYTES, limit.byteRate)
    : objectTo(stream, limit, CODE_TOO_MANY_REQUESTS, REASON_MESSAGES, limit.messageRate)
}

/** Those that only count are charged among themselves, with what the others let pass. */
function chargeBoth(stream: Stream, messages: u32, bytes: u64): bool {
  if (stream.settings.limits == 0) return true
  const limit = chargeChosen(choose(stream, 0, messages, bytes))
  if (limit !== null && !object(stream, limit)) return false
  const shadow = chargeChosen(choose(stream, 1, messages, bytes))
  return shadow === null || object(stream, shadow)
}

/**
 * The call is about to be let go; its facts are known. False, by way of `objectTo`, when it is beyond a limit: then it is charged
 * nowhere. A call counts as one message here, with all bytes of its gRPC message.
 */
export function charge(stream: Stream): bool {
  // Nothing is read of a call without a body.
  const bytes: u64 = stream.phase == PHASE_READ ? 0 : <u64>stream.requestScan.frameLength
  return chargeBoth(stream, 1, bytes)
}

/** A further message of a batch, after the call was let go. Its bytes have been charged with the first one. */
export function chargeFurther(stream: Stream): bool {
  return chargeBoth(stream, 1, 0)
}
