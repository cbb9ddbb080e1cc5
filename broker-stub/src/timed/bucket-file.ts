import { FileError } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import type { StoredMessage } from '../log/message-log.ts'
import { headBound, type RecordStamp } from '../log/segments/record.ts'
import { AppendFile } from './append-file.ts'
import { readEntry } from './due-reader.ts'
import { DueTable, type Slot } from './due-table.ts'
import { type Hand, tellDue } from './due-teller.ts'
import { ENTRY_HEAD, type Entry, type EntryFields, putEntry, UNIT } from './entry.ts'
import { hex, nextCheck } from './ids.ts'
import { type BucketName, bucketPath, decodeHead, encodeHead, HEAD, HOUR, newStamp } from './layout.ts'
import { type Mark, Marks } from './marks-file.ts'
import type { Shelf } from './shelf.ts'
import { walkEntries } from './walk.ts'

const NO_PARTS: readonly number[] = []
/** A message's bytes beyond this size are written from where they are: copying them would cost more than a part of a write. */
const BY_REFERENCE = 32 * 1024

/**
 * - `far`: nothing of it is in memory, but marks while somebody asks for one of its entries.
 * - `near`: what is in it stands in a table.
 * - `unreadable`: it is left alone until the next start.
 */
type Stage =
  | { readonly kind: 'far'; marks: Map<number, Mark> | undefined }
  | { readonly kind: 'loading'; readonly done: Promise<void> }
  | { readonly kind: 'near'; readonly table: DueTable }
  | { readonly kind: 'unreadable'; readonly error: unknown }
  | { readonly kind: 'removed' }

export interface Put {
  readonly position: number
  /** Hex. */
  readonly check: string
  readonly durable: Promise<void>
}

/** Timed messages of one hour that one life of the broker put, and what became of them since. */
export class BucketFile {
  readonly name: BucketName
  readonly #shelf: Shelf
  readonly #parts: readonly number[]
  /** Made when it is asked for: there may be thousands of files that nobody asks for yet. */
  #marksOfThis: Marks | undefined
  /** Only what this life began is written to. */
  readonly #entries: AppendFile | undefined
  #stamp: RecordStamp | undefined
  #stage: Stage
  /** Takes no more entries. */
  #retired: boolean
  /** Of the table: entries from here on wait to be committed. */
  #pendingFrom: Slot = 0
  /** Entries whose end is not on the disk for good yet, by position. */
  #ending: Map<number, Promise<void>> | undefined
  #users = 0
  /** What is due is being read and told. */
  #busy = false
  /** Monotonic time before which it is not read again after that failed. */
  retryAt: number = Number.NEGATIVE_INFINITY

