import type { File, Files } from '../files/files.ts'

interface Handle {
  readonly opening: Promise<File>
  users: number
}

/** Files that are open because they were used of late: thousands of hours may have one each, and a process may open some thousand. */
export class OpenFiles {
  readonly #files: Files
  readonly #limit: number
  /** The one that was used last is the last. */
  readonly #handles = new Map<string, Handle>()

  constructor(files: Files, limit: number) {
    this.#files = files
    this.#limit = limit
  }

  /** Who writes to a file says `write` each time, and is the only one to use it. */
  use<T>(path: string, access: 'read' | 'write', body: (file: File) => Promise<T>): Promise<T> {
    return this.#use(path, () => this.#files.open(path, access), body)
  }

  create<T>(path: string, body: (file: File) => Promise<T>): Promise<T> {
    return this.#use(path, () => this.#files.create(path, 0), body)
  }

  /** When it is not used any more. */
  async close(path: string): Promise<void> {
    const handle = this.#handles.get(path)
    if (handle === undefined) return
    this.#handles.delete(path)
    if (handle.users === 0) await this.#close(handle)
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#handles.keys()].map((path) => this.close(path)))
  }

  async #use<T>(path: string, open: () => Promise<File>, body: (file: File) => Promise<T>): Promise<T> {
    let handle = this.#handles.get(path)
    if (handle === undefined) handle = { opening: open(), users: 0 }
    else this.#handles.delete(path)
    this.#handles.set(path, handle)
    handle.users++
    try {
      const file = await handle.opening.catch((error: unknown) => {
        if (this.#handles.get(path) === handle) this.#handles.delete(path)
        throw error
      })
      return await body(file)
    } finally {
      handle.users--
      if (handle.users === 0 && this.#handles.get(path) !== handle) await this.#close(handle)
      await this.#trim()
    }
  }

  async #trim(): Promise<void> {
    for (const [path, { users }] of this.#handles) {
      if (this.#handles.size <= this.#limit) return
      if (users === 0) await this.close(path)
    }
  }

  async #close({ opening }: Handle): Promise<void> {
    try {
      await (await opening).close()
    } catch {
      // What was to last was synced: closing loses nothing.
    }
  }
}
