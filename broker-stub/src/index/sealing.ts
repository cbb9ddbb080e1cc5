import type { File, Files } from '../files/files.ts'
import { type IndexSource, writeIndex } from './index-writer.ts'
import { fileName, type IndexHead } from './layout.ts'

/**
 * Writes the index of a segment so that it is there whole or not at all, also after a loss of power.
 * @param source Asked again when the segment changed while it was written: messages of a failed batch were taken back, say.
 */
export async function sealToFile(files: Files, folder: string, base: number, source: () => IndexSource): Promise<IndexHead> {
  const path = `${folder}/${fileName(base)}`
  const temporary = `${path}.tmp`
  for (;;) {
    await files.remove(temporary)
    const file = await files.create(temporary, 0)
    const state = source()
    const head = await written(file, state).catch(async (error: unknown) => {
      // It is not used again, whatever was wrong with it; the next opening takes away what cannot be removed now.
      await files.remove(temporary).catch(() => undefined)
      throw error
    })
    if (head === undefined) continue
    await files.rename(temporary, path)
    await files.syncFolder(folder)
    if (state.segment.changes === state.changes) return head
  }
}

async function written(file: File, source: IndexSource): Promise<IndexHead | undefined> {
  try {
    const head = await writeIndex(file, source)
    if (head !== undefined) await file.sync()
    return head
  } finally {
    await file.close()
  }
}
