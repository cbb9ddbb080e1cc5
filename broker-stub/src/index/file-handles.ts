import type { File, Files } from '../files/files.ts'

interface Handle {
  readonly file: Promise<File>
  users: number
}

/**
 * Files that are open for reading: those that were used last, so that hundreds of segments do not take hundreds of descriptors. More than the limit are
 * open only while more than that are being read.
 */
export class FileHandles {
  readonly #files: Files
  readonly #limit: number
  /** In the order of their last use. */
  readonly #open = new Map<string, Handle>()
  #closing: Promise<void> = Promise.resolve()
  readonly #reading = new Set<Promise<number>>()

  constructor(files: Files, limit: number) {
    this.#files = files
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size
  }

  read(path: string, into: Uint8Array, position: number): Promise<number> {
    const reading = this.#read(path, into, position).finally(() => this.#reading.delete(reading))
    this.#reading.add(reading)
    return reading
  }

  /** The file is going: it is closed once nobody reads it. */
  forget(path: string): void {
    const handle = this.#open.get(path)
    this.#open.delete(path)
    if (handle?.users === 0) this.#close(handle)
  }

  /** Waits for what is being read. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#reading)
    for (const path of [...this.#open.keys()]) this.forget(path)
    await this.#closing
  }

  async #read(path: string, into: Uint8Array, position: number): Promise<number> {
    const handle = this.#open.get(path) ?? { file: this.#files.open(path, 'read'), users: 0 }
    this.#open.delete(path)
    this.#open.set(path, handle)
    handle.users++
    try {
      const file = await handle.file
      return await file.read(into, position)
    } catch (error) {
      // Perhaps it is this handle that is broken: whoever tries again gets another.
      if (this.#open.get(path) === handle) this.#open.delete(path)
      throw error
    } finally {
      handle.users--
      if (this.#open.get(path) !== handle && handle.users === 0) this.#close(handle)
      this.#trim()
    }
  }

  #trim(): void {
    if (this.#open.size <= this.#limit) return
    for (const [path, handle] of this.#open) {
      if (handle.users > 0) continue
      this.forget(path)
      if (this.#open.size <= this.#limit) return
    }
  }

  #close({ file }: Handle): void {
    // A file that was only read has nothing to lose when it cannot be closed.
    const closed = file.then((opened) => opened.close()).catch(() => undefined)
    this.#closing = Promise.all([this.#closing, closed]).then(() => undefined)
  }
}
