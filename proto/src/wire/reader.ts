import { WireError } from './error.ts'
import { text } from './text.ts'

/** How deep unknown groups may nest; what official implementations allow. */
const DEEPEST_GROUP = 100

/**
 * Reads protobuf fields one after the other (protobuf encoding specification).
 *
 * Nothing is copied: `bytes` results are views of the input, borrowed from whoever owns it. Every length is checked against what is there before it is
 * used, so that no input can make it allocate more than the input's own size. Each method takes the end of the message that it reads in, which never lies
 * behind the end of the input. A field of a known number but another wire type counts as unknown.
 */
export class Reader {
  readonly bytes: Uint8Array
  /** Offset of the next byte. */
  pos: number
  /** Upper half of the varint that was read last, unless it was short. */
  #high = 0

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes
    this.pos = pos
  }

  /** The next field's tag: field number << 3 | wire type. */
  tag(end: number): number {
    const start = this.pos
    const tag = this.uint32(end)
    if (tag < 8) throw new WireError('malformed', start, 'field number 0')
    return tag
  }

  /** A varint that must fit 32 bits: tags and lengths. */
  uint32(end: number): number {
    const start = this.pos
    if (start < end) {
      const first = this.bytes[start] as number
      if (first < 0x80) {
        this.pos = start + 1
        return first
      }
      // Lengths of messages and bodies: two bytes up to 16 KiB.
      const second = this.bytes[start + 1] as number
      if (start + 1 < end && second < 0x80) {
        this.pos = start + 2
        return (first & 0x7f) | (second << 7)
      }
    }
    return this.#longUint32(end)
  }

  #longUint32(end: number): number {
    const { bytes } = this
    const start = this.pos
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= end) throw new WireError('truncated', start, 'a varint goes on past the end')
      const byte = bytes[this.pos++] as number
      if (shift === 28 && byte > 0x0f) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new WireError('malformed', start, 'a tag or length of more than 32 bits')
  }

  /** The low 32 bits of a varint of up to ten bytes; the high ones go to `#high`. */
  #varint64(end: number): number {
    const { bytes } = this
    const start = this.pos
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= end) throw new WireError('truncated', start, 'a varint goes on past the end')
      const byte = bytes[this.pos++] as number
      const part = byte & 0x7f
      if (shift < 28) low |= part << shift
      else if (shift === 28) {
        low |= part << 28
        high |= part >>> 4
      } else if (shift < 63) high |= part << (shift - 32)
      else high |= (part & 1) << 31
      if (byte < 0x80) {
        this.#high = high
        return low
      }
    }
    throw new WireError('malformed', start, 'a varint of more than ten bytes')
  }

  /** int32, and the number of an enum: the low 32 bits, signed. */
  int32(end: number): number {
    if (this.pos < end) {
      const first = this.bytes[this.pos] as number
      if (first < 0x80) {
        this.pos++
        return first
      }
    }
    return this.#varint64(end) | 0
  }

  bool(end: number): boolean {
    const low = this.#varint64(end)
    return low !== 0 || this.#high !== 0
  }

  int64(end: number): bigint {
    const low = this.#varint64(end)
    if (this.#high === 0) return BigInt(low >>> 0)
    return BigInt.asIntN(64, (BigInt(this.#high >>> 0) << 32n) | BigInt(low >>> 0))
  }

  /** An int64 as a number. @throws {WireError} `out-of-range` beyond ±2^53 */
  safeInt64(end: number): number {
    const start = this.pos
    const low = this.#varint64(end)
    const value = (this.#high | 0) * 2 ** 32 + (low >>> 0)
    if (!Number.isSafeInteger(value)) throw new WireError('out-of-range', start, 'an int64 beyond 2^53 where a number is promised')
    return value
  }

  float(end: number): number {
    const start = this.#take(4, end)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 4).getFloat32(0, true)
  }

  double(end: number): number {
    const start = this.#take(8, end)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, 8).getFloat64(0, true)
  }

  /** Reads a length and returns where its content ends; the content begins at {@link pos}. */
  enter(end: number): number {
    const start = this.pos
    const length = this.uint32(end)
    const stop = this.pos + length
    if (stop > end) throw new WireError('truncated', start, `${length} bytes announced, ${end - this.pos} are there`)
    return stop
  }

  string(end: number): string {
    const stop = this.enter(end)
    const start = this.pos
    this.pos = stop
    return text(this.bytes, start, stop)
  }

  bytesField(end: number): Uint8Array {
    const stop = this.enter(end)
    const start = this.pos
    this.pos = stop
    return this.bytes.subarray(start, stop)
  }

  /** Steps over the field whose tag was just read, an unknown group included. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.#skipVarint(end)
        break
      case 1:
        this.#take(8, end)
        break
      case 2:
        this.pos = this.enter(end)
        break
      case 3:
        this.#skipGroup(tag, end)
        break
      case 5:
        this.#take(4, end)
        break
      case 4:
        throw new WireError('malformed', this.pos, 'an end of a group that did not begin')
      default:
        throw new WireError('malformed', this.pos, `wire type ${tag & 7}`)
    }
  }

  #skipVarint(end: number): void {
    if (this.pos < end && (this.bytes[this.pos] as number) < 0x80) this.pos++
    else this.#varint64(end)
  }

  /** Steps over a group, which proto3 does not have but old senders may write. A loop, because the sender decides how deep they nest. */
  #skipGroup(tag: number, end: number): void {
    const start = this.pos
    const open = [tag >>> 3]
    while (open.length > 0) {
      const next = this.tag(end)
      if ((next & 7) === 3) {
        if (open.length === DEEPEST_GROUP) throw new WireError('too-deep', start, `groups nested deeper than ${DEEPEST_GROUP}`)
        open.push(next >>> 3)
      } else if ((next & 7) === 4) {
        if (open.pop() !== next >>> 3) throw new WireError('malformed', this.pos, 'an end of another group than the one that began last')
      } else this.skip(next, end)
    }
  }

  #take(count: number, end: number): number {
    const start = this.pos
    if (start + count > end) throw new WireError('truncated', start, `${count} bytes expected, ${end - start} are there`)
    this.pos = start + count
    return start
  }
}
