import type { File } from './files.ts'

const PART = 1024 * 1024

/**
 * Writes what is in a file from one place up to another there once more, so that the next sync brings it to the disk. A sync alone does nothing when an earlier
 * one failed: the system took the pages for clean then, and gives them to readers until the machine ends (fsync(2)).
 * @throws {FileError}
 */
export async function writeAnew(file: File, from: number, to: number): Promise<void> {
  const part = new Uint8Array(Math.min(to - from, PART))
  for (let position = from; position < to; ) {
    const read = await file.read(part.subarray(0, to - position), position)
    if (read === 0) return
    await file.write([part.subarray(0, read)], position)
    position += read
  }
}
