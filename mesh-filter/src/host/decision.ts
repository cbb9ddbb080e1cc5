/**
 * What a filter decided in a callback, as Envoy takes it:
 * - `continue`: on to the next filter, with everything that was kept.
 * - `stop-iteration`: the headers wait, the body still comes to the filter (trailers: the same).
 * - `stop-and-buffer`: the body is kept; the next callback sees all of it again.
 * - `stop-and-watermark`: the body is kept without limit, and its sender is slowed down.
 * - `stop-no-buffer`: these bytes are gone.
 * - `stop-all-and-buffer`, `stop-all-and-watermark`: nothing of the stream reaches any filter until the filter continues it.
 */
export type Decision =
  | 'continue'
  | 'stop-iteration'
  | 'stop-and-buffer'
  | 'stop-and-watermark'
  | 'stop-no-buffer'
  | 'stop-all-and-buffer'
  | 'stop-all-and-watermark'

/** Of headers callbacks, by number. 2 (end the stream here) is not in use any more, and Envoy takes it for 0. */
export const headersDecisions: readonly Decision[] = ['continue', 'stop-iteration', 'continue', 'stop-all-and-buffer', 'stop-all-and-watermark']
/** Of body callbacks. */
export const bodyDecisions: readonly Decision[] = ['continue', 'stop-and-buffer', 'stop-and-watermark', 'stop-no-buffer']
/** Of trailers callbacks. */
export const trailersDecisions: readonly Decision[] = ['continue', 'stop-iteration']
