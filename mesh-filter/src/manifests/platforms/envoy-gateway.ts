import type { MeshConfig } from '../../config/model.ts'
import type { Json, JsonObject } from '../json.ts'
import { metadata, type PlatformOptions, platformParts } from './parts.ts'

export interface EnvoyGatewayOptions extends PlatformOptions {
  /** Name of the Gateway. */
  readonly gateway: string
  /** Name of its listener. */
  readonly listener: string
}

const types = {
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
} as const

/**
 * An EnvoyPatchPolicy of Envoy Gateway (which has to allow them: `extensionApis.enableEnvoyPatchPolicy`), since its EnvoyExtensionPolicy cannot
 * set `allow_on_headers_stop_iteration`.
 */
export function generateEnvoyGateway(config: MeshConfig, options: EnvoyGatewayOptions): JsonObject {
  const parts = platformParts(config, options)
  const name = `${options.namespace ?? 'default'}/${options.gateway}/${options.listener}`
  const manager = '/default_filter_chain/filters/0/typed_config'
  const add = (type: keyof typeof types, place: string, path: string, value: Json): JsonObject => ({
    type: types[type],
    name: place,
    operation: { op: 'add', path, value },
  })
  const { '@type': _, ...fields } = parts.manager
  return {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyPatchPolicy',
    metadata: metadata(parts, options),
    spec: {
      targetRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: options.gateway },
      type: 'JSONPatch',
      jsonPatches: [
        ...Object.entries(fields).map(([key, value]) => add('listener', name, `${manager}/${key}`, value)),
        // Each goes to the front, so the first of all comes last.
        ...parts.filters.toReversed().map((filter) => add('listener', name, `${manager}/http_filters/0`, filter)),
        ...parts.routes.toReversed().map((route) => add('routes', name, '/virtual_hosts/0/routes/0', route)),
        ...parts.listeners.map((listener) => add('listener', String(listener['name']), '', listener)),
        ...parts.clusters.map((cluster) => add('cluster', String(cluster['name']), '', cluster)),
      ],
    },
  }
}
