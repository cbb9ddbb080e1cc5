// From the JSON configuration to Settings. The keys and values are those of the configuration model that the generators and
// the schema share; what this build cannot do is refused with its path.
import { Bytes } from '../abi/text'
import { GROUP_BIT, TOPIC_BIT } from '../protocol/facts'
import { OP_COUNT, OP_HEARTBEAT, OP_NAMES, OP_TELEMETRY, OP_TERMINATE, isClientCall } from '../protocol/operations'
import { matches } from '../policy/pattern'
import { factsForRoutes } from '../policy/routes'
import { checkHeaderText, checkKeys, choice, duration, integer, isKind, object, requiredText, text, texts } from './checks'
import { JSON_ARRAY, JSON_NUMBER, JSON_OBJECT, Json, parseJson } from './json'
import { Problems, indexPath, keyPath } from './problems'
import { readReject } from './sections/reject'
import {
  CODE_BIT,
  OP_BIT,
  Pattern,
  PatternList,
  Route,
  Settings,
  newSettings,
  releaseSettings,
  setNeeded,
  setPatterns,
  settingsAlloc,
  settingsText,
} from './settings'

const NONE: StaticArray<string> = []

const ROOT_KEYS: StaticArray<string> = [
  '$schema',
  'version',
  'name',
  'mode',
  'direction',
  'hold',
  'opaque',
  'clusters',
  'clientCalls',
  'headers',
  'routes',
  'reject',
  'metrics',
]
const ROOT_LATER: StaticArray<string> = ['affinity', 'acl', 'policy', 'limits', 'faults', 'lanes', 'endpoints', 'trace']
const HOLD_KEYS: StaticArray<string> = ['maxBytes', 'timeout', 'onExhausted', 'onFlagMissing']
const CLUSTERS_KEYS: StaticArray<string> = ['default', 'allow']
const CLIENT_CALLS_KEYS: StaticArray<string> = ['cluster', 'mirror']
const HEADERS_KEYS: StaticArray<string> = ['facts']
const HEADERS_LATER: StaticArray<string> = ['responseCode']
const ROUTE_KEYS: StaticArray<string> = ['name', 'when', 'cluster']
const ROUTE_LATER: StaticArray<string> = ['split', 'sticky', 'hash', 'subset']
const WHEN_KEYS: StaticArray<string> = ['op', 'topic', 'group', 'tag', 'messageGroup', 'broker']
const METRICS_KEYS: StaticArray<string> = ['labels', 'topics', 'groups', 'series']
const METRICS_LATER: StaticArray<string> = ['histograms']

const MODES: StaticArray<string> = ['observe', 'route']
const DIRECTIONS: StaticArray<string> = ['outbound', 'inbound', 'gateway']
const DENY_OR_DEFAULT: StaticArray<string> = ['default', 'deny']
const FLAG_MISSING: StaticArray<string> = ['observe', 'fail']
const LABELS: StaticArray<string> = ['op', 'topic', 'group', 'code']
/** In the order of the fact numbers; the names as they appear in `when` and, with dashes, in headers. */
const FACT_KEYS: StaticArray<string> = ['topic', 'group', 'tag', 'messageGroup', 'broker']
const FACT_HEADERS: StaticArray<string> = ['topic', 'group', 'tag', 'message-group', 'broker']

/** Calls that no route can move. */
const CLIENT_CALL_OPS: u32 = (1 << OP_TELEMETRY) | (1 << OP_HEARTBEAT) | (1 << OP_TERMINATE)

const DEFAULT_HOLD_BYTES: u32 = 49152
const MOST_HOLD_BYTES: f64 = 16777216
const DEFAULT_TIMEOUT_MS: u32 = 500
const DEFAULT_NAMES: u32 = 200
const MOST_NAMES: f64 = 1000
const DEFAULT_SERIES: u32 = 2000
const MOST_SERIES: f64 = 10000

/** Null, with the reasons in `problems`, when the configuration is refused. */
export function compileSettings(at: usize, length: usize, problems: Problems): Settings | null {
  const parsed = parseJson(at, length)
  const root = parsed.value
  if (root === null) {
    problems.add('$', parsed.error)
    return null
  }
  if (!isKind(root, JSON_OBJECT, '$', problems)) return null
  const settings = newSettings()
  readRoot(root, settings, problems)
  if (!problems.any) return settings
  releaseSettings(settings)
  return null
}

