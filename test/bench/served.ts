/** A server that runs, with a store of its own. */
export interface Served {
  readonly endpoints: string
  /** The process that clients talk to. */
  readonly pid: number
  /** What else must run for it, by name. */
  readonly others: Readonly<Record<string, number>>
  /** Ms from the start of its first process to the first call that it answered. */
  readonly startTime: number
  createTopic(name: string): Promise<void>
  /** `topic`: the one that it will consume. */
  createGroup(name: string, topic: string): Promise<void>
  /** Ends it at once and removes its store. */
  stop(): Promise<void>
}

/** What can be looked at. `idle`: start, memory and CPU without a client; `latency`: end to end at a thousand messages a second. */
export type Measure = 'idle' | 'send' | 'pair' | 'receive' | 'latency'

/** A server that takes part in the comparison. */
export interface Contender {
  readonly who: string
  readonly measures: readonly Measure[]
  /** Which client loads it. */
  readonly client: 'ours' | 'nats'
  start(): Promise<Served>
}
