import type { JsonObject } from '../../manifests/json.ts'
import { statsTags } from '../../manifests/stats-tags.ts'
import type { Finding } from '../finding.ts'
import { at, type EnvoyView, type ManagerView, objectsAt, textAt } from '../view.ts'

/** Shorter than the longest poll of RocketMQ, 20 s, with what a network adds. */
const shortestMs = 30_000
/** Clients send their settings every five minutes; a Telemetry stream may be silent for so long. */
const shortestIdleMs = 15 * 60_000

function milliseconds(duration: string): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(duration)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** What is wrong with the way that calls take around the filter. */
export function checkRouting(view: EnvoyView): Finding[] {
  return view.managers.flatMap((manager) => [
    ...headerFindings(manager),
    ...accessLogFindings(manager),
    ...hostFindings(manager),
    ...timeoutFindings(manager),
    ...routeFindings(manager, view),
  ])
}

function headerFindings({ listener, manager }: ManagerView): Finding[] {
  if (JSON.stringify(at(manager, 'early_header_mutation_extensions') ?? []).includes('x-fmq-')) return []
  return [
    {
      code: 'FORGEABLE_HEADERS',
      severity: 'warning',
      where: `listener ${listener}`,
      what: 'headers x-fmq-* of clients are removed by the filter alone: while it is being reloaded, and for filters in front of it, clients choose their way themselves',
      next: 'Add early_header_mutation_extensions with remove_on_match: { key_matcher: { prefix: x-fmq- } }; "feathermq-mesh generate envoy" writes it.',
    },
  ]
}

function accessLogFindings({ listener, manager, plugin: { config } }: ManagerView): Finding[] {
  if (config?.filterState !== false || !JSON.stringify(at(manager, 'access_log') ?? []).includes('wasm.fmq.')) return []
  return [
    {
      code: 'NO_FILTER_STATE',
      severity: 'warning',
      where: `listener ${listener}`,
      what: 'the access log shows filter state wasm.fmq.*, which the filter is told not to write: it will always be empty',
      next: 'Take "filterState": false out of the configuration of the filter, or wasm.fmq.* out of the access log.',
    },
  ]
}

function hostFindings({ listener, virtualHosts }: ManagerView): Finding[] {
  if (virtualHosts.length === 0 || virtualHosts.some((host) => [at(host, 'domains') ?? []].flat().includes('*'))) return []
  return [
    {
      code: 'NO_ANY_HOST',
      severity: 'error',
      where: `listener ${listener}`,
      what: 'no virtual host has the domain "*": clients that dial addresses send authorities of their own making ("IPAuthority"), and get 404',
      next: 'Add "*" to the domains of the virtual host.',
    },
  ]
}

function timeoutFindings({ listener, manager, virtualHosts }: ManagerView): Finding[] {
  const found: Finding[] = []
  const short = (where: string, what: string, next: string) => found.push({ code: 'SHORT_TIMEOUT', severity: 'error', where, what, next })
  for (const route of virtualHosts.flatMap((host) => objectsAt(host, 'routes'))) {
    if (at(route, 'route') === undefined || at(route, 'match', 'headers', 0, 'name') === 'x-fmq-reject') continue
    const timeout = textAt(route, 'route', 'timeout')
    const ms = timeout === '' ? 15_000 : milliseconds(timeout)
    if (ms !== undefined && ms > 0 && ms < shortestMs) {
      const given = timeout === '' ? "Envoy's default of 15 s" : timeout
      short(
        `listener ${listener}, route ${textAt(route, 'name') || JSON.stringify(at(route, 'match'))}`,
        `its timeout is ${given}: a long poll waits 20 s`,
        'Set timeout: 0s on the route, and let the grpc-timeout of clients rule: max_stream_duration: { grpc_timeout_header_max: 0s }.',
      )
      break
    }
  }
  const idle = textAt(manager, 'stream_idle_timeout')
  const ms = idle === '' ? 300_000 : milliseconds(idle)
  if (ms !== undefined && ms > 0 && ms < shortestIdleMs) {
    const given = idle === '' ? "Envoy's default of 5 minutes" : idle
    short(`listener ${listener}`, `stream_idle_timeout is ${given}: a Telemetry stream may be silent for as long`, 'Set stream_idle_timeout: 0s.')
  }
  return found
}

