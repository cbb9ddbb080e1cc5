import type { ConsumerState } from './consumer/consumer-events.ts'
import type { ConsumerStats, TopicStats } from './consumer/tally.ts'
import type { ProducerStatistics } from './producer/producer-options.ts'

/**
 * How something stands with its servers:
 * - `idle`: it has not been used yet, so that nothing is connected.
 * - `up`: the telemetry streams to all its servers are there.
 * - `degraded`: some of them are down; they are opened again for ever.
 * - `down`: all of them are.
 * - `closed`
 */
export type HealthStatus = 'idle' | 'up' | 'degraded' | 'down' | 'closed'

/** One server, as one producer or consumer sees it. */
export interface ServerHealth {
  /** `host:port` that is called just now. */
  readonly endpoint: string
  /** Its telemetry stream is there. */
  readonly connected: boolean
  /** Sends go elsewhere for the moment, because it failed. */
  readonly avoided: boolean
}

/** What every part of a client tells. */
export interface PartHealth {
  readonly clientId: string
  readonly status: HealthStatus
  readonly servers: readonly ServerHealth[]
}

export interface ProducerHealth extends PartHealth {
  readonly statistics: ProducerStatistics
}

export interface ConsumerHealth extends PartHealth {
  readonly group: string
  readonly state: ConsumerState
  readonly stats: ConsumerStats
}

export interface SimpleConsumerHealth extends PartHealth {
  readonly group: string
  readonly stats: TopicStats
}

/** A client and all that it made. */
export interface ClientHealth {
  /** `degraded` when its parts differ; those that are idle or closed do not count. */
  readonly status: HealthStatus
  readonly producers: readonly ProducerHealth[]
  readonly consumers: readonly ConsumerHealth[]
  readonly simpleConsumers: readonly SimpleConsumerHealth[]
}

/** The status of a part, by its servers. */
export function statusOf(servers: readonly ServerHealth[], closed: boolean): HealthStatus {
  if (closed) return 'closed'
  if (servers.length === 0) return 'idle'
  const connected = servers.filter((server) => server.connected).length
  if (connected === servers.length) return 'up'
  return connected === 0 ? 'down' : 'degraded'
}

/** The status of the whole. */
export function overall(parts: readonly PartHealth[], closed: boolean): HealthStatus {
  if (closed) return 'closed'
  const [first, ...rest] = parts.map(({ status }) => status).filter((status) => status !== 'idle' && status !== 'closed')
  if (first === undefined) return 'idle'
  return rest.every((status) => status === first) ? first : 'degraded'
}