function readRoot(root: Json, settings: Settings, problems: Problems): void {
  checkKeys(root, '$', ROOT_KEYS, ROOT_LATER, problems)
  text(root, '$schema', '$', problems)
  readVersion(root, problems)
  readName(root, problems)
  if (root.get('mode') === null) problems.add('$.mode', 'missing')
  settings.routing = choice(root, 'mode', '$', MODES, 0, problems)
  choice(root, 'direction', '$', DIRECTIONS, 0, problems)
  settings.denyOpaque = choice(root, 'opaque', '$', DENY_OR_DEFAULT, 1, problems)
  const allowed = readClusters(root, settings, problems)
  readClientCalls(root, allowed, problems)
  readHeaders(root, settings, problems)
  readRoutes(root, allowed, settings, problems)
  readHold(root, settings, problems)
  readReject(root, allowed, settings, problems)
  readMetrics(root, settings, problems)
  if (!problems.any) deriveNeeds(settings)
}

function readVersion(root: Json, problems: Problems): void {
  const version = root.get('version')
  if (version === null) problems.add('$.version', 'missing')
  else if (isKind(version, JSON_NUMBER, '$.version', problems) && version.number != 1) problems.add('$.version', 'expected 1, the version that this build reads')
}

/** The name becomes part of the VM's id and of texts, so it is kept to a plain alphabet. */
function readName(root: Json, problems: Problems): void {
  const name = requiredText(root, 'name', '$', problems)
  if (name === null) return
  let plain = name.length <= 64
  for (let i = 0; i < name.length; i++) {
    const c = name.charCodeAt(i)
    if (!((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 45 || c == 46 || c == 95)) plain = false
  }
  if (!plain) problems.add('$.name', 'expected 1 to 64 letters, digits, dots, dashes and underscores')
}

function readHold(root: Json, settings: Settings, problems: Problems): void {
  settings.holdMaxBytes = DEFAULT_HOLD_BYTES
  settings.holdTimeoutMs = DEFAULT_TIMEOUT_MS
  settings.denyExhausted = 1
  settings.failWithoutFlag = settings.routeCount > 0 ? 1 : 0
  const hold = object(root, 'hold', '$', problems)
  if (hold === null) return
  checkKeys(hold, '$.hold', HOLD_KEYS, NONE, problems)
  settings.holdMaxBytes = integer(hold, 'maxBytes', '$.hold', 1, MOST_HOLD_BYTES, DEFAULT_HOLD_BYTES, problems)
  settings.holdTimeoutMs = duration(hold, 'timeout', '$.hold', 10, 60000, DEFAULT_TIMEOUT_MS, problems)
  settings.denyExhausted = choice(hold, 'onExhausted', '$.hold', DENY_OR_DEFAULT, 1, problems)
  settings.failWithoutFlag = choice(hold, 'onFlagMissing', '$.hold', FLAG_MISSING, settings.failWithoutFlag, problems)
}

function readClusters(root: Json, settings: Settings, problems: Problems): string[] {
  const clusters = object(root, 'clusters', '$', problems)
  if (clusters === null) {
    if (settings.routing != 0 && root.get('clusters') === null) problems.add('$.clusters.default', 'missing')
    return []
  }
  checkKeys(clusters, '$.clusters', CLUSTERS_KEYS, NONE, problems)
  if (settings.routing != 0 && clusters.get('default') === null) problems.add('$.clusters.default', 'missing')
  const standard = text(clusters, 'default', '$.clusters', problems)
  const allow = texts(clusters, 'allow', '$.clusters', false, problems)
  if (allow === null) problems.add('$.clusters.allow', 'missing')
  const allowed: string[] = allow === null ? [] : allow
  for (let i = 0; i < allowed.length; i++) if (allowed[i].length > 0) checkHeaderText(allowed[i], indexPath('$.clusters.allow', i), 'x-fmq-cluster', problems)
  if (standard === null) return allowed
  checkCluster(standard, '$.clusters.default', allowed, problems)
  const bytes = changetype<Bytes>(changetype<usize>(settings) + offsetof<Settings>('clusterAt'))
  settingsText(settings, standard, bytes)
  return allowed
}

function checkCluster(cluster: string, path: string, allowed: string[], problems: Problems): void {
  if (!allowed.includes(cluster)) problems.add(path, '"' + cluster + '" is not in $.clusters.allow')
}

/** Routing by path and mirroring are Envoy's; the filter only makes sure that no cluster is named by mistake. */
function readClientCalls(root: Json, allowed: string[], problems: Problems): void {
  const calls = object(root, 'clientCalls', '$', problems)
  if (calls === null) return
  checkKeys(calls, '$.clientCalls', CLIENT_CALLS_KEYS, NONE, problems)
  const cluster = requiredText(calls, 'cluster', '$.clientCalls', problems)
  if (cluster !== null) checkCluster(cluster, '$.clientCalls.cluster', allowed, problems)
  const mirror = texts(calls, 'mirror', '$.clientCalls', false, problems)
  if (mirror === null) return
  for (let i = 0; i < mirror.length; i++) {
    if (mirror[i].length == 0) continue
    const path = indexPath('$.clientCalls.mirror', i)
    checkCluster(mirror[i], path, allowed, problems)
    if (cluster !== null && mirror[i] == cluster) {
      problems.add(path, '"' + cluster + '" is $.clientCalls.cluster itself: it would get every call twice')
    }
  }
}

function readHeaders(root: Json, settings: Settings, problems: Problems): void {
  const headers = object(root, 'headers', '$', problems)
  if (headers === null) return
  checkKeys(headers, '$.headers', HEADERS_KEYS, HEADERS_LATER, problems)
  const facts = texts(headers, 'facts', '$.headers', false, problems)
  if (facts === null) return
  for (let i = 0; i < facts.length; i++) {
    if (facts[i].length == 0) continue
    const fact = FACT_HEADERS.indexOf(facts[i])
    if (facts[i] == 'op') settings.headers |= OP_BIT
    else if (fact >= 0) settings.headers |= 1 << fact
    else {
      const reason = facts[i] == 'lane' ? 'not in this build' : '"' + facts[i] + '" is none of op, ' + FACT_HEADERS.join(', ')
      problems.add(indexPath('$.headers.facts', i), reason)
    }
  }
}

function readRoutes(root: Json, allowed: string[], settings: Settings, problems: Problems): void {
  const routes = root.get('routes')
  if (routes === null || !isKind(routes, JSON_ARRAY, '$.routes', problems)) return
  const count = routes.items.length
  settings.routes = settingsAlloc(settings, <usize>count * offsetof<Route>())
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    const path = indexPath('$.routes', i)
    const route = changetype<Route>(settings.routes + <usize>i * offsetof<Route>())
    if (isKind(routes.items[i], JSON_OBJECT, path, problems)) readRoute(routes.items[i], path, names, allowed, route, settings, problems)
  }
  settings.routeCount = count
}

