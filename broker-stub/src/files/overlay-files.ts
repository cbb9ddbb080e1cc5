import { fileError } from './file-error.ts'
import type { File, Files, FolderLock } from './files.ts'

const PAGE = 64 * 1024

/** A file as it would be: what was written since, over what is on the disk. */
class Content {
  size: number
  readonly base: string | undefined
  /** How much of {@link base} still counts. */
  baseSize: number
  readonly pages = new Map<number, Uint8Array>()

  constructor(base: string | undefined, size: number) {
    this.base = base
    this.baseSize = base === undefined ? 0 : size
    this.size = size
  }
}

class OverlayFile implements File {
  readonly path: string
  readonly #content: Content
  readonly #base: File | undefined

  constructor(path: string, content: Content, base: File | undefined) {
    this.path = path
    this.#content = content
    this.#base = base
  }

  async size(): Promise<number> {
    return this.#content.size
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { size, baseSize, pages } = this.#content
    const count = Math.max(0, Math.min(into.length, size - position))
    const target = into.subarray(0, count)
    target.fill(0)
    const old = Math.max(0, Math.min(count, baseSize - position))
    if (old > 0 && this.#base !== undefined) await this.#base.read(target.subarray(0, old), position)
    for (let page = Math.floor(position / PAGE); page * PAGE < position + count; page++) {
      const bytes = pages.get(page)
      if (bytes === undefined) continue
      const start = Math.max(position, page * PAGE)
      const end = Math.min(position + count, (page + 1) * PAGE)
      target.set(bytes.subarray(start - page * PAGE, end - page * PAGE), start - position)
    }
    return count
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    const { pages } = this.#content
    const end = parts.reduce((at, { length }) => at + length, position)
    for (let page = Math.floor(position / PAGE); page * PAGE < end; page++) if (!pages.has(page)) pages.set(page, await this.#pageOf(page))
    this.#put(parts, position)
  }

  writeThrough(parts: readonly Uint8Array[], position: number): Promise<void> {
    return this.write(parts, position)
  }

  async #pageOf(page: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(PAGE)
    await this.read(bytes, page * PAGE)
    return bytes
  }

  /** Only for files that are new: what is on the disk cannot be looked at at once. */
  writeNow(parts: readonly Uint8Array[], position: number): void {
    if (this.#content.base !== undefined) throw fileError('EROFS', this.path, `write to ${this.path}`)
    this.#put(parts, position)
  }

  /** What of the pages is not there yet is zero. */
  #put(parts: readonly Uint8Array[], position: number): void {
    const content = this.#content
    let at = position
    for (const part of parts) {
      for (let done = 0; done < part.length; ) {
        const page = Math.floor(at / PAGE)
        const within = at - page * PAGE
        const some = Math.min(part.length - done, PAGE - within)
        const bytes = content.pages.get(page) ?? new Uint8Array(PAGE)
        bytes.set(part.subarray(done, done + some), within)
        content.pages.set(page, bytes)
        done += some
        at += some
      }
    }
    content.size = Math.max(content.size, at)
  }

  async sync(): Promise<void> {}

  async truncate(size: number): Promise<void> {
    const content = this.#content
    if (size < content.size) {
      for (const [page, bytes] of content.pages) bytes.fill(0, Math.min(PAGE, Math.max(0, size - page * PAGE)))
      content.baseSize = Math.min(content.baseSize, size)
    }
    content.size = size
  }

  async close(): Promise<void> {
    await this.#base?.close()
  }
}

/**
 * Files on which everything can be done and that change nothing: what is written stays in memory, over what is on the disk. For looking at a data
 * directory with the very code that would open it.
 */
export class OverlayFiles implements Files {
  readonly #files: Files
  /** By path; undefined for one that is gone. */
  readonly #changed = new Map<string, Content | undefined>()

  constructor(files: Files) {
    this.#files = files
  }

  async list(folder: string): Promise<string[]> {
    const names = new Set(await this.#files.list(folder))
    for (const [path, content] of this.#changed) {
      if (!path.startsWith(`${folder}/`)) continue
      const name = path.slice(folder.length + 1)
      if (name.includes('/')) continue
      if (content === undefined) names.delete(name)
      else names.add(name)
    }
    return [...names].sort()
  }

  async makeFolder(): Promise<void> {}

  async create(path: string, size: number): Promise<File> {
    if (await this.#exists(path)) throw fileError('EEXIST', path, `create ${path}`)
    const content = new Content(undefined, size)
    this.#changed.set(path, content)
    return new OverlayFile(path, content, undefined)
  }

  async open(path: string): Promise<File> {
    const known = this.#changed.get(path)
    if (known === undefined && this.#changed.has(path)) throw fileError('ENOENT', path, `open ${path}`)
    const from = known === undefined ? path : known.base
    const base = from === undefined ? undefined : await this.#files.open(from, 'read')
    const content = known ?? new Content(path, (await base?.size()) ?? 0)
    this.#changed.set(path, content)
    return new OverlayFile(path, content, base)
  }

  async rename(from: string, to: string): Promise<void> {
    const file = await this.open(from)
    await file.close()
    this.#changed.set(to, this.#changed.get(from))
    this.#changed.set(from, undefined)
  }

  async remove(path: string): Promise<void> {
    this.#changed.set(path, undefined)
  }

  async syncFolder(): Promise<void> {}

  async lock(): Promise<FolderLock> {
    return { release: async () => {} }
  }

  async #exists(path: string): Promise<boolean> {
    if (this.#changed.has(path)) return this.#changed.get(path) !== undefined
    const at = path.lastIndexOf('/')
    return (await this.#files.list(path.slice(0, at))).includes(path.slice(at + 1))
  }
}
