// Finding out whether Envoy lets the filter hold headers. Without `allow_on_headers_stop_iteration` Envoy takes "hold" for
// "stop everything": no body callback ever comes, no log line says so, and the call hangs until its client gives up.
//
// The first body callback of a held call confirms the flag for good. Until then held calls are watched by a tick. One that is
// older than `hold.timeout` and still without a body callback has either a client that has not sent its body yet, or an
// Envoy that keeps the body back. Envoy's own count tells them apart: `request.total_size` minus the headers is what arrived.
import { LOG_ERROR, MAP_REQUEST_HEADERS } from '../abi/constants'
import { actAs, continueRequest, getIntegerProperty, headerMapSize, logLine, nowMs } from '../abi/host'
import { bytesOf } from '../abi/text'
import { COUNTER_FLAG_MISSING, count } from '../metrics/counters'
import { writeDefaultCluster } from './headers'
import { denyWithoutFlag } from './denial'
import { FLAG_CONFIRMED, FLAG_MISSING, FLAG_UNKNOWN, Root } from './root'
import { PHASE_HELD, PHASE_PASSING, Stream } from './stream'
import { setTicks } from './ticks'

const TOTAL_SIZE = bytesOf('request\0total_size')
const COMPLAINT = bytesOf(
  'feathermq-mesh: this Envoy does not let the filter hold headers, so no call can be routed by its content: ' +
    'set allow_on_headers_stop_iteration: true in the plugin configuration (Envoy 1.35 or newer)',
)

let waiting: usize = 0

export function beginWaiting(stream: Stream): void {
  const root = stream.root
  if (root.flag != FLAG_UNKNOWN) return
  stream.heldSince = nowMs()
  stream.waits = 1
  stream.waitPrevious = 0
  stream.waitNext = waiting
  if (waiting != 0) changetype<Stream>(waiting).waitPrevious = changetype<usize>(stream)
  waiting = changetype<usize>(stream)
  if (root.waiting++ == 0) setTicks(root)
}

export function stopWaiting(stream: Stream): void {
  if (stream.waits == 0) return
  stream.waits = 0
  if (stream.waitPrevious == 0) waiting = stream.waitNext
  else changetype<Stream>(stream.waitPrevious).waitNext = stream.waitNext
  if (stream.waitNext != 0) changetype<Stream>(stream.waitNext).waitPrevious = stream.waitPrevious
  if (--stream.root.waiting == 0) setTicks(stream.root)
}

/** A held call sees its body. A rescued one does too, but it is held no longer. */
export function bodyArrived(stream: Stream): void {
  stopWaiting(stream)
  stream.root.flag = FLAG_CONFIRMED
}

export function watchHeld(root: Root): void {
  const now = nowMs()
  let at = waiting
  while (at != 0) {
    const stream = changetype<Stream>(at)
    at = stream.waitNext
    if (stream.root !== root) continue
    if (root.flag == FLAG_CONFIRMED) stopWaiting(stream)
    else if (now - stream.heldSince >= <u64>stream.settings.holdTimeoutMs) examine(stream, root)
  }
}

function examine(stream: Stream, root: Root): void {
  if (!actAs(stream.id)) return
  if (root.flag == FLAG_MISSING || bodyIsKeptBack()) {
    if (root.flag != FLAG_MISSING) logLine(LOG_ERROR, COMPLAINT.at, COMPLAINT.length)
    root.flag = FLAG_MISSING
    stopWaiting(stream)
    rescue(stream)
  }
  actAs(root.id)
}

/** True also when Envoy does not say what arrived: a call that is answered wrongly is better than one that hangs. */
function bodyIsKeptBack(): bool {
  const total = getIntegerProperty(TOTAL_SIZE)
  const headers = headerMapSize(MAP_REQUEST_HEADERS)
  return total < 0 || headers < 0 || total > headers
}

function rescue(stream: Stream): void {
  if (stream.phase != PHASE_HELD) return
  count(COUNTER_FLAG_MISSING)
  if (stream.settings.failWithoutFlag != 0) {
    denyWithoutFlag(stream)
    return
  }
  // From here on like any call of an Envoy that cannot hold: to the default cluster, read as it passes.
  stream.routed = 0
  stream.phase = PHASE_PASSING
  stream.requestScan.held = 0
  writeDefaultCluster(stream.settings)
  continueRequest()
}
