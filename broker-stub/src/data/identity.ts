import { randomBytes } from 'node:crypto'
import { RecordError } from '../state/record-error.ts'

/** Type of the record in the state. */
const IDENTITY = 8
const KEY_BYTES = 8

/** What receipt handles of one data directory have in common. */
export interface Identity {
  /** How often the broker was started on this directory. */
  readonly epoch: number
  /** Secret of receipt handles. */
  readonly key: Uint8Array
}

export const firstIdentity = (): Identity => ({ epoch: 1, key: randomBytes(KEY_BYTES) })

export function emitIdentity({ epoch, key }: Identity, emit: (type: number, bytes: Uint8Array) => void): void {
  const bytes = Buffer.alloc(8 + KEY_BYTES)
  bytes.writeDoubleLE(epoch)
  bytes.set(key, 8)
  emit(IDENTITY, bytes)
}

/** @returns undefined for another record. @throws {RecordError} */
export function readIdentity(type: number, bytes: Uint8Array): Identity | undefined {
  if (type !== IDENTITY) return undefined
  if (bytes.length !== 8 + KEY_BYTES) throw new RecordError(`the identity of a data directory has ${8 + KEY_BYTES} bytes, not ${bytes.length}`)
  const copy = Buffer.from(bytes)
  return { epoch: copy.readDoubleLE(), key: copy.subarray(8) }
}
