import { FileError, type Files } from '../../files/files.ts'
import { writeAnew } from '../../files/write-anew.ts'
import { type CleanMark, readCleanMark } from './clean-mark.ts'
import type { SegmentLogEvent, SegmentLogListener } from './events.ts'
import { type RecordHead, readHead, unsyncedBefore } from './record.ts'
import { baseOf, decodeHead, headBlock, nextBase, SEGMENT_FORMAT, SEGMENT_HEAD, type Segment, type SegmentHead, segmentPath } from './segment-file.ts'
import type { SegmentReaders } from './segment-readers.ts'
import { walk } from './walk.ts'

export type OnRecord = (head: RecordHead, position: number, length: number) => void

/** A log as it was found on disk. */
export interface OpenedLog {
  readonly segments: Segment[]
  /** There was never one before the first. */
  readonly whole: boolean
  /** It ended in order, and its last segment takes more. */
  readonly resumes: boolean
  /** Where the next segment begins. */
  readonly nextBase: number
  /** Up to here it is known to be on disk. */
  readonly synced: number
  /** A clean mark is there. */
  readonly clean: boolean
}

interface Found {
  readonly segment: Segment
  readonly head: SegmentHead | undefined
  /** Of an older format it is read, and takes no more: its head would promise too little of what is in it. */
  readonly current: boolean
  /** Nothing is in its head. */
  readonly blank: boolean
  /** Its file is there up to this position. */
  readonly fileEnd: number
}

interface Hole {
  readonly segment: Segment
  readonly position: number
  readonly length: number
}

/**
 * Finds the segments of a folder and tells the records from `from` on; `from` is where a record or a segment begins. Where one segment ends, the next one
 * says, and the clean mark for the last one. Without them it is looked for: then the last segment is cut behind its last record.
 * @throws {FormatError} for a file of a newer version.
 * @throws {FileError}
 */
export async function openSegments(
  files: Files,
  readers: SegmentReaders,
  folder: string,
  segmentSize: number,
  from: number,
  onRecord: OnRecord,
  emit: SegmentLogListener,
): Promise<OpenedLog> {
  const mark = await readCleanMark(files, folder)
  const found = await findSegments(files, readers, folder, segmentSize, emit)
  const opening = new Opening(files, readers, from, onRecord)
  for (const [index, each] of found.entries()) await opening.segment(each, found[index + 1], mark)
  for (const event of opening.events()) emit(event)
  const segments = found.map(({ segment }) => segment)
  const last = segments.at(-1)
  // The indexes may know positions of segments that somebody took away.
  const floor = Math.ceil(from / SEGMENT_HEAD) * SEGMENT_HEAD
  const believed = last !== undefined && mark?.base === last.base && mark.end === last.end
  const resumes = believed && !mark.sealed && from <= last.end && found.at(-1)?.current === true
  if (resumes) last.sealed = false
  return {
    segments,
    whole: isWhole(found[0], from),
    resumes,
    nextBase: Math.max(last === undefined ? 0 : nextBase(last), floor),
    synced: believed ? last.synced : opening.synced,
    clean: mark !== undefined,
  }
}

async function findSegments(files: Files, readers: SegmentReaders, folder: string, segmentSize: number, emit: SegmentLogListener): Promise<Found[]> {
  const bases = (await files.list(folder)).flatMap((name) => baseOf(name) ?? []).sort((a, b) => a - b)
  const found: Found[] = []
  for (const [index, base] of bases.entries()) {
    const path = segmentPath(folder, base)
    const block = new Uint8Array(SEGMENT_HEAD)
    const answer = decodeHead(headBlock(block, await readers.read(path, block, 0)), path, base)
    const size = await sizeOf(files, path)
    if (answer.kind !== 'head' && (await isForgotten(readers, folder, base, bases[index + 1]))) {
      readers.forget(path)
      await files.remove(path).catch(ignoreFileError)
      continue
    }
    const head = answer.kind === 'head' ? answer.head : undefined
    if (answer.kind === 'head' && answer.damaged > 0) emit({ kind: 'head-damaged', path })
    found.push({
      segment: {
        base,
        // Of a segment without a head nothing can be read; its positions were used all the same, perhaps by messages that a loss of power took.
        capacity: head?.capacity ?? Math.max(size, segmentSize, (bases[index + 1] ?? 0) - base),
        path,
        stamp: head ?? { marker: 0, seed: 0 },
        end: base + SEGMENT_HEAD,
        newestStoredAt: Number.NEGATIVE_INFINITY,
        synced: base,
        sealed: true,
        bytes: size,
      },
      head,
      current: answer.kind === 'head' && answer.version === SEGMENT_FORMAT.version,
      blank: answer.kind === 'blank',
      fileEnd: base + size,
    })
  }
  return found
}

