import type { File, Files } from '../../files/files.ts'

/** Files that are open for reading at once. */
const OPEN_FILES = 64

/** A sector of a disk is no larger. */
const PART = 4096

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
      this.#drop(path, entry)
      throw error
    } finally {
      entry.users -= 1
      if (this.#open.get(path) !== entry) this.#letGo(entry)
      this.#shrink()
    }
  }

  /**
   * {@link read}, with zeros for parts that the disk does not give, as long as it gives any.
   * @throws {FileError} also when the file cannot be opened: that says nothing of its parts.
   */
  async readAround(path: string, into: Uint8Array, position: number): Promise<number> {
    try {
      return await this.read(path, into, position)
    } catch (error) {
      let end = 0
      for (let at = 0, next = 0; at < into.length; at = next) {
        next = at + PART - ((position + at) % PART)
        const part = into.subarray(at, next)
        await this.#take(path).file
        const read = await this.read(path, part, position + at).catch(() => part.fill(0) && undefined)
        if (read !== undefined) end = at + read
      }
      if (end === 0) throw error
      return end
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
    // The next one tries again.
    entry.file.catch(() => this.#drop(path, entry))
    return entry
  }

  #drop(path: string, entry: OpenFile): void {
    if (this.#open.get(path) === entry) this.#open.delete(path)
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
