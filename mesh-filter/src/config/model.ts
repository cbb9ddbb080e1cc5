import type { Acl } from './sections/acl.ts'
import type { Affinity } from './sections/affinity.ts'
import type { ClientCalls } from './sections/client-calls.ts'
import type { Clusters } from './sections/clusters.ts'
import type { EndpointRule } from './sections/endpoints.ts'
import type { Fault } from './sections/faults.ts'
import type { Headers } from './sections/headers.ts'
import type { Hold } from './sections/hold.ts'
import type { Lanes } from './sections/lanes.ts'
import type { Limit } from './sections/limits.ts'
import type { Metrics } from './sections/metrics.ts'
import type { PolicyRule } from './sections/policy.ts'
import type { Reject } from './sections/reject.ts'
import type { Route } from './sections/routes.ts'
import type { Trace } from './sections/trace.ts'

/**
 * Configuration of the filter, as this build implements it. The file `schema/feathermq-mesh.schema.json` describes the same for
 * editors, with every default; {@link validateConfig} checks a value against it.
 */
export interface MeshConfig {
  readonly $schema?: string | undefined
  readonly version: 1
  /** Letters, digits, dots, dashes, underscores. The VM's id is `fmq/<name>`. */
  readonly name: string
  /** `observe` counts and leaves calls alone, whatever else is configured. */
  readonly mode: 'route' | 'observe'
  /** Default `outbound`. */
  readonly direction?: 'outbound' | 'inbound' | 'gateway' | undefined
  /** Default `deny`. */
  readonly opaque?: 'deny' | 'default' | undefined
  /** Whether Envoy is told what a call is about, for access logs: operation, topic, group, code and rule as filter state `wasm.fmq.*`. Default true. */
  readonly filterState?: boolean | undefined
  readonly hold?: Hold | undefined
  readonly clusters?: Clusters | undefined
  readonly clientCalls?: ClientCalls | undefined
  readonly headers?: Headers | undefined
  readonly routes?: readonly Route[] | undefined
  readonly affinity?: Affinity | undefined
  readonly acl?: Acl | undefined
  readonly policy?: readonly PolicyRule[] | undefined
  readonly limits?: readonly Limit[] | undefined
  readonly reject?: Reject | undefined
  readonly faults?: readonly Fault[] | undefined
  readonly lanes?: Lanes | undefined
  readonly endpoints?: readonly EndpointRule[] | undefined
  readonly trace?: Trace | undefined
  readonly metrics?: Metrics | undefined
}
