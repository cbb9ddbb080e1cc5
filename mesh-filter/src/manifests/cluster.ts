import { isIP } from 'node:net'
import type { MeshConfig } from '../config/model.ts'
import { type Endpoint, socketAddress } from './address.ts'
import type { JsonObject } from './json.ts'
import { ManifestError } from './manifest-error.ts'
import { retryBudget } from './retries.ts'
import { endpointLabels, subsetSelection } from './subsets.ts'

/** How the generated clusters treat what they send. */
export interface ClusterOptions {
  /** Takes the filter's headers off before a request leaves Envoy. */
  readonly hideHeaders: boolean
  /** PEM file on Envoy's machine with the authorities that a broker's certificate may come from. */
  readonly trustedCa: string | undefined
  /** Stands before the codec, behind everything else. */
  readonly upstreamFilter?: JsonObject | undefined
  /** Shown to brokers that want to know who calls. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined
}

/** Every waiting consumer queue is one open request, and one more per client for Telemetry; Envoy's default ends at 1,024. */
const mostRequests = 65_536

/** Receive windows of HTTP/2: enough for the largest message of a default broker to flow, little enough to be had many times. */
const streamWindow = 1_048_576
const connectionWindow = 16_777_216

export function cluster(config: MeshConfig, name: string, endpoints: readonly Endpoint[], options: ClusterOptions): JsonObject {
  const tls = endpoints.some((endpoint) => endpoint.tls)
  if (tls && endpoints.some((endpoint) => !endpoint.tls))
    throw new ManifestError(`cluster ${name}: its endpoints must be all tls:// or all plaintext`)
  return {
    name,
    type: endpoints.every(({ host }) => isIP(host) !== 0) ? 'STATIC' : 'STRICT_DNS',
    dns_lookup_family: 'V4_PREFERRED',
    connect_timeout: '3s',
    // With one broker any policy is the same; with several see `hash_policy` of the routes.
    lb_policy: endpoints.length > 1 ? 'RING_HASH' : 'ROUND_ROBIN',
    ...subsetSelection(config, name, endpoints),
    circuit_breakers: {
      thresholds: [{ max_connections: 1024, max_pending_requests: mostRequests, max_requests: mostRequests, retry_budget: retryBudget }],
    },
    // Not HTTP/2 pings: gRPC servers close connections on which these come more often than they allow.
    upstream_connection_options: { tcp_keepalive: { keepalive_probes: 3, keepalive_time: 60, keepalive_interval: 10 } },
    typed_extension_protocol_options: { 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': protocol(options) },
    ...(tls ? { transport_socket: tlsSocket(name, endpoints, options) } : {}),
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: endpoints.map((endpoint) => ({ endpoint: { address: socketAddress(endpoint) }, ...endpointLabels(endpoint) })) }],
    },
  }
}

function protocol(options: ClusterOptions): JsonObject {
  // Removing them in the route would take them away from ring hash too; a filter beside the codec acts after all decisions.
  const hide: JsonObject = {
    name: 'envoy.filters.http.header_mutation',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
      mutations: { request_mutations: ['x-fmq-', 'x-envoy-fault-'].map((prefix) => ({ remove_on_match: { key_matcher: { prefix } } })) },
    },
  }
  const codec: JsonObject = {
    name: 'envoy.filters.http.upstream_codec',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec' },
  }
  const filters = [...(options.upstreamFilter === undefined ? [] : [options.upstreamFilter]), ...(options.hideHeaders ? [hide] : [])]
  return {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: {
      http2_protocol_options: { initial_stream_window_size: streamWindow, initial_connection_window_size: connectionWindow },
    },
    ...(filters.length > 0 ? { http_filters: [...filters, codec] } : {}),
  }
}

function tlsSocket(name: string, endpoints: readonly Endpoint[], { trustedCa, clientCertificate }: ClusterOptions): JsonObject {
  const hosts = [...new Set(endpoints.map(({ host }) => host))]
  const [host = ''] = hosts
  if (hosts.length > 1)
    throw new ManifestError(`cluster ${name}: tls:// endpoints must share one host name, which is what the certificate is checked for`)
  if (trustedCa === undefined) {
    throw new ManifestError(
      `cluster ${name} speaks TLS, but no authority is given, and without one Envoy accepts any certificate; add --trusted-ca FILE, for example /etc/ssl/certs/ca-certificates.crt`,
    )
  }
  const ip = isIP(host) !== 0
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      // Server names are host names (RFC 6066 3); an address is checked but not sent.
      ...(ip ? {} : { sni: host }),
      common_tls_context: {
        alpn_protocols: ['h2'],
        ...(clientCertificate === undefined
          ? {}
          : {
              tls_certificates: [
                { certificate_chain: { filename: clientCertificate.certificate }, private_key: { filename: clientCertificate.key } },
              ],
            }),
        validation_context: {
          trusted_ca: { filename: trustedCa },
          match_typed_subject_alt_names: [{ san_type: ip ? 'IP_ADDRESS' : 'DNS', matcher: { exact: host } }],
        },
      },
    },
  }
}
