import type { Clock } from '../clock.ts'

/**
 * What a peer may do only so often: each of these is cheap to send and costs the receiver something (RFC 9113, 10.5). A budget is a bucket: so many at
 * once, so many more each second.
 */
export interface Budget {
  readonly burst: number
  readonly perSecond: number
}

export type FloodKind =
  | 'ping'
  | 'settings'
  | 'reset'
  | 'stray'
  | 'fault'
  | 'refusal'
  | 'empty'
  | 'interim'
  | 'window-update'
  | 'priority'
  | 'goaway'
  | 'unknown'

export const defaultBudgets: Readonly<Record<FloodKind, Budget>> = {
  // Without those that answer what we sent: the Go and Java clients of gRPC measure the line with a PING per response.
  ping: { burst: 500, perSecond: 50 },
  // And acknowledgements of ours that we did not ask for.
  settings: { burst: 50, perSecond: 5 },
  // Of streams that were open (rapid reset, CVE-2023-44487). A consumer that closes cancels all its long polls at once.
  reset: { burst: 2_000, perSecond: 200 },
  // Frames for streams that have ended: those and the end may cross on the way.
  stray: { burst: 20_000, perSecond: 20_000 },
  // What makes us reset a stream: else rapid reset would work the other way round (CVE-2025-8671). Nobody honest does it often.
  fault: { burst: 100, perSecond: 10 },
  // Streams beyond the limit: a client may not know it yet.
  refusal: { burst: 20_000, perSecond: 1_000 },
  // DATA without a byte and without an end.
  empty: { burst: 500, perSecond: 50 },
  // Responses with a status of 1xx.
  interim: { burst: 100, perSecond: 10 },
  // Some clients send one for every frame of data that they take; those are free.
  'window-update': { burst: 20_000, perSecond: 20_000 },
  priority: { burst: 1_000, perSecond: 100 },
  goaway: { burst: 10, perSecond: 1 },
  unknown: { burst: 100, perSecond: 10 },
}

interface Bucket {
  tokens: number
  since: number
  earned: number
}

/** The budgets of one connection. */
export class FloodGuard {
  readonly #clock: Clock
  readonly #budgets: Readonly<Record<FloodKind, Budget>>
  readonly #buckets = new Map<FloodKind, Bucket>()

  constructor(clock: Clock, budgets: Readonly<Record<FloodKind, Budget>> = defaultBudgets) {
    this.#clock = clock
    this.#budgets = budgets
  }

  /**
   * Takes one; false when the budget is used up. Asks for the time only when the bucket looks empty.
   *
   * @param earned how many the peer may send in answer to what we did, from the beginning of the connection on.
   */
  take(kind: FloodKind, earned = 0): boolean {
    const { burst, perSecond } = this.#budgets[kind]
    const bucket = this.#buckets.get(kind)
    if (bucket === undefined) {
      this.#buckets.set(kind, { tokens: burst - 1, since: this.#clock.monotonic(), earned: 0 })
      return burst > 0
    }
    bucket.tokens -= 1
    if (bucket.tokens >= 0) return true
    const now = this.#clock.monotonic()
    const gained = ((now - bucket.since) / 1_000) * perSecond + earned - bucket.earned
    // A full bucket, without the one that is being taken.
    bucket.tokens = Math.min(burst - 1, bucket.tokens + gained)
    bucket.since = now
    bucket.earned = earned
    if (bucket.tokens >= 0) return true
    bucket.tokens += 1
    return false
  }
}
