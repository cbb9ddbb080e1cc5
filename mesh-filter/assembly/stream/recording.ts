// What histograms record of calls and of the messages that are received.
import { nowMs } from '../abi/host'
import { BODY_SIZE, DELIVERY_LATENCY, LATENCY, REDELIVERY, recordValue, records } from '../metrics/histograms'
import { OP_RECEIVE, OP_SEND } from '../protocol/operations'
import { NODE_DELIVERIES, NODE_RESPONSE } from '../protocol/schema'
import { Scan } from '../protocol/scan'
import { Stream } from './stream'

export function beginRecording(stream: Stream): void {
  if (records(stream.settings, LATENCY)) stream.startedAt = nowMs()
}

/** The shape in which a response is read: that of messages only when somebody wants to know of them. */
export function responseShape(stream: Stream): u32 {
  if (stream.op != OP_RECEIVE) return NODE_RESPONSE
  return records(stream.settings, DELIVERY_LATENCY) || records(stream.settings, REDELIVERY) ? NODE_DELIVERIES : NODE_RESPONSE
}

/** A message has come by. */
export function recordDelivery(stream: Stream, scan: Scan): void {
  const settings = stream.settings
  const due = scan.dueSeconds * 1000 + <i64>(scan.dueNanos / 1000000)
  if (due > 0 && records(settings, DELIVERY_LATENCY)) {
    const now = <i64>nowMs()
    recordValue(settings, DELIVERY_LATENCY, stream.op, stream.topic, stream.group, now > due ? <u64>(now - due) : 0)
  }
  if (scan.attempt > 0 && records(settings, REDELIVERY)) {
    recordValue(settings, REDELIVERY, stream.op, stream.topic, stream.group, <u64>(scan.attempt - 1))
  }
}

/** The call is over. */
export function recordCall(stream: Stream): void {
  const settings = stream.settings
  if (settings.histograms == 0) return
  if (stream.startedAt != 0) {
    const now = nowMs()
    recordValue(settings, LATENCY, stream.op, stream.topic, stream.group, now > stream.startedAt ? now - stream.startedAt : 0)
  }
  const length = stream.op == OP_SEND ? stream.frameLength : 0
  if (length != 0 && records(settings, BODY_SIZE)) recordValue(settings, BODY_SIZE, stream.op, stream.topic, stream.group, <u64>length)
}
