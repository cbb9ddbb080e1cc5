const SLAB = 64 * 1024
/** The most bytes that a varint and a tag before it take. */
const SLACK = 20
/** Up to here a loop over char codes beats the call into Node. */
const SHORT_TEXT = 48

type FastBuffer = Buffer & { utf8Write(text: string, offset: number): number }

/**
 * Writes protobuf fields one after the other.
 *
 * Space is cut from slabs of 64 KiB. What {@link finish} returns is the caller's and is never written into again; it keeps its slab alive, so whoever
 * stores it for long copies it. A length is written behind its content: room for it is left before, and the content moves only when the guess was short.
 */
export class Writer {
  #slab: FastBuffer = Buffer.allocUnsafeSlow(SLAB) as FastBuffer
  #view: DataView = new DataView(this.#slab.buffer)
  #start = 0
  #pos = 0

  /** The bytes written since the last call. */
  finish(): Uint8Array {
    const result = new Uint8Array(this.#slab.buffer, this.#start, this.#pos - this.#start)
    this.#start = this.#pos
    return result
  }

  /** Forgets the bytes written since {@link finish}; for an encoder that threw. */
  discard(): void {
    this.#pos = this.#start
  }

  #need(count: number): void {
    if (this.#pos + count <= this.#slab.length) return
    const written = this.#pos - this.#start
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB, (written + count) * (written === 0 ? 1 : 2))) as FastBuffer
    this.#slab.copy(slab, 0, this.#start, this.#pos)
    this.#slab = slab
    this.#view = new DataView(slab.buffer)
    this.#start = 0
    this.#pos = written
  }

  #byte(value: number): void {
    this.#slab[this.#pos++] = value
  }

  #rawVarint(value: number): void {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#slab[this.#pos++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#slab[this.#pos++] = rest
  }

  #rawVarint64(low: number, high: number): void {
    let lo = low >>> 0
    let hi = high >>> 0
    while (hi !== 0 || lo > 0x7f) {
      this.#byte((lo & 0x7f) | 0x80)
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    this.#byte(lo)
  }

  #checkInt32(value: number): void {
    if (value !== (value | 0)) throw new RangeError(`${value} is no int32`)
  }

  /** int32 and enums; a negative number takes ten bytes, as the encoding demands. */
  int32(tag: number, value: number): void {
    this.#checkInt32(value)
    this.#need(SLACK)
    this.#rawVarint(tag)
    if (value >= 0) this.#rawVarint(value)
    else this.#rawVarint64(value, -1)
  }

  bool(tag: number, value: boolean): void {
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#byte(value ? 1 : 0)
  }

  int64(tag: number, value: bigint): void {
    if (value !== BigInt.asIntN(64, value)) throw new RangeError(`${value} is no int64`)
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#rawVarint64(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)))
  }

  safeInt64(tag: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number within ±2^53`)
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#rawVarint64(value >>> 0, Math.floor(value / 2 ** 32))
  }

  float(tag: number, value: number): void {
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#view.setFloat32(this.#pos, value, true)
    this.#pos += 4
  }

  double(tag: number, value: number): void {
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#view.setFloat64(this.#pos, value, true)
    this.#pos += 8
  }

  string(tag: number, value: string): void {
    const { length } = value
    if (length <= SHORT_TEXT) {
      this.#need(SLACK + length)
      this.#rawVarint(tag)
      const slab = this.#slab
      let at = this.#pos
      slab[at++] = length // at most 48: one byte of length
      let index = 0
      for (; index < length; index++) {
        const code = value.charCodeAt(index)
        if (code > 0x7f) break
        slab[at++] = code
      }
      if (index === length) {
        this.#pos = at
        return
      }
      this.#longText(value)
      return
    }
    this.#need(SLACK)
    this.#rawVarint(tag)
    this.#longText(value)
  }

  #longText(value: string): void {
    const size = Buffer.byteLength(value)
    this.#need(SLACK + size)
    this.#rawVarint(size)
    this.#pos += this.#slab.utf8Write(value, this.#pos)
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#need(SLACK + value.length)
    this.#rawVarint(tag)
    this.#rawVarint(value.length)
    this.#slab.set(value, this.#pos)
    this.#pos += value.length
  }

  /** A repeated enum, packed as proto3 writes it. */
  packedInt32<T>(tag: number, values: readonly T[], numberOf: (value: T) => number): void {
    const mark = this.begin(tag)
    for (const value of values) {
      const number = numberOf(value)
      this.#checkInt32(number)
      this.#need(SLACK)
      if (number >= 0) this.#rawVarint(number)
      else this.#rawVarint64(number, -1)
    }
    this.end(mark)
  }

  /** Begins a nested message. `expected` is a guess of its size: right or not, the result is right. Give what it returns to {@link end}. */
  begin(tag: number, expected = 0): number {
    this.#need(SLACK)
    this.#rawVarint(tag)
    const room = expected < 0x80 ? 1 : expected < 0x4000 ? 2 : expected < 0x20_0000 ? 3 : 4
    this.#pos += room
    // Relative to the start of this message, because the slab may be replaced meanwhile.
    return (this.#pos - this.#start) * 8 + room
  }

  end(mark: number): void {
    const room = mark % 8
    const content = this.#start + (mark - room) / 8
    const size = this.#pos - content
    const needed = size < 0x80 ? 1 : size < 0x4000 ? 2 : size < 0x20_0000 ? 3 : size < 0x1000_0000 ? 4 : 5
    if (needed !== room) {
      this.#need(SLACK)
      // #need may have moved everything to a new slab.
      const from = this.#pos - size
      this.#slab.copyWithin(from - room + needed, from, this.#pos)
      const end = this.#pos - room + needed
      this.#pos = from - room
      this.#rawVarint(size)
      this.#pos = end
      return
    }
    const end = this.#pos
    this.#pos = end - size - room
    this.#rawVarint(size)
    this.#pos = end
  }
}

/** The writer of all `encodeX` functions: encoding is synchronous, so one is enough. */
export const shared: Writer = new Writer()
