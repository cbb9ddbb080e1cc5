import type { Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import type { DirectoryRow } from './directory.ts'
import { type IndexEntry, isU48 } from './entry.ts'
import { FileHandles } from './file-handles.ts'
import { Finder } from './finder.ts'
import { hasGap, type IndexSource } from './index-writer.ts'
import { fileName, PAGE } from './layout.ts'
import { OpenSegment } from './open-segment.ts'
import { eachRow } from './opening.ts'
import { PageCache } from './page-cache.ts'
import { queueKey, topicOf } from './queue-table.ts'
import { rebuild, type WalkLog } from './rebuilding.ts'
import { type Recovered, recover } from './recovery.ts'
import { SealedReader } from './sealed-reader.ts'
import { SealedSegment } from './sealed-segment.ts'
import { sealToFile } from './sealing.ts'
import { Segments } from './segments.ts'

export interface QueueIndexOptions {
  readonly files: Files
  readonly folder: string
  /** Bases of the segments that the log has, ascending. */
  readonly segments: readonly number[]
  /** Memory for pages of index files. Default 8 MiB, at least 512 KiB. */
  readonly cacheBytes?: number
  /** Index files that are kept open. Default 32. */
  readonly openFiles?: number
  /** Told of what does not lose anything but should be known: a damaged file that will be made again, one that cannot be removed. */
  readonly onProblem?: (problem: Error) => void
  /** With it a file that is damaged, or cannot be read, is made again at once; without it when the index is opened the next time. */
  readonly walk?: WalkLog
}

/** Offsets of a queue: `min` is that of the first message that is left, `max` what the next one gets. Equal when nothing is left. */
export interface OffsetRange {
  readonly min: number
  readonly max: number
}

export interface QueueIndexStats {
  readonly queues: number
  readonly sealedSegments: number
  readonly openSegments: number
  /** What the queues take, whether they have messages or not. */
  readonly queueBytes: number
  /** What entries of segments that are not sealed take. */
  readonly openBytes: number
  readonly cacheBytes: number
  /** Pages read from files since the index was opened. */
  readonly pageReads: number
}

const SMALLEST_CACHE = 64 * PAGE
/** So often a page may fail to be read before its file is made again. */
const PATIENCE = 3
const U32 = 2 ** 32

/**
 * Reads what is there and says from where the log has to be walked again ({@link QueueIndex.walkFrom}). Then tell it the records from there on with
 * {@link QueueIndex.add}, call {@link QueueIndex.walked}, and seal what is in {@link QueueIndex.unsealed} but the segment that is written.
 * @throws {FormatError} for a file of a newer version
 */
export async function openQueueIndex(options: QueueIndexOptions): Promise<QueueIndex> {
  await options.files.makeFolder(options.folder)
  const segments = new Segments()
  const recovered = await recover(options.files, options.folder, options.segments, segments)
  for (const problem of recovered.problems) options.onProblem?.(problem)
  return new QueueIndex(options, segments, recovered)
}

/**
 * Where the message at an offset of a queue lies. Entries of the segments that are being written are in memory, the rest is in one file per segment, of
 * which pages come through a bounded cache: memory does not grow with what is stored.
 *
 * Measured on Node 20 with 40,000 queues: 43 to 55 bytes a queue; 850 bytes a sealed segment; for what is not sealed 24 to 48 bytes a message and 250 for
 * each queue that has one. Sealing 40,000 queues with 160,000 messages took 15 to 90 ms of CPU on a busy machine, in turns of 0.6 ms, or up to 8 where
 * garbage was collected (20 the first time, when nothing is compiled yet and all queues have to be sorted). An entry whose page is in memory is found in
 * 0.35 µs.
 */
export class QueueIndex {
  /** Records at and behind this position of the log have to be told again. */
  readonly walkFrom: number
  /** What was wrong with the files when they were opened. Nothing is lost by it, it only takes a longer walk. */
  readonly problems: readonly Error[]
  readonly #files: Files
  readonly #folder: string
  readonly #onProblem: (problem: Error) => void
  readonly #walk: WalkLog | undefined
  readonly #segments: Segments
  readonly #handles: FileHandles
  readonly #cache: PageCache
  readonly #reader: SealedReader
  readonly #finder: Finder
  /** Segments of the log that will be walked, those not begun yet. */
  readonly #coming: number[]
  /** Known of queues from elsewhere than the records that are walked. */
  #raises: { readonly key: number; readonly max: number }[]
  /** Topics that are gone, with the last segment that may have something of them. */
  readonly #dropped = new Map<number, number>()
  /** Slots of their queues, to be used again when that segment is sealed. */
  #limbo: { readonly slots: readonly number[]; readonly serial: number }[] = []
  #sealing: OpenSegment | undefined
  /** Files that are kept because no other tells yet how far idle queues had come, and the segment whose file will. */
  #last: { readonly path: string; readonly serial: number }[] = []
  readonly #recovered: readonly string[]
  /** Sealing and dropping are done one after the other. */
  #work: Promise<unknown> = Promise.resolve()
  #closed = false

  /** Use {@link openQueueIndex}. */
  constructor(options: QueueIndexOptions, segments: Segments, recovered: Recovered) {
    this.#segments = segments
    this.#files = options.files
    this.#folder = options.folder
    this.#onProblem = options.onProblem ?? (() => undefined)
    this.#walk = options.walk
    this.#handles = new FileHandles(options.files, options.openFiles ?? 32)
    this.#cache = new PageCache(this.#handles, Math.floor(Math.max(SMALLEST_CACHE, options.cacheBytes ?? 8 * 1024 * 1024) / PAGE))
    this.#reader = new SealedReader(this.#cache)
    this.#finder = new Finder(this.#segments, this.#reader)
    this.problems = recovered.problems
    this.#raises = [...recovered.raises]
    this.#recovered = recovered.last
    this.walkFrom = segments.sealed.at(-1)?.head.end ?? options.segments[0] ?? 0
    this.#coming = options.segments.slice(segments.sealed.length)
  }

  /** Bases of the segments that are in memory, oldest first. */
  get unsealed(): readonly number[] {
    return this.#segments.open.map(({ base }) => base)
  }

  /** Segments that have index files, oldest first, and up to where those know the log. */
  get sealed(): readonly { readonly base: number; readonly end: number }[] {
    return this.#segments.sealed.map(({ head: { base, end } }) => ({ base, end }))
  }

  /** Ids of the topics of which it knows queues. */
  get topics(): readonly number[] {
    const topics = new Set<number>()
    for (const key of this.#segments.queues.sorted().keys) topics.add(topicOf(key))
    return [...topics]
  }

  get stats(): QueueIndexStats {
    const { queues, sealed, open } = this.#segments
    return {
      queues: queues.size,
      sealedSegments: sealed.length,
      openSegments: open.length,
      queueBytes: queues.bytes,
      openBytes: open.reduce((sum, segment) => sum + segment.bytes, 0),
      cacheBytes: this.#cache.bytes,
      pageReads: this.#cache.reads,
    }
  }

  /** A new segment of the log: records from `base` on are in it. Fine for one that was begun. */
  begin(base: number): void {
    while (this.#coming[0] !== undefined && this.#coming[0] <= base) this.#open(this.#coming.shift() as number)
    if (base > (this.#segments.open.at(-1)?.base ?? this.#segments.sealed.at(-1)?.head.base ?? -1)) this.#open(base)
  }

  /** The log was walked to its end, and where it goes on was begun. */
  walked(): void {
    for (const base of this.#coming.splice(0)) this.#open(base)
    if (this.#segments.open.length === 0) return
    for (const { key, max } of this.#raises.splice(0)) this.#raise(key, max)
    for (const path of this.#recovered) this.#last.push({ path, serial: this.#segments.nextSerial - 1 })
  }

  /**
   * A record of the log, in the order of positions. Told of an offset twice, the index keeps what it was told last, if both are in one segment; in a later
   * one an offset that was given before is a message that was moved, whose place is known to who moved it, and that is not taken.
   * @returns whether it was taken
   */
  add(topicId: number, queueId: number, offset: number, position: number, length: number, storedAt: number, tagHash: number): boolean {
    while (this.#coming[0] !== undefined && this.#coming[0] <= position) this.#open(this.#coming.shift() as number)
    const segment = this.#segments.open.at(-1)
    if (segment === undefined || segment === this.#sealing) {
      if (this.#coming.length > 0 || position < this.walkFrom) return false
      throw new Error(`no segment was begun for position ${position}`)
    }
    if (position < segment.base || this.#dropped.has(topicId)) return false
    checkRecord(topicId, queueId, offset, position, length, segment.base)
    const { queues } = this.#segments
    const slot = queues.add(queueKey(topicId, queueId))
    const max = queues.max(slot)
    const min = queues.min(slot)
    const found = segment.find(slot)
    const run = found < 0 ? segment.begin(slot, max) : found
    if (offset < segment.floor(run)) return false
    segment.add(run, offset, position, length, Math.max(0, Math.floor(storedAt)), tagHash >>> 0)
    queues.setMin(slot, min === max ? offset : Math.min(min, offset))
    queues.setMax(slot, Math.max(max, offset + 1))
    return true
  }

  /** Records in [from, to) could not be stored. Their offsets are not given again while this process runs. */
  forget(from: number, to: number): void {
    for (const segment of this.#segments.open) {
      if (segment.end <= from || segment.base >= to) continue
      for (let run = 0; run < segment.runs; run++) {
        const slot = segment.slot(run)
        const lowest = segment.lowest(run)
        if (segment.forget(run, from, to) && this.#segments.queues.min(slot) === lowest) this.#segments.raiseMin(slot, segment.lowest(run))
      }
    }
  }

  /** Offsets of the queue below `max` were given, as somebody else knows: a consumer group has its cursor there, say. */
  raise(topicId: number, queueId: number, max: number): void {
    const key = queueKey(topicId, queueId)
    if (this.#coming.length > 0 || this.#segments.open.length === 0) this.#raises.push({ key, max })
    else this.#raise(key, max)
  }

  range(topicId: number, queueId: number): OffsetRange {
    const slot = this.#segments.queues.find(queueKey(topicId, queueId))
    return slot < 0 ? { min: 0, max: 0 } : { min: this.#segments.queues.min(slot), max: this.#segments.queues.max(slot) }
  }

  /** The first entry at or after the offset, as far as it can be told at once; after `loading`, {@link load} tells. Never throws. */
  next(topicId: number, queueId: number, offset: number): IndexEntry | 'none' | 'loading' {
    const slot = this.#segments.queues.find(queueKey(topicId, queueId))
    if (slot < 0) return 'none'
    try {
      return this.#finder.find(slot, offset)
    } catch {
      // load() finds the same, and says it.
      return 'loading'
    }
  }

  /**
   * The same, with what has to be read for it. What was read stays for a while, so that {@link next} goes on from there.
   * Rejects with a FileError, or with a FormatError when the file is damaged there: try again, for the file is made again meanwhile, or when the index is
   * opened the next time.
   */
  load(topicId: number, queueId: number, offset: number): Promise<IndexEntry | 'none'> {
    const find = (slot: number): IndexEntry | 'none' | 'loading' => this.#finder.find(slot, offset)
    const key = queueKey(topicId, queueId)
    // What was found changes where it is looked for first: asked again, the pages are there which next() will look at.
    return this.#ask(key, 'none' as const, find).then(() => this.#ask(key, 'none' as const, find))
  }

  /** The first offset that was stored at the time (ms) or later; max of the queue where there is none. Rejects as {@link load}. */
  async offsetAt(topicId: number, queueId: number, time: number): Promise<number> {
    const key = queueKey(topicId, queueId)
    const { sealed } = this.#segments
    // Segments in which everything is older need no look; what counts is where the last of them ends.
    const newer = sealed.findIndex(({ head }) => head.newest >= time)
    const older = sealed.at(newer < 0 ? sealed.length - 1 : newer - 1)
    let from = newer === 0 || older === undefined ? 0 : await this.#ask(key, 0, (slot) => this.#finder.endOf(slot, older))
    for (;;) {
      const step = await this.#ask(key, { kind: 'none' } as const, (slot) => this.#finder.findSince(slot, from, time))
      if (step.kind === 'found') return step.offset
      if (step.kind === 'none') return this.range(topicId, queueId).max
      from = step.from
    }
  }

  /**
   * Writes the oldest segment that is in memory to its file and frees its memory. Nothing may be added to it any more. When it fails (FileError), all stays
   * in memory, and it may be called again.
   * @param end The position up to which all records of the segment were told.
   */
  seal(base: number, end?: number): Promise<void> {
    return this.#inTurn(async () => {
      const segment = this.#segments.open[0]
      if (this.#segments.sealed.some(({ head }) => head.base === base)) return
      if (segment?.base !== base) throw new Error(`segment ${base} cannot be sealed: the oldest that is not is ${segment?.base ?? 'none'}`)
      this.#sealing = segment
      try {
        const head = await sealToFile(this.#files, this.#folder, base, () => this.#sourceOf(segment, end ?? segment.end))
        this.#sealed(segment, new SealedSegment(head, segment.serial, `${this.#folder}/${fileName(base)}`))
        await this.#removeLast()
      } finally {
        this.#sealing = undefined
      }
    })
  }

  /**
   * The log's oldest segment goes. Fine for one that is not there. The file of the last one stays until another is sealed: it tells after a restart how far
   * queues had come that have no message any more. Nothing tells that of a segment that was never sealed, see {@link raise}.
   */
  drop(base: number): Promise<void> {
    return this.#inTurn(async () => {
      const { sealed, open } = this.#segments
      if (sealed[0] !== undefined ? sealed[0].head.base === base : open[0]?.base === base) {
        const segment = sealed.shift()
        if (segment !== undefined) await this.#dropSealed(segment)
        else this.#dropOpen(open.shift() as OpenSegment)
        this.#release()
        const oldest = sealed[0]?.serial ?? open[0]?.serial ?? this.#segments.nextSerial
        for (const [topicId, serial] of this.#dropped) if (serial < oldest) this.#dropped.delete(topicId)
      } else if (sealed.some(({ head }) => head.base === base) || open.some((segment) => segment.base === base)) {
        throw new Error(`segment ${base} is not the oldest`)
      }
    })
  }

  /** The topic was deleted: its queues are gone at once. What files have of it is never looked at again, and goes with their segments. */
  dropTopic(topicId: number): void {
    const { queues, gaps } = this.#segments
    const slots = queues.removeTopic(topicId)
    for (const slot of slots) gaps.remove(slot)
    const serial = this.#segments.nextSerial - 1
    this.#dropped.set(topicId, serial)
    this.#limbo.push({ slots, serial })
    this.#release()
  }

  /** Ends what is being written; entries in memory are found again by walking the log. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#work
    await this.#handles.close()
  }

  #open(base: number): void {
    this.#segments.open.push(new OpenSegment(base, this.#segments.nextSerial++))
  }

  #raise(key: number, max: number): void {
    const { queues, open } = this.#segments
    const segment = open.at(-1)
    if (segment === undefined || this.#dropped.has(topicOf(key))) return
    const slot = queues.add(key)
    const before = queues.max(slot)
    if (max <= before) return
    const run = segment.find(slot)
    segment.raise(run < 0 ? segment.begin(slot, before) : run, max)
    queues.setMax(slot, max)
    if (queues.min(slot) === before) queues.setMin(slot, max)
  }

  #sourceOf(segment: OpenSegment, end: number): IndexSource {
    const segments = this.#segments
    return { segment, changes: segment.changes, queues: segments.queues.sorted(), end, endOf: (slot) => segments.endOf(slot, segment) }
  }

  #sealed(segment: OpenSegment, sealed: SealedSegment): void {
    const { open, queues, gaps } = this.#segments
    // Nearly never, and a look at all runs takes a few milliseconds.
    const runs = sealed.head.gaps === 0 ? 0 : segment.runs
    for (let run = 0; run < runs; run++) {
      const slot = segment.slot(run)
      // The slot of a queue that is gone meanwhile is somebody else's soon.
      if (queues.find(queues.key(slot)) !== slot) continue
      if (hasGap(segment, run) && segment.floor(run) > queues.min(slot)) gaps.add(slot, segment.floor(run), segment.lowest(run))
    }
    open.shift()
    this.#segments.sealed.push(sealed)
    this.#release()
  }

  async #dropSealed(segment: SealedSegment): Promise<void> {
    const { sealed, queues } = this.#segments
    const raise = (key: number, offset: number): void => {
      const slot = queues.find(key)
      if (slot >= 0) this.#segments.raiseMin(slot, offset)
    }
    const byEnd = ({ key, end }: DirectoryRow): void => raise(key, end)
    const byFirst = ({ key, first }: DirectoryRow): void => raise(key, first)
    // Should its directory be damaged, that of the next segment says nearly the same, made again if need be; behind the last one, the queues themselves.
    if (!(await this.#attempt(() => eachRow(this.#files, segment, byEnd)))) {
      const next = sealed[0]
      if (next === undefined) for (const key of queues.sorted().keys) raise(key, this.#segments.endOfSealed(queues.find(key)))
      else if (!(await this.#attempt(() => eachRow(this.#files, next, byFirst))) && (await this.#attempt(() => this.#heal(next)))) {
        await this.#attempt(() => eachRow(this.#files, sealed[0] ?? next, byFirst))
      }
    }
    this.#handles.forget(segment.path)
    this.#last.push({ path: segment.path, serial: segment.serial + 1 })
    await this.#removeLast()
  }

  async #removeLast(): Promise<void> {
    const newest = this.#segments.sealed.at(-1)?.serial ?? 0
    const superseded = this.#last.filter(({ serial }) => serial <= newest)
    this.#last = this.#last.filter(({ serial }) => serial > newest)
    for (const { path } of superseded) await this.#attempt(() => this.#files.remove(path))
  }

  #dropOpen(segment: OpenSegment): void {
    for (let run = 0; run < segment.runs; run++) this.#segments.raiseMin(segment.slot(run), segment.runEnd(run))
  }

  /** Slots of queues that are gone can be used again when no segment in memory knows them. */
  #release(): void {
    const { open, queues } = this.#segments
    const oldestOpen = open[0]?.serial ?? this.#segments.nextSerial
    for (const { slots } of this.#limbo.filter(({ serial }) => serial < oldestOpen)) queues.release(slots)
    this.#limbo = this.#limbo.filter(({ serial }) => serial >= oldestOpen)
  }

  /** Asks until what has to be read for the answer is there. */
  async #ask<T, N>(key: number, none: N, question: (slot: number) => T | 'loading'): Promise<T | N> {
    for (;;) {
      const slot = this.#segments.queues.find(key)
      if (slot < 0) return none
      const answer = question(slot)
      if (answer !== 'loading') return answer
      if (this.#closed) throw new Error('the index is closed')
      const missing = this.#reader.missing
      try {
        await this.#reader.load(missing)
      } catch (error) {
        if (!this.#segments.sealed.includes(missing.segment)) continue
        if (error instanceof FormatError || ++missing.segment.failures >= PATIENCE) this.#damaged(missing.segment, error as Error)
        throw error
      }
    }
  }

  /**
   * The name under which the next opening looks for it is taken from the file, so that its segment is walked again should the process end before the file
   * is made again; its other pages are still of use.
   */
  #damaged(segment: SealedSegment, error: Error): void {
    if (segment.damage === undefined) this.#onProblem(error)
    segment.damage = error
    if (segment.healing) return
    segment.healing = true
    void this.#inTurn(async () => {
      if (this.#segments.sealed.includes(segment) && !this.#closed) await this.#attempt(() => this.#heal(segment))
      segment.healing = false
    })
  }

  async #heal(segment: SealedSegment): Promise<void> {
    const { sealed, queues } = this.#segments
    const named = `${this.#folder}/${fileName(segment.head.base)}`
    if (segment.path === named && (await this.#attempt(() => this.#files.rename(named, `${named}.damaged`)))) {
      this.#handles.forget(named)
      segment.path = `${named}.damaged`
    }
    const walk = this.#walk
    if (walk === undefined) return
    const at = sealed.indexOf(segment)
    const before = sealed[at - 1]
    const again = (): Promise<SealedSegment | undefined> =>
      rebuild({
        files: this.#files,
        folder: this.#folder,
        segment,
        before: sealed[at - 1],
        after: sealed[at + 1],
        keys: queues.sorted().keys,
        endOfLast: (key) => this.#segments.endOfSealed(queues.find(key)),
        walk,
      })
    let anew = await again()
    if (anew === undefined && before !== undefined) {
      await this.#heal(before)
      anew = await again()
    }
    if (anew === undefined) throw new Error(`${segment.path} is made again later: the file before it is damaged too`)
    this.#handles.forget(segment.path)
    sealed[at] = anew
    if (segment.path !== named) await this.#files.remove(segment.path)
  }

  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      this.#onProblem(error as Error)
      return false
    }
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#work.then(action)
    this.#work = done.catch(() => undefined)
    return done
  }
}

function checkRecord(topicId: number, queueId: number, offset: number, position: number, length: number, base: number): void {
  if (!(isU48(offset + 1) && topicId >>> 0 === topicId && queueId >= 0 && queueId < 2 ** 16 && Number.isInteger(queueId))) {
    throw new RangeError(`offset ${offset} of queue ${queueId} of topic ${topicId} cannot be indexed`)
  }
  if (!(isU48(position) && length >= 0 && position + length - base < U32))
    throw new RangeError(`segment ${base} is too long to be indexed at ${position}`)
}
