import type { FeatherMQError } from '../errors.ts'
import { type Backoff, backoffDelay, jittered } from './backoff.ts'

/** How long to wait before the end of a transaction is told again, or a recall asked for again: 100 ms, 200 ms, 400 ms … 5 s. */
export const resolutionBackoff: Backoff = { kind: 'exponential', initial: 100, max: 5_000, multiplier: 2 }

export type ResolutionDecision = { readonly again: false } | { readonly again: true; readonly after: number }

/** Failures of the way there, or of a server with too much to do: they say nothing of the transaction. */
const passing: ReadonlySet<string> = new Set([
  'UNREACHABLE',
  'NO_ANSWER',
  'CALL_FAILED',
  'TOO_MANY_REQUESTS',
  'REQUEST_TIMEOUT',
  'PROXY_TIMEOUT',
  'MASTER_PERSISTENCE_TIMEOUT',
])

/**
 * Whether what only one server can do is asked for once more, there. It may be repeated without harm: a transaction ends once, and a message is recalled
 * once.
 * - not retryable → no.
 * - the server could not be reached, did not answer or has too much to do → until the time is over.
 * - it failed otherwise → `maxAttempts` in all: stock servers say 50001 of transactions that they do not know, which no repetition changes.
 *
 * @param attempt number of the attempt that failed, 1 = the first
 * @param left ms of the time limit
 */
export function nextResolution(
  failure: Pick<FeatherMQError, 'code' | 'retryable'>,
  attempt: number,
  { maxAttempts, left }: { readonly maxAttempts: number; readonly left: number },
  random: () => number,
): ResolutionDecision {
  if (!failure.retryable || (!passing.has(failure.code) && attempt >= maxAttempts)) return { again: false }
  const after = jittered(backoffDelay(resolutionBackoff, attempt), random)
  return after < left ? { again: true, after } : { again: false }
}
