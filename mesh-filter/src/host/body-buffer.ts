const empty = Buffer.alloc(0)

/** Bytes that a stream has to keep. A single chunk is borrowed; only when more come are they copied together. */
export class BodyBuffer {
  #bytes: Buffer = empty
  #length = 0

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    const length = this.#length + chunk.length
    if (this.#length === 0) {
      this.#bytes = asBuffer(chunk)
    } else {
      // A borrowed chunk is as long as what is in it, so that it is never written to.
      if (this.#bytes.length < length) {
        const bigger = Buffer.allocUnsafe(Math.max(2 * length, 256))
        this.#bytes.copy(bigger, 0, 0, this.#length)
        this.#bytes = bigger
      }
      this.#bytes.set(chunk, this.#length)
    }
    this.#length = length
  }

  /** Valid until the next change. */
  bytes(): Buffer {
    return this.#bytes.length === this.#length ? this.#bytes : this.#bytes.subarray(0, this.#length)
  }

  replace(bytes: Uint8Array): void {
    this.#bytes = asBuffer(bytes)
    this.#length = bytes.length
  }

  /** Hands everything over; the buffer is empty afterwards. */
  take(): Buffer {
    const bytes = this.bytes()
    this.#bytes = empty
    this.#length = 0
    return bytes
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
