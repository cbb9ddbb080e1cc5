import type { Resolution } from './transactions.ts'

/** Type of the record in the state. Numbers stay what they are: files have them. */
const ENDED = 24

type Emit = (type: number, bytes: Uint8Array) => void

/** A transaction ended: `c` or `r`, and its key. */
export function emitEnded(key: string, resolution: Resolution, emit: Emit): void {
  emit(ENDED, Buffer.from(`${resolution === 'commit' ? 'c' : 'r'}${key}`))
}

/** Gathers the ends of transactions when the state is opened, of the last ones so many as are remembered. */
export class EndedRecords {
  readonly ended: Map<string, Resolution> = new Map()
  readonly #most: number

  constructor(most = 16_384) {
    this.#most = most
  }

  /** @returns whether the record is one of these. */
  take(type: number, bytes: Uint8Array): boolean {
    if (type !== ENDED) return false
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const key = text.slice(1)
    this.ended.delete(key)
    this.ended.set(key, text.startsWith('c') ? 'commit' : 'rollback')
    if (this.ended.size > this.#most) for (const oldest of this.ended.keys()) return this.ended.delete(oldest)
    return true
  }
}
