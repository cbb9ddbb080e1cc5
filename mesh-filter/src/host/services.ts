import type { LogLevel } from './codes.ts'
import type { Fault } from './faults.ts'
import type { Metrics } from './metrics.ts'
import type { SharedData } from './shared-data.ts'

/** A line that a filter logged, or that Envoy logs about one. */
export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  /** Who logged: the filter, or the host itself (such as a trap, or what was written to stdout). */
  readonly from: 'filter' | 'host'
}

/** A property's value. Numbers and bigints become 8 bytes, little-endian, as Envoy's int64; a boolean becomes one byte. */
export type PropertyValue = string | number | bigint | boolean | Uint8Array

/** What all VMs of a host have in common. */
export interface HostServices {
  /** Wall time in ms. */
  readonly now: () => number
  readonly log: (line: LogLine) => void
  readonly faults: Fault[]
  readonly metrics: Metrics
  readonly shared: SharedData
  /** By path with dots, such as `xds.route_name`. */
  readonly properties: ReadonlyMap<string, PropertyValue>
  readonly environment: Readonly<Record<string, string>>
  readonly allowOnHeadersStopIteration: boolean
  /** Most bytes of a body that are kept for a filter. */
  readonly bufferLimit: number
  /** Most bytes of memory of a VM. */
  readonly memoryLimit: number
}
