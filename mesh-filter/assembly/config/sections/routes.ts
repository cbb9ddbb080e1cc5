// Where calls go: the first route whose conditions hold.
import { Bytes } from '../../abi/text'
import { CLIENT, MESSAGE_GROUP, TOPIC } from '../../protocol/facts'
import { choice, isKind, object, text } from '../checks'
import { Draft, cluster, readRules } from '../draft'
import { JSON_NUMBER, JSON_STRING, Json } from '../json'
import { keyPath } from '../problems'
import { Rule, SECTION_ROUTES } from '../settings'
import { HELD_OPS, readConditions, readUnless } from '../when'

/** One of the clusters of a split, with the weights up to and including its own. */
@unmanaged
export class Share {
  clusterAt: usize
  clusterLength: usize
  upTo: u32
}

/** A header `x-fmq-subset-<key>` and its value. */
@unmanaged
export class SubsetKey {
  header: Bytes
  value: Bytes
}

export const NO_FACT: u32 = 0xff

@unmanaged
export class Route extends Rule {
  clusterAt: usize
  clusterLength: usize
  shareCount: u32
  shares: usize
  totalWeight: u32
  /** The fact that decides which share a call gets; NO_FACT: chance. */
  sticky: u32
  /** The fact that becomes x-fmq-hash; NO_FACT: none. */
  hash: u32
  subsetCount: u32
  subset: usize
}

const RULE_KEYS: StaticArray<string> = ['name', 'when', 'unless', 'cluster', 'split', 'sticky', 'hash', 'subset']
const STICKY: StaticArray<string> = ['client', 'messageGroup', 'topic']
const STICKY_FACTS: StaticArray<u32> = [CLIENT, MESSAGE_GROUP, TOPIC]
const MOST_WEIGHT: f64 = 1000000

export function readRoutes(draft: Draft): void {
  const rules = readRules(draft, draft.root, 'routes', '$', SECTION_ROUTES, offsetof<Route>(), RULE_KEYS, readRoute)
  draft.settings.routes = rules !== null && rules.count > 0 ? changetype<usize>(rules) : 0
}

function readRoute(draft: Draft, json: Json, path: string, rule: Rule): void {
  const route = changetype<Route>(rule)
  readConditions(draft, json, path, rule, HELD_OPS)
  readUnless(draft, json, path, rule, HELD_OPS)
  const isSplit = json.get('split') !== null
  if (isSplit && json.get('cluster') !== null) draft.add(keyPath(path, 'split'), 'a route has either a cluster or a split')
  else if (!isSplit && json.get('cluster') === null) draft.add(keyPath(path, 'cluster'), 'missing')
  cluster(draft, json, 'cluster', path, changetype<usize>(route) + offsetof<Route>('clusterAt'))
  readSplit(draft, json, path, route)
  const sticky = choice(json, 'sticky', path, STICKY, -1, draft.problems)
  route.sticky = sticky < 0 ? NO_FACT : STICKY_FACTS[sticky]
  if (json.get('sticky') !== null && !isSplit) draft.add(keyPath(path, 'sticky'), 'means nothing without a split')
  const hash = choice(json, 'hash', path, STICKY, -1, draft.problems)
  route.hash = hash < 0 ? NO_FACT : STICKY_FACTS[hash]
  readSubset(draft, json, path, route)
}

function readSplit(draft: Draft, json: Json, path: string, route: Route): void {
  const split = object(json, 'split', path, draft.problems)
  if (split === null) return
  const at = keyPath(path, 'split')
  const count = split.keys.length
  if (count == 0) draft.add(at, 'must not be empty')
  if (count > 1000) {
    draft.add(at, 'expected at most 1000 clusters')
    return
  }
  route.shares = draft.alloc(<usize>count * offsetof<Share>())
  route.shareCount = count
  let valid = count > 0
  for (let i = 0; i < count; i++) {
    const share = changetype<Share>(route.shares + <usize>i * offsetof<Share>())
    const shareAt = keyPath(at, split.keys[i])
    draft.checkCluster(split.keys[i], shareAt)
    draft.keep(split.keys[i], changetype<usize>(share))
    const weight = split.items[i]
    if (!isKind(weight, JSON_NUMBER, shareAt, draft.problems)) valid = false
    else if (weight.number != Math.floor(weight.number) || weight.number < 0 || weight.number > MOST_WEIGHT) {
      draft.add(shareAt, 'expected a whole number from 0 to 1000000')
      valid = false
    } else route.totalWeight += <u32>weight.number
    share.upTo = route.totalWeight
  }
  if (valid && route.totalWeight == 0) draft.add(at, 'at least one weight must be above 0')
}

function readSubset(draft: Draft, json: Json, path: string, route: Route): void {
  const subset = object(json, 'subset', path, draft.problems)
  if (subset === null) return
  const at = keyPath(path, 'subset')
  const count = subset.keys.length
  if (count == 0) draft.add(at, 'must not be empty')
  route.subset = draft.alloc(<usize>count * offsetof<SubsetKey>())
  route.subsetCount = count
  for (let i = 0; i < count; i++) {
    const entry = changetype<SubsetKey>(route.subset + <usize>i * offsetof<SubsetKey>())
    const key = subset.keys[i]
    const entryAt = keyPath(at, key)
    if (!isSubsetKey(key)) draft.add(entryAt, 'expected a key of 1 to 64 small letters, digits and dashes: it becomes a header x-fmq-subset-<key>')
    entry.header = changetype<Bytes>(draft.alloc(offsetof<Bytes>()))
    entry.value = changetype<Bytes>(draft.alloc(offsetof<Bytes>()))
    draft.keep('x-fmq-subset-' + key, changetype<usize>(entry.header))
    const value = subset.items[i]
    if (!isKind(value, JSON_STRING, entryAt, draft.problems)) continue
    if (!isSubsetValue(value.text)) draft.add(entryAt, 'expected 1 to 255 printable ASCII characters without spaces')
    draft.keep(value.text, changetype<usize>(entry.value))
  }
}

function isSubsetKey(key: string): bool {
  for (let i = 0; i < key.length; i++) {
    const c = key.charCodeAt(i)
    if (!((c >= 97 && c <= 122) || (c >= 48 && c <= 57) || c == 45)) return false
  }
  return key.length > 0 && key.length <= 64
}

function isSubsetValue(value: string): bool {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) < 33 || value.charCodeAt(i) > 126) return false
  return value.length > 0 && value.length <= 255
}
