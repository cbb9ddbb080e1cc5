import type { File, Files } from '../../files/files.ts'

/** Files that are open for reading at once. */
const OPEN_FILES = 64

interface OpenFile {
  readonly file: Promise<File>
  users: number
}

/** Opens segments as they are read, and keeps the few open that were read last: a log may have more of them than a process may have files. */
export class SegmentReaders {
  readonly #files: Files
  readonly #limit: number
  /** By path, the one used longest ago first. */
  readonly #open = new Map<string, OpenFile>()

  constructor(files: Files, limit: number = OPEN_FILES) {
    this.#files = files
    this.#limit = limit
  }

  /** Fills `into`. @returns how many bytes there were. @throws {FileError} */
  async read(path: string, into: Uint8Array, position: number): Promise<number> {
    const entry = this.#take(path)
    entry.users += 1
    try {
      return await (await entry.file).read(into, position)
    } catch (error) {
      // The next one opens it anew.
      if (this.#open.get(path) === entry) this.#open.delete(path)
      throw error
    } finally {
      entry.users -= 1
      if (this.#open.get(path) !== entry) this.#letGo(entry)
      this.#shrink()
    }
  }

  forget(path: string): void {
    const entry = this.#open.get(path)
    this.#open.delete(path)
    if (entry !== undefined) this.#letGo(entry)
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.forget(path)
  }

  #take(path: string): OpenFile {
    const known = this.#open.get(path)
    if (known !== undefined) {
      this.#open.delete(path)
      this.#open.set(path, known)
      return known
    }
    const entry: OpenFile = { file: this.#files.open(path, 'read'), users: 0 }
    this.#open.set(path, entry)
    return entry
  }

  #shrink(): void {
    for (const [path, { users }] of this.#open) {
      if (this.#open.size <= this.#limit) return
      if (users === 0) this.forget(path)
    }
  }

  /** Closes it unless someone reads; the last one who does comes here again. */
  #letGo(entry: OpenFile): void {
    if (entry.users > 0) return
    // What cannot be closed was only read.
    entry.file.then((file) => file.close()).catch(() => {})
  }
}
