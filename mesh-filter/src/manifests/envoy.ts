import type { MeshConfig } from '../config/model.ts'
import { parseAddress, parseEndpoint, socketAddress } from './address.ts'
import { cluster } from './cluster.ts'
import type { DownstreamTls } from './downstream-tls.ts'
import { filterFile } from './filter-file.ts'
import type { JsonObject } from './json.ts'
import { listener } from './listener.ts'
import { ManifestError } from './manifest-error.ts'
import { adminCluster, probeListener } from './probe.ts'
import { internalListeners, parseRejectPlace, rejectCluster, rejectClusterManifest, rejectListener } from './reject.ts'
import { statsTags } from './stats-tags.ts'
import { collectorCluster } from './tracing.ts'
import { filterResource, upstreamFilter, type WasmSource } from './wasm-filter.ts'

/** What {@link generateEnvoy} needs to know beside the configuration. */
export interface GenerateEnvoyOptions {
  /**
   * Addresses of every cluster in `clusters.allow`, by name: `HOST:PORT`, or `tls://HOST:PORT`. With several, each client stays with
   * one of them as long as it is there.
   */
  readonly clusters: Readonly<Record<string, string | readonly string[]>>
  /** Where clients connect (plaintext HTTP/2). Default `127.0.0.1:10000`; port 0 is any free one. */
  readonly listen?: string | undefined
  /** Envoy's admin interface, which has no authentication. Default `127.0.0.1:9901`; port 0 is any free one. */
  readonly admin?: string | undefined
  /** Default: the file that this package ships. */
  readonly wasm?: WasmSource | undefined
  /** Path of the access log on Envoy's machine, or false for none. Default `/dev/stdout`. */
  readonly accessLog?: string | false | undefined
  /** Takes `x-fmq-*` off requests before they go to a broker. Default true. */
  readonly hideHeaders?: boolean | undefined
  /** PEM file on Envoy's machine with the authorities for `tls://` endpoints. Required by these. */
  readonly trustedCa?: string | undefined
  /** Certificate and key (PEM, on Envoy's machine) that Envoy shows to brokers behind `tls://` endpoints, for mutual TLS. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined
  /** Lets clients speak TLS on the same port as plaintext. Default: plaintext alone. */
  readonly tls?: DownstreamTls | undefined
  /**
   * Absolute path, on Envoy's machine, of a file with the filter and its configuration ({@link generateFilter}), which Envoy watches:
   * it may be changed while calls go on, by moving a new one into its place. Default: both stand in the bootstrap.
   */
  readonly filterFile?: string | undefined
  /**
   * Where a kubelet or Prometheus may ask `/ready` and `/stats/prometheus`, and nothing else: `HOST:PORT`. Default: nowhere but at the
   * admin interface.
   */
  readonly probe?: string | undefined
  /** Metadata of Envoy's node, where `lanes` may find its lane (`node:lane`). Default none. */
  readonly node?: Readonly<Record<string, string>> | undefined
  /** Where spans go: `HOST:PORT` of an OpenTelemetry collector (OTLP over gRPC). Default: no tracing. */
  readonly traces?: string | undefined
  /**
   * Where refused calls are answered when `reject.style` is native: `internal`, a listener inside of Envoy (the default), or
   * `HOST:PORT` on the loopback for an Envoy without internal listeners.
   */
  readonly rejectListener?: string | undefined
}

/** Clients have one connection each; what comes above this is an accident or an attack. */
const mostConnections = 50_000

/** A complete Envoy bootstrap, as JSON. */
export type EnvoyBootstrap = JsonObject

/**
 * Writes the bootstrap of a stock Envoy (1.36 to 1.40) that runs the filter with `config`: listener, filter, routes, clusters,
 * labels of metrics, access log.
 * @throws ManifestError when a cluster has no address, an address is none, or a given cluster is not in the configuration.
 */
