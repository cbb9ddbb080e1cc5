import type { File } from '../files/files.ts'
import { chunkOver, type RecordStamp } from '../log/segments/record.ts'
import { type Entry, entryAt, entryIsWhole, readEntryHead } from './entry.ts'

export interface Extent {
  readonly position: number
  readonly length: number
}

/** Reading over what is not wanted costs less than another read up to about here. */
const GAP = 16 * 1024
const RUN = 1024 * 1024

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
    const chunk = chunkOver(bytes)
    for (; first < next; first++) {
      const index = order[first] ?? 0
      const position = startOf(extents, index)
      const head = readEntryHead(chunk, position - start, count, position, stamp)
      if (head !== undefined && entryIsWhole(chunk, position - start, count, position, head, stamp)) entries[index] = entryAt(chunk, position - start)
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
