const SLAB = 64 * 1024
/** The most bytes that a tag and a varint after it take: 5 + 10, rounded up. */
const SLACK = 16
/** Up to this length a loop over char codes beats the call into Node, by measurement. */
const SHORT_TEXT = 26
/** Up to this length a text has fewer than 128 bytes, three for each UTF-16 unit, so that its length takes one byte. */
const ONE_BYTE_LENGTH = 42

/** Node's buffers have it, and its documentation does not; `write(text, offset, 'utf8')` is the same after looking at its arguments. */
type FastBuffer = Buffer & { utf8Write(text: string, offset: number): number }

const newSlab = (size: number): FastBuffer => Buffer.allocUnsafeSlow(size) as FastBuffer

/** Bytes that a length takes as a varint. */
const lengthSize = (length: number): number => (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5)

/**
 * Writes protobuf fields one after the other.
 *
 * Space is cut from slabs of 64 KiB. What {@link finish} returns is the caller's and is never written into again; it keeps its slab alive, so whoever
 * stores it for long copies it. A message that is larger than what is left of a slab gets memory of its own.
 *
 * The length of a nested message is written behind its content: room for it is left before, and the content moves only when the guess was wrong.
 * Lengths always take the fewest bytes, so that equal values give equal bytes.
 */
export class Writer {
  #slab: FastBuffer = newSlab(SLAB)
  #view: DataView = new DataView(this.#slab.buffer)
  #start = 0
  #pos = 0

  /** The bytes written since the last call. */
  finish(): Uint8Array {
    const slab = this.#slab
    const result = new Uint8Array(slab.buffer, this.#start, this.#pos - this.#start)
    // A small message must not keep the memory of a large one alive.
    if (slab.length > SLAB) this.#replace(newSlab(SLAB), 0)
    else this.#start = this.#pos
    return result
  }

  /** Forgets the bytes written since {@link finish}; for an encoder that threw. */
  discard(): void {
    this.#pos = this.#start
  }

  #need(count: number): void {
    if (this.#pos + count > this.#slab.length) this.#grow(count)
  }

  #grow(count: number): void {
    const written = this.#pos - this.#start
    // Twice as much each time, so that a message is copied once on average; an exact fit for one large field that comes first.
    const slab = newSlab(Math.max(SLAB, (written + count) * (written < count ? 1 : 2)))
    this.#slab.copy(slab, 0, this.#start, this.#pos)
    this.#replace(slab, written)
  }

