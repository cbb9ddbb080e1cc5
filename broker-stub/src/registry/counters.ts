import { Histogram } from '../metrics/histogram.ts'
import { RpcMeter } from '../metrics/rpc-meter.ts'

/** The bounds of a stock server, bytes (BrokerMetricsManager). */
export const SIZE_BOUNDS: readonly number[] = [1_024, 4_096, 512 * 1_024, 1_048_576, 2 * 1_048_576, 4 * 1_048_576]

/** Messages sent of one type to one topic. */
export interface SentRow {
  readonly topic: string
  readonly type: string
  /** Their sizes, bytes; how many there were, and how much in all. */
  readonly sizes: Histogram
}

/** Those of a stock server, ms (BrokerMetricsManager). */
export const FINISH_BOUNDS: readonly number[] = [5_000, 60_000, 600_000, 3_600_000, 43_200_000, 86_400_000]

/** Transactions of one topic that ended. */
export class EndedRow {
  commits = 0
  rollbacks = 0
  /** From their messages to their ends, ms. */
  readonly latency: Histogram = new Histogram(FINISH_BOUNDS)
}

/** Rows of messages sent, and of transactions ended; what is beyond shares one. */
const MAX_SENT_ROWS = 2_000

/** Counters since start that no other object keeps. */
export class Counters {
  /** Connections that were not taken or were given up, by code. */
  readonly refusedConnections: Map<string, number> = new Map()
  /** Sends by topic and message type. */
  readonly #sent = new Map<string, Map<string, SentRow>>()
  /** Sends that were refused for their type, by topic and type. */
  readonly #misfits = new Map<string, Map<string, number>>()
  readonly #maxSent: number
  #sentRows = 0
  #beyond: Histogram | undefined
  readonly #ended = new Map<string, EndedRow>()
  #endedBeyond: EndedRow | undefined
  readonly #rpcs = new Map<string, RpcMeter>()
  #onRefused: (rpc: string, code: string) => void = () => {}

  constructor(maxSent: number = MAX_SENT_ROWS) {
    this.#maxSent = maxSent
  }

  countSend(topic: string, type: string, bytes: number): void {
    const row = this.#sent.get(topic)?.get(type)
    if (row === undefined) this.#newRow(topic, type).record(bytes)
    else row.sizes.record(bytes)
  }

  /** A message was refused because the topic, which there is, does not take its type. */
  countMisfit(topic: string, type: string): void {
    const types = this.#misfits.get(topic) ?? new Map<string, number>()
    this.#misfits.set(topic, types.set(type, (types.get(type) ?? 0) + 1))
  }

  misfits(topic: string): ReadonlyMap<string, number> {
    return this.#misfits.get(topic) ?? new Map()
  }

  *sent(): Iterable<SentRow> {
    for (const types of this.#sent.values()) yield* types.values()
  }

  /** What was sent to topics for which there was no row left; undefined while there always was one. */
  get sentBeyond(): Histogram | undefined {
    return this.#beyond
  }

  countEnded(topic: string, resolution: 'commit' | 'rollback', after: number): void {
    let row = this.#ended.get(topic)
    if (row === undefined && this.#ended.size < this.#maxSent) {
      row = new EndedRow()
      this.#ended.set(topic, row)
    }
    this.#endedBeyond ??= row === undefined ? new EndedRow() : undefined
    const counted = row ?? this.#endedBeyond
    if (counted === undefined) return
    counted[resolution === 'commit' ? 'commits' : 'rollbacks']++
    counted.latency.record(after)
  }

  /** Transactions that ended, by topic. */
  ended(): Iterable<readonly [topic: string, row: EndedRow]> {
    return this.#ended
  }

  /** Those of topics for which there was no row left; undefined while there always was one. */
  get endedBeyond(): EndedRow | undefined {
    return this.#endedBeyond
  }

  /** The topic is gone; one of the same name starts anew. */
  forgetTopic(topic: string): void {
    this.#sentRows -= this.#sent.get(topic)?.size ?? 0
    this.#sent.delete(topic)
    this.#misfits.delete(topic)
    this.#ended.delete(topic)
  }

  /** The meter of an RPC, to be asked for once. */
  rpc(name: string): RpcMeter {
    let meter = this.#rpcs.get(name)
    if (meter === undefined) {
      meter = new RpcMeter(name, (rpc, code) => this.#onRefused(rpc, code))
      this.#rpcs.set(name, meter)
    }
    return meter
  }

  rpcs(): Iterable<RpcMeter> {
    return this.#rpcs.values()
  }

  /** Told of each answer by which the broker says that it has too much to do, or no disk: TOO_MANY_REQUESTS, MASTER_PERSISTENCE_TIMEOUT. */
  onRefused(listener: (rpc: string, code: string) => void): void {
    this.#onRefused = listener
  }

  countRefusedConnection(code: string): void {
    this.refusedConnections.set(code, (this.refusedConnections.get(code) ?? 0) + 1)
  }

  #newRow(topic: string, type: string): Histogram {
    if (this.#sentRows >= this.#maxSent) {
      this.#beyond ??= new Histogram(SIZE_BOUNDS)
      return this.#beyond
    }
    this.#sentRows++
    const sizes = new Histogram(SIZE_BOUNDS)
    let types = this.#sent.get(topic)
    if (types === undefined) {
      types = new Map()
      this.#sent.set(topic, types)
    }
    types.set(type, { topic, type, sizes })
    return sizes
  }
}
