import { randomFillSync } from 'node:crypto'
import { CHECK_BYTES } from './entry.ts'
import { type BucketName, HEAD } from './layout.ts'

/** What an id says: where the entry lies, and what is written there beside it. */
export interface Place extends BucketName {
  readonly position: number
  /** Lower-case hex. */
  readonly check: string
}

const VERSION = 't1'
/** Random bytes are fetched for many entries at once: one call costs as much as fifty entries. */
const pool: Buffer = Buffer.alloc(4096)
let used: number = pool.length

/** Nobody can guess it: an id that was not given out leads nowhere. Good until it is called again. */
export function nextCheck(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += CHECK_BYTES
  return pool.subarray(used - CHECK_BYTES, used)
}

export function hex(check: Uint8Array): string {
  return Buffer.from(check.buffer, check.byteOffset, check.length).toString('hex')
}

/** Letters, digits and dots. */
export function makeId({ hour, number, position, check }: Place): string {
  return `${VERSION}.${hour}.${number}.${position}.${check}`
}

/** Undefined for anything that {@link makeId} would not have written just so. */
export function parseId(id: string): Place | undefined {
  if (id.length > 80) return undefined
  const [, hour, number, position, check] = /^t1\.(\d{1,10})\.(\d{1,10})\.(\d{1,11})\.([0-9a-f]{16})$/.exec(id) ?? []
  if (check === undefined) return undefined
  const place = { hour: Number(hour), number: Number(number), position: Number(position), check }
  return place.position >= HEAD && makeId(place) === id ? place : undefined
}
