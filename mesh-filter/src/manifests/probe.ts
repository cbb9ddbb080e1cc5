import { type Address, socketAddress } from './address.ts'
import type { JsonObject } from './json.ts'

const clusterName = 'fmq_admin'

/** What may be asked from outside: whether Envoy is ready, and its metrics. The rest of the admin interface stays on the loopback. */
const paths = ['/ready', '/stats/prometheus'] as const

export function probeListener(address: Address): JsonObject {
  return {
    name: 'feathermq_probe',
    address: socketAddress(address),
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              stat_prefix: 'feathermq_probe',
              http_filters: [
                {
                  name: 'envoy.filters.http.router',
                  typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
                },
              ],
              route_config: {
                name: 'feathermq_probe',
                virtual_hosts: [
                  {
                    name: 'all',
                    domains: ['*'],
                    routes: paths.map((path) => ({
                      match: { path, headers: [{ name: ':method', string_match: { exact: 'GET' } }] },
                      route: { cluster: clusterName },
                    })),
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

export function adminCluster(admin: Address): JsonObject {
  return {
    name: clusterName,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: clusterName, endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(admin) } }] }] },
  }
}
