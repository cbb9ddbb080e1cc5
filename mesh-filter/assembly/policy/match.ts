// Whether a `when` or `unless` holds: keys are ANDed, the patterns of a key are ORed, `*` is the only wildcard, and a fact that
// the call does not have never matches.
//
// A topic or group in a namespace has two names, since servers differ: some leave the namespace alone and know it as `name`, some as
// `namespace%name`. What restricts (the `when` of all rules, an `unless` of one that allows) holds for either of them; what lets
// something pass (the `when` of one that allows, an `unless` of the others) has to hold for both. So no namespace leads around a rule.
import { Condition, Rule, Rules, patternsOf, ruleAt } from '../config/settings'
import { Facts, GROUP, TOPIC_SPACE, factAt, factLength } from '../protocol/facts'
import { matchesAny } from './pattern'

/** A namespace, a `%`, and a name; as long as both may be. */
const fullName: usize = memory.data(511)

/** `both`: of a name in a namespace, not either form but both must match. */
function hasFact(condition: Condition, fact: u32, facts: Facts, both: bool): bool {
  const length = <usize>factLength(facts, fact)
  if (length == 0) return false
  const patterns = patternsOf(condition, fact)
  const plain = matchesAny(patterns, factAt(facts, fact), length)
  if (fact > GROUP || plain != both) return plain
  const space = <usize>factLength(facts, fact + TOPIC_SPACE)
  if (space == 0) return plain
  memory.copy(fullName, factAt(facts, fact + TOPIC_SPACE), space)
  store<u8>(fullName + space, 37)
  memory.copy(fullName + space + 1, factAt(facts, fact), length)
  return matchesAny(patterns, fullName, space + 1 + length)
}

/** `facts` may be null when nothing but the operation is known. */
function holds(condition: Condition, op: u32, facts: Facts | null, both: bool): bool {
  if ((condition.ops & (1 << op)) == 0) return false
  if (condition.facts == 0) return true
  if (facts === null) return false
  for (let left = condition.facts; left != 0; left &= left - 1) {
    if (!hasFact(condition, ctz(left), facts, both)) return false
  }
  return true
}

/** Its `when` holds and its `unless` does not. `allows`: it lets pass what would be refused otherwise. */
export function applies(rule: Rule, op: u32, facts: Facts | null, allows: bool = false): bool {
  if (!holds(rule.when, op, facts, allows)) return false
  const unless = rule.unless
  return unless === null || !holds(unless, op, facts, !allows)
}

/** The first rule that applies. */
export function firstOf(at: usize, op: u32, facts: Facts | null): Rule | null {
  if (at == 0) return null
  const rules = changetype<Rules>(at)
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = ruleAt(rules, i)
    if (applies(rule, op, facts)) return rule
  }
  return null
}

/** Facts to be known before it is clear which of the rules (an address of Rules, or 0) apply to a call of `op`. */
export function factsFor(at: usize, op: u32): u32 {
  if (at == 0) return 0
  const rules = changetype<Rules>(at)
  let facts: u32 = 0
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = ruleAt(rules, i)
    if ((rule.when.ops & (1 << op)) == 0) continue
    facts |= rule.when.facts
    const unless = rule.unless
    if (unless !== null && (unless.ops & (1 << op)) != 0) facts |= unless.facts
  }
  return facts
}
