import { WireError } from './error.ts'

const DEEPEST_GROUP = 100
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Node's own slice of one-byte text; it takes any Uint8Array as `this`, which saves a Buffer per message. */
const latin1Slice = (Buffer.prototype as unknown as { latin1Slice(start: number, end: number): string }).latin1Slice

/**
 * Reads protobuf fields one after the other (protobuf encoding specification).
 *
 * Nothing is copied: `bytes` results are views of the input, borrowed from whoever owns it. Every length is checked against what is there before it is
 * used, so that no input can make it allocate more than the input's own size. A field of a known number but another wire type counts as unknown.
 */
export class Reader {
  readonly bytes: Uint8Array
  /** Offset of the next byte. */
  pos: number
  #high = 0

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes
    this.pos = pos
  }

  /** The next field's tag: field number << 3 | wire type. */
  tag(end: number): number {
    const start = this.pos
    if (start < end) {
      const first = this.bytes[start] as number
      if (first < 0x80) {
        this.pos = start + 1
        if (first < 8) throw new WireError('malformed', start, 'field number 0')
        return first
      }
    }
    const tag = this.uint32(end)
    if (tag >>> 3 === 0) throw new WireError('malformed', start, 'field number 0')
    return tag
  }

  /** A varint that must fit 32 bits: tags and lengths. */
  uint32(end: number): number {
    const { bytes } = this
    const start = this.pos
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.pos >= end) throw new WireError('truncated', start, 'a varint goes on past the end')
      const byte = bytes[this.pos++] as number
      if (shift === 28 && byte > 0x0f) throw new WireError('malformed', start, 'a tag or length of more than 32 bits')
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

  /** int64 where ±2^53 is enough; beyond it WireError `out-of-range`. */
  safeInt64(end: number): number {
    const start = this.pos
    const low = this.#varint64(end)
    const value = (this.#high | 0) * 2 ** 32 + (low >>> 0)
    if (!Number.isSafeInteger(value)) throw new WireError('out-of-range', start, 'an int64 beyond 2^53')
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
    let length: number
    const first = start < end ? (this.bytes[start] as number) : 0x80
    if (first < 0x80) {
      this.pos = start + 1
      length = first
    } else length = this.uint32(end)
    const inner = this.pos + length
    if (inner > end) throw new WireError('truncated', start, `${length} bytes announced, ${end - this.pos} are there`)
    return inner
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

  /** Steps over the field whose tag was just read. Unknown groups are stepped over too; an end without a beginning is malformed. */
  skip(tag: number, end: number): void {
    const start = this.pos
    let depth = 0
    let current = tag
    const open: number[] = []
    while (true) {
      switch (current & 7) {
        case 0:
          this.#varint64(end)
          break
        case 1:
          this.#take(8, end)
          break
        case 2:
          this.pos = this.enter(end)
          break
        case 3:
          if (++depth > DEEPEST_GROUP) throw new WireError('too-deep', start, `groups nested deeper than ${DEEPEST_GROUP}`)
          open.push(current >>> 3)
          break
        case 4:
          if (depth === 0 || open.pop() !== current >>> 3) throw new WireError('malformed', start, 'an end of a group that did not begin')
          depth--
          break
        case 5:
          this.#take(4, end)
          break
        default:
          throw new WireError('malformed', start, `wire type ${current & 7}`)
      }
      if (depth === 0) return
      current = this.tag(end)
    }
  }

  #take(count: number, end: number): number {
    const start = this.pos
    if (start + count > end) throw new WireError('truncated', start, `${count} bytes expected, ${end - start} are there`)
    this.pos = start + count
    return start
  }
}

/** Bytes as text; anything but valid UTF-8 is a WireError. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return ''
  for (let at = start; at < end; at++) {
    if ((bytes[at] as number) >= 0x80) return multiByteText(bytes, start, end)
  }
  return latin1Slice.call(bytes, start, end)
}

function multiByteText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return strictUtf8.decode(bytes.subarray(start, end))
  } catch {
    throw new WireError('invalid-utf8', start, 'a string that is no UTF-8')
  }
}
