// What can be learnt about a call, as bits, so that "which ones are still missing" is one AND.

export const TOPIC: u32 = 0
export const GROUP: u32 = 1
export const TAG: u32 = 2
export const MESSAGE_GROUP: u32 = 3
export const BROKER: u32 = 4
/** From the connection and the headers, not from the body: known before the first byte of it. */
export const PEER: u32 = 5
export const CLIENT: u32 = 6
export const LANE: u32 = 7
export const FACT_COUNT: u32 = 8
/** No fact, but a place for the name of the user property that is being read. */
export const PROPERTY: u32 = 8
/** No facts of their own either: the namespaces of topic and group, which are known when these are. */
export const TOPIC_SPACE: u32 = 9
export const GROUP_SPACE: u32 = 10
const SLOTS: u32 = 11

export const TOPIC_BIT: u32 = 1 << 0
export const GROUP_BIT: u32 = 1 << 1
export const TAG_BIT: u32 = 1 << 2
export const MESSAGE_GROUP_BIT: u32 = 1 << 3
export const BROKER_BIT: u32 = 1 << 4
export const PEER_BIT: u32 = 1 << 5
export const CLIENT_BIT: u32 = 1 << 6
export const LANE_BIT: u32 = 1 << 7
/** The facts that the scanner reads out of a body. */
export const BODY_FACTS: u32 = 0x1f
/** No fact of its own: how large a message is, how many properties and keys it has, when it is due (shape.ts). */
export const SHAPE_BIT: u32 = 1 << 10
export const NO_FACTS: u32 = 0

/**
 * Longest value in bytes that is kept. RocketMQ allows 127 for topics, 255 for groups, 128 characters for tags and 64 for
 * message groups; a character has up to four bytes. What is longer makes the call opaque; a peer, a client or a lane with a
 * longer name is as good as none.
 */
const ROOMS: StaticArray<u32> = [255, 255, 512, 256, 255, 512, 255, 127, 128, 255, 255]
const offsets: usize = heap.alloc((SLOTS + 1) << 2)

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
  peerLength: u32
  clientLength: u32
  laneLength: u32
  propertyLength: u32
  topicSpaceLength: u32
  groupSpaceLength: u32
}

store<u32>(offsets, <u32>offsetof<Facts>())
for (let fact: u32 = 0; fact < SLOTS; fact++) store<u32>(offsets + (<usize>fact << 2), load<u32>(offsets + (<usize>fact << 2)) + ROOMS[fact], 4)
const FACTS_SIZE: usize = <usize>load<u32>(offsets + (<usize>SLOTS << 2))

// @ts-ignore: decorator
@inline
function lengthCell(facts: Facts, fact: u32): usize {
  return changetype<usize>(facts) + offsetof<Facts>('topicLength') + (<usize>fact << 2)
}

/** The bit of a fact, which that of its namespace is too. */
// @ts-ignore: decorator
@inline
export function bitOf(fact: u32): u32 {
  return 1 << (fact < TOPIC_SPACE ? fact : fact - TOPIC_SPACE)
}

// @ts-ignore: decorator
@inline
export function room(fact: u32): u32 {
  const cell = offsets + (<usize>fact << 2)
  return load<u32>(cell, 4) - load<u32>(cell)
}

/** Where the bytes of a fact stand. */
// @ts-ignore: decorator
@inline
export function factAt(facts: Facts, fact: u32): usize {
  return changetype<usize>(facts) + <usize>load<u32>(offsets + (<usize>fact << 2))
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

/** Of TOPIC or GROUP: its namespace goes with it. */
export function clearName(facts: Facts, fact: u32): void {
  setFactLength(facts, fact, 0)
  setFactLength(facts, fact + TOPIC_SPACE, 0)
}

export function clearFacts(facts: Facts): void {
  facts.bad = 0
  memory.fill(lengthCell(facts, 0), 0, SLOTS << 2)
}

/** A fact from outside of the body: kept when it fits. */
export function setFact(facts: Facts, fact: u32, at: usize, length: usize): void {
  if (length > <usize>room(fact)) return
  memory.copy(factAt(facts, fact), at, length)
  setFactLength(facts, fact, <u32>length)
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

/** For the scanner where there are none to be had: of a response. */
export const noFacts: Facts = takeFacts()
