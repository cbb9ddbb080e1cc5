import { headBound, type LogRecord, putRecord, type RecordStamp } from './record.ts'
import { LARGEST_RECORD, nextBase, SEGMENT_HEAD, type Segment, segmentPath } from './segment-file.ts'
import type { Tail } from './tail.ts'

/** A message's bytes beyond this size get memory of their own, and are written from there. */
const BY_REFERENCE = 32 * 1024

/** Records that are written and synced together. */
export interface Batch {
  readonly segment: Segment
  readonly from: number
  to: number
  newestStoredAt: number
  /** Made when somebody asks for it. */
  outcome: Outcome | undefined
}

interface Outcome {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export interface CommitQueueOptions {
  readonly tail: Tail
  readonly folder: string
  readonly segmentSize: number
  readonly nextBase: number
  /** A segment that takes more. */
  readonly resume: Segment | undefined
  /** New for each segment. */
  readonly stamp: () => RecordStamp
  /** Wall time, ms. */
  readonly now: () => number
}

/** Gives records their positions and gathers them until they are written, in batches of which each lies in one segment. */
export class CommitQueue {
  readonly #options: CommitQueueOptions
  readonly #tail: Tail
  /** In the order of their positions; the last one takes records while nobody took it. */
  #batches: Batch[] = []
  #gathering: Batch | undefined
  /** Records go into this one, which is perhaps not made yet. */
  #segment: Segment | undefined
  #position: number
  #nextBase: number
  #bytes = 0
  /** Up to here everything is known to be on disk. */
  synced: number

  constructor(options: CommitQueueOptions, synced: number) {
    this.#options = options
    this.#tail = options.tail
    this.#segment = options.resume
    this.#position = options.resume?.end ?? 0
    this.#nextBase = options.nextBase
    this.synced = synced
  }

  /** What is not committed yet. */
  get bytes(): number {
    return this.#bytes
  }

  get waits(): boolean {
    return this.#batches.length > 0
  }

  /** @returns the length of the record, which begins at {@link position}. @throws {RangeError} for what no record can hold. */
  put(record: LogRecord): number {
    const { message } = record
    const { bytes } = message
    const bound = headBound(message)
    const inline = bytes.length <= BY_REFERENCE
    const total = bound + bytes.length
    if (total > LARGEST_RECORD) throw new RangeError(`a message of ${total} bytes does not fit into the log, which takes ${LARGEST_RECORD}`)
    let segment = this.#segment
    if (segment === undefined || this.#position + total > segment.base + segment.capacity) segment = this.#begin()
    const position = this.#position
    const chunk = this.#tail.room(inline ? total : bound)
    const used = putRecord(chunk, this.#tail.used, record, position, position - this.synced, segment.stamp, inline)
    const length = inline ? used : used + bytes.length
    this.#tail.add(position, used, inline ? undefined : new Uint8Array(bytes), segment.stamp)
    let batch = this.#gathering
    if (batch === undefined || batch.segment !== segment) {
      batch = { segment, from: position, to: position, newestStoredAt: Number.NEGATIVE_INFINITY, outcome: undefined }
      this.#gathering = batch
      this.#batches.push(batch)
    }
    batch.to = position + length
    // What was moved is needed beyond its time: it must not be moved again at once.
    const storedAt = record.relocated ? this.#options.now() : message.storedAt
    if (storedAt > batch.newestStoredAt) batch.newestStoredAt = storedAt
    this.#position = batch.to
    this.#bytes += length
    return length
  }

  /** Where the next record begins; when one was put, where it ends. */
  get position(): number {
    return this.#position
  }

  /** The oldest batch; what comes from now on is another one. */
  take(): Batch | undefined {
    const batch = this.#batches[0]
    if (batch === this.#gathering) this.#gathering = undefined
    return batch
  }

  /** The batch that was taken is committed. */
  settle(): void {
    const batch = this.#batches.shift()
    if (batch === undefined) return
    this.#bytes -= batch.to - batch.from
    batch.outcome?.resolve()
  }

  /**
   * Nothing of what waits will be committed: positions behind a gap would be of no use to a segment that ends there, and their senders try again.
   * @returns the positions from the first of them to behind the last.
   */
  fail(error: Error): { readonly from: number; readonly to: number } {
    const batches = this.#batches
    const range = { from: batches[0]?.from ?? this.#position, to: this.#position }
    this.#batches = []
    this.#gathering = undefined
    this.#bytes = 0
    this.leave()
    for (const { outcome } of batches) outcome?.reject(error)
    return range
  }

  /** The next record begins a segment. */
  leave(): void {
    this.#segment = undefined
    this.#gathering = undefined
  }

  /** Resolves when the record at the position is committed; undefined when none waits there. */
  outcomeOf(position: number): Promise<void> | undefined {
    const batch = this.#batches.find(({ from, to }) => position >= from && position < to)
    if (batch === undefined) return undefined
    batch.outcome ??= outcome()
    return batch.outcome.promise
  }

  /** Begins a segment that nothing is put into yet. Resolves when that is committed. */
  roll(): Promise<void> {
    const segment = this.#begin()
    const rolled = outcome()
    const batch: Batch = { segment, from: segment.end, to: segment.end, newestStoredAt: Number.NEGATIVE_INFINITY, outcome: rolled }
    this.#gathering = batch
    this.#batches.push(batch)
    return rolled.promise
  }

  #begin(): Segment {
    const { folder, segmentSize, stamp } = this.#options
    const base = this.#nextBase
    const segment: Segment = {
      base,
      capacity: segmentSize,
      path: segmentPath(folder, base),
      stamp: stamp(),
      end: base + SEGMENT_HEAD,
      newestStoredAt: Number.NEGATIVE_INFINITY,
      synced: base,
      sealed: false,
      bytes: segmentSize,
    }
    this.#nextBase = nextBase(segment)
    this.#position = segment.end
    this.#segment = segment
    return segment
  }
}

function outcome(): Outcome {
  let resolve: Outcome['resolve'] = () => {}
  let reject: Outcome['reject'] = () => {}
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
