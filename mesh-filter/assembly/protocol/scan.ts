// Where reading a stream stands: what is to be kept between two chunks of it.
import { PatternList } from '../config/settings'

/** Inside of a gRPC frame's five-byte head. */
export const STATE_FRAME: u32 = 0
export const STATE_TAG: u32 = 1
export const STATE_VARINT: u32 = 2
export const STATE_LENGTH: u32 = 3
export const STATE_SKIP: u32 = 4
export const STATE_STRING: u32 = 5
export const STATE_HANDLE: u32 = 6
/** Nothing that follows can change what was learnt. */
export const STATE_DONE: u32 = 7
export const STATE_BAD: u32 = 8

// Why a call cannot be read; the names stand in metrics/counters.ts.
export const OPAQUE_NONE: u32 = 0
export const OPAQUE_COMPRESSED: u32 = 1
export const OPAQUE_FRAME: u32 = 2
export const OPAQUE_MALFORMED: u32 = 3
export const OPAQUE_AMBIGUOUS: u32 = 4
export const OPAQUE_NAME: u32 = 5
export const OPAQUE_TRUNCATED: u32 = 6
export const OPAQUE_EXHAUSTED: u32 = 7
export const OPAQUE_COUNT: u32 = 8

export const ALL_SETTLED: u32 = 0xffff
export const NO_CODE: i32 = -1
/** A negative number stood there, which no code is, and which must not pass for one of the numbers below zero that have a meaning here. */
export const STRANGE_CODE: i32 = -2

/** Deepest path is TelemetryCommand > Settings > Subscription > Resource. */
export const LEVELS: u32 = 6
/**
 * Taken from a pool for as long as something is being read: most calls are read within one callback or two, and then the memory of the one
 * before is still in the processor's cache, which that of the call itself is not.
 */
@unmanaged
export class Scan {
  nextFree: usize
  /** Bytes of the stream that were read or skipped. */
  position: u64
  /** Where the value that is being read or skipped ends. */
  valueEnd: u64
  accumulator: u64
  shift: u32
  state: u32
  depth: u32
  /** What is to be done with the field whose tag was read. */
  step: u32
  reason: u32
  /** Facts somebody asked for: others are skipped. */
  wanted: u32
  settled: u32
  /** Facts a decision was based on. */
  final: u32
  /** Items that began; of a response, Statuses that ended. */
  items: u32
  readsAll: u32
  /** The call waits for its first facts: what repeats itself before they are complete cannot be told apart. */
  held: u32
  /** An item was read to its end; whoever judges it clears this. */
  itemEnded: u32
  /** Of the client's settings in this frame: whether there are any, and how many topics they name. */
  hasSettings: u32
  clientTopics: u32
  code: i32
  word: u32
  wordLength: u32
  wordsBad: u32
  /** A broker name stood there which does not look like one. */
  brokerUnreadable: u32
  /** Of the first gRPC message, its head not counted. */
  frameLength: u32
  // The message that is being read.
  properties: u32
  keys: u32
  /** Bits of `names`. */
  seenProperties: u32
  dueNanos: u32
  bodyLength: u64
  dueSeconds: i64
  /** Of a message that is received. */
  attempt: i32
  /** User properties that somebody asks for. */
  names: PatternList | null
  nodes: u64
  end0: u64
  end1: u64
  end2: u64
  end3: u64
  end4: u64
  end5: u64
}

// @ts-ignore: decorator
@inline
export function endCell(scan: Scan, depth: u32): usize {
  return changetype<usize>(scan) + offsetof<Scan>('end0') + (<usize>depth << 3)
}

// @ts-ignore: decorator
@inline
export function nodeCell(scan: Scan, depth: u32): usize {
  return changetype<usize>(scan) + offsetof<Scan>('nodes') + <usize>depth
}

/** Of whom nothing is being read: all of it is 0. */
export const noScan: Scan = changetype<Scan>(heap.alloc(offsetof<Scan>()))
memory.fill(changetype<usize>(noScan), 0, offsetof<Scan>())
let freeScans: usize = 0

export function giveScanBack(scan: Scan): void {
  scan.nextFree = freeScans
  freeScans = changetype<usize>(scan)
}

export function startScan(root: u32, wanted: u32): Scan {
  let at = freeScans
  if (at != 0) freeScans = changetype<Scan>(at).nextFree
  else at = heap.alloc(offsetof<Scan>())
  const scan = changetype<Scan>(at)
  // The nodes and their ends are written before they are read.
  memory.fill(at, 0, offsetof<Scan>('nodes'))
  scan.wanted = wanted
  scan.code = NO_CODE
  store<u8>(nodeCell(scan, 0), <u8>root)
  return scan
}

// @ts-ignore: decorator
@inline
export function scanIsBad(scan: Scan): bool {
  return scan.state == STATE_BAD
}

/** True when no further byte matters, be it because all is known or because the stream cannot be read. */
// @ts-ignore: decorator
@inline
export function scanIsOver(scan: Scan): bool {
  return scan.state >= STATE_DONE
}

/** The stream ended. One without a single byte is a call without facts, one that stops inside its message is cut short. */
export function endScan(scan: Scan): void {
  if (scan.state >= STATE_DONE) return
  if (scan.state == STATE_FRAME && scan.shift == 0) finish(scan)
  else fail(scan, OPAQUE_TRUNCATED)
}

export function finish(scan: Scan): void {
  scan.settled = ALL_SETTLED
  scan.state = STATE_DONE
}

export function fail(scan: Scan, reason: u32): void {
  scan.state = STATE_BAD
  scan.reason = reason
}