  /** @param old What earlier lives left beside it; undefined for a new file. */
  constructor(shelf: Shelf, name: BucketName, near: boolean, old: { readonly parts: readonly number[] } | undefined) {
    const { disk, flush } = shelf
    this.#shelf = shelf
    this.name = name
    this.#parts = old?.parts ?? NO_PARTS
    this.#retired = old !== undefined
    this.#stage = near && old === undefined ? { kind: 'near', table: new DueTable() } : { kind: 'far', marks: undefined }
    if (old !== undefined) return
    const stamp = newStamp()
    this.#stamp = stamp
    this.#entries = new AppendFile({
      disk,
      path: this.path,
      head: () => encodeHead('bucket', name, stamp),
      flush,
      patience: Number.POSITIVE_INFINITY,
      onCommitted: (from, to) => this.#committed(from, to),
      onFailed: (error, from, to) => this.#failed(error, from, to),
    })
  }

  get path(): string {
    return bucketPath(this.#shelf.folder, this.name)
  }

  get stage(): Stage['kind'] {
    return this.#stage.kind
  }

  /** Of what is in memory. */
  get table(): DueTable | undefined {
    return this.#stage.kind === 'near' ? this.#stage.table : undefined
  }

  /** Where the next entry goes; nothing goes into a retired one. */
  get size(): number {
    return this.#entries?.next ?? 0
  }

  /** @throws {RangeError} for what no entry can hold. */
  put(fields: EntryFields, message: StoredMessage): Put {
    const entries = this.#entries
    const stamp = this.#stamp
    if (entries === undefined || stamp === undefined || this.#retired) throw new Error(`${this.path} takes no entries`)
    const { slab } = this.#shelf
    const inline = message.bytes.length <= BY_REFERENCE
    const { chunk, at } = slab.room(ENTRY_HEAD + headBound(message) + UNIT + (inline ? message.bytes.length : 0))
    const position = entries.next
    const check = nextCheck()
    const { used, length, padding } = putEntry(chunk, at, fields, message, position, entries.committed, check, stamp, inline)
    const written = slab.take(used)
    this.#shelf.pendingBytes += length
    this.table?.add(position, length, fields.dueAt)
    const durable = entries.append(inline ? [written] : [written, message.bytes, padding], true)
    return { position, check: hex(check), durable }
  }

  /** Whether nobody needs what was put at the position any more, and nothing can change that. @throws {FileError} */
  async isGone(position: number): Promise<boolean> {
    const answer = await this.#decided(() => {
      if (this.#ending?.has(position)) return 'there'
      if (this.#stage.kind === 'far') return this.#stage.marks?.get(position) === 'gone' ? 'gone' : 'there'
      const slot = this.table?.find(position)
      return slot === undefined || this.table?.state(slot) === 'gone' ? 'gone' : 'there'
    })
    return answer === 'gone'
  }

  /**
   * Marks once more what an earlier life marked as gone, so that {@link settle} is about it too. That life was killed, perhaps before its mark was synced,
   * perhaps after a sync of it had failed, of which no later sync tells; until the power goes it can be read all the same.
   */
  async markAgain(position: number): Promise<void> {
    if (this.#stage.kind !== 'removed' && this.#parts.length > 0) await this.#mark(position, 'gone', false)
  }

  /** What became of its entries until now is on the disk, unless that failed. */
  async settle(): Promise<void> {
    await this.#marksOfThis?.settle()
  }

  /** Nothing is put into it any more: it goes when all that it holds is gone. */
  retire(): void {
    if (this.#retired) return
    this.#retired = true
    this.maybeRemove()
  }

  get busy(): boolean {
    return this.#busy
  }

  get retired(): boolean {
    return this.#retired
  }

  /** What was put at the position with that check, whatever became of it; undefined when there is none, or it is damaged. @throws {FileError} */
  async read(position: number, check: string): Promise<Entry | undefined> {
    await this.#entries?.outcomeOf(position)?.catch(() => {})
    if (this.#stage.kind === 'removed') return undefined
    try {
      return await this.#shelf.disk.open.use(this.path, this.#access, async (file) => {
        const stamp = await this.#head()
        const end = this.#entries?.committed ?? (await file.size())
        if (stamp === 'unborn') return undefined
        const entry = await readEntry(file, position, end, stamp)
        return entry !== undefined && hex(entry.check) === check ? entry : undefined
      })
    } catch (error) {
      // It was removed meanwhile.
      if (error instanceof FileError && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /** When the entry is due, as far as it is known by now. */
  async dueAt(position: number, dueAt: number): Promise<number | 'gone'> {
    return this.#decided(() => {
      if (this.#stage.kind === 'far') return this.#stage.marks?.get(position) ?? dueAt
      const slot = this.table?.find(position)
      if (slot === undefined || this.table?.state(slot) === 'gone') return 'gone'
      return this.table?.due(slot) ?? dueAt
    })
  }

  /** @returns `'due'` when a delayed message is in its owner's hand: it is too late. Resolves when it is on the disk for good. @throws {FileError} */
  async cancel(position: number): Promise<'cancelled' | 'gone' | 'due'> {
    const outcome = await this.#decided(() => {
      const ending = this.#ending?.get(position)
      if (ending !== undefined) return { ending }
      const stage = this.#stage
      if (stage.kind === 'far') {
        const before = stage.marks?.get(position)
        if (before === 'gone') return 'gone'
        stage.marks?.set(position, 'gone')
        const revert = (): void => {
          if (before === undefined) stage.marks?.delete(position)
          else stage.marks?.set(position, before)
        }
        return { ending: this.#end(position, revert) }
      }
      const table = this.table
      const slot = table?.find(position)
      if (table === undefined || slot === undefined || table.state(slot) === 'gone') return 'gone'
      if (table.state(slot) === 'handedDelayed') return 'due'
      table.end(slot)
      const revert = (): void => {
        table.revive(slot)
        this.#shelf.wake()
      }
      return { ending: this.#end(position, revert) }
    })
    if (outcome === 'gone' || outcome === 'due') return outcome
    await outcome.ending
    return 'cancelled'
  }

  /** It is where it was to go. Resolves when that is written. */
  async take(position: number): Promise<'taken' | 'gone'> {
    const outcome = await this.#decided(() => {
      const stage = this.#stage
      if (stage.kind === 'far') {
        if (stage.marks?.get(position) === 'gone') return 'gone'
        stage.marks?.set(position, 'gone')
        return { written: this.#mark(position, 'gone', false) }
      }
      const slot = this.table?.find(position)
      if (slot === undefined || this.table?.state(slot) === 'gone') return 'gone'
      return { written: this.done(slot) }
    })
    if (outcome === 'gone') return 'gone'
    await outcome.written
    return 'taken'
  }

  /** Not before the hour of its bucket: it would be looked for too late after a restart. Resolves when it is on the disk for good. @throws {FileError} */
  async postpone(position: number, dueAt: number): Promise<'postponed' | 'gone'> {
    const at = Math.max(dueAt, this.name.hour * HOUR)
    const outcome = await this.#decided(() => {
      const stage = this.#stage
      if (stage.kind === 'far') {
        if (stage.marks?.get(position) === 'gone') return 'gone'
        stage.marks?.set(position, at)
      } else {
        const table = this.table
        const slot = table?.find(position)
        if (table === undefined || slot === undefined || table.state(slot) === 'gone') return 'gone'
        this.wait(slot, at)
      }
      return { written: this.#mark(position, at, true) }
    })
    if (outcome === 'gone') return 'gone'
    await outcome.written
    return 'postponed'
  }

  /** The entry in the slot waits for another time, which is not written down. Not for what is gone. */
  wait(slot: Slot, dueAt: number): void {
    const table = this.table
    if (table === undefined) return
    if (table.state(slot) === 'handedDelayed') this.#shelf.inHand--
    table.wait(slot, dueAt)
    this.#shelf.wake()
  }

  /** Nobody needs the entry in the slot any more. */
  done(slot: Slot): Promise<void> {
    const table = this.table
    if (table === undefined || table.state(slot) === 'gone') return Promise.resolve()
    if (table.state(slot) === 'handedDelayed') {
      this.#shelf.inHand--
      this.#shelf.wake()
    }
    table.end(slot)
    // When the last one goes, so does the file: no mark is needed.
    if (this.maybeRemove()) return Promise.resolve()
    return this.#mark(table.position(slot), 'gone', false).catch(() => {})
  }

  /**
   * Tells of all that is due, in the order in which it is, while there is room in the owner's hand. Never rejects.
   * @param hand is told of each entry that was read.
   */
  async deliver(hand: Hand): Promise<void> {
    const { table } = this
    const stamp = this.#stamp
    if (this.#busy || table === undefined || stamp === undefined) return
    this.#busy = true
    await tellDue(this.#shelf, { table, stamp, path: this.path, access: this.#access }, hand)
    this.#busy = false
    if (!this.maybeRemove()) this.#shelf.wake()
  }

  /** Reads what is in it, so that it comes when it is due. Never rejects. */
  load(): Promise<void> {
    if (this.#stage.kind === 'loading') return this.#stage.done
    if (this.#stage.kind !== 'far') return Promise.resolve()
    this.#retired = true
    const done = this.#load().then((stage) => {
      this.#stage = stage
      this.maybeRemove()
    })
    this.#stage = { kind: 'loading', done }
    return done
  }

  /** Forgets marks that were read. @returns false while somebody asks for them. */
  forget(): boolean {
    if (this.#users > 0 || this.#endings > 0 || this.#marksOfThis?.pending === true) return false
    if (this.#stage.kind === 'far') this.#stage.marks = undefined
    return true
  }

  async close(): Promise<void> {
    if (this.#stage.kind === 'loading') await this.#stage.done
    await this.#entries?.close()
    await this.#marksOfThis?.close()
  }

  /** @returns whether it goes. */
  maybeRemove(): boolean {
    const stage = this.#stage
    if (!this.#retired || stage.kind !== 'near' || stage.table.live > 0 || this.#shelf.isClosed()) return false
    if (this.#busy || this.#endings > 0 || this.#entries?.pending === true) return false
    this.#go()
    return true
  }

  get #endings(): number {
    return this.#ending?.size ?? 0
  }

  get #marks(): Marks {
    const { files, folder, disk, flush, onEvent } = this.#shelf
    this.#marksOfThis ??= new Marks({
      files,
      folder,
      disk,
      flush,
      name: this.name,
      parts: this.#parts,
      onFailed: (path, error) => onEvent({ kind: 'failed', path, error }),
      onDamaged: (path, position, length) => onEvent({ kind: 'damaged', path, position, length, found: 'loading' }),
    })
    return this.#marksOfThis
  }

  get #access(): 'read' | 'write' {
    return this.#entries === undefined || this.#entries.failed ? 'read' : 'write'
  }

  /** Calls the body when it can be said what became of an entry: at once, so that nothing happens between its looking and its changing. */
  async #decided<T>(body: () => T): Promise<T | 'gone'> {
    this.#users++
    try {
      while (true) {
        const stage = this.#stage
        if (stage.kind === 'near') return body()
        if (stage.kind === 'removed') return 'gone'
        if (stage.kind === 'unreadable') throw stage.error
        if (stage.kind === 'loading') {
          await stage.done
        } else if (stage.marks !== undefined) {
          return body()
        } else {
          const stamp = await this.#head()
          const marks = stamp === 'unborn' ? new Map<number, Mark>() : await this.#marks.load(stamp)
          if (this.#stage !== stage || stage.marks !== undefined) continue
          stage.marks = marks
          this.#shelf.onMarksRead(this)
        }
      }
    } finally {
      this.#users--
    }
  }

  #mark(position: number, mark: Mark, urgent: boolean): Promise<void> {
    const stamp = this.#stamp
    if (stamp === undefined) return Promise.reject(new Error(`${this.path} was not read`))
    if (this.#shelf.isClosed()) return Promise.reject(new Error('timed messages are closed'))
    return this.#marks.append(position, mark, urgent, stamp)
  }

  #end(position: number, revert: () => void): Promise<void> {
    const ending = this.#mark(position, 'gone', true).then(
      () => {
        this.#ending?.delete(position)
        this.maybeRemove()
      },
      (error: unknown) => {
        this.#ending?.delete(position)
        revert()
        throw error
      },
    )
    this.#ending ??= new Map()
    this.#ending.set(position, ending)
    return ending
  }

  #committed(from: number, to: number): void {
    const { table } = this
    this.#shelf.pendingBytes -= to - from
    this.#shelf.onCommitted()
    if (table === undefined) return
    for (; this.#pendingFrom < table.count && table.position(this.#pendingFrom) < to; this.#pendingFrom++) {
      if (table.state(this.#pendingFrom) === 'pending') table.wait(this.#pendingFrom)
    }
    this.#shelf.wake()
  }

  #failed(error: unknown, from: number, to: number): void {
    const { table } = this
    this.#shelf.pendingBytes -= to - from
    this.#retired = true
    void this.#shelf.disk.open.close(this.path)
    if (table !== undefined) for (; this.#pendingFrom < table.count; this.#pendingFrom++) table.end(this.#pendingFrom)
    this.#shelf.onFailed(this, error, from === HEAD)
    // Not within the commit that failed.
    if (from === HEAD) this.#go()
    else queueMicrotask(() => this.maybeRemove())
  }

  async #load(): Promise<Stage> {
    const { disk, onEvent, clock, retryAfter } = this.#shelf
    const { path } = this
    try {
      await this.#entries?.idle()
      await this.#marks.idle()
      const stamp = await this.#head()
      const table = new DueTable()
      if (stamp === 'unborn') return { kind: 'near', table }
      const marks = await this.#marks.load(stamp)
      await disk.open.use(path, this.#access, async (file) => {
        const end = this.#entries?.committed ?? (await file.size())
        await walkEntries(file, end, stamp, {
          onEntry: (position, { length, dueAt }) => {
            const mark = marks.get(position)
            if (mark !== 'gone') table.wait(table.add(position, length, mark ?? dueAt))
          },
          onDamaged: (position, length) => onEvent({ kind: 'damaged', path, position, length, found: 'loading' }),
          onTorn: (position, length) => onEvent({ kind: 'torn', path, position, length }),
        })
      })
      table.trim()
      this.#pendingFrom = table.count
      return { kind: 'near', table }
    } catch (error) {
      const retried = !(error instanceof FormatError)
      onEvent({ kind: 'unreadable', path, error, retried })
      if (!retried) return { kind: 'unreadable', error }
      this.retryAt = clock.monotonic() + retryAfter
      return { kind: 'far', marks: undefined }
    }
  }

  #go(): void {
    if (this.#stage.kind === 'removed') return
    this.#stage = { kind: 'removed' }
    this.#shelf.onRemoved(this, this.#remove())
  }

  /** Marks last: without them what is gone would come again. */
  async #remove(): Promise<void> {
    const { files, disk, onEvent } = this.#shelf
    try {
      await this.#entries?.idle()
      await disk.open.close(this.path)
      await files.remove(this.path)
      await disk.folderSync.sync()
      await this.#marks.remove()
    } catch (error) {
      onEvent({ kind: 'not-removed', path: this.path, error })
      await this.#marksOfThis?.close()
    }
  }

  async #head(): Promise<RecordStamp | 'unborn'> {
    if (this.#stamp !== undefined) return this.#stamp
    const head = Buffer.alloc(HEAD)
    const count = await this.#shelf.disk.open.use(this.path, this.#access, (file) => file.read(head, 0))
    const stamp = decodeHead('bucket', head.subarray(0, count), this.path, this.name)
    if (stamp !== 'unborn') this.#stamp = stamp
    return stamp
  }
}
