// Which cluster a call goes to: the first route whose conditions all hold.
import { Route } from '../config/sections/routes'
import { Rules, Settings, ruleAt } from '../config/settings'
import { Facts } from '../protocol/facts'
import { firstOf } from './match'

/** Null: the default cluster. `facts` may be null when nothing but the operation is known. An absent fact never matches. */
export function routeOf(settings: Settings, op: u32, facts: Facts | null): Route | null {
  return changetype<Route | null>(firstOf(settings.routes, op, facts))
}

/** Facts which the routes look at before one of them is sure to match a call of `op`. */
export function factsForRoutes(settings: Settings, op: u32): u32 {
  if (settings.routes == 0) return 0
  const rules = changetype<Rules>(settings.routes)
  let facts: u32 = 0
  for (let i: u32 = 0; i < rules.count; i++) {
    const route = changetype<Route>(ruleAt(rules, i))
    const when = route.when
    if ((when.ops & (1 << op)) == 0) continue
    facts |= when.facts
    const unless = route.unless
    if (unless !== null && (unless.ops & (1 << op)) != 0) facts |= unless.facts
    if (route.sticky < 8) facts |= 1 << route.sticky
    if (route.hash < 8) facts |= 1 << route.hash
    if (when.facts == 0 && (unless === null || (unless.ops & (1 << op)) == 0)) break
  }
  return facts
}
