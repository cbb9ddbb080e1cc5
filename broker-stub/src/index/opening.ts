import type { File, Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import { checkPage, type DirectoryRow, damaged, type GapRow, onPage, readGap, readRow } from './directory.ts'
import { baseOf, fileName, GAP_BYTES, GAPS, type IndexHead, isWhole, layoutOf, PAGE, ROW_BYTES, ROWS, readHead } from './layout.ts'

/** Pages that are read at once where a file is read from end to end. */
const BATCH = 8
/** Files whose heads are read at once. */
const TOGETHER = 16

/** Added to the name of a file that is kept for what its directory says of queues. */
export const KEPT = '.queues'

export interface IndexFile {
  readonly path: string
  readonly head: IndexHead
}

export interface Found {
  /** Whole heads, from the oldest segment on without one missing. */
  readonly indexed: readonly IndexFile[]
  /** Files behind one that is missing: of use only for what their directories say of queues. */
  readonly behind: readonly IndexFile[]
  /** Such files of an earlier opening. */
  readonly kept: readonly IndexFile[]
  /** The newest of segments that are gone: the last to know queues of which no other file may tell. */
  readonly last: IndexFile | undefined
  /** Files that are of no use: left over, damaged, or of segments that are gone. */
  readonly useless: readonly string[]
  readonly problems: readonly Error[]
}

/**
 * Looks at what is in the folder.
 * @param segments Bases of the log's segments, ascending; an index of any other is of no use.
 * @throws {FormatError} of kind `newer`: somebody went back to an older version, which must not overwrite what the newer one knows
 */
export async function findFiles(files: Files, folder: string, segments: readonly number[]): Promise<Found> {
  const known = new Set(segments)
  const useless: string[] = []
  const problems: Error[] = []
  const bases: number[] = []
  let gone: number | undefined
  const kept: IndexFile[] = []
  for (const name of await files.list(folder)) {
    const base = baseOf(name)
    if (base !== undefined && known.has(base)) bases.push(base)
    else if (name.endsWith(KEPT)) {
      const path = `${folder}/${name}`
      const file = await headOf(files, path, baseOf(name.slice(0, -KEPT.length)) ?? -1).catch((error: Error) => problems.push(error))
      if (typeof file === 'object') kept.push(file)
      else useless.push(path)
    } else if (base !== undefined && base < (segments[0] ?? Number.POSITIVE_INFINITY)) {
      if (gone !== undefined) useless.push(`${folder}/${fileName(gone)}`)
      gone = base
    } else if (base !== undefined || /^\d{20}\.idx\./.test(name)) useless.push(`${folder}/${name}`)
  }
  if (gone !== undefined) bases.unshift(gone)
  const heads = new Map<number, IndexFile>()
  for (let i = 0; i < bases.length; i += TOGETHER) {
    const some = bases.slice(i, i + TOGETHER)
    const read = await Promise.allSettled(some.map((base) => headOf(files, `${folder}/${fileName(base)}`, base)))
    read.forEach((result, at) => {
      const base = some[at] as number
      if (result.status === 'fulfilled') heads.set(base, result.value)
      else if (result.reason instanceof FormatError && result.reason.kind === 'newer') throw result.reason
      else {
        problems.push(result.reason)
        if (result.reason instanceof FormatError) useless.push(`${folder}/${fileName(base)}`)
      }
    })
  }
  const indexed: IndexFile[] = []
  const behind: IndexFile[] = []
  for (let i = 0; i < segments.length; i++) {
    const found = heads.get(segments[i] as number)
    if (found === undefined) continue
    const next = segments[i + 1] ?? Number.POSITIVE_INFINITY
    if (found.head.end > next) {
      problems.push(damaged(found.path, `it ends at ${found.head.end}, behind the beginning of the next segment`))
      useless.push(found.path)
    } else if (indexed.length === i) indexed.push(found)
    else behind.push(found)
  }
  return { indexed, behind, kept, last: gone === undefined ? undefined : heads.get(gone), useless, problems }
}

async function headOf(files: Files, path: string, base: number): Promise<IndexFile> {
  return withFile(files, path, async (file) => {
    const size = await file.size()
    const page = new Uint8Array(Math.min(size, PAGE))
    const read = await file.read(page, 0)
    return { path, head: readHead(page.subarray(0, read), path, base, size) }
  })
}

/** Tells of each queue in the directory. The row is reused. */
export function eachRow(files: Files, { path, head }: IndexFile, tell: (row: DirectoryRow) => void): Promise<void> {
  const { directory, gaps } = layoutOf(head)
  const row: DirectoryRow = { key: 0, count: 0, start: 0, first: 0, end: 0 }
  let before = -1
  return eachPage(files, path, head, directory, gaps, (view, page) => {
    const rows = onPage(head.queues, ROWS, page)
    for (let i = 0; i < rows; i++) {
      readRow(view, i * ROW_BYTES, row)
      if (row.key <= before) throw damaged(path, 'its directory is not in order')
      before = row.key
      tell(row)
    }
  })
}

export function eachGap(files: Files, { path, head }: IndexFile, tell: (gap: GapRow) => void): Promise<void> {
  const { gaps, entries } = layoutOf(head)
  return eachPage(files, path, head, gaps, entries, (view, page) => {
    const count = onPage(head.gaps, GAPS, page)
    for (let i = 0; i < count; i++) tell(readGap(view, i * GAP_BYTES))
  })
}

type Tell = (view: DataView, page: number) => void

async function eachPage(files: Files, path: string, head: IndexHead, from: number, to: number, tell: Tell): Promise<void> {
  if (from === to) return
  const layout = layoutOf(head)
  await withFile(files, path, async (file) => {
    const bytes = new Uint8Array(Math.min(BATCH, to - from) * PAGE)
    for (let first = from; first < to; first += BATCH) {
      const pages = Math.min(BATCH, to - first)
      const read = await file.read(bytes.subarray(0, pages * PAGE), first * PAGE)
      for (let i = 0; i < pages; i++) {
        if (read < (i + 1) * PAGE || !isWhole(bytes, i * PAGE, first + i)) throw damaged(path, `page ${first + i} does not fit its checksum`)
        const view = new DataView(bytes.buffer, i * PAGE, PAGE)
        checkPage(view, first + i, head, layout, path)
        tell(view, first + i - from)
      }
    }
  })
}

async function withFile<T>(files: Files, path: string, use: (file: File) => Promise<T>): Promise<T> {
  const file = await files.open(path, 'read')
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