function routeFindings({ listener, plugin: { config }, virtualHosts }: ManagerView, { clusters }: EnvoyView): Finding[] {
  if (config === undefined || config.mode !== 'route' || virtualHosts.length === 0) return []
  const where = `listener ${listener}`
  const routes = virtualHosts.flatMap((host) => objectsAt(host, 'routes'))
  const found: Finding[] = []
  const present = (name: string) => (route: JsonObject) => objectsAt(route, 'match', 'headers').some((header) => textAt(header, 'name') === name)
  if (!routes.some((route) => textAt(route, 'route', 'cluster_header') === 'x-fmq-cluster')) {
    found.push({
      code: 'NO_DECISION_ROUTE',
      severity: 'error',
      where,
      what: 'no route goes where the filter decides: calls take the ways of Envoy, whatever the rules say',
      next: 'Add a route that matches the header x-fmq-cluster (present_match: true) with cluster_header: x-fmq-cluster.',
    })
  }
  const native = config.reject !== undefined && config.reject.style !== 'plain'
  const first = routes.findIndex(present('x-fmq-reject'))
  if (native && first !== 0) {
    found.push({
      code: 'NO_REJECT_ROUTE',
      severity: 'error',
      where,
      what:
        first < 0
          ? 'refusals are native, and no route takes them: refused calls reach a broker'
          : 'refusals are native, and another route stands in front of theirs',
      next: 'Let the first route match the header x-fmq-reject and lead to the reject cluster; "feathermq-mesh generate envoy" writes both.',
    })
  }
  const missing = [...(config.clusters?.allow ?? []), ...(native ? [config.reject?.cluster ?? 'fmq_reject'] : [])].filter(
    (name) => !clusters.has(name),
  )
  for (const name of missing) {
    found.push({
      code: 'UNKNOWN_CLUSTER',
      severity: 'error',
      where,
      what: `the configuration sends calls to the cluster "${name}", which this Envoy does not have`,
      next: 'Add the cluster, or take its name out of the configuration.',
    })
  }
  return found
}

const sample = 'wasmcustom.fmq.calls.op.send.topic.orders.group.-.code.20000.end'

/** What cannot be seen, or can be seen by too many. */
export function checkSurroundings({ bootstrap, managers }: EnvoyView): Finding[] {
  const found: Finding[] = []
  const tags = objectsAt(bootstrap, 'stats_config', 'stats_tags')
  const labels = new Set(tags.filter((tag) => matches(textAt(tag, 'regex'), sample)).map((tag) => textAt(tag, 'tag_name')))
  const lacking = statsTags.filter((tag) => matches(tag.regex, sample) && !labels.has(tag.tag_name)).map(({ tag_name: name }) => name)
  if (managers.length > 0 && lacking.length > 0) {
    found.push({
      code: 'NO_LABELS',
      severity: 'warning',
      where: 'stats_config',
      what: `counters of calls have no labels ${lacking.join(', ')}: Prometheus sees one metric for every topic, group and code`,
      next: 'Add the stats_tags that "feathermq-mesh generate envoy" writes.',
    })
  }
  const admin = textAt(bootstrap, 'admin', 'address', 'socket_address', 'address')
  if (admin !== '' && !/^127\.|^::1$|^localhost$/.test(admin)) {
    found.push({
      code: 'ADMIN_EXPOSED',
      severity: 'warning',
      where: 'admin',
      what: `the admin interface listens at ${admin} and has no authentication: who reaches it can stop Envoy`,
      next: 'Let it listen at 127.0.0.1; "generate envoy --probe" opens readiness and metrics alone.',
    })
  }
  return found
}

function matches(regex: string, text: string): boolean {
  try {
    return new RegExp(regex).test(text)
  } catch {
    return false
  }
}
