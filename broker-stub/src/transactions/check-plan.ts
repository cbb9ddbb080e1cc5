/** When half messages are asked about. */
export interface CheckSettings {
  /** First after this, ms, where the message does not say. Default 6 s, as a stock server. */
  readonly first: number
  /** Then again after this, ms. Default 30 s. */
  readonly every: number
  /** So often at most; then the transaction is rolled back. Default 15. */
  readonly most: number
}

export const defaultChecks: CheckSettings = { first: 6_000, every: 30_000, most: 15 }

/** More checks than this cannot be counted. */
export const MOST_CHECKS = 60
const PARTS = 64

/**
 * The time of the next check, with the number of those before it as a fraction of its millisecond: the time is what is written down of a half message, so
 * the number survives with it. It is not past the whole millisecond.
 */
export function checkAt(time: number, before: number): number {
  return Math.ceil(time) - before / PARTS
}

/** How many checks there were before the one of that time. */
export function checksBefore(time: number): number {
  return Math.round((Math.ceil(time) - time) * PARTS)
}