  #replace(slab: FastBuffer, pos: number): void {
    this.#slab = slab
    this.#view = new DataView(slab.buffer)
    this.#start = 0
    this.#pos = pos
  }

  /** A varint of up to 32 bits, unsigned. The room for it is there. */
  #varint(value: number): void {
    const slab = this.#slab
    let at = this.#pos
    let rest = value
    while (rest > 0x7f) {
      slab[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    slab[at++] = rest
    this.#pos = at
  }

  #varint64(low: number, high: number): void {
    const slab = this.#slab
    let at = this.#pos
    let lo = low >>> 0
    let hi = high >>> 0
    while (hi !== 0) {
      slab[at++] = (lo & 0x7f) | 0x80
      lo = ((lo >>> 7) | (hi << 25)) >>> 0
      hi >>>= 7
    }
    this.#pos = at
    this.#varint(lo)
  }

  /** int32 and enums; a negative number takes ten bytes, as the encoding demands. @throws {RangeError} */
  int32(tag: number, value: number): void {
    this.#need(SLACK)
    this.#varint(tag)
    this.#rawInt32(value)
  }

  #rawInt32(value: number): void {
    if (value !== (value | 0)) throw new RangeError(`${value} is no int32`)
    if (value >= 0) this.#varint(value)
    else this.#varint64(value, -1)
  }

  bool(tag: number, value: boolean): void {
    this.#need(SLACK)
    this.#varint(tag)
    this.#slab[this.#pos++] = value ? 1 : 0
  }

  /** @throws {RangeError} */
  int64(tag: number, value: bigint): void {
    // Halves of a number are far cheaper than halves of a bigint.
    const number = Number(value)
    if (Number.isSafeInteger(number)) {
      this.safeInt64(tag, number)
      return
    }
    if (value !== BigInt.asIntN(64, value)) throw new RangeError(`${value} is no int64`)
    this.#need(SLACK)
    this.#varint(tag)
    this.#varint64(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)))
  }

  /** An int64 given as a number within ±2^53. @throws {RangeError} */
  safeInt64(tag: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number within ±2^53`)
    this.#need(SLACK)
    this.#varint(tag)
    this.#varint64(value >>> 0, Math.floor(value / 2 ** 32))
  }

  float(tag: number, value: number): void {
    this.#need(SLACK)
    this.#varint(tag)
    this.#view.setFloat32(this.#pos, value, true)
    this.#pos += 4
  }

  double(tag: number, value: number): void {
    this.#need(SLACK)
    this.#varint(tag)
    this.#view.setFloat64(this.#pos, value, true)
    this.#pos += 8
  }

  /** Text as UTF-8. Half of a surrogate pair, which UTF-8 cannot express, becomes U+FFFD, as with the web's TextEncoder. */
  string(tag: number, value: string): void {
    const { length } = value
    this.#need(SLACK + ONE_BYTE_LENGTH * 3)
    this.#varint(tag)
    if (length > SHORT_TEXT) {
      this.#nativeText(value)
      return
    }
    const slab = this.#slab
    let at = this.#pos
    slab[at++] = length
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code > 0x7f) {
        this.#nativeText(value)
        return
      }
      slab[at++] = code
    }
    this.#pos = at
  }

  #nativeText(value: string): void {
    if (value.length <= ONE_BYTE_LENGTH) {
      const size = this.#slab.utf8Write(value, this.#pos + 1)
      this.#slab[this.#pos] = size
      this.#pos += size + 1
      return
    }
    const size = Buffer.byteLength(value)
    this.#need(SLACK + size)
    this.#varint(size)
    this.#pos += this.#slab.utf8Write(value, this.#pos)
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#need(SLACK + value.length)
    this.#varint(tag)
    this.#varint(value.length)
    this.#slab.set(value, this.#pos)
    this.#pos += value.length
  }

  /** Enums, packed as proto3 writes them. */
  packedInt32<T>(tag: number, values: readonly T[], numberOf: (value: T) => number): void {
    const mark = this.begin(tag, 1)
    for (const value of values) {
      this.#need(SLACK)
      this.#rawInt32(numberOf(value))
    }
    this.end(mark, 1)
  }

  /**
   * Begins a nested message. `room` is a guess how many bytes its length will take: right or not, the result is right. Give what it returns, and the same
   * `room`, to {@link end}.
   */
  begin(tag: number, room: number): number {
    this.#need(SLACK)
    this.#varint(tag)
    this.#pos += room
    // Relative to the start of this message, because the slab may be replaced meanwhile.
    return this.#pos - this.#start
  }

  /** Ends a nested message. Returns how many bytes its length took. */
  end(mark: number, room: number): number {
    const size = this.#pos - this.#start - mark
    const needed = lengthSize(size)
    if (needed !== room) this.#shift(size, needed - room)
    const end = this.#pos
    this.#pos = end - size - needed
    this.#varint(size)
    this.#pos = end
    return needed
  }

  /** Moves the last `size` bytes. */
  #shift(size: number, by: number): void {
    if (by > 0) this.#need(by)
    const end = this.#pos
    this.#slab.copyWithin(end - size + by, end - size, end)
    this.#pos = end + by
  }
}

/** A writer that nobody uses at the moment: encoding is synchronous, so one is enough unless a value's own code encodes something itself. */
let idle: Writer | undefined = new Writer()

/** Lends a writer; give it back with {@link giveBack} whatever happens. */
export function lend(): Writer {
  const writer = idle ?? new Writer()
  idle = undefined
  return writer
}

export function giveBack(writer: Writer): void {
  writer.discard()
  idle = writer
}
