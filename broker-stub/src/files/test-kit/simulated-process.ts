import { fileError } from '../file-error.ts'
import type { File, FileErrorCode, Files, FolderLock } from '../files.ts'
import type { Effect, FaultRule, Operation } from './faults.ts'
import { SECTOR } from './simulated-content.ts'
import { folderOf, type Inode, type SimulatedFolders } from './simulated-folders.ts'

/** The disk and its faults, which all processes share. */
export interface Machine {
  readonly capacity: number
  readonly used: number
  readonly readOnly: boolean
  readonly misuses: string[]
  /** Counts the operation. @returns the fault that means it. */
  meet(operation: Operation, path: string): FaultRule | undefined
  crash(kind: 'kill' | 'power'): void
}

/** A write that has begun and not ended. */
interface InFlight {
  readonly inode: Inode
  readonly bytes: Uint8Array
  readonly position: number
}

/** What happens of an operation that does not happen as a whole. */
interface Part {
  failed(effect: Failure): void
  /** The first part of it, between none and all (0 … 1). */
  begun(share: number): void
}

type Failure = Extract<Effect, { readonly fail: FileErrorCode }>

const NONE: Part = { failed: () => {}, begun: () => {} }

/** What one process sees of the disk. */
export class SimulatedProcess implements Files {
  readonly disk: Machine
  readonly folders: SimulatedFolders
  readonly random: () => number
  readonly inFlight = new Set<InFlight>()
  readonly #open = new Set<SimulatedFile>()
  readonly #locks = new Map<string, FolderLock>()
  #ended = false

  constructor(disk: Machine, folders: SimulatedFolders, random: () => number) {
    this.disk = disk
    this.folders = folders
    this.random = random
  }

  end(writes: 'nothing' | 'beginnings' | 'sectors'): void {
    this.#ended = true
    for (const { inode, bytes, position } of this.inFlight) {
      if (writes === 'beginnings') inode.content.write(bytes.subarray(0, Math.floor(this.random() * (bytes.length + 1))), position)
      if (writes === 'sectors') inode.content.write(bytes, position)
    }
    this.inFlight.clear()
    this.#open.clear()
  }

  get ended(): boolean {
    return this.#ended
  }

  get openInodes(): readonly Inode[] {
    return [...this.#open].map(({ inode }) => inode)
  }

  closed(file: SimulatedFile): void {
    this.#open.delete(file)
  }

  check(path: string, action: string): void {
    if (this.#ended) throw fileError('CRASHED', path, action, 'this process has ended')
  }

  /** An operation that takes a while: others that were begun later may end before it. */
  async run<T>(operation: Operation, path: string, action: string, whole: () => T, part: Part = NONE): Promise<T> {
    this.check(path, action)
    const rule = this.disk.meet(operation, path)
    if (rule !== undefined && 'hold' in rule.effect) await rule.wait()
    for (let turns = 1 + Math.floor(this.random() * 3); turns > 0; turns--) await undefined
    this.check(path, action)
    this.#meet(rule, path, action, whole, part)
    return whole()
  }

  runNow(operation: Operation, path: string, action: string, whole: () => void, part: Part): void {
    this.check(path, action)
    this.#meet(this.disk.meet(operation, path), path, action, whole, part)
    whole()
  }

  #meet(rule: FaultRule | undefined, path: string, action: string, whole: () => unknown, part: Part): void {
    const effect = rule?.effect
    if (effect === undefined || 'hold' in effect) return
    if ('fail' in effect) {
      part.failed(effect)
      throw fileError(effect.fail, path, action)
    }
    // In the middle of it: it may have happened, or some of it, and nobody is told.
    try {
      const share = this.random() * 1.5
      if (share < 1) part.begun(share)
      else whole()
    } catch {
      // What cannot happen does not happen.
    }
    this.disk.crash(effect.crash)
    this.check(path, action)
  }

  #mayChange(path: string, action: string): void {
    if (this.disk.readOnly) throw fileError('EROFS', path, action)
  }

