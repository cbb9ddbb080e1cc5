import type { Clock } from '../clock.ts'
import { type File, FileError, type Files } from '../files/files.ts'
import type { DiskFault, DiskOperation, Faults, PlacedFault } from './faults.ts'

/** A disk with the faults that a test asks for. Opening, locking and closing a folder is none of them: without those there is no broker. */
export function faultyFiles(files: Files, faults: Faults, clock: Clock): Files {
  const disk = new FaultyDisk(faults, clock)
  return {
    list: (folder) => disk.meet('list', folder, () => files.list(folder)),
    makeFolder: (folder) => files.makeFolder(folder),
    create: (path, size) => disk.meet('create', path, async () => new FaultyFile(await files.create(path, size), disk)),
    open: (path, access) => disk.meet('open', path, async () => new FaultyFile(await files.open(path, access), disk)),
    rename: (from, to) => disk.meet('rename', to, () => files.rename(from, to)),
    remove: (path) => disk.meet('remove', path, () => files.remove(path)),
    syncFolder: (folder) => disk.meet('sync', folder, () => files.syncFolder(folder)),
    lock: (folder) => files.lock(folder),
  }
}

class FaultyDisk {
  readonly #faults: Faults
  readonly #clock: Clock

  constructor(faults: Faults, clock: Clock) {
    this.#faults = faults
    this.#clock = clock
  }

  meet<T>(operation: DiskOperation, path: string, work: () => Promise<T>): Promise<T> {
    const fault = this.#faults.hittingDisk(operation, path)
    return fault === undefined ? work() : this.#suffer(fault, operation, path, work)
  }

  /** For what cannot wait. */
  meetNow(operation: DiskOperation, path: string): void {
    const fault = this.#faults.hittingDisk(operation, path)
    if (fault?.options.fail !== undefined) throw failure(fault.options.fail, operation, path)
  }

  async #suffer<T>({ latency, options }: PlacedFault<DiskFault>, operation: DiskOperation, path: string, work: () => Promise<T>): Promise<T> {
    if (latency > 0) await new Promise<void>((resolve) => this.#clock.setTimer(resolve, latency))
    if (options.fail !== undefined) throw failure(options.fail, operation, path)
    return work()
  }
}

function failure(code: NonNullable<DiskFault['fail']>, operation: DiskOperation, path: string): FileError {
  return new FileError(code, path, `${operation} of ${path}: ${code} (a fault that the test asked for)`)
}

class FaultyFile implements File {
  readonly path: string
  readonly #file: File
  readonly #disk: FaultyDisk

  constructor(file: File, disk: FaultyDisk) {
    this.path = file.path
    this.#file = file
    this.#disk = disk
  }

  size(): Promise<number> {
    return this.#file.size()
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#disk.meet('read', this.path, () => this.#file.read(into, position))
  }

  write(parts: readonly Uint8Array[], position: number): Promise<void> {
    return this.#disk.meet('write', this.path, () => this.#file.write(parts, position))
  }

  /** Faults of writing and of syncing meet it, one after the other. */
  writeThrough(parts: readonly Uint8Array[], position: number): Promise<void> {
    return this.#disk.meet('write', this.path, () => this.#disk.meet('sync', this.path, () => this.#file.writeThrough(parts, position)))
  }

  writeNow(parts: readonly Uint8Array[], position: number): void {
    this.#disk.meetNow('write', this.path)
    this.#file.writeNow(parts, position)
  }

  sync(): Promise<void> {
    return this.#disk.meet('sync', this.path, () => this.#file.sync())
  }

  truncate(size: number): Promise<void> {
    return this.#disk.meet('truncate', this.path, () => this.#file.truncate(size))
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
