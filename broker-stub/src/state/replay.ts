import type { Files } from '../files/files.ts'
import { FormatError } from '../files/format.ts'
import { type OnRecord, readFrames } from './frames.ts'
import { readSnapshot } from './snapshot.ts'
import { JOURNAL_HEAD, type JournalHead, journalPath, type Link, readJournalHead, type StateFile } from './state-files.ts'

export interface Replayed {
  /** Where the history ends, to go on from. */
  readonly end: Link
  /** The snapshot that it begins with; 0 when there is none. */
  readonly snapshot: number
  readonly snapshotBytes: number
  /** The journals that are part of it. */
  readonly journals: readonly number[]
  readonly journalBytes: number
  /** What is damaged and what was left out for it, as sentences. */
  readonly damage: readonly string[]
}

/** The heads of the journals that were begun, by number. */
async function heads(files: Files, journals: readonly StateFile[], damage: string[]): Promise<JournalHead[]> {
  const found: JournalHead[] = []
  for (const { path, number } of journals) {
    const file = await files.open(path, 'read')
    try {
      const head = await readJournalHead(file, number)
      if (head === 'damaged') damage.push(`${path} is damaged: its head is not what was written; it and what came after it was left out`)
      else if (head !== 'unborn') found.push(head)
    } finally {
      await file.close()
    }
  }
  return found
}

/**
 * Tells the records of the history: the last snapshot, then journal after journal. Of several journals that go on from the same one the highest counts:
 * it was made because nobody could tell what the lower ones had kept, and has all that they had.
 * @throws {FormatError}
 */
export async function replay(files: Files, folder: string, found: readonly StateFile[], onRecord: OnRecord): Promise<Replayed> {
  const snapshot = found.findLast(({ kind }) => kind === 'snapshot')?.number ?? 0
  const damage: string[] = []
  const all = await heads(
    files,
    found.filter(({ kind, number }) => kind === 'journal' && number >= snapshot),
    damage,
  )
  const first = snapshot === 0 ? undefined : all.find(({ number }) => number === snapshot)
  if (snapshot === 0 && all.length > 0 && !all.some(({ previous }) => previous.number === 0)) {
    throw new FormatError('damaged', folder, `${folder} is damaged: its journals go on from a snapshot, or from a journal, that is not there`)
  }

  const snapshotBytes = snapshot === 0 ? 0 : await readSnapshot(files, folder, snapshot, onRecord)
  const journals: number[] = []
  let journalBytes = 0
  let end: Link = { number: snapshot, end: 0 }
  let current = first ?? successor(all, snapshot)
  while (current !== undefined) {
    const next = successor(all, current.number)
    const path = journalPath(folder, current.number)
    const file = await files.open(path, 'read')
    let valid: number
    try {
      const size = await file.size()
      const limit = Math.min(size, next?.previous.end ?? size)
      valid = await readFrames(file, JOURNAL_HEAD, limit, onRecord)
    } finally {
      await file.close()
    }
    journals.push(current.number)
    journalBytes += valid
    end = { number: current.number, end: valid }
    if (next !== undefined && valid !== next.previous.end) {
      damage.push(`${path} is damaged at byte ${valid} of ${next.previous.end}: what came after that was left out`)
      break
    }
    current = next
  }
  return { end, snapshot, snapshotBytes, journals, journalBytes, damage }
}

function successor(all: readonly JournalHead[], number: number): JournalHead | undefined {
  return all.findLast((head) => head.previous.number === number && head.number > number)
}
