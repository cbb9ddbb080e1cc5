import type { Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import type { DirectoryRow, GapRow } from './directory.ts'
import { eachGap, eachRow, findFiles, type IndexFile, KEPT } from './opening.ts'
import { SealedSegment } from './sealed-segment.ts'
import type { Segments } from './segments.ts'

/** What the files know, besides what {@link recover} put into the segments. */
export interface Recovered {
  readonly problems: readonly Error[]
  /** How far queues had come in segments that will be walked again. */
  readonly raises: readonly { readonly key: number; readonly max: number }[]
  /** Files to be removed when another knows all queues: that of a segment that is gone, those that tell of the raises. */
  readonly last: readonly string[]
}

/**
 * Fills the segments with those that have whole files, from the oldest on without one missing, and with their queues. Besides the heads, it reads the
 * directories of the oldest, for what is left, and of the newest, for what was given; each of them knows every queue.
 * @throws {FormatError} for a file of a newer version
 */
export async function recover(files: Files, folder: string, bases: readonly number[], segments: Segments): Promise<Recovered> {
  const found = await findFiles(files, folder, bases)
  const problems = [...found.problems]
  const useless = [...found.useless]
  const whole = async (file: IndexFile, read: Promise<void>): Promise<boolean> => {
    try {
      await read
      return true
    } catch (error) {
      problems.push(error as Error)
      if (error instanceof FormatError) useless.push(file.path)
      return false
    }
  }
  const gaps: GapRow[] = []
  const indexed: IndexFile[] = []
  const behind: IndexFile[] = [...found.indexed, ...found.behind]
  for (const file of found.indexed) {
    if (
      !(await whole(
        file,
        eachGap(files, file, (gap) => gaps.push(gap)),
      ))
    )
      break
    indexed.push(file)
  }
  for (let last = indexed.at(-1); last !== undefined; last = indexed.at(-1)) {
    if (
      await whole(
        last,
        eachRow(files, last, ({ key, end }) => segments.queues.setMax(segments.queues.add(key), end)),
      )
    )
      break
    indexed.pop()
    segments.forgetQueues()
  }
  const { queues } = segments
  const oldest = indexed[0]
  const lowest = (file: IndexFile): Promise<void> =>
    eachRow(files, file, ({ key, first }) => {
      const slot = queues.find(key)
      if (slot >= 0) queues.setMin(slot, Math.min(first, queues.max(slot)))
    })
  if (oldest !== undefined && !(await whole(oldest, lowest(oldest)))) {
    indexed.length = 0
    segments.forgetQueues()
  }

  for (const file of indexed) segments.sealed.push(new SealedSegment(file.head, segments.nextSerial++, file.path))
  let last = found.last
  if (
    last !== undefined &&
    (indexed.length > 0 ||
      !(await whole(
        last,
        eachRow(files, last, (row) => begun(segments, row)),
      )))
  ) {
    useless.push(last.path)
    last = undefined
    if (indexed.length === 0) segments.forgetQueues()
  }
  settle(segments, gaps)

  const raises: { key: number; max: number }[] = []
  const kept: string[] = []
  const raising = async (file: IndexFile): Promise<boolean> => {
    const some: { key: number; max: number }[] = []
    if (
      !(await whole(
        file,
        eachRow(files, file, ({ key, end }) => some.push({ key, max: end })),
      ))
    )
      return false
    for (const raise of some) raises.push(raise)
    return true
  }
  for (const file of found.kept) if (await raising(file)) kept.push(file.path)
  let newest: IndexFile | undefined
  for (const file of behind.filter(({ head }) => head.base > (indexed.at(-1)?.head.base ?? -1)).reverse()) {
    if (useless.includes(file.path)) continue
    if (newest === undefined && (await raising(file))) newest = file
    else useless.push(file.path)
  }
  // What it says of its own segment must not be believed again beside files that are made anew.
  if (newest !== undefined) {
    kept.push(`${newest.path}${KEPT}`)
    await files.rename(newest.path, `${newest.path}${KEPT}`).catch((error: Error) => problems.push(error))
  }
  for (const path of useless) await files.remove(path).catch((error: Error) => problems.push(error))
  // A file that was found may be known to the disk by its temporary name still, when the process ended before it could see to that.
  await files.syncFolder(folder).catch((error: Error) => problems.push(error))
  return { problems, raises, last: last === undefined ? kept : [...kept, last.path] }
}

/** A queue of which all that the file knows is gone. */
function begun({ queues }: Segments, { key, end }: DirectoryRow): void {
  const slot = queues.add(key)
  queues.setMax(slot, end)
  queues.setMin(slot, end)
}

/** Finds the lowest offset of each queue, behind what no message has. Gaps of files that are not used are told too. */
function settle(segments: Segments, gaps: readonly GapRow[]): void {
  const { queues } = segments
  for (const { key, from, to } of gaps) {
    const slot = queues.find(key)
    if (slot >= 0 && from >= queues.min(slot) && to <= queues.max(slot)) segments.gaps.add(slot, from, to)
  }
  for (let slot = 0; slot < queues.slots; slot++) segments.raiseMin(slot, queues.min(slot))
}
