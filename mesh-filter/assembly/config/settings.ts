// A configuration as requests use it: one block of raw memory per configuration, so that a request touches no managed object.
// What belongs to one section stands in config/sections/<section>.ts; Settings only points to it.
import { Bytes } from '../abi/text'
import { FACT_COUNT } from '../protocol/facts'
import { OP_COUNT } from '../protocol/operations'

/** A pattern's text, split at its wildcards. */
@unmanaged
export class Pattern {
  at: usize
  length: usize
  /** Whether there is a `*` at all: most patterns are plain names. */
  wild: u32
}

@unmanaged
export class PatternList {
  count: u32
  first: usize
}

/** A `when` or `unless`; policy/match.ts says when it holds. */
@unmanaged
export class Condition {
  /** One bit per operation. */
  ops: u32
  /** Facts with a pattern list. */
  facts: u32
  // As many lists as there are facts follow.
}

const LISTS: usize = offsetof<Condition>()
export const CONDITION_SIZE: usize = LISTS + (FACT_COUNT << 2)

// @ts-ignore: decorator
@inline
export function patternsOf(condition: Condition, fact: u32): PatternList {
  return changetype<PatternList>(load<usize>(changetype<usize>(condition) + LISTS + (<usize>fact << 2)))
}

export function setPatterns(condition: Condition, fact: u32, list: PatternList): void {
  store<usize>(changetype<usize>(condition) + LISTS + (<usize>fact << 2), changetype<usize>(list))
}

// Sections by number, in the order in which they judge a call; the names stand in texts and metrics.
export const SECTION_ACL: u32 = 0
export const SECTION_POLICY: u32 = 1
export const SECTION_LIMITS: u32 = 2
export const SECTION_FAULTS: u32 = 3
export const SECTION_AFFINITY: u32 = 4
export const SECTION_ROUTES: u32 = 5
export const SECTION_LANES: u32 = 6
export const SECTION_ENDPOINTS: u32 = 7
export const SECTION_TRACE: u32 = 8
/** No sections of the configuration, but reasons of their own to refuse a call. */
export const SECTION_OPAQUE: u32 = 9
export const SECTION_HOLD: u32 = 10
export const SECTION_COUNT: u32 = 11
export const SECTION_NAMES: StaticArray<string> = [
  'acl',
  'policy',
  'limits',
  'faults',
  'affinity',
  'routes',
  'lanes',
  'endpoints',
  'trace',
  'opaque',
  'hold',
]

/** What rules of every section have. Those of a section extend it. */
@unmanaged
export class Rule {
  nameAt: usize
  nameLength: usize
  section: u32
  /** Its place among all rules of the configuration. */
  number: u32
  /** It counts and never acts. */
  shadow: u32
  when: Condition
  unless: Condition | null
  /** Ids of its counters in this VM plus one, 0 = not asked for yet (metrics/rules.ts). */
  actedMetric: u32
  shadowMetric: u32
}

/** Rules of one section, in their order. */
@unmanaged
export class Rules {
  count: u32
  // As many addresses follow.
}

// @ts-ignore: decorator
@inline
export function ruleAt(rules: Rules, index: u32): Rule {
  return changetype<Rule>(load<usize>(changetype<usize>(rules) + offsetof<Rules>() + (<usize>index << 2)))
}

export function setRule(rules: Rules, index: u32, rule: Rule): void {
  store<usize>(changetype<usize>(rules) + offsetof<Rules>() + (<usize>index << 2), changetype<usize>(rule))
}

export function newRule(settings: Settings, section: u32, size: usize): Rule {
  const rule = changetype<Rule>(settingsAlloc(settings, size))
  rule.section = section
  rule.number = settings.ruleCount++
  return rule
}

export function newRules(settings: Settings, count: u32): Rules {
  const rules = changetype<Rules>(settingsAlloc(settings, offsetof<Rules>() + (<usize>count << 2)))
  rules.count = count
  return rules
}

/** Label and header bits beyond those of facts. */
export const OP_BIT: u32 = 1 << 8
export const CODE_BIT: u32 = 1 << 9

@unmanaged
export class Settings {
  /** The root context and every stream that still uses it. Freed at 0. */
  users: u32
  /** Chain of memory blocks that go with it. */
  blocks: usize
  routing: u32
  /** Of the filter behind the router, which writes trace contexts only. */
  upstream: u32
  outbound: u32
  denyOpaque: u32
  denyExhausted: u32
  failWithoutFlag: u32
  /** Somebody may read filter state. */
  filterState: u32
  holdMaxBytes: u32
  holdTimeoutMs: u32
  clusterAt: usize
  clusterLength: usize
  /** OP_BIT and fact bits to be written as request headers. */
  headers: u32
  /** RocketMQ's code of the answer becomes a response header or trailer. */
  responseCode: u32
  /** The route's name becomes a request header. */
  routeHeader: u32
  /** OP_BIT, TOPIC_BIT, GROUP_BIT, CODE_BIT. */
  labels: u32
  /** Of these the names that have to be admitted, for counters or histograms. */
  admitted: u32
  topics: u32
  groups: u32
  series: u32
  /** Facts that anything in this configuration looks at. */
  wanted: u32
  /** Where refused calls are sent for a native answer; length 0: they are refused in gRPC's way. */
  rejectAt: usize
  rejectLength: usize
  explain: u32
  // One per section, 0 when the configuration has none.
  acl: usize
  policy: usize
  limits: usize
  faults: usize
  affinity: usize
  routes: usize
  lanes: usize
  endpoints: usize
  trace: usize
  histograms: usize
  /** Rules so far. */
  ruleCount: u32
  /** Operations of which every item is judged (a message of a batch, an entry of an acknowledgement, a topic of settings), not the first alone. */
  readsAll: u32
  /** Names of user properties that policies ask for. */
  properties: PatternList | null
}

const NEEDED: usize = offsetof<Settings>()

/** Facts that have to be known before a call of `op` may be released. */
export function neededBy(settings: Settings, op: u32): u32 {
  return load<u32>(changetype<usize>(settings) + NEEDED + (<usize>op << 2))
}

export function setNeeded(settings: Settings, op: u32, facts: u32): void {
  store<u32>(changetype<usize>(settings) + NEEDED + (<usize>op << 2), facts)
}

/** Zeroed memory that lives as long as `settings`. */
export function settingsAlloc(settings: Settings, size: usize): usize {
  const block = heap.alloc(size + 8)
  store<usize>(block, settings.blocks)
  settings.blocks = block
  memory.fill(block + 8, 0, size)
  return block + 8
}

export function newSettings(): Settings {
  const size = NEEDED + (OP_COUNT << 2)
  const settings = changetype<Settings>(heap.alloc(size))
  memory.fill(changetype<usize>(settings), 0, size)
  settings.users = 1
  return settings
}

export function releaseSettings(settings: Settings): void {
  if (--settings.users != 0) return
  let block = settings.blocks
  while (block != 0) {
    const next = load<usize>(block)
    heap.free(block)
    block = next
  }
  heap.free(changetype<usize>(settings))
}

/** UTF-8 copy of a managed string, as long-lived as `settings`. */
export function settingsText(settings: Settings, text: string, into: Bytes): void {
  into.length = <usize>String.UTF8.byteLength(text)
  into.at = settingsAlloc(settings, into.length)
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, into.at)
}
