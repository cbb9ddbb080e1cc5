import type { FeatherMQError } from '../errors.ts'

export type SettleDecision = { readonly again: false } | { readonly again: true; readonly after: number }

/** As Java: one second between tries. */
const RETRY_INTERVAL = 1_000

/**
 * Whether a failed ack, nack, extension or dead-letter request is tried again: as long as the failure may pass and the lease may still live.
 * INVALID_RECEIPT_HANDLE is final: the message is no longer ours.
 *
 * @param left ms until the lease ends, as far as this client knows
 */
export function nextSettle(failure: Pick<FeatherMQError, 'retryable'>, left: number): SettleDecision {
  return failure.retryable && left > RETRY_INTERVAL ? { again: true, after: RETRY_INTERVAL } : { again: false }
}
