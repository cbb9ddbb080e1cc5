import type { MeshConfig } from '../config/model.ts'
import type { JsonObject } from './json.ts'

const facts = ['op', 'topic', 'group', 'code', 'rule']

/** One JSON object per call, with what the filter learnt, unless it keeps that to itself. A fact that is unknown is null. */
export function accessLog(path: string, { filterState = true, headers }: Pick<MeshConfig, 'filterState' | 'headers'>): JsonObject {
  return {
    name: 'envoy.access_loggers.file',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
      path,
      log_format: {
        json_format: {
          time: '%START_TIME%',
          path: '%REQ(:PATH)%',
          ...(filterState ? Object.fromEntries(facts.map((fact) => [fact, `%FILTER_STATE(wasm.fmq.${fact}:PLAIN)%`])) : {}),
          grpc_status: '%GRPC_STATUS(NUMBER)%',
          ...(headers?.route === false ? {} : { route: '%REQ(X-FMQ-ROUTE)%' }),
          cluster: '%UPSTREAM_CLUSTER%',
          upstream: '%UPSTREAM_HOST%',
          client_id: '%REQ(X-MQ-CLIENT-ID)%',
          request_id: '%REQ(X-MQ-REQUEST-ID)%',
          peer: '%DOWNSTREAM_REMOTE_ADDRESS%',
          duration_ms: '%DURATION%',
          bytes_received: '%BYTES_RECEIVED%',
          bytes_sent: '%BYTES_SENT%',
          flags: '%RESPONSE_FLAGS%',
          details: '%RESPONSE_CODE_DETAILS%',
          upstream_failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
        },
      },
    },
  }
}
