// Faults on purpose: for a share of the matching calls, another answer, a delay, or an acknowledgement that never arrives.
import { OP_ACK } from '../../protocol/operations'
import { duration, flag, integer, isKind } from '../checks'
import { Draft, readRules } from '../draft'
import { JSON_NUMBER, Json } from '../json'
import { keyPath } from '../problems'
import { Rule, SECTION_FAULTS } from '../settings'
import { HELD_OPS, readConditions, readUnless } from '../when'

@unmanaged
export class FaultRule extends Rule {
  /** Of 2^32 draws so many hit; `always` for all of them. */
  share: u32
  always: u32
  seed: u32
  /** Calls that were drawn for in this VM. */
  drawn: u32
  /** 0 = none. */
  code: u32
  delayMs: u32
  dropsAck: u32
}

const RULE_KEYS: StaticArray<string> = ['name', 'when', 'unless', 'shadow', 'fraction', 'seed', 'code', 'delay', 'dropAck']
const MOST_DELAY_MS: f64 = 3600000

/** After reject: a dropped acknowledgement is answered as if it had arrived. */
export function readFaults(draft: Draft): void {
  const rules = readRules(draft, draft.root, 'faults', '$', SECTION_FAULTS, offsetof<FaultRule>(), RULE_KEYS, readFault)
  draft.settings.faults = rules !== null && rules.count > 0 ? changetype<usize>(rules) : 0
}

function readFault(draft: Draft, json: Json, path: string, rule: Rule): void {
  const fault = changetype<FaultRule>(rule)
  readConditions(draft, json, path, rule, HELD_OPS)
  readUnless(draft, json, path, rule, HELD_OPS)
  readFraction(draft, json, path, fault)
  fault.seed = integer(json, 'seed', path, 0, 4294967295, 0, draft.problems)
  fault.code = integer(json, 'code', path, 30000, 69999, 0, draft.problems)
  fault.delayMs = duration(json, 'delay', path, 1, MOST_DELAY_MS, 0, draft.problems)
  fault.dropsAck = flag(json, 'dropAck', path, 0, draft.problems)
  const kinds = (json.get('code') === null ? 0 : 1) + (json.get('delay') === null ? 0 : 1) + (json.get('dropAck') === null ? 0 : 1)
  if (kinds != 1) draft.add(path, 'expected exactly one of code, delay, dropAck')
  if (fault.dropsAck == 0) return
  if (draft.settings.rejectLength == 0) draft.add(keyPath(path, 'dropAck'), 'needs $.reject.style native: the acknowledgement is answered as if it had arrived')
  if ((rule.when.ops & HELD_OPS) != 1 << OP_ACK) draft.add(keyPath(path, 'dropAck'), 'needs "op": "ack" in when')
}

function readFraction(draft: Draft, json: Json, path: string, fault: FaultRule): void {
  const fraction = json.get('fraction')
  const at = keyPath(path, 'fraction')
  if (fraction === null) draft.add(at, 'missing')
  else if (isKind(fraction, JSON_NUMBER, at, draft.problems)) {
    if (fraction.number < 0 || fraction.number > 1) draft.add(at, 'expected a number from 0 to 1')
    else if (fraction.number == 1) fault.always = 1
    else fault.share = <u32>(fraction.number * 4294967296)
  }
}
