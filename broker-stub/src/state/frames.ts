import { crc32 } from 'node:zlib'
import type { File } from '../files/files.ts'

/*
 * Records go into frames: length (u32) and CRC-32 (u32) of what follows, then per record its type (u8), its length (varint) and its bytes.
 *
 * A frame is what was collected in one turn of the event loop, so that a turn costs one checksum and one write, and is found again as a whole or not at
 * all. Where it stands is no part of it: the same frame may be put into the next file when nobody knows whether the first one kept it.
 */

const HEAD = 8
/** A frame ends behind the record that makes it larger than this. */
const FRAME_BYTES = 1024 * 1024
const FIRST_CAPACITY = 64 * 1024
/** What a burst made larger is given back when it is empty again. */
const KEPT_CAPACITY = 4 * 1024 * 1024
const CHUNK = 256 * 1024

/** The highest type that an owner of records may use; the one above is the end of a snapshot. */
export const LAST_TYPE = 254

export type OnRecord = (type: number, bytes: Uint8Array) => void

/** Frames one after the other in one buffer, which is used again and again. */
export class FrameBuffer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY)
  #end = 0
  /** Where the frame begins that takes records now; -1 when there is none. */
  #open = -1

  /** Bytes of all frames; the open one is not whole before {@link seal}. */
  get length(): number {
    return this.#end
  }

  /** Copies the bytes. */
  add(type: number, bytes: Uint8Array): void {
    const { length } = bytes
    // Heads of a frame and of a record take less than 16 bytes.
    if (this.#end + length + 16 > this.#bytes.length) this.#grow(length + 16)
    const target = this.#bytes
    let at = this.#end
    if (this.#open === -1) {
      this.#open = at
      at += HEAD
    }
    target[at++] = type
    let rest = length
    while (rest >= 0x80) {
      target[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    target[at++] = rest
    target.set(bytes, at)
    this.#end = at + length
    if (this.#end - this.#open > FRAME_BYTES) this.seal()
  }

  /** Ends the open frame; records that come later begin another. */
  seal(): void {
    if (this.#open === -1) return
    const payload = this.#bytes.subarray(this.#open + HEAD, this.#end)
    this.#bytes.writeUInt32LE(payload.length, this.#open)
    this.#bytes.writeUInt32LE(crc32(payload), this.#open + 4)
    this.#open = -1
  }

  /** Borrowed: good until something is added or dropped. */
  from(start: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, this.#end - start)
  }

  /** Forgets the first bytes, which are whole frames. */
  drop(count: number): void {
    this.#bytes.copyWithin(0, count, this.#end)
    this.#end -= count
    if (this.#open !== -1) this.#open -= count
    if (this.#end === 0 && this.#bytes.length > KEPT_CAPACITY) this.#bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY)
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + more))
    this.#bytes.copy(grown, 0, 0, this.#end)
    this.#bytes = grown
  }
}

/**
 * Reads frames from `from` to the first that is not whole, at most to `limit`, which is not past the end of the file.
 * @param onRecord is given bytes that are good until it returns.
 * @returns where the last whole frame ends.
 */
export async function readFrames(file: File, from: number, limit: number, onRecord: OnRecord): Promise<number> {
  let chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK, Math.max(0, limit - from)))
  /** Position in the file of the chunk's first byte, and how many bytes of it were read. */
  let base = from
  let filled = 0
  let position = from
  const have = async (bytes: number): Promise<boolean> => {
    if (position + bytes > limit) return false
    if (position + bytes <= base + filled) return true
    const kept = chunk.subarray(position - base, filled)
    const next = bytes > chunk.length ? Buffer.allocUnsafeSlow(bytes) : chunk
    next.set(kept)
    chunk = next
    base = position
    filled = kept.length
    filled += await file.read(chunk.subarray(filled, filled + Math.min(chunk.length - filled, limit - base - filled)), base + filled)
    return bytes <= filled
  }
  while (await have(HEAD)) {
    const length = chunk.readUInt32LE(position - base)
    const checksum = chunk.readUInt32LE(position - base + 4)
    if (length === 0 || !(await have(HEAD + length))) break
    // No Buffer, whose slice() is no copy.
    const payload = new Uint8Array(chunk.buffer, chunk.byteOffset + position - base + HEAD, length)
    if (crc32(payload) !== checksum || !tell(payload, onRecord)) break
    position += HEAD + length
  }
  return position
}

/** @returns false when the payload is not made of records, which its checksum did not betray; none of them was told then. */
function tell(payload: Uint8Array, onRecord: OnRecord): boolean {
  if (!walk(payload, () => {})) return false
  return walk(payload, onRecord)
}

function walk(payload: Uint8Array, onRecord: OnRecord): boolean {
  let at = 0
  while (at < payload.length) {
    const type = payload[at++] ?? 0
    let length = 0
    let byte = 0x80
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (shift > 28 || at >= payload.length) return false
      byte = payload[at++] ?? 0
      length += (byte & 0x7f) * 2 ** shift
    }
    if (at + length > payload.length) return false
    onRecord(type, payload.subarray(at, at + length))
    at += length
  }
  return true
}
