import type { Files } from '../files/files.ts'
import { FORMAT_BYTES, FormatError } from '../files/format.ts'
import { type BucketName, bucketPath, checkFolderFormat, decodeHead, encodeFolderFormat, formatPath, HEAD, HOUR, parseFile } from './layout.ts'
import { Timed, type TimedOptions } from './timed.ts'

/**
 * Opens the folder, or makes it. Files are looked for and not into; what is near is read in the background.
 * @throws {FormatError} when a newer version wrote it.
 * @throws {FileError}
 */
export async function openTimed(options: TimedOptions): Promise<Timed> {
  const { files, folder } = options
  await files.makeFolder(folder)
  const names = await files.list(folder)
  await checkVersion(files, folder, names)
  const found = new Map<string, BucketName & { readonly parts: number[] }>()
  const marks: { readonly key: string; readonly part: number; readonly path: string }[] = []
  for (const name of names) {
    const file = parseFile(folder, name)
    if (file === undefined) continue
    const key = `${file.hour}-${file.number}`
    if (file.kind === 'bucket') found.set(key, { hour: file.hour, number: file.number, parts: [] })
    else marks.push({ key, part: file.part, path: file.path })
  }
  const orphans = marks.filter(({ key, part }) => found.get(key)?.parts.push(part) === undefined)
  // A bucket file must not come back after a loss of power: of what was in it the log may be all that tells, and marks that were beside it go now.
  if (names.length > 0) await files.syncFolder(folder)
  for (const { path } of orphans) await files.remove(path)
  const { clock, horizon = HOUR } = options
  for (const name of found.values()) if (name.hour * HOUR - horizon <= clock.now()) await refuseNewer(files, bucketPath(folder, name), name)
  return new Timed({ ...options, horizon }, [...found.values()])
}

/** Whatever else is wrong with a file keeps nobody from opening the others. */
async function refuseNewer(files: Files, path: string, name: BucketName): Promise<void> {
  try {
    const file = await files.open(path, 'read')
    try {
      const head = Buffer.alloc(HEAD)
      decodeHead('bucket', head.subarray(0, await file.read(head, 0)), path, name)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof FormatError && error.kind === 'newer') throw error
  }
}

async function checkVersion(files: Files, folder: string, names: readonly string[]): Promise<void> {
  const path = formatPath(folder)
  if (names.includes('format')) {
    const file = await files.open(path, 'read')
    try {
      const bytes = Buffer.alloc(FORMAT_BYTES)
      const count = await file.read(bytes, 0)
      // Else the one who made it stopped before it was written, and put nothing yet in the present format.
      if (count === FORMAT_BYTES && bytes.some((byte) => byte !== 0)) {
        // What follows may be put in the present format, which who reads the older one has to be told.
        if (checkFolderFormat(bytes, path)) return
      }
    } finally {
      await file.close()
    }
    await files.remove(path)
  }
  const file = await files.create(path, 0)
  try {
    await file.write([encodeFolderFormat()], 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.syncFolder(folder)
}