export function generateEnvoy(config: MeshConfig, options: GenerateEnvoyOptions): EnvoyBootstrap {
  const names = clusterNames(config, options)
  const clusters = names.map((name) => {
    const endpoints = [options.clusters[name] ?? []].flat().map((text) => parseEndpoint(text, `cluster ${name}`))
    if (endpoints.length === 0) throw new ManifestError(`cluster ${name} has no address; add --cluster ${name}=HOST:PORT`)
    return cluster(config, name, endpoints, {
      hideHeaders: options.hideHeaders ?? true,
      trustedCa: options.trustedCa,
      clientCertificate: options.clientCertificate,
      upstreamFilter: upstreamFilter(config, options.wasm ?? { file: filterFile }),
    })
  })
  const refused = rejectCluster(config)
  const admin = parseAddress(options.admin ?? '127.0.0.1:9901', 'admin')
  if (options.probe !== undefined && admin.port === 0) throw new ManifestError('admin: a probe needs a port of the admin interface that is known')
  const place = parseRejectPlace(options.rejectListener ?? 'internal')
  return {
    node: { id: config.name, cluster: 'feathermq', ...(options.node === undefined ? {} : { metadata: options.node }) },
    admin: { address: socketAddress(admin) },
    ...(refused !== undefined && place === 'internal' ? { bootstrap_extensions: [internalListeners] } : {}),
    overload_manager: {
      resource_monitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
            max_active_downstream_connections: mostConnections,
          },
        },
      ],
    },
    stats_config: { stats_tags: statsTags },
    static_resources: {
      listeners: [
        listener(config, {
          listen: parseAddress(options.listen ?? '127.0.0.1:10000', 'listen'),
          wasm: options.wasm ?? { file: filterFile },
          accessLog: options.accessLog === false ? undefined : (options.accessLog ?? '/dev/stdout'),
          fallback: fallbackOf(config, names),
          filterFile: options.filterFile,
          tls: options.tls,
          traced: options.traces !== undefined,
        }),
        ...(refused === undefined ? [] : [rejectListener(place)]),
        ...(options.probe === undefined ? [] : [probeListener(parseAddress(options.probe, 'probe'))]),
      ],
      clusters: [
        ...clusters,
        ...(refused === undefined ? [] : [rejectClusterManifest(refused, place)]),
        ...(options.probe === undefined ? [] : [adminCluster(admin)]),
        ...(options.traces === undefined ? [] : [collectorCluster(parseEndpoint(options.traces, 'traces'))]),
      ],
    },
  }
}

/**
 * Writes what `filterFile` of {@link generateEnvoy} names: the filter with its configuration, as an ECDS resource. Routes, clusters and
 * listeners stay as they are in the bootstrap, so a cluster that is new in `clusters.allow` needs a new bootstrap.
 */
export function generateFilter(config: MeshConfig, options: Pick<GenerateEnvoyOptions, 'wasm'> = {}): EnvoyBootstrap {
  return filterResource(config, options.wasm ?? { file: filterFile })
}

/** The clusters that the configuration allows. One without clusters (mode observe) takes the single one that is given. */
function clusterNames(config: MeshConfig, options: GenerateEnvoyOptions): readonly string[] {
  const given = Object.keys(options.clusters)
  const allowed = config.clusters?.allow
  if (allowed === undefined) {
    if (given.length === 1) return given
    throw new ManifestError(
      `configuration ${config.name} names no clusters, so exactly one is needed: --cluster NAME=HOST:PORT (${given.length} given)`,
    )
  }
  for (const name of given) {
    if (!allowed.includes(name))
      throw new ManifestError(`cluster ${name} is not in clusters.allow of configuration ${config.name}: ${allowed.join(', ')}`)
  }
  return allowed
}

function fallbackOf(config: MeshConfig, names: readonly string[]): string {
  const fallback = config.clusters?.default ?? (names.length === 1 ? names[0] : undefined)
  if (fallback !== undefined) return fallback
  throw new ManifestError(`configuration ${config.name} has several clusters and no clusters.default: nothing says where calls go`)
}
