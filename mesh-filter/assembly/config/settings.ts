// A configuration as requests use it: one block of raw memory per configuration, so that a request touches no managed object.
import { Bytes } from '../abi/text'
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

@unmanaged
export class Route {
  nameAt: usize
  nameLength: usize
  clusterAt: usize
  clusterLength: usize
  /** One bit per operation. */
  ops: u32
  /** Facts with a condition. */
  facts: u32
  topic: PatternList | null
  group: PatternList | null
  tag: PatternList | null
  messageGroup: PatternList | null
  broker: PatternList | null
}

// @ts-ignore: decorator
@inline
export function patternsOf(route: Route, fact: u32): PatternList {
  return changetype<PatternList>(load<usize>(changetype<usize>(route) + offsetof<Route>('topic') + (<usize>fact << 2)))
}

export function setPatterns(route: Route, fact: u32, list: PatternList): void {
  store<usize>(changetype<usize>(route) + offsetof<Route>('topic') + (<usize>fact << 2), changetype<usize>(list))
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
  denyOpaque: u32
  denyExhausted: u32
  failWithoutFlag: u32
  /** Cluster of refused calls; without one refusals are plain. */
  rejectAt: usize
  rejectLength: usize
  /** Refusals say which rule they come from. */
  explain: u32
  holdMaxBytes: u32
  holdTimeoutMs: u32
  clusterAt: usize
  clusterLength: usize
  /** OP_BIT and fact bits to be written as request headers. */
  headers: u32
  /** OP_BIT, TOPIC_BIT, GROUP_BIT, CODE_BIT. */
  labels: u32
  topics: u32
  groups: u32
  series: u32
  /** Facts that anything in this configuration looks at. */
  wanted: u32
  routeCount: u32
  routes: usize
}

const NEEDED: usize = offsetof<Settings>()

/** Facts that have to be known before a call of `op` may be released. */
export function neededBy(settings: Settings, op: u32): u32 {
  return load<u32>(changetype<usize>(settings) + NEEDED + (<usize>op << 2))
}

export function setNeeded(settings: Settings, op: u32, facts: u32): void {
  store<u32>(changetype<usize>(settings) + NEEDED + (<usize>op << 2), facts)
}

export function routeAt(settings: Settings, index: u32): Route {
  return changetype<Route>(settings.routes + <usize>index * offsetof<Route>())
}

/** Memory that lives as long as `settings`. */
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

