import type { MeshConfig } from '../../config/model.ts'
import type { Json, JsonObject } from '../json.ts'
import { metadata, type PlatformOptions, platformParts } from './parts.ts'

export interface IstioOptions extends PlatformOptions {
  /** Labels of the pods. Default: all of the namespace. */
  readonly selector?: Readonly<Record<string, string>> | undefined
  /** Port that clients dial, or on which brokers listen. */
  readonly port: number
}

const manager = 'envoy.filters.network.http_connection_manager'
const contexts: Readonly<Record<string, string>> = { outbound: 'SIDECAR_OUTBOUND', inbound: 'SIDECAR_INBOUND', gateway: 'GATEWAY' }

/**
 * An EnvoyFilter, the one resource of Istio that can set `allow_on_headers_stop_iteration`. Clusters are named as Istio names them, such as
 * `outbound|8081||mq-west.shop.svc.cluster.local`.
 */
export function generateIstio(config: MeshConfig, options: IstioOptions): JsonObject {
  const parts = platformParts(config, options)
  const context = contexts[config.direction ?? 'outbound'] ?? 'SIDECAR_OUTBOUND'
  const listener = (filter: JsonObject): JsonObject => ({ context, listener: { portNumber: options.port, filterChain: { filter } } })
  const patch = (applyTo: string, match: JsonObject, operation: string, value: Json): JsonObject => ({ applyTo, match, patch: { operation, value } })
  const [own, ...behind] = parts.filters
  const router = listener({ name: manager, subFilter: { name: 'envoy.filters.http.router' } })
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: metadata(parts, options),
    spec: {
      ...(options.selector === undefined ? {} : { workloadSelector: { labels: options.selector } }),
      configPatches: [
        patch('BOOTSTRAP', { context: 'ANY' }, 'MERGE', { stats_config: parts.statsConfig }),
        patch('NETWORK_FILTER', listener({ name: manager }), 'MERGE', { name: manager, typed_config: parts.manager }),
        patch('HTTP_FILTER', listener({ name: manager }), 'INSERT_FIRST', own ?? {}),
        ...behind.map((filter) => patch('HTTP_FILTER', router, 'INSERT_BEFORE', filter)),
        // Each goes to the front, so the first of all comes last.
        ...parts.routes
          .toReversed()
          .map((route) => patch('HTTP_ROUTE', { context, routeConfiguration: { portNumber: options.port } }, 'INSERT_FIRST', route)),
        ...parts.listeners.map((value) => patch('LISTENER', { context }, 'ADD', value)),
        ...parts.clusters.map((value) => patch('CLUSTER', { context }, 'ADD', value)),
      ],
    },
  }
}
