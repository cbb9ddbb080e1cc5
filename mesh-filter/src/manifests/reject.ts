import type { MeshConfig } from '../config/model.ts'
import { type Address, parseAddress, socketAddress } from './address.ts'
import type { JsonObject } from './json.ts'

/** Where refused calls are answered: inside of Envoy, or on a port of its machine where Envoy lacks internal listeners. */
export type RejectPlace = 'internal' | Address

const listenerName = 'feathermq_reject'

/** Cluster of refused calls, or undefined when refusals are plain. */
export function rejectCluster(config: MeshConfig): string | undefined {
  if (config.reject === undefined || config.reject.style === 'plain' || config.mode !== 'route') return undefined
  return config.reject.cluster ?? 'fmq_reject'
}

/** `internal`, or `HOST:PORT`. @throws ManifestError that names the option. */
export function parseRejectPlace(text: string): RejectPlace {
  return text === 'internal' ? 'internal' : parseAddress(text, 'reject listener')
}

/** Goes in front of all other routes. Nothing is retried, mirrored or waited for: the answer is always there. */
export function rejectRoute(cluster: string): JsonObject {
  return {
    name: 'rejected',
    match: { prefix: '/', headers: [{ name: 'x-fmq-reject', present_match: true }] },
    route: { cluster, timeout: '5s' },
  }
}

/** Answers whatever comes. The body must not be empty: the filter, on the way back, puts its own in place of it. */
export function rejectListener(place: RejectPlace): JsonObject {
  return {
    name: listenerName,
    ...(place === 'internal' ? { internal_listener: {} } : { address: socketAddress(place) }),
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              stat_prefix: listenerName,
              codec_type: 'HTTP2',
              stream_idle_timeout: '5s',
              http2_protocol_options: { max_concurrent_streams: 65_536, initial_stream_window_size: 65_535 },
              http_filters: [
                {
                  name: 'envoy.filters.http.router',
                  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                },
              ],
              route_config: {
                name: listenerName,
                virtual_hosts: [
                  {
                    name: 'all',
                    domains: ['*'],
                    routes: [{ match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: '-' } } }],
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  }
}

export function rejectClusterManifest(name: string, place: RejectPlace): JsonObject {
  const address = place === 'internal' ? { envoy_internal_address: { server_listener_name: listenerName } } : socketAddress(place)
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    // A refusal is cheap, and must stay one when many come at once.
    circuit_breakers: { thresholds: [{ max_connections: 1024, max_pending_requests: 65_536, max_requests: 65_536 }] },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  }
}

/** Envoy has internal listeners only when its bootstrap asks for them. */
export const internalListeners: JsonObject = {
  name: 'envoy.bootstrap.internal_listener',
  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener' },
}
