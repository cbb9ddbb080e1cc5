// What rewriting remembers of a call: only those calls have one that a rule may change.
import { Settings } from '../config/settings'
import { REWRITE_NOTHING } from './nodes'

export const TRACE_PARENT: u32 = 0
export const TRACE_STATE: u32 = 1
export const LANE: u32 = 2
/** The content of the Endpoints in which the client wants to be served. */
export const REQUESTED: u32 = 3
const VALUE_COUNT: u32 = 4
/** A tracestate of up to 512 characters has to be passed on (W3C Trace Context, 3.3.1.5), longer ones may be dropped. */
const VALUE_ROOM: u32 = 512

@unmanaged
export class Rewriting {
  nextFree: usize
  settings: Settings
  /** Of the request and the response: what their frames are. */
  requestNode: u32
  responseNode: u32
  /** Bytes of the frame being passed that are none of rewriting's business any more. */
  requestSkip: u64
  responseSkip: u64
  /** The cluster that the call went to. */
  clusterAt: usize
  clusterLength: usize
  length0: u32
  length1: u32
  length2: u32
  length3: u32
}

const VALUES: usize = (offsetof<Rewriting>() + 7) & ~7
const SIZE: usize = VALUES + <usize>(VALUE_COUNT * VALUE_ROOM)

let free: usize = 0

export function takeRewriting(settings: Settings): Rewriting {
  let at = free
  if (at != 0) free = changetype<Rewriting>(at).nextFree
  else at = heap.alloc(SIZE)
  memory.fill(at, 0, VALUES)
  const rewriting = changetype<Rewriting>(at)
  rewriting.settings = settings
  rewriting.requestNode = REWRITE_NOTHING
  rewriting.responseNode = REWRITE_NOTHING
  return rewriting
}

export function giveRewritingBack(rewriting: Rewriting): void {
  rewriting.nextFree = free
  free = changetype<usize>(rewriting)
}

// @ts-ignore: decorator
@inline
export function valueAt(rewriting: Rewriting, value: u32): usize {
  return changetype<usize>(rewriting) + VALUES + <usize>(value * VALUE_ROOM)
}

// @ts-ignore: decorator
@inline
export function valueLength(rewriting: Rewriting, value: u32): usize {
  return <usize>load<u32>(changetype<usize>(rewriting) + offsetof<Rewriting>('length0') + (<usize>value << 2))
}

/** Kept when it fits; else there is none. */
export function setValue(rewriting: Rewriting, value: u32, at: usize, length: usize): void {
  const fits = length <= <usize>VALUE_ROOM
  if (fits) memory.copy(valueAt(rewriting, value), at, length)
  store<u32>(changetype<usize>(rewriting) + offsetof<Rewriting>('length0') + (<usize>value << 2), fits ? <u32>length : 0)
}
