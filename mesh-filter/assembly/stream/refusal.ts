// Telling a client what a rule has against its call: `mesh: <section>/<rule>: <reason>`.
import { GRPC_PERMISSION_DENIED, GRPC_RESOURCE_EXHAUSTED } from '../abi/constants'
import { Bytes, beginLine, bytesOf, line, lineLength, put, putByte, putBytes, putNumber } from '../abi/text'
import { Pattern, Rule } from '../config/settings'
import { sectionName } from '../metrics/rules'
import {
  CODE_OK,
  REASON_BODY,
  REASON_BYTES,
  REASON_COUNT,
  REASON_DELAY,
  REASON_DENIED,
  REASON_DROPPED,
  REASON_FAULT,
  REASON_KEYS,
  REASON_MESSAGES,
  REASON_MISSING_PROPERTY,
  REASON_MIXED,
  REASON_NOT_ALLOWED,
  REASON_PROPERTIES,
  REASON_TAG,
  verdict,
} from '../policy/verdict'
import { refuse } from './denial'
import { STATE_RULE, publish } from './filter-state'
import { Stream } from './stream'

const MESH = bytesOf('mesh: ')
const DETAILS = bytesOf('fmq_rule')
const words: usize = heap.alloc(REASON_COUNT << 3)

function reason(number: u32, before: string, after: string): void {
  store<usize>(words + (<usize>number << 3), changetype<usize>(bytesOf(before)))
  store<usize>(words + (<usize>number << 3), changetype<usize>(bytesOf(after)), 4)
}

reason(REASON_DENIED, 'it is forbidden', '')
reason(REASON_NOT_ALLOWED, 'no rule allows it', '')
reason(REASON_BODY, 'the body of a message has more than ', ' bytes')
reason(REASON_PROPERTIES, 'a message has more than ', ' properties')
reason(REASON_KEYS, 'a message has more than ', ' keys')
reason(REASON_TAG, 'a message has none of the tags that are allowed', '')
reason(REASON_DELAY, 'a message is delayed by more than ', ' s')
reason(REASON_MISSING_PROPERTY, 'a message lacks the property ', '')
reason(REASON_FAULT, 'a fault on purpose', '')
reason(REASON_MIXED, 'its receipt handles come from several brokers', '')
reason(REASON_MESSAGES, 'more than ', ' messages per second')
reason(REASON_BYTES, 'more than ', ' bytes per second')
reason(REASON_DROPPED, 'the acknowledgement was dropped on purpose', '')

// @ts-ignore: decorator
@inline
function wordsOf(number: u32, side: usize): Bytes {
  return changetype<Bytes>(load<usize>(words + (<usize>number << 3) + side))
}

function putRule(rule: Rule): void {
  putBytes(sectionName(rule.section))
  putByte(47)
  put(rule.nameAt, rule.nameLength)
}

/** gRPC's status for RocketMQ's code, where there is no native answer. */
function statusFor(code: u32): u32 {
  if (code / 100 == 403) return GRPC_PERMISSION_DENIED
  if (code / 100 == 401) return 16
  if (code / 100 == 404) return 5
  if (code / 100 == 429 || code / 100 == 413) return GRPC_RESOURCE_EXHAUSTED
  if (code / 100 == 428) return 9
  if (code / 100 == 408 || code / 100 == 504) return 4
  if (code / 100 == 501 || code / 100 == 505) return 12
  return code < 50000 ? 3 : 13
}

/** `held`: nothing of the call has left Envoy. The answer is what the callback has to return. */
export function refuseByRule(stream: Stream, held: bool): u32 {
  const rule = verdict.rule
  const code = verdict.code
  stream.rule = rule
  beginLine()
  putRule(rule)
  publish(stream.settings, STATE_RULE, line, lineLength())
  beginLine()
  if (code != CODE_OK) {
    putBytes(MESH)
    putRule(rule)
    putByte(58)
    putByte(32)
    putReason(stream)
  }
  return refuse(stream, held, code, DETAILS, 403, statusFor(code))
}

function putReason(stream: Stream): void {
  const number = verdict.reason
  const after = wordsOf(number, 4)
  putBytes(wordsOf(number, 0))
  if (number == REASON_MISSING_PROPERTY) {
    const names = stream.settings.properties
    if (names === null || verdict.number >= names.count) return
    const name = changetype<Pattern>(names.first + <usize>verdict.number * offsetof<Pattern>())
    put(name.at, name.length)
  } else if (after.length != 0) putNumber(verdict.number)
  putBytes(after)
}
