import type { MeshConfig } from '../config/model.ts'
import type { Endpoint } from './address.ts'
import type { JsonObject } from './json.ts'
import { ManifestError } from './manifest-error.ts'

/** A part of a cluster that a route asks for: labels that its brokers must have. */
type Labels = Readonly<Record<string, string>>

function keysOf(labels: Labels): readonly string[] {
  return Object.keys(labels).toSorted()
}

/** The subsets that routes want of a cluster. */
function wanted(config: MeshConfig, cluster: string): readonly { readonly route: string; readonly labels: Labels }[] {
  return (config.routes ?? []).flatMap(({ name, subset, cluster: only, split }) => {
    const isFor = only === cluster || (split !== undefined && Object.hasOwn(split, cluster))
    return subset === undefined || !isFor ? [] : [{ route: name, labels: subset }]
  })
}

/** HTTP filters behind ours that turn its headers `x-fmq-subset-<key>` into what a cluster chooses its hosts by. */
export function subsetFilters(config: MeshConfig): JsonObject[] {
  const keys = new Set((config.routes ?? []).flatMap(({ subset = {} }) => Object.keys(subset)))
  if (keys.size === 0 || config.mode !== 'route') return []
  return [
    {
      name: 'envoy.filters.http.header_to_metadata',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config',
        request_rules: [...keys].toSorted().map((key) => ({
          header: `x-fmq-subset-${key}`,
          on_header_present: { metadata_namespace: 'envoy.lb', key, type: 'STRING' },
        })),
      },
    },
  ]
}

/**
 * A cluster's field for its subsets. Calls of other routes may go to any of its brokers.
 * @throws ManifestError when a route wants a subset that no broker is in: its calls would go anywhere.
 */
export function subsetSelection(config: MeshConfig, cluster: string, endpoints: readonly Endpoint[]): JsonObject {
  const subsets = wanted(config, cluster)
  if (subsets.length === 0 || config.mode !== 'route') return {}
  for (const { route, labels } of subsets) {
    if (endpoints.some((endpoint) => Object.entries(labels).every(([key, value]) => endpoint.labels[key] === value))) continue
    const query = new URLSearchParams(labels).toString()
    throw new ManifestError(`cluster ${cluster}: no broker is in the subset of route ${route}; label one as in ${cluster}=HOST:PORT?${query}`)
  }
  const selectors = new Map(subsets.map(({ labels }) => [keysOf(labels).join(' '), { keys: keysOf(labels) }]))
  return { lb_subset_config: { fallback_policy: 'ANY_ENDPOINT', subset_selectors: [...selectors.values()] } }
}

/** What a broker is labelled with, where subsets look for it. */
export function endpointLabels({ labels }: Endpoint): JsonObject {
  return Object.keys(labels).length === 0 ? {} : { metadata: { filter_metadata: { 'envoy.lb': labels } } }
}
