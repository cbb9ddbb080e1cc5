import type { Files } from '../files/files.ts'
import { baseOf as baseOfIndex } from '../index/layout.ts'
import { openQueueIndex, type QueueIndex } from '../index/queue-index.ts'
import type { RecordHead } from '../log/segments/record.ts'
import { baseOf as baseOfSegment } from '../log/segments/segment-file.ts'
import { openSegmentLog, type SegmentLog } from '../log/segments/segment-log.ts'
import type { SegmentLogOptions } from '../log/segments/types.ts'

export interface LogAndIndexOptions {
  readonly log: SegmentLogOptions
  readonly indexFolder: string
  readonly indexCache?: number | undefined
  /** Ids of the topics that there are; what is there of others goes. */
  readonly topics: ReadonlySet<number>
  readonly onProblem: (error: Error) => void
}

export interface LogAndIndex {
  readonly log: SegmentLog
  readonly index: QueueIndex
  /** Where the pieces of the log begin that the index knows one by one, ascending: segments, and parts of segments that were closed in between. */
  readonly pieces: number[]
  /** Records that were walked. */
  readonly walked: number
  /** Ids by which the walked records were kept before, of those that lie there for the second time too. */
  readonly kept: ReadonlySet<string>
  /** Topics that are no more. */
  readonly droppedTopics: number
  /** The highest id of a topic that anything was ever stored for, as far as that is known; 0 for none. */
  readonly lastTopic: number
}

/**
 * Opens the log and the index that belongs to it: what no index file knows of the log is walked, and told to the index.
 *
 * A clean stop writes an index file for what there is of the segment that was being written, so that nothing is walked then. What comes later into the same
 * segment is a piece of its own to the index.
 */
export async function openLogAndIndex(options: LogAndIndexOptions): Promise<LogAndIndex> {
  const known: Known = { phantoms: new Set(), holes: new Set() }
  for (;;) {
    const opened = await open(options, known)
    const { log, index } = opened
    const phantoms = findPhantoms(opened).filter((base) => !known.phantoms.has(base))
    const holes = findHoles(opened).filter((base) => !known.holes.has(base))
    if (phantoms.length + holes.length === 0) return opened
    for (const base of phantoms) known.phantoms.add(base)
    for (const base of holes) known.holes.add(base)
    await log.close()
    await index.close()
  }
}

/** What was found out by opening, and makes it necessary to open again. */
interface Known {
  readonly phantoms: Set<number>
  readonly holes: Set<number>
}

/** A file that was made and never written into has a segment's name. The log takes it away, and may go on before it; the index would not follow. */
function findPhantoms({ log, index, pieces }: LogAndIndex): number[] {
  const real = new Set(log.segments().map(({ base }) => base))
  return pieces.filter((base) => base > index.walkFrom && base > log.end && !real.has(base))
}

/** Where pieces begin whose index files are gone, and of which nothing else tells. */
function findHoles({ log, index }: LogAndIndex): number[] {
  const segments = log.segments()
  const { sealed } = index
  const holes: number[] = []
  for (const [at, { base, end }] of sealed.entries()) {
    const next = sealed[at + 1]?.base ?? 0
    const segment = segments.findLast((each) => each.base <= base)
    if (segment !== undefined && end < Math.min(segment.end, next)) holes.push(end)
  }
  return holes
}

async function open(options: LogAndIndexOptions, known: Known): Promise<LogAndIndex> {
  const { topics, indexFolder, onProblem } = options
  const { files, folder } = options.log
  const pieces = await findPieces(files, folder, indexFolder, known)
  let opened: SegmentLog | undefined
  const index = await openQueueIndex({
    files,
    folder: indexFolder,
    segments: pieces,
    onProblem,
    async walk(from, to, tell) {
      if (opened === undefined) throw new Error('the log is not open yet')
      // Where those that were moved lie is known to who moved them.
      await opened.walk(from, to, (head, position, length) => void (head.relocated || tell(head, position, length)))
    },
    ...(options.indexCache === undefined ? {} : { cacheBytes: options.indexCache }),
  })
  try {
    const dropped = new Set(index.topics.filter((id) => !topics.has(id)))
    for (const id of dropped) index.dropTopic(id)
    const moved = new Map<string, RecordHead>()
    const kept = new Set<string>()
    let walked = 0
    let begun = false
    const log = await openSegmentLog(options.log, index.walkFrom, (head, position, length) => {
      walked++
      if (head.keptAs !== undefined) kept.add(head.keptAs)
      const { topicId, queueId, offset, relocated, storedAt, tagHash } = head
      if (!topics.has(topicId)) {
        dropped.add(topicId)
        return
      }
      // Who needs it knows where it is. That its offset was given may be known nowhere else.
      if (relocated) {
        const queue = `${topicId} ${queueId}`
        if (offset > (moved.get(queue)?.offset ?? -1)) moved.set(queue, head)
        return
      }
      if (!begun) {
        begun = true
        if ((pieces.findLast((base) => base <= position) ?? -1) < index.walkFrom) beginPiece(index, pieces, index.walkFrom)
      }
      index.add(topicId, queueId, offset, position, length, storedAt, tagHash)
    })
    opened = log
    for (const { topicId, queueId, offset } of moved.values()) index.raise(topicId, queueId, offset + 1)
    index.walked()
    // Where the log goes on, if that is within a segment; else the next segment says where it begins.
    const next = Math.max(index.walkFrom, log.end)
    if (index.unsealed.length === 0) beginPiece(index, pieces, next)
    // A file that knows of nothing ends where it begins: where the log goes on then is behind it.
    if (index.unsealed.length === 0) beginPiece(index, pieces, next + 1)
    index.walked()
    return { log, index, pieces, walked, kept, droppedTopics: dropped.size, lastTopic: Math.max(0, ...topics, ...dropped) }
  } catch (error) {
    await index.close()
    throw error
  }
}

/** Segments of the log, and the parts of them that have index files of their own. */
async function findPieces(files: Files, folder: string, indexFolder: string, { phantoms, holes }: Known): Promise<number[]> {
  const segments = (await files.list(folder)).flatMap((name) => baseOfSegment(name) ?? []).filter((base) => !phantoms.has(base))
  const first = segments.reduce((least, base) => Math.min(least, base), Number.POSITIVE_INFINITY)
  const parts = (await files.list(indexFolder)).flatMap((name) => baseOfIndex(name) ?? []).filter((base) => base > first)
  return [...new Set([...segments, ...parts, ...holes])].sort((a, b) => a - b)
}

/** From the position on the index has what it is told in a piece of its own. */
export function beginPiece(index: QueueIndex, pieces: number[], base: number): void {
  index.begin(base)
  if (pieces.includes(base) || index.unsealed.at(-1) !== base) return
  pieces.push(base)
  pieces.sort((a, b) => a - b)
}
