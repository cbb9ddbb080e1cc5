import { pause } from '../deferred.ts'
import { clientError, FeatherMQError } from '../errors.ts'
import { nextResolution } from '../retry/resolution-retry.ts'
import type { Runtime } from '../runtime.ts'

export interface PersistOptions {
  readonly runtime: Pick<Runtime, 'upkeep' | 'random'>
  /** All that it may take, ms. */
  readonly timeout: number
  readonly maxAttempts: number
  /** Aborted when the producer has closed. */
  readonly end: AbortSignal
  readonly signal: AbortSignal | undefined
  /** Names it in the error of a producer that is closed. */
  readonly what: string
}

/**
 * Does what may be repeated without harm, and again by the rule of {@link nextResolution}.
 *
 * @param attempt gets what is left of the time, ms
 * @throws {FeatherMQError} the last failure; CLIENT_CLOSED. The signal's reason.
 */
export async function persist<T>(attempt: (left: number) => Promise<T>, options: PersistOptions): Promise<T> {
  const { runtime, timeout, maxAttempts, end, signal, what } = options
  const { upkeep, random } = runtime
  const deadline = upkeep.monotonic() + timeout
  for (let count = 1; ; count += 1) {
    signal?.throwIfAborted()
    if (end.aborted) throw clientError('CLIENT_CLOSED', `${what}: the producer is closed`)
    try {
      return await attempt(Math.max(1, deadline - upkeep.monotonic()))
    } catch (error) {
      if (!(error instanceof FeatherMQError)) throw error
      const decision = nextResolution(error, count, { maxAttempts, left: deadline - upkeep.monotonic() }, random)
      if (!decision.again) throw error
      const either = signal === undefined ? end : AbortSignal.any([signal, end])
      await pause(upkeep, decision.after, { signal: either, hold: true }).catch((reason: unknown) => {
        if (signal?.aborted) throw reason
      })
    }
  }
}
