/**
 * What a broker asks of the disk that keeps its data. All of it goes through this interface and nothing else does, so that tests can lose what was not
 * synced, tear what was being written, and let any operation fail or wait.
 *
 * Paths are joined with `/`. Every operation rejects with a {@link FileError}.
 */
export interface Files {
  /** Names of what is in the folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<string[]>
  /** Makes the folder and those above it, all of them lasting when it returns; fine when it is there. */
  makeFolder(folder: string): Promise<void>
  /**
   * A new file of `size` bytes, all of them zero and their blocks taken, so that writing into it later cannot fail for want of space. Not synced.
   * Code `EEXIST` when there is one; leaves none behind when it fails for another reason.
   */
  create(path: string, size: number): Promise<File>
  /** A file that is there. `'write'` also reads. */
  open(path: string, access: 'read' | 'write'): Promise<File>
  /** Takes the place of what was there. Lasting once the folder is synced. */
  rename(from: string, to: string): Promise<void>
  /** Fine when there is no such file. Lasting once the folder is synced. */
  remove(path: string): Promise<void>
  /** Makes what was created, renamed and removed in the folder survive a loss of power. */
  syncFolder(folder: string): Promise<void>
  /** Keeps others out of the folder until it is released or this process ends, whichever way. Code `LOCKED` when it is held, by this process too. */
  lock(folder: string): Promise<FolderLock>
}

export interface File {
  readonly path: string
  size(): Promise<number>
  /** Fills `into` from `position` on. @returns how many bytes; fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes all parts one after the other, or fails with some of it written. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>
  /** {@link write} that has happened when it returns: it survives this process, not a loss of power. @throws {FileError} */
  writeNow(parts: readonly Uint8Array[], position: number): void
  /**
   * {@link write} that survives a loss of power when it is over, itself at least; cheaper than a {@link sync} after it. After it failed nobody knows what
   * does survive, as after a sync.
   */
  writeThrough(parts: readonly Uint8Array[], position: number): Promise<void>
  /** fdatasync: what was written before survives a loss of power. After it failed nobody knows what does; it must not be tried again on this file. */
  sync(): Promise<void>
  /** Bytes added are zero. Lasting once the file is synced. */
  truncate(size: number): Promise<void>
  /** Idempotent. Whatever is asked of a closed file fails with code `EBADF`. */
  close(): Promise<void>
}

export interface FolderLock {
  release(): Promise<void>
}

export type FileErrorCode = 'EIO' | 'ENOSPC' | 'EROFS' | 'EACCES' | 'ENOENT' | 'EEXIST' | 'EMFILE' | 'LOCKED' | (string & {})

/** An operation on a file failed; the message says which, on what, and what the system answered. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: FileErrorCode
  readonly path: string

  constructor(code: FileErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.path = path
  }
}
