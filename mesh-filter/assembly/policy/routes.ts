// Which cluster a call goes to: the first route whose conditions all hold.
import { Route, Settings, patternsOf, routeAt } from '../config/settings'
import { FACT_COUNT, Facts, factAt, factLength } from '../protocol/facts'
import { matchesAny } from './pattern'

/** Null: the default cluster. `facts` may be null when nothing but the operation is known. An absent fact never matches. */
export function routeOf(settings: Settings, op: u32, facts: Facts | null): Route | null {
  for (let i: u32 = 0; i < settings.routeCount; i++) {
    const route = routeAt(settings, i)
    if ((route.ops & (1 << op)) != 0 && holds(route, facts)) return route
  }
  return null
}

function holds(route: Route, facts: Facts | null): bool {
  if (route.facts == 0) return true
  if (facts === null) return false
  for (let fact: u32 = 0; fact < FACT_COUNT; fact++) {
    if ((route.facts & (1 << fact)) == 0) continue
    const length = factLength(facts, fact)
    if (length == 0 || !matchesAny(patternsOf(route, fact), factAt(facts, fact), length)) return false
  }
  return true
}

/** Facts which the routes look at before one of them is sure to match a call of `op`. */
export function factsForRoutes(settings: Settings, op: u32): u32 {
  let facts: u32 = 0
  for (let i: u32 = 0; i < settings.routeCount; i++) {
    const route = routeAt(settings, i)
    if ((route.ops & (1 << op)) == 0) continue
    if (route.facts == 0) break
    facts |= route.facts
  }
  return facts
}
