// Calls that name a broker go to where that broker is, whatever the routes say: a receipt handle means nothing to another one.
import { Affinity, BrokerHome } from '../config/sections/affinity'
import { BROKER, factAt, factLength } from '../protocol/facts'
import { Stream } from '../stream/stream'
import { matchesAny } from './pattern'
import { CODE_BAD_REQUEST, REASON_MIXED, objectTo } from './verdict'

/** Null: the call names no broker, or one that is not in the configuration. */
export function homeOf(stream: Stream): BrokerHome | null {
  const facts = stream.facts
  if (stream.settings.affinity == 0 || facts === null) return null
  const length = factLength(facts, BROKER)
  if (length == 0) return null
  const affinity = changetype<Affinity>(stream.settings.affinity)
  for (let i: u32 = 0; i < affinity.count; i++) {
    const home = changetype<BrokerHome>(affinity.homes + <usize>i * offsetof<BrokerHome>())
    if (matchesAny(home.brokers, factAt(facts, BROKER), length)) return home
  }
  return null
}

/** An acknowledgement with handles of several brokers: it goes by its first, or is refused. */
export function keepsToOneHome(stream: Stream): bool {
  if (stream.home == 0 || stream.requestScan.items < 2) return true
  const affinity = changetype<Affinity>(stream.settings.affinity)
  if (affinity.denyMixed == 0) return true
  const home = homeOf(stream)
  if (home === null || changetype<usize>(home) == stream.home) return true
  return objectTo(stream, affinity.rule, CODE_BAD_REQUEST, REASON_MIXED, 0)
}
