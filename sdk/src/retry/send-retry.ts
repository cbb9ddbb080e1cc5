import type { FeatherMQError } from '../errors.ts'
import { backoffDelay, jittered, type RetryPolicy } from './backoff.ts'

/** How failed sends are repeated: data, so that it can be shown, compared and tested without a server. */
export interface SendPolicy extends RetryPolicy {
  /** Whether a send whose message may be stored already is repeated, with the same message id. */
  readonly retryMaybeStored: boolean
}

export type SendDecision =
  /** Nothing would change, or must not: a refusal, the last attempt, or a message that may be stored and must not be stored twice. */
  | { readonly again: false }
  /** Wait so many ms, then try with the next queue. */
  | { readonly again: true; readonly after: number }

type Failure = Pick<FeatherMQError, 'code' | 'retryable' | 'status' | 'message'>

/**
 * Whether a failed send is tried again. Java tries everything again at once; repeating what the server refused (4xxxx) is wasted work, so here:
 * - not retryable → no.
 * - perhaps stored, and the policy does not allow for duplicates → no.
 * - throttled (TOO_MANY_REQUESTS) → after the pushed back-off, spread by a quarter.
 * - everything else → at once on another endpoint; after the pushed back-off on the same one, which needs a moment to come back.
 *
 * @param attempt number of the attempt that failed, 1 = the first
 * @param elsewhere whether the next queue is at another endpoint than the one that failed
 * @param random 0 to 1, so that clients that were throttled together do not come back together
 */
export function nextSend(failure: Failure, attempt: number, policy: SendPolicy, elsewhere: boolean, random: () => number): SendDecision {
  if (!failure.retryable || attempt >= policy.maxAttempts) return { again: false }
  if (!policy.retryMaybeStored && mayBeStored(failure)) return { again: false }
  if (failure.code !== 'TOO_MANY_REQUESTS' && elsewhere) return { again: true, after: 0 }
  return { again: true, after: jittered(backoffDelay(policy.backoff, attempt), random) }
}

/** Texts of transports, Node and the system for connections that never came to be. */
const neverConnected = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|did not complete a connection|while it was being made/

/**
 * Whether the server may have stored the message although the send failed: the answer got lost, or says only that something after the storing went wrong.
 * In doubt, yes.
 */
export function mayBeStored({ code, status, message }: Failure): boolean {
  if (status !== undefined) {
    if (status.name === 'REQUEST_TIMEOUT') return true
    return status.code >= 50_000 && !refusesTheKind.has(status.name)
  }
  if (code === 'UNREACHABLE') return !neverConnected.test(message)
  return code === 'NO_ANSWER' || code === 'CALL_FAILED' || code === 'BAD_RESPONSE'
}

/** 5xxxx that are said before anything is done. */
const refusesTheKind: ReadonlySet<string> = new Set(['NOT_IMPLEMENTED', 'UNSUPPORTED', 'VERSION_UNSUPPORTED'])

/**
 * Whether the refusal may concern a single message of several. A server stores nothing of a request when one message of it is bad, so the others deserve
 * a request without it.
 */
export function concernsOneMessage({ code }: Pick<FeatherMQError, 'code'>): boolean {
  return code.startsWith('ILLEGAL_MESSAGE_') || code.startsWith('MESSAGE_') || aboutRequests.has(code)
}

const aboutRequests: ReadonlySet<string> = new Set(['BAD_REQUEST', 'ILLEGAL_DELIVERY_TIME', 'PAYLOAD_TOO_LARGE', 'NOT_IMPLEMENTED', 'UNSUPPORTED'])
