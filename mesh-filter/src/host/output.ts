import { asBuffer } from './body-buffer.ts'
import type { HeaderList } from './header-map.ts'

/** What one side of a call has got: the upstream of a request, or the client of a response. */
export class Output {
  /** As they were when they were passed on; undefined before that. */
  headers: HeaderList | undefined
  trailers: HeaderList | undefined
  /** Bytes of body so far. */
  bytes = 0
  /** The side has seen the end of the stream. */
  ended = false
  /** The side has got a reset instead of an end. */
  isReset = false
  readonly #chunks: Uint8Array[] = []

  /** The body as it was cut. Chunks that were passed on as they came are the caller's own. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks
  }

  /** The body so far, in one piece. */
  body(): Buffer {
    const [first] = this.#chunks
    return this.#chunks.length === 1 && first !== undefined ? asBuffer(first) : Buffer.concat(this.#chunks)
  }

  /** A header's first value. */
  header(name: string): string | undefined {
    return this.headers?.find(([known]) => known === name)?.[1]
  }

  /** For the filter manager. */
  addChunk(chunk: Uint8Array, end: boolean): void {
    if (chunk.length > 0) {
      this.#chunks.push(chunk)
      this.bytes += chunk.length
    }
    if (end) this.ended = true
  }
}
