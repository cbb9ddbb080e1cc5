import type { MeshConfig } from '../config/model.ts'
import { defaultHoldBytes } from '../config/sections/hold.ts'
import { accessLog } from './access-log.ts'
import { type Address, socketAddress } from './address.ts'
import { type DownstreamTls, filterChains } from './downstream-tls.ts'
import type { JsonObject } from './json.ts'
import { routes } from './routes.ts'
import { subsetFilters } from './subsets.ts'
import { tracing } from './tracing.ts'
import { discoveredFilter, type WasmSource, wasmFilter } from './wasm-filter.ts'

export interface ListenerOptions {
  readonly listen: Address
  readonly wasm: WasmSource
  /** Undefined: none. */
  readonly accessLog: string | undefined
  /** Cluster of calls that nothing else claims. */
  readonly fallback: string
  /** File from which Envoy takes the filter; undefined: the bootstrap holds it. */
  readonly filterFile: string | undefined
  readonly tls: DownstreamTls | undefined
  /** Whether there is a collector for spans. */
  readonly traced: boolean
}

/** Request headers that only this Envoy may set: by them a client could choose its cluster, host, timeout or fault itself. */
const forgeable: readonly JsonObject[] = [
  ...['x-fmq-', 'x-envoy-fault-', 'x-envoy-retry-', 'x-envoy-upstream-', 'x-envoy-hedge-'].map((prefix) => ({
    remove_on_match: { key_matcher: { prefix } },
  })),
  { remove: 'x-envoy-original-dst-host' },
  { remove: 'x-envoy-max-retries' },
]

const directions: Readonly<Record<string, string>> = { inbound: 'INBOUND', outbound: 'OUTBOUND', gateway: 'UNSPECIFIED' }

/**
 * HTTP/2 receive windows for clients. Envoy buffers a held request up to the stream's window and refuses it beyond, so the window
 * must leave room above what the filter may hold.
 */
function windows(config: MeshConfig): JsonObject {
  const held = config.hold?.maxBytes ?? defaultHoldBytes
  const stream = Math.max(1_048_576, 2 ** Math.ceil(Math.log2(held * 2)))
  return { max_concurrent_streams: 1024, initial_stream_window_size: stream, initial_connection_window_size: Math.max(16_777_216, stream) }
}

/** Notices clients that went away without a word: a Telemetry stream may be silent for minutes, and holds memory here. */
const keepalive: JsonObject = { connection_keepalive: { interval: '60s', timeout: '20s', interval_jitter: { value: 15 } } }

/** Envoy's own filter for faults waits as long as ours has written into a header. */
function delayFilters(config: MeshConfig): JsonObject[] {
  if (config.mode !== 'route' || !(config.faults ?? []).some(({ delay }) => delay !== undefined)) return []
  return [
    {
      name: 'envoy.filters.http.fault',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
        delay: { header_delay: {}, percentage: { numerator: 100 } },
      },
    },
  ]
}

function connectionManager(config: MeshConfig, options: ListenerOptions): JsonObject {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      stat_prefix: 'feathermq',
      codec_type: 'HTTP2',
      http2_protocol_options: { ...windows(config), ...keepalive },
      stream_idle_timeout: '0s',
      request_timeout: '0s',
      early_header_mutation_extensions: [
        {
          name: 'envoy.http.early_header_mutation.header_mutation',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
            mutations: forgeable,
          },
        },
      ],
      ...(options.accessLog === undefined ? {} : { access_log: [accessLog(options.accessLog, config)] }),
      ...(options.traced ? { tracing: tracing(config.name) } : {}),
      http_filters: [
        options.filterFile === undefined ? wasmFilter(config, options.wasm) : discoveredFilter(options.filterFile),
        ...subsetFilters(config),
        ...delayFilters(config),
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
        },
      ],
      route_config: {
        name: 'feathermq',
        // Clients that dial addresses send authorities of their own making.
        virtual_hosts: [{ name: 'all', domains: ['*'], routes: routes(config, options.fallback) }],
      },
    },
  }
}

export function listener(config: MeshConfig, options: ListenerOptions): JsonObject {
  return {
    name: 'feathermq',
    address: socketAddress(options.listen),
    traffic_direction: directions[config.direction ?? 'outbound'] ?? 'OUTBOUND',
    ...filterChains([connectionManager(config, options)], options.tls),
  }
}
