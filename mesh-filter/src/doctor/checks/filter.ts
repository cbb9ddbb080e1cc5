import type { Finding } from '../finding.ts'
import { at, type EnvoyView, type ManagerView, textAt } from '../view.ts'

/** Sections that keep somebody out or change what is sent: without the filter calls must not pass. */
const enforcing = ['acl', 'policy', 'limits', 'lanes'] as const

/** Filters that act upon what ours finds out, and so are of no use in front of it. */
const behind: readonly (readonly [type: RegExp, what: string])[] = [
  [/\.header_to_metadata\./, 'header_to_metadata'],
  [/\.rbac\./, 'rbac'],
  [/\.local_ratelimit\./, 'local_ratelimit'],
  [/\.ratelimit\./, 'ratelimit'],
  [/\.fault\./, 'fault'],
]

/** What is wrong with the filter itself, in each place where it stands. */
export function checkFilter(view: EnvoyView): Finding[] {
  if (view.managers.length === 0) {
    return [
      {
        code: 'NO_FILTER',
        severity: 'error',
        where: 'listeners',
        what: 'no listener has the FeatherMQ filter: nothing of messaging is understood',
        next: 'Write the bootstrap with "feathermq-mesh generate envoy", or add an HTTP filter of type envoy.extensions.filters.http.wasm.v3.Wasm with root_id feathermq.',
      },
    ]
  }
  return [...view.managers.flatMap((manager) => [...configFindings(manager), ...placeFindings(manager)]), ...sharedVms(view.managers)]
}

function configFindings({ listener, plugin: { plugin, config, problems } }: ManagerView): Finding[] {
  const where = `listener ${listener}`
  if (config === undefined) {
    return problems.map((what) => ({
      code: 'CONFIG_REFUSED',
      severity: 'error',
      where: `${where}, configuration`,
      what,
      next: 'Correct it; "feathermq-mesh validate" says the same with line and column.',
    }))
  }
  const found: Finding[] = []
  if (config.mode === 'route' && at(plugin, 'allow_on_headers_stop_iteration') !== true) {
    found.push({
      code: 'FLAG_MISSING',
      severity: 'error',
      where,
      what: 'allow_on_headers_stop_iteration is not set, so Envoy keeps the bodies of held calls to itself: none is routed or judged by its content',
      next: 'Set allow_on_headers_stop_iteration: true beside root_id. Where that cannot be set (Istio WasmPlugin, Envoy Gateway), use mode "observe".',
    })
  }
  const open = textAt(plugin, 'failure_policy') === 'FAIL_OPEN' || at(plugin, 'fail_open') === true
  const rules = enforcing.filter((section) => config[section] !== undefined)
  if (open && rules.length > 0) {
    found.push({
      code: 'FAIL_OPEN',
      severity: 'error',
      where,
      what: `calls pass unfiltered after a failure of the filter (FAIL_OPEN), past ${rules.join(', ')}`,
      next: 'Set failure_policy: FAIL_RELOAD with reload_config: { backoff: { base_interval: 0.2s } }.',
    })
  }
  return found
}

function placeFindings({ listener, filters, position }: ManagerView): Finding[] {
  return filters.slice(0, position).flatMap((type) => {
    const [, name] = behind.find(([pattern]) => pattern.test(type)) ?? []
    if (name === undefined) return []
    return [
      {
        code: 'FILTER_ORDER',
        severity: 'error',
        where: `listener ${listener}`,
        what: `${name} stands in front of the FeatherMQ filter and never sees what it finds out`,
        next: `Move ${name} behind it: wasm, header_to_metadata, rbac, local_ratelimit, fault, router.`,
      },
    ]
  })
}

/** The same configuration in two listeners may share a VM; two configurations must not. */
function sharedVms(managers: readonly ManagerView[]): Finding[] {
  const byVm = new Map<string, Set<string>>()
  for (const { plugin } of managers) {
    const vm = textAt(plugin.plugin, 'vm_config', 'vm_id')
    byVm.set(vm, (byVm.get(vm) ?? new Set()).add(JSON.stringify(plugin.config ?? null)))
  }
  return [...byVm].flatMap(([vm, configs]) =>
    configs.size < 2
      ? []
      : [
          {
            code: 'SHARED_VM',
            severity: 'warning',
            where: `vm_id ${vm}`,
            what: `${configs.size} configurations share one VM: their limits and the bounds of their metrics are one, and a failure of one is that of all`,
            next: 'Give each configuration a name of its own; vm_id is fmq/<name>.',
          },
        ],
  )
}
