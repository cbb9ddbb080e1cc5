import type { MeshConfig } from '../config/model.ts'
import type { JsonObject } from './json.ts'
import { rejectCluster, rejectRoute } from './reject.ts'
import { type Repeatable, retries } from './retries.ts'

const service = '/apache.rocketmq.v2.MessagingService/'

/** Calls that concern a client as a whole; the filter never holds them. */
const clientCalls: readonly (readonly [method: string, repeatable: Repeatable])[] = [
  ['Telemetry', 'never'],
  ['Heartbeat', 'any'],
  ['NotifyClientTermination', 'unsent'],
]

/** Calls that only ask. All others do something, or hand out messages. */
const questions = ['QueryRoute', 'QueryAssignment', 'GetOffset', 'QueryOffset'] as const

/** A long poll lasts as long as its client says (`grpc-timeout`), a Telemetry stream as long as the client lives. */
const patience: JsonObject = {
  timeout: '0s',
  idle_timeout: '0s',
  max_stream_duration: { grpc_timeout_header_max: '0s' },
}

/**
 * Which of a cluster's brokers a call goes to: as the filter says by `x-fmq-hash`, else all calls of a client to the same one, since a
 * RocketMQ proxy knows only clients that it has met.
 */
const sameBroker: JsonObject = {
  hash_policy: [{ header: { header_name: 'x-fmq-hash' }, terminal: true }, { header: { header_name: 'x-mq-client-id' } }],
}

/** A span as long as a client's life, or as a poll that waits for the next message, tells nothing and is never done. */
const untraced: JsonObject = {
  tracing: { client_sampling: { numerator: 0 }, random_sampling: { numerator: 0 }, overall_sampling: { numerator: 0 } },
}

/** One way that calls may take. */
interface Way {
  readonly name: string
  readonly match: JsonObject
  readonly target: JsonObject
  readonly repeatable: Repeatable
  readonly traced: boolean
}

function toCluster({ name, match, target, repeatable, traced }: Way): JsonObject {
  return {
    name,
    match,
    ...(traced ? {} : untraced),
    route: { ...target, ...patience, ...sameBroker, ...retries(repeatable) },
  }
}

/** The same way for questions, for long polls and for all else: they differ in what may be asked twice, and in what is worth a span. */
function byOperation(name: string, headers: readonly JsonObject[], target: JsonObject): JsonObject[] {
  const conditions = headers.length > 0 ? { headers } : {}
  const questioned = { safe_regex: { regex: `${service.replaceAll('.', '\\.')}(${questions.join('|')})` }, ...conditions }
  const polled = { path: `${service}ReceiveMessage`, ...conditions }
  return [
    toCluster({ name: `${name}-question`, match: questioned, target, repeatable: 'any', traced: true }),
    toCluster({ name: `${name}-poll`, match: polled, target, repeatable: 'unsent', traced: false }),
    toCluster({ name, match: { prefix: '/', ...conditions }, target, repeatable: 'unsent', traced: true }),
  ]
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
    for (const [method, repeatable] of clientCalls) {
      found.push(toCluster({ name: `client-${method}`, match: { path: service + method }, target, repeatable, traced: method !== 'Telemetry' }))
    }
  }
  if (config.mode === 'route') {
    found.push(...byOperation('decided', [{ name: 'x-fmq-cluster', present_match: true }], { cluster_header: 'x-fmq-cluster' }))
  }
  if (config.clientCalls === undefined) {
    const match = { path: `${service}Telemetry` }
    found.push(toCluster({ name: 'default-Telemetry', match, target: { cluster: fallback }, repeatable: 'never', traced: false }))
  }
  found.push(...byOperation('default', [], { cluster: fallback }))
  return found
}
