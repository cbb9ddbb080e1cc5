// Who may do what. Any deny wins, then any allow, then the default.
import { CLIENT, PEER } from '../../protocol/facts'
import { checkKeys, choice, object } from '../checks'
import { Draft, readRules } from '../draft'
import { Json } from '../json'
import { keyPath } from '../problems'
import { Rule, Rules, SECTION_ACL, newRule, ruleAt } from '../settings'
import { ALL_OPS, asksFor, readConditions, readUnless } from '../when'

@unmanaged
export class AclRule extends Rule {
  denies: u32
}

@unmanaged
export class Acl {
  denyByDefault: u32
  /** An address of Rules, or 0. */
  rules: usize
  /** Stands for the default where a rule is told. */
  standard: Rule
}

const KEYS: StaticArray<string> = ['default', 'identity', 'rules']
const RULE_KEYS: StaticArray<string> = ['name', 'effect', 'when', 'unless', 'shadow']
const EFFECTS: StaticArray<string> = ['allow', 'deny']
const IDENTITIES: StaticArray<string> = ['peer', 'client']
const NO_IDENTITY: i32 = -1
const BY_PEER: i32 = 0
const BY_CLIENT: i32 = 1

export function readAcl(draft: Draft): void {
  const json = object(draft.root, 'acl', '$', draft.problems)
  if (json === null) return
  checkKeys(json, '$.acl', KEYS, draft.problems)
  const acl = changetype<Acl>(draft.alloc(offsetof<Acl>()))
  acl.denyByDefault = choice(json, 'default', '$.acl', EFFECTS, 0, draft.problems)
  const standard = newRule(draft.settings, SECTION_ACL, offsetof<Rule>())
  draft.keep('default', changetype<usize>(standard) + offsetof<Rule>('nameAt'))
  acl.standard = standard
  const rules = readRules(draft, json, 'rules', '$.acl', SECTION_ACL, offsetof<AclRule>(), RULE_KEYS, readAclRule)
  acl.rules = changetype<usize>(rules)
  draft.settings.acl = changetype<usize>(acl)
  checkIdentity(draft, json, rules)
  if (enforces(acl)) checkNothingSlipsPast(draft)
}

function readAclRule(draft: Draft, json: Json, path: string, rule: Rule): void {
  if (json.get('effect') === null) draft.add(keyPath(path, 'effect'), 'missing')
  changetype<AclRule>(rule).denies = choice(json, 'effect', path, EFFECTS, 0, draft.problems)
  readConditions(draft, json, path, rule, ALL_OPS)
  readUnless(draft, json, path, rule, ALL_OPS)
}

/** Beside a client, the certificate that the filter sees is the client's word about itself, as its client id is everywhere. */
function checkIdentity(draft: Draft, json: Json, rules: Rules | null): void {
  const identity = choice(json, 'identity', '$.acl', IDENTITIES, NO_IDENTITY, draft.problems)
  const outbound = draft.settings.outbound != 0
  if (outbound && identity == BY_PEER) draft.add('$.acl.identity', 'peer means nothing where $.direction is outbound: a client beside this Envoy is whoever it says')
  if (rules === null) return
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = ruleAt(rules, i)
    if (changetype<usize>(rule.when) == 0) continue
    const path = '$.acl.rules[' + i.toString() + ']'
    if (asksFor(rule, PEER)) {
      if (outbound) draft.add(path, 'peer means nothing where $.direction is outbound: a client beside this Envoy is whoever it says')
      else if (identity == BY_CLIENT) draft.add(path, 'asks for peer, but $.acl.identity is client')
    }
    if (asksFor(rule, CLIENT) && identity != BY_CLIENT) draft.add(path, 'asks for client, which a client chooses itself: that needs $.acl.identity client')
  }
}

function enforces(acl: Acl): bool {
  if (acl.denyByDefault != 0) return true
  if (acl.rules == 0) return false
  const rules = changetype<Rules>(acl.rules)
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = ruleAt(rules, i)
    if (rule.shadow == 0 && changetype<AclRule>(rule).denies != 0) return true
  }
  return false
}

function checkNothingSlipsPast(draft: Draft): void {
  if (draft.settings.denyOpaque == 0) draft.add('$.opaque', 'must be deny while acl rules enforce: a compressed request would slip past them')
  const hold = draft.root.get('hold')
  if (hold === null) return
  const onExhausted = hold.get('onExhausted')
  if (onExhausted !== null && onExhausted.text == 'default') {
    draft.add('$.hold.onExhausted', 'must be deny while acl rules enforce: a request with its names far behind would slip past them')
  }
}
