// What a name may look like before it becomes a header, a metric or the reason for a route.
import { BROKER, GROUP, PROPERTY, TOPIC } from './facts'

// `[%|a-zA-Z0-9_-]`, the alphabet of topics and consumer groups, a bit for each byte below 64 and below 128: `%`, `-` and digits, then the
// others. It has no dot, so a dot may separate them in a metric.
const BELOW_64: u64 = (1 << 37) | (1 << 45) | (0x3ff << 48)
const BELOW_128: u64 = (0x3ffffff << 1) | (1 << 31) | (0x3ffffff << 33) | (1 << 60)

function isNameByte(byte: u8): bool {
  return byte < 128 && (((byte < 64 ? BELOW_64 : BELOW_128) >> <u64>(byte & 63)) & 1) != 0
}

function isName(at: usize, length: u32, dots: bool): bool {
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(at + <usize>i)
    if (!isNameByte(byte) && !(dots && byte == 46)) return false
  }
  return true
}

/** Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(at: usize, length: u32): bool {
  let i: u32 = 0
  while (i < length) {
    const first = load<u8>(at + <usize>i)
    i++
    if (first < 0x80) continue
    let more: u32 = 0
    let least: u8 = 0x80
    let most: u8 = 0xbf
    if (first >= 0xc2 && first <= 0xdf) more = 1
    else if (first >= 0xe0 && first <= 0xef) {
      more = 2
      if (first == 0xe0) least = 0xa0
      else if (first == 0xed) most = 0x9f
    } else if (first >= 0xf0 && first <= 0xf4) {
      more = 3
      if (first == 0xf0) least = 0x90
      else if (first == 0xf4) most = 0x8f
    } else return false
    if (length - i < more) return false
    for (; more > 0; more--) {
      const next = load<u8>(at + <usize>i)
      i++
      if (next < least || next > most) return false
      least = 0x80
      most = 0xbf
    }
  }
  return true
}

/** Topics and groups keep to their alphabet, broker names may have dots too, tags and message groups are any UTF-8 text. */
export function isWellFormed(fact: u32, at: usize, length: u32): bool {
  if (fact == TOPIC || fact == GROUP) return isName(at, length, false)
  if (fact >= PROPERTY) return true
  return fact == BROKER ? isName(at, length, true) : isUtf8(at, length)
}
