/** A span of time: `<number><ms|s|m|h|d>`, for example `500ms`. */
export type DurationText = string

/** What a call does, as routes, headers and metrics name it. */
export const operations = [
  'route',
  'assignment',
  'send',
  'receive',
  'ack',
  'invisible',
  'dead-letter',
  'end-transaction',
  'recall',
  'lite',
  'telemetry',
  'heartbeat',
  'terminate',
  'pull',
  'offset',
  'other',
] as const
export type Operation = (typeof operations)[number]

/** Facts of a call that may become request headers `x-fmq-<fact>`. */
export type FactHeader = 'op' | 'topic' | 'group' | 'tag' | 'message-group' | 'broker'

/** Labels of the counter of calls. */
export type MetricLabel = 'op' | 'topic' | 'group' | 'code'

/** One value, or several of which one must match. `*` stands for any characters, also none. */
export type Patterns = string | readonly string[]

/** Conditions of a route. All must hold; a fact that a call does not have never matches. */
export interface When {
  readonly op?: Patterns | undefined
  readonly topic?: Patterns | undefined
  readonly group?: Patterns | undefined
  readonly tag?: Patterns | undefined
  readonly messageGroup?: Patterns | undefined
  readonly broker?: Patterns | undefined
}

export interface Route {
  /** Becomes the header `x-fmq-route`; unique. */
  readonly name: string
  readonly when: When
  /** Must be in `clusters.allow`. */
  readonly cluster: string
}

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
  readonly hold?:
    | {
        /** Default 49,152; at most 16 MiB. */
        readonly maxBytes?: number | undefined
        /** Default 500ms; 10ms to 60s. */
        readonly timeout?: DurationText | undefined
        /** Default `deny`. */
        readonly onExhausted?: 'deny' | 'default' | undefined
        /** Default `fail` when there are routes, else `observe`. */
        readonly onFlagMissing?: 'fail' | 'observe' | undefined
      }
    | undefined
  /** Default `deny`. */
  readonly opaque?: 'deny' | 'default' | undefined
  readonly clusters?: { readonly default?: string | undefined; readonly allow: readonly string[] } | undefined
  readonly clientCalls?: { readonly cluster: string; readonly mirror?: readonly string[] | undefined } | undefined
  readonly headers?: { readonly facts?: readonly FactHeader[] | undefined } | undefined
  readonly routes?: readonly Route[] | undefined
  readonly reject?:
    | {
        /** Default `native`, where the section is there; `plain` where it is not. */
        readonly style?: 'native' | 'plain' | undefined
        /** Cluster that the generator makes for refused calls. Default `fmq_reject`. */
        readonly cluster?: string | undefined
        /** Default true: the text of a refusal names section, rule and reason. */
        readonly explain?: boolean | undefined
      }
    | undefined
  readonly metrics?:
    | {
        /** Default: all four. */
        readonly labels?: readonly MetricLabel[] | undefined
        /** Default 200. */
        readonly topics?: number | undefined
        /** Default 200. */
        readonly groups?: number | undefined
        /** Default 2,000. */
        readonly series?: number | undefined
      }
    | undefined
}

/** Most bytes of a request that are held, unless `hold.maxBytes` says otherwise. */
export const defaultHoldBytes = 49_152
