import { getSystemErrorMap } from 'node:util'
import { FileError, type FileErrorCode } from './files.ts'

/** The codes that an operator meets, in words that say what to do about; the others go by the system's own. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not'],
  ['EBADF', 'it is closed, or was opened for reading only'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EEXIST', 'it exists already'],
  ['EIO', 'the device failed'],
  ['EISDIR', 'it is a folder'],
  ['EMFILE', 'this process has too many files open'],
  ['ENFILE', 'this machine has too many files open'],
  ['ENOENT', 'there is no such file or folder'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['EROFS', 'the file system is read-only'],
])

/** @param action as in "cannot {action}", with the path in it. */
export function fileError(code: FileErrorCode, path: string, action: string, reason?: string, cause?: unknown): FileError {
  const why = reason ?? REASONS.get(code) ?? [...getSystemErrorMap().values()].find(([name]) => name === code)?.[1] ?? 'unknown reason'
  return new FileError(code, path, `cannot ${action}: ${why} (${code})`, { cause })
}

/** What node:fs threw, as a {@link FileError}. */
export function asFileError(thrown: unknown, path: string, action: string): FileError {
  if (thrown instanceof FileError) return thrown
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'UNKNOWN'
  const known = REASONS.has(code) || code.startsWith('E')
  return fileError(code, path, action, known && !code.startsWith('ERR_') ? undefined : String(thrown), thrown)
}

/** Of a write of which the system takes nothing without a failure: it would be tried for ever. */
export function nothingTaken(path: string, action: string): FileError {
  return fileError('EIO', path, action, 'the system took none of them and did not say why')
}
