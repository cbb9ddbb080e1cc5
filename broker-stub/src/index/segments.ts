import { Gaps } from './gaps.ts'
import type { OpenSegment } from './open-segment.ts'
import { QueueTable } from './queue-table.ts'
import type { SealedSegment } from './sealed-segment.ts'

/**
 * What the index knows: its queues, and the segments from the oldest to the newest, first those in files, then those in memory. Serials of segments that
 * follow each other do too.
 */
export class Segments {
  queues: QueueTable = new QueueTable()
  readonly gaps: Gaps = new Gaps()
  readonly sealed: SealedSegment[] = []
  readonly open: OpenSegment[] = []

  /** What a new segment gets; never 0. */
  nextSerial = 1

  /** The oldest segment in memory that has a run of the queue, as an index into {@link open}; -1 for none. */
  firstOpen(slot: number): number {
    return this.open.findIndex((segment) => segment.find(slot) >= 0)
  }

  /** How far the queue had come when `segment`, one of {@link open}, ended. */
  endOf(slot: number, segment: OpenSegment): number {
    for (let i = this.open.indexOf(segment); i < this.open.length; i++) {
      const later = this.open[i] as OpenSegment
      const run = later.find(slot)
      if (run >= 0) return later === segment ? later.runEnd(run) : later.floor(run)
    }
    return this.queues.max(slot)
  }

  /** How far the queue had come when the last sealed segment ended. */
  endOfSealed(slot: number): number {
    const first = this.firstOpen(slot)
    const segment = this.open[first]
    return segment === undefined ? this.queues.max(slot) : segment.floor(segment.find(slot))
  }

  /** Begins with none again: what a file said of them cannot be believed. */
  forgetQueues(): void {
    this.queues = new QueueTable()
  }

  /** All messages of the queue below `offset` are gone: finds the lowest that is left. */
  raiseMin(slot: number, offset: number): void {
    if (offset < this.queues.min(slot)) return
    let lowest = this.gaps.skip(slot, offset)
    for (const segment of this.open) {
      const run = segment.find(slot)
      if (run < 0 || segment.runEnd(run) <= lowest) continue
      // Sealed segments come before, with what they have.
      if (lowest < segment.floor(run) && this.sealed.length > 0) break
      lowest = Math.max(lowest, segment.lowest(run))
      if (segment.count(run) > 0) break
    }
    this.queues.setMin(slot, lowest)
  }
}
