import type { MeshConfig } from '../../config/model.ts'
import { generateEnvoy } from '../envoy.ts'
import type { Json, JsonObject } from '../json.ts'
import { ManifestError } from '../manifest-error.ts'
import type { WasmSource } from '../wasm-filter.ts'

export interface PlatformOptions {
  /** Name of the manifest. Default `feathermq-mesh-<name of the configuration>`. */
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  /** Where the proxy finds the filter. Default: in the manifest. */
  readonly wasm: WasmSource
  /** `HOST:PORT` on the loopback of the proxy for the listener of native refusals, since a platform's proxy need not have internal ones. */
  readonly rejectListener?: string | undefined
}

/** What a platform has to put into a proxy that it configures itself. Clusters are the platform's own. */
export interface PlatformParts {
  readonly name: string
  /** Fields of the connection manager. */
  readonly manager: JsonObject
  /** HTTP filters in order; the first is ours, the others stand behind it. */
  readonly filters: readonly JsonObject[]
  /** In order, in front of the platform's own routes. */
  readonly routes: readonly JsonObject[]
  readonly listeners: readonly JsonObject[]
  readonly clusters: readonly JsonObject[]
  readonly statsConfig: Json
}

const defaultRejectListener = '127.0.0.1:14023'

/** Taken out of the bootstrap that the same configuration gives: one generator says what a proxy needs. */
export function platformParts(config: MeshConfig, options: PlatformOptions): PlatformParts {
  if (config.trace?.placement === 'upstream') {
    throw new ManifestError('trace.placement "upstream" needs a filter in the clusters, which belong to the platform here; use "downstream"')
  }
  const names = config.clusters?.allow ?? ['cluster']
  const bootstrap = generateEnvoy(config, {
    clusters: Object.fromEntries(names.map((name) => [name, placeholders(config)])),
    wasm: options.wasm,
    accessLog: false,
    rejectListener: options.rejectListener ?? defaultRejectListener,
  })
  const resources = objectOf(bootstrap['static_resources'])
  const [main, ...listeners] = objectsOf(resources['listeners'])
  const manager = objectOf(objectsOf(objectsOf(main?.['filter_chains'])[0]?.['filters'])[0]?.['typed_config'])
  const filters = objectsOf(manager['http_filters'])
  const routes = objectsOf(objectsOf(objectOf(manager['route_config'])['virtual_hosts'])[0]?.['routes'])
  return {
    name: options.name ?? `feathermq-mesh-${config.name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-')}`,
    manager: {
      '@type': manager['@type'] ?? '',
      stream_idle_timeout: '0s',
      request_timeout: '0s',
      early_header_mutation_extensions: manager['early_header_mutation_extensions'] ?? [],
    },
    filters: filters.slice(0, -1),
    // What nothing else claims goes where the platform sends it.
    routes: routes.filter((route) => !String(route['name']).startsWith('default')),
    listeners,
    clusters: objectsOf(resources['clusters']).filter((cluster) => !names.includes(String(cluster['name']))),
    statsConfig: bootstrap['stats_config'] ?? {},
  }
}

/** Addresses that are never written anywhere: the brokers of each subset, as the platform is trusted to have them. */
function placeholders(config: MeshConfig): string[] {
  const labels = (config.routes ?? []).flatMap(({ subset }) => (subset === undefined ? [] : [`?${new URLSearchParams(subset).toString()}`]))
  return ['', ...labels].map((query) => `127.0.0.1:1${query}`)
}

function objectOf(json: Json | undefined): JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : {}
}

function objectsOf(json: Json | undefined): JsonObject[] {
  return Array.isArray(json) ? json.map(objectOf) : []
}

export function metadata({ name }: PlatformParts, { namespace }: PlatformOptions): JsonObject {
  return { name, ...(namespace === undefined ? {} : { namespace }) }
}
