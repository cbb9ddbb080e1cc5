// Who may do what: any rule that denies wins, then any that allows, then the default. A shadow counts what it would have denied.
import { Acl, AclRule } from '../config/sections/acl'
import { Rules, ruleAt } from '../config/settings'
import { Stream } from '../stream/stream'
import { applies } from './match'
import { CODE_FORBIDDEN, REASON_DENIED, REASON_NOT_ALLOWED, objectTo } from './verdict'

/** For the facts as they are now: those of the call, or of one message of a batch. */
export function isAllowed(stream: Stream): bool {
  if (stream.settings.acl == 0) return true
  const acl = changetype<Acl>(stream.settings.acl)
  let allowed = acl.denyByDefault == 0
  if (acl.rules != 0) {
    const rules = changetype<Rules>(acl.rules)
    for (let i: u32 = 0; i < rules.count; i++) {
      const rule = changetype<AclRule>(ruleAt(rules, i))
      if (!applies(rule, stream.op, stream.facts, rule.denies == 0)) continue
      if (rule.denies == 0) allowed = allowed || rule.shadow == 0
      else if (!objectTo(stream, rule, CODE_FORBIDDEN, REASON_DENIED, 0)) return false
    }
  }
  return allowed || objectTo(stream, acl.standard, CODE_FORBIDDEN, REASON_NOT_ALLOWED, 0)
}
