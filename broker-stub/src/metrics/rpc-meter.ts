import { Histogram } from './histogram.ts'

/** The bounds of a stock server, ms (RemotingMetricsManager). */
export const LATENCY_BOUNDS: readonly number[] = [1, 3, 5, 7, 10, 100, 1_000, 2_000, 3_000]

/** How a call ended: as a stock server tells it in the label `result`. */
export type RpcResult = 'success' | 'process_request_failed' | 'canceled'

/** Calls of one RPC that ended alike. */
export interface RpcRow {
  /** Name of the status code; of a call that failed, that of gRPC. */
  readonly code: string
  readonly result: RpcResult
  /** The answer waited for a message. */
  readonly waited: boolean
  /** ms from the request to its answer. */
  readonly latency: Histogram
}

/** Counts the calls of one RPC and how long they took. One call costs a look into a map and a bucket, and allocates nothing. */
export class RpcMeter {
  readonly rpc: string
  readonly #onRefused: (rpc: string, code: string) => void
  readonly #answered = new Map<string, RpcRow>()
  readonly #waited = new Map<string, RpcRow>()
  readonly #failed = new Map<string, RpcRow>()
  readonly #cancelled = new Map<string, RpcRow>()

  constructor(rpc: string, onRefused: (rpc: string, code: string) => void) {
    this.rpc = rpc
    this.#onRefused = onRefused
  }

  /** @param ms Since the request was taken up. */
  answered(code: string, ms: number, waited = false): void {
    record(waited ? this.#waited : this.#answered, code, 'success', waited, ms)
    if (code === 'TOO_MANY_REQUESTS' || code === 'MASTER_PERSISTENCE_TIMEOUT') this.#onRefused(this.rpc, code)
  }

  /** The answer was ready, and the client gone. */
  cancelled(code: string, ms: number): void {
    record(this.#cancelled, code, 'canceled', false, ms)
  }

  /** The call ended with a status of gRPC. */
  failed(code: string, ms: number): void {
    record(this.#failed, code, 'process_request_failed', false, ms)
  }

  /** In the order in which they first happened, by how they ended. */
  *rows(): Iterable<RpcRow> {
    for (const rows of [this.#answered, this.#waited, this.#failed, this.#cancelled]) yield* rows.values()
  }
}

function record(rows: Map<string, RpcRow>, code: string, result: RpcResult, waited: boolean, ms: number): void {
  let row = rows.get(code)
  if (row === undefined) {
    row = { code, result, waited, latency: new Histogram(LATENCY_BOUNDS) }
    rows.set(code, row)
  }
  row.latency.record(ms)
}
