// Counters that every call advances are counted here and told to Envoy together: a host call for each of them would be a tenth of what
// the filter adds to a call. Whoever counts has to see to it that telling follows (stream/ticks.ts).
import { increment } from '../abi/host'

@unmanaged
export class Tally {
  metric: u32
  /** Not told yet. */
  count: u32
  /** Of those that wait to be told. */
  next: usize
}

let waiting: usize = 0

export function newTally(metric: u32): Tally {
  const tally = changetype<Tally>(heap.alloc(offsetof<Tally>()))
  tally.metric = metric
  tally.count = 0
  return tally
}

export function advance(tally: Tally): void {
  if (tally.count++ != 0) return
  tally.next = waiting
  waiting = changetype<usize>(tally)
}

/** Of all roots on this VM: metrics belong to the VM. */
export function tellCounts(): void {
  while (waiting != 0) {
    const tally = changetype<Tally>(waiting)
    waiting = tally.next
    increment(tally.metric, tally.count)
    tally.count = 0
  }
}
