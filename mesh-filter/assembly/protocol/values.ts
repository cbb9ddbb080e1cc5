// Strings and receipt handles, which may be cut anywhere, and what is made of them when they are complete.
import { BROKER, BROKER_BIT, Facts, GROUP, GROUP_SPACE, PROPERTY, bitOf, factAt, factLength, room, setFactLength } from './facts'
import { isWellFormed } from './names'
import { OPAQUE_AMBIGUOUS, STATE_HANDLE, STATE_STRING, Scan, fail, nodeCell } from './scan'
import { NODE_HANDLE_CALL, STEP_STRING } from './schema'

/** Position of the broker's name in a receipt handle, and how many words a handle has at least. */
const BROKER_WORD: u32 = 5
const HANDLE_WORDS: u32 = 8

/** A fact that comes again is open until it is complete: half of its second value is none to act upon. */
// @ts-ignore: decorator
@inline
export function unsettle(scan: Scan, fact: u32): void {
  scan.settled &= ~bitOf(fact)
}

export function beginString(scan: Scan, facts: Facts, fact: u32, length: u64): void {
  // The topics before it were judged without it.
  if ((fact == GROUP || fact == GROUP_SPACE) && scan.clientTopics != 0) {
    fail(scan, OPAQUE_AMBIGUOUS)
    return
  }
  unsettle(scan, fact)
  setFactLength(facts, fact, 0)
  // What is wrong with a name is not mended by its namespace.
  if (fact <= PROPERTY) facts.bad &= ~(1 << fact)
  if (length > <u64>room(fact)) judge(scan, facts, fact)
  else scan.state = STATE_STRING
}

export function takeString(scan: Scan, facts: Facts, at: usize, length: usize): void {
  const fact = scan.step - STEP_STRING
  const had = factLength(facts, fact)
  memory.copy(factAt(facts, fact) + <usize>had, at, length)
  setFactLength(facts, fact, had + <u32>length)
}

export function endString(scan: Scan, facts: Facts): void {
  const fact = scan.step - STEP_STRING
  if (!isWellFormed(fact, factAt(facts, fact), factLength(facts, fact))) judge(scan, facts, fact)
}

/** A value of which no use can be made: a strange broker is no broker, a strange name makes the call opaque; no server knows so long a namespace. */
export function judge(scan: Scan, facts: Facts, fact: u32): void {
  setFactLength(facts, fact, 0)
  if (fact == BROKER) scan.brokerUnreadable = 1
  else if (fact < PROPERTY) facts.bad |= 1 << fact
}

export function beginHandle(scan: Scan, facts: Facts): void {
  unsettle(scan, BROKER)
  setFactLength(facts, BROKER, 0)
  scan.word = 0
  scan.wordLength = 0
  scan.wordsBad = 0
  scan.state = STATE_HANDLE
}

export function takeHandle(scan: Scan, facts: Facts, at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(at + i)
    if (byte == 32) {
      if (scan.wordLength == 0) scan.wordsBad = 1
      scan.word++
      scan.wordLength = 0
      continue
    }
    if (scan.word == BROKER_WORD) {
      if (scan.wordLength == room(BROKER)) scan.wordsBad = 1
      else {
        store<u8>(factAt(facts, BROKER) + <usize>scan.wordLength, byte)
        setFactLength(facts, BROKER, scan.wordLength + 1)
      }
    }
    if (scan.wordLength < room(BROKER)) scan.wordLength++
  }
}

export function endHandle(scan: Scan, facts: Facts): void {
  const isEmpty = scan.word == 0 && scan.wordLength == 0
  const isHandle = scan.wordsBad == 0 && scan.wordLength != 0 && scan.word + 1 >= HANDLE_WORDS
  if (!isEmpty && (!isHandle || !isWellFormed(BROKER, factAt(facts, BROKER), factLength(facts, BROKER)))) judge(scan, facts, BROKER)
  if (load<u8>(nodeCell(scan, scan.depth)) == NODE_HANDLE_CALL) scan.settled |= BROKER_BIT
}
