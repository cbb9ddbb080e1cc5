import type { Amount } from './producer-options.ts'
import type { Sending } from './sending.ts'

/** What a message has beside its own bytes: ids, times, topic, host, lengths; on the large side. */
const OVERHEAD = 256

/** Bytes of a message within a request, at most. */
export function requestBytes(sending: Sending): number {
  return sending.bytes + OVERHEAD
}

/** Requests that are sent one after the other. */
export type Lane = readonly (readonly Sending[])[]

/**
 * Divides messages of one topic into requests:
 * - NORMAL messages share requests, up to the limits.
 * - FIFO messages go one by one, each when the one before it of its message group is stored: stock servers hash the message group of requests with a single
 *   message only, and put several into any one queue.
 * - DELAY messages go one by one: stock servers fail requests with several.
 * - PRIORITY messages go one by one: stock servers put the messages of one request into one queue, and the queue is the priority.
 *
 * The lanes together hold every message once; within a lane the order is that of the list.
 */
export function lanesOf(sendings: readonly Sending[], limits: Amount): readonly Lane[] {
  const lanes: (readonly Sending[])[][] = []
  const groups = new Map<string, (readonly Sending[])[]>()
  let batch: Sending[] = []
  let bytes = 0
  for (const sending of sendings) {
    const { kind, messageGroup } = sending.message
    if (kind !== 'NORMAL') {
      const lane = (messageGroup === undefined ? undefined : groups.get(messageGroup)) ?? []
      if (lane.length === 0) lanes.push(lane)
      if (messageGroup !== undefined) groups.set(messageGroup, lane)
      lane.push([sending])
      continue
    }
    const size = requestBytes(sending)
    if (batch.length === 0 || batch.length >= limits.messages || bytes + size > limits.bytes) {
      batch = []
      bytes = 0
      lanes.push([batch])
    }
    batch.push(sending)
    bytes += size
  }
  return lanes
}
