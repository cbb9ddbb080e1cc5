import { type Clock, systemClock } from '../../clock.ts'
import { type VirtualClock, virtualClock } from '../virtual-clock.ts'

/** When time of tests begins: the same in each run, and whole milliseconds, so that sums of deadlines are exact. */
const BEGIN: number = Date.UTC(2026, 0, 1)

/** A clock that stands at `begin` until it is moved. Unlike a frozen one of the machine's time, it lets a failed run be repeated to the bit. */
export function fixedClock(begin: number = BEGIN): VirtualClock {
  const base: Clock = { ...systemClock, now: () => begin, monotonic: () => 0 }
  return virtualClock({ frozen: true, base })
}
