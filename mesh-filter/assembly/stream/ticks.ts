// When Envoy calls a root context by itself: while held calls are watched (flag.ts), and while something that was counted has not been told
// (metrics/tally.ts). A root on which nothing happens has no ticks.
import { setTickPeriod } from '../abi/host'
import { tellCounts } from '../metrics/tally'
import { Root } from './root'

/** So late at most Envoy knows of a call. Nobody asks it more often: its own sinks get statistics every 5 s, Prometheus mostly every 15 s. */
const TELL_MS: u32 = 500
/** Looks per timeout: a stalled call is noticed at most a quarter of the timeout late. */
const LOOKS: u32 = 4
const SHORTEST_TICK: u32 = 10

/** The host gives this VM no ticks (a plugin's capabilities can be restricted): then whatever is counted is told at once. */
let withoutTicks: bool = false

/** To be called when `waiting` or `untold` of a root is 0 no longer, or has become it. */
export function setTicks(root: Root): void {
  const settings = root.settings
  let period: u32 = root.untold != 0 ? TELL_MS : 0
  if (root.waiting != 0 && settings !== null) {
    const look = max(settings.holdTimeoutMs / LOOKS, SHORTEST_TICK)
    if (period == 0 || look < period) period = look
  }
  // Envoy knows a root no longer that it has said good-bye to.
  if (root.gone != 0 || withoutTicks) period = 0
  if (period == root.tickMs) return
  withoutTicks = !setTickPeriod(period)
  root.tickMs = withoutTicks ? 0 : period
}

/** Something of a call of this root was counted. */
export function tellSoon(root: Root): void {
  if (root.untold != 0) return
  root.untold = 1
  setTicks(root)
  if (root.tickMs == 0) tellNow(root)
}

export function tellNow(root: Root): void {
  tellCounts()
  root.untold = 0
}
