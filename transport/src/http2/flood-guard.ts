import type { Clock } from '../clock.ts'

/**
 * What a peer may do only so often: each of these is cheap to send and costs the receiver something (RFC 9113, 10.5). A budget is a bucket: so many at
 * once, so many more each second.
 */
export interface Budget {
  readonly burst: number
  readonly perSecond: number
}

export const floodKinds = ['ping', 'settings', 'reset', 'stray', 'empty', 'window-update', 'priority', 'unknown'] as const
export type FloodKind = (typeof floodKinds)[number]

export const defaultBudgets: Readonly<Record<FloodKind, Budget>> = {
  // Keep-alive pings come every few seconds; flow-control probes of some clients come with each burst of data.
  ping: { burst: 500, perSecond: 50 },
  settings: { burst: 50, perSecond: 5 },
  // A consumer that closes cancels all its long polls at once.
  reset: { burst: 2_000, perSecond: 200 },
  // Resets of streams that have ended: those and the end may cross on the way.
  stray: { burst: 20_000, perSecond: 20_000 },
  // DATA without a byte and without an end.
  empty: { burst: 500, perSecond: 50 },
  // Some clients send one for every frame of data that they take.
  'window-update': { burst: 20_000, perSecond: 20_000 },
  priority: { burst: 1_000, perSecond: 100 },
  unknown: { burst: 100, perSecond: 10 },
}

/** The budgets of one connection. */
export class FloodGuard {
  readonly #clock: Clock
  readonly #budgets: Readonly<Record<FloodKind, Budget>>
  readonly #spent = new Map<FloodKind, { tokens: number; since: number }>()

  constructor(clock: Clock, budgets: Readonly<Record<FloodKind, Budget>> = defaultBudgets) {
    this.#clock = clock
    this.#budgets = budgets
  }

  /** Takes one; false when the budget is used up. Asks for the time only when the bucket looks empty. */
  take(kind: FloodKind): boolean {
    const bucket = this.#spent.get(kind)
    if (bucket === undefined) {
      this.#spent.set(kind, { tokens: this.#budgets[kind].burst - 1, since: this.#clock.monotonic() })
      return this.#budgets[kind].burst > 0
    }
    bucket.tokens -= 1
    if (bucket.tokens >= 0) return true
    const { burst, perSecond } = this.#budgets[kind]
    const now = this.#clock.monotonic()
    // A full bucket, without the one that is being taken.
    bucket.tokens = Math.min(burst - 1, bucket.tokens + ((now - bucket.since) / 1_000) * perSecond)
    bucket.since = now
    return bucket.tokens >= 0
  }
}
