import type { MeshConfig } from '../config/model.ts'
import { validateConfig } from '../config/validate.ts'
import type { Json, JsonObject } from '../manifests/json.ts'

/** Our filter in one place of an Envoy's configuration. */
export interface PluginView {
  /** The plugin's own settings (PluginConfig). */
  readonly plugin: JsonObject
  /** The configuration of the filter; undefined when it is refused. */
  readonly config: MeshConfig | undefined
  readonly problems: readonly string[]
}

/** A connection manager with our filter in it. */
export interface ManagerView {
  readonly listener: string
  readonly manager: JsonObject
  /** Types of its HTTP filters, in order, such as `envoy.extensions.filters.http.rbac.v3.RBAC`. */
  readonly filters: readonly string[]
  /** Where ours stands among them. */
  readonly position: number
  readonly plugin: PluginView
  readonly virtualHosts: readonly JsonObject[]
}

/** What the checks look at, whether it comes from a file or from a running Envoy. */
export interface EnvoyView {
  readonly bootstrap: JsonObject
  readonly managers: readonly ManagerView[]
  readonly clusters: ReadonlySet<string>
  /** Counters and gauges; undefined for a file. */
  readonly stats: ReadonlyMap<string, number> | undefined
}

/** Parts of a configuration by their place. What is not there, or of another kind, is empty. */
export function at(json: Json | undefined, ...steps: (string | number)[]): Json | undefined {
  return steps.reduce<Json | undefined>((value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined), json)
}

export function objectsAt(json: Json | undefined, ...steps: (string | number)[]): JsonObject[] {
  const list = at(json, ...steps)
  return Array.isArray(list) ? list.filter((item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item)) : []
}

export function textAt(json: Json | undefined, ...steps: (string | number)[]): string {
  const value = at(json, ...steps)
  return typeof value === 'string' ? value : ''
}

function objectAt(json: Json | undefined, ...steps: (string | number)[]): JsonObject {
  const value = at(json, ...steps)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** Everything that the view is made of. */
export interface EnvoyParts {
  readonly bootstrap: JsonObject
  readonly listeners: readonly JsonObject[]
  readonly clusters: readonly JsonObject[]
  /** By name, for connection managers that get theirs by RDS. */
  readonly routes: ReadonlyMap<string, JsonObject>
  /** Filters that come by ECDS, by name. */
  readonly filters: ReadonlyMap<string, JsonObject>
  readonly stats: ReadonlyMap<string, number> | undefined
}

export function viewOf(parts: EnvoyParts): EnvoyView {
  const managers = parts.listeners.flatMap((listener) => {
    const chains = [...objectsAt(listener, 'filter_chains'), ...objectsAt([objectAt(listener, 'default_filter_chain')])]
    return chains.flatMap((chain) => objectsAt(chain, 'filters').flatMap((filter) => managerOf(textAt(listener, 'name'), filter, parts) ?? []))
  })
  return { bootstrap: parts.bootstrap, managers, clusters: new Set(parts.clusters.map((cluster) => textAt(cluster, 'name'))), stats: parts.stats }
}

function managerOf(listener: string, filter: JsonObject, parts: EnvoyParts): ManagerView | undefined {
  const manager = objectAt(filter, 'typed_config')
  if (!textAt(manager, '@type').endsWith('.HttpConnectionManager')) return undefined
  const filters = objectsAt(manager, 'http_filters').map((entry) => {
    const found = at(entry, 'config_discovery') === undefined ? undefined : parts.filters.get(textAt(entry, 'name'))
    return { name: textAt(entry, 'name'), typed: objectAt(found ?? entry, 'typed_config') }
  })
  const position = filters.findIndex(({ typed }) => isOurs(typed))
  const ours = filters[position]
  if (ours === undefined) return undefined
  const own = at(manager, 'route_config')
  const routes = own === undefined ? parts.routes.get(textAt(manager, 'rds', 'route_config_name')) : objectAt(manager, 'route_config')
  return {
    listener,
    manager,
    filters: filters.map(({ name, typed }) => textAt(typed, '@type').replace(/^type\.googleapis\.com\//, '') || name),
    position,
    plugin: pluginOf(objectAt(ours.typed, 'config')),
    virtualHosts: objectsAt(routes, 'virtual_hosts'),
  }
}

function isOurs(typed: JsonObject): boolean {
  if (!textAt(typed, '@type').endsWith('.Wasm')) return false
  return textAt(typed, 'config', 'root_id') === 'feathermq' || textAt(typed, 'config', 'vm_config', 'vm_id').startsWith('fmq/')
}

function pluginOf(plugin: JsonObject): PluginView {
  const given = at(plugin, 'configuration', 'value')
  let json: unknown = given
  try {
    if (typeof given === 'string') json = JSON.parse(given)
  } catch {
    return { plugin, config: undefined, problems: ['$: not JSON'] }
  }
  const validation = validateConfig(json)
  if (validation.ok) return { plugin, config: validation.config, problems: [] }
  return { plugin, config: undefined, problems: validation.problems.map(({ path, message }) => `${path}: ${message}`) }
}
