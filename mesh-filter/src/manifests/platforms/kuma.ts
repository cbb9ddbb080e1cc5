import { stringify } from 'yaml'
import type { MeshConfig } from '../../config/model.ts'
import type { Json, JsonObject } from '../json.ts'
import { type PlatformOptions, platformParts } from './parts.ts'

export interface KumaOptions extends PlatformOptions {
  /** Labels of the data planes. Default: all of the mesh. */
  readonly selector?: Readonly<Record<string, string>> | undefined
  /** Default `default`. */
  readonly mesh?: string | undefined
}

const manager = 'envoy.filters.network.http_connection_manager'

/** A MeshProxyPatch of Kuma and Kong Mesh. Clusters are named as Kuma names them. */
export function generateKuma(config: MeshConfig, options: KumaOptions): JsonObject {
  const parts = platformParts(config, options)
  const origin = config.direction === 'inbound' ? 'inbound' : config.direction === 'gateway' ? 'gateway' : 'outbound'
  const text = (value: Json) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
  const [own, ...behind] = parts.filters
  const before = { origin, name: 'envoy.filters.http.router' }
  return {
    apiVersion: 'kuma.io/v1alpha1',
    kind: 'MeshProxyPatch',
    metadata: { name: parts.name, namespace: options.namespace ?? 'kuma-system', labels: { 'kuma.io/mesh': options.mesh ?? 'default' } },
    spec: {
      targetRef: { kind: 'Dataplane', ...(options.selector === undefined ? {} : { labels: options.selector }) },
      default: {
        appendModifications: [
          { networkFilter: { operation: 'Patch', match: { name: manager, origin }, value: text({ name: manager, typed_config: parts.manager }) } },
          { httpFilter: { operation: 'AddFirst', match: { origin }, value: text(own ?? {}) } },
          ...behind.map((filter) => ({ httpFilter: { operation: 'AddBefore', match: before, value: text(filter) } })),
          {
            virtualHost: {
              operation: 'Patch',
              match: { origin },
              // Each goes to the front, so the first of all comes last. A value would be merged, which puts lists behind each other.
              jsonPatches: parts.routes.toReversed().map((value) => ({ op: 'add', path: '/routes/0', value })),
            },
          },
          ...parts.listeners.map((listener) => ({ listener: { operation: 'Add', value: text(listener) } })),
          ...parts.clusters.map((cluster) => ({ cluster: { operation: 'Add', value: text(cluster) } })),
        ],
      },
    },
  }
}
