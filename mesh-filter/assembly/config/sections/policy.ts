// What messages may look like.
import { factsFor } from '../../policy/match'
import { OP_SEND } from '../../protocol/operations'
import { SHAPE_BIT, TAG_BIT } from '../../protocol/facts'
import { duration, integer, texts } from '../checks'
import { Draft, readRules } from '../draft'
import { Json } from '../json'
import { indexPath, keyPath } from '../problems'
import { PatternList, Rule, Rules, SECTION_POLICY, ruleAt } from '../settings'
import { HELD_OPS, patternList, readConditions, readUnless } from '../when'

/** A bound that is not configured. */
export const NO_BOUND: u32 = 0xffffffff

@unmanaged
export class PolicyRule extends Rule {
  maxBodyBytes: u32
  maxProperties: u32
  maxKeys: u32
  maxDelayMs: u32
  tags: PatternList | null
  /** Bits of Settings.properties. */
  required: u32
}

const RULE_KEYS: StaticArray<string> = [
  'name',
  'when',
  'unless',
  'shadow',
  'maxBodyBytes',
  'maxProperties',
  'maxKeys',
  'tags',
  'maxDelay',
  'requireProperties',
]
const MOST_BODY: f64 = 1073741824
const MOST_COUNT: f64 = 100000
/** 40 days. */
const MOST_DELAY_MS: f64 = 3456000000
const MOST_PROPERTIES: i32 = 32

let properties: string[] = []

export function readPolicy(draft: Draft): void {
  properties = []
  const rules = readRules(draft, draft.root, 'policy', '$', SECTION_POLICY, offsetof<PolicyRule>(), RULE_KEYS, readPolicyRule)
  draft.settings.policy = rules !== null && rules.count > 0 ? changetype<usize>(rules) : 0
  if (properties.length > MOST_PROPERTIES) draft.add('$.policy', 'all requireProperties together may name ' + MOST_PROPERTIES.toString() + ' properties')
  draft.settings.properties = patternList(draft, properties)
  properties = []
}

function readPolicyRule(draft: Draft, json: Json, path: string, rule: Rule): void {
  const policy = changetype<PolicyRule>(rule)
  readConditions(draft, json, path, rule, HELD_OPS)
  readUnless(draft, json, path, rule, HELD_OPS)
  policy.maxBodyBytes = integer(json, 'maxBodyBytes', path, 0, MOST_BODY, NO_BOUND, draft.problems)
  policy.maxProperties = integer(json, 'maxProperties', path, 0, MOST_COUNT, NO_BOUND, draft.problems)
  policy.maxKeys = integer(json, 'maxKeys', path, 0, MOST_COUNT, NO_BOUND, draft.problems)
  policy.maxDelayMs = duration(json, 'maxDelay', path, 0, MOST_DELAY_MS, NO_BOUND, draft.problems)
  const tags = texts(json, 'tags', path, true, draft.problems)
  if (tags !== null) policy.tags = patternList(draft, tags)
  const required = texts(json, 'requireProperties', path, false, draft.problems)
  if (required === null) return
  for (let i = 0; i < required.length; i++) {
    if (required[i].length == 0) continue
    if (String.UTF8.byteLength(required[i]) > 128) draft.add(indexPath(keyPath(path, 'requireProperties'), i), 'expected at most 128 bytes')
    let at = properties.indexOf(required[i])
    if (at < 0) at = properties.push(required[i]) - 1
    policy.required |= 1 << (at & 31)
  }
}

/** A tag is judged when it cannot come any more. System properties, which hold more than the tag, are read for the tag. */
export function factsForPolicy(at: usize, op: u32): u32 {
  if (at == 0) return 0
  const rules = changetype<Rules>(at)
  let ops: u32 = 0
  for (let i: u32 = 0; i < rules.count; i++) ops |= ruleAt(rules, i).when.ops
  return op == OP_SEND && (ops & (1 << OP_SEND)) != 0 ? factsFor(at, op) | SHAPE_BIT | TAG_BIT : 0
}
