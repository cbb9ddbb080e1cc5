// `limits`: how many messages and bytes may pass, and who shares them.
import { Charge, SET_SIZE } from '../../policy/limit-cells'
import { Limit, MOST_LIMITS } from '../../policy/limits'
import { BROKER_BIT, CLIENT_BIT, GROUP_BIT, MESSAGE_GROUP_BIT, PEER_BIT, TAG_BIT, TOPIC_BIT } from '../../protocol/facts'
import { checkKeys, integer, object, texts } from '../checks'
import { Draft, readRules } from '../draft'
import { JSON_ARRAY, Json } from '../json'
import { indexPath, keyPath } from '../problems'
import { Rule, SECTION_LIMITS } from '../settings'
import { HELD_OPS, readConditions } from '../when'

const KEYS: StaticArray<string> = ['name', 'when', 'per', 'messages', 'bytes', 'keys', 'shadow']
const AMOUNT_KEYS: StaticArray<string> = ['rate', 'burst']
const PER: StaticArray<string> = ['client', 'peer', 'topic', 'group', 'tag', 'messageGroup', 'broker']
const PER_BITS: StaticArray<u32> = [CLIENT_BIT, PEER_BIT, TOPIC_BIT, GROUP_BIT, TAG_BIT, MESSAGE_GROUP_BIT, BROKER_BIT]

const NS_PER_SECOND: u64 = 1000000000
/** Above this the nanoseconds per message would be rounded too coarsely. */
const MOST_MESSAGES: f64 = 1000000
/** Bursts of more would reach beyond what a clock of 64 bits counts in nanoseconds. */
const MOST_BYTES: f64 = 4294967295
const DEFAULT_KEYS: u32 = 1024
const MOST_KEYS: f64 = 65536

export function readLimits(draft: Draft): void {
  const list = draft.root.get('limits')
  if (list !== null && list.kind == JSON_ARRAY && list.items.length > MOST_LIMITS) {
    draft.add('$.limits', 'expected at most ' + MOST_LIMITS.toString() + ' rules')
    return
  }
  const rules = readRules(draft, draft.root, 'limits', '$', SECTION_LIMITS, offsetof<Limit>(), KEYS, readLimit)
  if (rules !== null) draft.settings.limits = changetype<usize>(rules)
}

function readLimit(draft: Draft, json: Json, path: string, rule: Rule): void {
  const limit = changetype<Limit>(changetype<usize>(rule))
  const charge = changetype<Charge>(draft.alloc(offsetof<Charge>()))
  limit.charge = charge
  readConditions(draft, json, path, rule, HELD_OPS)
  limit.per = readPer(draft, json, path)
  readAmounts(draft, json, path, limit, charge)
  let keys = integer(json, 'keys', path, 1, MOST_KEYS, DEFAULT_KEYS, draft.problems)
  if (json.get('per') === null) {
    if (json.get('keys') !== null) draft.add(keyPath(path, 'keys'), 'without "per" all calls share one')
    keys = 1
  }
  charge.sets = (keys + SET_SIZE - 1) / SET_SIZE
  charge.perSet = min(keys, SET_SIZE)
  const name = json.get('name')
  draft.keep('fmq.limit.' + (name === null ? '' : name.text) + '.', changetype<usize>(charge) + offsetof<Charge>('prefixAt'))
}

function readPer(draft: Draft, json: Json, path: string): u32 {
  const per = texts(json, 'per', path, false, draft.problems)
  if (per === null) return 0
  let bits: u32 = 0
  for (let i = 0; i < per.length; i++) {
    if (per[i].length == 0) continue
    const at = PER.indexOf(per[i])
    if (at < 0) draft.add(indexPath(keyPath(path, 'per'), i), '"' + per[i] + '" is none of ' + PER.join(', '))
    else bits |= PER_BITS[at]
  }
  return bits
}

function readAmounts(draft: Draft, json: Json, path: string, limit: Limit, charge: Charge): void {
  if (json.get('messages') === null && json.get('bytes') === null) draft.add(path, 'limits neither "messages" nor "bytes"')
  const messages = object(json, 'messages', path, draft.problems)
  if (messages !== null) {
    const at = keyPath(path, 'messages')
    limit.messageRate = readAmount(draft, messages, 'rate', at, MOST_MESSAGES)
    limit.perMessage = (NS_PER_SECOND + <u64>limit.messageRate - 1) / <u64>limit.messageRate
    charge.messageSpan = limit.perMessage * <u64>readAmount(draft, messages, 'burst', at, MOST_MESSAGES)
    checkKeys(messages, at, AMOUNT_KEYS, draft.problems)
  }
  const bytes = object(json, 'bytes', path, draft.problems)
  if (bytes === null) return
  const at = keyPath(path, 'bytes')
  limit.byteRate = readAmount(draft, bytes, 'rate', at, MOST_BYTES)
  charge.byteSpan = (<u64>readAmount(draft, bytes, 'burst', at, MOST_BYTES) * NS_PER_SECOND) / <u64>limit.byteRate
  checkKeys(bytes, at, AMOUNT_KEYS, draft.problems)
}

function readAmount(draft: Draft, json: Json, key: string, path: string, most: f64): u32 {
  if (json.get(key) === null) draft.add(keyPath(path, key), 'missing')
  return integer(json, key, path, 1, most, 1, draft.problems)
}
