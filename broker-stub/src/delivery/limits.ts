/** Bounds and durations of delivery. Durations are milliseconds. */
export interface DeliveryLimits {
  /** Longest that the broker renews a lease for a client that lives. */
  readonly renewCeiling: number
  /** What a consumer with auto-renew is told as its invisible duration. */
  readonly renewedInvisible: number
  /** When messages of a lost client come back. */
  readonly lostClientReturn: number
  /** Messages in flight within one (topic, group). Beyond it nothing more is handed out until some are settled. */
  readonly inFlight: number
  /** Messages that a cursor may pass because their message group is locked, within one (topic, group); then the cursor waits. */
  readonly parked: number
  /** Receives that wait within one (topic, group). */
  readonly waiters: number
  /** Receives that wait in all. */
  readonly allWaiters: number
}

export const defaultDeliveryLimits: DeliveryLimits = {
  renewCeiling: 3 * 3_600_000,
  renewedInvisible: 60_000,
  lostClientReturn: 1_000,
  inFlight: 200_000,
  parked: 100_000,
  waiters: 10_000,
  allWaiters: 100_000,
}
