// Reading a `when` or an `unless`.
import { OP_COUNT, OP_HEARTBEAT, OP_NAMES, OP_TELEMETRY, OP_TERMINATE } from '../protocol/operations'
import { matches } from '../policy/pattern'
import { checkKeys, object, texts } from './checks'
import { Draft } from './draft'
import { Json } from './json'
import { keyPath } from './problems'
import { CONDITION_SIZE, Condition, Pattern, PatternList, Rule, setPatterns } from './settings'

const WHEN_KEYS: StaticArray<string> = ['op', 'topic', 'group', 'tag', 'messageGroup', 'broker', 'peer', 'client', 'lane']
export const NO_LANES = 'needs $.lanes: without it no call has a lane'
/** In the order of the fact numbers. */
const FACT_KEYS: StaticArray<string> = ['topic', 'group', 'tag', 'messageGroup', 'broker', 'peer', 'client', 'lane']

/** Calls that are never held, so that nothing but acl applies to them. */
const CLIENT_CALL_OPS: u32 = (1 << OP_TELEMETRY) | (1 << OP_HEARTBEAT) | (1 << OP_TERMINATE)

export const ALL_OPS: u32 = (1 << OP_COUNT) - 1
export const HELD_OPS: u32 = ALL_OPS & ~CLIENT_CALL_OPS

/** The required `when` and, where the section has it, the `unless` of a rule. `ops`: the operations that its section can act upon. */
export function readConditions(draft: Draft, json: Json, path: string, rule: Rule, ops: u32): void {
  if (json.get('when') === null) draft.add(keyPath(path, 'when'), 'missing')
  const when = readCondition(draft, json, 'when', path, ops)
  rule.when = when === null ? changetype<Condition>(draft.alloc(CONDITION_SIZE)) : when
}

export function readUnless(draft: Draft, json: Json, path: string, rule: Rule, ops: u32): void {
  rule.unless = readCondition(draft, json, 'unless', path, ops)
}

export function readCondition(draft: Draft, json: Json, key: string, parent: string, ops: u32): Condition | null {
  const when = object(json, key, parent, draft.problems)
  if (when === null) return null
  const path = keyPath(parent, key)
  checkKeys(when, path, WHEN_KEYS, draft.problems)
  if (when.get('lane') !== null && draft.root.get('lanes') === null) draft.add(keyPath(path, 'lane'), NO_LANES)
  const condition = changetype<Condition>(draft.alloc(CONDITION_SIZE))
  const named = texts(when, 'op', path, true, draft.problems)
  condition.ops = named === null ? ALL_OPS : readOps(draft, named, keyPath(path, 'op'), ops)
  for (let fact: u32 = 0; fact < <u32>FACT_KEYS.length; fact++) {
    const patterns = texts(when, FACT_KEYS[fact], path, true, draft.problems)
    if (patterns === null) continue
    condition.facts |= 1 << fact
    setPatterns(condition, fact, patternList(draft, patterns))
  }
  return condition
}

function readOps(draft: Draft, named: string[], path: string, ops: u32): u32 {
  let bits: u32 = 0
  for (let i = 0; i < named.length; i++) {
    if (named[i].length == 0) continue
    let hit: u32 = 0
    const pattern = String.UTF8.encode(named[i])
    for (let op: u32 = 0; op < OP_COUNT; op++) {
      const name = String.UTF8.encode(OP_NAMES[op])
      if (matches(changetype<usize>(pattern), pattern.byteLength, changetype<usize>(name), name.byteLength)) hit |= 1 << op
    }
    if (hit == 0) draft.add(path, '"' + named[i] + '" is none of ' + OP_NAMES.join(', '))
    else if ((hit & ops) == 0) {
      draft.add(path, '"' + named[i] + '" is a call of the client as a whole, which is never held: $.clientCalls says where it goes, and only acl applies to it')
    }
    bits |= hit
  }
  return bits
}

export function patternList(draft: Draft, patterns: string[]): PatternList {
  const list = changetype<PatternList>(draft.alloc(offsetof<PatternList>()))
  list.count = patterns.length
  list.first = draft.alloc(<usize>patterns.length * offsetof<Pattern>())
  for (let i = 0; i < patterns.length; i++) {
    const pattern = changetype<Pattern>(list.first + <usize>i * offsetof<Pattern>())
    draft.keep(patterns[i], changetype<usize>(pattern))
    pattern.wild = patterns[i].includes('*') ? 1 : 0
  }
  return list
}

/** Whether a rule asks who calls, by the certificate or by the client's own word. */
export function asksFor(rule: Rule, fact: u32): bool {
  const unless = rule.unless
  return ((rule.when.facts | (unless === null ? 0 : unless.facts)) & (1 << fact)) != 0
}
