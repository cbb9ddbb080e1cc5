/** Bytes as text of one character per byte, which is all that HPACK knows of strings (RFC 7541, 5.2: octets). */

/** Up to this length strings are put together from char codes, which beats a call into Node. */
const SHORT = 12

/** Node's own. It takes any Uint8Array as `this`, which saves making a Buffer of each block. */
const { latin1Slice } = Buffer.prototype as unknown as { latin1Slice(start: number, end: number): string }

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return latin1Slice.call(bytes, start, end)
  let result = ''
  let at = start
  // Four char codes a call: fewer calls than one by one, and no list of arguments.
  for (; at + 4 <= end; at += 4) {
    result += String.fromCharCode(bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number, bytes[at + 3] as number)
  }
  for (; at < end; at++) result += String.fromCharCode(bytes[at] as number)
  return result
}
