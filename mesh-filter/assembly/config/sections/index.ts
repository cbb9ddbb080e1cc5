// Where a section of the configuration is registered. One file per section reads it: `read<Section>(draft)` takes its key from
// `draft.root`, tells problems with their JSON path in the words of src/config/sections/<section>.ts, and stores what requests
// need in memory of `draft.alloc`, whose address goes into Settings.<section>. A section that refuses or moves calls says in
// `neededFacts` which facts it has to know before a call is let go.
import { OP_BIT } from '../settings'
import { BODY_FACTS, BROKER_BIT, CLIENT_BIT, GROUP_BIT, SHAPE_BIT, TOPIC_BIT } from '../../protocol/facts'
import { OP_ACK, OP_COUNT, OP_SEND, OP_TELEMETRY, isClientCall } from '../../protocol/operations'
import { Histograms } from '../../metrics/histograms'
import { factsForLimits } from '../../policy/limits'
import { factsFor } from '../../policy/match'
import { factsForRoutes } from '../../policy/routes'
import { checkKeys } from '../checks'
import { Draft } from '../draft'
import { Settings, setNeeded } from '../settings'
import { Acl, readAcl } from './acl'
import { Affinity, readAffinity } from './affinity'
import { readClientCalls } from './client-calls'
import { readClusters } from './clusters'
import { readEndpoints } from './endpoints'
import { readFaults } from './faults'
import { readHeaders } from './headers'
import { readHold } from './hold'
import { readLanes } from './lanes'
import { readLimits } from './limits'
import { readMetrics } from './metrics'
import { factsForPolicy, readPolicy } from './policy'
import { readReject } from './reject'
import { readRootValues } from './root'
import { readRoutes } from './routes'
import { readTrace } from './trace'

const KEYS: StaticArray<string> = [
  '$schema',
  'version',
  'name',
  'mode',
  'direction',
  'hold',
  'opaque',
  'filterState',
  'clusters',
  'clientCalls',
  'headers',
  'routes',
  'affinity',
  'acl',
  'policy',
  'limits',
  'reject',
  'faults',
  'lanes',
  'endpoints',
  'trace',
  'metrics',
]
export function readSections(draft: Draft): void {
  checkKeys(draft.root, '$', KEYS, draft.problems)
  readRootValues(draft)
  readClusters(draft)
  readClientCalls(draft)
  readHeaders(draft)
  readReject(draft.root, draft.allowed, draft.settings, draft.problems)
  readRoutes(draft)
  readAffinity(draft)
  readAcl(draft)
  readPolicy(draft)
  readLimits(draft)
  readFaults(draft)
  readLanes(draft)
  readEndpoints(draft)
  readTrace(draft)
  readHold(draft)
  readMetrics(draft)
  if (!draft.problems.any) deriveNeeds(draft.settings)
}

/** Facts that the sections must know before a call of `op` is let go. */
function neededFacts(settings: Settings, op: u32): u32 {
  let facts = settings.acl == 0 ? 0 : factsFor(changetype<Acl>(settings.acl).rules, op)
  facts |= factsForPolicy(settings.policy, op)
  facts |= factsFor(settings.faults, op) | factsForLimits(settings.limits, op)
  if (settings.affinity != 0) {
    const affinity = changetype<Affinity>(settings.affinity)
    if (affinity.count != 0) facts |= BROKER_BIT
    if (affinity.byClient != 0) facts |= CLIENT_BIT
  }
  return facts | factsForRoutes(settings, op)
}

/** Bits of operations. */
function itemsJudged(settings: Settings): u32 {
  const byAcl = settings.acl != 0
  let ops: u32 = byAcl ? 1 << OP_TELEMETRY : 0
  const byTopic = (factsForRoutes(settings, OP_SEND) & TOPIC_BIT) != 0
  if (byAcl || settings.policy != 0 || settings.limits != 0 || byTopic) ops |= 1 << OP_SEND
  const byEntry = byAcl && (factsFor(changetype<Acl>(settings.acl).rules, OP_ACK) & BROKER_BIT) != 0
  if (byEntry || (settings.affinity != 0 && changetype<Affinity>(settings.affinity).denyMixed != 0)) ops |= 1 << OP_ACK
  return ops
}

/** Topic and group are always read: they are filter state for the access log. */
function deriveNeeds(settings: Settings): void {
  const headers = settings.headers & ~OP_BIT
  settings.wanted = TOPIC_BIT | GROUP_BIT | headers
  settings.admitted = settings.labels
  if (settings.histograms != 0) settings.admitted |= changetype<Histograms>(settings.histograms).by
  settings.readsAll = itemsJudged(settings)
  for (let op: u32 = 0; op < OP_COUNT; op++) {
    const needed = neededFacts(settings, op)
    settings.wanted |= needed
    if (settings.routing != 0 && !isClientCall(op)) setNeeded(settings, op, (needed | headers) & (BODY_FACTS | SHAPE_BIT))
  }
}
