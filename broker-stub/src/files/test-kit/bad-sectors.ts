import { type File, FileError, type Files } from '../files.ts'

/** Bytes [from, to) of a file that the disk does not give. */
export interface BadSectors {
  readonly path: string
  readonly from: number
  readonly to: number
}

/** A disk of which some places cannot be read, however often: a list that a test fills while it goes on. */
export function withBadSectors(files: Files, bad: readonly BadSectors[]): Files {
  const check = (path: string, from: number, length: number): void => {
    if (bad.some((place) => path.endsWith(place.path) && from < place.to && from + length > place.from)) {
      throw new FileError('EIO', path, `cannot read ${path}: a sector is bad (EIO)`)
    }
  }
  const checked = (file: File): File => ({
    path: file.path,
    size: () => file.size(),
    async read(into, position) {
      check(file.path, position, into.length)
      return file.read(into, position)
    },
    write: (parts, position) => file.write(parts, position),
    writeThrough: (parts, position) => file.writeThrough(parts, position),
    writeNow: (parts, position) => file.writeNow(parts, position),
    sync: () => file.sync(),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  })
  return {
    list: (folder) => files.list(folder),
    makeFolder: (folder) => files.makeFolder(folder),
    create: async (path, size) => checked(await files.create(path, size)),
    open: async (path, access) => checked(await files.open(path, access)),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    syncFolder: (folder) => files.syncFolder(folder),
    lock: (folder) => files.lock(folder),
  }
}
