// What messages may look like: every policy whose `when` holds must be met.
import { NO_BOUND, PolicyRule } from '../config/sections/policy'
import { Rules, ruleAt } from '../config/settings'
import { nowMs } from '../abi/host'
import { TAG, factAt, factLength } from '../protocol/facts'
import { OP_SEND } from '../protocol/operations'
import { Stream } from '../stream/stream'
import { applies } from './match'
import { matchesAny } from './pattern'
import {
  CODE_BAD_REQUEST,
  CODE_BODY_TOO_LARGE,
  CODE_PROPERTIES_TOO_LARGE,
  REASON_BODY,
  REASON_DELAY,
  REASON_KEYS,
  REASON_MISSING_PROPERTY,
  REASON_PROPERTIES,
  REASON_TAG,
  objectTo,
} from './verdict'

const CODE_ILLEGAL_TAG: u32 = 40004
const CODE_ILLEGAL_KEY: u32 = 40005
const CODE_ILLEGAL_DELIVERY_TIME: u32 = 40012

export function meetsPolicy(stream: Stream): bool {
  if (stream.settings.policy == 0 || stream.op != OP_SEND) return true
  const rules = changetype<Rules>(stream.settings.policy)
  for (let i: u32 = 0; i < rules.count; i++) {
    const rule = changetype<PolicyRule>(ruleAt(rules, i))
    if (applies(rule, stream.op, stream.facts) && !meets(stream, rule)) return false
  }
  return true
}

function meets(stream: Stream, rule: PolicyRule): bool {
  const scan = stream.requestScan
  if (scan.bodyLength > <u64>rule.maxBodyBytes && rule.maxBodyBytes != NO_BOUND) {
    if (!objectTo(stream, rule, CODE_BODY_TOO_LARGE, REASON_BODY, rule.maxBodyBytes)) return false
  }
  if (scan.properties > rule.maxProperties && !objectTo(stream, rule, CODE_PROPERTIES_TOO_LARGE, REASON_PROPERTIES, rule.maxProperties)) return false
  if (scan.keys > rule.maxKeys && !objectTo(stream, rule, CODE_ILLEGAL_KEY, REASON_KEYS, rule.maxKeys)) return false
  if (rule.required & ~scan.seenProperties) {
    if (!objectTo(stream, rule, CODE_BAD_REQUEST, REASON_MISSING_PROPERTY, ctz(rule.required & ~scan.seenProperties))) return false
  }
  if (rule.maxDelayMs != NO_BOUND && isBeyond(scan.dueSeconds, scan.dueNanos, rule.maxDelayMs)) {
    if (!objectTo(stream, rule, CODE_ILLEGAL_DELIVERY_TIME, REASON_DELAY, rule.maxDelayMs / 1000)) return false
  }
  const tags = rule.tags
  const facts = stream.facts
  if (tags === null || facts === null) return true
  const length = factLength(facts, TAG)
  return (length != 0 && matchesAny(tags, factAt(facts, TAG), length)) || objectTo(stream, rule, CODE_ILLEGAL_TAG, REASON_TAG, 0)
}

/** 0 seconds: not delayed. What lies so far ahead that milliseconds overflow is beyond any bound. */
function isBeyond(seconds: i64, nanos: u32, boundMs: u32): bool {
  if (seconds <= 0) return false
  if (seconds > 9000000000000) return true
  return seconds * 1000 + <i64>(nanos / 1000000) > <i64>nowMs() + <i64>boundMs
}
