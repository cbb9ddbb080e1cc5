import type { Files } from '../files/files.ts'
import type { DirectoryRow } from './directory.ts'
import { fileName } from './layout.ts'
import { OpenSegment } from './open-segment.ts'
import { eachRow } from './opening.ts'
import { QueueTable, queueKey } from './queue-table.ts'
import { SealedSegment } from './sealed-segment.ts'
import { sealToFile } from './sealing.ts'

/** What the index knows of a record. */
export interface WalkedRecord {
  readonly topicId: number
  readonly queueId: number
  readonly offset: number
  readonly storedAt: number
  readonly tagHash: number
}

/** Tells of the records of the log in [from, to) that were stored there first, in order. Rejects with a FileError. */
export type WalkLog = (from: number, to: number, tell: (record: WalkedRecord, position: number, length: number) => void) => Promise<void>

export interface Rebuilding {
  readonly files: Files
  readonly folder: string
  /** Whose file cannot be read as a whole. */
  readonly segment: SealedSegment
  /** The segments around it, if they have files. */
  readonly before: SealedSegment | undefined
  readonly after: SealedSegment | undefined
  /** All queues that there are now: those of topics that are gone are left out. */
  readonly keys: Float64Array
  /** How far a queue had come at the end of the last segment that has a file. */
  readonly endOfLast: (key: number) => number
  readonly walk: WalkLog
}

/**
 * Makes the index file of a segment again from the log, and from what the files around it say of how far queues had come. What was there stays until the new
 * one is.
 * @returns undefined when the file of the segment before has to be made again first.
 * @throws {FileError} when the disk fails: it may be tried again.
 */
export async function rebuild({ files, folder, segment, before, after, keys, endOfLast, walk }: Rebuilding): Promise<SealedSegment | undefined> {
  const { base, end } = segment.head
  const queues = new QueueTable()
  for (const key of keys) queues.add(key)
  const ends = new Map<number, number>()
  const raise = (key: number, to: number): void => {
    const slot = queues.find(key)
    if (slot >= 0) ends.set(slot, to)
  }
  const whole = await read(files, before, ({ key, end: floor }) => {
    const slot = queues.find(key)
    if (slot >= 0) queues.setMax(slot, floor)
  })
  if (before !== undefined && !whole) return undefined
  const told =
    (await read(files, segment, (row) => raise(row.key, row.end))) ||
    (await read(files, after, (row) => raise(row.key, row.count > 0 ? row.first : row.end)))

  const anew = new OpenSegment(base, segment.serial)
  await walk(base, end, ({ topicId, queueId, offset, storedAt, tagHash }, position, length) => {
    const slot = queues.find(queueKey(topicId, queueId))
    if (slot < 0) return
    const found = anew.find(slot)
    // What was given before the oldest segment does not matter any more.
    const run = found < 0 ? anew.begin(slot, before === undefined ? offset : Math.min(queues.max(slot), offset)) : found
    anew.add(run, offset, position, length, Math.max(0, Math.floor(storedAt)), tagHash >>> 0)
  })
  const endOf = (slot: number): number => {
    const run = anew.find(slot)
    const least = run < 0 ? queues.max(slot) : anew.runEnd(run)
    return Math.max(least, ends.get(slot) ?? (told || after !== undefined ? 0 : endOfLast(queues.key(slot))))
  }
  const head = await sealToFile(files, folder, base, () => ({ segment: anew, changes: anew.changes, queues: queues.sorted(), end, endOf }))
  return new SealedSegment(head, segment.serial, `${folder}/${fileName(base)}`)
}

type Row = Readonly<Pick<DirectoryRow, 'key' | 'count' | 'first' | 'end'>>

/** @returns whether its directory could be read as a whole. */
async function read(files: Files, segment: SealedSegment | undefined, tell: (row: Row) => void): Promise<boolean> {
  if (segment === undefined) return false
  const rows: Row[] = []
  try {
    await eachRow(files, segment, ({ key, count, first, end }) => rows.push({ key, count, first, end }))
  } catch {
    return false
  }
  for (const row of rows) tell(row)
  return true
}
