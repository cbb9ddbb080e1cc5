import { RecordError } from '../../state/record-error.ts'

const NO_TEXT = 0xffff
/** Texts up to here are written byte by byte while they are ASCII, as ids are: two calls into the runtime cost more. */
const SHORT_TEXT = 64

/** Writes numbers and texts one after the other into bytes that grow, and are used again for the next record. */
export class RecordWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(4 * 1024)
  // The methods of Buffer are calls; those of a DataView become machine code where they stand.
  #view: DataView = new DataView(this.#bytes.buffer)
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
    const at = this.#take(1)
    this.#view.setUint8(at, within(value, 0xff))
  }

  u16(value: number): void {
    const at = this.#take(2)
    this.#view.setUint16(at, within(value, 0xffff), true)
  }

  u32(value: number): void {
    const at = this.#take(4)
    this.#view.setUint32(at, within(value, 0xffff_ffff), true)
  }

  u48(value: number): void {
    const at = this.#take(6)
    const high = Math.floor(within(value, 0xffff_ffff_ffff) / 0x1_0000_0000)
    this.#view.setUint32(at, value - high * 0x1_0000_0000, true)
    this.#view.setUint16(at + 4, high, true)
  }

  f64(value: number): void {
    const at = this.#take(8)
    this.#view.setFloat64(at, value, true)
  }

  /** At most 64 KiB of UTF-8; none is not the same as an empty one. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.u16(NO_TEXT)
      return
    }
    if (value.length <= SHORT_TEXT && this.#ascii(value)) return
    const length = Buffer.byteLength(value)
    this.u16(length)
    const at = this.#take(length)
    this.#bytes.write(value, at)
  }

  /** Writes a text if it is ASCII. */
  #ascii(value: string): boolean {
    const { length } = value
    const before = this.#at
    this.u16(length)
    const at = this.#take(length)
    for (let n = 0; n < length; n += 1) {
      const code = value.charCodeAt(n)
      if (code > 0x7f) {
        this.#at = before
        return false
      }
      this.#bytes[at + n] = code
    }
    return true
  }

  /** Room for so many bytes. @returns where they go. The bytes and their view may be others after it: it comes before they are named. */
  #take(length: number): number {
    const at = this.#at
    this.#at = at + length
    if (this.#at > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}

/** A DataView would cut off what does not fit. @throws {RangeError} */
function within(value: number, most: number): number {
  if (!(value >= 0 && value <= most)) throw new RangeError(`a field of a record takes 0 to ${most}, not ${value}`)
  return value
}

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
