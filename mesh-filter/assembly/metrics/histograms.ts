// Distributions, by as many labels as configured, and no more series in the whole process than configured:
//   fmq.<latency|body-size|delivery-latency|redelivery>.op.<op>.topic.<topic>.group.<group>.end
import { NO_METRIC, defineHistogram, record } from '../abi/host'
import { Bytes, beginLine, bytesOf, line, lineLength, putBytes } from '../abi/text'
import { OP_BIT, Settings } from '../config/settings'
import { GROUP_BIT, TOPIC_BIT } from '../protocol/facts'
import { LABEL_NONE, OP_UNLABELLED, putLabels } from './counters'
import { OTHER, admit, newRegistry, openRegistry, setValue, valueOf } from './registry'

/** ms from the request's headers to the end of the call. */
export const LATENCY: u32 = 0
/** Bytes of the gRPC message of a send. */
export const BODY_SIZE: u32 = 1
/** ms from when a message could be delivered to when it came by. */
export const DELIVERY_LATENCY: u32 = 2
/** How often a message had been delivered before. */
export const REDELIVERY: u32 = 3
export const HISTOGRAM_COUNT: u32 = 4
export const HISTOGRAM_NAMES: StaticArray<string> = ['latency', 'body-size', 'delivery-latency', 'redelivery']

@unmanaged
export class Histograms {
  /** Bits of those that are recorded. */
  names: u32
  /** OP_BIT, TOPIC_BIT, GROUP_BIT. */
  by: u32
  series: u32
}

const PREFIX = bytesOf('fmq.')
const END = bytesOf('.end')
const names: usize = heap.alloc(HISTOGRAM_COUNT << 2)
for (let i: u32 = 0; i < HISTOGRAM_COUNT; i++) store<usize>(names + (<usize>i << 2), changetype<usize>(bytesOf(HISTOGRAM_NAMES[i])))
const overflows: usize = heap.alloc(HISTOGRAM_COUNT << 2)
memory.fill(overflows, 0xff, HISTOGRAM_COUNT << 2)
const series = newRegistry(bytesOf('fmq.histograms'))
const tuple: usize = memory.data(16)

/** Before the first request of a configuration. */
export function openHistograms(): void {
  openRegistry(series)
}

// @ts-ignore: decorator
@inline
export function records(settings: Settings, histogram: u32): bool {
  return settings.histograms != 0 && (changetype<Histograms>(settings.histograms).names & (1 << histogram)) != 0
}

/** One more value, of a call with these labels. */
export function recordValue(settings: Settings, histogram: u32, op: u32, topic: u32, group: u32, value: u64): void {
  const histograms = changetype<Histograms>(settings.histograms)
  store<u32>(tuple, histogram)
  store<u32>(tuple, (histograms.by & OP_BIT) != 0 ? op : OP_UNLABELLED, 4)
  store<u32>(tuple, (histograms.by & TOPIC_BIT) != 0 ? topic : LABEL_NONE, 8)
  store<u32>(tuple, (histograms.by & GROUP_BIT) != 0 ? group : LABEL_NONE, 12)
  // One of the series of each is kept for all that does not fit.
  const kept = <u32>popcnt(histograms.names)
  const index = admit(series, tuple, 16, histograms.series - kept)
  if (index == OTHER) {
    const cell = overflows + (<usize>histogram << 2)
    if (load<u32>(cell) == NO_METRIC) store<u32>(cell, define(histogram, OTHER, OTHER, OTHER))
    record(load<u32>(cell), value)
    return
  }
  if (valueOf(series, index) == NO_METRIC) {
    setValue(series, index, define(histogram, load<u32>(tuple, 4), load<u32>(tuple, 8), load<u32>(tuple, 12)))
  }
  record(valueOf(series, index), value)
}

function define(histogram: u32, op: u32, topic: u32, group: u32): u32 {
  beginLine()
  putBytes(PREFIX)
  putBytes(changetype<Bytes>(load<usize>(names + (<usize>histogram << 2))))
  putLabels(op, topic, group)
  putBytes(END)
  return defineHistogram(line, lineLength())
}