class Opening {
  readonly #files: Files
  readonly #readers: SegmentReaders
  readonly #from: number
  readonly #onRecord: OnRecord
  readonly #holes: Hole[] = []
  readonly #cuts: Hole[] = []
  /** Newest message of the segments before, for one that does not know its own. */
  #newestBefore = Number.NEGATIVE_INFINITY
  synced = 0

  constructor(files: Files, readers: SegmentReaders, from: number, onRecord: OnRecord) {
    this.#files = files
    this.#readers = readers
    this.#from = from
    this.#onRecord = onRecord
  }

  async segment({ segment, head, blank, fileEnd }: Found, next: Found | undefined, mark: CleanMark | undefined): Promise<void> {
    const { base } = segment
    // One that failed with its first records may have come back with a loss of power, whole or in part; nobody was told that anything is in it.
    const forgotten = next?.head !== undefined && next.head.previousBase !== base
    const told = endTold(base, next, mark)
    segment.synced = Math.max(segment.synced, told?.synced ?? 0)
    if (head === undefined) {
      segment.newestStoredAt = told?.newestStoredAt ?? this.#newestBefore
      const end = told?.end ?? (blank ? segment.end : fileEnd)
      if (end > segment.end) this.#holes.push({ segment, position: segment.end, length: end - segment.end })
      // Who asks for a message in it is told that it is damaged, not that it never was.
      const readable = Math.max(segment.end, Math.min(end, fileEnd))
      // Made, and never lastingly written into. It stays, empty, for its name says which positions were used.
      if (blank && next === undefined) await this.#cut(segment, fileEnd)
      segment.end = readable
      return
    }
    if (told === undefined) {
      const before = this.#holes.length
      segment.end = await this.#walk(segment, segment.base + SEGMENT_HEAD, fileEnd, true)
      if (forgotten) this.#cuts.push(...this.#holes.splice(before))
      // Only of the last one it is certain that nothing was written behind this.
      if (next === undefined) await this.#cut(segment, fileEnd)
    } else {
      segment.end = Math.max(segment.end, Math.min(told.end, fileEnd))
      segment.newestStoredAt = told.newestStoredAt
      const start = Math.max(this.#from, base + SEGMENT_HEAD)
      if (start < segment.end) {
        const end = await this.#walk(segment, start, segment.end, false)
        if (end < segment.end) this.#holes.push({ segment, position: end, length: segment.end - end })
      }
      if (told.end > fileEnd) this.#holes.push({ segment, position: fileEnd, length: told.end - fileEnd })
    }
    this.#newestBefore = Math.max(this.#newestBefore, segment.newestStoredAt)
  }

  /** A hole is damage where the log is known to have been on disk; elsewhere its bytes never all came there. */
  *events(): Generator<SegmentLogEvent> {
    for (const { segment, position, length } of this.#holes) {
      const { path, synced } = segment
      if (position < synced) yield { kind: 'damaged', path, position, length, found: 'opening' }
      else yield { kind: 'torn', path, position, length }
    }
    for (const { segment, position, length } of this.#cuts) yield { kind: 'torn', path: segment.path, position, length }
  }

  #walk(segment: Segment, from: number, to: number, newest: boolean): Promise<number> {
    const { base, stamp, path } = segment
    return walk(
      {
        base,
        stamp,
        read: (into, offset) => this.#readers.readAround(path, into, offset),
        record: (chunk, at, position, length) => {
          segment.synced = Math.max(segment.synced, position - unsyncedBefore(chunk, at))
          const head = readHead(chunk, at)
          if (newest && head.storedAt > segment.newestStoredAt) segment.newestStoredAt = head.storedAt
          if (position >= this.#from) this.#onRecord(head, position, length)
        },
        hole: (position, length) => this.#holes.push({ segment, position, length }),
      },
      from,
      to,
    )
  }

  /**
   * Takes off what is behind the last record, so that it takes no room, and makes what is before it lasting: the next head will say that it is there.
   * Where that cannot be done, the log can be read all the same.
   */
  async #cut(segment: Segment, fileEnd: number): Promise<void> {
    const { path, base, end } = segment
    const written = await this.#written(segment, fileEnd)
    if (written > 0) this.#cuts.push({ segment, position: end, length: written })
    try {
      const file = await this.#files.open(path, 'write')
      try {
        if (fileEnd > end) await file.truncate(end - base)
        segment.bytes = Math.min(segment.bytes, end - base)
        await writeAnew(file, segment.synced - base, end - base)
        await file.sync()
        // What is on disk from now on is what was found.
        const torn = this.#holes.find((hole) => hole.segment === segment && hole.position >= segment.synced)
        segment.synced = torn?.position ?? end
        this.synced = end
      } finally {
        await file.close()
      }
    } catch (thrown) {
      ignoreFileError(thrown)
    }
  }

  /** How far behind the last record there is anything but zeros. */
  async #written({ base, path, end }: Segment, fileEnd: number): Promise<number> {
    const window = Buffer.alloc(256 * 1024)
    const zeros = Buffer.alloc(window.length)
    let written = 0
    for (let position = end; position < fileEnd; position += window.length) {
      const part = window.subarray(0, Math.min(window.length, fileEnd - position))
      const read = await this.#readers.read(path, part, position - base)
      if (part.subarray(0, read).equals(zeros.subarray(0, read))) continue
      for (let last = read - 1; last >= 0; last -= 1) {
        if (part[last] === 0) continue
        written = position + last + 1 - end
        break
      }
    }
    return written
  }
}