function readRoute(json: Json, path: string, names: string[], allowed: string[], route: Route, settings: Settings, problems: Problems): void {
  checkKeys(json, path, ROUTE_KEYS, ROUTE_LATER, problems)
  const name = requiredText(json, 'name', path, problems)
  if (name !== null) {
    if (names.includes(name)) problems.add(keyPath(path, 'name'), 'another route is named "' + name + '"')
    checkHeaderText(name, keyPath(path, 'name'), 'x-fmq-route', problems)
    names.push(name)
    settingsText(settings, name, changetype<Bytes>(changetype<usize>(route) + offsetof<Route>('nameAt')))
  }
  // A route with one of the later keys lacks its cluster for that reason; one message is enough.
  const later = json.get('split') !== null
  const cluster = later ? text(json, 'cluster', path, problems) : requiredText(json, 'cluster', path, problems)
  if (cluster !== null) {
    checkCluster(cluster, keyPath(path, 'cluster'), allowed, problems)
    settingsText(settings, cluster, changetype<Bytes>(changetype<usize>(route) + offsetof<Route>('clusterAt')))
  }
  if (json.get('when') === null) problems.add(keyPath(path, 'when'), 'missing')
  const when = object(json, 'when', path, problems)
  if (when !== null) readWhen(when, keyPath(path, 'when'), route, settings, problems)
}

