import type { Clock } from '../clock.ts'
import { backoffDelay, jittered } from '../retry/backoff.ts'

/** What is known of an endpoint that failed; one that is well is not kept at all. */
type Ailing =
  /** Calls go elsewhere until then (monotonic ms); after that one call may try. */
  | { readonly name: 'avoided'; readonly until: number; readonly failures: number }
  /** One call tries it; the others still go elsewhere. */
  | { readonly name: 'tried'; readonly failures: number }

/** How long an endpoint is avoided, by the number of times in a row that it failed: 1 s, 2 s, 4 s … one minute. */
const avoidance = { kind: 'exponential', initial: 1_000, max: 60_000, multiplier: 2 } as const

/**
 * Which endpoints to keep away from. Java avoids an endpoint until its next heartbeat, and the official Node client for ever; here one that failed is
 * avoided for a while that grows with each failure, then a single call tries it, and its answer heals it.
 *
 * @typeParam E whatever stands for an endpoint; compared by identity.
 */
export class EndpointHealth<E extends object> {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #ailing = new Map<E, Ailing>()

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Well, or due to be tried. */
  isUsable(endpoint: E): boolean {
    const state = this.#ailing.get(endpoint)
    return state === undefined || (state.name === 'avoided' && this.#clock.monotonic() >= state.until)
  }

  /** A call to the endpoint begins; {@link succeeded}, {@link failed} or {@link unknown} must follow. */
  begin(endpoint: E): void {
    const state = this.#ailing.get(endpoint)
    if (state !== undefined && this.isUsable(endpoint)) this.#ailing.set(endpoint, { name: 'tried', failures: state.failures })
  }

  /** It answered, whatever it said of the request. */
  succeeded(endpoint: E): void {
    this.#ailing.delete(endpoint)
  }

  /** Calls that were under way together fail together: that counts once. */
  failed(endpoint: E): void {
    const state = this.#ailing.get(endpoint)
    if (state?.name === 'avoided' && this.#clock.monotonic() < state.until) return
    const failures = (state?.failures ?? 0) + 1
    this.#avoid(endpoint, failures, jittered(backoffDelay(avoidance, failures), this.#random))
  }

  /** The call ended by our own doing: nothing was learned, so the next one may try. */
  unknown(endpoint: E): void {
    const state = this.#ailing.get(endpoint)
    if (state?.name === 'tried') this.#avoid(endpoint, state.failures, 0)
  }

  /**
   * It was heard of in another way, such as a heartbeat. That lets a call try at once, but heals nothing: a server may answer heartbeats and fail at what
   * it is there for.
   */
  seen(endpoint: E): void {
    const state = this.#ailing.get(endpoint)
    if (state?.name === 'avoided') this.#avoid(endpoint, state.failures, 0)
  }

  forget(endpoint: E): void {
    this.#ailing.delete(endpoint)
  }

  #avoid(endpoint: E, failures: number, wait: number): void {
    this.#ailing.set(endpoint, { name: 'avoided', until: this.#clock.monotonic() + wait, failures })
  }
}
