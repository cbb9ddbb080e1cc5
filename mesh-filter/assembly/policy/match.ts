// Whether a `when` or `unless` holds: keys are ANDed, the patterns of a key are ORed, `*` is the only wildcard, and a fact that
// the call does not have never matches.
import { Condition, Rule, Rules, patternsOf, ruleAt } from '../config/settings'
import { FACT_COUNT, Facts, factAt, factLength } from '../protocol/facts'
import { matchesAny } from './pattern'

/** `facts` may be null when nothing but the operation is known. */
export function holds(condition: Condition, op: u32, facts: Facts | null): bool {
  if ((condition.ops & (1 << op)) == 0) return false
  if (condition.facts == 0) return true
  if (facts === null) return false
  for (let fact: u32 = 0; fact < FACT_COUNT; fact++) {
    if ((condition.facts & (1 << fact)) == 0) continue
    const length = factLength(facts, fact)
    if (length == 0 || !matchesAny(patternsOf(condition, fact), factAt(facts, fact), length)) return false
  }
  return true
}

/** Its `when` holds and its `unless` does not. */
export function applies(rule: Rule, op: u32, facts: Facts | null): bool {
  if (!holds(rule.when, op, facts)) return false
  const unless = rule.unless
  return unless === null || !holds(unless, op, facts)
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