  #needsFolder(path: string, action: string): void {
    if (!this.folders.isFolder(folderOf(path))) throw fileError(this.folders.file(folderOf(path)) === undefined ? 'ENOENT' : 'ENOTDIR', path, action)
    if (this.folders.isFolder(path)) throw fileError('EISDIR', path, action)
  }

  list(folder: string): Promise<string[]> {
    const action = `list ${folder}`
    return this.run('list', folder, action, () => {
      if (this.folders.file(folder) !== undefined) throw fileError('ENOTDIR', folder, action)
      return this.folders.list(folder)
    })
  }

  makeFolder(folder: string): Promise<void> {
    const action = `make the folder ${folder}`
    return this.run('makeFolder', folder, action, () => {
      if (this.folders.isFolder(folder)) return
      this.#mayChange(folder, action)
      for (let path = folder; !this.folders.isFolder(path); path = folderOf(path)) {
        if (this.folders.file(path) !== undefined) throw fileError(path === folder ? 'EEXIST' : 'ENOTDIR', folder, action)
      }
      this.folders.makeFolder(folder)
    })
  }

  create(path: string, size: number): Promise<File> {
    const action = `create ${path} of ${size} bytes`
    return this.run('create', path, action, () => {
      this.#needsFolder(path, action)
      if (this.folders.file(path) !== undefined) throw fileError('EEXIST', path, action)
      this.#mayChange(path, action)
      if (this.disk.used + size > this.disk.capacity) throw fileError('ENOSPC', path, action)
      const inode = this.folders.create(path)
      inode.content.truncate(size)
      return this.#opened(path, inode, 'write')
    })
  }

  open(path: string, access: 'read' | 'write'): Promise<File> {
    const action = `open ${path}`
    return this.run('open', path, action, () => {
      this.#needsFolder(path, action)
      const inode = this.folders.file(path)
      if (inode === undefined) throw fileError('ENOENT', path, action)
      if (access === 'write') this.#mayChange(path, action)
      return this.#opened(path, inode, access)
    })
  }

  #opened(path: string, inode: Inode, access: 'read' | 'write'): File {
    const file = new SimulatedFile(this, path, inode, access)
    this.#open.add(file)
    return file
  }

  rename(from: string, to: string): Promise<void> {
    const action = `rename ${from} to ${to}`
    return this.run('rename', to, action, () => {
      if (this.folders.file(from) === undefined) throw fileError('ENOENT', from, action)
      this.#needsFolder(to, action)
      this.#mayChange(from, action)
      if (from !== to) this.folders.rename(from, to)
    })
  }

  remove(path: string): Promise<void> {
    const action = `remove ${path}`
    return this.run('remove', path, action, () => {
      if (this.folders.isFolder(path)) throw fileError('EISDIR', path, action)
      if (this.folders.file(path) === undefined) return
      this.#mayChange(path, action)
      this.folders.remove(path)
    })
  }

  syncFolder(folder: string): Promise<void> {
    const action = `sync the folder ${folder}`
    const { mark } = this.folders
    return this.run('syncFolder', folder, action, () => {
      if (!this.folders.isFolder(folder)) throw fileError('ENOENT', folder, action)
      this.folders.sync(folder, mark)
    })
  }

  lock(folder: string): Promise<FolderLock> {
    const action = `lock ${folder}`
    return this.run('lock', folder, action, () => {
      if (!this.folders.isFolder(folder)) throw fileError('ENOENT', folder, action)
      this.#mayChange(folder, action)
      if (this.#locks.has(folder)) throw fileError('LOCKED', folder, action, `this process (${process.pid}) uses it`)
      const lock: FolderLock = {
        release: async () => {
          if (this.#locks.get(folder) === lock) this.#locks.delete(folder)
        },
      }
      this.#locks.set(folder, lock)
      return lock
    })
  }
}

class SimulatedFile implements File {
  readonly path: string
  readonly inode: Inode
  readonly #process: SimulatedProcess
  readonly #access: 'read' | 'write'
  #closed = false
  #syncFailed = false

  constructor(process: SimulatedProcess, path: string, inode: Inode, access: 'read' | 'write') {
    this.#process = process
    this.path = path
    this.inode = inode
    this.#access = access
  }

  async size(): Promise<number> {
    const action = `look at ${this.path}`
    this.#check(action)
    return this.#process.run('size', this.path, action, () => this.inode.content.size)
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const action = `read ${into.length} bytes at ${position} of ${this.path}`
    this.#check(action)
    return this.#process.run('read', this.path, action, () => this.inode.content.read(into, position))
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    // The bytes as they were handed over: whoever changes them meanwhile should see it in a test.
    const bytes = Buffer.concat(parts)
    const action = `write ${bytes.length} bytes at ${position} of ${this.path}`
    this.#check(action, 'write')
    const flight: InFlight = { inode: this.inode, bytes, position }
    this.#process.inFlight.add(flight)
    try {
      const whole = (): void => {
        this.#process.inFlight.delete(flight)
        this.#put(bytes, position, action)
      }
      await this.#process.run('write', this.path, action, whole, this.#part(bytes, position))
    } finally {
      this.#process.inFlight.delete(flight)
    }
  }

  /** Everything that can happen to a write and to a sync can happen to it. */
  async writeThrough(parts: readonly Uint8Array[], position: number): Promise<void> {
    await this.write(parts, position)
    await this.sync()
  }

  writeNow(parts: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(parts)
    const action = `write ${bytes.length} bytes at ${position} of ${this.path}`
    this.#check(action, 'write')
    this.#process.runNow('writeNow', this.path, action, () => this.#put(bytes, position, action), this.#part(bytes, position))
  }

  async sync(): Promise<void> {
    const action = `sync ${this.path}`
    this.#check(action)
    if (this.#syncFailed) this.#process.disk.misuses.push(`${this.path} was synced after a sync of it had failed`)
    const { content } = this.inode
    const { mark } = content
    const failed = (): void => {
      content.failSync()
      void this.#told()
    }
    await this.#process.run('sync', this.path, action, () => content.sync(mark), { failed, begun: () => {} })
  }

  /** Until the answer has reached who asked, nobody can know. */
  async #told(): Promise<void> {
    for (let turns = 3; turns > 0; turns--) await undefined
    this.#syncFailed = true
  }

  async truncate(size: number): Promise<void> {
    const action = `cut ${this.path} to ${size} bytes`
    this.#check(action, 'write')
    await this.#process.run('truncate', this.path, action, () => {
      const more = size - this.inode.content.size
      if (more > 0 && this.#process.disk.used + more > this.#process.disk.capacity) throw fileError('ENOSPC', this.path, action)
      this.inode.content.truncate(size)
    })
  }

  async close(): Promise<void> {
    if (this.#closed || this.#process.ended) return
    this.#closed = true
    await this.#process.run('close', this.path, `close ${this.path}`, () => this.#process.closed(this))
  }

  #check(action: string, change?: 'write'): void {
    this.#process.check(this.path, action)
    if (this.#closed || (change === 'write' && this.#access === 'read')) throw fileError('EBADF', this.path, action)
    if (change === undefined) return
    if (this.#process.disk.readOnly) throw fileError('EROFS', this.path, action)
    if (this.#syncFailed) this.#process.disk.misuses.push(`${this.path} was written to after a sync of it had failed`)
  }

  /** What fits; the rest fails. */
  #put(bytes: Uint8Array, position: number, action: string): void {
    const { disk } = this.#process
    const { content } = this.inode
    const more = position + bytes.length - content.size
    const room = disk.capacity === Number.POSITIVE_INFINITY ? more : disk.capacity - disk.used
    if (more <= room) {
      content.write(bytes, position)
      return
    }
    content.write(bytes.subarray(0, Math.max(0, bytes.length - (more - Math.max(0, room)))), position)
    throw fileError('ENOSPC', this.path, action)
  }

  #part(bytes: Uint8Array, position: number): Part {
    const { content } = this.inode
    return {
      begun: (share) => content.write(bytes.subarray(0, Math.floor(share * (bytes.length + 1))), position),
      failed: (effect) => {
        if (effect.torn !== true) {
          content.write(bytes.subarray(0, effect.after ?? 0), position)
          return
        }
        for (let from = 0; from < bytes.length; ) {
          const to = Math.min(bytes.length, from + SECTOR - ((position + from) % SECTOR))
          if (this.#process.random() < 0.5) content.write(bytes.subarray(from, to), position + from)
          from = to
        }
      },
    }
  }
}
