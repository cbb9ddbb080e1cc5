// Faults on purpose. Which calls are hit is a matter of the seed and of the order in which they come to a worker, so that a run
// can be repeated.
import { FaultRule } from '../config/sections/faults'
import { countActed, countShadow } from '../metrics/rules'
import { Stream } from '../stream/stream'
import { firstOf } from './match'
import { CODE_OK, REASON_DROPPED, REASON_FAULT, objectTo } from './verdict'

/** Well-mixed bits of a number (the finaliser of MurmurHash3). */
export function mix(value: u32): u32 {
  let h = value
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}

/** Despite its name true means that the call goes on, maybe later: as with every step, false is a refusal. */
export function strikes(stream: Stream): bool {
  const rule = firstOf(stream.settings.faults, stream.op, stream.facts)
  if (rule === null) return true
  const fault = changetype<FaultRule>(rule)
  const draw = mix(mix(fault.seed + 0x9e3779b9) + fault.drawn++ * 0x9e3779b9)
  if (fault.always == 0 && draw >= fault.share) return true
  if (fault.dropsAck != 0) return objectTo(stream, rule, CODE_OK, REASON_DROPPED, 0)
  if (fault.code != 0) return objectTo(stream, rule, fault.code, REASON_FAULT, 0)
  if (rule.shadow != 0 || stream.settings.routing == 0) countShadow(rule)
  else {
    countActed(rule)
    stream.delayMs = fault.delayMs
  }
  return true
}