function readWhen(when: Json, path: string, route: Route, settings: Settings, problems: Problems): void {
  checkKeys(when, path, WHEN_KEYS, NONE, problems)
  const ops = texts(when, 'op', path, true, problems)
  route.ops = ops === null ? (1 << OP_COUNT) - 1 : readOps(ops, keyPath(path, 'op'), problems)
  for (let fact: u32 = 0; fact < <u32>FACT_KEYS.length; fact++) {
    const patterns = texts(when, FACT_KEYS[fact], path, true, problems)
    if (patterns === null) continue
    route.facts |= 1 << fact
    setPatterns(route, fact, patternList(patterns, settings))
  }
}

function readOps(ops: string[], path: string, problems: Problems): u32 {
  let bits: u32 = 0
  for (let i = 0; i < ops.length; i++) {
    if (ops[i].length == 0) continue
    let hit: u32 = 0
    const pattern = String.UTF8.encode(ops[i])
    for (let op: u32 = 0; op < OP_COUNT; op++) {
      const name = String.UTF8.encode(OP_NAMES[op])
      if (matches(changetype<usize>(pattern), pattern.byteLength, changetype<usize>(name), name.byteLength)) hit |= 1 << op
    }
    if (hit == 0) problems.add(path, '"' + ops[i] + '" is none of ' + OP_NAMES.join(', '))
    else if ((hit & ~CLIENT_CALL_OPS) == 0) {
      problems.add(path, '"' + ops[i] + '" is a call of the client as a whole, which has no one topic: $.clientCalls says where it goes')
    }
    bits |= hit
  }
  return bits
}

function patternList(patterns: string[], settings: Settings): PatternList {
  const list = changetype<PatternList>(settingsAlloc(settings, offsetof<PatternList>()))
  list.count = patterns.length
  list.first = settingsAlloc(settings, <usize>patterns.length * offsetof<Pattern>())
  for (let i = 0; i < patterns.length; i++) {
    const pattern = changetype<Pattern>(list.first + <usize>i * offsetof<Pattern>())
    settingsText(settings, patterns[i], changetype<Bytes>(pattern))
    pattern.wild = patterns[i].includes('*') ? 1 : 0
  }
  return list
}

function readMetrics(root: Json, settings: Settings, problems: Problems): void {
  settings.labels = OP_BIT | TOPIC_BIT | GROUP_BIT | CODE_BIT
  settings.topics = DEFAULT_NAMES
  settings.groups = DEFAULT_NAMES
  settings.series = DEFAULT_SERIES
  const metrics = object(root, 'metrics', '$', problems)
  if (metrics === null) return
  checkKeys(metrics, '$.metrics', METRICS_KEYS, METRICS_LATER, problems)
  settings.topics = integer(metrics, 'topics', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.groups = integer(metrics, 'groups', '$.metrics', 1, MOST_NAMES, DEFAULT_NAMES, problems)
  settings.series = integer(metrics, 'series', '$.metrics', 1, MOST_SERIES, DEFAULT_SERIES, problems)
  const labels = texts(metrics, 'labels', '$.metrics', false, problems)
  if (labels === null) return
  settings.labels = 0
  for (let i = 0; i < labels.length; i++) {
    if (labels[i].length == 0) continue
    const label = LABELS.indexOf(labels[i])
    if (label == 0) settings.labels |= OP_BIT
    else if (label == 1) settings.labels |= TOPIC_BIT
    else if (label == 2) settings.labels |= GROUP_BIT
    else if (label == 3) settings.labels |= CODE_BIT
    else problems.add(indexPath('$.metrics.labels', i), '"' + labels[i] + '" is none of ' + LABELS.join(', '))
  }
}

/** Topic and group are always read: they are filter state for the access log. */
function deriveNeeds(settings: Settings): void {
  const headers = settings.headers & ((1 << FACT_KEYS.length) - 1)
  settings.wanted = TOPIC_BIT | GROUP_BIT | headers
  for (let op: u32 = 0; op < OP_COUNT; op++) {
    const forRoutes = factsForRoutes(settings, op)
    settings.wanted |= forRoutes
    if (settings.routing == 0 || isClientCall(op)) continue
    setNeeded(settings, op, forRoutes | headers)
  }
}
