// Where a call goes that nothing is against: to the broker that it names, else by the first route that matches, else to the default.
import { Affinity } from '../config/sections/affinity'
import { NO_FACT, Route, Share } from '../config/sections/routes'
import { homeOf } from '../policy/affinity'
import { mix } from '../policy/faults'
import { noteCluster } from '../policy/rewrite'
import { routeOf } from '../policy/routes'
import { CLIENT, Facts, factAt, factLength } from '../protocol/facts'
import { writeCluster, writeDefaultCluster, writeDelay, writeFactHeaders, writeHash, writeRoute } from './headers'
import { Stream } from './stream'

/** Draws so far, for splits by chance. */
let draws: u32 = 0

export function place(stream: Stream): void {
  const settings = stream.settings
  const facts = stream.facts
  const home = homeOf(stream)
  const route = home === null ? routeOf(settings, stream.op, facts) : null
  if (home !== null) {
    stream.home = changetype<usize>(home)
    sendTo(stream, home.clusterAt, home.clusterLength)
  } else if (route === null) writeDefaultCluster(settings)
  else if (route.shareCount == 0) sendTo(stream, route.clusterAt, route.clusterLength)
  else {
    const share = shareOf(route, facts)
    sendTo(stream, share.clusterAt, share.clusterLength)
  }
  if (route !== null) writeRoute(settings, route)
  if (stream.delayMs != 0) writeDelay(stream.delayMs)
  if (facts === null) return
  if (route !== null && route.hash != NO_FACT) writeHash(facts, route.hash)
  else if (settings.affinity != 0 && changetype<Affinity>(settings.affinity).byClient != 0) writeHash(facts, CLIENT)
  writeFactHeaders(settings, facts)
}

function sendTo(stream: Stream, at: usize, length: usize): void {
  writeCluster(at, length)
  noteCluster(stream, at, length)
}

/** By the sticky fact always the same while the weights are; a call that lacks it goes by chance. */
function shareOf(route: Route, facts: Facts | null): Share {
  let hash: u32 = 0
  const length = facts !== null && route.sticky != NO_FACT ? factLength(facts, route.sticky) : 0
  if (facts !== null && length != 0) hash = hashOf(route, factAt(facts, route.sticky), length)
  else hash = mix(++draws * 0x9e3779b9)
  const point = <u32>((<u64>hash * <u64>route.totalWeight) >> 32)
  for (let i: u32 = 0; i + 1 < route.shareCount; i++) {
    const share = changetype<Share>(route.shares + <usize>i * offsetof<Share>())
    if (point < share.upTo) return share
  }
  return changetype<Share>(route.shares + <usize>(route.shareCount - 1) * offsetof<Share>())
}

/** FNV-1a over the route's name and the fact, mixed: two routes divide the same clients differently. */
function hashOf(route: Route, at: usize, length: u32): u32 {
  let hash: u32 = 0x811c9dc5
  for (let i: usize = 0; i < route.nameLength; i++) hash = (hash ^ <u32>load<u8>(route.nameAt + i)) * 0x01000193
  hash = hash * 0x01000193
  for (let i: u32 = 0; i < length; i++) hash = (hash ^ <u32>load<u8>(at + <usize>i)) * 0x01000193
  return mix(hash)
}
