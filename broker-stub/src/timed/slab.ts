import { type Chunk, chunk } from '../log/segments/record.ts'

const SIZE = 256 * 1024

/** Memory that entries are written into one after the other; a part that is full stays alive as long as something of it waits to be written. */
export class Slab {
  #chunk: Chunk = chunk(0)
  #used = 0

  /** Where to write, and from where on `bytes` are free. */
  room(bytes: number): { readonly chunk: Chunk; readonly at: number } {
    if (this.#used + bytes > this.#chunk.bytes.length) {
      this.#chunk = chunk(Math.max(SIZE, bytes))
      this.#used = 0
    }
    return { chunk: this.#chunk, at: this.#used }
  }

  /** @returns what was written from `at` on. */
  take(bytes: number): Uint8Array {
    const start = this.#used
    this.#used += bytes
    return new Uint8Array(this.#chunk.bytes.buffer, this.#chunk.bytes.byteOffset + start, bytes)
  }
}
