export interface BackoffRange {
  /** First delay, ms. */
  readonly initial: number
  /** Longest delay, ms, before jitter. */
  readonly max: number
}

const FACTOR = 1.6
const JITTER = 0.2

/** Delay before attempt number `attempt` (0 is the first retry): grows exponentially to the cap, ±20 % jitter (gRPC, connection back-off). */
export function backoffDelay(range: BackoffRange, attempt: number, random: () => number): number {
  const base = Math.min(range.max, range.initial * FACTOR ** attempt)
  return base * (1 - JITTER + 2 * JITTER * random())
}
