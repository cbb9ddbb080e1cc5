// Byte strings outside the managed heap: constants encoded once at start, and one scratch line to compose names and texts in.

/** Immutable bytes at a fixed address. */
@unmanaged
export class Bytes {
  at: usize
  length: usize
}

/** Encodes a constant once. For module initialisers only: the memory is never given back. */
export function bytesOf(text: string): Bytes {
  const length = <usize>String.UTF8.byteLength(text)
  // Side by side: whoever uses them needs both.
  const bytes = changetype<Bytes>(heap.alloc(offsetof<Bytes>() + length))
  bytes.at = changetype<usize>(bytes) + offsetof<Bytes>()
  bytes.length = length
  String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, bytes.at)
  return bytes
}

/** Eight at a time as far as that goes: the compiler's own memory.compare goes byte by byte. */
function areSame(a: usize, b: usize, length: usize): bool {
  const end = a + length
  for (; a + 8 <= end; a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false
  for (; a < end; a++, b++) if (load<u8>(a) != load<u8>(b)) return false
  return true
}

// @ts-ignore: decorator
@inline
export function sameBytes(a: usize, aLength: usize, b: usize, bLength: usize): bool {
  return aLength == bLength && areSame(a, b, aLength)
}

// @ts-ignore: decorator
@inline
export function startsWith(at: usize, length: usize, prefix: Bytes): bool {
  return length >= prefix.length && areSame(at, prefix.at, prefix.length)
}

/** FNV-1a, by four bytes at a time as far as that goes. */
export function hashOf(at: usize, length: usize): u32 {
  let hash: u32 = 0x811c9dc5
  const end = at + length
  for (; at + 4 <= end; at += 4) hash = (hash ^ load<u32>(at)) * 0x01000193
  for (; at < end; at++) hash = (hash ^ <u32>load<u8>(at)) * 0x01000193
  return hash ^ (hash >> 15)
}

const LINE_SIZE: usize = 4096

/** The scratch line. Its content is gone when the next one is begun. */
export const line: usize = heap.alloc(LINE_SIZE)
let used: usize = 0

export function beginLine(): void {
  used = 0
}

export function lineLength(): usize {
  return used
}

/** Appends what still fits: a text may be cut, memory is never overrun. */
export function put(at: usize, length: usize): void {
  const n = min(length, LINE_SIZE - used)
  memory.copy(line + used, at, n)
  used += n
}

// @ts-ignore: decorator
@inline
export function putBytes(bytes: Bytes): void {
  put(bytes.at, bytes.length)
}

export function putByte(byte: u8): void {
  if (used < LINE_SIZE) store<u8>(line + used++, byte)
}

export function putNumber(value: u32): void {
  let divisor: u32 = 1
  while (value / divisor >= 10) divisor *= 10
  while (divisor != 0) {
    putByte(<u8>(48 + (value / divisor) % 10))
    divisor /= 10
  }
}

function isUnreserved(byte: u8): bool {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) || byte == 45 || byte == 46 || byte == 95 || byte == 126
}

// @ts-ignore: decorator
@inline
function hexDigit(value: u8): u8 {
  return value < 10 ? 48 + value : 55 + value
}

/** Percent-encodes everything but RFC 3986's unreserved characters. */
export function putPercentEncoded(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(at + i)
    if (isUnreserved(byte)) putByte(byte)
    else {
      putByte(37)
      putByte(hexDigit(byte >> 4))
      putByte(hexDigit(byte & 15))
    }
  }
}
