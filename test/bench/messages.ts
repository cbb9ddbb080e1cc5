// What the parts of a benchmark tell each other, each in a process of its own.

export type Who = 'ours' | 'official'
/**
 * `pair`: one client sends, and its consumer handles what it sent. `latency`: the same, at a thousand messages a second. `handle`: a handler is called for
 * what is there.
 */
export type What = 'send' | 'receive' | 'pair' | 'latency' | 'handle'

/** What a client process is to do. */
export interface Task {
  readonly who: Who | 'nats' | 'bullmq'
  readonly what: What
  readonly endpoints: string
  readonly topic: string
  readonly group: string
  /** Sends, or pairs, at once. A receive takes 32 messages at a time, one receive after the other. */
  readonly inFlight: number
  /** Messages before the measurement begins. */
  readonly warmUp: number
  readonly count: number
  readonly bodyBytes: number
  /** Of the broker and of our client; the official one has grpc-js in any case. */
  readonly transport: 'http2' | 'grpc-js'
}

/** Ms from the moment at which a message was to be sent to its handler. */
export interface Latency {
  readonly p50: number
  readonly p99: number
}

/** What a process used from one moment to another. */
export interface Usage {
  /** User and system time of all its threads, µs. */
  readonly cpu: number
  /** Of a task `latency`. */
  readonly latency?: Latency
}

export function usageSince(before: NodeJS.CpuUsage): Usage {
  const { user, system } = process.cpuUsage(before)
  return { cpu: user + system }
}
