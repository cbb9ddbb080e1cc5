import type { Finding } from '../finding.ts'
import { at, type EnvoyView, objectsAt, textAt } from '../view.ts'

/** What the counters of a running Envoy tell of. */
export function checkRunning(view: EnvoyView): Finding[] {
  const { stats } = view
  if (stats === undefined) return []
  const value = (name: string) => stats.get(name) ?? 0
  const named = (pattern: RegExp) => [...stats].flatMap(([name, count]) => (count > 0 && pattern.test(name) ? [{ name, count }] : []))
  const found: Finding[] = []

  const missing = value('wasmcustom.fmq.flag_missing')
  if (missing > 0) {
    found.push({
      code: 'FLAG_MISSING',
      severity: 'error',
      where: 'filter',
      what: `${missing} held calls got no body: this Envoy does not let the filter hold headers`,
      next: 'Set allow_on_headers_stop_iteration: true in the plugin configuration (Envoy 1.35 or newer).',
    })
  }
  const overflow = named(/^wasmcustom\.fmq\..*~other/)
  if (overflow.length > 0) {
    const calls = overflow.reduce((sum, { count }) => sum + count, 0)
    found.push({
      code: 'SERIES_LIMIT',
      severity: 'warning',
      where: 'metrics',
      what: `${calls} calls are counted under ~other: there are more topics, groups or series than metrics.topics, .groups and .series allow`,
      next: 'Raise them, or leave labels out with metrics.labels. Names that were admitted stay until Envoy restarts.',
    })
  }
  for (const { name, count } of named(/(?:^extension_config_discovery\.|\.?(?:lds|cds|rds)\.?).*update_rejected$/)) {
    found.push({
      code: 'UPDATE_REFUSED',
      severity: 'error',
      where: name.replace(/\.update_rejected$/, ''),
      what: `${count} new configurations were refused, and an older one is serving`,
      next: 'The reason stands in the log of Envoy, with the JSON path; "feathermq-mesh validate" says it too.',
    })
  }
  for (const { name, count } of named(/^wasm\..*\.vm_reload_success$/)) {
    found.push({
      code: 'FILTER_TRAPPED',
      severity: 'warning',
      where: name.replace(/^wasm\.(.*)\.vm_reload_success$/, 'filter $1'),
      what: `the filter failed and was started again, ${count} times; calls of its worker failed each time`,
      next: 'That is a bug of the filter: please report it, with the lines of the log of Envoy around "Function: proxy_on".',
    })
  }
  for (const { manager, listener, plugin } of view.managers) {
    const prefix = textAt(manager, 'stat_prefix')
    const errors = value(`http.${prefix}.downstream_cx_protocol_error`)
    if (errors > 0 && !takesTls(view, listener)) {
      found.push({
        code: 'TLS_INSIDE',
        severity: 'warning',
        where: `listener ${listener}`,
        what: `${errors} connections spoke no HTTP/2, and this listener takes no TLS: the official Java and Go clients speak TLS unless told otherwise`,
        next: 'Switch TLS off in the client (Java: enableSsl(false)), or let the listener take both with "generate envoy --tls-cert FILE --tls-key FILE".',
      })
    }
    for (const name of plugin.config?.clusters?.allow ?? []) {
      if (stats.has(`cluster.${name}.membership_total`) && value(`cluster.${name}.membership_total`) === 0) {
        found.push({
          code: 'NO_BROKER',
          severity: 'error',
          where: `cluster ${name}`,
          what: 'has no broker: its name does not resolve, or its endpoints never came',
          next: 'Look up the name from the machine of Envoy, and see /clusters at the admin interface.',
        })
      }
      // Newer releases (1.40 does) count apart what met max_requests; older ones count it with what met max_pending_requests.
      const full = value(`cluster.${name}.upstream_rq_pending_overflow`) + value(`cluster.${name}.upstream_rq_active_overflow`)
      if (full > 0) {
        found.push({
          code: 'OVERFLOW',
          severity: 'warning',
          where: `cluster ${name}`,
          what: `${full} calls were refused because too many were open: each waiting consumer queue is one`,
          next: 'Raise circuit_breakers (max_requests, max_pending_requests) of the cluster.',
        })
      }
    }
  }
  return found
}

function takesTls({ bootstrap }: EnvoyView, listener: string): boolean {
  const own = objectsAt(bootstrap, 'static_resources', 'listeners').find((candidate) => textAt(candidate, 'name') === listener)
  return objectsAt(own, 'filter_chains').some((chain) => at(chain, 'transport_socket') !== undefined)
}
