import { RecordError } from '../../state/record-error.ts'

/** Writes numbers and texts one after the other into bytes that grow, and are used again for the next record. */
export class RecordWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(4 * 1024)
  #at = 0

  /** Begins anew; what {@link done} answered before is no longer valid. */
  begin(): void {
    this.#at = 0
  }

  /** What was written since {@link begin}, until the next. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  u8(value: number): void {
    this.#room(1)
    this.#at = this.#bytes.writeUInt8(value, this.#at)
  }

  u16(value: number): void {
    this.#room(2)
    this.#at = this.#bytes.writeUInt16LE(value, this.#at)
  }

  u32(value: number): void {
    this.#room(4)
    this.#at = this.#bytes.writeUInt32LE(value, this.#at)
  }

  u48(value: number): void {
    this.#room(6)
    this.#at = this.#bytes.writeUIntLE(value, this.#at, 6)
  }

  f64(value: number): void {
    this.#room(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  /** At most 64 KiB of UTF-8; none is not the same as an empty one. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.u16(NO_TEXT)
      return
    }
    const length = Buffer.byteLength(value)
    this.u16(length)
    this.#room(length)
    this.#at += this.#bytes.write(value, this.#at)
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + length))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

const NO_TEXT = 0xffff

/** Reads what {@link RecordWriter} wrote. @throws {RecordError} when there is less than what is asked for. */
export class RecordReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  u16(): number {
    return this.#bytes.readUInt16LE(this.#take(2))
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  u48(): number {
    return this.#bytes.readUIntLE(this.#take(6), 6)
  }

  f64(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  text(): string | undefined {
    const length = this.u16()
    if (length === NO_TEXT) return undefined
    const at = this.#take(length)
    return this.#bytes.toString('utf8', at, at + length)
  }

  #take(length: number): number {
    const at = this.#at
    if (length > this.left) throw new RecordError(`a record of ${this.#bytes.length} bytes ends within a field at ${at}`)
    this.#at = at + length
    return at
  }
}
