import { durationMs } from '../duration.ts'
import type { Section } from '../section.ts'

/** A span of time: `<number><ms|s|m|h|d>`, for example `500ms`. */
export type DurationText = string

export interface Hold {
  /** Default 49,152; at most 16 MiB. */
  readonly maxBytes?: number | undefined
  /** Default 500ms; 10ms to 60s. */
  readonly timeout?: DurationText | undefined
  /** Default `deny`. */
  readonly onExhausted?: 'deny' | 'default' | undefined
  /** Default `fail` when there are rules, else `observe`. */
  readonly onFlagMissing?: 'fail' | 'observe' | undefined
}

/** Most bytes of a request that are held, unless `hold.maxBytes` says otherwise. */
export const defaultHoldBytes = 49_152
const shortestTimeoutMs = 10
const longestTimeoutMs = 60_000

export const hold: Section<Hold> = {
  key: 'hold',
  schema: {
    type: 'object',
    additionalProperties: false,
    description: 'How long a call may be held until its facts are read.',
    properties: {
      maxBytes: {
        type: 'integer',
        minimum: 1,
        maximum: 16777216,
        default: defaultHoldBytes,
        description: 'Most bytes of a request that are held.',
        'x-expected': 'a whole number from 1 to 16777216',
      },
      timeout: {
        $ref: '#/definitions/duration',
        default: '500ms',
        description:
          'Longest time that the first bytes of a request may take before the filter asks itself whether Envoy passes bodies at all. 10ms to 60s.',
      },
      onExhausted: {
        enum: ['deny', 'default'],
        default: 'deny',
        description: 'What becomes of a call whose facts are not among the first maxBytes: denied, or sent to the default cluster.',
      },
      onFlagMissing: {
        enum: ['fail', 'observe'],
        description:
          'What to do when Envoy lacks allow_on_headers_stop_iteration: fail every held call, or stop routing and observe. Default: fail when there are routes, affinity, acl, policy, limits or lanes.',
      },
    },
  },
  check({ timeout }, report) {
    if (timeout === undefined) return
    checkDuration(['hold', 'timeout'], timeout, shortestTimeoutMs, longestTimeoutMs, report)
  },
}

/** Whether a duration, which is one, lies between its bounds. */
export function checkDuration(
  steps: readonly (string | number)[],
  text: DurationText,
  leastMs: number,
  mostMs: number,
  report: { add(steps: readonly (string | number)[], message: string): void },
): void {
  const ms = durationMs(text) ?? 0
  if (ms < leastMs || ms > mostMs) report.add(steps, `expected a duration from ${leastMs}ms to ${mostMs}ms`)
}
