/** How long to wait before the next try, as servers push it (protocol `RetryPolicy.strategy`). Times are ms. */
export type Backoff =
  | { readonly kind: 'exponential'; readonly initial: number; readonly max: number; readonly multiplier: number }
  /** One delay per attempt; the last one repeats. */
  | { readonly kind: 'customized'; readonly delays: readonly number[] }

export interface RetryPolicy {
  /** All attempts, the first included; at least 1. */
  readonly maxAttempts: number
  readonly backoff: Backoff
}

/** What a stock server pushes to consumers, used until it has. */
export const defaultDeliveryPolicy: RetryPolicy = {
  maxAttempts: 17,
  backoff: {
    kind: 'customized',
    delays: [1, 5, 10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 1_200, 1_800, 3_600, 7_200].map((seconds) => seconds * 1_000),
  },
}

/** What a stock server pushes to producers, used until it has. */
export const defaultSendBackoff: Backoff = { kind: 'exponential', initial: 10, max: 1_000, multiplier: 2 }

/**
 * The wait after attempt number `attempt` (1 = the first) has failed, whole ms.
 *
 * Exponential: initial × multiplier^(attempt-1), at most max. Never negative and always finite, whatever a server pushes.
 */
export function backoffDelay(backoff: Backoff, attempt: number): number {
  const nth = Math.max(1, Math.floor(attempt))
  if (backoff.kind === 'customized') return Math.max(0, backoff.delays[Math.min(nth, backoff.delays.length) - 1] ?? 0)
  const max = Math.max(0, backoff.max)
  const grown = Math.max(0, backoff.initial) * Math.max(1, backoff.multiplier) ** (nth - 1)
  return Number.isFinite(grown) ? Math.min(Math.round(grown), max) : max
}

/** `delay` with up to a quarter added or taken away, so that many clients do not come back at once. */
export function jittered(delay: number, random: () => number): number {
  return Math.round(delay * (0.75 + random() * 0.5))
}
