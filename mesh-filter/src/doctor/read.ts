import { parse } from 'yaml'
import { askAdmin } from '../envoy/admin.ts'
import type { Json, JsonObject } from '../manifests/json.ts'
import { ManifestError } from '../manifests/manifest-error.ts'
import { type EnvoyView, objectsAt, textAt, viewOf } from './view.ts'

const timeout = 10_000

/** Envoy takes both spellings of its fields; the checks know one. Names of other things have dots or slashes, or stand in values. */
function snakeCase(json: Json): Json {
  if (Array.isArray(json)) return json.map(snakeCase)
  if (typeof json !== 'object' || json === null) return json
  const isTyped = Object.keys(json).some((key) => key.includes('.') || key.includes('/'))
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      isTyped ? key : key.replace(/[a-z0-9][A-Z]/g, ([a, b]) => `${a}_${b?.toLowerCase()}`),
      snakeCase(value),
    ]),
  )
}

/** A bootstrap, in YAML or JSON. @throws ManifestError when it is neither. */
export function viewOfFile(text: string): EnvoyView {
  let json: Json
  try {
    json = parse(text, { merge: true })
  } catch (error) {
    throw new ManifestError(`no bootstrap: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new ManifestError('no bootstrap: expected a mapping')
  const bootstrap = snakeCase(json) as JsonObject
  const listeners = objectsAt(bootstrap, 'static_resources', 'listeners')
  return viewOf({
    bootstrap,
    listeners,
    clusters: objectsAt(bootstrap, 'static_resources', 'clusters'),
    routes: new Map(),
    filters: new Map(),
    stats: undefined,
  })
}

/** A running Envoy. `adminUrl`: `http://HOST:PORT`. @throws ManifestError when nothing answers there as Envoy's admin interface does. */
export async function viewOfAdmin(adminUrl: string): Promise<EnvoyView> {
  const dump = snakeCase(JSON.parse(await ask(adminUrl, '/config_dump')))
  const of = (type: string) => objectsAt(dump, 'configs').filter((config) => textAt(config, '@type').endsWith(`.${type}`))
  const inner = (type: string, list: string, ...steps: string[]) =>
    of(type).flatMap((config) =>
      objectsAt(config, list).flatMap((entry) => objectsAt([steps.reduce<Json>((value, step) => (value as JsonObject)?.[step] ?? {}, entry)])),
    )
  const named = (objects: readonly JsonObject[]) => new Map(objects.map((object) => [textAt(object, 'name'), object]))
  return viewOf({
    bootstrap: objectsAt(of('BootstrapConfigDump').map((config) => config['bootstrap'] ?? {}))[0] ?? {},
    listeners: [
      ...inner('ListenersConfigDump', 'static_listeners', 'listener'),
      ...inner('ListenersConfigDump', 'dynamic_listeners', 'active_state', 'listener'),
    ],
    clusters: [...inner('ClustersConfigDump', 'static_clusters', 'cluster'), ...inner('ClustersConfigDump', 'dynamic_active_clusters', 'cluster')],
    routes: named([
      ...inner('RoutesConfigDump', 'static_route_configs', 'route_config'),
      ...inner('RoutesConfigDump', 'dynamic_route_configs', 'route_config'),
    ]),
    filters: named(inner('EcdsConfigDump', 'ecds_filters', 'ecds_filter')),
    stats: statsOf(await ask(adminUrl, '/stats')),
  })
}

async function ask(adminUrl: string, path: string): Promise<string> {
  const answer = await askAdmin(adminUrl, path, timeout).catch((error: unknown) => {
    throw new ManifestError(`${adminUrl} does not answer: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (answer.status !== 200) throw new ManifestError(`${adminUrl} answered ${answer.status} to ${path}; is that Envoy's admin interface?`)
  return answer.body
}

function statsOf(text: string): ReadonlyMap<string, number> {
  const stats = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^(.+): (\d+)$/.exec(line) ?? []
    if (name !== undefined) stats.set(name, Number(value))
  }
  return stats
}
