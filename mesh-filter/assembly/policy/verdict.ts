// What the rules have against a call: one place, filled by the rule that refuses it and read by who answers (stream/denial.ts).
// A section judges with `objectTo`; whether that counts only (shadow, mode observe) or refuses is decided here and nowhere else.
import { Rule } from '../config/settings'
import { countActed, countShadow } from '../metrics/rules'
import { Stream } from '../stream/stream'

// Why; the words stand in stream/denial.ts.
export const REASON_DENIED: u32 = 0
export const REASON_NOT_ALLOWED: u32 = 1
export const REASON_BODY: u32 = 2
export const REASON_PROPERTIES: u32 = 3
export const REASON_KEYS: u32 = 4
export const REASON_TAG: u32 = 5
export const REASON_DELAY: u32 = 6
export const REASON_MISSING_PROPERTY: u32 = 7
export const REASON_FAULT: u32 = 8
export const REASON_MIXED: u32 = 9
export const REASON_MESSAGES: u32 = 10
export const REASON_BYTES: u32 = 11
export const REASON_DROPPED: u32 = 12
export const REASON_COUNT: u32 = 13

@unmanaged
export class Verdict {
  rule: Rule
  /** RocketMQ's code for it. */
  code: u32
  reason: u32
  /** What the reason is about: the bound that was passed, say. */
  number: u32
}

export const verdict: Verdict = changetype<Verdict>(memory.data(16))

export const CODE_OK: u32 = 20000
export const CODE_BAD_REQUEST: u32 = 40000
export const CODE_FORBIDDEN: u32 = 40300
export const CODE_BODY_TOO_LARGE: u32 = 41301
export const CODE_TOO_MANY_REQUESTS: u32 = 42900
export const CODE_PROPERTIES_TOO_LARGE: u32 = 43101

/** `rule` is against the call. True: it goes on all the same, as the rule is a shadow or the mode is observe. */
export function objectTo(stream: Stream, rule: Rule, code: u32, reason: u32, number: u32): bool {
  if (rule.shadow != 0 || stream.settings.routing == 0) {
    // Once per call, however many of its messages the rule is against; beyond 64 rules once per message.
    const bit: u64 = rule.number < 64 ? 1 << <u64>rule.number : 0
    if ((stream.shadowed & bit) == 0) countShadow(rule)
    stream.shadowed |= bit
    return true
  }
  countActed(rule)
  verdict.rule = rule
  verdict.code = code
  verdict.reason = reason
  verdict.number = number
  return false
}
