import type { Tls } from './variant.ts'
import type { Name } from './variants.ts'

// What the two processes of a measurement are told, and what they answer.

export type Kind = 'unary' | 'server-stream'

/** How long a run is: until the client has made so many calls and used so much CPU time. */
export interface Length {
  readonly calls: number
  /** Ms. Not by the clock on the wall: where others use the machine as well, little may be done in a second. */
  readonly cpu: number
}

export type Order =
  | { readonly do: 'serve'; readonly variant: Name; readonly tls?: Tls | undefined; readonly maxStreams?: number | undefined }
  | { readonly do: 'connect'; readonly variant: Name; readonly port: number; readonly ca?: string | undefined }
  | { readonly do: 'run'; readonly kind: Kind; readonly inFlight: number; readonly length: Length }
  | { readonly do: 'open connections'; readonly count: number }
  | { readonly do: 'open streams'; readonly count: number }
  | { readonly do: 'count streams' }
  | { readonly do: 'end streams' }
  | { readonly do: 'usage' }
  | { readonly do: 'memory' }

export interface Answer {
  readonly port?: number
  /** Calls of a run, and the median and the 99th percentile of their latencies, ms. */
  readonly calls?: number
  readonly p50?: number
  readonly p99?: number
  /** CPU time of the process so far, user and system, all threads, µs. */
  readonly cpu?: number
  /** Bytes in use after a collection: V8's heap and what hangs on it outside; the pages that the process has. */
  readonly heap?: number
  readonly rss?: number
  readonly streams?: number
  readonly error?: string
}
