import type { MeshConfig } from '../config/model.ts'
import type { JsonObject } from './json.ts'
import { rejectCluster, rejectRoute } from './reject.ts'

const service = '/apache.rocketmq.v2.MessagingService/'

/** Calls that concern a client as a whole; the filter never holds them. */
const clientCalls = ['Telemetry', 'Heartbeat', 'NotifyClientTermination'] as const

/** A long poll lasts as long as its client says (`grpc-timeout`), a Telemetry stream as long as the client lives. */
const patience: JsonObject = {
  timeout: '0s',
  idle_timeout: '0s',
  max_stream_duration: { grpc_timeout_header_max: '0s' },
}

/** Where a cluster has several brokers, all calls of a client go to the same one: a RocketMQ proxy knows only clients that it has met. */
const byClient: JsonObject = { hash_policy: [{ header: { header_name: 'x-mq-client-id' } }] }

function toCluster(name: string, match: JsonObject, target: JsonObject): JsonObject {
  return { name, match, route: { ...target, ...patience, ...byClient } }
}

/** The routes, in the order in which Envoy tries them. `fallback`: the cluster of calls that nothing else claims. */
export function routes(config: MeshConfig, fallback: string): JsonObject[] {
  const found: JsonObject[] = []
  const refused = rejectCluster(config)
  if (refused !== undefined) found.push(rejectRoute(refused))
  if (config.clientCalls !== undefined) {
    const { cluster, mirror = [] } = config.clientCalls
    const target: JsonObject = {
      cluster,
      ...(mirror.length > 0 ? { request_mirror_policies: mirror.map((name) => ({ cluster: name, disable_shadow_host_suffix_append: true })) } : {}),
    }
    for (const method of clientCalls) found.push(toCluster(`client-${method}`, { path: service + method }, target))
  }
  if (config.mode === 'route') {
    const decided: JsonObject = { prefix: '/', headers: [{ name: 'x-fmq-cluster', present_match: true }] }
    found.push(toCluster('decided', decided, { cluster_header: 'x-fmq-cluster' }))
  }
  found.push(toCluster('default', { prefix: '/' }, { cluster: fallback }))
  return found
}
