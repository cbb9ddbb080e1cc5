/** Where blocks of fields are written (RFC 7541, 3.1 and 5): bytes that grow, and stay for the next block. */

const LEAST = 512
/** What stays between blocks. One huge block shall not cost memory for the life of its connection. */
const KEPT = 65_536

export class HpackOutput {
  /** What counts is up to {@link length}. A larger array takes its place when it grows: do not keep it over a write. */
  bytes: Uint8Array = new Uint8Array(LEAST)
  length = 0

  /** Begins anew; what was written before is no longer valid. */
  reset(): void {
    this.length = 0
    if (this.bytes.length > KEPT) this.bytes = new Uint8Array(LEAST)
  }

  /** Makes room for `count` more bytes behind {@link length}. */
  ensure(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count)
  }

  /** Writes these bytes behind the others. A few: one by one is faster than by a call of V8's. */
  append(bytes: Uint8Array): void {
    const { length } = bytes
    this.ensure(length)
    const into = this.bytes
    const at = this.length
    for (let index = 0; index < length; index += 1) into[at + index] = bytes[index] as number
    this.length = at + length
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(least, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
