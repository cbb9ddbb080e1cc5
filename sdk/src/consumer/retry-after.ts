import { type Duration, format, milliseconds } from '../duration.ts'

const brand = Symbol.for('feathermq.retry-after')
const MAX_DELAY = 43_200_000

/**
 * Thrown by a handler: deliver the message again after this time, instead of after the group's back-off for this attempt. The attempts count all the same:
 * after the last one the message goes to the dead-letter topic.
 */
export class RetryAfter extends Error {
  override readonly name: string = 'RetryAfter'
  /** Ms. */
  readonly delay: number

  /**
   * @param delay 0 to 12 h, which is what servers take
   * @throws {FeatherMQError} INVALID_OPTION
   */
  constructor(delay: Duration, options: { readonly message?: string | undefined; readonly cause?: unknown } = {}) {
    const ms = milliseconds(delay, 'RetryAfter.delay', 0, MAX_DELAY)
    super(options.message ?? `try again in ${format(ms)}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.delay = ms
    Object.defineProperty(this, brand, { value: ms })
  }
}

/** The delay that was asked for, ms, also by an error of another copy of this package; undefined for every other error. */
export function delayOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !(brand in error)) return undefined
  const ms = error[brand]
  return typeof ms === 'number' && ms >= 0 && ms <= MAX_DELAY ? ms : undefined
}
