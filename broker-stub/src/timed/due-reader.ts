import type { File } from '../files/files.ts'
import { chunk, chunkOver, type RecordStamp } from '../log/segments/record.ts'
import { ENTRY_HEAD, type Entry, entryAt, entryIsWhole, readEntryHead, UNIT } from './entry.ts'

export interface Extent {
  readonly position: number
  readonly length: number
}

/** Reading over what is not wanted costs less than another read up to about here. */
const GAP = 16 * 1024
const RUN = 1024 * 1024

/** The entry at the position, if there is one that ends before `end`, which is not behind the end of the file. @throws {FileError} */
export async function readEntry(file: File, position: number, end: number, stamp: RecordStamp): Promise<Entry | undefined> {
  if (position % UNIT !== 0 || position + ENTRY_HEAD > end) return undefined
  const start = chunkOver(Buffer.alloc(ENTRY_HEAD))
  await file.read(start.bytes, position)
  const head = readEntryHead(start, 0, ENTRY_HEAD, position, stamp)
  if (head === undefined || position + head.length > end) return undefined
  const whole = chunk(head.length)
  const count = await file.read(whole.bytes, position)
  return entryIsWhole(whole, 0, count, position, head, stamp) ? entryAt(whole, 0) : undefined
}

/** @returns the entries in the order of their extents; undefined for what is damaged. @throws {FileError} */
export async function readEntries(file: File, extents: readonly Extent[], stamp: RecordStamp): Promise<(Entry | undefined)[]> {
  const entries: (Entry | undefined)[] = new Array(extents.length).fill(undefined)
  const order = extents.map((_, index) => index).sort((a, b) => startOf(extents, a) - startOf(extents, b))
  for (let first = 0; first < order.length; ) {
    const start = startOf(extents, order[first])
    let end = endOf(extents, order[first])
    let next = first + 1
    for (; next < order.length; next++) {
      if (startOf(extents, order[next]) > end + GAP || endOf(extents, order[next]) - start > RUN) break
      end = endOf(extents, order[next])
    }
    const bytes = Buffer.allocUnsafeSlow(end - start)
    const count = await file.read(bytes, start)
    const from = chunkOver(bytes)
    for (; first < next; first++) {
      const index = order[first] ?? 0
      const position = startOf(extents, index)
      const head = readEntryHead(from, position - start, count, position, stamp)
      if (head !== undefined && entryIsWhole(from, position - start, count, position, head, stamp)) entries[index] = entryAt(from, position - start)
    }
  }
  return entries
}

function startOf(extents: readonly Extent[], index: number | undefined): number {
  return extents[index ?? 0]?.position ?? 0
}

function endOf(extents: readonly Extent[], index: number | undefined): number {
  return startOf(extents, index) + (extents[index ?? 0]?.length ?? 0)
}
