import { isUtf8 } from 'node:buffer'
import { WireError } from './error.ts'

/** Below this length strings are put together from char codes, which beats a call into Node. */
const TINY = 6
/** Below this length bytes are looked at one by one, which beats decoding as UTF-8. */
const SHORT = 20
/** What Node puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

/** Node's own slices of text. They take any Uint8Array as `this`, which saves making a Buffer of each message. */
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<'latin1Slice' | 'utf8Slice', (start: number, end: number) => string>

/** The bytes from `start` to `end` as text. @throws {WireError} `invalid-utf8`: proto3 demands valid UTF-8, and nobody may get text that changed on its way. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length < TINY) return tinyText(bytes, start, end)
  if (length < SHORT) {
    for (let at = start; at < end; at++) if ((bytes[at] as number) > 0x7f) return longText(bytes, start, end)
    return latin1Slice.call(bytes, start, end)
  }
  return longText(bytes, start, end)
}

function tinyText(bytes: Uint8Array, start: number, end: number): string {
  let result = ''
  for (let at = start; at < end; at++) {
    const code = bytes[at] as number
    if (code > 0x7f) return longText(bytes, start, end)
    result += String.fromCharCode(code)
  }
  return result
}

function longText(bytes: Uint8Array, start: number, end: number): string {
  const result = utf8Slice.call(bytes, start, end)
  // The replacement character may have been sent as such. Looking for it costs nothing in text of one byte per character, which cannot hold it.
  if (result.includes(REPLACEMENT) && !isUtf8(bytes.subarray(start, end))) throw new WireError('invalid-utf8', start, 'a string that is no UTF-8')
  return result
}
