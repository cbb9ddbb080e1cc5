import { isUtf8 } from 'node:buffer'
import { WireError } from './error.ts'

/** Up to this length strings are put together from char codes, which beats a call into Node; the parts of longer ones would not be joined at once. */
const SHORT = 12
/** Below this length bytes are looked at one by one, which beats decoding as UTF-8. */
const MIDDLE = 20
/** What Node puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

/** Node's own slices of text. They take any Uint8Array as `this`, which saves making a Buffer of each message. */
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<'latin1Slice' | 'utf8Slice', (start: number, end: number) => string>

/** The bytes from `start` to `end` as text. @throws {WireError} `invalid-utf8`: proto3 demands valid UTF-8, and nobody may get text that changed on its way. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start
  if (length <= SHORT) return shortText(bytes, start, end)
  if (length < MIDDLE) {
    for (let at = start; at < end; at++) if ((bytes[at] as number) > 0x7f) return longText(bytes, start, end)
    return latin1Slice.call(bytes, start, end)
  }
  return longText(bytes, start, end)
}

/** Four char codes a call: fewer calls than one by one, and no list of arguments. */
function shortText(bytes: Uint8Array, start: number, end: number): string {
  let result = ''
  let at = start
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at] as number
    const b = bytes[at + 1] as number
    const c = bytes[at + 2] as number
    const d = bytes[at + 3] as number
    if ((a | b | c | d) > 0x7f) return longText(bytes, start, end)
    result += String.fromCharCode(a, b, c, d)
  }
  for (; at < end; at++) {
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
