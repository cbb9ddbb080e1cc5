/** What a broker takes up at one moment. */
export interface BrokerReport {
  /** Heap and what hangs on it outside, after a collection, MiB. */
  readonly memory: number
  /** Open files and sockets. */
  readonly handles: number
  /** Files of the folders of its data directory, MiB. */
  readonly log: number
  readonly index: number
  readonly timed: number
  readonly state: number
  /** Faults that no client saw, of all the time. */
  readonly errors: readonly string[]
}
