import { type Endpoint, socketAddress } from './address.ts'
import type { JsonObject } from './json.ts'

const collector = 'fmq_traces'

/** Spans of calls, and `traceparent` for those that have none, sent to a collector of OpenTelemetry (OTLP over gRPC). */
export function tracing(serviceName: string): JsonObject {
  return {
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig',
        grpc_service: { envoy_grpc: { cluster_name: collector }, timeout: '1s' },
        service_name: serviceName,
      },
    },
    custom_tags: [
      { tag: 'messaging.system', literal: { value: 'rocketmq' } },
      { tag: 'rocketmq.client_id', request_header: { name: 'x-mq-client-id' } },
    ],
  }
}

export function collectorCluster(endpoint: Endpoint): JsonObject {
  return {
    name: collector,
    type: 'STRICT_DNS',
    connect_timeout: '1s',
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
    load_assignment: { cluster_name: collector, endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(endpoint) } }] }] },
  }
}
