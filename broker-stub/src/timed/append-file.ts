import type { Clock, Timer } from '../clock.ts'
import type { File } from '../files/files.ts'
import type { FolderSync, Gate } from './disk-turns.ts'
import { HEAD } from './layout.ts'
import type { OpenFiles } from './open-files.ts'

/** When what was written counts as committed: once it is synced, or at once, with a sync every so many ms or none. */
export type Flush = 'commit' | { readonly interval: number } | 'os'

/** What all files of a folder share. */
export interface Disk {
  readonly open: OpenFiles
  readonly folderSync: FolderSync
  readonly gate: Gate
  readonly clock: Clock
}

export interface AppendFileOptions {
  readonly disk: Disk
  readonly path: string
  /** What the file begins with, {@link HEAD} bytes, written with what comes first. */
  readonly head: () => Uint8Array
  /** Of what is `urgent`; the rest is synced with it, or some time after it was written. */
  readonly flush: Flush
  /** Milliseconds until what is not urgent is synced; infinity for never. */
  readonly patience: number
  /** Of what was appended, this is committed; all before it is. */
  readonly onCommitted: (from: number, to: number) => void
  /** Called once. Of what was appended, this is not committed and never will be; what was committed and only written may be lost too. */
  readonly onFailed: (error: unknown, from: number, to: number) => void
}

interface Batch {
  readonly parts: Uint8Array[]
  readonly from: number
  to: number
  sync: boolean
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * A file to which is appended only, made with what comes first. All that comes within a turn of the event loop, or while the last batch is being written,
 * is one write and one sync, and one promise. After a failure nothing is ever written to it again: whoever uses it goes on in another one.
 */
export class AppendFile {
  readonly #options: AppendFileOptions
  #gathering: Batch | undefined
  #taken: Batch | undefined
  #running: Promise<void> | undefined
  #next: number = HEAD
  #committed: number = HEAD
  #made = false
  /** Its name is lasting. */
  #named = false
  #dirty = false
  #timer: Timer | undefined
  #error: unknown

  constructor(options: AppendFileOptions) {
    this.#options = options
  }

  /** Where the next bytes go. */
  get next(): number {
    return this.#next
  }

  get committed(): number {
    return this.#committed
  }

  get path(): string {
    return this.#options.path
  }

  /** Something waits to be committed. */
  get pending(): boolean {
    return this.#running !== undefined
  }

  get failed(): boolean {
    return this.#error !== undefined
  }

  /** It may be on the disk. */
  get made(): boolean {
    return this.#made
  }

  /** Borrows the parts until they are committed. @returns what all of the batch share; it rejects when they are not committed. */
  append(parts: readonly Uint8Array[], urgent: boolean): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    const batch = this.#batch()
    for (const part of parts) {
      batch.parts.push(part)
      batch.to += part.length
    }
    batch.sync ||= urgent && this.#options.flush === 'commit'
    this.#next = batch.to
    return batch.promise
  }

  /** Settles with what was appended at the position; undefined when it does not wait. */
  outcomeOf(position: number): Promise<void> | undefined {
    if (position < this.#committed) return undefined
    return [this.#taken, this.#gathering].find((batch) => batch !== undefined && position >= batch.from && position < batch.to)?.promise
  }

  /** All that was appended until now is as lasting as `flush` makes what is urgent, or failed. */
  async settle(): Promise<void> {
    if (this.#error !== undefined || (this.#running === undefined && !this.#dirty)) return
    const batch = this.#batch()
    batch.sync ||= this.#options.flush === 'commit'
    await batch.promise.catch(() => {})
  }

  /** When nothing waits to be committed, well or not. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Syncs what was only written. Never rejects. */
  async close(): Promise<void> {
    await this.idle()
    this.#disarm()
    if (this.#options.flush !== 'os') this.#sync()
    await this.idle()
    await this.#options.disk.open.close(this.#options.path)
  }

  #batch(): Batch {
    if (this.#gathering !== undefined) return this.#gathering
    let resolve: Batch['resolve'] = () => {}
    let reject: Batch['reject'] = () => {}
    const promise = new Promise<void>((yes, no) => {
      resolve = yes
      reject = no
    })
    // Not everybody who appends waits.
    promise.catch(() => {})
    const batch: Batch = { parts: [], from: this.#next, to: this.#next, sync: false, promise, resolve, reject }
    this.#gathering = batch
    this.#running ??= this.#run()
    return batch
  }

  async #run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#gathering !== undefined) {
      await this.#options.disk.gate.pass(async () => {
        const batch = this.#gathering
        if (batch === undefined) return
        this.#gathering = undefined
        this.#taken = batch
        try {
          await this.#commit(batch)
          batch.resolve()
        } catch (error) {
          batch.reject(error)
          this.#fail(error)
        }
        this.#taken = undefined
      })
    }
    this.#running = undefined
  }

  async #commit(batch: Batch): Promise<void> {
    const { disk, path, head, onCommitted } = this.#options
    const first = !this.#made
    const write = async (file: File): Promise<void> => {
      this.#made = true
      if (first) await file.write([head(), ...batch.parts], 0)
      else if (batch.parts.length > 0) await file.write(batch.parts, batch.from)
      this.#dirty ||= batch.parts.length > 0
      if (batch.sync) await file.sync()
    }
    await (first ? disk.open.create(path, write) : disk.open.use(path, 'write', write))
    if (batch.sync) {
      if (!this.#named) await disk.folderSync.sync()
      this.#named = true
      this.#dirty = false
      this.#disarm()
    } else {
      this.#arm()
    }
    this.#committed = batch.to
    onCommitted(batch.from, batch.to)
  }

  #fail(error: unknown): void {
    this.#disarm()
    this.#error = error
    this.#gathering?.reject(error)
    this.#gathering = undefined
    const to = this.#next
    this.#next = this.#committed
    this.#options.onFailed(error, this.#committed, to)
  }

  #arm(): void {
    const { flush, patience, disk } = this.#options
    const delay = flush === 'os' ? Number.POSITIVE_INFINITY : flush === 'commit' ? patience : Math.min(flush.interval, patience)
    if (this.#timer !== undefined || delay === Number.POSITIVE_INFINITY) return
    this.#timer = disk.clock.setTimer(() => {
      this.#timer = undefined
      this.#sync()
    }, delay)
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #sync(): void {
    if (this.#error === undefined && this.#dirty) this.#batch().sync = true
  }
}
