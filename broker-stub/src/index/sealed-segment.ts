import { type IndexHead, type Layout, layoutOf } from './layout.ts'

/**
 * What stays in memory of a segment whose entries are in a file: less than 1 KB, however many queues and entries it has.
 */
export class SealedSegment {
  readonly head: IndexHead
  readonly layout: Layout
  /** Of this process only, grows from the oldest segment to the newest. */
  readonly serial: number
  path: string
  /** Pages of the file that are in memory: their slots in the cache. Small keys, which a Map finds several times faster than ones made of two numbers. */
  readonly cached: Map<number, number> = new Map()
  /** Pages that are being read. */
  readonly loading: Map<number, Promise<void>> = new Map()
  /** What was found out about the file; entries of its damaged pages cannot be had before the segment is indexed again. */
  damage: Error | undefined
  /** It is being indexed again. */
  healing = false
  /** How often a page of it could not be read. */
  failures = 0

  constructor(head: IndexHead, serial: number, path: string) {
    this.head = head
    this.layout = layoutOf(head)
    this.serial = serial
    this.path = path
  }
}
