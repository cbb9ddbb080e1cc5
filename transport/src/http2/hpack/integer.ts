/**
 * Integers with a prefix of 4 to 7 bits (RFC 7541, 5.1).
 *
 * Section 5.1 leaves the limits to the implementation and asks for two: of the value and of the length. Here the value may be up to 2^32 - 1, the largest
 * that HTTP/2 can ask for (a SETTINGS_HEADER_TABLE_SIZE), in at most {@link MOST_BYTES} bytes behind the prefix, which hold 35 bits.
 */
import { HpackError } from './error.ts'

/** Bytes behind the prefix. Leading zeros (`80 80 00`) are allowed by 5.1 and count. */
export const MOST_BYTES = 5
const MOST_VALUE = 0xffff_ffff

/** A place in a block. One object for the life of a decoder: reading moves {@link at}, and no result has to be a pair. */
export interface Cursor {
  bytes: Uint8Array
  /** The next byte to read. */
  at: number
  /** Where the block begins, which offsets of errors count from. */
  start: number
  /** Where the block ends. */
  end: number
}

/**
 * Reads an integer whose first byte is at the cursor, and moves behind it.
 *
 * @param mask the bits of the prefix, e.g. 0x7f for one of 7 bits; it is also the value that says that more bytes follow.
 * @throws {HpackError} `truncated` or `integer`.
 */
export function readInteger(cursor: Cursor, mask: number): number {
  if (cursor.at >= cursor.end) throw new HpackError('truncated', cursor.at - cursor.start)
  const prefix = (cursor.bytes[cursor.at++] as number) & mask
  return prefix < mask ? prefix : readRest(cursor, prefix)
}

function readRest(cursor: Cursor, prefix: number): number {
  const first = cursor.at
  let value = prefix
  // Multiplied and not shifted: 35 bits do not fit into the 32 of a shift.
  let weight = 1
  for (;;) {
    if (cursor.at >= cursor.end) throw new HpackError('truncated', cursor.at - cursor.start)
    const byte = cursor.bytes[cursor.at++] as number
    value += (byte & 0x7f) * weight
    if (value > MOST_VALUE) throw new HpackError('integer', first - cursor.start)
    if (byte < 0x80) return value
    if (cursor.at - first === MOST_BYTES) throw new HpackError('integer', first - cursor.start)
    weight *= 128
  }
}

/** How many bytes {@link writeInteger} writes at most. */
export const INTEGER_BYTES: number = 1 + MOST_BYTES

/**
 * Writes an integer from `at` on, and tells where it ends.
 *
 * @param pattern the bits of the first byte above the prefix.
 * @param mask the bits of the prefix, as for {@link readInteger}.
 */
export function writeInteger(bytes: Uint8Array, at: number, pattern: number, mask: number, value: number): number {
  if (value < mask) {
    bytes[at] = pattern | value
    return at + 1
  }
  bytes[at++] = pattern | mask
  let rest = value - mask
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}