/** A head names the segment before; those that failed with their first records were never one. */
function isWhole(first: Found | undefined, from: number): boolean {
  if (first === undefined) return from === 0
  return (first.head?.previousBase ?? (first.segment.base === 0 ? -1 : 0)) < 0
}

/** What the next segment or the clean mark says of this one; undefined when nobody wrote it down. */
function endTold(
  base: number,
  next: Found | undefined,
  mark: CleanMark | undefined,
): Pick<CleanMark, 'end' | 'newestStoredAt' | 'synced'> | undefined {
  if (next?.head?.previousBase === base) {
    return { end: next.head.previousEnd, newestStoredAt: next.head.previousNewest, synced: next.head.previousSynced }
  }
  return next === undefined && mark?.base === base ? mark : undefined
}

/** The next segment does not name this one as the one before it: it failed with its first records. */
async function isForgotten(readers: SegmentReaders, folder: string, base: number, next: number | undefined): Promise<boolean> {
  if (next === undefined) return false
  const path = segmentPath(folder, next)
  const block = new Uint8Array(SEGMENT_HEAD)
  const answer = decodeHead(headBlock(block, await readers.read(path, block, 0)), path, next)
  return answer.kind === 'head' && answer.head.previousBase !== base
}

async function sizeOf(files: Files, path: string): Promise<number> {
  const file = await files.open(path, 'read')
  try {
    return await file.size()
  } finally {
    await file.close()
  }
}

function ignoreFileError(thrown: unknown): void {
  if (!(thrown instanceof FileError)) throw thrown
}
