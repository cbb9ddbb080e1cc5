// What can be learnt about a call, as bits, so that "which ones are still missing" is one AND.

export const TOPIC: u32 = 0
export const GROUP: u32 = 1
export const TAG: u32 = 2
export const MESSAGE_GROUP: u32 = 3
export const BROKER: u32 = 4
export const FACT_COUNT: u32 = 5

export const TOPIC_BIT: u32 = 1 << 0
export const GROUP_BIT: u32 = 1 << 1
export const TAG_BIT: u32 = 1 << 2
export const MESSAGE_GROUP_BIT: u32 = 1 << 3
export const BROKER_BIT: u32 = 1 << 4
export const NO_FACTS: u32 = 0

/**
 * Longest value in bytes that is kept. RocketMQ allows 127 for topics, 255 for groups, 128 characters for tags and 64 for
 * message groups; a character has up to four bytes. What is longer makes the call opaque.
 */
export const TOPIC_ROOM: u32 = 255
export const GROUP_ROOM: u32 = 255
export const TAG_ROOM: u32 = 512
export const MESSAGE_GROUP_ROOM: u32 = 256
export const BROKER_ROOM: u32 = 255

/** Values of one call. Taken from a pool while its request is being read, given back right after. */
@unmanaged
export class Facts {
  nextFree: usize
  /** Bits of values that are longer than their room, or not what a name of their kind may look like. */
  bad: u32
  topicLength: u32
  groupLength: u32
  tagLength: u32
  messageGroupLength: u32
  brokerLength: u32
}

const VALUES: usize = offsetof<Facts>()
export const FACTS_SIZE: usize = VALUES + TOPIC_ROOM + GROUP_ROOM + TAG_ROOM + MESSAGE_GROUP_ROOM + BROKER_ROOM

// @ts-ignore: decorator
@inline
function lengthCell(facts: Facts, fact: u32): usize {
  return changetype<usize>(facts) + offsetof<Facts>('topicLength') + (<usize>fact << 2)
}

export function room(fact: u32): u32 {
  if (fact == TAG) return TAG_ROOM
  return fact == MESSAGE_GROUP ? MESSAGE_GROUP_ROOM : TOPIC_ROOM
}

/** Where the bytes of a fact stand. */
export function factAt(facts: Facts, fact: u32): usize {
  let offset = VALUES
  if (fact > TOPIC) offset += TOPIC_ROOM
  if (fact > GROUP) offset += GROUP_ROOM
  if (fact > TAG) offset += TAG_ROOM
  if (fact > MESSAGE_GROUP) offset += MESSAGE_GROUP_ROOM
  return changetype<usize>(facts) + offset
}

/** 0 = absent: proto3 does not tell an empty string from none. */
// @ts-ignore: decorator
@inline
export function factLength(facts: Facts, fact: u32): u32 {
  return load<u32>(lengthCell(facts, fact))
}

// @ts-ignore: decorator
@inline
export function setFactLength(facts: Facts, fact: u32, length: u32): void {
  store<u32>(lengthCell(facts, fact), length)
}

export function clearFacts(facts: Facts): void {
  facts.bad = 0
  memory.fill(lengthCell(facts, 0), 0, FACT_COUNT << 2)
}

let freeFacts: usize = 0

export function takeFacts(): Facts {
  let at = freeFacts
  if (at != 0) freeFacts = changetype<Facts>(at).nextFree
  else at = heap.alloc(FACTS_SIZE)
  const facts = changetype<Facts>(at)
  clearFacts(facts)
  return facts
}

export function giveFactsBack(facts: Facts): void {
  facts.nextFree = freeFacts
  freeFacts = changetype<usize>(facts)
}
