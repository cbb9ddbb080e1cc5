// How often calls were rewritten, by section, and why others were left as they came although a rule wanted to.
//   fmq.rewritten.<trace|lanes|endpoints>   fmq.not_rewritten.<reason>
import { NO_METRIC, defineCounter, increment } from '../abi/host'
import { Bytes, bytesOf } from '../abi/text'

export const REWRITTEN_TRACE: u32 = 0
export const REWRITTEN_LANES: u32 = 1
export const REWRITTEN_ENDPOINTS: u32 = 2
/** The message has a context already. */
export const NOT_KEPT: u32 = 3
/** Its fields stand in an order for which all of it would have to be buffered, and it is larger than that may be. */
export const NOT_OVERSIZE: u32 = 4
/** It cannot be read. */
export const NOT_READABLE: u32 = 5
/** A message may have no more properties than it has. */
export const NOT_FULL: u32 = 6
/** What should be written is no lane, no traceparent, or longer than such a name may be. */
export const NOT_FIT: u32 = 7
const COUNT: u32 = 8
const NAMES: StaticArray<string> = [
  'fmq.rewritten.trace',
  'fmq.rewritten.lanes',
  'fmq.rewritten.endpoints',
  'fmq.not_rewritten.kept',
  'fmq.not_rewritten.oversize',
  'fmq.not_rewritten.unreadable',
  'fmq.not_rewritten.full',
  'fmq.not_rewritten.unfit',
]

const names: usize = heap.alloc(COUNT << 2)
const ids: usize = heap.alloc(COUNT << 2)
for (let i: u32 = 0; i < COUNT; i++) store<usize>(names + (<usize>i << 2), changetype<usize>(bytesOf(NAMES[i])))
memory.fill(ids, 0xff, COUNT << 2)

let noted: u32 = 0
const pending: usize = heap.alloc(COUNT << 2)
memory.fill(pending, 0, COUNT << 2)

/** Before a body is gone through: it may have been gone through in part before, and had to wait. */
export function forgetCounts(): void {
  memory.fill(pending, 0, COUNT << 2)
}

/** Before a frame. */
export function forgetNotes(): void {
  noted = 0
}

export function note(what: u32): void {
  noted |= 1 << what
}

/** After a frame: each thing that was noted counts once for it. */
export function keepNotes(): void {
  for (let i: u32 = 0; noted != 0; i++, noted >>= 1) {
    const cell = pending + (<usize>i << 2)
    if ((noted & 1) != 0) store<u32>(cell, load<u32>(cell) + 1)
  }
}

export function countNotes(): void {
  for (let i: u32 = 0; i < COUNT; i++) {
    const times = load<u32>(pending + (<usize>i << 2))
    for (let n: u32 = 0; n < times; n++) countOne(i)
  }
}

/** At once, for what is no matter of a frame. */
export function countOne(what: u32): void {
  const cell = ids + (<usize>what << 2)
  if (load<u32>(cell) == NO_METRIC) {
    const name = changetype<Bytes>(load<usize>(names + (<usize>what << 2)))
    store<u32>(cell, defineCounter(name.at, name.length))
  }
  increment(load<u32>(cell))
}
