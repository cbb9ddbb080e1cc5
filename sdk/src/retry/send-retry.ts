import type { FeatherMQError } from '../errors.ts'
import { backoffDelay, type RetryPolicy } from './backoff.ts'

export type SendDecision =
  /** Nothing would change: a refusal, or the last attempt. */
  | { readonly again: false }
  /** Wait so many ms, then try with the next candidate. */
  | { readonly again: true; readonly after: number }

/**
 * Whether a failed send is tried again. Java tries everything again at once; repeating what the server refused (4xxxx) is wasted work, so here:
 * - not retryable → no.
 * - throttled (TOO_MANY_REQUESTS) → after the pushed back-off.
 * - everything else → at once on another endpoint; after the pushed back-off on the same one, which needs a moment to come back.
 *
 * @param attempt number of the attempt that failed, 1 = the first
 * @param elsewhere whether the next candidate is at another endpoint than the one that failed
 */
export function nextSend(
  failure: Pick<FeatherMQError, 'code' | 'retryable'>,
  attempt: number,
  policy: RetryPolicy,
  elsewhere: boolean,
): SendDecision {
  if (!failure.retryable || attempt >= policy.maxAttempts) return { again: false }
  if (failure.code !== 'TOO_MANY_REQUESTS' && elsewhere) return { again: true, after: 0 }
  return { again: true, after: backoffDelay(policy.backoff, attempt) }
}
